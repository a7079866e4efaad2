package model

import (
	"cmp"
	"math"
	"slices"
)

// Outcome is what a model said of one labelled text, best first, and what is right.
type Outcome struct {
	Answers []Answer
	Right   []string
}

// Scores are the figures scikit-learn gives for the same outcomes. Where several
// labels are right, a right answer is its own truth and the first one is the truth
// of a wrong answer.
type Scores struct {
	N          int     `json:"n"`
	Accuracy   float64 `json:"accuracy"`
	MacroF1    float64 `json:"macro_f1"` // over all labels in truth or answers
	WeightedF1 float64 `json:"weighted_f1"`
	Top3       float64 `json:"top3"`
	// CalibrationError is the expected one over ten bands of confidence.
	CalibrationError float64 `json:"calibration_error"`
	// Sure is the share that goes unseen when what does so shall be right at 95 %,
	// SureRight how much of it was: both of examples that had no say in the bound
	// (Bound); 0 when there is none. SureFrom is the confidence that all of them choose.
	Sure      float64 `json:"sure_share"`
	SureRight float64 `json:"sure_right"`
	SureFrom  float64 `json:"sure_from"`
}

// Confusion is how often one label was taken for another.
type Confusion struct {
	Truth  string `json:"truth"`
	Answer string `json:"answer"`
	N      int    `json:"n"`
}

// sureRight is the precision asked of what is assigned unseen.
const sureRight = 0.95

// Score sums up outcomes.
func Score(outcomes []Outcome) Scores {
	s := Scores{N: len(outcomes)}
	if s.N == 0 {
		return s
	}
	hits, top3 := 0, 0
	for _, o := range outcomes {
		if o.isRight() {
			hits++
		}
		if slices.ContainsFunc(o.Answers[:min(3, len(o.Answers))], func(a Answer) bool { return slices.Contains(o.Right, a.Label) }) {
			top3++
		}
	}
	labels := ByLabel(outcomes)
	for _, l := range labels {
		s.MacroF1 += l.F1
		s.WeightedF1 += l.F1 * float64(l.Support)
	}
	n := float64(s.N)
	s.Accuracy, s.Top3 = float64(hits)/n, float64(top3)/n
	s.MacroF1 /= float64(len(labels))
	s.WeightedF1 /= n
	s.CalibrationError = calibrationError(outcomes)
	b := Bound(outcomes)
	s.Sure, s.SureRight, s.SureFrom = b.Share, b.Right, b.From
	return s
}

// LabelScore is how one label fared.
type LabelScore struct {
	Label                 string
	Precision, Recall, F1 float64
	Support               int // texts whose truth it is
}

// ByLabel scores every label in truth or answers, in the order of the alphabet.
func ByLabel(outcomes []Outcome) []LabelScore {
	right, answered, support := map[string]int{}, map[string]int{}, map[string]int{}
	var labels []string
	for _, o := range outcomes {
		truth, answer := o.pair()
		support[truth]++
		answered[answer]++
		if truth == answer {
			right[truth]++
		}
		labels = append(labels, truth, answer)
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	list := make([]LabelScore, len(labels))
	for i, label := range labels {
		hits := float64(right[label])
		list[i] = LabelScore{Label: label, Support: support[label],
			Precision: hits / float64(max(1, answered[label])), Recall: hits / float64(max(1, support[label])),
			F1: 2 * hits / float64(support[label]+answered[label])}
	}
	return list
}

// Confusions lists what was taken for what, the most frequent first.
func Confusions(outcomes []Outcome) []Confusion {
	counts := map[Confusion]int{}
	for _, o := range outcomes {
		if truth, answer := o.pair(); truth != answer {
			counts[Confusion{Truth: truth, Answer: answer}]++
		}
	}
	list := make([]Confusion, 0, len(counts))
	for c, n := range counts {
		list = append(list, Confusion{c.Truth, c.Answer, n})
	}
	slices.SortFunc(list, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Truth, b.Truth), cmp.Compare(a.Answer, b.Answer))
	})
	return list
}

func (o Outcome) pair() (truth, answer string) {
	if len(o.Answers) > 0 {
		answer = o.Answers[0].Label
	}
	if slices.Contains(o.Right, answer) {
		return answer, answer
	}
	return o.Right[0], answer
}

func (o Outcome) isRight() bool {
	truth, answer := o.pair()
	return truth == answer
}

func (o Outcome) confidence() float64 {
	if len(o.Answers) == 0 {
		return 0
	}
	return o.Answers[0].Confidence
}

// calibrationError is the mean distance between confidence and the share of right
// answers, by bands of a tenth.
func calibrationError(outcomes []Outcome) float64 {
	const bands = 10
	var sum, hits [bands]float64
	for _, o := range outcomes {
		band := min(bands-1, int(o.confidence()*bands))
		sum[band] += o.confidence()
		if o.isRight() {
			hits[band]++
		}
	}
	total := 0.0
	for i := range bands {
		total += math.Abs(sum[i] - hits[i])
	}
	return total / float64(len(outcomes))
}

// report sums up what was held out while learning.
func report(list []held, c Calibration, labels []string) ([]Outcome, Scores) {
	outcomes := make([]Outcome, len(list))
	for i := range list {
		outcomes[i] = list[i].outcome(c, labels)
	}
	return outcomes, Score(outcomes)
}

const reportBest = 3

func (h *held) outcome(c Calibration, labels []string) Outcome {
	order := h.ranked(nil)
	o := Outcome{Answers: h.answers(nil, c, labels, order[:min(reportBest, len(order))], h.chances(nil))}
	for _, class := range h.classes {
		o.Right = append(o.Right, labels[class])
	}
	return o
}
