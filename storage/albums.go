package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// SettledAlbums gives up to limit albums to which no part has come for a while,
// each with all its parts in the order they were stored. They stay until
// CommitAlbum; several workers may get the same one, and the first wins.
func (s *Store) SettledAlbums(ctx context.Context, now time.Time, limit int) ([][]domain.Post, error) {
	rows, err := s.queries().SettledAlbums(ctx, stamp(now), s.regions(), small(limit))
	if err != nil {
		return nil, named("find settled albums", err)
	}
	var out [][]domain.Post
	last := ""
	for _, r := range rows {
		p, err := toPost(r.StoredPost)
		if err != nil {
			return nil, err
		}
		if p.Album != last {
			out, last = append(out, nil), p.Album
		}
		out[len(out)-1] = append(out[len(out)-1], p)
	}
	return out, nil
}

// CommitAlbum judges an album by its head, whose text may be the joined captions
// of all parts, and marks the other parts judged with it. The stored texts stay
// as the platform gave them; the joined one is kept with the verdict. An album
// that another worker settled, or that got a new part meanwhile, is left alone.
func (s *Store) CommitAlbum(ctx context.Context, now time.Time, head domain.Judged, parts []domain.PostID, talk domain.Talk, decide domain.Decide) (domain.CommitResult, error) {
	var res domain.CommitResult
	err := s.inTx(ctx, "commit album "+head.Post.AlbumName(), func(q *db.Queries) error {
		c := s.newCommit(q, now, head.Post.Region, decide)
		err := c.album(ctx, head, parts, talk)
		res = c.res
		return err
	})
	if err != nil {
		return domain.CommitResult{}, err
	}
	return res, nil
}

func (c *commit) album(ctx context.Context, head domain.Judged, parts []domain.PostID, talk domain.Talk) error {
	head.Pending = false
	it := newItem(&head)
	t, err := c.albumTalk(ctx, talk, it)
	if err != nil {
		return err
	}
	ready, err := c.q.LockAlbum(ctx, stamp(c.now), head.Post.Album)
	if err != nil {
		return fmt.Errorf("lock the album: %w", err)
	}
	if !ready {
		c.res.Unchanged++
		return nil
	}
	ids := append([]domain.PostID{head.Post.ID}, parts...)
	slices.SortFunc(ids, compareIDs)
	rows, err := c.lockedIDs(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	row, ok := rows[it.id]
	if !ok {
		return fmt.Errorf("head of the album %s: %w", it.id, domain.ErrNotFound)
	}
	it.fate, it.postID, it.storedAt = fateJudge, row.PostID, moment(row.StoredAt)
	w := &writes{}
	for _, r := range rows {
		w.settled = append(w.settled, r.PostID)
	}
	if err := c.judgeAlbum(ctx, it, rows, w); err != nil {
		return err
	}
	if err := c.flush(ctx, w); err != nil {
		return err
	}
	if err := t.albumSettled(ctx); err != nil {
		return err
	}
	return wrap("settle the album", c.q.SettleAlbum(ctx, stamp(c.now), head.Post.Album))
}

// judgeAlbum asks the router about the head, unless the album was judged before
// and says the same now: a picture more is no new fact.
func (c *commit) judgeAlbum(ctx context.Context, it *item, rows map[domain.PostID]db.PostID, w *writes) error {
	parts := map[int64]*item{}
	for _, r := range rows {
		parts[r.PostID] = &item{postID: r.PostID, storedAt: moment(r.StoredAt)}
	}
	known, err := c.knownPosts(ctx, parts)
	if err != nil {
		return err
	}
	own, err := c.q.GetPost(ctx, db.GetPostParams{Platform: string(it.id.Platform), Owner: it.id.Owner, Post: it.id.Post, Comment: it.id.Comment})
	if err != nil {
		return fmt.Errorf("read the head of the album: %w", err)
	}
	before, judgedBefore := known[it.postID]
	changed := rows[it.id].Pending // the head's own text is new
	if judgedBefore && !changed && before.text(own.StoredPost.Text) == it.j.Post.Text {
		c.res.Unchanged++
		return nil
	}
	it.known, it.verdict = caseOfAlbum(known, it.postID)
	if it.j.Post.Text != own.StoredPost.Text {
		it.judged = it.j.Post.Text
	}
	c.res.Changed++
	return c.judge(ctx, []*item{it}, w)
}

// caseOfAlbum is what was known of the head; when it was in no case, of the part
// that was: an album has one case, whichever part was its head before.
func caseOfAlbum(known map[int64]knownPost, head int64) (*domain.Known, int64) {
	k, ok := known[head]
	if ok && k.CaseID != 0 {
		return &k.Known, k.verdict
	}
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if part := known[id]; part.CaseID != 0 {
			return &part.Known, k.verdict
		}
	}
	if !ok {
		return nil, 0
	}
	return &k.Known, k.verdict
}

// text is what the known verdict was given of.
func (k knownPost) text(own string) string {
	if k.judgedText != "" {
		return k.judgedText
	}
	return own
}
