package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
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
	s := &subscriber{bots: pl.max, public: "https://otklik.example/", store: fixedSources{src}, log: slog.New(slog.DiscardHandler)}
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
	add("max_bot", "700").want(t, 0)
	add("max_bot", "otklik_bot").want(t, 1) // the same
	for _, s := range storedSources(t, environ) {
		if s.Address != "700" || s.Title != "@otklik_bot (Отклик)" {
			t.Errorf("%+v", s)
		}
		command(t, environ, "", "source", "check", "1").want(t, 0)
	}
}

func TestMAXTokenMustBeOne(t *testing.T) {
	t.Parallel()
	if _, err := LoadConfig([]string{"OTKLIK_MAX_TOKEN=два слова"}); err == nil || !strings.Contains(err.Error(), "OTKLIK_MAX_TOKEN") || strings.Contains(err.Error(), "слова") {
		t.Errorf("%v", err)
	}
}
