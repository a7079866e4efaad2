package domain

import (
	"fmt"
	"time"
)

// NonWorking says what becomes of the legal due when the last day of a term is
// not a working one (law.md R3; practice differs, so it is a pack value).
type NonWorking string

// The rules of R3.
const (
	NonWorkingKeep     NonWorking = "keep"     // the legal due stays, the control date comes before it
	NonWorkingPrevious NonWorking = "previous" // it moves to the working day before
	NonWorkingNext     NonWorking = "next"     // it moves to the working day after
)

// NonWorkingRules lists the rules a pack may choose.
func NonWorkingRules() []NonWorking {
	return []NonWorking{NonWorkingKeep, NonWorkingPrevious, NonWorkingNext}
}

// Term is what an act or a norm allows for an answer.
type Term struct {
	Days       int // calendar days, at least 1
	NonWorking NonWorking
	Cite       string // «строка 3 Перечня, утв. распоряжением 232-рп»
	Ordinary   bool   // ordinary order (R11): may be prolonged by at most 30 days
}

// Reason is the text kept with the deadline: the act and the number of days.
func (t Term) Reason() string {
	return fmt.Sprintf("%s: %s", t.Cite, CalendarDays(t.Days))
}

// CalendarDays is «10 календарных дней», in the right form for any number.
func CalendarDays(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return fmt.Sprintf("%d календарный день", n)
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return fmt.Sprintf("%d календарных дня", n)
	}
	return fmt.Sprintf("%d календарных дней", n)
}

// Almanac is where terms are counted: the region's zone and working calendar.
type Almanac struct {
	Zone     *time.Location
	Calendar *Calendar
}

// Deadline counts a term from the registration (R1–R3): day 1 is the next
// local day, the end is the exclusive midnight after day N. Reassignment does
// not enter: it never moves a deadline (R5).
//
// When the calendar does not know a year it needs, the error is
// ErrCalendarYear and the deadline is still good: the legal due is counted in
// calendar days alone, and the control date falls on it.
func (a Almanac) Deadline(registered time.Time, term Term) (Deadline, error) {
	start := DateOf(registered, a.Zone)
	last := start.Add(term.Days)
	due, control, err := a.ends(start, last, term.NonWorking)
	if err != nil {
		due, control = last, last
	}
	return Deadline{
		Days:    term.Days,
		Due:     a.endOf(due),
		Control: a.endOf(control),
		Reason:  term.Reason(),
	}, err
}

// ends answers the last day by law and the control day. A control day is
// looked for no earlier than the registration: when no day between is worked
// (registered on 31 December), it is the last day itself.
func (a Almanac) ends(start, last Date, rule NonWorking) (due, control Date, err error) {
	control, err = a.Calendar.LastWorking(last)
	if err != nil {
		return last, last, err
	}
	if rule == NonWorkingNext {
		due, err = a.Calendar.NextWorking(last)
		return due, due, err
	}
	if control.Before(start) {
		return last, last, nil
	}
	if rule == NonWorkingPrevious {
		return control, control, nil
	}
	return last, control, nil
}

// endOf is the exclusive end of a day.
func (a Almanac) endOf(d Date) time.Time { return d.Add(1).Start(a.Zone) }

// LastDay is the last local day of a deadline, the one people are told.
func (a Almanac) LastDay(d Deadline) Date {
	return DateOf(d.Due.Add(-time.Nanosecond), a.Zone)
}

// ControlDay is the local day of the control date.
func (a Almanac) ControlDay(d Deadline) Date {
	return DateOf(d.Control.Add(-time.Nanosecond), a.Zone)
}

// DaysLeft counts the local days from today to the last day: 0 on the last
// day itself, negative when it has passed.
func (a Almanac) DaysLeft(d Deadline, now time.Time) int {
	return a.LastDay(d).Sub(DateOf(now, a.Zone))
}

// RegisteredFrom is when the term of a post begins: what was found in the open counts
// from its commit, a message to a bot from the moment it was sent (R1); so does the new
// round that one begins (R10).
func RegisteredFrom(now time.Time, p *Post) time.Time {
	sent := p.PublishedAt
	if p.Kind == Message && !sent.IsZero() && sent.Before(now) {
		return sent
	}
	return now
}

// LateRegistration reports that a post was registered more than three days
// after it was published (R1): the citizen has waited longer than the clock says.
func LateRegistration(published, registered time.Time) bool {
	const allowed = 3 * 24 * time.Hour
	return !published.IsZero() && registered.Sub(published) > allowed
}

// EarliestRegistration rules a case of several posts, or cases joined into one
// (R9): later posts never extend a term. Zero times do not count.
func EarliestRegistration(registered ...time.Time) time.Time {
	var first time.Time
	for _, t := range registered {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
