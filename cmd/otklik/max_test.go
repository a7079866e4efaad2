package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// fixedSources is a store that knows these sources.
type fixedSources []domain.Source

func (f fixedSources) Sources(context.Context, string) ([]domain.Source, error) { return f, nil }

func (fixedSources) SourceFailed(context.Context, domain.Source, domain.SourceState, string, domain.Activity, time.Time) error {
	return nil
}

// newMAX is a fake MAX with one bot, and the platforms that know its token.
func newMAX(t *testing.T) (*maxfake.World, *maxfake.Bot, *platforms, string) {
	t.Helper()
	w := maxfake.New(maxfake.Options{Scale: 0.01})
	srv := httptest.NewServer(w.Handler())
	t.Cleanup(func() { w.Close(); srv.CloseClientConnections(); srv.Close() })
	bot := w.Bot(700, "token-of-max", "otklik_bot")
	pl, err := newPlatforms(Config{MAXTokens: []string{" token-of-max "}, MAXURL: srv.URL}, limits{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return w, bot, pl, srv.URL
}

func TestMAXWebhookIsLookedAfter(t *testing.T) {
	t.Parallel()
	w, bot, pl, _ := newMAX(t)
	src := domain.Source{ID: 3, Kind: domain.MAXWebhook, Address: "700"}
	s := &subscriber{bots: pl.max, public: "https://otklik.example/", store: fixedSources{src}, clock: domain.SystemClock{}, log: slog.New(slog.DiscardHandler)}
	for range 2 { // the second look changes nothing
		if err := s.look(t.Context()); err != nil || !bot.Subscribed() {
			t.Fatalf("subscribed %v, %v", bot.Subscribed(), err)
		}
	}
	posts := 0
	for _, r := range w.Requests() {
		if r.Method == "POST /subscriptions" {
			posts++
			if !strings.Contains(r.Body, `"https://otklik.example/max/700"`) || !strings.Contains(r.Body, pl.maxSecret(t)) {
				t.Errorf("registered %s", r.Body)
			}
		}
	}
	if posts != 1 {
		t.Errorf("registered %d times", posts)
	}
	bot.DropSubscriptions() // eight hours without an answer
	if err := s.look(t.Context()); err != nil || !bot.Subscribed() {
		t.Errorf("a subscription MAX ended was not renewed: %v", err)
	}
	w.Fail(maxfake.Fault{Status: 503, Code: "service.unavailable"})
	if err := s.look(t.Context()); err == nil {
		t.Error("MAX out of reach was not noticed")
	}
	w.Fail(maxfake.Fault{Status: 503, Code: "service.unavailable", Times: 1})
	bot.DropSubscriptions()
	s.store = fixedSources{src, src} // one that cannot be asked
	if err := s.look(t.Context()); err == nil || !bot.Subscribed() {
		t.Errorf("the bot after the one out of reach: %v, %v", bot.Subscribed(), err)
	}
	s.public = ""
	if err := s.check(t.Context()); err == nil || !strings.Contains(err.Error(), "OTKLIK_PUBLIC_URL") {
		t.Errorf("no public address: %v", err)
	}
	s.public = "http://otklik.example"
	if err := s.check(t.Context()); err == nil || !strings.Contains(err.Error(), "источник 3 — вебхук MAX: OTKLIK_PUBLIC_URL: «http://otklik.example»") {
		t.Errorf("a public address without https: %v", err)
	}
	s.store = fixedSources{{Kind: domain.MAXBot, Address: "700"}}
	if err := s.check(t.Context()); err != nil {
		t.Error(err)
	}
}

func (p *platforms) maxSecret(t *testing.T) string {
	t.Helper()
	bot, err := p.max.Find(t.Context(), "700")
	if err != nil {
		t.Fatal(err)
	}
	return bot.WebhookSecret("700")
}

func TestMAXSourceIsAddedByNumberOrName(t *testing.T) {
	t.Parallel()
	_, _, _, url := newMAX(t)
	environ, _ := onDatabase(t)
	environ = append(environ, "OTKLIK_MAX_URL="+url, "OTKLIK_MAX_TOKEN=token-of-max")
	add := func(args ...string) outcome {
		return command(t, environ, "", append([]string{"source", "add", "--region", "khabarovsk", "--"}, args...)...)
	}
	if got := add("max_bot", "@nobody").want(t, 1); !strings.Contains(got.errout, "700 (@otklik_bot)") {
		t.Errorf("it does not say which bots there are: %s", got.errout)
	}
	add("max_webhook", "@otklik_bot").want(t, 0)
	add("max_webhook", "otklik_bot").want(t, 1) // the same
	for _, s := range storedSources(t, environ) {
		if s.Address != "700" || s.Title != "@otklik_bot (Отклик)" {
			t.Errorf("%+v", s)
		}
		command(t, environ, "", "source", "check", "1").want(t, 0)
	}
}

// MAX does not say which secret it holds: after the token was changed the webhook that
// stands would push with the old one, and every push would be refused.
func TestMAXHearsTheSecretOfANewToken(t *testing.T) {
	t.Parallel()
	w, bot, pl, base := newMAX(t)
	const address = "https://otklik.example/max/700"
	client, err := max.New(max.Config{URL: base, Token: "token-of-max"})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Subscribe(t.Context(), address, max.WebhookSecret("token-of-old", "700")); err != nil {
		t.Fatal(err)
	}
	held := &heldSources{src: domain.Source{ID: 3, Kind: domain.MAXWebhook, Address: "700", State: domain.SourceNew}}
	s := &subscriber{bots: pl.max, public: "https://otklik.example", store: held, clock: domain.SystemClock{}, log: slog.New(slog.DiscardHandler)}
	if err := s.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if last := lastSubscription(t, w); !strings.Contains(last, pl.maxSecret(t)) || !bot.Subscribed() {
		t.Errorf("MAX still has the old secret: %s", last)
	}
	if held.src.State != domain.SourceEmpty || !strings.HasPrefix(held.src.Reason, "вебхук зарегистрирован") {
		t.Errorf("what the source says: %s, %s", held.src.State, held.src.Reason)
	}
	w.Fail(maxfake.Fault{Status: 503, Code: "service.unavailable", Times: 1})
	if err := s.look(t.Context()); err == nil || held.src.State != domain.SourceFailing || !strings.HasPrefix(held.src.Reason, notRegistered) {
		t.Errorf("MAX away: %v, %s, %s", err, held.src.State, held.src.Reason)
	}
	held.src = domain.Source{ID: 4, Kind: domain.MAXWebhook, Address: "701"} // its token is another process's
	if err := s.look(t.Context()); err == nil || held.src.Reason != "" {
		t.Errorf("a bot of another process: %v, %s", err, held.src.Reason)
	}
}

// lastSubscription is the body of the last registering of a webhook.
func lastSubscription(t *testing.T, w *maxfake.World) (body string) {
	t.Helper()
	for _, r := range w.Requests() {
		if r.Method == "POST /subscriptions" {
			body = r.Body
		}
	}
	return body
}

// heldSources is a store of one source that remembers what is noted of it.
type heldSources struct{ src domain.Source }

func (h *heldSources) Sources(context.Context, string) ([]domain.Source, error) {
	return []domain.Source{h.src}, nil
}

func (h *heldSources) SourceFailed(_ context.Context, _ domain.Source, state domain.SourceState, reason string, a domain.Activity, _ time.Time) error {
	h.src.State, h.src.Reason, h.src.Activity = state, reason, a
	return nil
}

// A bot of MAX is read one way, by whichever name it is called; long polls get nothing
// while a webhook is set.
func TestABotOfMAXIsReadOneWay(t *testing.T) {
	t.Parallel()
	_, _, _, base := newMAX(t)
	environ, dsn := onDatabase(t)
	environ = append(environ, "OTKLIK_MAX_URL="+base, "OTKLIK_MAX_TOKEN=token-of-max")
	source := func(args ...string) outcome {
		return command(t, environ, "", append([]string{"source"}, args...)...)
	}
	add := func(args ...string) outcome {
		return source(append([]string{"add", "--region", "khabarovsk"}, args...)...)
	}
	if got := add("--force", "max_bot", "@nobody").want(t, 1); !strings.Contains(got.errout, "номер бота «@nobody» узнать не удалось") {
		t.Errorf("a bot nobody knows: %s", got.errout)
	}
	add("max_bot", "+700").want(t, 0)
	const taken = "бот 700 уже читается как max_bot (источник 1)"
	for _, address := range []string{"700", "@otklik_bot"} {
		if got := add("--force", "max_webhook", address).want(t, 1); !strings.Contains(got.errout, taken) {
			t.Errorf("pushed too, as %s: %s", address, got.errout)
		}
	}
	source("pause", "1").want(t, 0)
	add("max_webhook", "@otklik_bot").want(t, 0)
	if got := source("resume", "1").want(t, 1); !strings.Contains(got.errout, "уже читается как max_webhook") {
		t.Errorf("polled again beside the webhook: %s", got.errout)
	}
	if got := source("check", "1").want(t, 1); !strings.Contains(got.errout, "уже читается как max_webhook") {
		t.Errorf("a check of the stopped one: %s", got.errout)
	}
	desk := deskPlatforms{infra: &infra{store: storagetest.Open(t, dsn, storage.Options{})}, pack: func(string) *rules.Pack { return nil }}
	src := domain.Source{Region: "khabarovsk", Kind: domain.MAXBot, Address: "0700"}
	if err := desk.Clean(t.Context(), &src); err == nil || !strings.Contains(err.Error(), "уже читается") {
		t.Errorf("on the desk: %v", err)
	}
}

func TestMAXTokenMustBeOne(t *testing.T) {
	t.Parallel()
	if _, err := LoadConfig([]string{"OTKLIK_MAX_TOKEN=два слова"}); err == nil || !strings.Contains(err.Error(), "OTKLIK_MAX_TOKEN") || strings.Contains(err.Error(), "слова") {
		t.Errorf("%v", err)
	}
}

// The page of accounts shows bots of MAX under their numbers, so that what they said
// is found; one that does not say who it is stands there all the same.
func TestAccountsShowMAXBotsByNumber(t *testing.T) {
	t.Parallel()
	w, _, pl, _ := newMAX(t)
	pl.maxTokens = 1
	d := deskAccounts{platforms: pl}
	find := func() string {
		for _, a := range d.Environment(t.Context(), "khabarovsk") {
			if a.Platform == domain.MAX {
				return a.Address + " " + a.Title
			}
		}
		return "none"
	}
	w.Fail(maxfake.Fault{Status: 503, Code: "service.unavailable", Times: 1})
	if got := find(); got != domain.AnyAddress+" " {
		t.Errorf("while MAX is away: %q", got)
	}
	if got := find(); got != "700 Отклик" {
		t.Errorf("then: %q", got)
	}
}
