package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// NewAccount is an account to be kept. Sealed is its token, encrypted by the caller.
type NewAccount struct {
	domain.Speaker
	Sealed []byte
	By     string
	At     time.Time
}

// AddAccount keeps an account whose token was checked; domain.ErrExists when one
// with this platform and address is there already.
func (s *Store) AddAccount(ctx context.Context, a NewAccount, noted ...domain.Entry) (int64, error) {
	var id int64
	err := s.inTx(ctx, "add an account", func(q *db.Queries) error {
		row, err := q.InsertAccount(ctx, db.InsertAccountParams{Region: a.Region, Platform: string(a.Platform), Address: a.Address,
			Title: clean(a.Title), Whole: a.Whole, Sealed: a.Sealed, At: stamp(a.At), Who: a.By})
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "23505" { // unique_violation
			return domain.ErrExists
		}
		if err != nil {
			return err
		}
		id = row.ID
		if len(a.Bodies) > 0 {
			if err := q.InsertAccountBodies(ctx, id, a.Bodies); err != nil {
				return fmt.Errorf("name its bodies: %w", err)
			}
		}
		return notes(ctx, q, noted)
	})
	return id, err
}

// KeepAccount is AddAccount for the desk.
func (s *Store) KeepAccount(ctx context.Context, a domain.Speaker, sealed []byte, by domain.Doer, noted ...domain.Entry) (int64, error) {
	return s.AddAccount(ctx, NewAccount{Speaker: a, Sealed: sealed, By: by.Login, At: by.At}, noted...)
}

// Accounts lists the accounts of a region, or of all for "". Tokens are not among it.
func (s *Store) Accounts(ctx context.Context, region string) ([]domain.Account, error) {
	out, err := accountsOf(ctx, s.queries(), region)
	return out, named("list accounts", err)
}

func accountsOf(ctx context.Context, q *db.Queries, region string) ([]domain.Account, error) {
	rows, err := q.AccountsOf(ctx, region)
	if err != nil {
		return nil, err
	}
	out := make([]domain.Account, len(rows))
	for i, r := range rows {
		out[i] = domain.Account{Speaker: domain.Speaker{ID: r.ID, Region: r.Region, Platform: domain.Platform(r.Platform), Address: r.Address,
			Title: r.Title, Bodies: r.Bodies, Whole: r.Whole, Broken: r.Broken},
			CreatedAt: moment(r.CreatedAt), CreatedBy: r.CreatedBy, CheckedAt: moment(r.CheckedAt), PausedTo: moment(r.Until), Pause: r.Pause}
	}
	return out, nil
}

// SealedToken is an account with its token as it is kept.
type SealedToken struct {
	domain.Speaker
	Sealed []byte
}

// AccountToken reads the sealed token of an account; domain.ErrNotFound.
func (s *Store) AccountToken(ctx context.Context, id int64) (SealedToken, error) {
	r, err := s.queries().AccountSealed(ctx, id)
	return SealedToken{Sealed: r.Sealed, Speaker: domain.Speaker{ID: r.ID, Region: r.Region, Platform: domain.Platform(r.Platform), Address: r.Address, Broken: r.Broken}},
		named(fmt.Sprintf("read account %d", id), err)
}

// SealAccount replaces the sealed token: a newer key, or a newer token.
func (s *Store) SealAccount(ctx context.Context, id int64, sealed []byte) error {
	n, err := s.queries().SealAccount(ctx, sealed, id)
	return onlyOne(fmt.Sprintf("seal account %d", id), n, err)
}

// MarkAccount notes a check: broken "" is a success, title "" keeps the old one.
func (s *Store) MarkAccount(ctx context.Context, id int64, broken, title string, now time.Time, noted ...domain.Entry) error {
	return s.inTx(ctx, fmt.Sprintf("note the check of account %d", id), func(q *db.Queries) error {
		n, err := q.MarkAccount(ctx, db.MarkAccountParams{Broken: clean(broken), At: stamp(now), Title: clean(title), ID: id})
		if err := onlyOne("note it", n, err); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// RemoveAccount forgets an account's token; domain.ErrNotFound.
func (s *Store) RemoveAccount(ctx context.Context, region string, id int64, now time.Time, noted ...domain.Entry) error {
	return s.inTx(ctx, fmt.Sprintf("remove account %d", id), func(q *db.Queries) error {
		n, err := q.RemoveAccount(ctx, stamp(now), id, region)
		if err := onlyOne("remove", n, err); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}
