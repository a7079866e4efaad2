// Package linear learns scales: logistic regressions over sparse features, all
// of them in one pass over the same examples. It knows nothing of texts, keeps
// no state, and the same examples in the same order always teach the same.
package linear

import "math"

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
}

// Scales is how many scales the model has.
func (m *Model) Scales() int { return m.scales }

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
