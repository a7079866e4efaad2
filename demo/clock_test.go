package demo

import (
	"testing"
	"time"
)

func TestClockCatchesUpSlowingDownAndNeverRunsBack(t *testing.T) {
	real := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	now := real
	c := NewClock(12*24*time.Hour, 50*time.Second, func() time.Time { return now })
	now = real.Add(3 * time.Second)
	if !c.Now().Equal(real.AddDate(0, 0, -12)) {
		t.Fatalf("it runs before it was begun: %s", c.Now())
	}
	now = real
	c.Begin()
	if !c.Now().Equal(real.AddDate(0, 0, -12)) || c.CaughtUp() {
		t.Fatalf("begins at %s", c.Now())
	}
	before, step := c.Now(), time.Duration(1<<62)
	for i := 1; i <= 50; i++ {
		now = real.Add(time.Duration(i) * time.Second)
		if s := c.Now().Sub(before); s <= 0 || s > step {
			t.Fatalf("second %d: %s after %s", i, s, step)
		} else {
			before, step = c.Now(), s
		}
	}
	if !c.CaughtUp() || !c.Now().Equal(now) {
		t.Errorf("after 50 s it shows %s, real time is %s", c.Now(), now)
	}
}

func TestRealUntilMeetsTheClock(t *testing.T) {
	real := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	now := real
	c := NewClock(12*24*time.Hour, 50*time.Second, func() time.Time { return now })
	c.Begin()
	for _, at := range []time.Time{real.AddDate(0, 0, -11), real.AddDate(0, 0, -3), real.Add(-time.Hour), real.Add(10 * time.Second), real.Add(time.Hour)} {
		now = real
		now = now.Add(c.RealUntil(at))
		if off := c.Now().Sub(at).Abs(); off > time.Second {
			t.Errorf("waited for %s, the clock shows %s", at, c.Now())
		}
	}
	now = real.Add(20 * time.Second)
	if d := c.RealUntil(real.AddDate(0, 0, -12)); d != 0 {
		t.Errorf("waits %s for what is past", d)
	}
}
