package model

import (
	"cmp"
	"math"
	"slices"

	"github.com/otklik/otklik/domain"
)

// boundParts is into how many parts outcomes are cut: what a bound keeps is told of each
// part by the bound that the other four choose, with everything that is chosen on the way.
const boundParts = 5

// leastPassed outcomes must go unseen by a bound: fewer that happen to be right say nothing.
const leastPassed = 50

// askedShares are what a bound may be asked for where it is chosen: the largest share that
// is right at 95 % is a little flattered, and on other examples less is right. The steps
// are small, or each would cost a good part of the share.
func askedShares() []float64 {
	const step = 0.0025
	var list []float64
	for n := 0; sureRight+float64(n)*step <= 1; n++ {
		list = append(list, sureRight+float64(n)*step)
	}
	return list
}

// Bound is the confidence from which what was said is right at 95 %. It is the largest
// share that keeps its word on parts that did not choose it, chance allowed for (surely);
// none when no share does. How much it keeps and how much of that is right is told by
// choosing anew without each part in turn: the told rightness may be below 95 %. An outcome
// without answers counts among the texts alone.
func Bound(outcomes []Outcome) domain.UnseenBound {
	sorted := bySureness(outcomes)
	b := domain.UnseenBound{N: len(outcomes), Answered: len(sorted)}
	from, ok := chosen(sorted)
	if !ok {
		return b
	}
	all, passed, right := 0, 0, 0
	for part := range boundParts {
		others, told := parted(sorted, part)
		if from, ok := chosen(others); ok {
			p, r := beyond(told, from)
			passed, right = passed+p, right+r
			all += (len(outcomes) + boundParts - 1 - part) / boundParts // of the part
		}
	}
	if passed == 0 {
		return b
	}
	b.From, b.Share, b.Right = from, float64(passed)/float64(all), float64(right)/float64(passed)
	return b
}

// chosen is the confidence of the least asked share that keeps its word where the parts
// are judged each by the others.
func chosen(sorted []sureOutcome) (from float64, ok bool) {
	var others, judged [boundParts][]sureOutcome
	for part := range boundParts {
		others[part], judged[part] = parted(sorted, part)
	}
	for _, asked := range askedShares() {
		from := sureFrom(sorted, asked)
		if n, _ := beyond(sorted, from); n < leastPassed {
			return 0, false // what is asked next keeps less
		}
		passed, right := 0, 0
		for part := range boundParts {
			p, r := beyond(judged[part], sureFrom(others[part], asked))
			passed, right = passed+p, right+r
		}
		if surely(right, passed) >= sureRight {
			return from, true
		}
	}
	return 0, false
}

// doubt is how many standard errors a share is held to be lower than counted: one, so that
// five of six shares are higher than that.
const doubt = 1.0

// surely is what a share is at least, by that doubt.
func surely(right, n int) float64 {
	low, _ := Wilson(right, n, doubt)
	return low
}

// Wilson bounds a share that was seen in n tries, by so many standard errors (E. B.
// Wilson, 1927); 0 and 1 without tries.
func Wilson(right, n int, errors float64) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	count, share, z := float64(n), float64(right)/float64(n), errors*errors
	middle, half := share+z/(2*count), errors*math.Sqrt(share*(1-share)/count+z/(4*count*count))
	return (middle - half) / (1 + z/count), (middle + half) / (1 + z/count)
}

// sureOutcome is all that a bound asks of an outcome.
type sureOutcome struct {
	confidence float64
	right      int // 1 or 0
	part       int
}

// bySureness are the answered outcomes, the surest first.
func bySureness(outcomes []Outcome) []sureOutcome {
	var list []sureOutcome
	for i, o := range outcomes {
		if len(o.Answers) == 0 {
			continue
		}
		s := sureOutcome{confidence: o.confidence(), part: i % boundParts}
		if o.isRight() {
			s.right = 1
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b sureOutcome) int { return cmp.Compare(b.confidence, a.confidence) })
	return list
}

// parted takes one part out.
func parted(sorted []sureOutcome, part int) (others, own []sureOutcome) {
	for _, o := range sorted {
		if o.part == part {
			own = append(own, o)
		} else {
			others = append(others, o)
		}
	}
	return others, own
}

// beyond counts what is as sure as that, and how much of it is right.
func beyond(sorted []sureOutcome, from float64) (n, right int) {
	for _, o := range sorted {
		if o.confidence < from {
			break
		}
		n++
		right += o.right
	}
	return n, right
}

// sureFrom finds the least confidence from which the outcomes are right as often as
// asked; above 1 when there is none.
func sureFrom(sorted []sureOutcome, asked float64) float64 {
	from, hits := 2.0, 0
	for i, o := range sorted {
		hits += o.right
		last := i+1 == len(sorted) || sorted[i+1].confidence < o.confidence
		if last && float64(hits) >= asked*float64(i+1) {
			from = o.confidence
		}
	}
	return from
}
