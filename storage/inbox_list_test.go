package storage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

func (h *house) filter(login string, tab domain.Tab) domain.TaskFilter {
	f := domain.TaskFilter{Tab: tab, Mine: []string{login}, Own: []string{}, Limit: 50}
	for _, o := range h.users[login].Offices {
		f.Own = append(f.Own, o.AgencyID)
	}
	return f
}

// list is the numbers of cases in a tab, by due.
func (h *house) list(login string, f domain.TaskFilter) []int64 {
	h.t.Helper()
	lines, err := h.s.Tasks(h.t.Context(), h.scope(login), f)
	if err != nil {
		h.t.Fatal(err)
	}
	out := []int64{}
	for _, l := range lines {
		out = append(out, l.Case.ID)
	}
	return out
}

// Every tab shows what its count says, to whom it concerns.
func TestTabs(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	fresh, taken := h.open(), h.executed()
	waiting := h.must(h.s.SubmitTask(ctx, h.act("exec", h.executed()), answer("Сделано")))
	out := h.must(h.s.SubmitTask(ctx, h.act("exec", h.executed()), answer("Сделано")))
	out = h.must(h.s.ApproveTask(ctx, h.act("head", out)))
	asked := h.must(h.s.AskAuthor(ctx, h.act("exec", h.executed()), "Где?"))
	deferral := h.asked(h.executed())
	back := h.must(h.s.SendBackTask(ctx, h.act("coord", h.open()), "town-hall", "не наше"))
	down := h.must(h.s.HandDown(ctx, h.act("coord", h.open()), "roads-service", ""))
	ids := func(cases ...domain.Case) string {
		out := []int64{}
		for _, c := range cases {
			out = append(out, c.ID)
		}
		return fmt.Sprint(out)
	}
	for _, c := range []struct {
		login string
		tab   domain.Tab
		want  string
	}{
		{"coord", domain.TabDistribute, ids(fresh)},
		{"below", domain.TabDistribute, ids(down)},
		{"exec", domain.TabDraft, ids(taken, deferral)},
		{"other", domain.TabDraft, ids()},
		{"head", domain.TabApprove, ids(waiting)},
		{"exec", domain.TabPublish, ids(out)},
		{"coord", domain.TabAsked, ids(asked)},
		{"coord", domain.TabDistribute, ids(fresh)}, // the body below has its own coordinator
		{"watch", domain.TabDeferred, ids(deferral)},
		{"coord", domain.TabReturned, ids(back)},
		{"coord", domain.TabWatch, ids(down)},
		{"coord", domain.TabAll, ids(fresh, taken, waiting, out, asked, deferral, back, down)},
		{"far", domain.TabAll, ids()},
	} {
		f := h.filter(c.login, c.tab)
		if got := fmt.Sprint(h.list(c.login, f)); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.login, c.tab, got, c.want)
		}
		counts, err := h.s.CountTasks(ctx, h.scope(c.login), f, domain.Tabs()...)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Count(c.want, " ") + 1; c.want != "[]" && counts[c.tab] != want || c.want == "[]" && counts[c.tab] != 0 {
			t.Errorf("%s, %s: counted %d of %s", c.login, c.tab, counts[c.tab], c.want)
		}
	}
	h.sql("UPDATE users SET active = false WHERE login = 'below'")
	if got := fmt.Sprint(h.list("coord", h.filter("coord", domain.TabDistribute))); got != ids(fresh, down) {
		t.Errorf("a body below that nobody leads: %s", got)
	}
	f := h.filter("coord", domain.TabAll)
	f.Person = h.users["exec"].ID
	if got := fmt.Sprint(h.list("coord", f)); got != ids(taken, waiting, out, asked, deferral) {
		t.Errorf("of one person: %s", got)
	}
	f.Person, f.Body = 0, "roads-service"
	if got := fmt.Sprint(h.list("coord", f)); got != ids(down) {
		t.Errorf("of one body: %s", got)
	}
	if _, err := h.s.Tasks(ctx, domain.Scope{}, h.filter("coord", domain.TabAll)); err != nil {
		t.Error(err)
	}
	if lines, _ := h.s.Tasks(ctx, domain.Scope{}, h.filter("coord", domain.TabAll)); len(lines) != 0 {
		t.Errorf("nobody sees %d tasks", len(lines))
	}
}

// Page by page nothing is missing and nothing twice, tasks without a due last.
func TestTasksByPage(t *testing.T) {
	h := newHouse(t)
	var want []int64
	for i := range 5 {
		c := h.open()
		want = append(want, c.ID)
		h.sql("UPDATE cases SET due_at = due_at + make_interval(days => $2), control_at = due_at WHERE id = $1", c.ID, i/2)
	}
	none := h.open()
	h.sql("UPDATE cases SET days = 0, due_at = NULL, control_at = NULL WHERE id = $1", none.ID)
	want = append(want, none.ID)
	f := h.filter("coord", domain.TabAll)
	f.Limit = 2
	var got []int64
	for range 5 {
		lines, err := h.s.Tasks(t.Context(), h.scope("coord"), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			got = append(got, l.Case.ID)
			f.After = domain.TaskMark{Due: l.Case.Deadline.Due, ID: l.Case.ID}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestRestrictedTasks(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.open()
	h.sql("UPDATE cases SET restricted = true WHERE id = $1", c.ID)
	if got := h.list("coord", h.filter("coord", domain.TabAll)); len(got) != 0 {
		t.Errorf("everybody sees a restricted task: %v", got)
	}
	if _, err := h.s.BodyTask(ctx, h.scope("coord"), c.ID, h.rules); err == nil {
		t.Error("everybody opens a restricted task")
	}
	sc := h.scope("coord")
	sc.Restricted = true
	if lines, err := h.s.Tasks(ctx, sc, h.filter("coord", domain.TabAll)); err != nil || len(lines) != 1 {
		t.Errorf("a named person: %v, %v", lines, err)
	}
}

func day(t *testing.T, text string) domain.Date {
	t.Helper()
	d, err := domain.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (h *house) doer(login string) domain.Doer {
	return domain.Doer{Login: login, Region: region, At: h.now}
}

func (h *house) away(login, deputy, from, to string) int64 {
	h.t.Helper()
	a := domain.Absence{Login: login, Deputy: deputy, From: day(h.t, from), To: day(h.t, to)}
	id, err := h.s.SaveAbsence(h.t.Context(), h.scope("coord"), h.users["coord"], a, "", domain.DateOf(h.now, h.rules.Almanac.Zone), h.doer("coord"))
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// Nothing lands on somebody away; what was on them is listed, and on return they
// see what became of it.
func TestAbsence(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	kept, gone := h.executed(), h.executed()
	h.now = h.now.Add(-24 * time.Hour)
	id := h.away("exec", "other", "2026-11-23", "2026-11-25") // planned the day before
	h.now = h.now.Add(24 * time.Hour)
	h.refused(domain.RefuseAbsent, domain.Changed{}, second(h.s.DistributeTask(ctx, h.act("coord", h.open()), h.users["exec"].ID)))

	today := day(t, "2026-11-23")
	for i := range 2 {
		if n, err := h.s.BeginAbsences(ctx, region, today, h.now); err != nil || n != 1-i {
			t.Errorf("begun %d, %v", n, err)
		}
	}
	for _, to := range []string{"coordinator", "person:other"} {
		if n := h.number("SELECT count(*) FROM notices WHERE kind = 'absence' AND to_role = $1 AND text LIKE '%Замещает: Олег Исполнитель. Поручений на этом человеке: 2.'", to); n != 1 {
			t.Errorf("%s was told %d times", to, n)
		}
	}
	// The deputy goes on with one task, in the absent person's name.
	other := h.users["other"]
	other.Acting = []domain.Acting{{Login: "exec", Name: "Егор Исполнитель", Offices: h.users["exec"].Offices}}
	h.users["other"] = other
	h.now = h.now.Add(time.Hour)
	gone = h.must(h.s.SubmitTask(ctx, h.act("other", gone), answer("Сделано")))
	if !strings.Contains(gone.Reason, "замещает: exec") {
		t.Errorf("in whose name: %s", gone.Reason)
	}
	h.now = time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	for i := range 2 {
		if n, err := h.s.EndAbsences(ctx, region, day(t, "2026-11-26"), h.now); err != nil || n != 1-i {
			t.Errorf("ended %d, %v", n, err)
		}
	}
	if n := h.number("SELECT count(*) FROM notices WHERE kind = 'absence' AND to_role = 'person:exec' AND text LIKE '%изменились ваши поручения: 1%'"); n != 1 {
		t.Error("who is back was not told")
	}
	list, err := h.s.AbsenceList(ctx, domain.Scope{}, h.users["exec"], id, h.now)
	if err != nil || len(list.Tasks) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, task := range list.Tasks {
		if changed := len(task.Changes) > 0; changed != (task.Case.ID == gone.ID) {
			t.Errorf("case %d (kept is %d): changes %+v", task.Case.ID, kept.ID, task.Changes)
		}
	}
	if _, err := h.s.AbsenceList(ctx, h.scope("far"), h.users["far"], id, h.now); err == nil {
		t.Error("a stranger reads the list")
	}
	h.must(h.s.DistributeTask(ctx, h.act("coord", h.open()), h.users["exec"].ID))
}

func TestAbsenceWithoutDeputy(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.away("other", "", "2026-11-23", "2026-11-30")
	h.away("exec", "other", "2026-11-23", "2026-11-25")
	if _, err := h.s.BeginAbsences(ctx, region, day(t, "2026-11-23"), h.now); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Олег Исполнитель отсутствует по 30.11.2026. Замещающий не назначен: поручения распределяет координатор.",
		"Замещающий (Олег Исполнитель) тоже отсутствует: поручения распределяет координатор."} {
		if n := h.number("SELECT count(*) FROM notices WHERE to_role = 'coordinator' AND text LIKE '%' || $1 || '%'", words); n != 1 {
			t.Errorf("the coordinator was not told %q", words)
		}
	}
	if n := h.number("SELECT count(*) FROM notices WHERE to_role LIKE 'person:%'"); n != 0 {
		t.Errorf("%d absent deputies were told", n)
	}
}

func TestAbsenceRefusals(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	today := day(t, "2026-11-23")
	save := func(login string, a domain.Absence) error {
		_, err := h.s.SaveAbsence(ctx, h.scope(login), h.users[login], a, "", today, h.doer(login))
		return err
	}
	exec := domain.Absence{Login: "exec", From: today, To: day(t, "2026-11-25")}
	h.refused(domain.ErrNotFound, domain.Changed{}, save("far", exec))
	h.refused(domain.ErrNotFound, domain.Changed{}, save("below", exec))
	stranger := exec
	stranger.Deputy = "far"
	h.refused(domain.RefuseDeputyStranger, domain.Changed{}, save("exec", stranger))
	past := exec
	past.From, past.To = day(t, "2026-11-01"), day(t, "2026-11-02")
	h.refused(domain.RefusePastAbsence, domain.Changed{}, save("exec", past))
	if err := save("exec", exec); err != nil {
		t.Fatal(err)
	}
	h.refused(domain.RefuseAwayAlready, domain.Changed{}, save("coord", exec))

	// Back a day early; a plan that has not begun is dropped.
	plan := h.away("other", "", "2026-11-28", "2026-11-30")
	roster, err := h.s.AbsencesFor(ctx, domain.Scope{}, h.users["exec"], today)
	if err != nil || len(roster) != 1 {
		t.Fatalf("an executor sees %+v, %v", roster, err)
	}
	h.refused(domain.ErrNotFound, domain.Changed{}, h.s.FinishAbsence(ctx, h.scope("far"), h.users["far"], roster[0].ID, today, h.doer("far")))
	if err := h.s.FinishAbsence(ctx, h.scope("coord"), h.users["coord"], roster[0].ID, day(t, "2026-11-24"), h.doer("coord")); err != nil {
		t.Error(err)
	}
	if err := h.s.FinishAbsence(ctx, h.scope("coord"), h.users["coord"], plan, today, h.doer("coord")); err != nil {
		t.Error(err)
	}
	left, err := h.s.AbsencesFor(ctx, h.scope("coord"), h.users["coord"], today)
	if err != nil || len(left) != 1 || left[0].To != today {
		t.Errorf("left %+v, %v", left, err)
	}
}
