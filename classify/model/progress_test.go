package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// A training tells every hundredth at most once, in order, and ends with the last.
func TestProgress(t *testing.T) {
	var examples []Example
	for i := range 90 {
		examples = append(examples, Example{Text: fmt.Sprint("яма на дороге ", i), Labels: []string{"дороги"}},
			Example{Text: fmt.Sprint("нет света в доме ", i), Labels: []string{"свет"}})
	}
	var told []int
	if _, err := Train(t.Context(), examples, Options{Column: "x", Progress: func(done, all int) {
		if all != 100 {
			t.Errorf("%d of %d", done, all)
		}
		told = append(told, done)
	}}); err != nil {
		t.Fatal(err)
	}
	if len(told) < 5 || !slices.IsSorted(told) || len(slices.Compact(slices.Clone(told))) != len(told) || told[len(told)-1] != 100 {
		t.Errorf("told %v", told)
	}
	ctx, stop := context.WithCancel(t.Context())
	_, err := Train(ctx, examples, Options{Column: "x", Progress: func(done, _ int) {
		if done > 20 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped on the way: %v", err)
	}
}

// Of a large table no more is held out than measures it well.
func TestFoldsHeld(t *testing.T) {
	for n, want := range map[int]int{100: 5, 39_000: 3, 100_000: 1, 50_000: 2} {
		tr := &training{options: Options{Folds: 5}, fold: make([]int, n)}
		for i := range tr.fold {
			tr.fold[i] = i % 5
		}
		if got := tr.foldsHeld(); got != want {
			t.Errorf("of %d examples %d folds, want %d", n, got, want)
		}
		tr.options.Calibration = &Calibration{}
		if got := tr.foldsHeld(); got != 0 {
			t.Errorf("measured before, and %d folds are held out", got)
		}
	}
}
