package storage

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// EventsAfter gives what became visible behind a point within a scope, at most
// limit of them. What is committed late comes late, and is never passed over.
func (s *Store) EventsAfter(ctx context.Context, scope domain.Scope, after domain.EventPoint, limit int) ([]domain.Event, error) {
	rows, err := s.queries().EventsAfter(ctx, db.EventsAfterParams{Xact: after.Transaction, ID: after.ID, Region: scope.Region,
		Whole: scope.Whole, Agencies: append([]string{}, scope.Agencies...), Restricted: scope.Restricted, Most: small(limit)})
	if err != nil {
		return nil, named("read events", err)
	}
	out := make([]domain.Event, len(rows))
	for i, r := range rows {
		out[i] = domain.Event{Point: domain.EventPoint{Transaction: r.Xact, ID: r.ID}, At: moment(r.At), Kind: r.Kind,
			CaseID: r.CaseID, AgencyID: r.AgencyID, Details: r.Details}
	}
	return out, nil
}

// LastEvent is the point of the newest event of all regions that can be read
// now; the zero point when there is none.
func (s *Store) LastEvent(ctx context.Context) (domain.EventPoint, error) {
	r, err := s.queries().LastEvent(ctx)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return domain.EventPoint{}, named("find the last event", err)
	}
	return domain.EventPoint{Transaction: r.Xact, ID: r.ID}, nil
}

// EventsKept reports whether nothing behind a point has been pruned yet: a desk
// that was away longer must be drawn anew.
func (s *Store) EventsKept(ctx context.Context, after domain.EventPoint) (bool, error) {
	oldest, err := s.queries().OldestEvent(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return after == domain.EventPoint{}, nil
	}
	if err != nil {
		return false, named("find the oldest event", err)
	}
	return oldest.Xact < after.Transaction || oldest.Xact == after.Transaction && oldest.ID <= after.ID, nil
}

// DeskCounters counts what waits within a scope, none above domain.CountersCap.
func (s *Store) DeskCounters(ctx context.Context, scope domain.Scope, now time.Time) (domain.Counters, error) {
	r, err := s.queries().DeskCounters(ctx, db.DeskCountersParams{Region: scope.Region, Whole: scope.Whole,
		Agencies: append([]string{}, scope.Agencies...), Restricted: scope.Restricted, RestrictedRows: rows32(scope.RestrictedRows), Now: stamp(now), Most: domain.CountersCap})
	if err != nil {
		return domain.Counters{}, named("count what waits", err)
	}
	return domain.Counters{Queue: int(r.Queue), Urgent: int(r.Urgent), Tasks: int(r.Tasks), Overdue: int(r.Overdue)}, nil
}
