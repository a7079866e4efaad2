package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	maxingest "github.com/otklik/otklik/ingest/max"
	"github.com/otklik/otklik/platform/max"
)

const (
	// maxPerDay is our own ceiling of messages of one bot a day; the largest region
	// has 10,000 cases a day, with two or three messages each.
	maxPerDay = 50_000
)

// maxBots makes the clients of MAX, and remembers how more are made.
func (p *platforms) maxBots(cfg Config, l limits, base *http.Client) error {
	p.maxBase = max.Config{URL: cfg.MAXURL, HTTP: base, Limiter: l.perSecond, SendPerDay: maxPerDay}
	if l.perDay != nil {
		p.maxBase.Quotas = l.perDay
	}
	var clients []*max.Client
	for _, token := range cfg.MAXTokens {
		c, err := p.maxAs(token)
		if err != nil {
			return fmt.Errorf("OTKLIK_MAX_TOKEN: %w", err)
		}
		clients = append(clients, c)
	}
	p.max, p.maxTokens = max.NewBots(clients...), len(clients)
	return nil
}

// maxAs is a bot of MAX by its token.
func (p *platforms) maxAs(token string) (*max.Client, error) {
	cfg := p.maxBase
	cfg.Token = strings.TrimSpace(token)
	return max.New(cfg)
}

// maxPuller polls sources of MAX, and checks those that push.
func (p *platforms) maxPuller(clock domain.Clock, m *metrics) *maxingest.BotPuller {
	return &maxingest.BotPuller{Bots: p.max, Clock: clock, Count: m.skippedMAX, Talk: p.maxTalk}
}

// maxHook takes what MAX pushes.
func (p *platforms) maxHook(store ingest.SourceFinder, sink ingest.Sink, clock domain.Clock, m *metrics, log *slog.Logger) http.Handler {
	return m.counted(domain.MAXWebhook, &maxingest.Webhook{Sources: store, Sink: sink, Policy: p.policy, Bots: p.max, Clock: clock, Count: m.skippedMAX, Talk: p.maxTalk, Log: log})
}

// skippedMAX counts MAX updates that gave no post, by the reason.
func (m *metrics) skippedMAX(_ domain.Source, why maxingest.Skip, n int) {
	m.passed.WithLabelValues(string(domain.MAX), "update", string(why)).Add(float64(n))
}

// subscriber keeps MAX pushing to us.
type subscriber struct {
	bots   *max.Bots
	public string // OTKLIK_PUBLIC_URL
	policy ingest.Policy
	store  hookStore
	clock  domain.Clock
	wake   <-chan struct{} // a source was added or resumed; may be nil
	log    *slog.Logger
	lives  *domain.Lives

	// told are the bots whose secret MAX has from this process: like Telegram, it
	// does not say which secret it holds, and that of a new token is another.
	told map[string]bool
}

// check refuses to start where a source needs an address that nobody gave.
func (s *subscriber) check(ctx context.Context) error {
	sources, err := s.store.Sources(ctx, "")
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	for _, src := range sources {
		if src.Kind != domain.MAXWebhook {
			continue
		}
		if err := publicFault(s.public); err != nil {
			return fmt.Errorf("источник %d — вебхук MAX: %w", src.ID, err)
		}
	}
	return nil
}

// run looks after the subscriptions until ctx ends. MAX being out of reach stops
// nothing: what it pushes meanwhile comes later.
func (s *subscriber) run(ctx context.Context) error {
	keepHooks(ctx, "MAX webhooks", s.lives, s.log, s.wake, s.look)
	return nil
}

// look subscribes every bot that has a source of that kind and is not subscribed.
func (s *subscriber) look(ctx context.Context) error {
	sources, err := s.store.Sources(ctx, "")
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	var errs []error
	for _, src := range sources {
		if src.Kind != domain.MAXWebhook || src.State == domain.SourcePaused {
			continue
		}
		if _, refused := s.policy.Refuses(src); refused {
			continue
		}
		err := s.subscribe(ctx, src)
		if err != nil {
			errs = append(errs, fmt.Errorf("source %d: %w", src.ID, err)) // the others go on
		}
		if errors.Is(err, max.ErrNoBot) {
			continue // the process that has its token tells of it
		}
		if err := noteHook(ctx, s.store, s.clock.Now(), src, err); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (s *subscriber) subscribe(ctx context.Context, src domain.Source) error {
	if err := publicFault(s.public); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	bot, err := s.bots.Find(ctx, src.Address)
	if err != nil {
		return err
	}
	address := strings.TrimRight(s.public, "/") + "/max/" + bot.ID
	list, err := bot.Subscriptions(ctx)
	if err != nil {
		return fmt.Errorf("ask for webhooks of bot %s: %w", bot.ID, err)
	}
	if s.told[bot.ID] && slices.ContainsFunc(list, func(o max.Subscription) bool { return o.URL == address && sameTypes(o.Types) }) {
		return nil
	}
	if err := bot.Subscribe(ctx, address, bot.WebhookSecret(bot.ID)); err != nil {
		return fmt.Errorf("register webhook of bot %s: %w", bot.ID, err)
	}
	if s.told == nil {
		s.told = map[string]bool{}
	}
	s.told[bot.ID] = true
	s.log.Info("MAX webhook registered", "bot", bot.ID)
	return nil
}

// sameTypes reports whether a subscription brings all we ask for.
func sameTypes(types []string) bool {
	for _, t := range max.UpdateTypes() {
		if !slices.Contains(types, t) {
			return false
		}
	}
	return true
}
