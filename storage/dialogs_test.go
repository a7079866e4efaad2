package storage_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// chat is a citizen's conversation with the bot of a community.
type chat struct {
	t    *testing.T
	s    *storage.Store
	conn *pgx.Conn
	src  domain.Source
	bot  *bots.Bot
	keys *bots.Keys
	now  time.Time
	no   int

	verdict func(text string) domain.Verdict // nil: a pothole, whatever is said
	decide  domain.Decide                    // nil: route
}

const peer = "5550123"

func newChat(t *testing.T) *chat {
	t.Helper()
	dsn := storagetest.DSN(t)
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	keys, err := bots.NewKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	c := &chat{t: t, conn: conn, s: storagetest.Open(t, dsn, storage.Options{}), keys: keys, now: noon()}
	c.bot = bots.New(bots.Facts{Name: "Хабаровский край", Center: "ЦУР", SatisfactionDays: 7,
		Municipalities: []bots.Municipality{{ID: "khv", Name: "город Хабаровск"}}, BodyName: func(id string) string { return id },
		Redue: func(_ domain.Case, at time.Time) domain.Deadline {
			return domain.Deadline{Days: 10, Due: at.AddDate(0, 0, 10), Control: at.AddDate(0, 0, 10), Reason: "новый круг"}
		}})
	c.src, err = c.s.AddSource(t.Context(), domain.Source{Region: region, Kind: domain.VKCallback, Address: "100", NextPollAt: noon()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// private is the next message of the citizen.
func (c *chat) private(text, press string) domain.Post {
	c.no++
	p := post(c.no, text)
	p.ID.Post, p.Kind, p.PublishedAt = fmt.Sprintf("dialog:%s:%d", peer, c.no), domain.Message, c.now
	p.Private = &domain.Private{Chat: peer, Press: press}
	return p
}

// hear commits messages as the worker does.
func (c *chat) hear(posts ...domain.Post) domain.CommitResult {
	c.t.Helper()
	var judged []domain.Judged
	for _, p := range posts {
		c.keys.Mark(&p)
		j := judgedAs(p, 3, fmt.Sprint("copy:", c.no), "talk:"+p.ID.String())
		if c.verdict != nil {
			j.Verdict = c.verdict(p.Text)
		}
		judged = append(judged, j)
	}
	decide := c.decide
	if decide == nil {
		decide = route
	}
	b, judged := batchOf(c.src, "", judged...)
	b.Talk = c.bot
	res, err := c.s.Commit(c.t.Context(), c.now, b, judged, decide)
	if err != nil {
		c.t.Fatal(err)
	}
	return res
}

func (c *chat) say(text string) domain.CommitResult   { return c.hear(c.private(text, "")) }
func (c *chat) press(what string) domain.CommitResult { return c.hear(c.private("кнопка", what)) }

func (c *chat) agree() { c.press("yes:" + bots.ConsentVersion) }

// rows reads one text column.
func (c *chat) rows(query string, args ...any) []string {
	c.t.Helper()
	rows, err := c.conn.Query(c.t.Context(), query, args...)
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return out
}

// words are what the bot has said, the oldest first.
func (c *chat) words() []string {
	return c.rows(`SELECT text FROM deliveries WHERE kind = 'bot' ORDER BY id`)
}

func (c *chat) last() string {
	all := c.words()
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// holds counts rows of the whole database that hold a text.
func (c *chat) holds(text string) (found []string) {
	for _, table := range c.rows(`SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname = current_schema() AND c.relname NOT LIKE 'pack%'`) {
		n := c.rows(`SELECT count(*)::text FROM `+table+` t WHERE position($1::text IN t::text) > 0`, text)
		if n[0] != "0" {
			found = append(found, table)
		}
	}
	return found
}

func TestNothingIsKeptBeforeConsent(t *testing.T) {
	c := newChat(t)
	c.say("На Ленина нет воды третий день")
	if found := c.holds(peer); found != nil {
		t.Errorf("the chat is named in %v", found)
	}
	if found := append(c.holds("Ленина нет воды"), c.holds("Житель")...); found != nil {
		t.Errorf("words or name kept in %v", found)
	}
	if got := c.words(); len(got) != 2 || !strings.Contains(got[1], "Согласие на обработку") {
		t.Fatalf("said %q", got)
	}
}

func TestConsentThenNumber(t *testing.T) {
	c := newChat(t)
	first := c.private("На Ленина нет воды третий день", "")
	c.hear(first)
	yes := c.private("Согласен", "yes:"+bots.ConsentVersion)
	yes.Private.Recalled = true
	res := c.hear(yes, first) // what was written before is read again
	if res.Opened != 1 {
		t.Fatalf("opened %d", res.Opened)
	}
	number := c.rows(`SELECT number FROM cases`)[0]
	if !strings.Contains(c.last(), number) {
		t.Errorf("last words: %q", c.last())
	}
	said := len(c.words())
	if again := c.hear(first, yes, first); again.Opened+again.Stored+again.Changed != 0 || len(c.words()) != said {
		t.Errorf("a replay did %+v and said %q", again, c.words()[said:])
	}
	if got := c.rows(`SELECT what || ' ' || version FROM consents`); len(got) != 1 || got[0] != "given "+bots.ConsentVersion {
		t.Errorf("consents %v", got)
	}
}

// A photo and a place on the map say what happened as well as words: a number, and
// both are kept with the post.
func TestAPlaceAndAPhotoAreAMessage(t *testing.T) {
	c := newChat(t)
	c.agree()
	shown := c.private("", "")
	shown.Geo = &domain.Geo{Lat: 48.4808, Lon: 135.0719}
	shown.Attachments = []domain.Attachment{{Type: "photo", URL: "https://example.ru/photo.jpg"}}
	if res := c.hear(shown); res.Opened != 1 || !strings.Contains(c.last(), "зарегистрировано, номер ") {
		t.Fatalf("opened %d, said %q", res.Opened, c.last())
	}
	f, err := c.s.Post(t.Context(), shown.ID)
	if err != nil || f.Post.Geo == nil || *f.Post.Geo != *shown.Geo || len(f.Post.Attachments) != 1 {
		t.Errorf("kept: %+v, %v", f.Post, err)
	}
	c.press("sure:erase")
	if left := c.rows(`SELECT count(*)::text FROM posts WHERE lat IS NOT NULL OR attachments IS NOT NULL`); left[0] != "0" {
		t.Error("erasing left the place")
	}
}

func TestEditsOfAPostAndOfACommand(t *testing.T) {
	c := newChat(t)
	c.agree()
	p := c.private("На Ленина нет воды", "")
	c.hear(p)
	p.Text, p.EditedAt = "На Ленина, 5 нет воды", c.now.Add(time.Minute)
	if res := c.hear(p); res.Changed != 1 || !strings.Contains(c.last(), "Исправление увидели") {
		t.Errorf("edit: %+v, %q", res, c.last())
	}
	said := len(c.words())
	command := c.private("статус", "")
	c.hear(command)
	command.Text, command.EditedAt = "стату", c.now.Add(time.Minute)
	if res := c.hear(command); res.Stored+res.Changed != 0 || len(c.words()) != said+1 {
		t.Errorf("edited command: %+v, %q", res, c.words()[said:])
	}
}

// Edits are counted like messages, by the minute and by the hour: each is judged
// and answered like one.
func TestEditsAreCountedByTheFloodLimits(t *testing.T) {
	c := newChat(t)
	c.agree()
	p := c.private("На Ленина нет воды", "")
	c.hear(p)
	edits := func(n int) (changed int) {
		for i := range n {
			p.Text, p.EditedAt = fmt.Sprintf("На Ленина, %d нет воды (%s)", i, c.now.Format(time.TimeOnly)), c.now.Add(time.Duration(i)*time.Millisecond)
			changed += c.hear(p).Changed
		}
		return changed
	}
	const counted = `SELECT heard || ' ' || taken FROM dialogs`
	edits(1)
	before := c.rows(counted)[0]
	c.hear(p) // a replay is no edit
	if after := c.rows(counted)[0]; after != before {
		t.Errorf("a replay was counted: %s, %s", before, after)
	}
	if n := edits(100); n >= 20 {
		t.Errorf("%d edits of one minute were taken", n)
	}
	if !strings.Contains(c.last(), "Слишком много сообщений подряд") {
		t.Errorf("said %q", c.last())
	}
	said, all := len(c.words()), 0
	for range 5 {
		c.now = c.now.Add(time.Minute)
		all += edits(15)
	}
	if all > 30 || !strings.Contains(strings.Join(c.words()[said:], " "), "За час от Вас уже много") {
		t.Errorf("%d edits of one hour were taken; said %q", all, c.words()[said:])
	}
}

func TestQuestionObjectionAndRating(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды")
	id := c.caseID()
	c.move("execution", "clarifying")
	c.exec(`INSERT INTO questions (case_id, asked_by, asked_at, text, due_at) VALUES ($1, 'kim', $2, 'Какой дом?', $3)`, id, c.now, c.now.AddDate(0, 0, 3))
	c.tell("Какой дом?")
	c.now = c.now.Add(time.Hour)
	if res := c.say("Дом 5"); res.Attached != 1 || res.Opened != 0 || !strings.Contains(c.last(), "ответ передан") {
		t.Fatalf("answer: %+v, %q", res, c.last())
	}
	if got := c.rows(`SELECT q.result || ' ' || q.answer || ' ' || c.state FROM questions q JOIN cases c ON c.id = q.case_id`); got[0] != "answered Дом 5 execution" {
		t.Errorf("question %v", got)
	}
	c.move("approval", "publishing", "satisfaction")
	c.tell("Проблема решена?")
	c.press(fmt.Sprintf("bad:%d:1", id))
	c.now = c.now.Add(time.Hour)
	if res := c.say("Приехали и уехали, воды как не было"); res.Attached != 1 || !strings.Contains(c.last(), "новый круг") {
		t.Fatalf("objection: %+v, %q", res, c.last())
	}
	if got := c.rows(`SELECT state || ' ' || round FROM cases`); got[0] != "reopened 2" {
		t.Errorf("case %v", got)
	}
	if got := c.rows(`SELECT to_role FROM notices WHERE kind = 'objected'`); len(got) != 1 || got[0] != "controller" {
		t.Errorf("notices %v", got)
	}
	if got := c.rows(`SELECT (registered_at = $1)::text FROM cases`, c.now); got[0] != "true" {
		t.Error("the new round has no registration of its own")
	}
	c.move("coordination", "execution", "approval", "publishing", "satisfaction")
	c.tell("Проблема решена?")
	c.press(fmt.Sprintf("good:%d:1", id)) // of the first round
	if got := c.rows(`SELECT state FROM cases`); got[0] != "satisfaction" {
		t.Errorf("an old button closed the case: %v", got)
	}
	c.press(fmt.Sprintf("good:%d:2", id))
	if got := c.rows(`SELECT state || ' ' || closing_reason FROM cases`); got[0] != "done author_satisfied" {
		t.Errorf("case %v", got)
	}
}

func (c *chat) caseID() (id int64) {
	_, err := fmt.Sscan(c.rows(`SELECT id::text FROM cases`)[0], &id)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// move takes the only case through states.
func (c *chat) move(states ...string) {
	c.t.Helper()
	for _, s := range states {
		c.exec(`UPDATE cases SET state = $1, updated_at = $2, changed_by = 'kim', changed_why = 'проверка', outcome = CASE WHEN $1 = 'satisfaction' THEN 'solved' ELSE outcome END`, s, c.now)
	}
}

func (c *chat) exec(query string, args ...any) {
	c.t.Helper()
	if _, err := c.conn.Exec(c.t.Context(), query, args...); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
}

// tell lets the bot speak of its own accord; twice says nothing more.
func (c *chat) tell(want string) {
	c.t.Helper()
	c.now = c.now.Add(time.Minute)
	for range 2 {
		if _, err := c.s.TellDialogs(c.t.Context(), region, c.now, c.bot.Tell); err != nil {
			c.t.Fatal(err)
		}
	}
	if !strings.Contains(c.last(), want) {
		c.t.Fatalf("told %q", c.last())
	}
}

func TestErasing(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.press("sub:khv")
	number := c.rows(`SELECT number FROM cases`)[0]
	c.answered("Воду дали")
	c.album("1", "Там же: и во дворе темно")
	c.press("sure:erase")
	if got := c.rows(`SELECT post || ' ' || text FROM deliveries WHERE kind = 'reply'`); len(got) != 1 || got[0] != "erased Воду дали" {
		t.Errorf("the answer: %q", got)
	}
	if !strings.Contains(c.last(), "данные удалены") {
		t.Errorf("said %q", c.last())
	}
	for _, text := range []string{"Ленина нет воды", "Житель", peer} {
		if found := c.holds(text); found != nil {
			t.Errorf("%q still in %v", text, found)
		}
	}
	if got := c.rows(`SELECT number FROM cases`); got[0] != number {
		t.Errorf("the case is %v", got)
	}
	if got := c.rows(`SELECT what FROM consents ORDER BY id`); len(got) != 2 || got[1] != "erased" {
		t.Errorf("consents %v", got)
	}
	if got := c.rows(`SELECT count(*)::text FROM subscriptions`); got[0] != "0" {
		t.Errorf("%s subscriptions", got[0])
	}
	before := c.rows(`SELECT count(*)::text FROM posts`)[0]
	c.say("И снова нет воды")
	if after := c.rows(`SELECT count(*)::text FROM posts`)[0]; after != before {
		t.Error("kept after consent was withdrawn")
	}
}

// delete tells that a message of the dialog is gone.
func (c *chat) delete(no int) {
	c.t.Helper()
	b, judged := batchOf(c.src, "")
	b.Talk = c.bot
	p := c.private("", "")
	p.ID.Post = fmt.Sprintf("dialog:%s:%d", peer, no)
	b.Deletions = []domain.Deletion{{ID: p.ID, At: c.now}}
	if _, err := c.s.Commit(c.t.Context(), c.now, b, judged, route); err != nil {
		c.t.Fatal(err)
	}
}

// A deletion says no more of a chat than the message did: before consent nothing,
// in the history of a case not whose it was.
func TestDeletionsNameNoChat(t *testing.T) {
	c := newChat(t)
	c.say("На Ленина нет воды")
	c.delete(1)
	if found := c.holds(peer); found != nil {
		t.Errorf("before consent the chat is in %v", found)
	}
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.delete(c.no)
	if got := c.rows(`SELECT count(*)::text FROM post_ids WHERE deleted_at IS NOT NULL`); got[0] != "1" {
		t.Errorf("%s messages are marked deleted", got[0])
	}
	if got := c.rows(`SELECT details::text FROM case_history WHERE what = 'post_deleted'`); len(got) != 1 || strings.Contains(got[0], peer) {
		t.Errorf("the history says %q", got)
	}
	c.press("sure:erase")
	if found := c.holds(peer); found != nil {
		t.Errorf("after erasing the chat is in %v", found)
	}
}

// answered is an answer that went into the dialog, with a plan that names it.
func (c *chat) answered(text string) {
	c.t.Helper()
	c.move("execution", "approval")
	c.exec(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		SELECT id, 1, 'final', 'approved', $2, 'solved', 'kim', 'head', $1, $1, $1, $1 FROM cases`, c.now, text)
	c.move("publishing")
	_, err := c.s.PlanReplies(c.t.Context(), region, c.now, 10, func(r domain.ReplyToPlan) domain.DeliveryPlan {
		to := r.Posts[0].ID
		spot := domain.Spot{Key: "reply:1:dialog:" + to.Owner + ":" + peer, Platform: to.Platform, Way: domain.WayDialog, Account: "100", To: to,
			Chat: "vk:" + to.Owner + ":" + peer, Thread: "vk:" + to.Owner + ":" + peer, Words: "проверка", Reason: "opening_post"}
		return domain.DeliveryPlan{Deliveries: []domain.PlannedDelivery{{Spot: spot, Text: r.Text, Main: true, Repeatable: true}}, Reason: "x", Words: "x",
			Left: []domain.LeftOut{{To: to, Reason: "x", Words: "x"}}, Others: []domain.WayChoice{{Key: spot.Key, Words: "x"}}}
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if found := c.holds("dialog:" + peer); len(found) < 2 {
		c.t.Fatalf("nothing to erase: %v", found)
	}
}
