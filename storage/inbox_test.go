package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the regions' zones on machines that have none

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// house is a database with people of two bodies, one above the other.
type house struct {
	t     *testing.T
	s     *storage.Store
	conn  *pgx.Conn
	users map[string]domain.User
	now   time.Time
	rules domain.BodyRules
	cases int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseOn(t, storagetest.DSN(t))
}

func newHouseOn(t *testing.T, dsn string) *house {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	tree := domain.NewTree([]domain.Agency{{ID: "min-roads"}, {ID: "roads-service", Parent: "min-roads"}, {ID: "town-hall"}})
	h := &house{t: t, s: storagetest.Open(t, dsn, storage.Options{}), conn: conn, users: map[string]domain.User{}, now: noon().Add(time.Hour),
		rules: domain.BodyRules{Almanac: domain.Almanac{Zone: zone, Calendar: domain.NewCalendar(map[int]domain.Year{2026: {}, 2027: {}})},
			Tree: tree, SendBackLimit: 2, ClarifyDays: 3}}
	h.person("coord", "Кира Координатор", domain.Office{Role: domain.RoleCoordinator, AgencyID: "min-roads"})
	h.person("exec", "Егор Исполнитель", domain.Office{Role: domain.RoleExecutor, AgencyID: "min-roads"})
	h.person("other", "Олег Исполнитель", domain.Office{Role: domain.RoleExecutor, AgencyID: "min-roads"})
	h.person("head", "Галина Глава", domain.Office{Role: domain.RoleHead, AgencyID: "min-roads"})
	h.person("below", "Борис Подведомственный", domain.Office{Role: domain.RoleCoordinator, AgencyID: "roads-service"})
	h.person("far", "Фёдор Чужой", domain.Office{Role: domain.RoleHead, AgencyID: "town-hall"})
	h.person("watch", "Вера Контролёр", domain.Office{Role: domain.RoleController})
	return h
}

// person enters somebody of the desk.
func (h *house) person(login, name string, offices ...domain.Office) {
	h.t.Helper()
	u := domain.User{Region: region, Login: login, Name: name, Active: true, Offices: offices}
	err := h.conn.QueryRow(h.t.Context(), `INSERT INTO users (region, login, name, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $4) RETURNING id`, region, login, name, noon()).Scan(&u.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, o := range offices {
		h.sql("INSERT INTO user_offices (user_id, role, agency_id) VALUES ($1, $2, $3)", u.ID, string(o.Role), o.AgencyID)
	}
	h.users[login] = u
}

func (h *house) sql(query string, args ...any) {
	h.t.Helper()
	if _, err := h.conn.Exec(h.t.Context(), query, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) number(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.conn.QueryRow(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// open commits a case that min-roads has, in coordination.
func (h *house) open() domain.Case {
	h.t.Helper()
	h.cases++
	src := addSource(h.t, h.s, fmt.Sprint("-", 7000+h.cases))
	b, judged := batchOf(src, "", judgedAs(post(h.cases, fmt.Sprint("Яма номер ", h.cases)), 3, fmt.Sprint("h", h.cases)))
	res := commit(h.t, h.s, b, judged)
	return seenCase(h.t, h.s, res.CaseIDs[0])
}

// scope is what somebody of a body sees.
func (h *house) scope(login string) domain.Scope {
	sc := domain.Scope{Region: region}
	for _, o := range h.users[login].Offices {
		if o.AgencyID == "" {
			return domain.Scope{Region: region, Whole: true}
		}
		sc.Agencies = append(sc.Agencies, h.rules.Tree.Under(o.AgencyID)...)
	}
	return sc
}

func (h *house) act(login string, c domain.Case) domain.Act {
	u := h.users[login]
	return domain.Act{Scope: h.scope(login), Hand: u.Hand(h.rules.Tree), UserID: u.ID, CaseID: c.ID, Seen: c.Version, At: h.now, Rules: h.rules}
}

// must is the case after a step that has to be possible.
func (h *house) must(done domain.Changed, err error) domain.Case {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return done.Case
}

func (h *house) refused(want error, done domain.Changed, err error) {
	h.t.Helper()
	if !errors.Is(err, want) {
		h.t.Errorf("got %v, %v; want %v", done.Case.State, err, want)
	}
}

func answer(text string) domain.Draft {
	return domain.Draft{Kind: domain.ReplyFinal, Outcome: domain.Solved, Text: text}
}

// executed is a case on the executor.
func (h *house) executed() domain.Case {
	h.t.Helper()
	return h.must(h.s.DistributeTask(h.t.Context(), h.act("coord", h.open()), h.users["exec"].ID))
}

func TestWayOfATask(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.must(h.s.AcceptTask(ctx, h.act("coord", h.open())))
	if c.State != domain.Execution || c.ExecutorID != 0 {
		t.Fatalf("accepted: %+v", c)
	}
	c = h.must(h.s.TakeTask(ctx, h.act("exec", c)))
	if c.ExecutorID != h.users["exec"].ID {
		t.Fatalf("taken: %+v", c)
	}
	v, err := h.s.SaveDraft(ctx, h.act("exec", c), domain.Draft{Kind: domain.ReplyFinal, Text: "Засы"})
	if err != nil || v == 0 {
		t.Fatalf("draft: %d, %v", v, err)
	}
	d := answer("Засыпали и заровняли")
	d.Seen = v
	c = h.must(h.s.SubmitTask(ctx, h.act("exec", c), d))
	h.refused(domain.RefuseRole, domain.Changed{}, second(h.s.ApproveTask(ctx, h.act("exec", c))))
	c = h.must(h.s.ReworkTask(ctx, h.act("head", c), "Назовите день"))
	f, err := h.s.BodyTask(ctx, h.scope("exec"), c.ID, h.rules)
	if err != nil || len(f.Replies) != 1 || f.Replies[0].State != "returned" || f.Replies[0].Remark != "Назовите день" || f.Executor != "Егор Исполнитель" {
		t.Fatalf("returned: %+v, %v", f.Replies, err)
	}
	d.Text, d.Seen = "Засыпали 23 ноября", f.Replies[0].Version
	c = h.must(h.s.SubmitTask(ctx, h.act("exec", c), d))
	c = h.must(h.s.ApproveTask(ctx, h.act("head", c)))
	if c.State != domain.Publishing {
		t.Errorf("approved: %s", c.State)
	}
	f, err = h.s.BodyTask(ctx, h.scope("head"), c.ID, h.rules)
	if err != nil || f.Replies[0].State != "approved" || f.Replies[0].Approver != "head" || f.Replies[0].Text != "Засыпали 23 ноября" {
		t.Errorf("approved: %+v, %v", f.Replies, err)
	}
	for _, want := range []string{"принято органом", "взято в работу", "на доработку: Назовите день", "согласовано: окончательный ответ"} {
		if !said(f.History, want) {
			t.Errorf("the history does not say %q: %+v", want, f.History)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func said(history []domain.CaseEvent, words string) bool {
	for _, e := range history {
		if strings.Contains(e.Why, words) {
			return true
		}
	}
	return false
}

func TestFourEyes(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.executed()
	v, err := h.s.SaveDraft(ctx, h.act("exec", c), answer("Сделаем"))
	if err != nil {
		t.Fatal(err)
	}
	// The head mends the text and gives it back to the executor: it is hers too.
	d := answer("Сделаем завтра")
	d.Seen = v
	if d.Seen, err = h.s.SaveDraft(ctx, h.act("head", c), d); err != nil {
		t.Fatal(err)
	}
	d.Text = "Сделаем завтра утром"
	c = h.must(h.s.SubmitTask(ctx, h.act("exec", c), d))
	h.refused(domain.RefuseOwnDraft, domain.Changed{}, second(h.s.ApproveTask(ctx, h.act("head", c))))

	alone := h.rules
	alone.NoApproval = func(body string) bool { return body == "min-roads" }
	act := h.act("exec", h.executed())
	act.Rules = alone
	done, err := h.s.SubmitTask(ctx, act, answer("Сделано"))
	if err != nil || done.Case.State != domain.Publishing {
		t.Errorf("a body that needs no approval: %s, %v", done.Case.State, err)
	}
}

func TestRefusedOutOfScopeAndRole(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.open()
	h.refused(domain.ErrNotFound, domain.Changed{}, second(h.s.AcceptTask(ctx, h.act("far", c))))
	h.refused(domain.RefuseRole, domain.Changed{}, second(h.s.AcceptTask(ctx, h.act("exec", c))))
	nothing := h.act("coord", c)
	nothing.Scope = domain.Scope{}
	h.refused(domain.ErrNotFound, domain.Changed{}, second(h.s.AcceptTask(ctx, nothing)))
	h.refused(domain.RefuseStranger, domain.Changed{}, second(h.s.DistributeTask(ctx, h.act("coord", c), h.users["far"].ID)))
	h.refused(domain.RefuseStranger, domain.Changed{}, second(h.s.DistributeTask(ctx, h.act("coord", c), h.users["watch"].ID)))
	if got := seenCase(t, h.s, c.ID); got.Version != c.Version {
		t.Errorf("a refusal changed the case: %+v", got)
	}
}

// Two executors press «Взять себе» at once: one gets the task, the other is told
// who has it. Nobody's work is overwritten.
func TestTwoExecutorsTakeOneTask(t *testing.T) {
	h := newHouse(t)
	for range 10 {
		c := h.must(h.s.AcceptTask(t.Context(), h.act("coord", h.open())))
		errs := together(
			func() error { return second(h.s.TakeTask(context.Background(), h.act("exec", c))) },
			func() error { return second(h.s.TakeTask(context.Background(), h.act("other", c))) })
		won := 0
		for _, err := range errs {
			var stale *domain.Stale
			switch {
			case err == nil:
				won++
			case !errors.As(err, &stale) || stale.Who == "" || !strings.Contains(stale.Why, "взято в работу"):
				t.Errorf("the loser reads %v", err)
			}
		}
		if won != 1 {
			t.Fatalf("%d of two have the task: %v", won, errs)
		}
	}
}

// The head approves while somebody else returns the answer: one decision counts.
func TestApproveWhileReturned(t *testing.T) {
	h := newHouse(t)
	h.person("head2", "Павел Второй", domain.Office{Role: domain.RoleHead, AgencyID: "min-roads"})
	for range 10 {
		c := h.must(h.s.SubmitTask(t.Context(), h.act("exec", h.executed()), answer("Сделано")))
		errs := together(
			func() error { return second(h.s.ApproveTask(context.Background(), h.act("head", c))) },
			func() error { return second(h.s.ReworkTask(context.Background(), h.act("head2", c), "не то")) })
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("both or neither decided: %v", errs)
		}
		got := seenCase(t, h.s, c.ID)
		replies := h.number("SELECT count(*) FROM replies WHERE case_id = $1 AND state = $2", c.ID,
			map[domain.State]string{domain.Publishing: "approved", domain.Execution: "returned"}[got.State])
		if replies != 1 {
			t.Errorf("the case is %s and its answer is not", got.State)
		}
	}
}

func together(fns ...func() error) []error {
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = fn() })
	}
	wg.Wait()
	return errs
}

func TestDraftsAreNotOverwritten(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.executed()
	v, err := h.s.SaveDraft(ctx, h.act("exec", c), answer("первый"))
	if err != nil {
		t.Fatal(err)
	}
	mine, theirs := answer("второй"), answer("третий")
	mine.Seen, theirs.Seen = v, v
	if _, err := h.s.SaveDraft(ctx, h.act("coord", c), mine); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.SaveDraft(ctx, h.act("exec", c), theirs); !errors.Is(err, domain.RefuseDraftChanged) {
		t.Errorf("over a colleague's words: %v", err)
	}
	fresh := answer("четвёртый") // of a page that saw no draft
	if _, err := h.s.SaveDraft(ctx, h.act("exec", c), fresh); !errors.Is(err, domain.RefuseDraftChanged) {
		t.Errorf("over a draft not seen: %v", err)
	}
	h.refused(domain.RefuseDraftChanged, domain.Changed{}, second(h.s.SubmitTask(ctx, h.act("exec", c), theirs)))
	empty := answer(" ")
	h.refused(domain.RefuseEmptyText, domain.Changed{}, second(h.s.SubmitTask(ctx, h.act("exec", c), empty)))
	undecided := domain.Draft{Kind: domain.ReplyFinal, Text: "Сделано"}
	h.refused(domain.RefuseNoOutcome, domain.Changed{}, second(h.s.SubmitTask(ctx, h.act("exec", c), undecided)))
}

// An interim answer goes out, the final one is still due.
func TestInterimAnswer(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.must(h.s.SubmitTask(ctx, h.act("exec", h.executed()), domain.Draft{Kind: domain.ReplyInterim, Text: "Заказали асфальт"}))
	c = h.must(h.s.ApproveTask(ctx, h.act("head", c)))
	h.refused(domain.RefuseNoProof, domain.Changed{}, second(h.s.PublishInterim(ctx, h.act("exec", c), "опубликовано")))
	c = h.must(h.s.PublishInterim(ctx, h.act("exec", c), "https://vk.ru/wall-1_2"))
	if c.State != domain.Execution || !c.ReactionAt.Equal(h.now) || !c.AnsweredAt.IsZero() {
		t.Errorf("after an interim answer: %+v", c)
	}
	c = h.must(h.s.SubmitTask(ctx, h.act("exec", c), answer("Положили асфальт")))
	if c.State != domain.Approval {
		t.Errorf("the final answer: %s", c.State)
	}
}

func TestUndoOfAStep(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.open()
	done, err := h.s.DistributeTask(ctx, h.act("coord", c), h.users["exec"].ID)
	if err != nil || done.UndoID == 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	words, err := h.s.UndoTask(ctx, h.scope("coord"), done.UndoID, "coord", h.now)
	if err != nil || !strings.Contains(words, "Егор Исполнитель") {
		t.Fatalf("%q, %v", words, err)
	}
	if got := seenCase(t, h.s, c.ID); got.State != domain.Coordination || got.ExecutorID != 0 {
		t.Errorf("taken back: %+v", got)
	}
}

// What is asked or told in the last of many posts counts in the check of an answer.
func TestAnAnswerIsCheckedAgainstEveryPost(t *testing.T) {
	h := newHouse(t)
	c := h.open()
	var seen domain.ReplyToCheck
	h.rules.CheckReply = func(r domain.ReplyToCheck) []domain.ReplyFault { seen = r; return nil }
	src := addSource(t, h.s, "-7900")
	var more []domain.Judged
	for n := range 260 {
		p := post(5000+n, fmt.Sprint("И у нас яма номер ", n))
		if n == 259 {
			p.Kind, p.Text = domain.Message, "Мой телефон +7 924 111-22-33"
		}
		more = append(more, judgedAs(p, 3, "h1"))
	}
	b, judged := batchOf(src, "", more...)
	commit(t, h.s, b, judged)
	c = seenCase(t, h.s, c.ID)
	if c.Posts != 261 {
		t.Fatalf("the case has %d posts", c.Posts)
	}
	c = h.must(h.s.AcceptTask(t.Context(), h.act("coord", c)))
	c = h.must(h.s.TakeTask(t.Context(), h.act("exec", c)))
	h.must(h.s.SubmitTask(t.Context(), h.act("exec", c), answer("Яму засыпали")))
	if len(seen.Authors) != 261 || !slices.ContainsFunc(seen.Authors, func(text string) bool { return strings.Contains(text, "924 111") }) || !seen.Public {
		t.Fatalf("checked against %d posts, public %v", len(seen.Authors), seen.Public)
	}
}

// What one author alone reads may hold what is theirs; what several read is public,
// though each reads it in private.
func TestAnAnswerToSeveralIsPublic(t *testing.T) {
	for name, c := range map[string]struct {
		authors []string
		public  bool
	}{"one": {[]string{"10", "10"}, false}, "two": {[]string{"10", "11"}, true}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			var seen domain.ReplyToCheck
			h.rules.CheckReply = func(r domain.ReplyToCheck) []domain.ReplyFault { seen = r; return nil }
			src := addSource(t, h.s, "-7950")
			var said []domain.Judged
			for n, author := range c.authors {
				p := post(6000+n, "Яма у дома")
				p.Kind, p.Author.ID = domain.Message, author
				said = append(said, judgedAs(p, 3, "two"))
			}
			b, judged := batchOf(src, "", said...)
			made := seenCase(t, h.s, commit(t, h.s, b, judged).CaseIDs[0])
			made = h.must(h.s.AcceptTask(t.Context(), h.act("coord", made)))
			made = h.must(h.s.TakeTask(t.Context(), h.act("exec", made)))
			h.must(h.s.SubmitTask(t.Context(), h.act("exec", made), answer("Яму засыпали")))
			if len(seen.Authors) != 2 || seen.Public != c.public {
				t.Errorf("checked as public: %v, against %d posts", seen.Public, len(seen.Authors))
			}
		})
	}
}
