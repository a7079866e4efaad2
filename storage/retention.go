package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/storage/db"
)

// dropPage is how many posts one transaction of DropOld looks at.
const dropPage = 2000

// PostCursor is how far a walk over posts by age has come; the zero value is
// its beginning.
type PostCursor struct {
	StoredAt time.Time
	ID       int64
}

// Dropped counts what one page of a walk dropped, or would.
type Dropped struct {
	Seen     int   // posts looked at
	Posts    int64 // of them nobody's
	Verdicts int64 // went with them; not counted by CountOld
	Versions int64 // likewise: their texts before edits
}

// Add sums up pages.
func (d *Dropped) Add(page Dropped) {
	d.Seen += page.Seen
	d.Posts += page.Posts
	d.Verdicts += page.Verdicts
	d.Versions += page.Versions
}

// DropPage is one page of a walk: what it dropped, where the next begins, and
// whether there is one.
type DropPage struct {
	Dropped
	Next PostCursor
	More bool
}

// DropOld looks at the next page of a region's posts stored before a moment and
// drops those that nobody needs: judged no problem, in no case, waiting for no
// review, no correction to learn from, no answer to a question, and no part of
// an album that is. Verdicts and versions go with them; the identity stays, so
// that a post shown again with the same text is no news.
func (s *Store) DropOld(ctx context.Context, region string, before, now time.Time, after PostCursor) (DropPage, error) {
	var page DropPage
	err := s.inTx(ctx, "drop old posts", func(q *db.Queries) error {
		var idle []int64
		var err error
		if page, idle, err = pageOld(ctx, q, region, before, after); err != nil || len(idle) == 0 {
			return err
		}
		return dropIdle(ctx, q, idle, now, &page.Dropped)
	})
	return page, err
}

// CountOld is DropOld that changes nothing.
func (s *Store) CountOld(ctx context.Context, region string, before time.Time, after PostCursor) (DropPage, error) {
	page, idle, err := pageOld(ctx, s.queries(), region, before, after)
	page.Posts = int64(len(idle))
	return page, named("count old posts", err)
}

func pageOld(ctx context.Context, q *db.Queries, region string, before time.Time, after PostCursor) (page DropPage, idle []int64, err error) {
	if after.StoredAt.IsZero() {
		after.StoredAt = time.Unix(0, 0)
	}
	rows, err := q.PageOld(ctx, db.PageOldParams{Region: region, Before: stamp(before), AfterStored: stamp(after.StoredAt), AfterID: after.ID, Most: dropPage})
	if err != nil {
		return page, nil, fmt.Errorf("read the page: %w", err)
	}
	for _, r := range rows {
		if r.Idle {
			idle = append(idle, r.ID)
		}
		page.Next = PostCursor{StoredAt: moment(r.StoredAt), ID: r.ID}
	}
	page.Seen, page.More = len(rows), len(rows) == dropPage
	return page, idle, nil
}

func dropIdle(ctx context.Context, q *db.Queries, idle []int64, now time.Time, d *Dropped) error {
	locked, err := q.LockForDrop(ctx, idle)
	if err != nil {
		return fmt.Errorf("lock identities: %w", err)
	}
	ids, stored := make([]int64, len(locked)), make([]pgtype.Timestamptz, len(locked))
	for i, r := range locked {
		ids[i], stored[i] = r.PostID, r.StoredAt
	}
	gone, err := q.DropPosts(ctx, ids, stored)
	if err != nil {
		return fmt.Errorf("drop posts: %w", err)
	}
	ids, stored = ids[:0], stored[:0]
	for _, r := range gone {
		ids, stored = append(ids, r.ID), append(stored, r.StoredAt)
	}
	d.Posts = int64(len(ids))
	if d.Verdicts, err = q.DropVerdicts(ctx, ids, stored); err != nil {
		return fmt.Errorf("drop their verdicts: %w", err)
	}
	if d.Versions, err = q.DropVersions(ctx, ids); err != nil {
		return fmt.Errorf("drop their versions: %w", err)
	}
	return wrap("mark identities", q.MarkDropped(ctx, stamp(now), ids))
}

// DropEmptyPartitions drops the months of posts and verdicts that ended before a
// moment and hold nothing any more, and names them; with dry it only names them.
// This month's and the one before it always stay.
func (s *Store) DropEmptyPartitions(ctx context.Context, before, now time.Time, dry bool) ([]string, error) {
	kept := time.Date(now.UTC().Year(), now.UTC().Month()-1, 1, 0, 0, 0, 0, time.UTC)
	if kept.Before(before) {
		before = kept
	}
	var names []string
	err := s.inTx(ctx, "drop empty partitions", func(q *db.Queries) error {
		var err error
		names, err = q.EmptyPartitions(ctx, stamp(before), !dry)
		return err
	})
	return names, err
}
