package deadline_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// body is what people of a body do, without the desk: their rules are tested
// with storage.
type body struct {
	*world
	user int64
	sc   domain.Scope
}

func newBody(t *testing.T) *body {
	t.Helper()
	b := &body{world: newWorld(t), sc: domain.Scope{Region: "khabarovsk", Whole: true}}
	b.scan(&b.user, `INSERT INTO users (region, login, name, created_at, updated_at) VALUES ('khabarovsk', 'exec', 'Егор', now(), now()) RETURNING id`)
	b.sql("INSERT INTO user_offices (user_id, role, agency_id) VALUES ($1, 'executor', 'min-roads'), ($1, 'coordinator', 'min-roads')", b.user)
	return b
}

func (b *body) act(c domain.Case) domain.Act {
	u := domain.User{ID: b.user, Login: "exec", Offices: []domain.Office{{Role: domain.RoleExecutor, AgencyID: "min-roads"},
		{Role: domain.RoleCoordinator, AgencyID: "min-roads"}}}
	tree := domain.NewTree([]domain.Agency{{ID: "min-roads"}})
	return domain.Act{Scope: b.sc, Hand: u.Hand(tree), UserID: b.user, CaseID: c.ID, Seen: c.Version, At: b.clock.Now(),
		Rules: domain.BodyRules{Almanac: almanac("khabarovsk"), Tree: tree, SendBackLimit: 2, ClarifyDays: 3}}
}

func (b *body) taken() domain.Case {
	b.t.Helper()
	done, err := b.store.TakeTask(b.t.Context(), b.act(b.open("khabarovsk", "min-roads")))
	if err != nil {
		b.t.Fatal(err)
	}
	return done.Case
}

// say lists notices of a kind as "time role text".
func (b *body) saidOf(kind domain.NoticeKind) []string {
	var out []string
	for _, n := range b.notices("khabarovsk") {
		if n.Kind == kind {
			out = append(out, n.At.Format("2006-01-02T15:04")+" "+n.ToRole+" "+n.Text)
		}
	}
	return out
}

// Asked on Monday: the author has until the end of Thursday, then the case is
// back in work with the same due (R8), and the coordinator is told once.
func TestSilenceEndsAQuestion(t *testing.T) {
	b := newBody(t)
	done, err := b.store.AskAuthor(t.Context(), b.act(b.taken()), "Какой подъезд?")
	if err != nil {
		t.Fatal(err)
	}
	b.walk(b.runner(b.store), "2026-11-26T13:00:00Z", "2026-11-26T13:59:00Z", 10*time.Minute)
	if got := b.reload(done.Case.ID); got.State != domain.Clarifying {
		t.Fatalf("before the end of Thursday: %s", got.State)
	}
	b.walk(b.runner(b.store), "2026-11-26T14:00:00Z", "2026-11-26T16:00:00Z", 10*time.Minute)
	got := b.reload(done.Case.ID)
	if got.State != domain.Execution || !got.Deadline.Due.Equal(done.Case.Deadline.Due) {
		t.Errorf("after it: %s, due %s", got.State, got.Deadline.Due)
	}
	if said := b.saidOf(domain.NoticeSilent); len(said) != 1 || !strings.HasPrefix(said[0], "2026-11-26T14:00 coordinator") {
		t.Errorf("said %v", said)
	}
	if said := b.saidOf(domain.NoticeStillAsked); len(said) != 1 || !strings.HasPrefix(said[0], "2026-11-26T13:00 coordinator") || !strings.Contains(said[0], "до 26.11.2026 включительно") {
		t.Errorf("said before it %v", said)
	}
}

// A day before the silence ends whoever asked in the open hears of it, once; not where
// the bot reminds the author, nor of a question that has not come yet.
func TestWhoAskedHearsBeforeTheSilenceEnds(t *testing.T) {
	b := newBody(t)
	ask := func(delivered string) domain.Case {
		done, err := b.store.AskAuthor(t.Context(), b.act(b.taken()), "Какой подъезд?")
		if err != nil {
			t.Fatal(err)
		}
		if delivered == "" {
			b.sql("UPDATE questions SET delivered_at = NULL WHERE case_id = $1", done.Case.ID)
		}
		return done.Case
	}
	open, private, _ := ask("open"), ask("private"), ask("")
	b.sql(`INSERT INTO dialogs (region, platform, owner, chat_key, created_at, updated_at) VALUES ('khabarovsk', 'vk', '-1', sha256('1'), now(), now())`)
	b.sql(`INSERT INTO deliveries (key, region, kind, case_id, question_id, dialog_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, main, repeatable,
			why, state, attempts, first_tried_at, tried_at, platform_id, created_at, over_at)
		SELECT 'bot:1', 'khabarovsk', 'bot', case_id, id, 1, 'vk', 'dialog', '1', '-1', 'x', '0', 'c', 't', 0, 'Какой подъезд?', false, true, 'case', 'delivered', 1, now(), now(), '77', now(), now()
		  FROM questions WHERE case_id = $1`, private.ID)
	b.walk(b.runner(b.store), "2026-11-25T13:30:00Z", "2026-11-25T13:50:00Z", 10*time.Minute)
	if said := b.saidOf(domain.NoticeStillAsked); len(said) != 0 {
		t.Fatalf("too early: %v", said)
	}
	b.walk(b.runner(b.store), "2026-11-25T14:00:00Z", "2026-11-25T16:00:00Z", 10*time.Minute)
	if said := b.saidOf(domain.NoticeStillAsked); len(said) != 1 || !strings.HasPrefix(said[0], "2026-11-25T14:00 coordinator") || !strings.Contains(said[0], open.Number) {
		t.Errorf("said %v", said)
	}
	if got := b.reload(open.ID); got.State != domain.Clarifying {
		t.Errorf("the case moved: %s", got.State)
	}
}

// proposes is a case whose answer stands, with a correction that waits.
func (b *body) proposes(at time.Time) domain.Case {
	b.t.Helper()
	c := b.taken()
	for _, to := range []domain.State{domain.Approval, domain.Publishing, domain.Satisfaction} {
		b.sql(`UPDATE cases SET state = $2, outcome = CASE WHEN $2 = 'satisfaction' THEN 'solved' ELSE outcome END, changed_by = 'exec', updated_at = $3 WHERE id = $1`, c.ID, string(to), at)
	}
	b.sql(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at, published_at)
		VALUES ($1, 1, 'final', 'published', 'Засыпали', 'solved', 'exec', 'head', $2, $2, $2, $2, $2)`, c.ID, at)
	b.sql(`INSERT INTO correction_proposals (region, case_id, reply_id, round, agency_id, text, why, author, at)
		SELECT 'khabarovsk', case_id, id, 1, 'min-roads', 'Засыпали 20 ноября', 'день', 'exec', $2 FROM replies WHERE case_id = $1`, c.ID, at)
	return c
}

// A correction that nobody decides about is told again to the heads and to whoever
// proposed it: after a day, on the mornings of working days, once each. One that nobody
// can decide any more ends, with a word.
func TestACorrectionThatNobodyDecidesIsToldAgain(t *testing.T) {
	b := newBody(t)
	b.walk(b.runner(b.store), "2026-11-26T22:00:00Z", "2026-11-26T22:10:00Z", 10*time.Minute) // the first start: nothing is caught up
	waits, lost := b.proposes(at("2026-11-26T23:00:00Z")), b.proposes(at("2026-11-26T23:00:00Z"))
	b.sql(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at, published_at)
		VALUES ($1, 1, 'interim', 'published', 'Ещё раз', '', 'exec', 'head', $2, $2, $2, $2, $2)`, lost.ID, at("2026-11-27T05:00:00Z"))
	said := func(kind domain.NoticeKind, c domain.Case) (out []string) {
		for _, s := range b.saidOf(kind) {
			if strings.Contains(s, c.Number) {
				out = append(out, s)
			}
		}
		return out
	}
	// Friday morning comes too early, then Saturday and Sunday; Monday and Tuesday speak.
	b.walk(b.runner(b.store), "2026-11-26T22:20:00Z", "2026-11-29T22:00:00Z", time.Hour)
	if got := append(said(domain.NoticeApproval, waits), said(domain.NoticeRework, lost)...); len(got) != 0 {
		t.Fatalf("too early: %v", got)
	}
	b.walk(b.runner(b.store), "2026-11-29T22:30:00Z", "2026-11-30T23:30:00Z", 30*time.Minute)
	got := said(domain.NoticeApproval, waits)
	if len(got) != 4 || !strings.HasPrefix(got[0], "2026-11-29T22:30 ") || !strings.Contains(strings.Join(got, "|"), "head Инцидент") || !strings.Contains(strings.Join(got, "|"), "person:exec Инцидент") ||
		!strings.Contains(strings.Join(got, "|"), "с 27.11.2026") {
		t.Errorf("said %q", got)
	}
	if got := said(domain.NoticeRework, lost); len(got) != 1 || !strings.Contains(got[0], "person:exec") || len(said(domain.NoticeApproval, lost)) != 0 {
		t.Errorf("of the one that nobody can decide: %q", got)
	}
	var state string
	if b.scan(&state, "SELECT string_agg(state, ' ' ORDER BY id) FROM correction_proposals"); state != "open stale" {
		t.Errorf("they are %s", state)
	}
}

// answeredAt lets a case be answered at an instant.
func (b *body) answeredAt(moment string) domain.Case {
	c := b.taken()
	b.sql("UPDATE cases SET state = 'approval', changed_by = 'x', changed_why = 'x', updated_at = $2 WHERE id = $1", c.ID, at(moment))
	b.sql("UPDATE cases SET state = 'publishing', changed_by = 'x', changed_why = 'x', updated_at = $2 WHERE id = $1", c.ID, at(moment))
	b.sql("UPDATE cases SET state = 'satisfaction', outcome = 'solved', changed_by = 'x', changed_why = 'x', updated_at = $2 WHERE id = $1", c.ID, at(moment))
	return c
}

// Answered on Monday, seven days to rate: on the eighth local day the case is
// done with that reason. One answered later, and one that nobody answered, stay.
func TestSilenceAfterTheAnswerClosesTheCase(t *testing.T) {
	b := newBody(t)
	first, later, open := b.answeredAt("2026-11-23T05:00:00Z"), b.answeredAt("2026-11-24T05:00:00Z"), b.taken()
	b.walk(b.runner(b.store), "2026-11-30T13:40:00Z", "2026-11-30T13:50:00Z", 10*time.Minute)
	if got := b.reload(first.ID); got.State != domain.Satisfaction {
		t.Fatalf("before the end of the seventh day: %s", got.State)
	}
	b.walk(b.runner(b.store), "2026-11-30T14:00:00Z", "2026-11-30T14:10:00Z", 10*time.Minute)
	if got := b.reload(first.ID); got.State != domain.Done || got.Closing != domain.AuthorSilent || got.ClosedAt.IsZero() {
		t.Errorf("after it: %+v", got)
	}
	if got := b.reload(later.ID); got.State != domain.Satisfaction {
		t.Errorf("answered a day later: %s", got.State)
	}
	if got := b.reload(open.ID); got.State != domain.Execution {
		t.Errorf("not answered: %s", got.State)
	}
}

// Two workers look at the same moment: each case is changed once.
func TestSilenceEndsOnceWithTwoWorkers(t *testing.T) {
	b := newBody(t)
	for range 5 {
		if _, err := b.store.AskAuthor(t.Context(), b.act(b.taken()), "Где?"); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.set(at("2026-11-26T14:00:00Z"))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 3 {
				if err := b.runner(b.store).Tick(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var n int
	b.scan(&n, "SELECT count(*) FROM case_history WHERE what = 'moved' AND from_state = 'clarifying'")
	if said := b.saidOf(domain.NoticeSilent); n != 5 || len(said) != 5 {
		t.Errorf("%d moves, %d notices", n, len(said))
	}
}

// A deferral that the controller has left until the due is refused by that (R7).
func TestDeferralLapsesAtTheDue(t *testing.T) {
	b := newBody(t)
	c := b.taken()
	b.sql("INSERT INTO deferrals (case_id, round, asked_by, asked_at, reason, until, old_due, notice) VALUES ($1, 1, 'exec', $2, 'подрядчик', '2026-12-20', $3, 'ждите')",
		c.ID, b.clock.Now(), c.Deadline.Due)
	due := c.Deadline.Due.Format(time.RFC3339)
	b.walk(b.runner(b.store), c.Deadline.Due.Add(-time.Hour).Format(time.RFC3339), c.Deadline.Due.Add(-time.Minute).Format(time.RFC3339), 10*time.Minute)
	if said := b.saidOf(domain.NoticeLapsed); len(said) != 0 {
		t.Fatalf("too early: %v", said)
	}
	b.walk(b.runner(b.store), due, c.Deadline.Due.Add(time.Hour).Format(time.RFC3339), 10*time.Minute)
	var decision string
	b.scan(&decision, "SELECT decision || ', ' || why FROM deferrals WHERE case_id = $1", c.ID)
	if said := b.saidOf(domain.NoticeLapsed); decision != "refused, не рассмотрено до окончания срока" || len(said) != 1 {
		t.Errorf("%s, said %v", decision, said)
	}
}

// Away from Tuesday to Wednesday, local days: the coordinator and the deputy are
// told in the first hour of the first day, the person in the first hour after.
func TestAbsencesTurnWithTheLocalDay(t *testing.T) {
	b := newBody(t)
	b.taken()
	var deputy int64
	b.scan(&deputy, `INSERT INTO users (region, login, name, created_at, updated_at) VALUES ('khabarovsk', 'other', 'Олег', now(), now()) RETURNING id`)
	b.sql("INSERT INTO user_offices (user_id, role, agency_id) VALUES ($1, 'executor', 'min-roads')", deputy)
	b.sql("INSERT INTO absences (user_id, first_day, last_day, deputy_id, entered_by, entered_at) VALUES ($1, '2026-11-24', '2026-11-25', $2, 'exec', now())", b.user, deputy)
	b.walk(b.runner(b.store), "2026-11-23T13:00:00Z", "2026-11-25T15:00:00Z", 30*time.Minute)
	got := b.saidOf(domain.NoticeAbsence)
	want := []string{
		"2026-11-23T14:00 coordinator Егор отсутствует по 25.11.2026. Замещает: Олег. Поручений на этом человеке: 1.",
		"2026-11-23T14:00 person:other Егор отсутствует по 25.11.2026. Замещает: Олег. Поручений на этом человеке: 1.",
		"2026-11-25T14:00 person:exec Егор: пока вас не было, в ваших поручениях ничего не изменилось.",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, job := range []string{"absences", "questions", "deferrals"} {
		if b.runs(job, "khabarovsk") == 0 {
			t.Errorf("job %s left no run", job)
		}
	}
}

// Everything was down for the whole absence: nobody is told of days that are over.
func TestAbsenceMissedWhole(t *testing.T) {
	b := newBody(t)
	b.sql("INSERT INTO absences (user_id, first_day, last_day, entered_by, entered_at) VALUES ($1, '2026-11-24', '2026-11-25', 'exec', now())", b.user)
	b.walk(b.runner(b.store), "2026-11-27T00:00:00Z", "2026-11-27T01:00:00Z", 10*time.Minute)
	if said := b.saidOf(domain.NoticeAbsence); len(said) != 0 {
		t.Errorf("said %v", said)
	}
	var ended bool
	b.scan(&ended, "SELECT ended_at IS NOT NULL FROM absences")
	if !ended {
		t.Error("it will be looked at for ever")
	}
}
