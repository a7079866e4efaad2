package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// TestBadInputCostsNoNeighbour mixes bad posts among good ones on every way into
// the program, each way's posts in as few answers as it gives.
func TestBadInputCostsNoNeighbour(t *testing.T) {
	s := newStand(t).raced()
	w := newOddWorld(s)
	for _, way := range w.ways {
		way.fill()
	}
	s.pollNow()
	want := int64(0)
	for _, way := range w.ways {
		want += int64(len(way.good))
		for _, b := range way.bad {
			if !b.odd.lost {
				want++
			}
		}
	}
	s.awaitPosts(patience, want)
	s.mustLive(w.worker)
	for _, way := range w.ways {
		way.check(s)
	}
	if n := s.query(countPosts); n != want {
		t.Errorf("%d posts stored, %d can be named", n, want)
	}
	if n := s.query(`SELECT count(*) FROM sources WHERE state NOT IN ('active', 'unchanged', 'new')`); n != 0 {
		t.Errorf("%d sources in trouble\n%s", n, s.run("source", "list"))
	}
	w.counted()
	w.garbage()
	w.goodAfterAll()
	s.inOneCase()
	s.mustLive(w.worker)
}

// way is one way into the program with what was put on it.
type way struct {
	name string
	put  func(o oddity) domain.PostID
	odd  []oddity
	good []domain.PostID
	bad  []badPost
	next *int // number of the next good problem, over all ways
}

type badPost struct {
	odd oddity
	id  domain.PostID
}

// fill writes good and bad posts by turns.
func (w *way) fill() {
	for _, o := range w.odd {
		w.addGood()
		id := w.put(o)
		switch {
		case o.id != "" && id.IsComment():
			id.Comment = o.id
		case o.id != "":
			id.Post = o.id
		}
		w.bad = append(w.bad, badPost{odd: o, id: id})
	}
	w.addGood()
}

func (w *way) addGood() {
	*w.next++
	w.good = append(w.good, w.put(oddity{text: quoted(problem(*w.next))}))
}

// check compares what became of every post of the way.
func (w *way) check(s *stand) {
	s.t.Helper()
	for _, id := range w.good {
		if p := s.stored(id); !p.there || len(p.faults) != 0 || !p.inCase {
			s.t.Errorf("%s: good neighbour %s: %+v", w.name, id, p)
		}
	}
	for _, b := range w.bad {
		p := s.stored(b.id)
		switch {
		case b.odd.lost || b.odd.any:
			if p.there == b.odd.lost {
				s.t.Errorf("%s: %s: stored %v", w.name, b.odd.name, p.there)
			}
		case !p.there:
			s.t.Errorf("%s: %s was not stored", w.name, b.odd.name)
		case b.odd.fault == "" && len(p.faults) > 0, b.odd.fault != "" && !p.has(b.odd.fault):
			s.t.Errorf("%s: %s has the faults %v, want «%s»", w.name, b.odd.name, p.faults, b.odd.fault)
		case b.odd.fault != "" && !p.seen:
			s.t.Errorf("%s: %s has a fault, and no person will look at it", w.name, b.odd.name)
		}
		if p.size > ingest.MaxTextBytes {
			s.t.Errorf("%s: %s was stored with %d bytes", w.name, b.odd.name, p.size)
		}
	}
}

// storedPost is what the database knows of a post.
type storedPost struct {
	there, inCase, seen bool // seen: a person is asked to look
	faults              []domain.Fault
	size                int64
}

func (p *storedPost) has(code domain.FaultCode) bool {
	for _, f := range p.faults {
		if f.Code == code {
			return true
		}
	}
	return false
}

func (s *stand) stored(id domain.PostID) (p storedPost) {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	var faults []byte
	err := conn.QueryRow(context.Background(), `SELECT coalesce(p.faults, '[]'), octet_length(p.text),
		EXISTS (SELECT FROM case_posts c WHERE c.post_id = p.id),
		EXISTS (SELECT FROM review_items r WHERE r.post_id = p.id)
			OR EXISTS (SELECT FROM case_posts c JOIN cases k ON k.id = c.case_id WHERE c.post_id = p.id AND k.state = 'moderation')
		FROM posts p WHERE platform = $1 AND owner = $2 AND post = $3 AND comment = $4`,
		id.Platform, id.Owner, id.Post, id.Comment).Scan(&faults, &p.size, &p.inCase, &p.seen)
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it bare
		return p
	}
	if err != nil {
		s.t.Fatal(err)
	}
	p.there = true
	if err := json.Unmarshal(faults, &p.faults); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// oddWorld has every way in.
type oddWorld struct {
	*stand
	worker *worker
	hooks  string
	probes string
	ways   []*way
	second *tgfake.World
}

func newOddWorld(s *stand) *oddWorld {
	w := &oddWorld{stand: s, second: s.addBot("500600700:SECOND", 1)}
	group := s.continuous()
	pushing := w.second.Supergroup(-9007199254740995, "", "Группа с большим номером")
	channel := s.tg.Channel(-1001000000555, "chuzhoy_kanal", "Чужой канал")
	channel.SetMember(false)
	s.vk.AddCommunity(vkfake.Community{ID: 1})
	s.vk.AddCommunity(vkfake.Community{ID: callbacks, Token: "second-token"})
	s.setenv("OTKLIK_VK_COMMUNITIES=" + strings.Join(append(ownCommunities(), strconv.Itoa(callbacks)+":second-token:secret2"), ","))
	s.addSource(domain.VKWall, "-1")
	s.addSource(domain.VKCallback, strconv.Itoa(callbacks))
	s.addSource(domain.TelegramWebhook, w.second.BotID())
	s.addSource(domain.TelegramPreview, "chuzhoy_kanal")

	hooksEnv, hooks := hooksAt(s.t)
	probesEnv, probes := probesAt(s.t)
	w.hooks, w.probes = hooks, probes
	s.setenv("OTKLIK_PUBLIC_URL=" + hooks)
	w.worker = s.serve(hooksEnv, probesEnv).ready(s.t)
	s.vk.AddHook(callbacks, vkfake.Hook{URL: hooks + "/vk", Secret: "secret2"})
	waitFor(s.t, patience, "first polls", func() bool { // what comes later comes as events
		return s.query(`SELECT count(*) FROM sources WHERE kind IN ('vk_longpoll', 'vk_wall', 'telegram_preview') AND last_ok_at IS NOT NULL`) == 3
	})

	next := 0
	vk := func(owner int64) func(oddity) domain.PostID {
		return func(o oddity) domain.PostID { return s.vk.AddPost(vkfake.Post{Owner: owner, From: 5, Extra: o.over()}) }
	}
	tg := func(chat *tgfake.Chat) func(oddity) domain.PostID {
		return func(o oddity) domain.PostID { return chat.Post(tgfake.Draft{Extra: o.over()}).PostID() }
	}
	plain := func(o oddity) domain.PostID {
		var text string
		if json.Unmarshal(o.text, &text) != nil || strings.ContainsRune(text, '\uFFFD') {
			text = string(o.text) // not JSON, or not UTF-8: as it is
		}
		return channel.Post(tgfake.Draft{Text: text}).PostID()
	}
	talk := s.vk.AddPost(vkfake.Post{Owner: -1, ID: 1, From: -1, Text: problem(next)})
	comment := func(o oddity) domain.PostID {
		id, err := s.vk.AddComment(vkfake.Comment{Owner: -1, Post: 1, From: 5, Extra: o.over()})
		if err != nil {
			s.t.Fatal(err)
		}
		return id
	}
	w.ways = []*way{
		{name: "comments", put: comment, odd: append(oddTexts(), oddComments()...), good: []domain.PostID{talk}, next: &next},
		{name: "wall", put: vk(-1), odd: append(oddTexts(), oddVK()...), next: &next},
		{name: "long poll", put: vk(-ownCommunity), odd: append(oddTexts(), oddVK()...), next: &next},
		{name: "callback", put: vk(-callbacks), odd: append(oddTexts(), oddVK()...), next: &next},
		{name: "getUpdates", put: tg(group), odd: append(oddTexts(), oddTelegram()...), next: &next},
		{name: "webhook", put: tg(pushing), odd: append(oddTexts(), oddTelegram()...), next: &next},
		{name: "preview", put: plain, odd: oddPages(), next: &next},
	}
	return w
}

// counted checks that what could not be stored was counted, by reading the metrics.
func (w *oddWorld) counted() {
	w.t.Helper()
	secret := map[string]string{"X-Telegram-Bot-Api-Secret-Token": telegram.WebhookSecret(w.second.Token())}
	for _, kind := range []string{"hologram", "message_reaction", "inline_query"} { // not asked for, yet pushed
		body := tgUpdate(1, kind, map[string]any{"a": deep(100)})
		if status, answer := post(w.t, w.hooks+"/telegram/"+w.second.BotID(), secret, body); status != http.StatusOK {
			w.t.Errorf("an update of the type %s: %d %s", kind, status, answer)
		}
	}
	w.tg.RawUpdate("message", nil)
	w.tg.RawUpdate("message", "строка")
	w.tg.RawUpdate("edited_message", []int{1})
	w.tg.JumpUpdateIDs(9007199254740993)
	w.tg.RawUpdate("channel_post", map[string]any{"message_id": 1})
	w.vk.Emit(ownCommunity, "hologram_new", map[string]any{"id": 1})
	w.vk.Emit(ownCommunity, "wall_post_new", nil)
	w.vk.Emit(ownCommunity, "wall_reply_new", "строка")
	w.vk.Emit(callbacks, "message_new", []int{1})
	want := []string{
		`otklik_events_total{outcome="unusable",platform="vk",type="wall_item"}`,
		`otklik_events_total{outcome="unusable",platform="vk",type="comment_item"}`,
		`otklik_events_total{outcome="unusable",platform="vk",type="wall_post_new"}`,
		`otklik_events_total{outcome="unusable",platform="vk",type="wall_reply_new"}`,
		`otklik_events_total{outcome="unusable",platform="vk",type="message_new"}`,
		`otklik_events_total{outcome="unknown",platform="vk",type="hologram_new"}`,
		`otklik_events_total{outcome="no_identity",platform="telegram",type="update"}`,
		`otklik_events_total{outcome="unknown_update",platform="telegram",type="update"}`,
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		text, missing := page(w.t, w.probes+"/metrics"), ""
		for _, series := range want {
			if !strings.Contains(text, series) {
				missing = series
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(end) {
			w.t.Errorf("not counted: %s\n%s", missing, text)
			return
		}
	}
}

// garbage pushes bodies that are no events: refused by name, never a 5xx.
func (w *oddWorld) garbage() {
	w.t.Helper()
	secret := map[string]string{"X-Telegram-Bot-Api-Secret-Token": telegram.WebhookSecret(w.second.Token())}
	for name, body := range map[string][]byte{
		"nothing": {}, "half an object": []byte(`{"update_id":`), "null": []byte(`null`), "a list": []byte(`[]`), "a number": []byte(`5`),
		"bytes": []byte("\xff\xfe\x00\x01"), "deep JSON": deep(50_000), "five megabytes": []byte(strings.Repeat(" ", 5<<20)),
		"deep JSON in an event": fmt.Appendf(nil, `{"type":"wall_post_new","group_id":%d,"secret":"secret2","object":%s}`, callbacks, deep(50_000)),
	} {
		for path, header := range map[string]map[string]string{"/vk": nil, "/telegram/" + w.second.BotID(): secret} {
			if status, answer := post(w.t, w.hooks+path, header, body); status < 400 || status > 499 {
				w.t.Errorf("%s pushed to %s: %d %s", name, path, status, answer)
			}
		}
	}
}

// goodAfterAll checks that every way still works.
func (w *oddWorld) goodAfterAll() {
	w.t.Helper()
	n := w.query(countPosts)
	for _, way := range w.ways {
		way.addGood()
	}
	w.pollNow()
	w.awaitPosts(patience, n+int64(len(w.ways)))
	if status := get(w.probes + "/readyz"); status != http.StatusOK {
		w.t.Errorf("readiness says %d", status)
	}
}
