package model

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// separating are the settings of the learning.
type separating struct {
	cost   float64 // of an example on the wrong side
	rounds int     // at most
	bias   float32 // value of the feature every text has
	seed   uint64

	learned func() // told after every label
}

// enough is how small the steps of a round must be to end the learning.
const enough = 0.05

// separators learns a separator for each of the labels: weights by label, then
// row, the bias last. It uses all cores; each label's is the same whoever learns it.
func separators(ctx context.Context, vectors []vector, labels [][]int32, rows, classes int, o separating) ([][]float32, error) {
	holders := make([][]int32, classes)
	for i, list := range labels {
		for _, class := range list {
			holders[class] = append(holders[class], int32(i))
		}
	}
	lengths := make([]float64, len(vectors))
	for i, v := range vectors {
		sum := float64(o.bias) * float64(o.bias)
		for _, f := range v {
			sum += float64(f.value) * float64(f.value)
		}
		lengths[i] = sum
	}
	gram := gramOf(vectors, rows, o.bias)
	out := make([][]float32, classes)
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for class := range next {
				s := separator{vectors: vectors, gram: gram, lengths: lengths, options: o}
				out[class] = s.learn(ctx, holders[class], rows, uint64(class))
				o.learned()
			}
		})
	}
	for class := range classes {
		next <- class
	}
	close(next)
	wg.Wait()
	return out, ctx.Err()
}

// vector is a text by the rows of the vocabulary.
type vector = []feature

// separator learns one label against the rest.
type separator struct {
	vectors []vector
	gram    [][]float32
	lengths []float64
	options separating
	weights []float32
}

// learn is left out of the race detector, which makes it ten times as slow: nobody
// else sees what it writes.
//
//go:norace
func (s *separator) learn(ctx context.Context, holders []int32, rows int, class uint64) []float32 {
	s.weights = make([]float32, rows+1)
	sides := make([]float64, len(s.vectors))
	for i := range sides {
		sides[i] = -1
	}
	for _, i := range holders {
		sides[i] = 1
	}
	dice := rand.New(rand.NewPCG(s.options.seed, class))
	order := sampled(dice, holders, sides)
	rounds := s.options.rounds
	if len(s.vectors) > mostOthers {
		rounds = min(rounds, largeRounds)
	}
	duals := make([]float64, len(s.vectors))
	margins := newMargins(s)
	soft := 0.5 / s.options.cost
	mineSoft := soft / rareCost(len(order), len(holders))
	active := len(order)
	for range rounds {
		if ctx.Err() != nil {
			return margins.done()
		}
		dice.Shuffle(active, func(i, j int) { order[i], order[j] = order[j], order[i] })
		widest := 0.0
		for at := 0; at < active; at++ {
			i := order[at]
			soft := soft
			if sides[i] > 0 {
				soft = mineSoft
			}
			slope := sides[i]*margins.of(i) - 1 + duals[i]*soft
			if duals[i] == 0 && slope > 0.3 { // far on its own side: not looked at again
				active--
				order[at], order[active] = order[active], order[at]
				at--
				continue
			}
			if duals[i] == 0 && slope >= 0 {
				continue
			}
			widest = max(widest, math.Abs(slope))
			was := duals[i]
			duals[i] = max(0, was-slope/(s.lengths[i]+soft))
			margins.step(i, float32((duals[i]-was)*sides[i]))
		}
		if widest > enough {
			continue
		}
		if active == len(order) {
			break
		}
		active = len(order) // once more over all, to see whether it holds
	}
	return margins.done()
}

// mostRare bounds how much more an example of a rare label costs.
const mostRare = 5.5

// rareCost is how much more an example of a label costs than one of the others: by
// the square root of how rare it is.
func rareCost(all, mine int) float64 {
	return min(mostRare, math.Sqrt(float64(all)/float64(max(1, mine))))
}

// A label of a large table is told from a sample of the other examples, in fewer
// rounds: the time grows with the table instead of with the table times its labels.
const (
	mostOthers   = 20_000
	largeRounds  = 20
	othersByMine = 4 // a frequent label is told from more
)

// sampled gives the examples of a label, and of the others as many as it is told from.
func sampled(dice *rand.Rand, holders []int32, sides []float64) []int32 {
	others := make([]int32, 0, len(sides))
	for i, side := range sides {
		if side < 0 {
			others = append(others, int32(i))
		}
	}
	if most := max(mostOthers, othersByMine*len(holders)); len(others) > most {
		for i := range most { // the beginning of a shuffle is a sample
			j := i + dice.IntN(len(others)-i)
			others[i], others[j] = others[j], others[i]
		}
		others = others[:most]
	}
	order := slices.Concat(holders, others)
	slices.Sort(order)
	return slices.Compact(order)
}

//go:norace
func (s *separator) dot(v vector) float64 {
	sum := s.weights[len(s.weights)-1] * s.options.bias
	for _, f := range v {
		sum += s.weights[f.id] * f.value
	}
	return float64(sum)
}

//go:norace
func (s *separator) add(v vector, step float32) {
	for _, f := range v {
		s.weights[f.id] += step * f.value
	}
	s.weights[len(s.weights)-1] += step * s.options.bias
}
