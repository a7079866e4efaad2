package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/worker"
)

// square is a wall where a citizen complained and the region answers: worker, pack
// and store are real, the platform only shows what it is told.
type square struct {
	*casesDesk
	w     *worker.Worker
	src   domain.Source
	clock *pagetest.Clock
	next  int
}

// neighbour wrote the post that began the case.
const neighbour = "500"

func newSquare(t *testing.T) *square {
	t.Helper()
	return newSquareIn(t, domain.Source{Region: casesRegion, Kind: domain.VKCallback, Address: "77", Title: "Двор"},
		domain.Post{ID: domain.NewPostID(domain.VK, "-77", "1"), Kind: domain.WallPost, Text: garbage, Author: domain.Author{ID: neighbour}})
}

func newSquareIn(t *testing.T, src domain.Source, complaint domain.Post) *square {
	t.Helper()
	s := &square{casesDesk: newCasesDesk(t), clock: &pagetest.Clock{T: pagetest.Noon()}, next: 100}
	follower, err := worker.NewFollower(t.Context(), packStore{s.store}, []string{casesRegion}, school, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.w = &worker.Worker{Store: s.store, Rules: follower, Clock: s.clock, Log: slog.New(slog.DiscardHandler)}
	s.src, err = s.store.AddSource(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	s.shows(complaint)
	return s
}

// shows lets the worker take posts as one batch.
func (s *square) shows(posts ...domain.Post) {
	s.t.Helper()
	b := domain.Batch{Source: s.src, State: domain.SourceActive, Cursor: json.RawMessage(`{}`)}
	for _, p := range posts {
		p.Region, p.SourceID = casesRegion, s.src.ID
		if p.PublishedAt.IsZero() {
			p.PublishedAt = s.clock.T
		}
		b.Posts = append(b.Posts, p)
	}
	if _, err := s.w.Take(s.t.Context(), b); err != nil {
		s.t.Fatal(err)
	}
}

// comment is the next one under the post; to is the comment it replies to, "" for none.
func (s *square) comment(from, to, text string) domain.Post {
	s.next++
	p := domain.Post{ID: domain.PostID{Platform: domain.VK, Owner: "-77", Post: "1", Comment: fmt.Sprint(s.next)}, Kind: domain.Comment,
		Thread: domain.NewPostID(domain.VK, "-77", "1"), Text: text, Author: domain.Author{ID: from}}
	if to != "" {
		p.ReplyTo = domain.PostID{Platform: domain.VK, Owner: "-77", Post: "1", Comment: to}
	}
	return p
}

// answers brings the case to an answer that stands under the post as a comment.
func (s *square) answers(text string) (comment string) {
	s.t.Helper()
	c := s.only()
	way := []domain.State{domain.Coordination, domain.Execution, domain.Approval, domain.Publishing}
	if c.State == domain.Coordination {
		way = way[1:]
	}
	for _, to := range way {
		var err error
		if c, err = s.store.MoveCase(s.t.Context(), domain.CaseMove{CaseID: c.ID, From: c.State, To: to, AgencyID: c.Proposed, Who: "kim", Why: "проверка", At: s.clock.T}); err != nil {
			s.t.Fatal(err)
		}
	}
	s.run(fmt.Sprintf(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		SELECT id, round, 'final', 'approved', '%s', 'solved', 'kim', 'head', now(), now(), now(), clock_timestamp() FROM cases`, text))
	_, err := s.store.PlanReplies(s.t.Context(), casesRegion, s.clock.T, 10, func(in domain.ReplyToPlan) domain.DeliveryPlan {
		return reply.Plan(in, everyWay())
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.delivered()
}

// everyWay is a region that may answer everywhere, from one community.
func everyWay() reply.Knowledge {
	return reply.Knowledge{Channels: func(domain.Platform, domain.Way) (bool, string) { return true, "" }, Words: bots.AnswerWords(),
		Speakers: []domain.Speaker{{Platform: domain.VK, Address: "700", Whole: true}, {Platform: domain.MAX, Address: "9", Whole: true}}}
}

// delivered lets what waits reach the platform, and gives its number there.
func (s *square) delivered() string {
	s.t.Helper()
	d, ok, err := s.store.ClaimDelivery(s.t.Context(), time.Minute)
	if err != nil || !ok {
		s.t.Fatal(ok, err)
	}
	s.next++
	end := domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: domain.Delivered, Message: fmt.Sprint(s.next), Reason: "sent"}
	if err := s.store.FinishDelivery(s.t.Context(), end, s.clock.T); err != nil {
		s.t.Fatal(err)
	}
	return end.Message
}

func (s *square) is(state domain.State, round int) domain.Case {
	s.t.Helper()
	c := s.only()
	if c.State != state || c.Round != round {
		s.t.Fatalf("%s, round %d: %s", c.State, c.Round, c.Reason)
	}
	return c
}

func (s *square) told(kind domain.NoticeKind, role domain.Role) int64 {
	return s.number(`SELECT count(*) FROM notices WHERE kind = $1 AND to_role = $2`, string(kind), string(role))
}

// silence is the calendar job that closes what nobody rated, a month later.
func (s *square) silence() {
	s.t.Helper()
	later := s.clock.T.AddDate(0, 1, 0)
	ids, err := s.store.Unrated(s.t.Context(), casesRegion, later.AddDate(0, 0, -7))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, id := range ids {
		if _, err := s.store.CloseUnrated(s.t.Context(), id, later.AddDate(0, 0, -7), later); err != nil {
			s.t.Fatal(err)
		}
	}
}

// «Не решено» of the author under the answer is a new round with its own registration;
// the first result stays counted, and thanks under the second end the case.
func TestAnObjectionUnderTheAnswer(t *testing.T) {
	s := newSquare(t)
	ours := s.answers("Мусор вывезен.")
	first := s.is(domain.Satisfaction, 1)
	s.clock.T = s.clock.T.Add(26 * time.Hour)
	s.shows(s.comment(neighbour, ours, "Не решено, контейнеры всё ещё полные"))
	c := s.is(domain.Reopened, 2)
	if !c.RegisteredAt.Equal(s.clock.T) || !c.Deadline.Due.After(first.Deadline.Due) || c.Posts != 2 {
		t.Errorf("registered %s, due %s (before: %s), %d posts", c.RegisteredAt, c.Deadline.Due, first.Deadline.Due, c.Posts)
	}
	if n := s.told(domain.NoticeObjected, domain.RoleController); n != 1 {
		t.Errorf("the controller heard %d times", n)
	}
	if n := s.number(`SELECT count(*) FROM case_rounds WHERE round = 1 AND outcome = 'solved' AND answered_at IS NOT NULL`); n != 1 {
		t.Error("the first result is lost")
	}
	s.as("controller", domain.Office{Role: domain.RoleController})
	want(t, s.Get(fmt.Sprintf("/case/%d", c.ID)), http.StatusOK, "Мусор вывезен.", "контейнеры всё ещё полные", "под ответом: не решено")

	ours = s.answers("Вывезли ещё раз, график изменён.")
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment(neighbour, ours, "Спасибо, всё вывезли!"))
	if c := s.is(domain.Done, 2); c.Closing != domain.AuthorSatisfied {
		t.Errorf("closed because %s", c.Closing)
	}
	// And who finds out later that it is not so.
	s.clock.T = s.clock.T.Add(30 * time.Hour)
	s.shows(s.comment(neighbour, "", "Опять так и не вывезли"))
	s.is(domain.Reopened, 3)
}

// What nobody can make out waits for a person, and silence does not close over it.
func TestAnUnclearCommentIsRead(t *testing.T) {
	s := newSquare(t)
	ours := s.answers("Мусор вывезен.")
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment(neighbour, ours, "Посмотрим завтра"), s.comment("501", ours, "Враньё"), s.comment("502", ours, "Сами там живите"))
	s.silence()
	c := s.is(domain.Satisfaction, 1)
	if s.told(domain.NoticeWrote, domain.RoleController) != 1 || s.told(domain.NoticeWrote, domain.RoleCoordinator) != 1 {
		t.Errorf("notices: %d to the controller, %d to the body", s.told(domain.NoticeWrote, domain.RoleController), s.told(domain.NoticeWrote, domain.RoleCoordinator))
	}
	s.as("anna", domain.Office{Role: domain.RoleAnalyst})
	if a := s.Get(fmt.Sprintf("/case/%d", c.ID)); a.Has("Ничего не решает") || !a.Has("под нашими словами пишет не автор") {
		t.Error("the analyst's card")
	}
	n, err := s.store.ForController(t.Context(), domain.Scope{Region: casesRegion, Whole: true, Restricted: true}, nil)
	if err != nil || n != 1 {
		t.Errorf("%d wait for the controller, %v", n, err)
	}
	s.as("controller", domain.Office{Role: domain.RoleController})
	want(t, s.Get(fmt.Sprintf("/case/%d", c.ID)), http.StatusOK, "Решает контролёр", "доволен ли он — неясно", "Ничего не решает", "Посмотрим завтра")
	form := version(c)
	want(t, s.part("POST", fmt.Sprintf("/case/%d/voice", c.ID), form), http.StatusUnprocessableEntity, "Выберите")
	form.Set("means", "nothing")
	s.part("POST", fmt.Sprintf("/case/%d/voice", c.ID), form)
	if c = s.is(domain.Satisfaction, 1); c.ForControl != "" {
		t.Errorf("still waits: %s", c.ForControl)
	}
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment(neighbour, ours, "Ну да"))
	s.silence()
	c = s.is(domain.Satisfaction, 1)
	s.part("POST", fmt.Sprintf("/case/%d/voice", c.ID), url.Values{"version": {fmt.Sprint(c.Version)}, "means": {"solved"}})
	if c = s.is(domain.Done, 1); c.Closing != domain.AuthorSatisfied || c.ForControl != "" {
		t.Errorf("closed because %s, %q", c.Closing, c.ForControl)
	}
}

// Strangers never decide, and become no authors by having been seen.
func TestStrangersDecideNothing(t *testing.T) {
	s := newSquare(t)
	ours := s.answers("Мусор вывезен.")
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment("501", ours, "Ничего не решено!"))
	s.shows(s.comment("501", "", "Не решено"), s.comment("501", ours, "Спасибо, всё сделали"))
	if c := s.is(domain.Satisfaction, 1); c.Posts != 3 {
		t.Errorf("%d posts", c.Posts)
	}
	early := s.comment(neighbour, "", "Так и не вывезли")
	early.PublishedAt = s.clock.T.Add(-3 * time.Hour) // read late: it was written before the answer
	s.shows(early)
	s.is(domain.Satisfaction, 1)
	s.shows(s.comment(neighbour, ours, "Ничего не сделали"))
	s.is(domain.Reopened, 2)
	ours = s.answers("Теперь вывезен.")
	s.shows(s.comment("501", ours, "Не решено"))
	s.is(domain.Satisfaction, 2)
	s.silence()
	if c := s.is(domain.Done, 2); c.Closing != domain.AuthorSilent || strings.Contains(c.ForControl, "неясно") {
		t.Errorf("closed because %s", c.Closing)
	}
}

// Whoever told of the same problem under an answer decides nothing about it; in the next
// round they are an author like the first.
func TestANeighbourIsAnAuthorInTheNextRound(t *testing.T) {
	s := newSquare(t)
	ours := s.answers("Мусор вывезен.")
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment("501", "", garbage))
	if c := s.is(domain.Satisfaction, 1); c.Posts != 2 {
		t.Fatalf("%d posts", c.Posts)
	}
	s.shows(s.comment("501", ours, "Не решено"))
	s.is(domain.Satisfaction, 1)
	s.shows(s.comment(neighbour, ours, "Ничего не сделали"))
	s.is(domain.Reopened, 2)
	ours = s.answers("Теперь вывезен.")
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment("501", ours, "Не решено"))
	s.is(domain.Reopened, 3)
}

// asks lets the body put a question under the post, and gives its number there.
func (s *square) asks() (comment string) {
	s.t.Helper()
	s.run(`UPDATE cases SET state = 'coordination', agency_id = proposed_agency, changed_by = 'kim', changed_why = 'проверка' WHERE state = 'moderation'`)
	s.run(`UPDATE cases SET state = 'execution', changed_by = 'kim', changed_why = 'проверка'`)
	c := s.only()
	roles := []domain.Role{domain.RoleCoordinator, domain.RoleExecutor, domain.RoleHead}
	act := domain.Act{Scope: domain.Scope{Region: casesRegion, Whole: true, Restricted: true}, CaseID: c.ID, Seen: c.Version, At: s.clock.T,
		Hand: domain.Hand{Login: "kim", Duties: []domain.Duty{{Login: "kim", Roles: roles, Body: c.AgencyID, Bodies: []string{c.AgencyID}}}},
		Rules: domain.BodyRules{ClarifyDays: 3, Almanac: s.pack.Almanac(), CheckReply: reply.Check,
			PlanQuestion: func(q domain.QuestionToPlan) domain.DeliveryPlan { return reply.PlanQuestion(q, everyWay()) }}}
	if _, err := s.store.AskAuthor(s.t.Context(), act, "Какой подъезд?"); err != nil {
		s.t.Fatal(err)
	}
	return s.delivered()
}

// A question under the author's post is answered by their comment under it: the case
// goes back to who asked. Others answer nothing.
func TestAPublicQuestionIsAnswered(t *testing.T) {
	s := newSquare(t)
	ours := s.asks()
	c := s.only()
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment("501", ours, "Враньё"))
	s.is(domain.Clarifying, 1)
	s.as("controller", domain.Office{Role: domain.RoleController})
	want(t, s.Get(fmt.Sprintf("/case/%d", c.ID)), http.StatusOK, "Какой подъезд?", "ВКонтакте, под сообщением", "доставлен", "под нашими словами пишет не автор")
	s.shows(s.comment(neighbour, ours, "Второй подъезд, со двора"))
	s.is(domain.Execution, 1)
	if n := s.number(`SELECT count(*) FROM questions WHERE result = 'answered' AND answer = 'Второй подъезд, со двора' AND answer_post_id IS NOT NULL`); n != 1 {
		t.Error("the answer is not kept with the question")
	}
	if n := s.told(domain.NoticeAnswered, domain.RoleCoordinator); n != 1 {
		t.Errorf("who asked heard %d times", n)
	}
}

// A danger told in reply to our answer is a case of its own at once; the answered one
// stays, and the controller reads the words.
func TestADangerUnderTheAnswerIsACaseOfItsOwn(t *testing.T) {
	s := newSquare(t)
	ours := s.answers("Мусор вывезен.")
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment(neighbour, ours, "Не решено, а во дворе оборвался провод, искрит и бьёт током, там дети!"))
	if n := s.number(`SELECT count(*) FROM cases WHERE urgent`); n != 1 {
		t.Fatalf("%d urgent cases of %d", n, s.number(`SELECT count(*) FROM cases`))
	}
	if n := s.number(`SELECT count(*) FROM cases WHERE state = 'satisfaction' AND round = 1 AND NOT urgent`); n != 1 {
		t.Error("the answered case has moved")
	}
	if n := s.number(`SELECT count(*) FROM notices n JOIN cases c ON c.id = n.case_id AND c.state = 'satisfaction' WHERE n.to_role = 'controller'`); n != 1 {
		t.Errorf("the controller heard %d times", n)
	}
}

// A danger told in reply to our question is a case of its own, and whoever asked reads
// the words: the asked case does not end as unanswered.
func TestADangerUnderAQuestionIsReadByWhoAsked(t *testing.T) {
	s := newSquare(t)
	ours := s.asks()
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment(neighbour, ours, "Второй подъезд, а во дворе оборвался провод, искрит и бьёт током, там дети!"))
	if n := s.number(`SELECT count(*) FROM cases WHERE urgent`); n != 1 {
		t.Fatalf("%d urgent cases of %d", n, s.number(`SELECT count(*) FROM cases`))
	}
	if n := s.number(`SELECT count(*) FROM cases c JOIN questions q ON q.case_id = c.id
		WHERE c.state = 'execution' AND NOT c.urgent AND q.result = 'answered' AND q.answer LIKE 'Второй подъезд%'`); n != 1 {
		t.Error("the asked case is not back with the words")
	}
	if n := s.number(`SELECT count(*) FROM notices WHERE kind = 'answered' AND to_role = 'coordinator' AND text LIKE '%об опасности%'`); n != 1 {
		t.Errorf("who asked heard %d times", n)
	}
	if n := s.told(domain.NoticeUrgent, domain.RoleDuty); n != 1 {
		t.Errorf("the duty person heard %d times", n)
	}
}
