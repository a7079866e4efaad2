// Package demo holds what the demonstration adds to the system: a clock that
// catches up, a feed of posts written for the project, and a driver that plays
// the feed into the fake platforms. Everything else is the code of serve.
package demo

import (
	"math"
	"sync/atomic"
	"time"
)

// Clock starts in the past and runs fast until it has caught up with the real
// time; from then on it is the real time. It slows down towards the end, so
// that the last hours, with their slow sources, are lived through too. It
// implements domain.Clock.
type Clock struct {
	start time.Time     // business time at the beginning
	took  time.Duration // real time to catch up in
	now   func() time.Time
	real  atomic.Pointer[time.Time] // real time at the beginning; nil while it stands still
}

// NewClock makes a clock that stands back behind now until Begin, and then
// catches up within took.
func NewClock(back, took time.Duration, now func() time.Time) *Clock {
	return &Clock{start: now().UTC().Add(-back), took: took, now: now}
}

// RealTime is a Clock that has nothing to catch up.
func RealTime() *Clock {
	c := NewClock(0, 0, time.Now)
	c.Begin()
	return c
}

// GoOn moves a clock that stands still to a time it has already shown in an
// earlier life; it counts before Begin only, and never leads beyond now.
func (c *Clock) GoOn(from time.Time) {
	if now := c.now().UTC(); from.After(now) {
		from = now
	}
	if from.After(c.start) && c.real.Load() == nil {
		c.start = from.UTC()
	}
}

// Begin lets time run; it counts once.
func (c *Clock) Begin() {
	real := c.now().UTC()
	c.real.CompareAndSwap(nil, &real)
}

// Start is the business time at which the clock began.
func (c *Clock) Start() time.Time { return c.start }

// Now implements domain.Clock; it never runs backwards.
func (c *Clock) Now() time.Time {
	began := c.real.Load()
	if began == nil {
		return c.start
	}
	real := c.now().UTC()
	elapsed := real.Sub(*began)
	if elapsed >= c.took {
		return real
	}
	left := 1 - float64(elapsed)/float64(c.took)
	way := began.Add(c.took).Sub(c.start) // from the beginning to the meeting
	return c.start.Add(time.Duration(float64(way) * (1 - left*left)))
}

// CaughtUp reports whether the clock shows the real time.
func (c *Clock) CaughtUp() bool {
	began := c.real.Load()
	return began != nil && c.now().Sub(*began) >= c.took
}

// RealUntil is how long to wait, on the machine's clock, until business time t.
// A clock that stands still says what it would be if it began now.
func (c *Clock) RealUntil(t time.Time) time.Duration {
	real := c.now().UTC()
	began := real
	if b := c.real.Load(); b != nil {
		began = *b
	}
	meeting := began.Add(c.took)
	at := t // after the meeting both times are one
	if t.Before(meeting) {
		done := float64(t.Sub(c.start)) / float64(meeting.Sub(c.start))
		at = began.Add(time.Duration(float64(c.took) * (1 - math.Sqrt(1-max(0, done)))))
	}
	return max(0, at.Sub(real))
}
