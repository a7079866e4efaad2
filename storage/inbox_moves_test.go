package storage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// give is what an analyst does with a case that came back.
func (h *house) give(c domain.Case, agency string) domain.Case {
	h.t.Helper()
	f := kept(c)
	f.AgencyID = agency
	by := domain.By{Who: "anna", Why: "назначено", At: h.now}
	ch, err := domain.Assign(c, f, by)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.must(h.s.ChangeCase(h.t.Context(), analyst(), ch))
}

// After the second send-back the analyst reads both reasons, and no body may
// send the case back again (R5).
func TestSendBackTwice(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.open()
	h.refused(domain.RefuseNoReason, domain.Changed{}, second(h.s.SendBackTask(ctx, h.act("coord", c), "town-hall", "")))
	h.refused(domain.RefuseNoBody, domain.Changed{}, second(h.s.SendBackTask(ctx, h.act("coord", c), "", "не наша дорога")))
	c = h.must(h.s.SendBackTask(ctx, h.act("coord", c), "town-hall", "дорога городская"))
	if c.State != domain.Returned || c.Proposed != "town-hall" || c.SentBack != 1 {
		t.Fatalf("sent back: %+v", c)
	}
	due := c.Deadline.Due
	h.now = h.now.Add(time.Hour)
	c = h.give(c, "town-hall")
	c = h.must(h.s.SendBackTask(ctx, h.act("far", c), "min-roads", "дорога краевая"))
	for _, want := range []string{"решает ЦУР", "дорога городская", "дорога краевая"} {
		if !strings.Contains(c.Reason, want) {
			t.Errorf("the analyst does not read %q: %s", want, c.Reason)
		}
	}
	h.now = h.now.Add(time.Hour)
	c = h.give(c, "min-roads")
	h.refused(domain.RefuseSendBackLimit, domain.Changed{}, second(h.s.SendBackTask(ctx, h.act("coord", c), "town-hall", "и всё же городская")))
	if !c.Deadline.Due.Equal(due) {
		t.Errorf("the due moved from %s to %s", due, c.Deadline.Due)
	}
}

// Monday's assignment can be sent back until the end of Tuesday, local time.
func TestSendBackInTime(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.open()
	h.now = time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC) // midnight in Khabarovsk
	h.refused(domain.RefuseSendBackLate, domain.Changed{}, second(h.s.SendBackTask(ctx, h.act("coord", c), "town-hall", "не наше")))
	h.now = h.now.Add(-time.Second)
	h.must(h.s.SendBackTask(ctx, h.act("coord", c), "town-hall", "не наше"))
}

func TestHandDownAndUp(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.open()
	due := c.Deadline
	h.refused(domain.RefuseNotBelow, domain.Changed{}, second(h.s.HandDown(ctx, h.act("coord", c), "town-hall", "")))
	h.now = h.now.Add(time.Hour)
	c = h.must(h.s.HandDown(ctx, h.act("coord", c), "roads-service", "займитесь"))
	if c.State != domain.Coordination || c.AgencyID != "roads-service" || c.Deadline != due {
		t.Fatalf("handed down: %+v", c)
	}
	h.refused(domain.RefuseHandedDown, domain.Changed{}, second(h.s.SendBackTask(ctx, h.act("below", c), "town-hall", "не наше")))
	h.now = h.now.Add(time.Hour)
	c = h.must(h.s.HandUp(ctx, h.act("below", c), "нет техники"))
	if c.AgencyID != "min-roads" || c.Deadline != due || c.SentBack != 0 {
		t.Fatalf("handed up: %+v", c)
	}
	h.refused(domain.RefuseNotHanded, domain.Changed{}, second(h.s.HandUp(ctx, h.act("coord", c), "некуда")))
	h.refused(domain.ErrNotFound, domain.Changed{}, second(h.s.AcceptTask(ctx, h.act("below", c))))
	lines, err := h.s.Tasks(ctx, h.scope("coord"), domain.TaskFilter{Tab: domain.TabAll, Limit: 10})
	if err != nil || len(lines) != 1 || lines[0].HandedFrom != "" {
		t.Errorf("%+v, %v", lines, err)
	}
	if n := h.number("SELECT count(*) FROM notices WHERE kind = 'assigned' AND case_id = $1 AND to_agency = 'roads-service'", c.ID); n != 1 {
		t.Errorf("%d notices to the body below", n)
	}
}

func TestAskAuthor(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.executed()
	c = h.must(h.s.AskAuthor(ctx, h.act("exec", c), "Какой подъезд?"))
	if c.State != domain.Clarifying || c.CameFrom != domain.Execution {
		t.Fatalf("asked: %+v", c)
	}
	lines, err := h.s.Tasks(ctx, h.scope("exec"), domain.TaskFilter{Tab: domain.TabAsked, Limit: 10})
	if err != nil || len(lines) != 1 || !lines[0].AnswerUntil.Equal(time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC)) {
		t.Errorf("the author may answer until %+v, %v", lines, err)
	}
	c = h.must(h.s.NoteAnswer(ctx, h.act("exec", c), "Второй"))
	if c.State != domain.Execution || c.ExecutorID == 0 {
		t.Errorf("answered: %+v", c)
	}
}

// Silence brings a case back where it came from, once, whoever runs the job.
func TestSilence(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.must(h.s.AskAuthor(ctx, h.act("exec", h.executed()), "Какой подъезд?"))
	until := time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC)
	if ids, err := h.s.SilentQuestions(ctx, region, until.Add(-time.Second)); err != nil || len(ids) != 0 {
		t.Fatalf("too early: %v, %v", ids, err)
	}
	ids, err := h.s.SilentQuestions(ctx, region, until)
	if err != nil || len(ids) != 1 || ids[0] != c.ID {
		t.Fatalf("%v, %v", ids, err)
	}
	for i := range 2 {
		done, err := h.s.CloseSilence(ctx, c.ID, until)
		if err != nil || done != (i == 0) {
			t.Errorf("time %d: %v, %v", i, done, err)
		}
	}
	if got := seenCase(t, h.s, c.ID); got.State != domain.Execution || got.Deadline != c.Deadline {
		t.Errorf("after silence: %+v", got)
	}
	if n := h.number("SELECT count(*) FROM questions WHERE result = 'silent' AND case_id = $1", c.ID); n != 1 {
		t.Errorf("%d silent questions", n)
	}
}

// The control centre's own question ends in rejection.
func TestSilenceBeforeCoordination(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := moderated(t, h.s, 900)
	h.sql(`UPDATE cases SET state = 'clarifying', changed_by = 'anna', changed_why = 'вопрос', updated_at = $2 WHERE id = $1`, c.ID, h.now)
	h.sql(`INSERT INTO questions (case_id, asked_by, asked_at, delivered_at, text, due_at) VALUES ($1, 'anna', $2, $2, 'Где?', $3)`, c.ID, h.now, h.now.Add(time.Hour))
	if done, err := h.s.CloseSilence(ctx, c.ID, h.now.Add(time.Hour)); err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	if got := seenCase(t, h.s, c.ID); got.State != domain.Rejected || got.Closing != domain.NoDetails {
		t.Errorf("after silence: %s, %s", got.State, got.Closing)
	}
}

// A new post of the same author in the case is the answer; a neighbour's is not.
func TestAuthorAnswersByPost(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.must(h.s.AskAuthor(ctx, h.act("exec", h.executed()), "Какой подъезд?"))
	join := func(n int, author string) {
		src := addSource(t, h.s, "-8000"+author)
		p := judgedAs(post(800+n, "Второй подъезд"), 3, "h1")
		p.Post.Author = domain.Author{ID: author, Name: "Сосед"}
		b, judged := batchOf(src, "", p)
		if _, err := h.s.Commit(t.Context(), h.now.Add(time.Hour), b, judged, route); err != nil {
			t.Fatal(err)
		}
	}
	join(1, "8")
	if ids, err := h.s.AnsweredQuestions(ctx, region); err != nil || len(ids) != 0 {
		t.Fatalf("a neighbour answered: %v, %v", ids, err)
	}
	join(2, "7") // who wrote the first post
	ids, err := h.s.AnsweredQuestions(ctx, region)
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	if done, err := h.s.CloseAnswered(ctx, c.ID, h.now.Add(2*time.Hour)); err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	if got := seenCase(t, h.s, c.ID); got.State != domain.Execution {
		t.Errorf("answered: %s", got.State)
	}
	if n := h.number("SELECT count(*) FROM questions WHERE result = 'answered' AND answer = 'Второй подъезд' AND answer_post_id IS NOT NULL AND case_id = $1", c.ID); n != 1 {
		t.Error("the answer is not kept with the question")
	}
}

func (h *house) asked(c domain.Case) domain.Case {
	h.t.Helper()
	until := domain.DateOf(c.Deadline.Due, h.rules.Almanac.Zone).Add(10)
	return h.must(h.s.AskDeferral(h.t.Context(), h.act("exec", c),
		domain.Asked{Reason: "ждём подрядчика", Until: until, Notice: "Отремонтируем до декабря"}))
}

func TestDeferral(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.asked(h.executed())
	due := c.Deadline.Due
	if c.State != domain.Execution || !strings.Contains(c.ForControl, "ждём подрядчика") || !c.Deadline.Due.Equal(due) {
		t.Fatalf("asked: %+v", c)
	}
	h.refused(domain.RefuseDeferralWaits, domain.Changed{}, second(h.s.AskDeferral(ctx, h.act("head", c), domain.Asked{})))
	h.refused(domain.RefuseRole, domain.Changed{}, second(h.s.GrantDeferral(ctx, h.act("head", c), "")))
	if n := h.number("SELECT count(*) FROM notices WHERE kind = 'deferral' AND to_role = 'controller' AND coalesce(to_agency, '') = '' AND case_id = $1", c.ID); n != 1 {
		t.Errorf("the controller was told of the deferral %d times", n)
	}
	f, err := h.s.BodyTask(ctx, h.scope("watch"), c.ID, h.rules)
	if err != nil || f.Notice != "Отремонтируем до декабря" || f.Task.DeferralBy != "exec" {
		t.Errorf("the controller reads %+v, %v", f, err)
	}
	c = h.must(h.s.GrantDeferral(ctx, h.act("watch", c), "согласен"))
	if c.State != domain.Deferred || !c.Deadline.Due.After(due) || c.ForControl != "" || !strings.Contains(c.Deadline.Reason, "отложенное решение") {
		t.Errorf("granted: %+v", c)
	}
	if n := h.number(`SELECT count(*) FROM replies WHERE case_id = $1 AND kind = 'interim' AND state = 'approved'
		AND text = 'Отремонтируем до декабря' AND author = 'exec' AND approver = 'watch'`, c.ID); n != 1 {
		t.Error("nothing goes out to the author")
	}
	c = h.must(h.s.PublishInterim(ctx, h.act("exec", c), "https://vk.ru/wall-1_3"))
	if c.State != domain.Deferred {
		t.Errorf("the notice is out: %s", c.State)
	}
	if c = h.must(h.s.ResumeTask(ctx, h.act("head", c))); c.State != domain.Execution {
		t.Errorf("resumed: %s", c.State)
	}
}

func TestDeferralRefused(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.asked(h.executed())
	h.refused(domain.RefuseNoReason, domain.Changed{}, second(h.s.RefuseDeferral(ctx, h.act("watch", c), " ")))
	due := c.Deadline
	c = h.must(h.s.RefuseDeferral(ctx, h.act("watch", c), "успеваете"))
	if c.State != domain.Execution || c.Deadline != due || c.ForControl != "" {
		t.Errorf("refused: %+v", c)
	}
	h.asked(c) // asked once more
}

// What the controller has not decided before the old due is refused by that, and
// cannot be granted any more: the notice would come too late (R7).
func TestDeferralLapses(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.asked(h.executed())
	due := c.Deadline.Due
	h.now = due
	h.refused(domain.RefuseDeferLate, domain.Changed{}, second(h.s.GrantDeferral(ctx, h.act("watch", c), "")))
	if ids, err := h.s.LateDeferrals(ctx, region, due.Add(-time.Second)); err != nil || len(ids) != 0 {
		t.Fatalf("too early: %v, %v", ids, err)
	}
	ids, err := h.s.LateDeferrals(ctx, region, due)
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	for i := range 2 {
		done, err := h.s.LapseDeferral(ctx, c.ID, due)
		if err != nil || done != (i == 0) {
			t.Errorf("time %d: %v, %v", i, done, err)
		}
	}
	got := seenCase(t, h.s, c.ID)
	if !got.Deadline.Due.Equal(due) || got.ForControl != "" {
		t.Errorf("lapsed: %+v", got)
	}
	var stale *domain.Stale
	if _, err := h.s.GrantDeferral(ctx, h.act("watch", c), ""); !errors.As(err, &stale) {
		t.Errorf("the controller comes too late: %v", err)
	}
}
