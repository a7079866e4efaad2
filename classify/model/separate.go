package model

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// separating are the settings of the learning.
type separating struct {
	cost   float64 // of an example on the wrong side
	rounds int     // at most
	bias   float32 // value of the feature every text has
	seed   uint64
}

// enough is how small the steps of a round must be to end the learning.
const enough = 0.05

// separators learns a separator for each of the labels: weights by label, then
// row, the bias last. It uses all cores; each label's is the same whoever learns it.
func separators(ctx context.Context, vectors [][]feature, labels [][]int32, rows, classes int, o separating) ([][]float32, error) {
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
	out := make([][]float32, classes)
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for class := range next {
				s := separator{vectors: vectors, lengths: lengths, options: o}
				out[class] = s.learn(ctx, holders[class], rows, uint64(class))
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

// separator learns one label against the rest.
type separator struct {
	vectors [][]feature
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
	order := make([]int32, len(s.vectors))
	for i := range order {
		order[i] = int32(i)
	}
	dice := rand.New(rand.NewPCG(s.options.seed, class))
	duals := make([]float64, len(s.vectors))
	soft := 0.5 / s.options.cost
	active := len(order)
	for range s.options.rounds {
		if ctx.Err() != nil {
			return s.weights
		}
		dice.Shuffle(active, func(i, j int) { order[i], order[j] = order[j], order[i] })
		widest := 0.0
		for at := 0; at < active; at++ {
			i := order[at]
			slope := sides[i]*s.dot(s.vectors[i]) - 1 + duals[i]*soft
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
			s.add(s.vectors[i], float32((duals[i]-was)*sides[i]))
		}
		if widest > enough {
			continue
		}
		if active == len(order) {
			break
		}
		active = len(order) // once more over all, to see whether it holds
	}
	return s.weights
}

//go:norace
func (s *separator) dot(v []feature) float64 {
	sum := s.weights[len(s.weights)-1] * s.options.bias
	for _, f := range v {
		sum += s.weights[f.id] * f.value
	}
	return float64(sum)
}

//go:norace
func (s *separator) add(v []feature, step float32) {
	for _, f := range v {
		s.weights[f.id] += step * f.value
	}
	s.weights[len(s.weights)-1] += step * s.options.bias
}
