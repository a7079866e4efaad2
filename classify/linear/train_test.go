package linear_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/otklik/otklik/classify/linear"
)

const (
	apples linear.Class = iota
	pears
	stones
)

func options() linear.Options {
	return linear.Options{Space: 16, Rounds: 8, Rate: 2.5, Decay: 0.0007}
}

func example(class linear.Class, ids ...uint32) linear.Example {
	e := linear.Example{Class: class}
	for _, id := range ids {
		e.Features = append(e.Features, linear.Feature{ID: id, Value: 1})
	}
	return e
}

// Feature 0 belongs to apples, 1 to pears, 2 to stones; 3 to all.
func fruit() []linear.Example {
	var list []linear.Example
	for i := range uint32(12) {
		for class := range uint32(3) {
			list = append(list, example(linear.Class(class), class, 3, 4+i%8))
		}
	}
	return list
}

func fruitScales() []linear.Scale {
	return []linear.Scale{
		{Upper: linear.Of(apples), Lower: linear.Of(pears)},
		{Upper: linear.Of(stones), Lower: linear.Of(apples, pears)},
	}
}

func train(t *testing.T, examples []linear.Example, scales []linear.Scale) *linear.Model {
	t.Helper()
	m, err := linear.Train(examples, scales, options())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func odds(m *linear.Model, ids ...uint32) []float64 {
	dst := make([]float64, m.Scales())
	m.Odds(dst, example(0, ids...).Features)
	return dst
}

func TestSeparableIsLearned(t *testing.T) {
	m := train(t, fruit(), fruitScales())
	apple, pear, stone := odds(m, 0, 3), odds(m, 1, 3), odds(m, 2, 3)
	if apple[0] <= 0 || pear[0] >= 0 {
		t.Errorf("apples %g against pears %g", apple[0], pear[0])
	}
	if stone[1] <= 0 || apple[1] >= 0 || pear[1] >= 0 {
		t.Errorf("stones %g, apples %g, pears %g", stone[1], apple[1], pear[1])
	}
	if w := m.Weight(0, example(0, 2).Features); math.Abs(w) > math.Abs(m.Weight(0, example(0, 0).Features)) {
		t.Errorf("stones teach nothing of apples and pears, yet weigh %g", w)
	}
}

func TestLearningIsDeterministic(t *testing.T) {
	first, again := train(t, fruit(), fruitScales()), train(t, fruit(), fruitScales())
	for _, ids := range [][]uint32{{0}, {1, 3}, {2, 5, 9}} {
		if a, b := odds(first, ids...), odds(again, ids...); !slices.Equal(a, b) {
			t.Errorf("features %v: %v, then %v", ids, a, b)
		}
	}
}

// What was never taught is told apart from what speaks for neither end.
func TestUnknownFeatures(t *testing.T) {
	m := train(t, fruit(), fruitScales())
	dst := make([]float64, m.Scales())
	if m.Odds(dst, example(0, 15).Features) {
		t.Error("a feature that no example had is known")
	}
	if !m.Odds(dst, example(0, 0).Features) {
		t.Error("a feature of every apple is unknown")
	}
}

// A scale without examples at one end says nothing; the others learn.
func TestOneEndOnly(t *testing.T) {
	scales := append(fruitScales(), linear.Scale{Upper: linear.Of(7), Lower: linear.Of(apples, pears)})
	got := odds(train(t, fruit(), scales), 0, 3)
	if got[2] != 0 || got[0] <= 0 {
		t.Errorf("odds %v", got)
	}
	if none := odds(train(t, nil, fruitScales()), 0); none[0] != 0 || none[1] != 0 {
		t.Errorf("without examples the odds are %v", none)
	}
}

func TestDegenerateInput(t *testing.T) {
	value := func(v float32) []linear.Example {
		return []linear.Example{{Features: []linear.Feature{{ID: 1, Value: v}}}}
	}
	with := func(change func(*linear.Options)) linear.Options {
		o := options()
		change(&o)
		return o
	}
	for name, tt := range map[string]struct {
		examples []linear.Example
		scales   []linear.Scale
		options  linear.Options
		want     error
	}{
		"feature outside":    {[]linear.Example{example(apples, 16)}, fruitScales(), options(), linear.ErrFeature},
		"not a number":       {value(float32(math.NaN())), fruitScales(), options(), linear.ErrFeature},
		"infinite":           {value(float32(math.Inf(1))), fruitScales(), options(), linear.ErrFeature},
		"class beyond a set": {[]linear.Example{example(64, 1)}, fruitScales(), options(), linear.ErrClass},
		"both ends":          {fruit(), []linear.Scale{{Upper: linear.Of(apples), Lower: linear.Of(apples, pears)}}, options(), linear.ErrScale},
		"too many scales":    {fruit(), make([]linear.Scale, 5), options(), linear.ErrOptions},
		"no space":           {fruit(), fruitScales(), with(func(o *linear.Options) { o.Space = 0 }), linear.ErrOptions},
		"no rounds":          {fruit(), fruitScales(), with(func(o *linear.Options) { o.Rounds = 0 }), linear.ErrOptions},
		"decay past zero":    {fruit(), fruitScales(), with(func(o *linear.Options) { o.Decay = 1 }), linear.ErrOptions},
	} {
		if m, err := linear.Train(tt.examples, tt.scales, tt.options); !errors.Is(err, tt.want) || m != nil {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
