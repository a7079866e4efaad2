package proof

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// ledgerRun is how much a run of the ledger's proof does. `make ledger` is the
// whole of it, `make test` a shorter cut.
type ledgerRun struct {
	replies, kills int
	threads        int           // VK posts with several answers each
	groups         int           // of Telegram, and of MAX
	talks          int           // in a group, one order each
	work           int64         // tries a sender ends before it is killed
	between        time.Duration // and at most so much longer
	limit          time.Duration
}

func ledgerSize() ledgerRun {
	if os.Getenv("OTKLIK_LEDGER") == "full" {
		return ledgerRun{replies: 2000, kills: 20, threads: 100, groups: 30, talks: 5, work: 30, between: 2 * time.Second, limit: 7 * time.Minute}
	}
	return ledgerRun{replies: 150, kills: 3, threads: 31, groups: 10, talks: 1, work: 5, between: time.Second, limit: 8 * time.Minute}
}

// TestLedgerOfAnswers sends approved answers through platforms that time out,
// answer late, break the line after having posted, refuse for a while, with a
// sender that is killed with -9 again and again, most often with a try in hand.
// VK and MAX: every answer exactly once. Telegram: delivered and unclear are all that
// was approved, and nothing twice. In one talk they stand in the order of approval. A
// body's own community of VK loses its token on the way, and the region's speaks on.
func TestLedgerOfAnswers(t *testing.T) {
	t.Parallel() // it waits more than it works
	size := ledgerSize()
	s := newStand(t)
	s.talks() // the account of the body is sealed
	s.allowTelegram()
	approved := s.approveMany(size)
	trouble, calm := context.WithCancel(t.Context())
	defer calm()
	s.makeTrouble(trouble)

	sender := s.serveRole("reply")
	s.letSecondDie(ofSecond(approved))
	inFlight := 0
	for range size.kills {
		s.awaitTry(size)
		sender.kill()
		if s.query(triesInHand) > 0 {
			inFlight++
		}
		sender = s.serveRole("reply")
	}
	s.awaitAnswers(size, calm)
	if code := sender.stop(); code != 0 {
		t.Errorf("the sender ended with code %d\n%s", code, s.logTail())
	}
	s.checkLedger(approved)
	s.checkSecond()
	t.Logf("figure replies_unclear %d", s.query(`SELECT count(*) FROM deliveries WHERE state = 'unclear'`))
	t.Logf("figure kills %d", size.kills)
	t.Logf("figure kills_in_flight %d", inFlight)
	if 2*inFlight < size.kills {
		t.Errorf("%d of %d kills found a try in hand", inFlight, size.kills)
	}
	if open := s.query(`SELECT count(*) FROM delivery_attempts WHERE ended_at IS NULL`); open != 0 {
		t.Errorf("%d attempts have no end", open)
	}
}

// triesInHand counts the deliveries whose try has begun and has no outcome.
const triesInHand = `SELECT count(*) FROM deliveries WHERE state = 'trying' AND claimed_until > clock_timestamp()`

// awaitTry waits until the sender of now has ended some tries, then a random
// while, then until one is in hand: a machine that is slow to start a sender must
// not turn the kills into kills of programs that have sent nothing.
func (s *stand) awaitTry(size ledgerRun) {
	s.t.Helper()
	const ended = `SELECT count(*) FROM delivery_attempts WHERE ended_at IS NOT NULL`
	before := s.query(ended)
	waitFor(s.t, size.limit, "a sender at work", func() bool { return s.query(ended) >= before+size.work })
	time.Sleep(time.Duration(rand.Int63n(int64(size.between))))
	waitFor(s.t, size.limit, "a try in hand", func() bool { return s.query(triesInHand) > 0 })
}

// awaitAnswers waits until every answer is over; when it takes too long it shows
// what is left and what the sender says. For the last twentieth the platforms are
// well again: of so many answers one or two are refused six times in a row, and with
// every time the sender waits twice as long, so that the end of a run was a throw of
// dice and not a proof.
func (s *stand) awaitAnswers(size ledgerRun, calm func()) {
	s.t.Helper()
	left := func() int64 {
		return s.query(`SELECT count(*) FROM replies WHERE planned_at IS NULL`) +
			s.query(`SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'trying')`)
	}
	for began := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		n := left()
		if n == 0 {
			return
		}
		if n <= int64(size.replies/20) {
			calm()
		}
		if time.Since(began) > size.limit {
			s.t.Fatalf("%d answers are not over within %s\n%s\n%s", n, size.limit, s.unfinished(), s.logTail())
		}
	}
}

// unfinished lists the deliveries that are not over.
func (s *stand) unfinished() string {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(s.t.Context(), `SELECT to_jsonb(d)::text FROM deliveries d WHERE state IN ('waiting', 'trying') ORDER BY id LIMIT 10`)
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Join(list, "\n")
}

// allowTelegram lays the demonstration's invented decision and operator over the pack.
func (s *stand) allowTelegram() {
	s.t.Helper()
	s.lay(demo.NameOperator, demo.AllowTelegram)
}

// lay activates the pack with something invented over it.
func (s *stand) lay(over ...func(rules.Files, string) (rules.Files, error)) {
	s.t.Helper()
	files, err := rules.Embedded(region)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range over {
		if files, err = o(files, region); err != nil {
			s.t.Fatal(err)
		}
	}
	store := s.open()
	now := time.Now().UTC()
	pack, err := rules.Load(files)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := store.SavePackVersion(s.t.Context(), storage.PackVersion{Region: region, Code: pack.Region.Code, Zone: pack.Region.Zone,
		Hash: pack.Hash, Files: files, CreatedAt: now, CreatedBy: "проверка"}); err != nil {
		s.t.Fatal(err)
	}
	if err := store.ActivatePack(s.t.Context(), region, pack.Hash, "проверка", now); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) open() *storage.Store {
	s.t.Helper()
	store, err := storage.Open(s.t.Context(), s.pg.DSN(), storage.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(store.Close)
	return store
}

// serveRole is a process with one role.
func (s *stand) serveRole(role string) *worker {
	return s.serveArgs([]string{"serve", "--roles", role}, "OTKLIK_HOOKS_LISTEN=127.0.0.1:0")
}

// answerText is what stands in the ledger; its number is the order of approval.
func answerText(n int) string { return fmt.Sprintf("Ответ %d: яму засыпали.", n) }

// approveMany opens a case for each answer and approves it: most under posts and
// in dialogs of VK, every seventh in a group of Telegram, every fifth in one of MAX.
func (s *stand) approveMany(size ledgerRun) map[int]approvedAnswer {
	s.t.Helper()
	store := s.open()
	vkSource := s.pushed(store, domain.VKCallback, strconv.Itoa(ownCommunity))
	tgSource := s.pushed(store, domain.TelegramWebhook, s.tg.BotID())
	maxSource := s.pushed(store, domain.MAXWebhook, s.mxBot.ID())
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.vk.AddCommunity(vkfake.Community{ID: 1})
	s.addSecond()
	var walls []domain.PostID
	for range size.threads {
		walls = append(walls, s.vk.AddPost(vkfake.Post{Owner: -1, From: 5, Text: "Ямы"}))
	}
	var groups []*tgfake.Chat
	var maxGroups []*maxfake.Chat
	for i := range size.groups {
		groups = append(groups, s.tg.Supergroup(-1001000001000-int64(i), "", "Группа"))
		maxGroups = append(maxGroups, s.mx.Group(-77000-int64(i), "Группа"))
		maxGroups[i].Add(s.mxBot, true)
	}
	to := map[int]approvedAnswer{}
	for n := range size.replies {
		second := false
		src, p := vkSource, domain.Post{Kind: domain.Comment, Author: domain.Author{ID: strconv.Itoa(1000 + n)}}
		switch {
		case n%7 == 3:
			src = tgSource
			p.ID = groups[n%len(groups)].Post(tgfake.Draft{From: tgfake.User{ID: int64(1000 + n), FirstName: "Житель"}, Text: "Яма"}).PostID()
			p.Thread = domain.NewPostID(domain.Telegram, p.ID.Owner, size.talk(n))
		case n%5 == 2:
			src = maxSource
			p.ID = maxGroups[n%len(maxGroups)].Post(maxfake.Draft{From: maxfake.User{ID: int64(1000 + n), FirstName: "Житель"}, Text: "Яма"}).PostID(s.mxBot)
			p.Thread = domain.NewPostID(domain.MAX, p.ID.Owner, size.talk(n))
		case n%4 == 1:
			p.Kind = domain.Message
			p.ID = s.vk.AddMessage(vkfake.Message{Group: ownCommunity, From: int64(1000 + n), Text: "Яма"})
		default:
			wall := walls[n%len(walls)]
			post, _ := strconv.ParseInt(wall.Post, 10, 64)
			var err error
			if p.ID, err = s.vk.AddComment(vkfake.Comment{Owner: -1, Post: post, From: int64(1000 + n), Text: "Яма"}); err != nil {
				s.t.Fatal(err)
			}
			p.Thread, second = wall, ofSecondBody(n)
		}
		to[n] = approvedAnswer{to: p.ID, talk: domain.TalkName(p.ID, p.Thread), second: second}
		s.openCase(store, src, p, n, second)
	}
	s.approveAll(size.replies)
	return to
}

// talk names the post of a group that a message answers. Groups come round again every
// seven times their number.
func (r ledgerRun) talk(n int) string { return strconv.Itoa(900_000 + n/(7*r.groups)%r.talks) }

func ofSecond(approved map[int]approvedAnswer) (n int) {
	for _, a := range approved {
		if a.second {
			n++
		}
	}
	return n
}

func (s *stand) pushed(store *storage.Store, kind domain.SourceKind, address string) domain.Source {
	s.t.Helper()
	src, err := store.AddSource(s.t.Context(), domain.Source{Region: region, Kind: kind, Address: address, NextPollAt: time.Now().UTC()})
	if err != nil {
		s.t.Fatal(err)
	}
	return src
}

func (s *stand) openCase(store *storage.Store, src domain.Source, p domain.Post, n int, second bool) {
	s.t.Helper()
	body := "min-roads"
	if second {
		body = secondBody
	}
	now := time.Now().UTC()
	p.Region, p.SourceID, p.Text, p.PublishedAt = region, src.ID, "Яма "+strconv.Itoa(n), now
	j := domain.Judged{Post: p, Verdict: domain.Verdict{Kind: domain.Problem, Row: 3, Topic: "roads.potholes", Confidence: 0.9, PackHash: "проверка", Reason: "проверка"}}
	decide := func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
		due := now.AddDate(0, 0, 10)
		return domain.Decision{Action: domain.ActionOpen, State: domain.Coordination, AgencyID: body, Reason: "проверка", Words: "проверка",
			RouteWhy: "проверка", Deadline: domain.Deadline{Days: 10, Due: due, Control: due, Reason: "проверка"}}
	}
	if _, err := store.Commit(s.t.Context(), now, domain.Batch{Source: src, Posts: []domain.Post{p}}, []domain.Judged{j}, decide); err != nil {
		s.t.Fatal(err)
	}
}

// approveAll brings every case to publishing, with an answer approved in the order
// of the cases.
func (s *stand) approveAll(n int) {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	for _, state := range []string{"execution", "approval", "publishing"} {
		if _, err := conn.Exec(s.t.Context(), `UPDATE cases SET state = $1, updated_at = now(), changed_by = 'проверка', changed_why = ''`, state); err != nil {
			s.t.Fatal(err)
		}
	}
	tag, err := conn.Exec(s.t.Context(), `INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		SELECT id, 1, 'final', 'approved', 'Ответ ' || (n - 1) || ': яму засыпали.', 'solved', 'a', 'b', now(), now(), now(), now() + n * interval '1 millisecond'
		  FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM cases) c`)
	if err != nil || tag.RowsAffected() != int64(n) {
		s.t.Fatalf("approved %d of %d: %v", tag.RowsAffected(), n, err)
	}
}

// makeTrouble spoils about a third of all writes, until ctx ends.
func (s *stand) makeTrouble(ctx context.Context) {
	dice := rand.New(rand.NewSource(1)) //nolint:gosec // a repeatable sequence, under the fake's lock
	s.vk.SetFaults(func(method string) *vkfake.Fault {
		if ctx.Err() != nil || method != "wall.createComment" && method != "messages.send" {
			return nil
		}
		switch n := dice.Intn(100); {
		case n < 8:
			return &vkfake.Fault{Cut: true} // written, and the line breaks
		case n < 12:
			return &vkfake.Fault{Status: 502}
		case n < 15:
			return &vkfake.Fault{Status: 429, RetryAfter: 1}
		case n < 18:
			return &vkfake.Fault{Code: 10}
		case n < 19:
			return &vkfake.Fault{Delay: 25 * time.Second} // past the end of the try
		default:
			return &vkfake.Fault{Delay: time.Duration(100+dice.Intn(700)) * time.Millisecond}
		}
	})
	go func() {
		defer func() { s.tg.Heal(); s.mx.Heal() }()
		roll := rand.New(rand.NewSource(2)) //nolint:gosec // a repeatable sequence
		for ctx.Err() == nil {
			s.tg.Heal()
			s.mx.Heal()
			s.mx.Fail(maxTrouble(roll))
			switch roll.Intn(5) {
			case 0:
				s.tg.Fail(tgfake.Fault{Method: "sendMessage", Silent: true}) // written, and no answer
			case 1:
				s.tg.Fail(tgfake.Fault{Method: "sendMessage", Status: 429, Text: "Too Many Requests: retry after 1", RetryAfter: 1})
			case 2:
				s.tg.Fail(tgfake.Fault{Method: "sendMessage", Status: 502, Text: "Bad Gateway"})
			default:
				s.tg.Fail(tgfake.Fault{Method: "sendMessage", Delay: time.Duration(300+roll.Intn(1000)) * time.Millisecond})
			}
			select {
			case <-ctx.Done():
			case <-time.After(300 * time.Millisecond):
			}
		}
	}()
}

// maxTrouble is the next fault of MAX.
func maxTrouble(roll *rand.Rand) maxfake.Fault {
	const send = "POST /messages"
	switch roll.Intn(6) {
	case 0:
		return maxfake.Fault{Method: send, Silent: true} // written, and no answer
	case 1:
		return maxfake.Fault{Method: send, Status: 500, Done: true} // written, and refused all the same
	case 2:
		return maxfake.Fault{Method: send, Status: 429, RetryAfter: 1}
	case 3:
		return maxfake.Fault{Method: send, Status: 502, Text: "Bad Gateway", Raw: true}
	}
	return maxfake.Fault{Method: send, Late: 20 * time.Second} // scaled: 0.4 s
}

// checkLedger compares what the platforms received with what was approved and
// with what the deliveries say.
func (s *stand) checkLedger(approved map[int]approvedAnswer) {
	s.t.Helper()
	written := s.written()
	states := s.deliveryStates()
	lost, doubled := 0, 0
	for _, n := range slices.Sorted(maps.Keys(approved)) {
		a, text := approved[n], answerText(n)
		to := a.to
		times := len(written[text])
		if times > 1 {
			doubled++
			s.t.Errorf("%s was written %d times to %s", text, times, to)
		}
		if end := states[text]; !a.over(end.state, end.reason, times) {
			lost++
			s.t.Errorf("%s to %s is %q (%s) and was written %d times", text, to, end.state, end.reason, times)
		}
		for _, e := range written[text] {
			if e.ID != to {
				s.t.Errorf("%s stands at %s, not %s", text, e.ID, to)
			}
		}
	}
	s.inOrder(approved, written)
	s.t.Logf("figure replies %d", len(approved))
	s.t.Logf("figure replies_lost %d", lost)
	s.t.Logf("figure replies_doubled %d", doubled)
	if moved := s.query(`SELECT count(*) FROM cases c JOIN deliveries d ON d.case_id = c.id
		WHERE c.state <> CASE d.state WHEN 'delivered' THEN 'satisfaction' ELSE 'send_failed' END`); moved != 0 {
		s.t.Errorf("%d cases are not where their answer left them", moved)
	}
}

type entryAt struct {
	ledger.Entry
	line int
}

// written are the replies of the ledger by their text.
func (s *stand) written() map[string][]entryAt {
	s.t.Helper()
	f, err := os.Open(filepath.Join(s.dir, "ledger.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	out := map[string][]entryAt{}
	lines := bufio.NewScanner(f)
	for n := 0; lines.Scan(); n++ {
		var e ledger.Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			s.t.Fatal(err)
		}
		if e.What == "reply" {
			out[e.Text] = append(out[e.Text], entryAt{e, n})
		}
	}
	return out
}

type endOf struct{ state, reason string }

func (s *stand) deliveryStates() map[string]endOf {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(s.t.Context(), `SELECT text, state, reason FROM deliveries`)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]endOf{}
	var text string
	var end endOf
	if _, err := pgx.ForEachRow(rows, []any{&text, &end.state, &end.reason}, func() error { out[text] = end; return nil }); err != nil {
		s.t.Fatal(err)
	}
	return out
}
