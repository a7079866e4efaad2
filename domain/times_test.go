package domain_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/domain"
)

// The median of merged histograms is the median of all durations, within a fifth.
func TestTimesMedianIsCloseToTheTrueOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.SliceOfN(rapid.IntRange(5, 60000), 1, 300).Draw(t, "minutes")
		var a, b domain.Times
		for i, m := range minutes {
			bucket := domain.TimesBucket(time.Duration(m) * time.Minute)
			if i%2 == 0 {
				a = a.Add(bucket, 1)
			} else {
				b = b.Add(bucket, 1)
			}
		}
		got, ok := a.Merge(b).Median()
		if !ok {
			t.Fatal("no median")
		}
		slices.Sort(minutes)
		low, high := float64(minutes[(len(minutes)-1)/2]), float64(minutes[len(minutes)/2])
		if got.Minutes() < low/1.21 || got.Minutes() > high*1.21 {
			t.Fatalf("median %v, true one between %v and %v minutes", got.Minutes(), low, high)
		}
	})
}

func TestTimesWithoutDurations(t *testing.T) {
	var none domain.Times
	if _, ok := none.Median(); ok {
		t.Error("nothing has a median")
	}
	if _, ok := none.Add(7, 1).Add(7, -1).Median(); ok {
		t.Error("what was taken off still has a median")
	}
	if got := domain.TimesBucket(400 * 24 * time.Hour); got != domain.TimesBuckets-1 {
		t.Errorf("a year is in bucket %d", got)
	}
}
