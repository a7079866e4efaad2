package domain

import (
	"fmt"
	"time"
)

// Reaction is what to do about an error a platform answered with.
type Reaction string

// The reactions. Each platform's table maps its codes onto them.
const (
	SlowDown    Reaction = "slow_down"    // too fast: lower the rate, try again
	RetryLater  Reaction = "retry_later"  // passing fault: backoff with jitter
	ParkToday   Reaction = "park_today"   // daily quota spent: this token and method wait until tomorrow
	CloseSource Reaction = "close_source" // private, deleted, banned: look again once a day
	AskPerson   Reaction = "ask_person"   // captcha, dead token, wrong rights: stop and tell people
	NeverRepeat Reaction = "never_repeat" // flood control: this very action must not be tried again
	ReportBug   Reaction = "report_bug"   // our request was wrong
)

// PlatformError is an error answer of a platform with our named reaction.
type PlatformError struct {
	Platform   Platform
	Method     string
	Code       int
	Reaction   Reaction
	RetryAfter time.Duration // 0 when the platform did not say
	Words      string        // Russian, shown as the source's reason
	Err        error         // what the platform or the wire said; never holds a token
}

// Error implements error.
func (e *PlatformError) Error() string {
	return fmt.Sprintf("%s %s: code %d (%s): %v", e.Platform, e.Method, e.Code, e.Reaction, e.Err)
}

// Unwrap gives the cause.
func (e *PlatformError) Unwrap() error { return e.Err }

// Budget is what a source may still spend today (VK: wall.get 5,000 a token).
type Budget struct {
	Left    int64 // calls left today for this kind of source; -1 = no daily limit
	PerDay  int64
	Sources int64 // sources that share it
}
