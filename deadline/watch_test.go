package deadline_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/deadline"
	"github.com/otklik/otklik/domain"
)

// without leaves out the notices of a kind.
func without(said []string, kind domain.NoticeKind) []string {
	return slices.DeleteFunc(said, func(s string) bool { return strings.Contains(s, " "+string(kind)+" ") })
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("notices:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// Every warning comes at its hour and once, though the job runs on and on.
func TestWarningsOfOneCaseComeInTheirTimeAndOnce(t *testing.T) {
	w := newWorld(t)
	c := w.open("khabarovsk", "min-roads")
	if !c.Deadline.Due.Equal(at("2026-12-03T14:00:00Z")) { // law.md, first example
		t.Fatalf("due %s", c.Deadline.Due)
	}
	w.walk(w.runner(w.store), "2026-11-23T07:00:00Z", "2026-12-06T07:00:00Z", time.Hour)
	same(t, without(w.said("khabarovsk"), domain.NoticeDigest), []string{
		"2026-11-30T14:00 due_3_days coordinator",
		"2026-12-02T14:00 due_1_day coordinator",
		"2026-12-03T14:00 escalation controller",
		"2026-12-03T14:00 overdue coordinator",
		"2026-12-03T14:00 escalation curator",
	})
	if c = w.reload(c.ID); !c.Overdue || c.State != domain.Coordination {
		t.Errorf("the case is in %s, overdue %v: the mark is set and nothing moves", c.State, c.Overdue)
	}
	for _, n := range w.notices("khabarovsk") {
		switch {
		case n.Kind == domain.NoticeDigest:
		case n.ToRole == "controller" && n.ToAgency != "", n.ToRole != "controller" && n.ToAgency != "min-roads":
			t.Errorf("%s to %s went to body %q", n.Kind, n.ToRole, n.ToAgency)
		case !strings.Contains(n.Text, "27-2026-000001") || !strings.Contains(n.Text, "03.12.2026, 23:59"):
			t.Errorf("%s does not name case and local due: %s", n.Kind, n.Text)
		}
	}
}

// One instant, two regions, the New Year holidays: the control date warns before
// the days off begin, the legal due stays (law.md R3 and its second example).
func TestControlDateWarnsBeforeNewYear(t *testing.T) {
	w := newWorld(t)
	w.clock.set(at("2026-12-21T20:00:00Z"))
	w.open("khabarovsk", "min-roads")
	w.open("kaliningrad", "min-infra")
	w.walk(w.runner(w.store), "2026-12-28T00:00:00Z", "2027-01-02T00:00:00Z", time.Hour)
	same(t, without(w.said("khabarovsk"), domain.NoticeDigest), []string{
		"2026-12-29T14:00 control coordinator", // 30.12 begins in Khabarovsk
		"2026-12-29T14:00 due_3_days coordinator",
		"2026-12-31T14:00 due_1_day coordinator",
		"2027-01-01T14:00 escalation controller",
		"2027-01-01T14:00 overdue coordinator",
		"2027-01-01T14:00 escalation curator",
	})
	same(t, without(w.said("kaliningrad"), domain.NoticeDigest), []string{
		"2026-12-28T22:00 due_3_days coordinator",
		"2026-12-29T22:00 control coordinator", // 30.12 begins in Kaliningrad
		"2026-12-30T22:00 due_1_day coordinator",
		"2026-12-31T22:00 escalation controller",
		"2026-12-31T22:00 overdue coordinator",
		"2026-12-31T22:00 escalation curator",
	})
	for region, last := range map[string]string{"khabarovsk": "01.01.2027", "kaliningrad": "31.12.2026"} {
		for _, n := range w.notices(region) {
			if n.Kind == domain.NoticeControl && (!strings.Contains(n.Text, "30.12.2026") || !strings.Contains(n.Text, last)) {
				t.Errorf("%s: %s", region, n.Text)
			}
		}
	}
}

func TestCaseWithoutBodyGoesToTheController(t *testing.T) {
	w := newWorld(t)
	w.open("kaliningrad", "")
	w.walk(w.runner(w.store), "2026-11-29T22:00:00Z", "2026-12-05T00:00:00Z", 2*time.Hour)
	same(t, without(w.said("kaliningrad"), domain.NoticeDigest), []string{
		"2026-11-30T22:00 due_3_days controller",
		"2026-12-02T22:00 due_1_day controller",
		"2026-12-03T22:00 escalation controller",
	})
}

// A corrected row (R6) or a deferral (R7) moves the due: what was said of the
// old one does not silence the new one. Nor does a control date days ahead of
// the due date (a long holiday) silence the three days.
func TestMovedDueWarnsAnew(t *testing.T) {
	w := newWorld(t)
	c := w.open("khabarovsk", "min-roads")
	r := w.runner(w.store)
	w.walk(r, "2026-12-03T00:00:00Z", "2026-12-03T15:00:00Z", time.Hour)
	w.sql(`UPDATE cases SET due_at = '2026-12-13T14:00Z', control_at = '2026-12-08T14:00Z', overdue = false,
	       updated_at = '2026-12-03T15:00Z', changed_by = 'head', changed_why = 'отложенное решение' WHERE id = $1`, c.ID)
	w.walk(r, "2026-12-03T16:00:00Z", "2026-12-14T00:00:00Z", 2*time.Hour)
	same(t, without(w.said("khabarovsk"), domain.NoticeDigest), []string{
		"2026-12-03T00:00 due_3_days coordinator", // the watch began late: each is said, once
		"2026-12-03T00:00 due_1_day coordinator",
		"2026-12-03T14:00 escalation controller",
		"2026-12-03T14:00 overdue coordinator",
		"2026-12-03T14:00 escalation curator",
		"2026-12-07T14:00 control coordinator",
		"2026-12-10T14:00 due_3_days coordinator",
		"2026-12-12T14:00 due_1_day coordinator",
		"2026-12-13T14:00 escalation controller",
		"2026-12-13T14:00 overdue coordinator",
		"2026-12-13T14:00 escalation curator",
	})
}

// A case that was answered is nobody's worry any more.
func TestAnsweredCaseIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	c := w.open("khabarovsk", "min-roads")
	path := []domain.State{domain.Coordination, domain.Execution, domain.Approval, domain.Publishing, domain.Satisfaction}
	for i := 1; i < len(path); i++ {
		if _, err := w.store.MoveCase(t.Context(), domain.CaseMove{CaseID: c.ID, From: path[i-1], To: path[i], Who: "head", Why: "ответ", At: w.clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	w.walk(w.runner(w.store), "2026-11-30T14:00:00Z", "2026-12-05T00:00:00Z", 5*time.Hour)
	same(t, without(w.said("khabarovsk"), domain.NoticeDigest), nil)
}

// faulty is a store whose calls fail when told to.
type faulty struct {
	deadline.Store
	put, mark error
}

func (f *faulty) PutNotices(ctx context.Context, ns []domain.Notice) (int, error) {
	if f.put != nil {
		return 0, f.put
	}
	return f.Store.PutNotices(ctx, ns)
}

func (f *faulty) MarkOverdue(ctx context.Context, region string, now time.Time) ([]domain.Case, error) {
	if f.mark != nil {
		return nil, f.mark
	}
	return f.Store.MarkOverdue(ctx, region, now)
}

// Whatever step of the watch fails, the next run brings what is missing and
// nothing twice: an escalation is never lost.
func TestWatchThatFailsHalfWayIsMadeUp(t *testing.T) {
	for name, broken := range map[string]faulty{
		"before the notices are written": {put: errors.New("connection reset")},
		"before the mark is set":         {mark: errors.New("connection reset")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := w.open("khabarovsk", "min-roads")
			broken.Store = w.store
			w.clock.set(at("2026-12-03T14:00:00Z"))
			if err := w.runner(&broken).Tick(t.Context()); err == nil {
				t.Fatal("the fault is not reported")
			}
			w.walk(w.runner(w.store), "2026-12-03T14:10:00Z", "2026-12-03T14:30:00Z", 10*time.Minute)
			said := without(w.said("khabarovsk"), domain.NoticeDigest)
			if len(said) != 3 || !w.reload(c.ID).Overdue {
				t.Errorf("said %v, overdue %v", said, w.reload(c.ID).Overdue)
			}
		})
	}
}
