package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

const testToken = "100200300:AAH-verysecretpart_000"

// limits records who waited for what.
type limits struct {
	mu   sync.Mutex
	keys []string
}

func (l *limits) Wait(ctx context.Context, key string, perSecond float64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = append(l.keys, fmt.Sprintf("%s %.2f", key, perSecond))
	return ctx.Err()
}

func newWorld(t *testing.T, o tgfake.Options) (*tgfake.World, *Client, *limits) {
	t.Helper()
	o.Token, o.Scale = testToken, 0.01
	w := tgfake.New(o)
	srv := httptest.NewServer(w.Handler())
	t.Cleanup(func() { w.Close(); srv.Close() })
	l := &limits{}
	c, err := New(Config{Token: testToken, URL: srv.URL + "/", Limiter: l})
	if err != nil {
		t.Fatal(err)
	}
	return w, c, l
}

func platformError(t *testing.T, err error) *domain.PlatformError {
	t.Helper()
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		t.Fatalf("want a PlatformError, got %v", err)
	}
	return pe
}

// leaks reports whether an error shows the token in any way it may be printed.
func leaks(err error) bool {
	secret := testToken[strings.Index(testToken, ":")+1:]
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, s := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e)} {
			if strings.Contains(s, secret) {
				return true
			}
		}
	}
	return false
}

func TestNoErrorShowsTheToken(t *testing.T) {
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	refusing, err := New(Config{Token: testToken, URL: dead.URL})
	if err != nil {
		t.Fatal(err)
	}
	w, c, _ := newWorld(t, tgfake.Options{})
	ch := w.Channel(-1001000000001, "dvor", "Двор")
	calls := map[string]func() error{
		"refused":      func() error { _, err := refusing.GetUpdates(t.Context(), 0, 1, 0); return err },
		"refused send": func() error { _, err := refusing.SendMessage(t.Context(), Send{Chat: 1, Text: "а"}); return err },
		"refused edit": func() error { return refusing.EditMessageText(t.Context(), 1, 1, "а") },
		"cut":          func() error { w.Fail(tgfake.Fault{CutAfter: 5}); _, err := c.Me(t.Context()); return err },
		"cut send": func() error {
			w.Fail(tgfake.Fault{Silent: true})
			_, err := c.SendMessage(t.Context(), Send{Chat: ch.ID(), Text: "а"})
			return err
		},
		"echoing server": func() error {
			w.Fail(tgfake.Fault{Status: 500, Text: "at /bot" + testToken + "/getMe"})
			_, err := c.Me(t.Context())
			return err
		},
		"echoing proxy": func() error {
			w.Fail(tgfake.Fault{Status: 200, Raw: true, Text: "<" + testToken})
			_, err := c.Me(t.Context())
			return err
		},
		"echoing send": func() error {
			w.Fail(tgfake.Fault{Status: 403, Text: "Forbidden: " + testToken})
			_, err := c.SendMessage(t.Context(), Send{Chat: 1, Text: "а"})
			return err
		},
		"proxy on send": func() error {
			w.Fail(tgfake.Fault{Status: 200, Raw: true, Text: "<" + testToken})
			_, err := c.SendMessage(t.Context(), Send{Chat: 1, Text: "а"})
			return err
		},
		"cancelled": func() error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := c.Me(ctx)
			return err
		},
	}
	for name, call := range calls {
		err := call()
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if leaks(err) {
			t.Errorf("%s shows the token", name)
		}
	}
	for _, bad := range []string{"", "123", "123:", ":abc", "abc:def", "-5:abc"} {
		if _, err := New(Config{Token: bad}); err == nil {
			t.Errorf("token %q was taken", bad)
		}
	}
}

func TestGetUpdatesNamesWhatItWants(t *testing.T) {
	w, c, _ := newWorld(t, tgfake.Options{})
	if _, err := c.GetUpdates(t.Context(), 7, 1000, 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	args := w.Requests()[0].Args
	var allowed []string
	if err := json.Unmarshal([]byte(args["allowed_updates"]), &allowed); err != nil || len(allowed) != 6 || allowed[4] != "my_chat_member" || allowed[5] != "callback_query" {
		t.Errorf("allowed_updates %s", args["allowed_updates"])
	}
	if args["offset"] != "7" || args["limit"] != "100" || args["timeout"] != "50" {
		t.Errorf("asked with %v", args)
	}
}

func TestLongPollFitsTheCallersDeadline(t *testing.T) {
	for _, c := range []struct{ deadline, wait, want time.Duration }{
		{0, 25 * time.Second, 25 * time.Second},
		{0, time.Hour, MaxLongPoll},
		{0, -time.Second, 0},
		{0, 1500 * time.Millisecond, time.Second},
		{12*time.Second + 500*time.Millisecond, 25 * time.Second, 10 * time.Second},
		{time.Second, 25 * time.Second, 0},
	} {
		ctx := t.Context()
		if c.deadline > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.deadline)
			defer cancel()
		}
		if got := longPoll(ctx, c.wait); got != c.want {
			t.Errorf("deadline %s, wait %s: %s, want %s", c.deadline, c.wait, got, c.want)
		}
	}
}

func TestCancelledCallIsNoFaultOfThePlatform(t *testing.T) {
	_, c, _ := newWorld(t, tgfake.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := c.call(ctx, "getUpdates", map[string]any{"timeout": 50}, MaxLongPoll)
	var pe *domain.PlatformError
	if !errors.Is(err, context.Canceled) || errors.As(err, &pe) {
		t.Errorf("got %v", err)
	}
}

func TestSendMessage(t *testing.T) {
	var book bytes.Buffer
	w, c, l := newWorld(t, tgfake.Options{Ledger: ledger.New(&book, time.Now)})
	talk := w.Supergroup(-1001000000002, "", "Соседи")
	asked := talk.Post(tgfake.Draft{Text: "Когда починят лифт?"})
	id, err := c.SendMessage(t.Context(), Send{Chat: talk.ID(), Text: "Передано в работу", ReplyTo: asked.MessageID()})
	if err != nil || id != 2 {
		t.Fatalf("message %d, %v", id, err)
	}
	if err := c.EditMessageText(t.Context(), talk.ID(), id, "Починен"); err != nil {
		t.Fatal(err)
	}
	if got := talk.Messages()[1].Text(); got != "Починен" {
		t.Errorf("the chat shows %q", got)
	}
	if s := book.String(); strings.Count(s, `"what":"reply"`) != 2 || !strings.Contains(s, "Передано в работу") {
		t.Errorf("ledger: %s", s)
	}
	want := "telegram:100200300:chat:-1001000000002 0.33 telegram:100200300:send 30.00"
	if got := strings.Join(l.keys[:2], " "); got != want {
		t.Errorf("waited for %s, want %s", got, want)
	}
	if w.Queued() != 1 {
		t.Errorf("the bot was told of its own message: %d updates", w.Queued())
	}
}

func TestSendErrorsSayWhetherItWasSent(t *testing.T) {
	w, c, _ := newWorld(t, tgfake.Options{})
	talk := w.Supergroup(-1001000000002, "", "Соседи")
	kicked := w.Supergroup(-1001000000003, "", "Другие")
	kicked.SetMember(false)
	old := w.Group(-555, "Старые")
	moved := old.Migrate(-1001000000004)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	refusing, _ := New(Config{Token: testToken, URL: dead.URL})
	cases := []struct {
		name    string
		client  *Client
		fault   tgfake.Fault
		send    Send
		want    domain.Reaction
		unclear bool
	}{
		{"no connection", refusing, tgfake.Fault{}, Send{Chat: talk.ID(), Text: "а"}, domain.RetryLater, false},
		{"cut answer", c, tgfake.Fault{CutAfter: 20}, Send{Chat: talk.ID(), Text: "а"}, domain.AskPerson, true},
		{"no answer", c, tgfake.Fault{Silent: true}, Send{Chat: talk.ID(), Text: "а"}, domain.AskPerson, true},
		{"bad gateway", c, tgfake.Fault{Status: 502, Raw: true, Text: "<html>"}, Send{Chat: talk.ID(), Text: "а"}, domain.AskPerson, true},
		{"server error", c, tgfake.Fault{Status: 500, Text: "Internal Server Error"}, Send{Chat: talk.ID(), Text: "а"}, domain.AskPerson, true},
		{"too many", c, tgfake.Fault{Status: 429, Text: "Too Many Requests: retry after 9", RetryAfter: 9}, Send{Chat: talk.ID(), Text: "а"}, domain.SlowDown, false},
		{"dead token", c, tgfake.Fault{Status: 401, Text: "Unauthorized"}, Send{Chat: talk.ID(), Text: "а"}, domain.AskPerson, false},
		{"kicked", c, tgfake.Fault{}, Send{Chat: kicked.ID(), Text: "а"}, domain.CloseSource, false},
		{"no chat", c, tgfake.Fault{}, Send{Chat: -42, Text: "а"}, domain.CloseSource, false},
		{"empty", c, tgfake.Fault{}, Send{Chat: talk.ID(), Text: " "}, domain.ReportBug, false},
		{"long", c, tgfake.Fault{}, Send{Chat: talk.ID(), Text: strings.Repeat("я", domain.AnswerLimit(domain.Telegram)+1)}, domain.ReportBug, false},
		{"reply to nothing", c, tgfake.Fault{}, Send{Chat: talk.ID(), Text: "а", ReplyTo: 99}, domain.NeverRepeat, false},
		{"moved", c, tgfake.Fault{}, Send{Chat: old.ID(), Text: "а"}, domain.RetryLater, false},
	}
	for _, k := range cases {
		w.Heal()
		if k.fault != (tgfake.Fault{}) {
			w.Fail(k.fault)
		}
		_, err := k.client.SendMessage(t.Context(), k.send)
		pe := platformError(t, err)
		if pe.Reaction != k.want || errors.Is(err, ErrUnclear) != k.unclear || pe.Words == "" {
			t.Errorf("%s: %s, unclear %v: %v", k.name, pe.Reaction, errors.Is(err, ErrUnclear), err)
		}
		var migrated *MigratedError
		if errors.As(err, &migrated) != (k.name == "moved") || migrated != nil && migrated.To != moved.ID() {
			t.Errorf("%s: migrated %v", k.name, migrated)
		}
		if k.name == "too many" && pe.RetryAfter != 9*time.Second {
			t.Errorf("retry after %s", pe.RetryAfter)
		}
	}
	w.Heal()
	if _, err := c.SendMessage(t.Context(), Send{Chat: talk.ID(), Text: "а", ReplyTo: 99, Orphan: true}); err != nil {
		t.Errorf("an orphan answer: %v", err)
	}
}

func TestOnlyAFailedDialIsSurelyNotSent(t *testing.T) {
	for op, want := range map[string]bool{"dial": true, "read": false, "write": false} {
		err := fmt.Errorf("send: %w", &net.OpError{Op: op, Err: errors.New("connection reset by peer")})
		if notSent(err) != want {
			t.Errorf("%s: not sent %v", op, !want)
		}
	}
	if !notSent(&net.DNSError{Err: "no such host"}) {
		t.Error("a name that was not found means nothing was sent")
	}
}

func TestUnclearEditMayBeRepeated(t *testing.T) {
	w, c, _ := newWorld(t, tgfake.Options{})
	w.Fail(tgfake.Fault{Silent: true})
	err := c.EditMessageText(t.Context(), 1, 1, "а")
	if pe := platformError(t, err); pe.Reaction != domain.RetryLater {
		t.Errorf("%+v", pe)
	}
}

func TestIdentitiesAndAddresses(t *testing.T) {
	if ChannelChatID(1084368520) != -1001084368520 || InnerID(-1001084368520) != 1084368520 || InnerID(-555) != 0 || InnerID(7001) != 0 {
		t.Error("chat ids")
	}
	for _, c := range []struct {
		id      domain.PostID
		chat    int64
		message int
		ok      bool
	}{
		{domain.NewPostID(domain.Telegram, "-1001084368520", "5"), -1001084368520, 5, true},
		{domain.NewPostID(domain.Telegram, "100200300", "dialog:7001:9"), 7001, 9, true},
		{domain.NewPostID(domain.Telegram, "@dvor_khv", "5"), 0, 0, false},
		{domain.NewPostID(domain.VK, "-1", "5"), 0, 0, false},
	} {
		chat, message, err := Address(c.id)
		if (err == nil) != c.ok || chat != c.chat || message != c.message {
			t.Errorf("%s: %d, %d, %v", c.id, chat, message, err)
		}
	}
	s := WebhookSecret(testToken)
	if len(s) != 64 || strings.Contains(s, "secret") || s == WebhookSecret("1:b") {
		t.Errorf("secret %q", s)
	}
}

// An update that cannot be named cannot be acknowledged either: a number in
// quotes, or written another way, is still one.
func TestNumbersOfUpdates(t *testing.T) {
	for raw, want := range map[string]int64{
		`12`: 12, `"12"`: 12, `1.2e1`: 12, `9007199254740993`: 9007199254740993, `"x"`: 0, `1.5`: 0, `null`: 0, `{}`: 0, `1e300`: 0, `""`: 0,
	} {
		u, err := ParseUpdate(json.RawMessage(`{"update_id":` + raw + `,"message":{}}`))
		if u.ID != want || (err == nil) != (want != 0) {
			t.Errorf("%s became %d, %v", raw, u.ID, err)
		}
	}
}
