package domain

import (
	"errors"
	"fmt"
	"time"
)

// Deadline is the term of a case: both dates are stored with the rule that gave
// them, so that a promise once made can be explained later (law.md R1–R11).
type Deadline struct {
	Days int // calendar days, 0 = none
	// Due is the exclusive end: local midnight after the last day, in UTC.
	Due time.Time
	// Control is the exclusive end of the control date (R3): the preceding
	// working day when the last day is not one, else equal to Due.
	Control time.Time
	Reason  string // Russian: «строка 3 Перечня, утв. распоряжением 232-рп: 10 календарных дней»
}

// Met reports whether a final answer delivered at an instant kept the term
// (R4). Interim answers do not count and must not be asked about.
func (d Deadline) Met(delivered time.Time) bool { return delivered.Before(d.Due) }

// Overdue reports whether the term has passed.
func (d Deadline) Overdue(now time.Time) bool { return d.Days > 0 && !now.Before(d.Due) }

// Correction is a deadline recomputed because the row was corrected (R6). Both
// versions are kept.
type Correction struct {
	Before, After Deadline
	// Controller: fewer than two days are left by the new row, so the
	// controller decides what to do about it.
	Controller bool
}

// Correct recomputes the deadline of a case whose row was corrected, from its
// first registration. The error is that of Deadline, and the correction still good.
func (a Almanac) Correct(before Deadline, registered, now time.Time, term Term) (Correction, error) {
	const enough = 2
	after, err := a.Deadline(registered, term)
	return Correction{Before: before, After: after, Controller: a.DaysLeft(after, now) < enough}, err
}

// Faults of a deferral (R7).
var (
	ErrDeferPerson   = errors.New("a deferral needs the person who decides it")
	ErrDeferReason   = errors.New("a deferral needs a reason")
	ErrDeferNotice   = errors.New("a deferral needs a notice to the author before the old due")
	ErrDeferNotLater = errors.New("a deferral must end after the old due")
	ErrDeferTooLong  = errors.New("the ordinary order may be prolonged by at most 30 days")
)

// Deferral is an «отложенное решение»: the only way a term grows longer.
type Deferral struct {
	Person   string    // who decides it
	Reason   string    // Russian
	Until    Date      // the new last day
	Notified time.Time // when the author was told
}

// Defer gives the deadline of a deferred case (R7): nobody extends in silence.
// The new last day is a person's choice and stays as it was chosen; the control
// date follows the calendar.
func (a Almanac) Defer(old Deadline, term Term, d Deferral) (Deadline, error) {
	if err := a.mayDefer(old, term, d); err != nil {
		return Deadline{}, err
	}
	out := Deadline{Days: old.Days, Due: a.endOf(d.Until)}
	_, control, err := a.ends(a.LastDay(old), d.Until, NonWorkingKeep)
	out.Control = a.endOf(control)
	out.Reason = fmt.Sprintf("%s; отложенное решение до %s: %s", old.Reason, d.Until.Words(), d.Reason)
	return out, err
}

func (a Almanac) mayDefer(old Deadline, term Term, d Deferral) error {
	const ordinaryMore = 30 // 59-ФЗ ст. 12 ч. 2, taken over as a norm of ours
	longer := d.Until.Sub(a.LastDay(old))
	switch {
	case d.Person == "":
		return ErrDeferPerson
	case d.Reason == "":
		return ErrDeferReason
	case d.Notified.IsZero() || !d.Notified.Before(old.Due):
		return ErrDeferNotice
	case longer <= 0:
		return ErrDeferNotLater
	case term.Ordinary && longer > ordinaryMore:
		return ErrDeferTooLong
	}
	return nil
}

// Round is one run of a case's clock: «не решено» starts another (R10).
type Round struct {
	Number       int
	RegisteredAt time.Time
	Deadline     Deadline
}

// NextRound starts a new round with its own registration and term; the rounds
// before stay as they are, and stay in the statistics.
func (a Almanac) NextRound(last Round, at time.Time, term Term) (Round, error) {
	d, err := a.Deadline(at, term)
	return Round{Number: last.Number + 1, RegisteredAt: at, Deadline: d}, err
}

// ErrSendBackLate means that the working day for sending a case back has passed.
var ErrSendBackLate = errors.New("the working day for sending the case back has passed")

// ErrSendBackLimit means that the case was sent back too often: the control
// centre decides.
var ErrSendBackLimit = errors.New("the case was sent back too often, the control centre decides")

// SendBack tells whether a body may send a case back as not its own (R5): by
// the end of the working day after the assignment, and at most limit times.
// before is how often the case has been sent back already.
func (a Almanac) SendBack(assigned, now time.Time, before, limit int) error {
	if before >= limit {
		return ErrSendBackLimit
	}
	last, err := a.Calendar.NextWorking(DateOf(assigned, a.Zone).Add(1))
	if err != nil {
		return fmt.Errorf("day for sending back: %w", err)
	}
	if !now.Before(a.endOf(last)) {
		return ErrSendBackLate
	}
	return nil
}
