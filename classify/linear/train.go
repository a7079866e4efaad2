package linear

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Class is what an example is an example of.
type Class uint8

// Classes is a set of them.
type Classes uint64

// Of gives the set of these classes.
func Of(list ...Class) Classes {
	var set Classes
	for _, c := range list {
		set |= 1 << c
	}
	return set
}

func (s Classes) has(c Class) bool { return s>>c&1 == 1 }

// Example is a text's features and its class.
type Example struct {
	Features []Feature
	Class    Class
}

// Scale says which classes stand at its upper end and which at its lower end;
// the others teach it nothing.
type Scale struct{ Upper, Lower Classes }

// Options of the learning.
type Options struct {
	Space  int // feature IDs are below it
	Rounds int
	Rate   float64 // of the first step
	Decay  float64 // pull towards zero
}

// What cannot be learned from.
var (
	ErrOptions = errors.New("linear: options that nothing can be learned with")
	ErrFeature = errors.New("linear: feature outside the space, or no number")
	ErrClass   = errors.New("linear: class beyond those a set can hold")
	ErrScale   = errors.New("linear: class at both ends of a scale")
)

// Train learns all scales. A scale that lacks examples at one of its ends learns
// nothing: its odds are zero. What is no input is one of the errors above.
func Train(examples []Example, scales []Scale, o Options) (*Model, error) {
	if err := check(examples, scales, o); err != nil {
		return nil, err
	}
	m := &Model{scales: len(scales), weights: make([]float32, o.Space*len(scales)), bias: make([]float64, len(scales))}
	t := trainer{model: m, options: o, steps: make([]float64, len(scales)), scale: make([]float32, len(scales))}
	aims := aimsOf(examples, scales)
	order := spread(examples)
	norms := make([]float64, len(examples))
	for i := range examples {
		norms[i] = Norm(examples[i].Features)
	}
	for round := range o.Rounds {
		rate := o.Rate / (1 + 0.3*float64(round))
		for _, i := range order {
			t.learn(examples[i].Features, norms[i], aims[examples[i].Class], rate)
		}
	}
	m.pack()
	return m, nil
}

// maxClass is the last one that Classes can hold.
const maxClass = 63

func check(examples []Example, scales []Scale, o Options) error {
	if o.Space <= 0 || o.Rounds <= 0 || o.Rate <= 0 || o.Decay < 0 || o.Rate*o.Decay >= 1 {
		return fmt.Errorf("%w: %+v", ErrOptions, o)
	}
	if len(scales) > mostScales {
		return fmt.Errorf("%w: %d scales, at most %d", ErrOptions, len(scales), mostScales)
	}
	for i, s := range scales {
		if s.Upper&s.Lower != 0 {
			return fmt.Errorf("%w: scale %d", ErrScale, i)
		}
	}
	for i := range examples {
		if c := examples[i].Class; c > maxClass {
			return fmt.Errorf("%w: example %d, class %d", ErrClass, i, c)
		}
		for _, f := range examples[i].Features {
			if v := float64(f.Value); int64(f.ID) >= int64(o.Space) || math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%w: example %d, feature %d = %g of %d", ErrFeature, i, f.ID, f.Value, o.Space)
			}
		}
	}
	return nil
}

// aim is what an example of a class teaches a scale: its end, and how much it
// counts; a weight of zero teaches nothing.
type aim struct{ end, weight float64 }

// aimsOf weighs the rarer end up half way only: the everyday is the everyday.
func aimsOf(examples []Example, scales []Scale) map[Class][]aim {
	aims := map[Class][]aim{}
	counts := map[Class]int{}
	for i := range examples {
		counts[examples[i].Class]++
	}
	for class := range counts {
		aims[class] = make([]aim, len(scales))
	}
	for s, scale := range scales {
		upper, lower := 0, 0
		for class, n := range counts {
			switch {
			case scale.Upper.has(class):
				upper += n
			case scale.Lower.has(class):
				lower += n
			}
		}
		if upper == 0 || lower == 0 {
			continue
		}
		for class := range counts {
			switch {
			case scale.Upper.has(class):
				aims[class][s] = aim{1, math.Sqrt(max(1, float64(lower)/float64(upper)))}
			case scale.Lower.has(class):
				aims[class][s] = aim{0, 1}
			}
		}
	}
	return aims
}

// trainer is the working memory of a training.
type trainer struct {
	model   *Model
	options Options
	steps   []float64 // odds, then steps, by scale
	scale   []float32
}

// learn takes one step of every scale. The trainer is one goroutine's own, and the
// race detector made this loop the longest part of every start under test.
//
//go:norace
func (t *trainer) learn(features []Feature, norm float64, aims []aim, rate float64) {
	m := t.model
	t.odds(features, norm)
	for s, a := range aims {
		step := rate * a.weight * (a.end - 1/(1+math.Exp(-t.steps[s])))
		m.bias[s] += step * 0.1
		t.scale[s] = float32(step / norm)
	}
	keep := float32(1 - rate*t.options.Decay)
	for _, f := range features {
		at := int(f.ID) * m.scales
		weights := m.weights[at : at+m.scales]
		for s, step := range t.scale {
			weights[s] = weights[s]*keep + step*f.Value
		}
	}
}

// odds are those of every scale, in steps. As learn, one goroutine's own.
//
//go:norace
func (t *trainer) odds(features []Feature, norm float64) {
	m := t.model
	clear(t.scale)
	for _, f := range features {
		at := int(f.ID) * m.scales
		for s, w := range m.weights[at : at+m.scales] {
			t.scale[s] += w * f.Value
		}
	}
	for s, sum := range t.scale {
		t.steps[s] = m.bias[s] + float64(sum)/norm
	}
}

// spread gives the order of learning: every class strewn evenly among the
// others, and neighbours, who are alike, far from one another.
func spread(examples []Example) []int {
	byClass := map[Class][]int{}
	for i := range examples {
		byClass[examples[i].Class] = append(byClass[examples[i].Class], i)
	}
	type place struct {
		at      float64
		example int
	}
	places := make([]place, 0, len(examples))
	for _, list := range byClass {
		for i, example := range stride(list) {
			places = append(places, place{(float64(i) + 0.5) / float64(len(list)), example})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.example, b.example)) })
	order := make([]int, len(places))
	for i, p := range places {
		order[i] = p.example
	}
	return order
}

// strideStep is prime, and longer than what one author says of one thing.
const strideStep = 37

func stride(list []int) []int {
	out := make([]int, 0, len(list))
	for start := range min(strideStep, len(list)) {
		for i := start; i < len(list); i += strideStep {
			out = append(out, list[i])
		}
	}
	return out
}
