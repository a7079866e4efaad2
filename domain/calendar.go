package domain

import (
	"errors"
	"fmt"
	"slices"
)

// ErrCalendarYear means that a working calendar was asked about a year it does
// not know; the error itself is a CalendarYearError.
var ErrCalendarYear = errors.New("working calendar does not know the year")

// CalendarYearError names the year a calendar does not know.
type CalendarYearError struct{ Year int }

// Error implements error.
func (e *CalendarYearError) Error() string { return fmt.Sprintf("%v %d", ErrCalendarYear, e.Year) }

// Unwrap makes errors.Is(err, ErrCalendarYear) true.
func (e *CalendarYearError) Unwrap() error { return ErrCalendarYear }

// Year is a year of the working calendar, as far as it differs from the plain
// week of Monday to Friday.
type Year struct {
	DaysOff []Date // weekdays that are not worked: holidays and moved days off
	Working []Date // weekend days that are worked
	Short   []Date // working days an hour shorter
}

// Calendar is the working calendar of the years it knows. The zero value (and
// nil) knows no year: every question about an unknown year is a named fault.
// It is immutable.
type Calendar struct {
	years   map[int]bool
	off     map[Date]bool
	working map[Date]bool
	short   map[Date]bool
}

// NewCalendar makes a calendar of the given years.
func NewCalendar(years map[int]Year) *Calendar {
	c := &Calendar{years: map[int]bool{}, off: map[Date]bool{}, working: map[Date]bool{}, short: map[Date]bool{}}
	for y, year := range years {
		c.years[y] = true
		mark(c.off, year.DaysOff)
		mark(c.working, year.Working)
		mark(c.short, year.Short)
	}
	return c
}

func mark(set map[Date]bool, days []Date) {
	for _, d := range days {
		set[d] = true
	}
}

// Years lists the years the calendar knows, in order.
func (c *Calendar) Years() []int {
	if c == nil {
		return nil
	}
	out := make([]int, 0, len(c.years))
	for y := range c.years {
		out = append(out, y)
	}
	slices.Sort(out)
	return out
}

// IsWorking reports whether a day is worked. The error is ErrCalendarYear.
func (c *Calendar) IsWorking(d Date) (bool, error) {
	if c == nil || !c.years[d.Year] {
		return false, &CalendarYearError{Year: d.Year}
	}
	if c.working[d] {
		return true, nil
	}
	weekend := d.Weekday() == 0 || d.Weekday() == 6
	return !weekend && !c.off[d], nil
}

// IsShort reports whether a day is worked an hour less.
func (c *Calendar) IsShort(d Date) bool { return c != nil && c.short[d] }

// LastWorking is the latest working day not after d.
func (c *Calendar) LastWorking(d Date) (Date, error) { return c.seek(d, -1) }

// NextWorking is the earliest working day not before d.
func (c *Calendar) NextWorking(d Date) (Date, error) { return c.seek(d, 1) }

// seek ends: it meets a working day or leaves the years the calendar knows.
func (c *Calendar) seek(d Date, step int) (Date, error) {
	for {
		ok, err := c.IsWorking(d)
		if ok || err != nil {
			return d, err
		}
		d = d.Add(step)
	}
}
