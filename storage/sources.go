package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// AddSource stores a new source, due at once, and returns it with its id. Its
// region must have a pack (SavePack): domain.ErrNotFound otherwise. A source
// that is already there is ErrExists. Notes go into the journal with it.
func (s *Store) AddSource(ctx context.Context, src domain.Source, noted ...domain.Entry) (domain.Source, error) {
	next := src.NextPollAt
	if next.IsZero() {
		next = s.opts.Clock.Now()
	}
	var row db.Source
	err := s.inTx(ctx, fmt.Sprintf("add source %s %s", src.Kind, src.Address), func(q *db.Queries) error {
		var err error
		row, err = q.InsertSource(ctx, db.InsertSourceParams{
			Region: src.Region, Kind: string(src.Kind), Address: src.Address, Title: src.Title, Home: src.Home,
			Settings: src.Settings, NextPollAt: stamp(next),
		})
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg) && pg.Code == "23503":
			return fmt.Errorf("region %q has no pack yet: %w", src.Region, domain.ErrNotFound)
		case errors.As(err, &pg) && pg.Code == "23505":
			return ErrExists
		case err != nil:
			return err
		}
		return notes(ctx, q, noted)
	})
	if err != nil {
		return domain.Source{}, err
	}
	return toSource(row)
}

// ErrExists is domain.ErrExists.
var ErrExists = domain.ErrExists

// Source finds a source by id.
func (s *Store) Source(ctx context.Context, id int64) (domain.Source, error) {
	row, err := s.queries().GetSource(ctx, id)
	if err != nil {
		return domain.Source{}, named("find source", err)
	}
	return toSource(row)
}

// SourceByAddress finds a source by kind and address. Own channels (pushes and
// long polls) are unique over regions; of others the oldest is given.
func (s *Store) SourceByAddress(ctx context.Context, kind domain.SourceKind, address string) (domain.Source, error) {
	row, err := s.queries().GetSourceByAddress(ctx, string(kind), address)
	if err != nil {
		return domain.Source{}, named(fmt.Sprintf("find source %s %s", kind, address), err)
	}
	return toSource(row)
}

// Sources lists a region's sources, or all for "", with the chats their bots lost.
func (s *Store) Sources(ctx context.Context, region string) ([]domain.Source, error) {
	var list []domain.Source
	err := s.inTx(ctx, "list sources", func(q *db.Queries) error {
		rows, err := q.ListSources(ctx, region)
		if err != nil {
			return err
		}
		if list, err = convertAll(rows, toSource); err != nil {
			return err
		}
		return withAway(ctx, q, list)
	})
	return list, err
}

// SetSourceTitle keeps the name the platform gave.
func (s *Store) SetSourceTitle(ctx context.Context, id int64, title string) error {
	n, err := s.queries().SetSourceTitle(ctx, title, id)
	return onlyOne("name source", n, err)
}

// PauseSource stops polling until ResumeSource. What is in hand is still
// committed; nothing un-pauses it by the way. Notes go into the journal with it.
func (s *Store) PauseSource(ctx context.Context, id int64, reason string, noted ...domain.Entry) error {
	return s.inTx(ctx, "pause source", func(q *db.Queries) error {
		n, err := q.PauseSource(ctx, reason, id)
		if err := onlyOne("pause", n, err); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// ResumeSource makes a paused source due at now; domain.ErrNotFound when it is
// not paused. Notes go into the journal with it.
func (s *Store) ResumeSource(ctx context.Context, id int64, now time.Time, noted ...domain.Entry) error {
	return s.inTx(ctx, "resume source", func(q *db.Queries) error {
		n, err := q.ResumeSource(ctx, stamp(now), id)
		if err := onlyOne("resume", n, err); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// HurrySource makes a source due now, and what it looks at again; a paused one
// stays paused. There is no harm in a source that is not there.
func (s *Store) HurrySource(ctx context.Context, region string, kind domain.SourceKind, address string, now time.Time) error {
	return s.inTx(ctx, fmt.Sprintf("hurry source %s %s", kind, address), func(q *db.Queries) error {
		if err := q.HurrySource(ctx, db.HurrySourceParams{Now: stamp(now), Kind: string(kind), Address: address, Region: region}); err != nil {
			return err
		}
		return q.HurryWatches(ctx, db.HurryWatchesParams{Now: stamp(now), Kind: string(kind), Address: address, Region: region})
	})
}

func onlyOne(doing string, rows int64, err error) error {
	if err == nil && rows == 0 {
		err = domain.ErrNotFound
	}
	return named(doing, err)
}

// LeaseSources takes up to limit sources of these kinds that are due at now and
// held by nobody. Each comes with a new epoch; a commit must carry it. The lease
// ends by the database's clock unless it is renewed; a commit renews it too.
func (s *Store) LeaseSources(ctx context.Context, owner string, now time.Time, lease time.Duration, kinds []domain.SourceKind, limit int) ([]domain.Source, error) {
	rows, err := s.queries().LeaseSources(ctx, db.LeaseSourcesParams{
		Owner: owner, LeaseSeconds: lease.Seconds(), Kinds: kindNames(kinds),
		Regions: s.regions(), Now: stamp(now), Most: small(limit),
	})
	if err != nil {
		return nil, named("take leases", err)
	}
	return convertAll(rows, toSource)
}

func kindNames(kinds []domain.SourceKind) []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = string(k)
	}
	return out
}

// regions is never nil: a nil slice would be NULL, and NULL matches nothing.
func (s *Store) regions() []string { return append([]string{}, s.opts.Regions...) }

// RenewLeases extends the leases of owner that are still held (source id →
// epoch) and returns the ids of those that are not.
func (s *Store) RenewLeases(ctx context.Context, owner string, lease time.Duration, held map[int64]int64) ([]int64, error) {
	p := db.RenewLeasesParams{Owner: owner, LeaseSeconds: lease.Seconds()}
	for id, epoch := range held {
		p.Ids = append(p.Ids, id)
		p.Epochs = append(p.Epochs, epoch)
	}
	lost, err := s.queries().RenewLeases(ctx, p)
	return lost, named("renew leases", err)
}

// ReleaseLease gives a source back early. One that is no longer ours is left alone.
func (s *Store) ReleaseLease(ctx context.Context, src domain.Source) error {
	return named("release lease", s.queries().ReleaseLease(ctx, src.ID, src.Epoch))
}

// SourceFailed notes a failed poll and gives the source back;
// domain.ErrLeaseLost when it is no longer ours.
func (s *Store) SourceFailed(ctx context.Context, src domain.Source, state domain.SourceState, reason string, a domain.Activity, next time.Time) error {
	n, err := s.queries().FailSource(ctx, db.FailSourceParams{
		State: string(state), Reason: clean(reason), PostsPerHour: a.PostsPerHour, LastPostAt: stamp(a.LastPostAt),
		Failures: small(a.Failures), NextPollAt: stamp(next), Now: stamp(s.opts.Clock.Now()),
		ID: src.ID, Epoch: src.Epoch,
	})
	if err == nil && n == 0 {
		err = domain.ErrLeaseLost
	}
	return named("note failed poll", err)
}

func toSource(r db.Source) (domain.Source, error) {
	return domain.Source{
		ID: r.ID, Region: r.Region, Kind: domain.SourceKind(r.Kind), Address: r.Address, Title: r.Title, Home: r.Home,
		Settings: json.RawMessage(r.Settings), Cursor: json.RawMessage(r.Cursor),
		State: domain.SourceState(r.State), Reason: r.Reason,
		Activity: domain.Activity{PostsPerHour: r.PostsPerHour, LastPostAt: moment(r.LastPostAt), Failures: int(r.Failures)},
		Epoch:    r.LeaseEpoch, NextPollAt: moment(r.NextPollAt), LastPollAt: moment(r.LastPollAt), LastOKAt: moment(r.LastOkAt),
	}, nil
}
