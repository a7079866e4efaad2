package domain

import (
	"fmt"
	"strings"
)

// TermDispute is a term that a corrected row has made too short: fewer than two
// days are left by it, and the controller decides which one holds (law.md R6).
type TermDispute struct {
	Why    string   // Russian; "" when nothing waits
	Before Deadline // the term that held until the correction
}

// TermKept is which of two terms the controller lets hold.
type TermKept string

// The terms to choose from.
const (
	KeepNewTerm TermKept = "new" // by the corrected row
	KeepOldTerm TermKept = "old" // as it was before
)

// ErrNoDispute: the controller has nothing to decide about a term.
var ErrNoDispute = fmt.Errorf("no term waits for the controller: %w", ErrNoMove)

// beside is what else the controller has to decide about a case.
func (d TermDispute) beside(c Case) string {
	return strings.TrimPrefix(strings.TrimPrefix(c.ForControl, d.Why), "; ")
}

// dispute notes that the controller decides about the corrected term, or that a
// later correction has left enough time. The first term is the one to go back to.
func (f Corrected) dispute(ch *CaseChange, c Case) {
	rest := c.Dispute.beside(c)
	switch {
	case f.ForControl != "":
		d := TermDispute{Why: f.ForControl, Before: c.Deadline}
		if c.Dispute.Why != "" {
			d.Before = c.Dispute.Before
		}
		words := strings.TrimSuffix(f.ForControl+"; "+rest, "; ")
		ch.ForControl, ch.Dispute = &words, &d
	case c.Dispute.Why != "" && !f.Deadline.Due.Equal(c.Deadline.Due):
		ch.ForControl, ch.Dispute = &rest, &TermDispute{}
	}
}

// DecideTerm is the controller's word about a term that waits for it: the one of
// the corrected row stays, or the one before comes back with its control date.
func DecideTerm(c Case, keep TermKept, by By) (CaseChange, error) {
	switch {
	case c.Dispute.Why == "" || !c.State.ClockRuns():
		return CaseChange{}, ErrNoDispute
	case strings.TrimSpace(by.Why) == "":
		return CaseChange{}, ErrNoReason
	}
	ch := by.change(c)
	rest := c.Dispute.beside(c)
	ch.ForControl, ch.Dispute = &rest, &TermDispute{}
	switch keep {
	case KeepNewTerm:
		ch.Why = "контролёр: действует срок по исправленной категории. " + by.Why
	case KeepOldTerm:
		if c.Dispute.Before.Due.IsZero() {
			return CaseChange{}, ErrNoDispute
		}
		d := c.Dispute.Before
		d.Reason += "; после исправления категории срок оставлен контролёром"
		ch.Deadline = &d
		ch.Why = "контролёр: действует прежний срок. " + by.Why
	default:
		return CaseChange{}, fmt.Errorf("term %q: %w", keep, ErrNoDispute)
	}
	return ch, nil
}
