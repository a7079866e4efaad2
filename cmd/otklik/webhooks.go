package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/telegram"
)

const (
	// hookLook is how often a platform is asked whether it still pushes to us: a
	// webhook may be removed elsewhere, and MAX ends a subscription by itself after
	// 8 hours without an answer.
	hookLook = 5 * time.Minute
	// hookAgain is the pause after a platform could not be asked.
	hookAgain = 30 * time.Second
)

// keepHooks looks after the webhooks of a platform until ctx ends.
func keepHooks(ctx context.Context, name string, lives *domain.Lives, log *slog.Logger, wake <-chan struct{}, look func(context.Context) error) {
	life := lives.Begin(name, "", maxSilence)
	defer life.End()
	for ctx.Err() == nil {
		life.Beat()
		pause := hookLook
		if err := look(ctx); err != nil && ctx.Err() == nil {
			log.Error("keep "+name, "err", err)
			pause = hookAgain
		}
		hookWait(ctx, pause, wake)
	}
}

// hookWait waits for the next look, which a source that was added brings forward.
func hookWait(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-wake:
	}
}

// hookStore is what registering webhooks needs of the store. No poll tells of the
// state of such a source, so it is noted here.
type hookStore interface {
	Sources(ctx context.Context, region string) ([]domain.Source, error)
	SourceFailed(ctx context.Context, src domain.Source, state domain.SourceState, reason string, a domain.Activity, next time.Time) error
}

// registrar keeps Telegram pushing to us.
type registrar struct {
	bots   map[string]*telegram.Client
	public string // OTKLIK_PUBLIC_URL
	policy ingest.Policy
	store  hookStore
	clock  domain.Clock
	wake   <-chan struct{} // a source was added or resumed; may be nil
	log    *slog.Logger
	lives  *domain.Lives

	// told are the bots whose secret Telegram has from this process: it does not
	// say which secret it holds, and that of a new token is another.
	told map[string]bool
}

// check refuses to start where a source needs an address that nobody gave.
func (g *registrar) check(ctx context.Context) error {
	sources, err := g.store.Sources(ctx, "")
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	for _, src := range sources {
		if _, ours := g.bots[src.Address]; !ours || src.Kind != domain.TelegramWebhook {
			continue
		}
		if err := publicFault(g.public); err != nil {
			return fmt.Errorf("источник %d — вебхук Telegram: %w", src.ID, err)
		}
	}
	return nil
}

// run looks after the webhooks until ctx ends. Telegram being out of reach stops
// nothing: what waits there comes when it is back.
func (g *registrar) run(ctx context.Context) error {
	keepHooks(ctx, "Telegram webhooks", g.lives, g.log, g.wake, g.look)
	return nil
}

// look registers every bot that has a source of that kind and whose webhook is not
// the one we want. One bot that cannot be asked does not keep the others waiting.
func (g *registrar) look(ctx context.Context) error {
	sources, err := g.store.Sources(ctx, "")
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	var errs []error
	for _, src := range sources {
		bot, ours := g.bots[src.Address]
		if !ours || src.Kind != domain.TelegramWebhook || src.State == domain.SourcePaused {
			continue
		}
		if _, refused := g.policy.Refuses(src); refused {
			continue
		}
		err := g.register(ctx, src, bot)
		if err != nil {
			errs = append(errs, fmt.Errorf("source %d: %w", src.ID, err))
		}
		if err := noteHook(ctx, g.store, g.clock.Now(), src, err); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (g *registrar) register(ctx context.Context, src domain.Source, bot *telegram.Client) error {
	if err := publicFault(g.public); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	address := strings.TrimRight(g.public, "/") + "/telegram/" + src.Address
	hook, err := bot.WebhookInfo(ctx)
	if err != nil {
		return fmt.Errorf("ask for the webhook of bot %s: %w", src.Address, err)
	}
	if g.told[src.Address] && sameHook(hook, address) {
		return nil
	}
	if err := bot.SetWebhook(ctx, address, bot.WebhookSecret()); err != nil {
		return fmt.Errorf("register webhook of bot %s: %w", src.Address, err)
	}
	if g.told == nil {
		g.told = map[string]bool{}
	}
	g.told[src.Address] = true
	g.log.Info("Telegram webhook registered", "bot", src.Address)
	return nil
}

// sameHook reports whether a webhook brings all we ask for to the right place.
func sameHook(hook models.WebhookInfo, address string) bool {
	return hook.URL == address && !slices.ContainsFunc(telegram.AllowedUpdates(), func(t string) bool { return !slices.Contains(hook.AllowedUpdates, t) })
}

// notRegistered begins the reason of a source whose webhook could not be looked
// after; what else is wrong with a source is not taken back when it could.
const notRegistered = "вебхук не зарегистрирован: "

// noteHook writes into the state of a source what became of its webhook, where that is
// news.
func noteHook(ctx context.Context, store hookStore, now time.Time, src domain.Source, failed error) error {
	f := ingest.Failure{State: domain.SourceEmpty, Reason: "вебхук зарегистрирован, сообщений пока не было", Activity: src.Activity}
	switch {
	case failed != nil:
		f = ingest.Failed(now, src, failed, rand.Float64())
		f.Reason = notRegistered + inWords(failed).Error()
		if src.State == f.State && src.Reason == f.Reason {
			return nil
		}
	case src.State != domain.SourceNew && !strings.HasPrefix(src.Reason, notRegistered):
		return nil
	case !src.Activity.LastPostAt.IsZero():
		f.State, f.Reason = domain.SourceUnchanged, "вебхук зарегистрирован, новых сообщений нет"
	}
	if failed == nil {
		f.Activity.Failures = 0
	}
	if err := store.SourceFailed(ctx, src, f.State, f.Reason, f.Activity, src.NextPollAt); err != nil {
		return fmt.Errorf("note the webhook of source %d: %w", src.ID, err)
	}
	return nil
}
