package reply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// ownGroup is the community the region answers from.
const ownGroup = 700

// office is a store, two fake platforms and a postman between them.
type office struct {
	t       *testing.T
	dsn     string
	store   *storage.Store
	clock   *handClock
	vk      *vkfake.Server
	tg      *tgfake.World
	mx      *maxfake.World
	mxBot   *maxfake.Bot
	said    *lines
	off     map[string]bool // platform/way that the policy does not allow
	speak   []domain.Speaker
	sources map[domain.SourceKind]domain.Source
	postman *reply.Postman
}

// lines is a ledger that is read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// replies are what was written to the platforms.
func (l *lines) replies() []ledger.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []ledger.Entry
	dec := json.NewDecoder(bytes.NewReader(l.buf.Bytes()))
	for {
		var e ledger.Entry
		if dec.Decode(&e) != nil {
			return out
		}
		if e.What == "reply" {
			out = append(out, e)
		}
	}
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, dsn: storagetest.DSN(t), clock: morning(), said: &lines{}, off: map[string]bool{}, sources: map[domain.SourceKind]domain.Source{}}
	o.store = storagetest.Open(t, o.dsn, storage.Options{Clock: o.clock})
	book := ledger.New(o.said, o.clock.Now)
	o.vk = vkfake.New(vkfake.Options{Clock: o.clock, Ledger: book, Limits: vkfake.NoLimits()})
	o.vk.AddCommunity(vkfake.Community{ID: ownGroup, Token: "community-token"})
	o.vk.AddCommunity(vkfake.Community{ID: 100})
	o.tg = tgfake.New(tgfake.Options{Now: o.clock.Now, Ledger: book})
	o.mx = maxfake.New(maxfake.Options{Now: o.clock.Now, Ledger: book})
	o.mxBot = o.mx.Bot(700700, "token-of-the-max-bot", "otklik_max_bot")
	vkServer, tgServer, mxServer := httptest.NewServer(o.vk), httptest.NewServer(o.tg.Handler()), httptest.NewServer(o.mx.Handler())
	t.Cleanup(func() { o.tg.Close(); o.mx.Close(); vkServer.Close(); tgServer.Close(); mxServer.Close() })
	mx, err := max.New(max.Config{Token: o.mxBot.Token(), URL: mxServer.URL})
	if err != nil {
		t.Fatal(err)
	}
	group := vk.New(vk.Config{MethodURL: vkServer.URL + vkfake.MethodPath, Communities: []vk.Token{vk.CommunityToken(ownGroup, "community-token")}, TooManyWait: time.Millisecond})
	bot, err := telegram.New(telegram.Config{Token: o.tg.Token(), URL: tgServer.URL})
	if err != nil {
		t.Fatal(err)
	}
	o.speak = []domain.Speaker{{Platform: domain.VK, Address: fmt.Sprint(ownGroup), Whole: true}, {Platform: domain.Telegram, Address: o.tg.BotID(), Whole: true},
		{Platform: domain.MAX, Address: domain.AnyAddress, Whole: true}}
	o.postman = &reply.Postman{Store: o.store, Clock: o.clock, Log: slog.New(slog.DiscardHandler), Every: 20 * time.Millisecond, Slots: 2,
		Regions: o.regions,
		Couriers: map[domain.Platform]reply.Courier{
			domain.VK:       reply.VKCourier{Client: func(context.Context, domain.Delivery) (reply.VK, error) { return group, nil }},
			domain.Telegram: reply.TelegramCourier{Client: func(context.Context, domain.Delivery) (reply.Telegram, error) { return bot, nil }},
			domain.MAX:      reply.MAXCourier{Client: func(context.Context, domain.Delivery) (reply.MAX, int64, error) { return mx, 700700, nil }},
		}}
	return o
}

func (o *office) regions(context.Context) ([]reply.Region, error) {
	channels := func(p domain.Platform, w domain.Way) (bool, string) {
		if o.off[string(p)+"/"+string(w)] {
			return false, reply.OffWords(p, w)
		}
		return true, ""
	}
	return []reply.Region{{ID: "khabarovsk", Knowledge: reply.Knowledge{Channels: channels, Speakers: o.speak, Words: bots.AnswerWords()}}}, nil
}

// source is a pushed source, which needs no lease.
func (o *office) source(kind domain.SourceKind) domain.Source {
	o.t.Helper()
	if src, ok := o.sources[kind]; ok {
		return src
	}
	address := fmt.Sprint(ownGroup)
	if kind == domain.TelegramWebhook {
		address = o.tg.BotID()
	}
	if kind == domain.MAXWebhook {
		address = o.mxBot.ID()
	}
	src, err := o.store.AddSource(o.t.Context(), domain.Source{Region: "khabarovsk", Kind: kind, Address: address, NextPollAt: o.clock.Now()})
	if err != nil {
		o.t.Fatal(err)
	}
	o.sources[kind] = src
	return src
}

// take stores posts about one problem and returns the case.
func (o *office) take(problem string, posts ...domain.Post) int64 {
	o.t.Helper()
	id := int64(0)
	for _, p := range posts {
		kind := domain.VKCallback
		if p.ID.Platform == domain.Telegram {
			kind = domain.TelegramWebhook
		}
		if p.ID.Platform == domain.MAX {
			kind = domain.MAXWebhook
		}
		if into := o.takeAll(kind, problem, p); len(into) > 0 {
			id = into[0]
		}
	}
	return id
}

// takeAll stores posts of one source in one commit and returns their cases.
func (o *office) takeAll(kind domain.SourceKind, problem string, posts ...domain.Post) []int64 {
	o.t.Helper()
	src := o.source(kind)
	var judged []domain.Judged
	for _, p := range posts {
		p.Region, p.SourceID, p.Text, p.PublishedAt = "khabarovsk", src.ID, "Яма: "+problem, o.clock.Now()
		judged = append(judged, domain.Judged{Post: p, Keys: []string{"problem:" + problem}, Verdict: domain.Verdict{Kind: domain.Problem, Row: 3,
			Topic: "roads.potholes", Confidence: 0.9, Margin: 0.4, PackHash: "test", Language: "ru", Reason: "проверка"}})
	}
	res, err := o.store.Commit(o.t.Context(), o.clock.Now(), domain.Batch{Source: src, Posts: posts}, judged, o.route)
	if err != nil {
		o.t.Fatal(err)
	}
	return res.CaseIDs
}

func (o *office) route(_ domain.Judged, _ *domain.Known, open []domain.OpenCase) domain.Decision {
	if len(open) > 0 {
		return domain.Decision{Action: domain.ActionAttach, CaseID: open[0].ID, Reason: "attached_key", Words: "присоединено"}
	}
	due := o.clock.Now().AddDate(0, 0, 10)
	return domain.Decision{Action: domain.ActionOpen, State: domain.Coordination, AgencyID: "min-roads", Reason: "assigned_unseen", Words: "назначено",
		RouteWhy: "строка 3", Deadline: domain.Deadline{Days: 10, Due: due, Control: due, Reason: "строка 3"}}
}

// approve brings a case to publishing with an approved answer.
func (o *office) approve(id int64, kind domain.ReplyKind, text string) {
	o.t.Helper()
	c := o.caseOf(id)
	for _, to := range []domain.State{domain.Execution, domain.Approval, domain.Publishing} {
		if c.State == domain.Coordination || to != domain.Execution {
			var err error
			if c, err = o.store.MoveCase(o.t.Context(), domain.CaseMove{CaseID: id, From: c.State, To: to, Who: "head", Why: "проверка", At: o.clock.Now()}); err != nil {
				o.t.Fatal(err)
			}
		}
	}
	outcome := ""
	if kind == domain.ReplyFinal {
		outcome = "solved"
	}
	o.exec(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		VALUES ($1, 1, $2, 'approved', $3, $4, 'petrov', 'head', now(), now(), now(), clock_timestamp())`, id, string(kind), text, outcome)
}

func (o *office) exec(sql string, args ...any) {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.dsn)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(o.t.Context(), sql, args...); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) number(sql string, args ...any) (n int64) {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.dsn)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(o.t.Context(), sql, args...).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) caseOf(id int64) domain.Case {
	o.t.Helper()
	c, err := o.store.SeenCase(o.t.Context(), whole(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

func whole() domain.Scope {
	return domain.Scope{Region: "khabarovsk", Whole: true, Restricted: true}
}

// send runs one round of the postman; due makes waiting deliveries due at once.
func (o *office) send() {
	o.t.Helper()
	if err := o.postman.Drain(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) due() {
	o.exec(`UPDATE deliveries SET next_attempt_at = clock_timestamp() WHERE state = 'waiting'`)
	o.exec(`DELETE FROM account_pauses`)
}

// wallPost is a citizen's post on a wall of somebody else.
func (o *office) wallPost() domain.Post {
	return domain.Post{ID: o.vk.AddPost(vkfake.Post{Owner: -100, From: 7, Text: "Яма"}), Kind: domain.WallPost, Author: domain.Author{ID: "7", Name: "Житель"}}
}

// dialog is a private message of a citizen to our community.
func (o *office) dialog(from int64) domain.Post {
	return domain.Post{ID: o.vk.AddMessage(vkfake.Message{Group: ownGroup, From: from, Text: "Яма"}), Kind: domain.Message, Author: domain.Author{ID: fmt.Sprint(from)}}
}

// wrote is what was written in answer to a post.
func (o *office) wrote(to domain.PostID) (texts []string) {
	for _, e := range o.said.replies() {
		if e.ID == to {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// plan runs the planner only: every account is at rest.
func (o *office) plan() error {
	regions, err := o.regions(o.t.Context())
	if err != nil {
		return err
	}
	_, err = o.store.PlanReplies(o.t.Context(), regions[0].ID, o.clock.Now(), 100, func(in domain.ReplyToPlan) domain.DeliveryPlan {
		return reply.Plan(in, regions[0].Knowledge)
	})
	return err
}

func lead() string { return bots.AnswerWords().CorrectionLead }

func short(kind domain.ReplyKind, number, text string) string {
	return bots.AnswerWords().Short(kind, number, text)
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
