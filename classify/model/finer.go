package model

import (
	"slices"
	"strings"
)

// Column is a column of a table by its examples.
type Column struct {
	Name  string
	Cells []string
}

// What makes a column one of finer labels: nearly each of its labels lies in one of
// the others, and each has examples enough not to be a number or an address.
const (
	finerFilled   = 0.9
	finerExamples = 4    // on the average
	finerMistakes = 0.02 // that do not lie where most of their label do
	finerBetter   = 0.1  // of the mistakes that the most frequent label alone would make
	mostFiner     = 400  // each costs a separator
)

// FinerColumn finds the column whose labels the given ones consist of, as categories
// of topics: of several that with the most labels, "" when there is none. Labels and
// cells are by example.
func FinerColumn(labels []string, columns []Column) string {
	name, most := "", 0
	for _, c := range columns {
		if n := refines(labels, c.Cells); n > most {
			name, most = c.Name, n
		}
	}
	return name
}

// refines gives how many labels a column has, if the others consist of them, else 0.
func refines(labels, cells []string) int {
	in := map[string]map[string]int{}
	all := map[string]int{}
	filled := 0
	for i, cell := range cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		filled++
		all[labels[i]]++
		if in[cell] == nil {
			in[cell] = map[string]int{}
		}
		in[cell][labels[i]]++
	}
	if filled == 0 || float64(filled) < finerFilled*float64(len(labels)) || len(in) <= len(all) || len(in) > mostFiner || filled < finerExamples*len(in) {
		return 0
	}
	seen, mistakes := 0, 0
	for _, counts := range in {
		if n, most := sumAndMost(counts); n > 1 { // one example lies in one label whatever it is
			seen += n
			mistakes += n - most
		}
	}
	n, most := sumAndMost(all)
	if float64(mistakes) > finerMistakes*float64(seen) || float64(mistakes)*float64(n) > finerBetter*float64(n-most)*float64(seen) {
		return 0
	}
	return len(in)
}

func sumAndMost(counts map[string]int) (sum, most int) {
	for _, n := range counts {
		sum += n
		most = max(most, n)
	}
	return sum, most
}

// WithFiner gives the examples the labels of a finer column.
func WithFiner(examples []Example, column Column) []Example {
	out := slices.Clone(examples)
	for i := range out {
		out[i].Finer = strings.TrimSpace(column.Cells[i])
	}
	return out
}
