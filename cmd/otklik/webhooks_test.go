package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// newTelegram is a fake Telegram of several bots that can be switched off.
func newTelegram(t *testing.T, tokens ...string) (base string, away *atomic.Bool, worlds []*tgfake.World) {
	t.Helper()
	away = &atomic.Bool{}
	for _, token := range tokens {
		w := tgfake.New(tgfake.Options{Token: token, Scale: 0.01})
		t.Cleanup(w.Close)
		worlds = append(worlds, w)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if away.Load() {
			http.Error(rw, "Bad Gateway", http.StatusBadGateway)
			return
		}
		for _, w := range worlds {
			if strings.HasPrefix(r.URL.Path, "/bot"+w.Token()+"/") {
				w.Handler().ServeHTTP(rw, r)
				return
			}
		}
		http.NotFound(rw, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, away, worlds
}

// hookOf is where a bot's updates are pushed.
func hookOf(t *testing.T, base, token string) string {
	t.Helper()
	bot, err := telegram.New(telegram.Config{URL: base, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	info, err := bot.WebhookInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.URL
}

// Telegram being away keeps nobody from starting; the webhook is set when it is back,
// and so is that of a source that is added while serve runs.
func TestTelegramAwayAtTheStart(t *testing.T) {
	t.Parallel()
	base, away, _ := newTelegram(t, "5:first", "6:second")
	environ, dsn := onDatabase(t)
	environ = append(environ, "OTKLIK_TELEGRAM_URL="+base, "OTKLIK_TELEGRAM_TOKEN=5:first,6:second", "OTKLIK_PUBLIC_URL=https://otklik.example")
	add := func(args ...string) outcome {
		return command(t, environ, "", append([]string{"source", "add", "--region", "khabarovsk"}, args...)...)
	}
	if got := add("telegram_webhook", "5").want(t, 0); strings.Contains(got.out, "Первый опрос") || !strings.Contains(got.out, "вебхук регистрируется") {
		t.Errorf("what is said of its first posts: %s", got.out)
	}
	away.Store(true)
	serve := start(t, environ, "serve")
	serve.await("msg=serving")
	answers(t, serve.out.after("desk="), "/", http.StatusOK, "Вход")
	source := func(column, address string) string {
		return query[string](t, dsn, "SELECT "+column+" FROM sources WHERE kind = 'telegram_webhook' AND address = $1", address)
	}
	await(t, serve, func() bool { return source("state", "5") == string(domain.SourceFailing) })
	if why := source("reason", "5"); !strings.HasPrefix(why, "вебхук не зарегистрирован: ") || !strings.Contains(serve.out.String(), "keep Telegram webhooks") {
		t.Errorf("reason %q\n%s", why, serve.out.String())
	}
	away.Store(false)
	await(t, serve, func() bool { return hookOf(t, base, "5:first") == "https://otklik.example/telegram/5" })
	await(t, serve, func() bool { return source("state", "5") == string(domain.SourceEmpty) })

	if got := add("--force", "telegram_bot", "5").want(t, 1); !strings.Contains(got.errout, "бот 5 уже читается как telegram_webhook (источник ") {
		t.Errorf("the same bot polled too: %s", got.errout)
	}
	add("telegram_webhook", "6").want(t, 0)
	await(t, serve, func() bool { return hookOf(t, base, "6:second") == "https://otklik.example/telegram/6" })
	command(t, environ, "", "source", "check", "1").want(t, 0) // a webhook is no reason to call it unreadable
	if code := serve.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, serve.out.String())
	}
}

func TestTelegramWebhookIsLookedAfter(t *testing.T) {
	t.Parallel()
	base, away, worlds := newTelegram(t, "5:first", "6:second")
	pl, err := newPlatforms(Config{TelegramTokens: []string{"5:first", "6:second"}, TelegramURL: base}, limits{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	g := &registrar{bots: pl.bots, public: "https://otklik.example/", clock: domain.SystemClock{}, log: slog.New(slog.DiscardHandler), store: fixedSources{
		{ID: 1, Kind: domain.TelegramWebhook, Address: "5"}, {ID: 2, Kind: domain.TelegramWebhook, Address: "6"},
		{ID: 3, Kind: domain.TelegramWebhook, Address: "7"}, // the token of another process
	}}
	set := func() (n int) {
		for _, r := range worlds[1].Requests() {
			if r.Method == "setWebhook" {
				n++
			}
		}
		return n
	}
	worlds[0].Fail(tgfake.Fault{Method: "getWebhookInfo", Status: 500, Text: "Internal Server Error"})
	if err := g.look(t.Context()); err == nil || !strings.Contains(err.Error(), "source 1") || set() != 1 {
		t.Fatalf("the bot after the one that cannot be asked: registered %d times, %v", set(), err)
	}
	for range 2 { // a webhook that stands is left alone
		if err := g.look(t.Context()); err != nil || set() != 1 {
			t.Fatalf("registered %d times, %v", set(), err)
		}
	}
	if err := pl.bots["6"].DeleteWebhook(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.look(t.Context()); err != nil || hookOf(t, base, "6:second") != "https://otklik.example/telegram/6" {
		t.Errorf("a webhook that was removed is not set again: %v", err)
	}
	form := url.Values{"url": {"https://otklik.example/telegram/6"}, "allowed_updates": {`["message"]`}}
	resp, err := http.PostForm(base+"/bot6:second/setWebhook", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if err := g.look(t.Context()); err != nil || set() != 4 {
		t.Errorf("a webhook that brings too little is left alone: %d times, %v", set(), err)
	}
	again := *g
	again.told = nil // another process, perhaps with another secret
	if err := again.look(t.Context()); err != nil || set() != 5 {
		t.Errorf("the secret is not told anew at the start: %d times, %v", set(), err)
	}
	away.Store(true)
	if err := g.look(t.Context()); err == nil {
		t.Error("Telegram out of reach was not noticed")
	}
}
