package main

import (
	"fmt"
	"io"

	"github.com/otklik/otklik/classify/model"
)

// anchor is what scikit-learn's pipeline has on the split that is kept aside, after
// learning the whole table (words 1–2, characters 2–5 as tf-idf, LinearSVC), and what
// the project wants; 0: not measured, nothing wanted.
type anchor struct {
	right, macroF1, top3, sure float64
}

func (a anchor) figures() []float64 { return []float64{a.right, a.macroF1, a.top3, a.sure} }

// anchors are by column; rows are those of phrases and model together.
func anchors() (sklearn, reach map[string]anchor) {
	sklearn = map[string]anchor{
		"category":         {0.831, 0.451, 0.966, 0},
		"topic":            {0.547, 0.246, 0.724, 0},
		"responsible":      {0.469, 0.200, 0.721, 0},
		"khabarovsk_rows":  {0.825, 0.453, 0, 0},
		"kaliningrad_rows": {0.842, 0.483, 0, 0},
	}
	reach = map[string]anchor{
		"category":         {0.87, 0.55, 0.97, 0.50},
		"topic":            {0.60, 0.27, 0.80, 0},
		"responsible":      {0.60, 0.25, 0.82, 0},
		"khabarovsk_rows":  {0.88, 0.62, 0, 0},
		"kaliningrad_rows": {0.89, 0.64, 0, 0},
	}
	return sklearn, reach
}

// printAnchors puts what models reach on held-out parts beside the anchors. A figure
// below what is wanted is marked and fails nothing: docs/models.md tells the ceilings.
func printAnchors(out io.Writer, columns []string, reached map[string]model.Scores) {
	sklearn, reach := anchors()
	fmt.Fprintln(out, "learned models on held-out parts (scikit-learn on the split kept aside; wanted):")
	for _, column := range columns {
		s := reached[column]
		fmt.Fprintf(out, "  %-17s", column)
		for i, value := range []float64{s.Accuracy, s.MacroF1, s.Top3, s.Sure} {
			name := []string{"right", "macro-F1", "top-3", "sure"}[i]
			fmt.Fprintf(out, " %s %.3f%s", name, value, beside(value, sklearn[column].figures()[i], reach[column].figures()[i]))
		}
		fmt.Fprintln(out)
	}
}

func beside(value, sklearn, wanted float64) string {
	words := ""
	if sklearn > 0 {
		words = fmt.Sprintf("%.3f; ", sklearn)
	}
	switch {
	case wanted == 0 && words == "":
		return ""
	case wanted == 0:
		return fmt.Sprintf(" (%s–)", words)
	case value < wanted:
		return fmt.Sprintf(" (%s%.2f, not reached)", words, wanted)
	}
	return fmt.Sprintf(" (%s%.2f)", words, wanted)
}
