package storage

import (
	"context"
	"time"

	"github.com/otklik/otklik/storage/db"
)

// monthsAhead is how far partitions are made in advance.
const monthsAhead = 3

// EnsurePartitions makes the months around now that are missing, three ahead,
// and returns how many it made. Rows that had to go to a default partition
// move to their own. To be called at start and daily.
func (s *Store) EnsurePartitions(ctx context.Context, now time.Time) (int, error) {
	made := 0
	err := s.inTx(ctx, "make partitions", func(q *db.Queries) error {
		n, err := q.EnsurePartitions(ctx, stamp(now), monthsAhead)
		made = int(n)
		return err
	})
	return made, err
}

// How long rows of passing interest are kept, in days.
const (
	eventDays = 7
	runDays   = 90
)

// Prune drops rows of passing interest: events for open desks, runs of jobs,
// counters of past quota days, albums long settled, deletions whose post never
// came. To be called daily.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	return s.inTx(ctx, "drop old rows", func(q *db.Queries) error {
		if err := q.DropOldEvents(ctx, stamp(now.AddDate(0, 0, -eventDays))); err != nil {
			return err
		}
		if err := q.DropOldRuns(ctx, stamp(now.AddDate(0, 0, -runDays))); err != nil {
			return err
		}
		if err := q.DropSettledAlbums(ctx, stamp(now.AddDate(0, 0, -eventDays))); err != nil {
			return err
		}
		if err := q.DropOldTasks(ctx, stamp(now.AddDate(0, 0, -taskDays))); err != nil {
			return err
		}
		if err := q.DropOldTombstones(ctx, stamp(now.AddDate(0, 0, -eventDays))); err != nil {
			return err
		}
		return q.DropOldQuotas(ctx, day(s.quotaNow().AddDate(0, 0, -1)))
	})
}

// DefaultPartitionRows counts rows that found no partition of their month: more
// than none is an alert.
func (s *Store) DefaultPartitionRows(ctx context.Context) (int64, error) {
	n, err := s.queries().DefaultPartitionRows(ctx)
	return n, named("count rows of default partitions", err)
}
