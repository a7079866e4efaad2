package domain

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// hand is somebody of a body with subordinates «below».
func hand(login string, roles ...Role) Hand {
	return Hand{Login: login, Duties: []Duty{{Login: login, Roles: roles, Body: "min", Bodies: []string{"min", "below"}}}}
}

func controller() Hand {
	return Hand{Login: "watch", Duties: []Duty{{Login: "watch", Roles: []Role{RoleController}}}}
}

func steps(list []Step) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return strings.Join(out, " ")
}

func TestStepsOfPeople(t *testing.T) {
	coordinator, head := hand("coord", RoleCoordinator), hand("head", RoleHead)
	executor, other, curator := hand("exec", RoleExecutor), hand("other", RoleExecutor), hand("cur", RoleCurator)
	fresh := Task{State: Coordination, Body: "min"}
	free := Task{State: Execution, Body: "min"}
	taken := Task{State: Execution, Body: "min", Executor: "exec"}
	asked := Task{State: Execution, Body: "min", Executor: "exec", DeferralBy: "exec"}
	waiting := Task{State: Approval, Body: "min", Executor: "exec", Writers: []string{"exec"}}
	question := Task{State: Clarifying, Body: "min", Executor: "exec"}
	handed := Task{State: Coordination, Body: "below", HandedDown: true}
	for _, c := range []struct {
		name string
		task Task
		hand Hand
		want string
	}{
		{"fresh, coordinator", fresh, coordinator, "accept distribute take hand_down send_back"},
		{"fresh, head", fresh, head, "accept distribute take hand_down send_back"},
		{"fresh, executor waits for the coordinator", fresh, executor, ""},
		{"fresh, curator looks and reminds", fresh, curator, "remind"},
		{"free, executor", free, executor, "take"},
		{"free, coordinator", free, coordinator, "distribute take send_back draft submit ask"},
		{"taken, its executor", taken, executor, "send_back draft submit ask defer"},
		{"taken, another executor", taken, other, ""},
		{"taken, head", taken, head, "distribute take send_back draft submit ask defer"},
		{"deferral waits, its executor", asked, executor, "send_back draft submit ask"},
		{"deferral waits, controller", asked, controller(), "grant refuse"},
		{"no deferral, controller", taken, controller(), ""},
		{"approval, head", waiting, head, "approve rework"},
		{"approval, coordinator", waiting, coordinator, ""},
		{"approval, its author", waiting, executor, ""},
		{"question, its executor", question, executor, "answered"},
		{"deferred, head", Task{State: Deferred, Body: "min", Executor: "exec"}, head, "distribute take draft resume"},
		{"deferred, controller", Task{State: Deferred, Body: "min"}, controller(), "resume"},
		{"handed down, coordinator of the body above", handed, coordinator, "accept distribute take hand_down hand_up"},
		{"publishing, head", Task{State: Publishing, Body: "min"}, head, ""},
		{"publishing of an interim answer, head", Task{State: Publishing, Body: "min", Interim: true}, head, "published"},
		{"another body", Task{State: Coordination, Body: "far"}, head, ""},
		{"the control centre's own question", Task{State: Clarifying, ControlRoom: true, Body: "min"}, head, ""},
	} {
		if got := steps(c.task.Steps(c.hand)); got != c.want {
			t.Errorf("%s: may %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRefusalsAreNamed(t *testing.T) {
	taken := Task{State: Execution, Body: "min", Executor: "exec"}
	for _, c := range []struct {
		task Task
		step Step
		hand Hand
		want Refusal
	}{
		{taken, StepDraft, hand("other", RoleExecutor), RefuseNotYours},
		{Task{State: Execution, Body: "min"}, StepDraft, hand("other", RoleExecutor), RefuseNobodys},
		{taken, StepTake, hand("other", RoleExecutor), RefuseTaken},
		{taken, StepTake, hand("exec", RoleExecutor), RefuseAlreadyYours},
		{Task{State: Coordination, Body: "min"}, StepTake, hand("exec", RoleExecutor), RefuseNotAccepted},
		{taken, StepApprove, hand("head", RoleHead), RefuseState},
		{taken, StepDistribute, hand("exec", RoleExecutor), RefuseRole},
		{Task{State: Approval, Body: "min", Writers: []string{"exec", "head"}}, StepApprove, hand("head", RoleHead), RefuseOwnDraft},
		{Task{State: Coordination, Body: "min", HandedDown: true}, StepSendBack, hand("c", RoleCoordinator), RefuseHandedDown},
		{Task{State: Coordination, Body: "min"}, StepHandUp, hand("c", RoleCoordinator), RefuseNotHanded},
		{Task{State: Execution, Body: "min", DeferralBy: "exec"}, StepDefer, hand("head", RoleHead), RefuseDeferralWaits},
		{taken, StepGrant, controller(), RefuseNoDeferral},
		{taken, Step("fly"), controller(), RefuseUnknownStep},
	} {
		_, err := c.task.May(c.step, c.hand)
		if !errors.Is(err, c.want) {
			t.Errorf("%s by %s: %v, want %v", c.step, c.hand.Login, err, c.want)
		}
	}
}

// Who stands in for the head and wrote the answer does not approve it; who
// stands in for the executor goes on with the draft, and it is said for whom.
func TestDeputies(t *testing.T) {
	deputy := hand("exec", RoleExecutor)
	deputy.Duties = append(deputy.Duties, Duty{Login: "head", Roles: []Role{RoleHead}, Body: "min", Bodies: []string{"min"}})
	own := Task{State: Approval, Body: "min", Executor: "exec", Writers: []string{"exec"}}
	if _, err := own.May(StepApprove, deputy); !errors.Is(err, RefuseOwnDraft) {
		t.Errorf("the author approves as deputy of the head: %v", err)
	}
	own.NoApproval = true
	if _, err := own.May(StepApprove, deputy); err != nil {
		t.Errorf("a body that needs no approval: %v", err)
	}
	duty, err := Task{State: Approval, Body: "min", Writers: []string{"other"}}.May(StepApprove, deputy)
	if err != nil || duty.Login != "head" {
		t.Errorf("the deputy approves another's answer as %q: %v", duty.Login, err)
	}
	if _, err := (Task{State: Approval, Body: "below", Writers: []string{"other"}}).May(StepApprove, deputy); !errors.Is(err, RefuseRole) {
		t.Errorf("a duty reaches no further than the absent person's own: %v", err)
	}
	colleague := hand("other", RoleExecutor)
	colleague.Duties = append(colleague.Duties, Duty{Login: "exec", Roles: []Role{RoleExecutor}, Body: "min", Bodies: []string{"min"}})
	duty, err = Task{State: Execution, Body: "min", Executor: "exec"}.May(StepSubmit, colleague)
	if err != nil || duty.Login != "exec" {
		t.Errorf("the deputy submits as %q: %v", duty.Login, err)
	}
}

// Every step leads where the state table allows, and the table's mover may take it.
func TestStepsFollowTheStateTable(t *testing.T) {
	for _, r := range taskRules() {
		if r.title == "" {
			t.Errorf("%s has no title", r.step)
		}
		if r.to == "" {
			continue
		}
		for _, from := range r.from {
			if r.step == StepPublished { // the system's move, recorded by hand; a deferred task stays
				continue
			}
			if from == r.to && from != Coordination || r.step == StepDistribute || r.step == StepTake {
				continue // the person changes, the state may stay
			}
			if err := CanMove(from, r.to); err != nil {
				t.Errorf("%s: %v", r.step, err)
			}
			allowed := r.roles
			if r.mine || r.step == StepGrant { // the executor asked, the controller decides
				allowed = append(slices.Clone(allowed), RoleExecutor)
			}
			if err := MayMove(allowed, from, r.to); err != nil {
				t.Errorf("%s: %v", r.step, err)
			}
		}
	}
}

func TestEveryRefusalHasWords(t *testing.T) {
	seen := map[string]Refusal{}
	for _, r := range Refusals() {
		w := r.Words()
		if !strings.HasSuffix(w, ".") || strings.TrimSpace(w) != w {
			t.Errorf("%s: %q is no sentence", r, w)
		}
		if other, twice := seen[w]; twice {
			t.Errorf("%s and %s say the same", r, other)
		}
		seen[w] = r
	}
}

func TestCheckSendBack(t *testing.T) {
	a := Almanac{Zone: zone(t, "Asia/Vladivostok"), Calendar: testCalendar(t)}
	// Friday, 27 November 2026: Saturday and Sunday are not worked.
	assigned := instant(t, "2026-11-27T06:00:00Z")
	ok := SentBack{Body: "min", Proposed: "other", Reason: "дорога муниципальная", At: assigned}
	for _, c := range []struct {
		name   string
		change func(*SentBack)
		before int
		want   error
	}{
		{"at once", func(*SentBack) {}, 0, nil},
		{"Monday, last minute", func(s *SentBack) { s.At = instant(t, "2026-11-30T13:59:59Z") }, 0, nil},
		{"Tuesday", func(s *SentBack) { s.At = instant(t, "2026-11-30T14:00:00Z") }, 0, RefuseSendBackLate},
		{"second time", func(*SentBack) {}, 1, nil},
		{"third time", func(*SentBack) {}, 2, RefuseSendBackLimit},
		{"no reason", func(s *SentBack) { s.Reason = " \n" }, 0, RefuseNoReason},
		{"no body", func(s *SentBack) { s.Proposed = "" }, 0, RefuseNoBody},
		{"own body", func(s *SentBack) { s.Proposed = "min" }, 0, RefuseSameBody},
	} {
		s := ok
		c.change(&s)
		if err := a.CheckSendBack(s, assigned, c.before, 2); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if got := a.SendBackUntil(assigned); !got.Equal(instant(t, "2026-11-30T14:00:00Z")) {
		t.Errorf("until %s", got)
	}
}

// A pack whose calendar ends does not take the body's right away.
func TestSendBackWithoutCalendar(t *testing.T) {
	a := Almanac{Zone: zone(t, "Europe/Kaliningrad"), Calendar: NewCalendar(map[int]Year{2026: {}})}
	assigned := instant(t, "2026-12-31T12:00:00Z") // the next day is of another year
	s := SentBack{Body: "min", Proposed: "other", Reason: "не наше", At: instant(t, "2027-01-01T20:00:00Z")}
	if err := a.CheckSendBack(s, assigned, 0, 2); err != nil {
		t.Errorf("within the next plain working day: %v", err)
	}
	s.At = instant(t, "2027-01-01T22:00:00Z")
	if err := a.CheckSendBack(s, assigned, 0, 2); !errors.Is(err, RefuseSendBackLate) {
		t.Errorf("after it: %v", err)
	}
}

func TestSendBackWords(t *testing.T) {
	name := func(id string) string { return "<" + id + ">" }
	one := []SentBack{{Body: "a", Proposed: "b", Reason: "дорога муниципальная"}}
	if got := SendBackWords(one, 2, name); got != "возвращено: <a>; предлагает: <b>. дорога муниципальная" {
		t.Error(got)
	}
	got := SendBackWords(append(one, SentBack{Body: "b", Proposed: "c", Reason: "дорога частная"}), 2, name)
	for _, want := range []string{"2-й раз, решает ЦУР", "1) <a>: «дорога муниципальная»", "2) <b>: «дорога частная»", "предлагает: <c>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func TestHandDown(t *testing.T) {
	tree := NewTree([]Agency{{ID: "gov"}, {ID: "min", Parent: "gov"}, {ID: "dep", Parent: "min"}, {ID: "far", Parent: "gov"}})
	for _, c := range []struct {
		from, to string
		want     error
	}{{"gov", "dep", nil}, {"min", "dep", nil}, {"min", "far", RefuseNotBelow}, {"dep", "min", RefuseNotBelow},
		{"min", "min", RefuseSameBody}, {"min", "", RefuseNoBody}} {
		if err := CheckHandDown(tree, c.from, c.to); !errors.Is(err, c.want) {
			t.Errorf("%s → %s: %v, want %v", c.from, c.to, err, c.want)
		}
	}
}

func TestCheckDeferral(t *testing.T) {
	a := Almanac{Zone: zone(t, "Asia/Vladivostok"), Calendar: testCalendar(t)}
	old, err := a.Deadline(instant(t, "2026-11-23T06:42:00Z"), Term{Days: 10, NonWorking: NonWorkingKeep, Cite: "строка 3"})
	if err != nil {
		t.Fatal(err)
	}
	ok := Asked{Who: "exec", Reason: "нужен подрядчик", Until: date(t, "2026-12-20"), Notice: "Ремонт до 20 декабря", At: instant(t, "2026-12-01T00:00:00Z")}
	for _, c := range []struct {
		name     string
		change   func(*Asked)
		ordinary bool
		want     error
	}{
		{"in time", func(*Asked) {}, false, nil},
		{"no reason", func(d *Asked) { d.Reason = "" }, false, RefuseNoReason},
		{"no notice", func(d *Asked) { d.Notice = " " }, false, RefuseNoNotice},
		{"same day", func(d *Asked) { d.Until = date(t, "2026-12-03") }, false, RefuseDeferNotLater},
		{"at the due", func(d *Asked) { d.At = old.Due }, false, RefuseDeferLate},
		{"ordinary, 30 days", func(d *Asked) { d.Until = date(t, "2027-01-02") }, true, nil},
		{"ordinary, 31 days", func(d *Asked) { d.Until = date(t, "2027-01-03") }, true, RefuseDeferTooLong},
		{"by the list, 31 days", func(d *Asked) { d.Until = date(t, "2027-01-03") }, false, nil},
	} {
		d := ok
		c.change(&d)
		if err := a.CheckDeferral(old, c.ordinary, d); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestClarify(t *testing.T) {
	a := Almanac{Zone: zone(t, "Europe/Kaliningrad"), Calendar: testCalendar(t)}
	if got := a.ClarifyUntil(instant(t, "2026-11-23T20:30:00Z"), 3); !got.Equal(instant(t, "2026-11-26T22:00:00Z")) {
		t.Errorf("until %s", got.UTC())
	}
	if AfterSilence(Moderation) != Rejected || AfterSilence(Execution) != Execution {
		t.Error("silence leads elsewhere")
	}
	for _, came := range []State{Moderation, Execution} {
		if err := CanReturn(came, AfterSilence(came)); err != nil {
			t.Error(err)
		}
	}
}

// Monday, nine to six: the hours in which the body waited do not count, once
// only where two questions overlap, and a question that is still open runs on.
func TestNormTimeStandsStill(t *testing.T) {
	a := Almanac{Zone: zone(t, "Asia/Vladivostok"), Calendar: testCalendar(t)}
	local := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", s, a.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	from, to := local("2026-11-23 09:00"), local("2026-11-24 18:00")
	for _, c := range []struct {
		name   string
		pauses []Pause
		want   time.Duration
	}{
		{"none", nil, 16 * time.Hour},
		{"one", []Pause{{local("2026-11-23 10:00"), local("2026-11-23 12:00")}}, 14 * time.Hour},
		{"over the night", []Pause{{local("2026-11-23 17:00"), local("2026-11-24 10:00")}}, 14 * time.Hour},
		{"overlapping", []Pause{{local("2026-11-23 10:00"), local("2026-11-23 12:00")}, {local("2026-11-23 11:00"), local("2026-11-23 13:00")}}, 13 * time.Hour},
		{"still open", []Pause{{local("2026-11-24 14:00"), time.Time{}}}, 12 * time.Hour},
		{"before", []Pause{{local("2026-11-20 09:00"), local("2026-11-20 18:00")}}, 16 * time.Hour},
	} {
		got, err := a.NormTime(from, to, c.pauses, DefaultWorkDay())
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
	if _, err := a.NormTime(from, local("2028-01-10 10:00"), nil, DefaultWorkDay()); !errors.Is(err, ErrCalendarYear) {
		t.Errorf("a year the calendar does not know: %v", err)
	}
}

func TestCheckText(t *testing.T) {
	for text, want := range map[string]error{"да": nil, "": RefuseEmptyText, "\n\t ": RefuseEmptyText,
		strings.Repeat("я", WordsLimit): nil, strings.Repeat("я", WordsLimit+1): RefuseLongText} {
		if err := CheckText(text); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, want %v", len(text), err, want)
		}
	}
}
