package model

import (
	"cmp"
	"slices"

	"github.com/otklik/otklik/classify/text"
)

// Why gives the positions of the words that weighed most for a label, the weightiest
// first: what a word's own letters, stem and form weigh, and half of what its pairs
// with its neighbours do.
func (m *Model) Why(doc *text.Doc, label string, most int) []int {
	class := slices.Index(m.Head.Labels, label)
	if class < 0 {
		return nil
	}
	r := newReader(nil)
	features := r.own(doc)
	worth := make(map[uint32]float64, len(features))
	for _, f := range features {
		if row := m.words.rows[f.id]; row >= 0 {
			weight := float64(m.weights[int(row)*len(m.Head.Labels)+class])
			worth[f.id] = weight * float64(f.value) * float64(m.words.weights[row])
		}
	}
	weights := make([]float64, len(doc.Words))
	before, stemBefore := "", ""
	for pos := range doc.Words {
		word := doc.Word(pos)
		stem := text.Stem(word)
		r.ids = r.ids[:0]
		r.alone(word, stem)
		for _, id := range r.ids {
			weights[pos] += worth[id]
		}
		if before != "" {
			r.ids = r.ids[:0]
			r.pair(before, word, stemBefore, stem)
			for _, id := range r.ids {
				weights[pos-1] += worth[id] / 2
				weights[pos] += worth[id] / 2
			}
		}
		before, stemBefore = word, stem
	}
	return heaviest(weights, most)
}

// heaviest are the positions whose weight speaks for the label.
func heaviest(weights []float64, most int) []int {
	var out []int
	for pos, w := range weights {
		if w > 0 {
			out = append(out, pos)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	return out[:min(most, len(out))]
}
