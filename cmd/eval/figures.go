package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// target is what a figure must reach (atLeast), or must not pass.
type target struct {
	value   float64
	atLeast bool
}

// met reports whether a value is on the right side; the target itself is.
func (t target) met(value float64) bool {
	if t.atLeast {
		return value >= t.value
	}
	return value <= t.value
}

// String is the target as people write it: "≥ 0.75".
func (t target) String() string {
	if t.atLeast {
		return fmt.Sprintf("≥ %.4g", t.value)
	}
	return fmt.Sprintf("≤ %.4g", t.value)
}

// targets are those the project set itself; docs/accuracy.md shows them beside
// the last figures. A figure without one is information.
func targets() map[string]target {
	return map[string]target{
		"sentences_failed":    {0, false},
		"rows_accuracy":       {0.75, true},
		"rows_macro_f1":       {0.45, true},
		"news_false_share":    {0.005, false},
		"complaints_missed":   {0.03, false},
		"blind_rows_top1":     {0.85, true},
		"blind_rows_top3":     {0.95, true},
		"urgent_recall":       {0.95, true},
		"urgent_false_alarms": {0.05, false},

		"place_municipality":       {0.95, true},
		"place_municipality_aside": {0.95, true},
		"place_street_house":       {0.90, true},
		"place_street_house_aside": {0.90, true},

		"same_joined_precision":       {0.98, true},
		"same_joined_precision_aside": {0.98, true},
		"same_all_precision":          {0.98, true},
		"same_all_precision_aside":    {0.98, true},
	}
}

// figures prints figures, keeps the worst region's of each, and remembers which
// missed their target.
type figures struct {
	out     io.Writer
	targets map[string]target
	worst   map[string]float64
	missed  []string
}

func newFigures(out io.Writer) *figures {
	return &figures{out: out, targets: targets(), worst: map[string]float64{}}
}

// print gives the line of a region's figure, or with "" of all regions.
func (f *figures) print(name, region string, value float64) {
	line := name
	if region != "" {
		line += "_" + region
	}
	fmt.Fprintf(f.out, "figure %s %s\n", line, digits(value))
	if t, ok := f.targets[name]; ok && !t.met(value) {
		f.missed = append(f.missed, fmt.Sprintf("%s is %.4g, its target is %s", line, value, t))
	}
}

// digits are four that count, and never an exponent.
func digits(value float64) string {
	if value >= 1000 {
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%.4g", value)
}

// add prints a region's figure and keeps it when it is the worst so far.
func (f *figures) add(name, region string, value float64) {
	f.print(name, region, value)
	t, aimed := f.targets[name]
	higherIsBetter := t.atLeast || !aimed // without a target: a speed
	if have, ok := f.worst[name]; !ok || higherIsBetter == (value < have) {
		f.worst[name] = value
	}
}

// printWorst gives the worst of the regions; each was held to its target already.
func (f *figures) printWorst() {
	for _, name := range slices.Sorted(maps.Keys(f.worst)) {
		fmt.Fprintf(f.out, "figure %s %s\n", name, digits(f.worst[name]))
	}
}

// err names every figure that missed its target; nil when none did.
func (f *figures) err() error {
	if len(f.missed) == 0 {
		return nil
	}
	return fmt.Errorf("figures beyond their targets:\n  %s", strings.Join(f.missed, "\n  "))
}
