package ingest

import (
	"errors"
	"time"

	"github.com/otklik/otklik/domain"
)

// Failure is what becomes of a source whose poll failed.
type Failure struct {
	State    domain.SourceState
	Reason   string // Russian
	Activity domain.Activity
	Next     time.Time
}

// slowDownPause is about how long a source rests after «too many requests a second».
const slowDownPause = 3 * time.Second

// Failed maps a poll's error to the source's new state, one named reaction for
// each (domain.Reaction). jitter is in [0,1).
func Failed(now time.Time, src domain.Source, err error, jitter float64) Failure {
	a := src.Activity
	a.Failures++
	f := Failure{State: domain.SourceFailing, Activity: a, Next: now.Add(Backoff(a.Failures, jitter))}
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		f.Reason = "опрос не удался: " + err.Error()
		return f
	}
	f.Reason = pe.Words
	switch pe.Reaction {
	case domain.CloseSource:
		f.State, f.Next = domain.SourceClosed, now.Add(closedGap)
	case domain.ParkToday:
		f.State, f.Next = domain.SourceParked, NextQuotaDay(now)
	case domain.AskPerson:
		// Nothing gets better by itself, but a mended token should be noticed
		// without a person remembering to press a button. It stays failing: a
		// parked source raises no alarm.
		f.Next = now.Add(time.Hour)
	case domain.SlowDown:
		// A second's limit is over in a second: no growing punishment for it.
		f.Next = now.Add(max(pe.RetryAfter, time.Duration(float64(slowDownPause)*(0.5+jitter))))
	case domain.RetryLater, domain.NeverRepeat, domain.ReportBug:
		if pe.RetryAfter > 0 {
			f.Next = now.Add(pe.RetryAfter)
		}
	}
	return f
}
