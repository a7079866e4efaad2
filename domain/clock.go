package domain

import "time"

// Clock tells the business time: what day it is for registration, deadlines,
// schedules. Leases, rate limits and time-outs use the machine's own clock,
// because a demonstration may run its days faster than its seconds.
type Clock interface {
	Now() time.Time
}

// SystemClock is the real time in UTC.
type SystemClock struct{}

// Now implements Clock.
func (SystemClock) Now() time.Time { return time.Now().UTC() }
