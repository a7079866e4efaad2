package storage

import (
	"context"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// DueWatches gives the posts of a source that are due to be looked at again by
// business time, longest due first. One whose case waits for its author lasts, and
// so long after its end as the author may object.
func (s *Store) DueWatches(ctx context.Context, sourceID int64, objection time.Duration, limit int) ([]domain.Watch, error) {
	now := s.opts.Clock.Now()
	rows, err := s.queries().DueWatches(ctx, db.DueWatchesParams{SourceID: sourceID, Now: stamp(now), Tomorrow: stamp(now.AddDate(0, 0, 1)), ClosedSince: stamp(now.Add(-objection)), Most: small(limit)})
	if err != nil {
		return nil, named("find watches", err)
	}
	out := make([]domain.Watch, len(rows))
	for i, r := range rows {
		out[i] = domain.Watch{
			ID:       domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment},
			Comments: r.Comments, Until: moment(r.Until), NextAt: moment(r.NextAt),
		}
	}
	return out, nil
}

// putWatches sets the watches of a batch; one whose time is over is dropped.
func putWatches(ctx context.Context, q *db.Queries, now time.Time, sourceID int64, watches []domain.Watch) error {
	put := db.PutWatchesParams{SourceID: sourceID}
	drop := db.DropWatchesParams{SourceID: sourceID}
	seen := map[domain.PostID]bool{}
	for i := len(watches) - 1; i >= 0; i-- { // the last word on a post counts
		w := watches[i]
		if seen[w.ID] {
			continue
		}
		seen[w.ID] = true
		if !w.Until.After(now) {
			drop.Platforms = append(drop.Platforms, string(w.ID.Platform))
			drop.Owners = append(drop.Owners, w.ID.Owner)
			drop.Posts = append(drop.Posts, w.ID.Post)
			drop.Comments = append(drop.Comments, commentOf(w.ID))
			continue
		}
		put.Platforms = append(put.Platforms, string(w.ID.Platform))
		put.Owners = append(put.Owners, w.ID.Owner)
		put.Posts = append(put.Posts, w.ID.Post)
		put.Comments = append(put.Comments, commentOf(w.ID))
		put.Taken = append(put.Taken, w.Comments)
		put.Untils = append(put.Untils, stamp(w.Until))
		put.Nexts = append(put.Nexts, stamp(w.NextAt))
	}
	if len(drop.Owners) > 0 {
		if err := q.DropWatches(ctx, drop); err != nil {
			return named("drop watches", err)
		}
	}
	if len(put.Owners) == 0 {
		return nil
	}
	return named("set watches", q.PutWatches(ctx, put))
}
