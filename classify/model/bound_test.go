package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drawn are outcomes right as often as they are sure.
func drawn(dice *rand.Rand, n int) []Outcome {
	out := make([]Outcome, n)
	for i := range out {
		sure := math.Pow(dice.Float64(), 0.25)
		right := "a"
		if dice.Float64() > sure {
			right = "b"
		}
		out[i] = Outcome{[]Answer{{"a", sure}}, []string{right}}
	}
	return out
}

// What a bound is said to keep and to have right holds on examples that nobody has
// seen: told of those that chose it, it would be flattered.
func TestBoundTellsWhatOthersWillSee(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 7))
	var told, fresh, share, freshShare, chosen float64
	for range 60 {
		b := Bound(drawn(dice, 1000))
		if b.Share == 0 {
			continue
		}
		passed, right, all := 0.0, 0.0, drawn(dice, 3000)
		for _, o := range all {
			if o.confidence() >= b.From {
				passed++
				if o.isRight() {
					right++
				}
			}
		}
		chosen++
		told, fresh = told+b.Right, fresh+right/passed
		share, freshShare = share+b.Share, freshShare+passed/float64(len(all))
	}
	if told, fresh, share, freshShare = told/chosen, fresh/chosen, share/chosen, freshShare/chosen; chosen < 40 ||
		math.Abs(told-fresh) > 0.01 || math.Abs(share-freshShare) > 0.03 || fresh < 0.945 {
		t.Errorf("of 60 bounds %v were chosen, %.3f right and %.3f kept were told, %.3f and %.3f came", chosen, told, share, fresh, freshShare)
	}
}

// Where being sure says nothing, no lucky stretch becomes a bound.
func TestBoundOfChance(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	bounds := 0
	for range 50 {
		list := make([]Outcome, 400)
		for i := range list {
			right := "a"
			if dice.Float64() > 0.85 {
				right = "b"
			}
			list[i] = Outcome{[]Answer{{"a", dice.Float64()}}, []string{right}}
		}
		if Bound(list).Share > 0 {
			bounds++
		}
	}
	if bounds > 5 {
		t.Errorf("%d of 50 tables of chance gave a bound", bounds)
	}
}

// What is told is no part of the choice: of bounds that come out worse than they were
// asked for, some are told so.
func TestBoundMayTellThatItIsWorse(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 9))
	chosen, below := 0, 0
	for range 100 {
		if b := Bound(drawn(dice, 1000)); b.Share > 0 {
			chosen++
			if b.Right < sureRight {
				below++
			}
		}
	}
	if chosen < 50 || below == 0 {
		t.Errorf("of %d bounds %d were told to be right below 95 %%", chosen, below)
	}
}

// Texts that nothing is said of do not make a bound of a handful of others.
func TestBoundOfAHandful(t *testing.T) {
	list := make([]Outcome, 200)
	for i := range list {
		list[i].Right = []string{"none"}
		if i%10 == 0 {
			list[i] = Outcome{[]Answer{{"a", 0.3 + float64(i)/400}}, []string{"a"}}
		}
	}
	b := Bound(list)
	if b.Share > 0 || b.N != 200 || b.Answered != 20 || b.Confidence(0.8) != 0.8 {
		t.Errorf("%+v, goes unseen from %v", b, b.Confidence(0.8))
	}
}
