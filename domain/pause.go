package domain

import (
	"slices"
	"time"
)

// Pause is a stretch in which the working-time norm stands still (R8): the body
// waits for the author. A zero To is still running.
type Pause struct{ From, To time.Time }

// NormTime is the working time between two instants, pauses left out. The legal
// clock does not know pauses. The error is ErrCalendarYear.
func (a Almanac) NormTime(from, to time.Time, pauses []Pause, day WorkDay) (time.Duration, error) {
	total, err := a.WorkingTime(from, to, day)
	if err != nil {
		return 0, err
	}
	for _, p := range joined(pauses, from, to) {
		paused, err := a.WorkingTime(p.From, p.To, day)
		if err != nil {
			return 0, err
		}
		total -= paused
	}
	return total, nil
}

// joined cuts pauses to a stretch of time and joins those that overlap.
func joined(pauses []Pause, from, to time.Time) []Pause {
	cut := make([]Pause, 0, len(pauses))
	for _, p := range pauses {
		if p.To.IsZero() || p.To.After(to) {
			p.To = to
		}
		if p.From.Before(from) {
			p.From = from
		}
		if p.From.Before(p.To) {
			cut = append(cut, p)
		}
	}
	slices.SortFunc(cut, func(x, y Pause) int { return x.From.Compare(y.From) })
	var out []Pause
	for _, p := range cut {
		if n := len(out); n > 0 && !p.From.After(out[n-1].To) {
			if p.To.After(out[n-1].To) {
				out[n-1].To = p.To
			}
			continue
		}
		out = append(out, p)
	}
	return out
}
