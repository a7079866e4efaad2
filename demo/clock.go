// Package demo holds what the demonstration adds to the system: a clock that
// catches up, a feed of posts written for the project, and a driver that plays
// the feed into the fake platforms. Everything else is the code of serve.
package demo

import "time"

// Clock starts in the past and runs fast until it has caught up with the real
// time; from then on it is the real time. It implements domain.Clock.
type Clock struct {
	start time.Time // business time at the beginning
	real  time.Time // real time at the beginning
	speed float64   // business seconds a real second while catching up
	now   func() time.Time
}

// NewClock makes a clock that is back behind now and catches up within took.
func NewClock(back, took time.Duration, now func() time.Time) *Clock {
	real := now().UTC()
	return &Clock{start: real.Add(-back), real: real, speed: float64(back+took) / float64(took), now: now}
}

// Now implements domain.Clock; it never runs backwards.
func (c *Clock) Now() time.Time {
	real := c.now().UTC()
	t := c.start.Add(time.Duration(float64(real.Sub(c.real)) * c.speed))
	if t.After(real) {
		return real
	}
	return t
}

// CaughtUp reports whether the clock shows the real time.
func (c *Clock) CaughtUp() bool { return !c.Now().Before(c.now().UTC().Add(-time.Millisecond)) }

// RealUntil is how long to wait, on the machine's clock, until business time t.
func (c *Clock) RealUntil(t time.Time) time.Duration {
	if now := c.Now(); !t.After(now) {
		return 0
	}
	wait := time.Duration(float64(t.Sub(c.Now())) / c.speed)
	if real := t.Sub(c.now().UTC()); wait > real && real > 0 {
		return real
	}
	return max(wait, 0)
}

// RealTime is a Clock that has nothing to catch up.
func RealTime() *Clock { return NewClock(0, time.Second, time.Now) }
