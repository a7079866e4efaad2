package classify

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/otklik/otklik/classify/linear"
	"github.com/otklik/otklik/classify/text"
)

// featureSpace is how many ids there are: features are hashed, what shares an id
// shares a weight, which happens to few.
const featureSpace = 1 << 18

// What the sorts of features count for. Letters carry misspelt and unseen forms;
// there are many of them, so that each counts for little.
const (
	stemValue   = 1.0
	pairValue   = 0.7
	lettersRate = 0.3
	markValue   = 0.7
	endingValue = 0.5
	firstValue  = 0.7

	lettersLeast, lettersMost = 3, 5
)

// Sorts of features keep equal letters of different sorts apart.
const (
	sortStem byte = iota + 1
	sortPair
	sortLetters
	sortMark
	sortEndings
	sortFirst
)

func hashed(h text.Hash, value float32) linear.Feature {
	return linear.Feature{ID: uint32(h^h>>15) % featureSpace, Value: value}
}

// appendFeatures appends the features of the words from..to of a text, each once, as
// the scales learn them; scales.go has the same for judging.
func appendFeatures(dst []linear.Feature, d *text.Doc, from, to int) []linear.Feature {
	begin := len(dst)
	before, ended := "", ""
	for pos := from; pos < to; pos++ {
		w := d.Word(pos)
		short := utf8.RuneCountInString(w) < 3
		stem := w
		if short {
			dst = append(dst, hashed(text.NewHash(sortStem).Text(w), stemValue/2))
		} else {
			stem = d.Stem(pos)
			dst = appendWord(dst, w, stem)
		}
		if before != "" {
			dst = append(dst, hashed(text.NewHash(sortPair).Text(before).Byte(' ').Text(stem), pairValue))
		}
		ending := endingOf(w)
		if ended != "" {
			dst = append(dst, hashed(text.NewHash(sortEndings).Text(ended).Byte(' ').Text(ending), endingValue))
		}
		if pos == from {
			dst = append(dst, hashed(text.NewHash(sortFirst).Text(stem), firstValue), hashed(text.NewHash(sortFirst).Byte('_').Text(ending), endingValue))
		}
		before, ended = stem, ending
	}
	if from == 0 && to == len(d.Words) {
		dst = appendMarks(dst, &d.Shape)
	}
	return dst[:begin+len(once(dst[begin:]))]
}

// once sorts features and leaves each one time.
func once(features []linear.Feature) []linear.Feature {
	slices.SortFunc(features, func(a, b linear.Feature) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(features, func(a, b linear.Feature) bool { return a.ID == b.ID })
}

// endingLetters end a word; those no longer than that are taken whole.
const endingLetters = 2

// endingOf tells what part of speech and form a word is, without a dictionary: by
// pairs of endings a report («мост открыли») differs from a plaint («моста нет»)
// whatever both are about. A word that is little but its ending stands for itself.
func endingOf(w string) string {
	n := utf8.RuneCountInString(w)
	if n <= endingLetters+1 {
		return w
	}
	at := len(w)
	for range endingLetters {
		_, size := utf8.DecodeLastRuneInString(w[:at])
		at -= size
	}
	return w[at:]
}

func appendMarks(dst []linear.Feature, s *text.Shape) []linear.Feature {
	for i, is := range [...]bool{s.Questions > 0, s.Exclaims > 0, s.Exclaims > 2, s.Questions > 1} {
		if is {
			dst = append(dst, hashed(text.NewHash(sortMark).Byte(byte(i)), markValue))
		}
	}
	return dst
}

// appendWord appends a word's stem and its letters in threes to fives, with the
// edges of the word.
func appendWord(dst []linear.Feature, w, stem string) []linear.Feature {
	dst = append(dst, hashed(text.NewHash(sortStem).Text(stem), stemValue))
	var edges [64]int32 // where the runes of the word begin
	n := 0
	for i := range w {
		if n == len(edges)-1 {
			break
		}
		edges[n] = int32(i)
		n++
	}
	if n < lettersLeast {
		return dst
	}
	edges[n] = int32(len(w))
	// position -1 and n are the word's edges
	for start := -1; start < n; start++ {
		h := text.NewHash(sortLetters)
		for end := start; end <= n && end-start < lettersMost; end++ {
			if end < 0 || end == n {
				h = h.Byte('|')
			} else {
				h = h.Text(w[edges[end]:edges[end+1]])
			}
			if end-start+1 >= lettersLeast {
				dst = append(dst, hashed(h, lettersRate))
			}
		}
	}
	return dst
}

// pieces calls f for the parts of a text a lesson can judge: the whole when it
// is short, the sentences (in runs of up to lessonWords words) of a longer one.
func pieces(d *text.Doc, f func(from, to int)) {
	n := len(d.Words)
	if n <= lessonWords {
		f(0, n)
		return
	}
	for from := 0; from < n; {
		to := from + 1
		for to < n && to-from < lessonWords && d.Sent(to) == d.Sent(from) {
			to++
		}
		f(from, to)
		from = to
	}
}
