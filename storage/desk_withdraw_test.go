package storage_test

import (
	"errors"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// withdraw lets the control centre give a case to the town hall.
func (h *house) withdraw(c domain.Case, who string) (domain.Changed, error) {
	h.t.Helper()
	f := kept(c)
	f.AgencyID, f.RouteWhy = "town-hall", "орган назван человеком"
	f.Assigned.Key, f.Assigned.ToAgency = "to the town hall", "town-hall"
	left := domain.Notice{Key: "left", Kind: domain.NoticeLeft, Region: region, ToRole: string(domain.RoleCoordinator), ToAgency: c.AgencyID, Text: "передан"}
	ch, err := domain.Withdraw(c, f, left, domain.By{Who: who, Why: "спор решён: дорога городская", At: h.now.Add(time.Hour), Undo: "Передан"})
	if err != nil {
		return domain.Changed{}, err
	}
	return h.s.ChangeCase(h.t.Context(), domain.Scope{Region: region, Whole: true}, ch)
}

// The control centre takes a case from a body in any state of its work: the term
// stays, the text in work is closed with the state it had, the new body writes its
// own; and all of it is taken back at once.
func TestTheControlCentreTakesACaseFromABody(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.person("mayor", "Мария Мэр", domain.Office{Role: domain.RoleCoordinator, AgencyID: "town-hall"})
	c := h.executed()
	v, err := h.s.SaveDraft(ctx, h.act("exec", c), answer("Засып"))
	if err != nil {
		t.Fatal(err)
	}
	d := answer("Засыпали")
	d.Seen = v
	c = h.must(h.s.SubmitTask(ctx, h.act("exec", c), d))
	done, err := h.withdraw(c, "anna")
	if err != nil {
		t.Fatal(err)
	}
	now := done.Case
	if now.State != domain.Coordination || now.AgencyID != "town-hall" || now.Proposed != "town-hall" || now.ExecutorID != 0 ||
		!now.Deadline.Due.Equal(c.Deadline.Due) || now.Deadline.Reason != c.Deadline.Reason {
		t.Errorf("taken: %+v", now)
	}
	if n := h.number("SELECT count(*) FROM events WHERE kind = 'case_left' AND left_agency = 'min-roads' AND case_id = $1", c.ID); n != 1 {
		t.Errorf("the old body was told %d times", n)
	}
	if n := h.number("SELECT count(*) FROM notices WHERE key IN ('left', 'to the town hall')"); n != 2 {
		t.Errorf("%d notices", n)
	}
	f, err := h.s.BodyTask(ctx, h.scope("mayor"), c.ID, h.rules)
	if err != nil || len(f.Replies) != 1 || f.Replies[0].State != "withdrawn" || f.Replies[0].Text != "Засыпали" || !said(f.History, "дорога городская") {
		t.Fatalf("seen by the new body: %+v, %v", f.Replies, err)
	}
	h.refused(domain.ErrNotFound, domain.Changed{}, second(h.s.SaveDraft(ctx, h.act("exec", now), answer("Ещё"))))
	if _, err := h.conn.Exec(ctx, "UPDATE replies SET text = 'иначе' WHERE case_id = $1", c.ID); err == nil {
		t.Error("a withdrawn text was written over")
	}
	if _, err := h.s.Undo(ctx, analyst(), done.UndoID, "anna", h.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	f, err = h.s.BodyTask(ctx, h.scope("head"), c.ID, h.rules)
	if err != nil || f.Case.State != domain.Approval || f.Replies[0].State != "approval" || f.Case.ExecutorID != h.users["exec"].ID {
		t.Fatalf("taken back: %s, %+v, %v", f.Case.State, f.Replies, err)
	}
}

func TestTheNewBodyWritesItsOwn(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.person("mayor", "Мария Мэр", domain.Office{Role: domain.RoleCoordinator, AgencyID: "town-hall"})
	c := h.executed()
	if _, err := h.s.SaveDraft(ctx, h.act("exec", c), answer("Засып")); err != nil {
		t.Fatal(err)
	}
	until := domain.DateOf(c.Deadline.Due, h.rules.Almanac.Zone).Add(5)
	c = h.must(h.s.AskDeferral(ctx, h.act("head", c), domain.Asked{Reason: "Нужен асфальт", Until: until, Notice: "Ремонт перенесён."}))
	if c.ForControl == "" {
		t.Fatal("the controller is not asked")
	}
	done, err := h.withdraw(c, "anna")
	if err != nil {
		t.Fatal(err)
	}
	if done.Case.ForControl != "" || h.number("SELECT count(*) FROM deferrals WHERE decision = 'withdrawn' AND decided_by = 'anna'") != 1 {
		t.Errorf("what the old body asked of the controller stays: %q", done.Case.ForControl)
	}
	c = h.must(h.s.AcceptTask(ctx, h.act("mayor", done.Case)))
	if _, err := h.s.SaveDraft(ctx, h.act("mayor", c), answer("Город засыплет")); err != nil {
		t.Errorf("a text of one's own: %v", err)
	}
	if n := h.number("SELECT count(*) FROM replies WHERE case_id = $1", c.ID); n != 2 {
		t.Errorf("%d texts", n)
	}
}

func TestWhatIsNotTakenFromABody(t *testing.T) {
	h := newHouse(t)
	c := h.open()
	f := kept(c)
	by := domain.By{Who: "anna", Why: "иначе", At: h.now}
	for name, tc := range map[string]struct {
		change func(*domain.Case, *domain.Corrected, *domain.By)
		want   error
	}{
		"from the body itself": {func(c *domain.Case, f *domain.Corrected, _ *domain.By) { f.AgencyID = c.AgencyID }, domain.ErrSameBody},
		"without a reason":     {func(_ *domain.Case, _ *domain.Corrected, by *domain.By) { by.Why = " " }, domain.ErrNoReason},
		"for nobody":           {func(_ *domain.Case, f *domain.Corrected, _ *domain.By) { f.AgencyID = "" }, domain.ErrNoAgency},
		"from the queue":       {func(c *domain.Case, _ *domain.Corrected, _ *domain.By) { c.State = domain.Returned }, domain.ErrNoMove},
		"when it goes out":     {func(c *domain.Case, _ *domain.Corrected, _ *domain.By) { c.State = domain.Publishing }, domain.ErrNoMove},
	} {
		k, fixed, why := c, f, by
		fixed.AgencyID = "town-hall"
		tc.change(&k, &fixed, &why)
		if _, err := domain.Withdraw(k, fixed, domain.Notice{}, why); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A case that waits for its author is taken from its body, too: the question goes with
// the body that asked, what has not left stays here, and an undo brings both back.
func TestTheControlCentreTakesACaseThatWaitsForItsAuthor(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.rules.PlanQuestion = func(domain.QuestionToPlan) domain.DeliveryPlan {
		wall := domain.NewPostID(domain.VK, "-900", "5")
		spot := domain.Spot{Key: "question", Platform: domain.VK, Way: domain.WayPublic, Account: "100", To: wall, Chat: "wall", Thread: "wall", Words: "проверка"}
		return domain.DeliveryPlan{Deliveries: []domain.PlannedDelivery{{Spot: spot, Text: "Какая улица?", Repeatable: true}}}
	}
	c := h.executed()
	c = h.must(h.s.AskAuthor(ctx, h.act("exec", c), "Какая улица?"))
	question := func() string {
		w, err := h.s.CaseWhole(ctx, wholeRegion(), c.ID)
		if err != nil || len(w.Questions) != 1 || len(w.Questions[0].Deliveries) != 1 {
			t.Fatalf("%+v, %v", w.Questions, err)
		}
		return string(w.Case.State) + "/" + string(w.Case.CameFrom) + "/" + w.Questions[0].Result + "/" + string(w.Questions[0].Deliveries[0].State)
	}
	if got := question(); got != "clarifying/execution//waiting" {
		t.Fatal(got)
	}
	done, err := h.withdraw(c, "anna")
	if err != nil {
		t.Fatal(err)
	}
	if got := question(); got != "coordination//withdrawn/cancelled" || done.Case.AgencyID != "town-hall" {
		t.Errorf("taken: %s, %s", got, done.Case.AgencyID)
	}
	if n := h.number("SELECT count(*) FROM case_history WHERE case_id = $1 AND what = 'question' AND who = 'anna' AND details->>'result' = 'withdrawn'", c.ID); n != 1 {
		t.Errorf("%d lines of the question in the history", n)
	}
	if _, err := h.s.Undo(ctx, analyst(), done.UndoID, "anna", h.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := question(); got != "clarifying/execution//waiting" {
		t.Errorf("taken back: %s", got)
	}
	c = seenCase(t, h.s, c.ID)
	if c.AgencyID != "min-roads" || c.ExecutorID != h.users["exec"].ID {
		t.Errorf("taken back: %+v", c)
	}
	h.must(h.s.NoteAnswer(ctx, h.act("exec", c), "На Ленина"))
}

// The control centre's own question is nobody's to take, and no other way leads out.
func TestAQuestionLeadsNowhereElse(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.must(h.s.AskAuthor(ctx, h.act("exec", h.executed()), "Какая улица?"))
	if _, err := h.conn.Exec(ctx, "UPDATE cases SET state = 'coordination', changed_by = 'x' WHERE id = $1", c.ID); err == nil {
		t.Error("to coordination of the same body")
	}
	k := c
	k.CameFrom = domain.Moderation
	f := kept(k)
	f.AgencyID = "town-hall"
	if _, err := domain.Withdraw(k, f, domain.Notice{}, domain.By{Who: "anna", Why: "иначе", At: h.now}); !errors.Is(err, domain.ErrNoMove) {
		t.Errorf("the control centre's own question: %v", err)
	}
}
