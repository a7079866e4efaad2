package storage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// The curator reminds a body: whoever has to go on hears of it, the history says
// so, nobody's form goes stale by it, and not again for a while.
func TestCuratorReminds(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.person("cur", "Игорь Куратор", domain.Office{Role: domain.RoleCurator, AgencyID: "min-roads"})
	h.person("curfar", "Павел Чужой", domain.Office{Role: domain.RoleCurator, AgencyID: "town-hall"})
	c := h.executed()
	h.refused(domain.RefuseRole, domain.Changed{}, second(h.s.RemindTask(ctx, h.act("head", c))))
	h.refused(domain.ErrNotFound, domain.Changed{}, second(h.s.RemindTask(ctx, h.act("curfar", c))))
	if got := h.must(h.s.RemindTask(ctx, h.act("cur", c))); got.Version != c.Version {
		t.Errorf("a reminder made version %d of %d", got.Version, c.Version)
	}
	var role, body, text string
	if err := h.conn.QueryRow(ctx, "SELECT to_role, to_agency, text FROM notices WHERE kind = 'reminder' AND case_id = $1", c.ID).Scan(&role, &body, &text); err != nil {
		t.Fatal(err)
	}
	if role != string(domain.RoleExecutor) || body != "min-roads" || !strings.Contains(text, "Егор Исполнитель") || !strings.Contains(text, c.Number) {
		t.Errorf("to %s of %s: %s", role, body, text)
	}
	if n := h.number("SELECT count(*) FROM case_history WHERE case_id = $1 AND what = 'reminder' AND who = 'cur' AND why = 'исполнителю'", c.ID); n != 1 {
		t.Errorf("%d lines of history", n)
	}
	h.now = h.now.Add(domain.ReminderGap - time.Minute)
	h.refused(domain.RefuseReminded, domain.Changed{}, second(h.s.RemindTask(ctx, h.act("cur", c))))
	h.now = h.now.Add(time.Minute)
	h.must(h.s.RemindTask(ctx, h.act("cur", c)))
	if n := h.number("SELECT count(*) FROM notices WHERE kind = 'reminder' AND case_id = $1", c.ID); n != 2 {
		t.Errorf("%d reminders", n)
	}
}

// A question from moderation: the case leaves it until the author answers.
func TestAskFromModeration(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := moderated(t, h.s, 901)
	asks := func(c domain.Case, text string) domain.AnalystAsks {
		return domain.AnalystAsks{Case: domain.CaseSeen{ID: c.ID, Version: c.Version}, By: domain.By{Who: "anna", At: h.now}, Text: text, Rules: domain.BodyRules{ClarifyDays: 2, Almanac: domain.Almanac{Zone: time.UTC}}}
	}
	if _, err := h.s.AskFromModeration(ctx, analyst(), asks(c, " ")); !errors.Is(err, domain.RefuseEmptyText) {
		t.Errorf("an empty question: %v", err)
	}
	asked := h.must(h.s.AskFromModeration(ctx, analyst(), asks(c, "Какой дом?")))
	if asked.State != domain.Clarifying || asked.CameFrom != domain.Moderation {
		t.Fatalf("asked: %+v", asked)
	}
	if _, err := h.s.AskFromModeration(ctx, analyst(), asks(c, "Какой дом?")); !errors.Is(err, domain.ErrStale) {
		t.Errorf("asked on an old version: %v", err)
	}
	back := h.must(h.s.AnswerToModeration(ctx, analyst(), asks(asked, "Двадцатый")))
	if back.State != domain.Moderation || h.number("SELECT count(*) FROM questions WHERE case_id = $1 AND result = 'answered' AND answer = 'Двадцатый'", c.ID) != 1 {
		t.Errorf("answered: %+v", back)
	}
	body := h.must(h.s.AskAuthor(ctx, h.act("exec", h.executed()), "Где?"))
	if _, err := h.s.AnswerToModeration(ctx, analyst(), asks(body, "там")); !errors.Is(err, domain.ErrNoMove) {
		t.Errorf("the question of a body was answered as the control centre's: %v", err)
	}
	silent := h.must(h.s.AskFromModeration(ctx, analyst(), asks(back, "А подъезд?")))
	if done, err := h.s.CloseSilence(ctx, silent.ID, h.now.AddDate(0, 0, 4)); err != nil || !done || seenCase(t, h.s, silent.ID).State != domain.Rejected {
		t.Errorf("after silence: %v, %v", done, err)
	}
}
