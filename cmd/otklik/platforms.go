package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	maxingest "github.com/otklik/otklik/ingest/max"
	tgingest "github.com/otklik/otklik/ingest/telegram"
	vkingest "github.com/otklik/otklik/ingest/vk"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/vk"
)

// platforms are the clients of this process, by what the configuration names.
type platforms struct {
	vk        *vk.Client
	bots      map[string]*telegram.Client // by bot id
	preview   *telegram.Preview
	callbacks map[int64]vkingest.CallbackKeys // own communities that may push

	recall      *vkingest.Recall        // reads again what came before consent; nil without a bot
	hide        func(peer int64) int64  // names conversations of VK; nil without a key
	tgTalk      *tgingest.Talk          // nil without a bot
	maxTalk     *maxingest.Talk         // nil without a bot
	recheckDays func(region string) int // of the active packs; nil in commands that only check
	// objectionDays are the active packs' satisfaction_days; nil in commands that only check.
	objectionDays func(region string) int
	policy        ingest.Policy // of the active packs; nil in commands that only check

	max     *max.Bots
	maxBase max.Config // without a token

	maxTokens int // of the environment

	vkBase  vk.Config       // without tokens
	botBase telegram.Config // without a token
}

// vkAs is a client for one community whose token is no part of the environment.
func (p *platforms) vkAs(group int64, token string) *vk.Client {
	cfg := p.vkBase
	cfg.Communities = []vk.Token{vk.CommunityToken(group, token)}
	return vk.New(cfg)
}

// botAs is a bot whose token is no part of the environment.
func (p *platforms) botAs(token string) (*telegram.Client, error) {
	cfg := p.botBase
	cfg.Token = token
	return telegram.New(cfg)
}

// limits are the shared limiter and the daily counters, both over all workers.
type limits struct {
	perSecond ingest.Limiter
	perDay    ingest.Quotas
}

// newPlatforms makes the clients. It calls nobody.
func newPlatforms(cfg Config, l limits, log *slog.Logger) (*platforms, error) {
	roots, err := certificates(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	vkTransport, err := transport(cfg.VKProxy, "OTKLIK_VK_PROXY", roots)
	if err != nil {
		return nil, err
	}
	tgTransport, err := transport(cfg.TelegramProxy, "OTKLIK_TELEGRAM_PROXY", roots)
	if err != nil {
		return nil, err
	}
	maxTransport, err := transport(cfg.MAXProxy, "OTKLIK_MAX_PROXY", roots)
	if err != nil {
		return nil, err
	}
	p := &platforms{bots: map[string]*telegram.Client{}, callbacks: map[int64]vkingest.CallbackKeys{}}
	vkConfig := vk.Config{MethodURL: cfg.VKURL, Transport: vkTransport, Limiter: l.perSecond, Quotas: l.perDay, Log: log}
	p.vkBase = vkConfig
	for _, t := range cfg.VKTokens {
		vkConfig.Service = append(vkConfig.Service, vk.ServiceToken(t))
	}
	for _, entry := range cfg.VKCommunities {
		group, token, cb, err := parseCommunity(entry)
		if err != nil {
			return nil, err
		}
		vkConfig.Communities = append(vkConfig.Communities, vk.CommunityToken(group, token))
		if cb.Secret != "" {
			p.callbacks[group] = cb
		}
	}
	p.vk = vk.New(vkConfig)
	tgHTTP := &http.Client{Transport: tgTransport}
	p.botBase = telegram.Config{URL: cfg.TelegramURL, HTTP: tgHTTP, Limiter: l.perSecond}
	for _, token := range cfg.TelegramTokens {
		bot, err := p.botAs(token)
		if err != nil {
			return nil, fmt.Errorf("OTKLIK_TELEGRAM_TOKEN: %w", err)
		}
		p.bots[strconv.FormatInt(bot.ID(), 10)] = bot
	}
	if err := p.maxBots(cfg, l, &http.Client{Transport: maxTransport}); err != nil {
		return nil, err
	}
	p.preview = telegram.NewPreview(telegram.PreviewConfig{URL: cfg.TelegramPreview, HTTP: tgHTTP, Limiter: l.perSecond})
	return p, nil
}

// parseCommunity reads id:token[:secret[:confirmation]]. The entry itself never
// stands in an error: it holds secrets.
func parseCommunity(entry string) (group int64, token string, cb vkingest.CallbackKeys, err error) {
	parts := strings.Split(strings.TrimSpace(entry), ":")
	if len(parts) < 2 || len(parts) > 4 {
		return 0, "", cb, fmt.Errorf("OTKLIK_VK_COMMUNITIES: сообщество задаётся как номер:токен[:секрет[:строка подтверждения]]")
	}
	group, err = strconv.ParseInt(parts[0], 10, 64)
	if err != nil || group <= 0 {
		return 0, "", cb, fmt.Errorf("OTKLIK_VK_COMMUNITIES: номер сообщества — число без знака")
	}
	parts = append(parts, "", "")
	return group, parts[1], vkingest.CallbackKeys{Secret: parts[2], Confirmation: parts[3]}, nil
}

// certificates adds a file to the system's authorities; nil = the system's.
func certificates(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("OTKLIK_CA_FILE: файл %s: %s", path, systemWords(err))
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("OTKLIK_CA_FILE: в файле %s нет сертификатов PEM", path)
	}
	return pool, nil
}

func transport(proxy, name string, roots *x509.CertPool) (*http.Transport, error) {
	if proxy == "" {
		return vk.NewTransport(nil, roots), nil
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%s: это не адрес прокси", name)
	}
	return vk.NewTransport(u, roots), nil
}

// pullerStore is what the pullers ask of the store.
type pullerStore interface {
	ingest.Watches
	ingest.SourceFinder
	vkingest.KnownComments
	vkingest.SourceCounter
}

func (p *platforms) vkDeps(store pullerStore, clock domain.Clock, events func(string, vkingest.Outcome), log *slog.Logger) vkingest.Deps {
	return vkingest.Deps{VK: p.vk, Watches: store, Known: store, Sources: store, Policy: p.policy, Clock: clock, Events: events, Log: log, Recall: p.recall, Hide: p.hide, RecheckDays: p.recheckDays, ObjectionDays: p.objectionDays}
}

// pullers are the ways sources of each kind are polled.
func (p *platforms) pullers(store pullerStore, clock domain.Clock, m *metrics, log *slog.Logger) map[domain.SourceKind]ingest.Puller {
	bots := map[string]tgingest.Bot{}
	for id, b := range p.bots {
		bots[id] = b
	}
	deps := p.vkDeps(store, clock, m.event, log)
	return map[domain.SourceKind]ingest.Puller{
		domain.VKWall:          &vkingest.Wall{Deps: deps},
		domain.VKSearch:        &vkingest.Search{Deps: deps},
		domain.VKLongPoll:      &vkingest.LongPoll{Deps: deps, Listener: p.vk},
		domain.TelegramBot:     &tgingest.BotPuller{Bots: bots, Count: m.skipped, Talk: p.tgTalk},
		domain.MAXBot:          p.maxPuller(clock, m),
		domain.TelegramPreview: &tgingest.PreviewPuller{Pages: p.preview, Clock: clock, RecheckDays: p.recheckDays},
	}
}

// answerPress tells Telegram that a bot has heard the press of a button.
func (p *platforms) answerPress(ctx context.Context, bot, callback, words string) error {
	c := p.bots[bot]
	if c == nil {
		return fmt.Errorf("no token of bot %s", bot)
	}
	return c.AnswerCallback(ctx, callback, words)
}

// hooks is the mux platforms push into.
func (p *platforms) hooks(store pullerStore, sink ingest.Sink, clock domain.Clock, m *metrics, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	secrets := map[string]string{}
	for id, b := range p.bots {
		secrets[id] = b.WebhookSecret()
	}
	mux.Handle("POST /telegram/{bot}", m.counted(domain.TelegramWebhook,
		&tgingest.Webhook{Sources: store, Sink: sink, Policy: p.policy, Clock: clock, Secrets: secrets, Count: m.skipped, Talk: p.tgTalk, Log: log}))
	mux.Handle("POST /max/{bot}", p.maxHook(store, sink, clock, m, log))
	mux.Handle("POST /vk", m.counted(domain.VKCallback,
		vkingest.Callback{Deps: p.vkDeps(store, clock, m.event, log), Keys: p.callbacks, Finder: store, Sink: sink, Policy: p.policy}))
	return mux
}

// counted counts pushes by the status they were answered with.
func (m *metrics) counted(kind domain.SourceKind, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(sw, r)
		m.pushes.WithLabelValues(string(kind), strconv.Itoa(sw.status)).Inc()
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// quotaLeft is what is left today of VK's daily quotas, for the metrics.
func (p *platforms) quotaLeft(ctx context.Context) map[string]domain.Budget {
	out := map[string]domain.Budget{}
	for _, method := range []string{"wall.get", "newsfeed.search"} {
		left, perDay, err := p.vk.Left(ctx, method)
		if err == nil && perDay > 0 {
			out[method] = domain.Budget{Left: left, PerDay: perDay}
		}
	}
	return out
}
