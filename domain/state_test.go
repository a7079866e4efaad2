package domain

import (
	"errors"
	"slices"
	"testing"
)

var allStates = []State{Found, Moderation, Clarifying, Coordination, Returned, Execution, Deferred, Approval,
	Publishing, SendFailed, Satisfaction, Done, Reopened, Rejected, Attached}

// TestStateTable holds the table of the law notes §2, written once more.
func TestStateTable(t *testing.T) {
	want := map[State][]State{
		Found:        {Moderation, Coordination, Attached, Rejected},
		Moderation:   {Coordination, Clarifying, Attached, Rejected},
		Clarifying:   {Moderation, Execution, Rejected, Coordination},
		Coordination: {Execution, Coordination, Returned},
		Returned:     {Coordination, Rejected},
		Execution:    {Approval, Clarifying, Deferred, Returned, Coordination},
		Deferred:     {Execution, Approval, Coordination},
		Approval:     {Publishing, Execution, Coordination},
		Publishing:   {Satisfaction, Execution, SendFailed},
		SendFailed:   {Publishing, Approval, Done},
		Satisfaction: {Done, Reopened},
		Done:         {Reopened},
		Reopened:     {Coordination},
		Rejected:     {Moderation},
		Attached:     {Moderation},
	}
	if len(Stages()) != len(allStates) {
		t.Errorf("%d stages, want %d", len(Stages()), len(allStates))
	}
	for _, from := range allStates {
		for _, to := range allStates {
			err := CanMove(from, to)
			if allowed := slices.Contains(want[from], to); allowed != (err == nil) {
				t.Errorf("%s → %s: %v, allowed %v", from, to, err, allowed)
			}
			if err != nil && !errors.Is(err, ErrNoMove) {
				t.Errorf("%s → %s: %v is not named", from, to, err)
			}
			if listed := slices.Contains(Moves(), Move{from, to}); listed != (err == nil) {
				t.Errorf("%s → %s: listed %v, but %v", from, to, listed, err)
			}
		}
	}
}

func TestEveryStateIsMovedOnAndReached(t *testing.T) {
	reached := map[State]bool{Found: true}
	for grown := true; grown; {
		grown = false
		for _, m := range Moves() {
			if reached[m.From] && !reached[m.To] {
				reached[m.To], grown = true, true
			}
		}
	}
	for _, s := range Stages() {
		if !reached[s.State] {
			t.Errorf("%s cannot be reached from found", s.State)
		}
		if len(s.Movers) == 0 || len(s.Next) == 0 || s.Title == "" || StateTitle(s.State) != s.Title {
			t.Errorf("%s: movers %v, next %v, title %q", s.State, s.Movers, s.Next, s.Title)
		}
		for _, r := range s.Movers {
			if !slices.Contains(Roles(), r) {
				t.Errorf("%s: role %q is not in the list", s.State, r)
			}
		}
	}
}

func TestUnknownState(t *testing.T) {
	for _, m := range []Move{{"", Moderation}, {Found, "lost"}} {
		if err := CanMove(m.From, m.To); !errors.Is(err, ErrUnknownState) {
			t.Errorf("%v: %v, want ErrUnknownState", m, err)
		}
	}
}

func TestClarifyingReturns(t *testing.T) {
	for _, c := range []struct {
		came, to State
		ok       bool
	}{
		{Moderation, Moderation, true},
		{Moderation, Rejected, true},
		{Moderation, Execution, false},
		{Execution, Execution, true},
		{Execution, Rejected, false}, // after coordination nobody rejects
		{Execution, Moderation, false},
		{Execution, Coordination, true},   // taken from the body that asked
		{Moderation, Coordination, false}, // nobody's yet: decided from moderation
		{Approval, Approval, false},       // nobody asks the author from there
	} {
		if err := CanReturn(c.came, c.to); (err == nil) != c.ok {
			t.Errorf("came from %s, to %s: %v", c.came, c.to, err)
		}
	}
}

func TestMayMove(t *testing.T) {
	if err := MayMove([]Role{RoleReader, RoleHead}, Approval, Publishing); err != nil {
		t.Errorf("the head approves: %v", err)
	}
	if err := MayMove([]Role{RoleCoordinator}, Approval, Publishing); !errors.Is(err, ErrNotMover) {
		t.Errorf("a coordinator approves: %v", err)
	}
	for _, from := range []State{Coordination, Execution, Clarifying, Deferred, Approval} {
		for _, r := range []Role{RoleAnalyst, RoleController} {
			if err := MayMove([]Role{r}, from, Coordination); err != nil {
				t.Errorf("%s takes a case from its body, %s: %v", r, from, err)
			}
		}
		if err := MayMove([]Role{RoleExecutor, RoleHead}, from, Coordination); !errors.Is(err, ErrNotMover) {
			t.Errorf("a body gives a case away by itself, %s: %v", from, err)
		}
	}
	if err := MayMove([]Role{RoleAnalyst}, Execution, Approval); !errors.Is(err, ErrNotMover) {
		t.Errorf("an analyst does a body's work: %v", err)
	}
	if err := MayMove([]Role{RoleHead}, Approval, Done); !errors.Is(err, ErrNoMove) {
		t.Errorf("approval to done: %v", err)
	}
}

func TestOpenStates(t *testing.T) {
	for _, s := range allStates {
		closed := s == Done || s == Rejected || s == Attached
		if s.Open() == closed || s.ClockRuns() != (!closed && s != Satisfaction) {
			t.Errorf("%s: open %v, clock runs %v", s, s.Open(), s.ClockRuns())
		}
	}
}
