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

// DefaultPartitionRows counts rows that found no partition of their month: more
// than none is an alert.
func (s *Store) DefaultPartitionRows(ctx context.Context) (int64, error) {
	n, err := s.queries().DefaultPartitionRows(ctx)
	return n, named("count rows of default partitions", err)
}
