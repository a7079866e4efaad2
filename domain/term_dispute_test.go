package domain

import (
	"errors"
	"testing"
	"time"
)

// R6: fewer than two days are left by the corrected row, and the controller decides
// which term holds.
func TestTheControllerDecidesATerm(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	old := Deadline{Days: 30, Due: now.AddDate(0, 0, 20), Control: now.AddDate(0, 0, 19), Reason: "обычный порядок"}
	short := Deadline{Days: 10, Due: now.AddDate(0, 0, 1), Control: now.AddDate(0, 0, 1), Reason: "строка 3"}
	c := Case{ID: 1, Version: 4, State: Execution, AgencyID: "a", Deadline: old, ForControl: "просит отсрочку"}
	by := By{Who: "watch", Why: "успеют", At: now}
	fix := Corrected{Subject: Subject{Row: 3}, AgencyID: "a", Deadline: short, ForControl: "меньше двух дней"}
	ch, err := Correct(c, fix, by)
	if err != nil || *ch.ForControl != "меньше двух дней; просит отсрочку" || ch.Dispute.Before != old {
		t.Fatalf("corrected: %+v, %v", ch, err)
	}
	c.Deadline, c.ForControl, c.Dispute = short, *ch.ForControl, *ch.Dispute
	for keep, want := range map[TermKept]*Deadline{KeepNewTerm: nil, KeepOldTerm: &old} {
		ch, err := DecideTerm(c, keep, by)
		if err != nil || *ch.ForControl != "просит отсрочку" || *ch.Dispute != (TermDispute{}) || (ch.Deadline == nil) != (want == nil) {
			t.Fatalf("%s: %+v, %v", keep, ch, err)
		}
		if want != nil && (!ch.Deadline.Due.Equal(want.Due) || !ch.Deadline.Control.Equal(want.Control) || ch.Deadline.Days != want.Days) {
			t.Errorf("%s: %+v", keep, ch.Deadline)
		}
	}
	again := fix
	again.ForControl, again.Deadline.Due = "меньше двух дней ещё раз", short.Due.Add(-time.Hour)
	if ch, err := Correct(c, again, by); err != nil || ch.Dispute.Before != old || *ch.ForControl != "меньше двух дней ещё раз; просит отсрочку" {
		t.Errorf("corrected again: %+v, %v", ch, err)
	}
	again.ForControl, again.Deadline = "", old
	if ch, err := Correct(c, again, by); err != nil || ch.Dispute.Why != "" || *ch.ForControl != "просит отсрочку" {
		t.Errorf("enough time after all: %+v, %v", ch, err)
	}
	again.Deadline = c.Deadline
	if ch, err := Correct(c, again, by); err != nil || ch.Dispute != nil || ch.ForControl != nil {
		t.Errorf("only the place was corrected: %+v, %v", ch, err)
	}
	for name, tc := range map[string]struct {
		change func(*Case, *By, *TermKept)
		want   error
	}{
		"nothing waits":  {func(c *Case, _ *By, _ *TermKept) { c.Dispute = TermDispute{} }, ErrNoDispute},
		"it is answered": {func(c *Case, _ *By, _ *TermKept) { c.State = Satisfaction }, ErrNoDispute},
		"without a why":  {func(_ *Case, by *By, _ *TermKept) { by.Why = " " }, ErrNoReason},
		"another term":   {func(_ *Case, _ *By, keep *TermKept) { *keep = "longer" }, ErrNoDispute},
	} {
		k, b, keep := c, by, KeepOldTerm
		tc.change(&k, &b, &keep)
		if _, err := DecideTerm(k, keep, b); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
