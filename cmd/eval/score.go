package main

import (
	"cmp"
	"slices"
	"strconv"
)

// scores are those scikit-learn gives for the same pairs.
type scores struct {
	n        int
	accuracy float64
	macroF1  float64 // over all labels in truth or answers
	labels   []labelScore
}

type labelScore struct {
	label                 string
	precision, recall, f1 float64
	support               int
}

func score(pairs []pair) scores {
	s := scores{n: len(pairs)}
	right, answered, support := map[string]int{}, map[string]int{}, map[string]int{}
	hits := 0
	for _, p := range pairs {
		support[p.truth]++
		answered[p.answer]++
		if p.truth == p.answer {
			right[p.truth]++
			hits++
		}
	}
	for _, p := range pairs {
		for _, label := range []string{p.truth, p.answer} {
			if slices.ContainsFunc(s.labels, func(l labelScore) bool { return l.label == label }) {
				continue
			}
			l := labelScore{label: label, support: support[label],
				precision: ratio(right[label], answered[label]), recall: ratio(right[label], support[label])}
			if l.precision+l.recall > 0 {
				l.f1 = 2 * l.precision * l.recall / (l.precision + l.recall)
			}
			s.labels = append(s.labels, l)
			s.macroF1 += l.f1
		}
	}
	if len(s.labels) > 0 {
		s.macroF1 /= float64(len(s.labels))
	}
	s.accuracy = ratio(hits, len(pairs))
	slices.SortFunc(s.labels, func(a, b labelScore) int {
		x, _ := strconv.Atoi(a.label)
		y, _ := strconv.Atoi(b.label)
		return cmp.Compare(x, y)
	})
	return s
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
