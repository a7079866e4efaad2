package storage

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// TakeLease takes a thing of the queue for somebody, or renews their hold, for
// length by the database's clock. *domain.Taken when somebody else has it;
// domain.ErrNotFound when it is out of their scope, domain.ErrNotQueued for a case
// that does not wait for the control centre.
func (s *Store) TakeLease(ctx context.Context, sc domain.Scope, ref domain.Ref, who string, length time.Duration) (domain.Lease, error) {
	var out domain.Lease
	err := s.inTx(ctx, "take a lease", func(q *db.Queries) error {
		if err := seesRef(ctx, q, sc, ref); err != nil {
			return err
		}
		var err error
		out, err = takeLease(ctx, q, sc.Region, ref, who, length)
		return err
	})
	return out, err
}

func seesRef(ctx context.Context, q *db.Queries, sc domain.Scope, ref domain.Ref) error {
	if ref.Object == domain.ObjectCase {
		row, err := q.GetSeen(ctx, seen(sc, ref.ID))
		if err == nil && !domain.State(row.State).Queued() {
			err = domain.ErrNotQueued
		}
		return err
	}
	item, err := lockReview(ctx, q, sc, ref.ID)
	if err == nil && item.ResolvedAt.Valid {
		return domain.ErrNotFound
	}
	return err
}

func takeLease(ctx context.Context, q *db.Queries, region string, ref domain.Ref, who string, length time.Duration) (domain.Lease, error) {
	got, err := q.TakeLease(ctx, db.TakeLeaseParams{Object: string(ref.Object), ObjectID: ref.ID, Region: region, Who: who, Seconds: length.Seconds()})
	if err != nil {
		return domain.Lease{}, err
	}
	l := domain.Lease{Ref: ref, Who: got.Who, Until: moment(got.Until)}
	if got.Who != who {
		return l, &domain.Taken{Who: l.Who, Until: l.Until}
	}
	return l, nil
}

// ReleaseDesk gives a thing back; one that is somebody else's stays theirs.
func (s *Store) ReleaseDesk(ctx context.Context, ref domain.Ref, who string) error {
	_, err := s.queries().ReleaseDeskLease(ctx, string(ref.Object), ref.ID, who)
	return named("release a lease", err)
}

// ReleaseLeases gives back what somebody has: they have left. What they have
// taken or renewed beyond until stays theirs.
func (s *Store) ReleaseLeases(ctx context.Context, who string, until time.Time) error {
	return named("release leases", s.queries().ReleaseAll(ctx, who, stamp(until)))
}

// EmptyHands gives back whatever somebody has in a region: they look at what
// another works on, and hold nothing.
func (s *Store) EmptyHands(ctx context.Context, sc domain.Scope, who string) error {
	return named("empty hands", s.queries().ReleaseOthers(ctx, db.ReleaseOthersParams{Who: who, Region: sc.Region}))
}

// DeskLeases lists who works on what in a region now.
func (s *Store) DeskLeases(ctx context.Context, sc domain.Scope) ([]domain.Lease, error) {
	rows, err := s.queries().DeskLeases(ctx, sc.Region)
	if err != nil {
		return nil, named("list leases", err)
	}
	out := make([]domain.Lease, len(rows))
	for i, r := range rows {
		out[i] = domain.Lease{Ref: domain.Ref{Object: domain.Object(r.Object), ID: r.ObjectID}, Who: r.Who, Until: moment(r.Until)}
	}
	return out, nil
}

// TakeFirst takes for somebody the first of some things that nobody else has,
// and gives back what they had before. Two people who ask at once get different
// ones. The zero Lease when all are taken.
func (s *Store) TakeFirst(ctx context.Context, sc domain.Scope, refs []domain.Ref, who string, length time.Duration) (domain.Lease, error) {
	var out domain.Lease
	err := s.inTx(ctx, "take the next of the queue", func(q *db.Queries) error {
		out = domain.Lease{}
		for _, ref := range refs {
			l, err := takeLease(ctx, q, sc.Region, ref, who, length)
			if errors.Is(err, domain.ErrTaken) {
				continue
			}
			if err != nil {
				return err
			}
			out = l
			return q.ReleaseOthers(ctx, db.ReleaseOthersParams{Who: who, Region: sc.Region, Object: string(ref.Object), ObjectID: ref.ID})
		}
		return nil
	})
	return out, err
}

// leaseOf is who has a thing now, the zero Lease for nobody.
func leaseOf(ctx context.Context, q *db.Queries, ref domain.Ref) (domain.Lease, error) {
	row, err := q.LeaseOf(ctx, string(ref.Object), ref.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Lease{}, nil
	}
	return domain.Lease{Ref: ref, Who: row.Who, Until: moment(row.Until)}, err
}

// free refuses somebody a thing that another has in hand: two people never decide
// the same. The lease lapses by itself, so nobody is kept from it for long.
func free(ctx context.Context, q *db.Queries, ref domain.Ref, who string) error {
	l, err := leaseOf(ctx, q, ref)
	if err == nil && l.Who != "" && l.Who != who {
		err = &domain.Taken{Who: l.Who, Until: l.Until}
	}
	return err
}

// caseFree is free for a case while it waits in the queue; what a body has is
// nobody's to hold.
func caseFree(ctx context.Context, q *db.Queries, row db.Case, who string) error {
	if !domain.State(row.State).Queued() {
		return nil
	}
	return free(ctx, q, domain.Ref{Object: domain.ObjectCase, ID: row.ID}, who)
}

// SweepDesk drops leases and undos whose time has long passed.
func (s *Store) SweepDesk(ctx context.Context) error {
	return s.inTx(ctx, "sweep leases and undos", func(q *db.Queries) error {
		if err := q.DropLapsedLeases(ctx); err != nil {
			return err
		}
		return q.DropOldUndos(ctx)
	})
}
