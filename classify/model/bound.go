package model

import (
	"cmp"
	"slices"

	"github.com/otklik/otklik/domain"
)

// boundParts is into how many parts outcomes are cut: the bound that the others choose is
// tried on each, so that its share and rightness are told of what had no say in it.
const boundParts = 5

// askedShares are what a bound may be asked for where it is chosen: the largest share that
// is right at 95 % is a little flattered, and on other examples less is right.
func askedShares() []float64 { return []float64{sureRight, 0.96, 0.97, 0.98, 0.99, 1} }

// Bound is the confidence from which what was said is right at 95 %, with the share of
// the texts that it keeps and how much of that is right, both counted on outcomes that had
// no say in it. It is the largest share that keeps its word there; no share when none
// does. An outcome without answers counts among the texts alone.
func Bound(outcomes []Outcome) domain.UnseenBound {
	sorted := bySureness(outcomes)
	for _, asked := range askedShares() {
		b := domain.UnseenBound{N: len(outcomes), From: sureFrom(sorted, asked, -1)}
		if b.From > 1 {
			break
		}
		passed, right := 0, 0
		for part := range boundParts {
			from := sureFrom(sorted, asked, part)
			for _, o := range sorted {
				if o.part == part && o.confidence >= from {
					passed++
					right += o.right
				}
			}
		}
		if passed > 0 && float64(right) >= sureRight*float64(passed) {
			b.Share, b.Right = float64(passed)/float64(len(outcomes)), float64(right)/float64(passed)
			return b
		}
	}
	return domain.UnseenBound{N: len(outcomes)}
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

// sureFrom finds the least confidence from which the outcomes of all parts but one are
// right as often as asked; above 1 when there is none.
func sureFrom(sorted []sureOutcome, asked float64, without int) float64 {
	from, n, hits := 2.0, 0, 0
	for i, o := range sorted {
		if o.part != without {
			n++
			hits += o.right
		}
		last := i+1 == len(sorted) || sorted[i+1].confidence < o.confidence
		if last && n > 0 && float64(hits) >= asked*float64(n) {
			from = o.confidence
		}
	}
	return from
}
