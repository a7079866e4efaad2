package main

import "github.com/otklik/otklik/domain"

// givenEvidence moves evidence from a mended text back into the given one.
// Mending only takes runes away (heaps of combining marks), makes null bytes spaces
// and cuts the end off, so that the mended text is found in the given one in order.
func givenEvidence(evidence []domain.Evidence, given, mended string) {
	if given == mended {
		return
	}
	runes := []rune(given)
	places := make([]int, 0, len(runes)) // of each mended rune in the given text
	at := 0
	for _, r := range mended {
		for at < len(runes) && runes[at] != r && (r != ' ' || runes[at] != 0) {
			at++
		}
		places = append(places, at)
		at++
	}
	for i := range evidence {
		e := &evidence[i]
		if e.Start < 0 || e.End <= e.Start || e.End > len(places) || places[e.End-1] >= len(runes) {
			continue
		}
		e.Start, e.End = places[e.Start], places[e.End-1]+1
		e.Text = string(runes[e.Start:e.End])
	}
}
