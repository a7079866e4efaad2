package max

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
)

const testToken = "f9LHodD0cOJ-verysecretpart_000"

// limits records who waited for what.
type limits struct {
	mu   sync.Mutex
	keys []string
}

func (l *limits) Wait(ctx context.Context, key string, perSecond float64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = append(l.keys, fmt.Sprintf("%s %.0f", key, perSecond))
	return ctx.Err()
}

// bench is a fake MAX with one bot and a client of it.
type bench struct {
	w   *maxfake.World
	bot *maxfake.Bot
	url string
	c   *Client
	l   *limits
}

func newBench(t *testing.T, o maxfake.Options) *bench {
	t.Helper()
	if o.Scale == 0 {
		o.Scale = 0.01
	}
	w := maxfake.New(o)
	srv := httptest.NewServer(w.Handler())
	t.Cleanup(func() { w.Close(); srv.CloseClientConnections(); srv.Close() })
	b := &bench{w: w, bot: w.Bot(700, testToken, "otklik_bot"), url: srv.URL, l: &limits{}}
	var err error
	if b.c, err = New(Config{Token: testToken, URL: srv.URL + "/", Limiter: b.l, Timeout: time.Second}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) dialog() *maxfake.Chat {
	return b.bot.Dialog(maxfake.User{ID: 5, FirstName: "Анна"}, "")
}

func platformError(t *testing.T, err error) *domain.PlatformError {
	t.Helper()
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		t.Fatalf("want a PlatformError, got %v", err)
	}
	if pe.Platform != domain.MAX || pe.Method == "" || !strings.ContainsAny(pe.Words, "абвгдеийклмнопрстуя") {
		t.Fatalf("half an error: %+v", pe)
	}
	return pe
}

// leaks reports whether an error shows the token in any way it may be printed.
func leaks(err error) bool {
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, s := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e)} {
			if strings.Contains(s, "verysecretpart") {
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
	b := newBench(t, maxfake.Options{})
	send := Send{To: Recipient{Chat: 1}, Text: "а"}
	fails := func(f maxfake.Fault, call func() error) func() error {
		return func() error { b.w.Fail(f); defer b.w.Heal(); return call() }
	}
	me := func() error { _, err := b.c.Me(t.Context()); return err }
	post := func() error { _, err := b.c.SendMessage(t.Context(), send); return err }
	calls := map[string]func() error{
		"refused":         func() error { _, err := refusing.Me(t.Context()); return err },
		"refused send":    func() error { _, err := refusing.SendMessage(t.Context(), send); return err },
		"cut":             fails(maxfake.Fault{CutAfter: 5}, me),
		"cut send":        fails(maxfake.Fault{Silent: true}, post),
		"echoing server":  fails(maxfake.Fault{Status: 500, Code: "internal", Text: "token " + testToken}, me),
		"echoing refusal": fails(maxfake.Fault{Status: 403, Code: "chat.denied", Text: testToken}, post),
		"echoing proxy":   fails(maxfake.Fault{Status: 200, Raw: true, Text: "<" + testToken}, me),
		"success false":   fails(maxfake.Fault{Status: 200, Raw: true, Text: `{"success":false,"message":"` + testToken + `"}`}, func() error { return b.c.Unsubscribe(t.Context(), "x") }),
		"cancelled": func() error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := b.c.Me(ctx)
			return err
		},
	}
	for name, call := range calls {
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		} else if leaks(err) {
			t.Errorf("%s shows the token: %v", name, err)
		}
	}
	for _, bad := range []string{"", "два слова", "a b", "a\n"} {
		if _, err := New(Config{Token: bad}); err == nil {
			t.Errorf("token %q was taken", bad)
		}
	}
}

func TestPacesAndDayLimit(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	q := &quota{left: 1}
	b.c.quotas, b.c.perDay = q, 2
	send := func(r Recipient) error { _, err := b.c.SendMessage(t.Context(), Send{To: r, Text: "а"}); return err }
	if err := send(Recipient{Chat: chat.ID()}); err != nil {
		t.Fatal(err)
	}
	if pe := platformError(t, send(Recipient{User: 5})); pe.Reaction != domain.ParkToday {
		t.Errorf("%s", pe.Reaction)
	}
	if len(chat.Messages()) != 1 {
		t.Error("sent beyond the day's limit")
	}
	id := b.c.TokenID()
	want := []string{fmt.Sprintf("max:%s:chat:%d 1", id, chat.ID()), "max:" + id + " 27", "max:" + id + ":user:5 1"}
	if got := b.l.keys; fmt.Sprint(got) != fmt.Sprint(want) || leaks(errors.New(strings.Join(got, " "))) {
		t.Errorf("waited for %q, want %q", got, want)
	}
	if q.spent != id+" POST /messages 2" {
		t.Errorf("spent %q", q.spent)
	}
}

type quota struct {
	left  int64
	spent string
}

func (q *quota) Spend(_ context.Context, token, method string, perDay int64) (int64, error) {
	q.spent = fmt.Sprintf("%s %s %d", token, method, perDay)
	if q.left == 0 {
		return 0, &domain.PlatformError{Platform: domain.MAX, Method: method, Reaction: domain.ParkToday, Words: "на сегодня всё", Err: errors.New("spent")}
	}
	q.left--
	return q.left, nil
}

func TestUpdatesByMarker(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	group := b.w.Group(-100, "Двор")
	group.Add(b.bot, true)
	for _, s := range []string{"раз", "два", "три"} {
		group.Post(maxfake.Draft{Text: s})
	}
	first, err := b.c.GetUpdates(t.Context(), 0, 10, 0)
	if err != nil || len(first.List) != 1 || !strings.Contains(string(first.List[0].Raw), "три") {
		t.Fatalf("without a marker only the latest: %+v %v", first, err)
	}
	for _, s := range []string{"четыре", "пять", "шесть"} {
		group.Post(maxfake.Draft{Text: s})
	}
	two, err := b.c.GetUpdates(t.Context(), first.Marker, 2, 0)
	if err != nil || len(two.List) != 2 || two.List[0].At().Year() < 2020 {
		t.Fatalf("%+v %v", two, err)
	}
	again, err := b.c.GetUpdates(t.Context(), first.Marker, 2, 0)
	if err != nil || len(again.List) != 2 || string(again.List[1].Raw) != string(two.List[1].Raw) {
		t.Fatalf("an answer that was lost must come again: %+v %v", again, err)
	}
	rest, err := b.c.GetUpdates(t.Context(), two.Marker, 1000, 0)
	if err != nil || len(rest.List) != 1 {
		t.Fatalf("%+v %v", rest, err)
	}
	began := time.Now()
	none, err := b.c.GetUpdates(t.Context(), rest.Marker, 10, 30*time.Second) // 0.3 s here
	if err != nil || len(none.List) != 0 || none.Marker != rest.Marker || time.Since(began) < 200*time.Millisecond {
		t.Errorf("an empty long poll: %+v %v after %s", none, err, time.Since(began))
	}
	for name, f := range map[string]maxfake.Fault{
		"no list":  {Status: 200, Raw: true, Text: `{"marker":5}`},
		"a page":   {Status: 200, Raw: true, Text: `<html>`},
		"cut":      {CutAfter: 20},
		"too late": {Late: 500 * time.Second},
	} {
		b.w.Fail(f)
		if ups, err := b.c.GetUpdates(t.Context(), 1, 10, 0); err == nil || platformError(t, err).Reaction != domain.RetryLater {
			t.Errorf("%s was taken for an empty answer: %+v %v", name, ups, err)
		}
	}
	b.w.Fail(maxfake.Fault{Status: 200, Raw: true, Text: `{"updates":[5,{"update_type":7},{},{"update_type":"a","timestamp":"x"}],"marker":null}`})
	odd, err := b.c.GetUpdates(t.Context(), 1, 10, 0)
	if err != nil || odd.Odd != 3 || len(odd.List) != 1 || odd.Marker != 0 || !odd.List[0].At().IsZero() {
		t.Errorf("odd neighbours: %+v %v", odd, err)
	}
}

func TestSubscriptions(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	address := "https://otklik.example/max/700"
	if err := b.c.Subscribe(t.Context(), "http://otklik.example/max/700", "secret"); err == nil {
		t.Error("plain http was taken")
	}
	for range 2 {
		if err := b.c.Subscribe(t.Context(), address, b.c.WebhookSecret("700")); err != nil {
			t.Fatal(err)
		}
	}
	list, err := b.c.Subscriptions(t.Context())
	if err != nil || len(list) != 1 || list[0].URL != address || len(list[0].Types) != len(UpdateTypes()) {
		t.Fatalf("%+v %v", list, err)
	}
	if _, err := b.c.GetUpdates(t.Context(), 0, 1, 0); platformError(t, err).Reaction != domain.AskPerson {
		t.Errorf("long poll beside a webhook: %v", err)
	}
	if err := b.c.Unsubscribe(t.Context(), address); err != nil {
		t.Error(err)
	}
	if err := b.c.Unsubscribe(t.Context(), address); err == nil {
		t.Error("success: false was taken for success")
	}
}

func TestBotsByNumberAndName(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	b.w.Bot(800, "second-token", "vtoroy_bot")
	second, _ := New(Config{Token: "second-token", URL: b.url})
	dead, _ := New(Config{Token: "dead-token", URL: b.url})
	bots := NewBots(dead, b.c, second)
	for _, address := range []string{"700", "@Otklik_Bot", "otklik_bot"} {
		if bot, err := bots.Find(t.Context(), address); err != nil || bot.ID != "700" || bot.Client != b.c {
			t.Errorf("%s: %+v %v", address, bot, err)
		}
	}
	if bot, err := bots.Find(t.Context(), "800"); err != nil || bot.Client != second {
		t.Errorf("%+v %v", bot, err)
	}
	calls := len(b.w.Requests())
	if _, err := bots.Find(t.Context(), "800"); err != nil || len(b.w.Requests()) != calls {
		t.Error("asked again who a known bot is")
	}
	if _, err := bots.Find(t.Context(), "5"); platformError(t, err).Reaction != domain.AskPerson {
		t.Errorf("one token is dead: %v", err)
	}
	if _, err := NewBots(b.c).Find(t.Context(), "5"); !strings.Contains(platformError(t, err).Words, "700 (@otklik_bot)") {
		t.Errorf("it does not say which bots there are: %v", err)
	}
	if !bots.Allowed("800", second.WebhookSecret("800")) || bots.Allowed("700", second.WebhookSecret("800")) || bots.Allowed("800", "") {
		t.Error("a secret opens more or less than its bot's address")
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		chat int64
		want string
	}{{-70801090403050, "max:-70801090403050_mid.a"}, {182182182, "max:700_dialog:182182182:mid.a"}} {
		id := PostID("700", c.chat, "mid.a")
		if id.String() != c.want {
			t.Errorf("%s, want %s", id, c.want)
		}
		if chat, mid, err := Address(id); err != nil || chat != c.chat || mid != "mid.a" {
			t.Errorf("%s: %d %s %v", id, chat, mid, err)
		}
	}
	for _, bad := range []domain.PostID{
		domain.NewPostID(domain.VK, "-1", "mid.a"), domain.NewPostID(domain.MAX, "x", "mid.a"),
		domain.NewPostID(domain.MAX, "-1", "5"), domain.NewPostID(domain.MAX, "700", "dialog:5"),
	} {
		if _, _, err := Address(bad); err == nil {
			t.Errorf("%s can be answered?", bad)
		}
	}
}
