// Package linear learns scales: logistic regressions over sparse features, all
// of them in one pass over the same examples. It knows nothing of texts, keeps
// no state, and the same examples in the same order always teach the same.
package linear

import (
	"math"
	"math/bits"
)

// Feature is something a scale weighs. IDs are small numbers or hashes below
// Options.Space: what shares an ID shares a weight.
type Feature struct {
	ID    uint32
	Value float32
}

// Norm is the length of a vector of features.
func Norm(features []Feature) float64 {
	sum := float32(0)
	for _, f := range features {
		sum += f.Value * f.Value
	}
	return math.Sqrt(float64(max(sum, 1e-9)))
}

// Model holds the weights of its scales. It is immutable and safe for
// concurrent use.
type Model struct {
	scales  int
	weights []float32 // by feature, then by scale: one look at memory for all
	bias    []float64
	packed  packed
}

// packed holds the weights of the features that were taught side by side: most of the
// space was not, and a text asks for much of it.
type packed struct {
	taught  []uint64 // a bit a feature
	before  []uint32 // by word of it: how many were taught before
	weights [][mostScales]float32
}

// pack is done once all is learned.
func (m *Model) pack() {
	if m.scales == 0 {
		return
	}
	features := len(m.weights) / m.scales
	p := packed{taught: make([]uint64, (features+63)/64), before: make([]uint32, (features+63)/64)}
	n := uint32(0)
	for id := range features {
		if id%64 == 0 {
			p.before[id/64] = n
		}
		of := m.weights[id*m.scales:][:m.scales]
		for _, w := range of {
			if w != 0 {
				p.taught[id/64] |= 1 << (id % 64)
			}
		}
		if p.taught[id/64]&(1<<(id%64)) != 0 {
			var room [mostScales]float32
			copy(room[:], of)
			p.weights = append(p.weights, room)
			n++
		}
	}
	m.packed = p
}

// of gives the weights of a feature, nothing for one that was not taught.
func (p *packed) of(id uint32) *[mostScales]float32 {
	word, bit := p.taught[id/64], uint64(1)<<(id%64)
	if word&bit == 0 {
		return nil
	}
	at := int(p.before[id/64]) + bits.OnesCount64(word&(bit-1))
	return &p.weights[at]
}

// Scales is how many scales the model has.
func (m *Model) Scales() int { return m.scales }

// Sum is what features weigh together on every scale: Odds of texts whose parts are
// remembered.
type Sum struct {
	weights [mostScales]float64
	square  float64
	known   int // features that were taught
}

// mostScales is how many scales a Sum has room for.
const mostScales = 4

// Add adds a feature so many times; -1 takes it off.
func (m *Model) Add(s *Sum, f Feature, times float64) {
	s.square += times * float64(f.Value*f.Value)
	w := m.packed.of(f.ID)
	if w == nil {
		return
	}
	s.weights[0] += times * float64(w[0]*f.Value) // side by side: a loop took twice as long
	s.weights[1] += times * float64(w[1]*f.Value)
	s.weights[2] += times * float64(w[2]*f.Value)
	s.weights[3] += times * float64(w[3]*f.Value)
	s.known += int(times)
}

// Add adds another sum.
func (s *Sum) Add(o *Sum) {
	for i := range s.weights {
		s.weights[i] += o.weights[i]
	}
	s.square += o.square
	s.known += o.known
}

// OddsOf is Odds of features that were summed up.
func (m *Model) OddsOf(dst []float64, s *Sum) (known bool) {
	norm := math.Sqrt(max(s.square, 1e-9))
	for i := range m.scales {
		dst[i] = m.bias[i] + s.weights[i]/norm
	}
	return s.known > 0
}

// Odds puts the logarithm of the odds of every scale into dst, which has room
// for all. It says whether any of the features was taught.
func (m *Model) Odds(dst []float64, features []Feature) (known bool) {
	clear(dst[:m.scales])
	for _, f := range features {
		at := int(f.ID) * m.scales
		for s, w := range m.weights[at : at+m.scales] {
			known = known || w != 0
			dst[s] += float64(w * f.Value)
		}
	}
	norm := Norm(features)
	for s := range m.scales {
		dst[s] = m.bias[s] + dst[s]/norm
	}
	return known
}

// Weight is what the features weigh on one scale, without bias and length.
func (m *Model) Weight(scale int, features []Feature) float64 {
	total := 0.0
	for _, f := range features {
		total += float64(m.weights[int(f.ID)*m.scales+scale] * f.Value)
	}
	return total
}
