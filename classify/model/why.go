package model

import "slices"

// Why gives the positions of the words of the text last judged that weighed most for a
// label, the weightiest first: what a word's own letters and stem weigh, and half of what
// its pairs with its neighbours do, for the label and for the finer one that spoke for it
// most. The answer is valid until the next use.
func (p *Predictor) Why(label string, most int) []int {
	class := slices.Index(p.Head.Labels, label)
	if class < 0 {
		return nil
	}
	p.weights = append(p.weights[:0], make([]float32, len(p.at))...)
	if finer := p.finest(class); finer < 0 {
		p.weigh(class, 1)
	} else {
		p.weigh(class, ownShare)
		p.weigh(len(p.Head.Labels)+finer, 1-ownShare)
	}
	p.heavy = heaviest(p.heavy, p.weights, most)
	return p.heavy
}

// finest is the finer label of a label that is nearest to the text last judged, -1 where
// there is none.
func (p *Predictor) finest(class int) int {
	best := -1
	finer := p.scores[len(p.Head.Labels):]
	for i, d := range finer {
		if p.nested[i][class] >= mostlyIn && (best < 0 || d > finer[best]) {
			best = i
		}
	}
	return best
}

// weigh adds what each word weighs for a label or a finer one.
func (p *Predictor) weigh(column int, share float32) {
	for pos, at := range p.at {
		p.weights[pos] += share * p.scoresOf(at)[column]
		if row := p.pairs[pos]; row >= 0 {
			half := share * p.worth(row, column) / 2
			p.weights[pos-1] += half
			p.weights[pos] += half
		}
	}
}

// worth is what a row weighs for a label.
func (m *Model) worth(row int32, class int) float32 {
	return float32(m.sparse.weight(uint32(row), class)) * m.words.weights[row]
}

// heaviest puts into dst the positions whose weight speaks for the label, of equal
// weights the first ones first.
func heaviest(dst []int, weights []float32, most int) []int {
	dst = dst[:0]
	for pos, w := range weights {
		if w <= 0 || len(dst) == most && w <= weights[dst[most-1]] {
			continue
		}
		at := len(dst)
		for at > 0 && weights[dst[at-1]] < w {
			at--
		}
		dst = slices.Insert(dst, at, pos)
		dst = dst[:min(most, len(dst))]
	}
	return dst
}
