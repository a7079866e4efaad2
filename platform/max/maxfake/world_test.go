package maxfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/platform/ledger"
)

// catcher is a webhook's receiver.
type catcher struct {
	mu     sync.Mutex
	status int
	refuse string // what holds this is answered with status, the rest with 200
	got    []string
	secret string
}

func (c *catcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	c.got, c.secret = append(c.got, string(body)), r.Header.Get("X-Max-Bot-Api-Secret")
	if strings.Contains(string(body), c.refuse) {
		w.WriteHeader(c.status)
	}
}

func (c *catcher) set(status int) { c.mu.Lock(); defer c.mu.Unlock(); c.status = status }

func (c *catcher) seen() []string { c.mu.Lock(); defer c.mu.Unlock(); return slices.Clone(c.got) }

type lab struct {
	t     *testing.T
	w     *World
	bot   *Bot
	api   *httptest.Server
	catch *catcher
	hook  *httptest.Server
}

func newLab(t *testing.T, o Options) *lab {
	t.Helper()
	o.PlainHTTP = true
	l := &lab{t: t, w: New(o), catch: &catcher{status: http.StatusOK}}
	l.bot = l.w.Bot(700, "token", "otklik_bot")
	l.api, l.hook = httptest.NewServer(l.w.Handler()), httptest.NewServer(l.catch)
	t.Cleanup(func() { l.w.Close(); l.api.Close(); l.hook.Close() })
	return l
}

func (l *lab) call(verb, path, body string) (int, map[string]any) {
	l.t.Helper()
	req, _ := http.NewRequest(verb, l.api.URL+path, strings.NewReader(body))
	req.Header.Set("Authorization", "token")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&out)
	return resp.StatusCode, out
}

func (l *lab) subscribe() {
	l.t.Helper()
	if status, out := l.call("POST", "/subscriptions", `{"url":"`+l.hook.URL+`","secret":"secret-5"}`); status != 200 || out["success"] != true {
		l.t.Fatal(status, out)
	}
}

func (l *lab) until(what string, ok func() bool) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			l.t.Fatalf("never: %s (%d pushes)", what, len(l.catch.seen()))
		}
	}
}

func TestPushesAreRepeatedAndOvertaken(t *testing.T) {
	l := newLab(t, Options{Scale: 0.0005}) // 60 s are 30 ms
	l.catch.status, l.catch.refuse = 500, "первое"
	l.subscribe()
	group := l.w.Group(-100, "Двор")
	group.Add(l.bot, true)
	group.Post(Draft{Text: "первое"})
	began := time.Now()
	group.Post(Draft{Text: "второе"})
	l.until("three tries", func() bool { return len(l.catch.seen()) >= 5 })
	if took := time.Since(began); took < 80*time.Millisecond { // 30 + 75 ms
		t.Errorf("three tries in %s, the pauses grow by 2.5", took)
	}
	seen := strings.Join(l.catch.seen(), "\n")
	if strings.Count(seen, "первое") < 3 || strings.Count(seen, "второе") != 1 || l.catch.secret != "secret-5" {
		t.Errorf("secret %q, pushed:\n%s", l.catch.secret, seen)
	}
	if strings.Index(seen, "второе") > strings.LastIndex(seen, "первое") {
		t.Error("a later update waited for an earlier one")
	}
	l.catch.set(200)
	l.until("everything delivered", func() bool { return l.bot.Queued() == 0 })
	l.bot.LosePushAnswers(1)
	group.Post(Draft{Text: "третье"})
	l.until("a repeated push", func() bool { return strings.Count(strings.Join(l.catch.seen(), ""), "третье") == 2 })
}

func TestSubscriptionEndsAfterEightHours(t *testing.T) {
	l := newLab(t, Options{Scale: 0.000005}) // 8 h are 144 ms
	l.catch.status = 503
	l.subscribe()
	group := l.w.Group(-100, "Двор")
	group.Add(l.bot, true)
	l.until("the subscription ended", func() bool { group.Post(Draft{Text: "яма"}); return !l.bot.Subscribed() })
	if status, out := l.call("GET", "/updates?marker=1&timeout=0", ""); status != 200 || len(out["updates"].([]any)) == 0 {
		t.Errorf("the long poll works again: %d %v", status, out)
	}
}

func TestStrictness(t *testing.T) {
	w := New(Options{})
	defer w.Close()
	w.Bot(700, "token", "b")
	srv := httptest.NewServer(w.Handler())
	defer srv.Close()
	l := &lab{t: t, w: w, api: srv}
	for _, c := range []struct {
		verb, path, body string
		status           int
		code             string
	}{
		{"POST", "/subscriptions", `{"url":"http://otklik.example/max"}`, 400, "proto.payload"},
		{"POST", "/subscriptions", `{"url":"https://otklik.example:8443/max"}`, 400, "proto.payload"},
		{"POST", "/subscriptions", `{"url":"https://otklik.example/max","secret":"пароль"}`, 400, "proto.payload"},
		{"GET", "/updates?timeout=91", "", 400, "proto.payload"},
		{"GET", "/updates?limit=1001", "", 400, "proto.payload"},
		{"POST", "/messages", `{"text":"а"}`, 400, "proto.payload"},
		{"POST", "/messages?chat_id=-1", `{"text":"а"}`, 404, "chat.not.found"},
		{"POST", "/messages?user_id=1", `{"text":"а"}`, 404, "chat.not.found"},
		{"POST", "/answers?callback_id=x", `{"notification":"а"}`, 400, "proto.payload"},
		{"GET", "/nothing", "", 404, "not.found"},
	} {
		if status, out := l.call(c.verb, c.path, c.body); status != c.status || out["code"] != c.code {
			t.Errorf("%s %s: %d %v, want %d %s", c.verb, c.path, status, out, c.status, c.code)
		}
	}
	resp, err := http.Get(srv.URL + "/me?access_token=token") // the token belongs into the header
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("%v %v", resp, err)
	}
}

func TestThirtyCallsASecond(t *testing.T) {
	l := newLab(t, Options{Limits: true})
	refused := 0
	for range 35 {
		if status, _ := l.call("GET", "/me", ""); status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("35 calls at once were all answered")
	}
}

func TestOnlyAdministratorsHear(t *testing.T) {
	l := newLab(t, Options{})
	group := l.w.Group(-100, "Двор")
	group.Add(l.bot, false)
	before := l.bot.Queued()
	group.Post(Draft{Text: "яма"})
	if l.bot.Queued() != before {
		t.Error("a bot that is no administrator was told")
	}
	group.Add(l.bot, true)
	m := group.Post(Draft{Text: "яма"})
	m.EditText(time.Time{}, "яма!")
	m.Delete(time.Time{})
	if n := l.bot.Queued() - before; n != 4 {
		t.Errorf("%d updates of added, created, edited, removed", n)
	}
	status, _ := l.call("POST", "/messages?chat_id=-100", `{"text":"ответ"}`)
	if status != 200 || l.bot.Queued()-before != 4 {
		t.Error("a bot was told of its own message")
	}
}

func TestScriptAndLedger(t *testing.T) {
	now := time.Now()
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	book := ledger.New(io.Discard, clock)
	l := newLab(t, Options{Now: clock, Ledger: book})
	group := l.w.Group(-100, "Двор")
	group.Add(l.bot, true)
	m := group.Post(Draft{Text: "яма", At: now.Add(time.Hour)})
	if m.ID() != "" || l.w.Pending() != 1 {
		t.Fatal("it has not happened yet")
	}
	mu.Lock()
	now = now.Add(2 * time.Hour)
	mu.Unlock()
	if l.w.Pending() != 0 || !strings.HasPrefix(m.ID(), "mid.ffffffffffffff9c") {
		t.Errorf("mid %q of chat -100", m.ID())
	}
	if _, out := l.call("GET", "/updates?marker=1&timeout=0", ""); len(out["updates"].([]any)) != 2 {
		t.Fatal(out)
	}
	l.until("served", func() bool { return len(book.ServedIDs()) == 1 })
	if book.ServedIDs()[0] != m.PostID(l.bot) {
		t.Errorf("%v", book.ServedIDs())
	}
}
