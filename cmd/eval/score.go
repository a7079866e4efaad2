package main

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/otklik/otklik/classify/model"
)

// scores are those scikit-learn gives for the same pairs.
type scores struct {
	n        int
	accuracy float64
	macroF1  float64 // over all labels in truth or answers
	labels   []model.LabelScore
}

func score(pairs []pair) scores {
	outcomes := outcomesOf(pairs)
	all := model.Score(outcomes)
	s := scores{n: all.N, accuracy: all.Accuracy, macroF1: all.MacroF1, labels: model.ByLabel(outcomes)}
	slices.SortFunc(s.labels, func(a, b model.LabelScore) int {
		x, _ := strconv.Atoi(a.Label)
		y, _ := strconv.Atoi(b.Label)
		return cmp.Compare(x, y)
	})
	return s
}

func outcomesOf(pairs []pair) []model.Outcome {
	outcomes := make([]model.Outcome, len(pairs))
	for i, p := range pairs {
		outcomes[i] = model.Outcome{Answers: []model.Answer{{Label: p.answer}}, Right: []string{p.truth}}
	}
	return outcomes
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
