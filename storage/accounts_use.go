package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// AccountUses tells how a region's accounts are doing: those kept here, then the
// given ones of the environment.
func (s *Store) AccountUses(ctx context.Context, region string, environment []domain.Speaker) ([]domain.AccountUse, error) {
	var out []domain.AccountUse
	err := s.inTx(ctx, "look at the accounts", func(q *db.Queries) error {
		kept, err := accountsOf(ctx, q, region)
		if err != nil {
			return err
		}
		for _, e := range environment {
			kept = append(kept, domain.Account{Speaker: e})
		}
		for _, a := range kept {
			use, err := s.accountUse(ctx, q, a)
			if err != nil {
				return fmt.Errorf("account %s: %w", domain.AccountKey(a.Platform, a.Address), err)
			}
			out = append(out, use)
		}
		return nil
	})
	return out, err
}

func (s *Store) accountUse(ctx context.Context, q *db.Queries, a domain.Account) (domain.AccountUse, error) {
	out := domain.AccountUse{Account: a}
	key := domain.AccountKey(a.Platform, a.Address)
	use, err := q.AccountUse(ctx, string(a.Platform), a.Address)
	if err != nil {
		return out, fmt.Errorf("find its last words: %w", err)
	}
	out.UsedAt, out.Fault, out.FaultAt = moment(use.UsedAt), use.Fault, moment(use.FaultAt)
	pause, err := q.AccountPause(ctx, key)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return out, fmt.Errorf("find its pause: %w", err)
	}
	out.PausedTo, out.Pause, out.PauseReason = moment(pause.Until), pause.Why, pause.Reason
	for _, way := range []domain.Way{domain.WayPublic, domain.WayDialog, domain.WayStaff} {
		perDay := s.sendPerDay(a.Platform, way)
		used, err := q.UsedQuota(ctx, tokenHash(key), sendMethod(a.Platform, way), day(s.quotaNow()))
		if err != nil {
			return out, fmt.Errorf("read its day: %w", err)
		}
		out.Left = append(out.Left, domain.SendLeft{Way: way, Left: max(0, perDay-used.Used), PerDay: perDay})
	}
	return out, nil
}

// AccountUse tells how one account of a region is doing; domain.ErrNotFound.
func (s *Store) AccountUse(ctx context.Context, region string, id int64) (domain.AccountUse, error) {
	var out domain.AccountUse
	err := s.inTx(ctx, fmt.Sprintf("look at account %d", id), func(q *db.Queries) error {
		kept, err := accountsOf(ctx, q, region)
		if err != nil {
			return err
		}
		for _, a := range kept {
			if a.ID == id {
				out, err = s.accountUse(ctx, q, a)
				return err
			}
		}
		return domain.ErrNotFound
	})
	return out, err
}

// ChangeAccount writes title, bodies and reach of an account; domain.ErrNotFound,
// or domain.ErrStale when somebody has changed them since seen.
func (s *Store) ChangeAccount(ctx context.Context, a domain.Speaker, seen string, noted ...domain.Entry) error {
	return s.inTx(ctx, fmt.Sprintf("change account %d", a.ID), func(q *db.Queries) error {
		now, err := lockAccount(ctx, q, a.Region, a.ID)
		if err != nil {
			return err
		}
		if now.Mark() != seen {
			return domain.ErrStale
		}
		if err := q.ChangeAccount(ctx, clean(a.Title), a.Whole, a.ID); err != nil {
			return err
		}
		if err := q.DropAccountBodies(ctx, a.ID); err != nil {
			return fmt.Errorf("take its bodies: %w", err)
		}
		if err := q.InsertAccountBodies(ctx, a.ID, a.Bodies); err != nil {
			return fmt.Errorf("name its bodies: %w", err)
		}
		return notes(ctx, q, noted)
	})
}

func lockAccount(ctx context.Context, q *db.Queries, region string, id int64) (domain.Speaker, error) {
	r, err := q.LockAccount(ctx, id, region)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Speaker{}, domain.ErrNotFound
	}
	return domain.Speaker{ID: r.ID, Region: r.Region, Platform: domain.Platform(r.Platform), Address: r.Address, Title: r.Title,
		Bodies: r.Bodies, Whole: r.Whole, Broken: r.Broken}, err
}

// RenewToken gives an account another token, which the platform has just taken:
// it works again; domain.ErrNotFound.
func (s *Store) RenewToken(ctx context.Context, region string, id int64, sealed []byte, title string, now time.Time, noted ...domain.Entry) error {
	return s.inTx(ctx, fmt.Sprintf("renew the token of account %d", id), func(q *db.Queries) error {
		if _, err := lockAccount(ctx, q, region, id); err != nil {
			return err
		}
		if err := q.RenewToken(ctx, db.RenewTokenParams{Sealed: sealed, At: stamp(now), Title: clean(title), ID: id}); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// RetireAccount marks an account as one that cannot speak, until it gets another
// token or passes a check; domain.ErrNotFound.
func (s *Store) RetireAccount(ctx context.Context, region string, id int64, why string, noted ...domain.Entry) error {
	return s.inTx(ctx, fmt.Sprintf("retire account %d", id), func(q *db.Queries) error {
		if _, err := lockAccount(ctx, q, region, id); err != nil {
			return err
		}
		if err := q.BreakAccount(ctx, clean(why), id); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// untilResumed is a pause that a person ends.
const untilResumed = 100 * 365 * 24 * time.Hour

// PauseAccount lets everything an account has to say wait until somebody resumes it.
func (s *Store) PauseAccount(ctx context.Context, p domain.Platform, address, why string, noted ...domain.Entry) error {
	return s.inTx(ctx, "pause an account", func(q *db.Queries) error {
		err := q.PauseAccount(ctx, db.PauseAccountParams{Account: domain.AccountKey(p, address), Seconds: untilResumed.Seconds(),
			Why: clean(why), Reason: domain.HeldPerson})
		if err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// ResumeAccount ends the pauses of an account before their time; domain.ErrNotFound
// when it has none.
func (s *Store) ResumeAccount(ctx context.Context, p domain.Platform, address string, noted ...domain.Entry) error {
	return s.inTx(ctx, "resume the account", func(q *db.Queries) error {
		n, err := q.ResumeAccount(ctx, domain.AccountKey(p, address))
		if err := onlyOne("end its pauses", n, err); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}
