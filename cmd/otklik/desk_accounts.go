package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// deskAccounts let the page of accounts ask the platforms and seal tokens.
type deskAccounts struct {
	cfg       Config
	infra     *infra
	platforms *platforms
	seal      *login.Seal
	log       *slog.Logger
}

// Check implements accounts.Platforms.
func (d deskAccounts) Check(ctx context.Context, a domain.Speaker, token string) (domain.Speaker, error) {
	if a.Address == "" {
		address, err := d.whose(ctx, a.Platform, token)
		if err != nil {
			return a, err
		}
		a.Address = address
	}
	title, err := checkAccount(ctx, d.cfg, d.infra, a, token, d.log)
	if err != nil {
		return a, plainWords(err)
	}
	if a.Title == "" {
		a.Title = title
	}
	return a, nil
}

// whose is the number of the bot that a token belongs to.
func (d deskAccounts) whose(ctx context.Context, p domain.Platform, token string) (string, error) {
	if p == domain.Telegram {
		number, _, _ := strings.Cut(token, ":")
		return number, nil // the check says whether it is one
	}
	bot, err := d.platforms.maxAs(token)
	if err != nil {
		return "", errors.New("это не токен бота MAX")
	}
	me, err := bot.Me(ctx)
	return strconv.FormatInt(me.ID, 10), plainWords(err)
}

// plainWords is an error as a person may read it: what the platform's client says
// of it in Russian, or that it cannot be reached.
func plainWords(err error) error {
	var pe *domain.PlatformError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe) && pe.Words != "":
		return errors.New(pe.Words)
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("площадка не ответила за полминуты, попробуйте позже")
	}
	return err
}

// Again implements accounts.Platforms.
func (d deskAccounts) Again(ctx context.Context, a domain.Speaker) (title, broken string, err error) {
	found, err := recheck(ctx, d.cfg, d.infra, d.seal, a.ID, d.log)
	return found.title, found.broken, err
}

// Seal implements accounts.Platforms.
func (d deskAccounts) Seal(a domain.Speaker, token string) ([]byte, error) {
	sealed, err := d.seal.Close([]byte(token), accountSeal(a))
	return sealed, sealFault(err)
}

// namesWithin bounds the wait for bots of MAX that have not yet said who they are.
const namesWithin = 3 * time.Second

// Environment implements accounts.Platforms.
func (d deskAccounts) Environment(ctx context.Context, region string) []domain.Speaker {
	ctx, cancel := context.WithTimeout(ctx, namesWithin)
	defer cancel()
	var out []domain.Speaker
	for _, a := range d.platforms.speakers(region) {
		if a.Address != domain.AnyAddress {
			out = append(out, a)
			continue
		}
		bots := d.platforms.max.All(ctx)
		if len(bots) < d.platforms.maxTokens { // somebody has not said who they are
			out = append(out, a)
		}
		for _, bot := range bots {
			a.Address, a.Title = bot.ID, bot.Self.FirstName
			out = append(out, a)
		}
	}
	return out
}

// rechecked is what became of a token that is kept.
type rechecked struct {
	title  string
	broken string // why it cannot be used, Russian; "" when it can
	moved  bool   // to the newest key
}

// recheck asks the platform about the token that is kept, after moving it to the
// newest key. An error means that nobody knows: a platform that cannot be reached
// says nothing of the token.
func recheck(ctx context.Context, cfg Config, in *infra, seal *login.Seal, id int64, log *slog.Logger) (found rechecked, err error) {
	a, err := in.store.AccountToken(ctx, id)
	if err != nil {
		return found, err
	}
	plain, stale, err := seal.Open(a.Sealed, accountSeal(a.Speaker))
	if errors.Is(err, login.ErrWrongSeal) {
		found.broken = sealFault(err).Error()
		return found, nil
	}
	if err != nil {
		return found, sealFault(err)
	}
	if stale {
		if err := sealAnew(ctx, in.store, seal, a, plain); err != nil {
			return found, err
		}
		found.moved = true
	}
	if found.title, err = checkAccount(ctx, cfg, in, a.Speaker, string(plain), log); err == nil {
		return found, nil
	}
	if passing(err) {
		return found, plainWords(err)
	}
	found.broken = plainWords(err).Error()
	return found, nil
}

// passing reports a fault that says nothing of the token.
func passing(err error) bool {
	var pe *domain.PlatformError
	if errors.As(err, &pe) {
		return pe.Reaction != domain.AskPerson && pe.Reaction != domain.ReportBug && pe.Reaction != domain.CloseSource
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func sealAnew(ctx context.Context, store *storage.Store, seal *login.Seal, a storage.SealedToken, plain []byte) error {
	sealed, err := seal.Close(plain, accountSeal(a.Speaker))
	if err != nil {
		return sealFault(err)
	}
	if err := store.SealAccount(ctx, a.ID, sealed); err != nil {
		return fmt.Errorf("keep the token under the newest key: %w", err)
	}
	return nil
}
