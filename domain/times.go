package domain

import (
	"math"
	"time"
)

// Times is a histogram of durations. Medians of bodies and weeks cannot be
// added up; histograms can, so a body with its subordinates has a true median.
// Bucket 0 holds what took under five minutes, every next one is a fifth longer:
// a median read from it is off by a tenth at most.
type Times []int32

// TimesBuckets is how many buckets there are; the last holds everything from 47
// days on.
const TimesBuckets = 54

const (
	timesFirst = 5 * time.Minute
	timesRatio = 1.2
)

// TimesBucket is the bucket of a duration.
func TimesBucket(d time.Duration) int {
	if d < timesFirst {
		return 0
	}
	n := 1 + int(math.Log(float64(d)/float64(timesFirst))/math.Log(timesRatio))
	return min(n, TimesBuckets-1)
}

// Add counts n durations of a bucket and returns the histogram, grown if needed.
func (t Times) Add(bucket int, n int32) Times {
	for len(t) <= bucket {
		t = append(t, 0)
	}
	t[bucket] += n
	return t
}

// Merge adds another histogram up.
func (t Times) Merge(other Times) Times {
	for bucket, n := range other {
		if n != 0 {
			t = t.Add(bucket, n)
		}
	}
	return t
}

// Count is how many durations there are.
func (t Times) Count() int64 {
	var n int64
	for _, c := range t {
		n += int64(c)
	}
	return n
}

// Median is the middle duration; false when there is none.
func (t Times) Median() (time.Duration, bool) {
	total := t.Count()
	if total <= 0 {
		return 0, false
	}
	half := float64(total) / 2
	passed := 0.0
	for bucket, n := range t {
		if n > 0 && passed+float64(n) >= half {
			return within(bucket, (half-passed)/float64(n)), true
		}
		passed += float64(n)
	}
	return within(TimesBuckets-1, 0), true
}

// within is the duration at a part of a bucket's width.
func within(bucket int, part float64) time.Duration {
	if bucket == 0 {
		return time.Duration(part * float64(timesFirst))
	}
	from := float64(timesFirst) * math.Pow(timesRatio, float64(bucket-1))
	return time.Duration(from * math.Pow(timesRatio, part))
}
