package domain

import (
	"fmt"
	"time"
)

// Date is a calendar day without a zone: the thing terms are counted in.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the local day of an instant in a zone.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{Year: y, Month: m, Day: d}
}

// ParseDate reads "2026-01-31".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q is not YYYY-MM-DD: %w", s, err)
	}
	return DateOf(t, time.UTC), nil
}

// String is "2026-01-31".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Words is «31.01.2026», as people here write a day.
func (d Date) Words() string { return fmt.Sprintf("%02d.%02d.%04d", d.Day, d.Month, d.Year) }

// utc is the day's midnight in UTC, where every day has 24 hours.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Add is the day n days later (earlier when n is negative).
func (d Date) Add(n int) Date { return DateOf(d.utc().AddDate(0, 0, n), time.UTC) }

// Sub is the number of days from e to d.
func (d Date) Sub(e Date) int { return int(d.utc().Sub(e.utc()) / (24 * time.Hour)) }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.utc().Before(e.utc()) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Start is the first instant of the day in a zone, in UTC. Where clocks are
// changed at midnight that need not read 00:00, and a day that a zone skipped
// begins with the next one.
func (d Date) Start(loc *time.Location) time.Time {
	wall := d.utc()
	before, after := wall.Add(-36*time.Hour).In(loc), wall.Add(36*time.Hour).In(loc)
	first := time.Time{}
	for _, t := range d.candidates(wall, before, after) {
		if !DateOf(t, loc).Before(d) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first.UTC()
}

// candidates are the instants the day can begin at: 00:00 by the offset of the
// days around it, and the moment clocks are changed between them.
func (d Date) candidates(wall, before, after time.Time) []time.Time {
	_, o1 := before.Zone()
	_, o2 := after.Zone()
	out := []time.Time{
		wall.Add(-time.Duration(o1) * time.Second),
		wall.Add(-time.Duration(o2) * time.Second),
	}
	if _, end := before.ZoneBounds(); !end.IsZero() && end.Before(after) {
		out = append(out, end)
	}
	return out
}

// At is the instant the day's clock reads h:m in a zone, in UTC. An hour that
// a change of clocks skipped reads an hour later.
func (d Date) At(h, m int, loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, h, m, 0, 0, loc).UTC()
}
