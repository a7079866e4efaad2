package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// system is who did it when a machine did.
const system = "система"

// Commit stores a batch as a whole, the source's cursor included, or nothing of
// it. decide is asked for every post that is new or whose text changed, in the
// order given, while the locks on its keys are held; it sees the open cases
// that carry any of the keys, those opened earlier in the same batch included.
//
// A post already stored with the same text changes nothing, so a batch may be
// replayed. A batch with a source epoch needs the lease still to be held:
// domain.ErrLeaseLost otherwise. Data that PostgreSQL will not take are
// domain.ErrRefused; a database that cannot be reached is domain.ErrUnavailable.
func (s *Store) Commit(ctx context.Context, now time.Time, b domain.Batch, judged []domain.Judged, decide domain.Decide) (domain.CommitResult, error) {
	var res domain.CommitResult
	err := s.inTx(ctx, "commit batch", func(q *db.Queries) error {
		c := s.newCommit(q, now, b.Source.Region, decide)
		if c.region == "" && len(judged) > 0 {
			c.region = judged[0].Post.Region
		}
		err := c.batch(ctx, b, judged)
		res = c.res
		return err
	})
	if err != nil {
		return domain.CommitResult{}, err
	}
	return res, nil
}

// commit is one commit under way.
type commit struct {
	q      *db.Queries
	now    time.Time
	region string
	settle time.Duration
	decide domain.Decide
	res    domain.CommitResult

	dying     map[domain.PostID]bool // what the batch says is deleted
	overtaken []domain.Deletion      // of posts stored now, told before
}

func (s *Store) newCommit(q *db.Queries, now time.Time, region string, decide domain.Decide) *commit {
	return &commit{q: q, now: stamp(now).Time, region: region, settle: s.opts.AlbumSettle, decide: decide}
}

func (c *commit) batch(ctx context.Context, b domain.Batch, judged []domain.Judged) error {
	if err := c.holdLease(ctx, b.Source); err != nil {
		return err
	}
	if err := c.orderDeaths(ctx, b, judged); err != nil {
		return err
	}
	c.dying = map[domain.PostID]bool{}
	for _, d := range b.Deletions {
		id := d.ID
		id.Comment = commentOf(id)
		c.dying[id] = true
	}
	rest, private := apart(b.Talk, judged)
	for _, wave := range waves(rest) {
		if err := c.wave(ctx, wave); err != nil {
			return err
		}
	}
	if err := c.dialogs(ctx, b.Talk, private); err != nil {
		return err
	}
	if err := c.markDeleted(ctx, b.Deletions); err != nil {
		return err
	}
	if b.Source.ID == 0 {
		return nil
	}
	if err := putWatches(ctx, c.q, c.now, b.Source.ID, b.Watches); err != nil {
		return err
	}
	if err := c.seats(ctx, b); err != nil {
		return err
	}
	return c.advance(ctx, b)
}

// holdLease locks the source's row, so that nobody takes it during the commit.
func (c *commit) holdLease(ctx context.Context, src domain.Source) error {
	if src.ID == 0 || src.Epoch == 0 {
		return nil
	}
	held, err := c.q.HoldLease(ctx, src.Epoch, src.ID)
	if err != nil {
		return fmt.Errorf("check the lease of source %d: %w", src.ID, err)
	}
	if !held {
		return fmt.Errorf("source %d, epoch %d: %w", src.ID, src.Epoch, domain.ErrLeaseLost)
	}
	return nil
}

// advance moves the cursor and the schedule, last, because the row of a source
// with pushes is what its concurrent commits wait for.
func (c *commit) advance(ctx context.Context, b domain.Batch) error {
	err := c.q.AdvanceSource(ctx, db.AdvanceSourceParams{
		Cursor: b.Cursor, State: string(b.State), Reason: clean(b.Reason), PostsPerHour: b.Activity.PostsPerHour,
		LastPostAt: stamp(b.Activity.LastPostAt), NextPollAt: stamp(b.NextPoll), Now: stamp(c.now),
		Epoch: b.Source.Epoch, ID: b.Source.ID,
	})
	if err != nil {
		return fmt.Errorf("advance source %d: %w", b.Source.ID, err)
	}
	return nil
}

// waves splits a batch so that no wave names a post twice: a message and its
// edit may come in one answer, and the edit must find the message stored.
func waves(judged []domain.Judged) [][]*item {
	var out [][]*item
	count := map[domain.PostID]int{}
	for i := range judged {
		it := newItem(&judged[i])
		n := count[it.id]
		count[it.id]++
		if n == len(out) {
			out = append(out, nil)
		}
		out[n] = append(out[n], it)
	}
	return out
}

// wave stores posts that are all different.
func (c *commit) wave(ctx context.Context, items []*item) error {
	if err := c.identify(ctx, items); err != nil {
		return err
	}
	w := &writes{}
	for _, it := range items {
		if err := w.addPost(it); err != nil {
			return err
		}
		c.count(it)
	}
	if err := c.judge(ctx, items, w); err != nil {
		return err
	}
	if err := c.flush(ctx, w); err != nil {
		return err
	}
	return c.voices(ctx, items)
}

func (c *commit) count(it *item) {
	switch it.fate {
	case fateNew:
		c.res.Stored++
	case fateChanged:
		c.res.Changed++
	case fateJudge:
	case fateSame:
		c.res.Unchanged++
		return
	}
	if it.j.Pending {
		c.res.Pending++
	}
}
