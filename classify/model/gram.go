package model

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// mostGram is of how many texts all products are kept, which makes learning many
// labels tens of times as fast: 144 MB at most.
const mostGram = 6000

// gramOf are the products of all texts with each other, the bias with them; nil of
// too many texts.
//
//go:norace
func gramOf(vectors []vector, rows int, bias float32) [][]float32 {
	if len(vectors) > mostGram {
		return nil
	}
	holders := holdersOf(vectors, rows)
	gram := make([][]float32, len(vectors))
	for i := range gram {
		gram[i] = make([]float32, len(vectors))
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(vectors); i = int(next.Add(1)) - 1 {
				products(gram[i], vectors[i], holders, bias)
			}
		})
	}
	all.Wait()
	return gram
}

// products fills a row of products.
//
//go:norace
func products(row []float32, v vector, holders [][]feature, bias float32) {
	for i := range row {
		row[i] = bias * bias
	}
	for _, f := range v {
		for _, h := range holders[f.id] {
			row[h.id] += f.value * h.value
		}
	}
}

// holdersOf are the texts that hold each feature, and its value in them.
func holdersOf(vectors []vector, rows int) [][]feature {
	counts := make([]int, rows)
	for _, v := range vectors {
		for _, f := range v {
			counts[f.id]++
		}
	}
	holders := make([][]feature, rows)
	for row, n := range counts {
		holders[row] = make([]feature, 0, n)
	}
	for i, v := range vectors {
		for _, f := range v {
			holders[f.id] = append(holders[f.id], feature{uint32(i), f.value})
		}
	}
	return holders
}

// margins are how far the texts are on the positive side while a label is learned:
// kept for all texts where their products are known, else reckoned when asked for.
type margins struct {
	*separator
	known []float32 // by text
	steps []float32 // what each text has added
}

func newMargins(s *separator) *margins {
	m := &margins{separator: s}
	if s.gram != nil {
		m.known, m.steps = make([]float32, len(s.gram)), make([]float32, len(s.gram))
	}
	return m
}

//go:norace
func (m *margins) of(i int32) float64 {
	if m.gram == nil {
		return m.dot(m.vectors[i])
	}
	return float64(m.known[i])
}

//go:norace
func (m *margins) step(i int32, by float32) {
	if m.gram == nil {
		m.add(m.vectors[i], by)
		return
	}
	m.steps[i] += by
	known := m.known
	for k, product := range m.gram[i][:len(known)] {
		known[k] += by * product
	}
}

// done puts the steps into the weights, where they are not there yet.
func (m *margins) done() []float32 {
	for i, by := range m.steps {
		if by != 0 {
			m.add(m.vectors[i], by)
		}
	}
	return m.weights
}
