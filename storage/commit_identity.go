package storage

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// fate is what the database already knew of a post.
type fate int

const (
	fateSame    fate = iota // stored with this text, or with a newer one
	fateNew                 // never seen
	fateChanged             // stored with another text
	fateJudge               // stored as part of an album, now to be judged
)

// item is a post on its way through one commit.
type item struct {
	j        *domain.Judged
	id       domain.PostID // with Comment never empty
	hash     [32]byte
	fate     fate
	postID   int64
	storedAt time.Time
	known    *domain.Known
	dead     bool   // new, and known to be deleted already
	verdict  int64  // that counted so far, 0 for none
	judged   string // the text judged, when it is not the post's own

	into   int64                      // the case an author speaks of in a dialog; 0: the router decides
	spoken *domain.OurWords           // how they came to speak of it
	landed int64                      // the case it is in after the commit
	ours   map[int64]*domain.OurWords // what of ours it stands under, by case

	voice    domain.Voice    // what it says to that
	why      string          // machine name of why
	newRound domain.Deadline // that an objection begins

	answers int64 // the case whose question it replies to, though it tells of a danger elsewhere

	action domain.Action // what became of it
}

func newItem(j *domain.Judged) *item {
	id := j.Post.ID
	id.Comment = commentOf(id)
	return &item{j: j, id: id, hash: j.Post.TextHash()}
}

// toDecide reports whether the router is to be asked.
func (it *item) toDecide() bool { return it.fate != fateSame && !it.j.Pending }

// caseID is the case the post was in before this commit, 0 for none.
func (it *item) caseID() int64 {
	if it.known == nil {
		return 0
	}
	return it.known.CaseID
}

func compareIDs(a, b domain.PostID) int {
	return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Owner, b.Owner),
		cmp.Compare(a.Post, b.Post), cmp.Compare(a.Comment, b.Comment))
}

// identify stores the identities that are new, locks those that are not, and
// gives every item its fate. Both go in the order of identity, so that two
// batches with the same posts wait for each other and never in a ring.
func (c *commit) identify(ctx context.Context, items []*item) error {
	sorted := slices.Clone(items)
	slices.SortFunc(sorted, func(a, b *item) int { return compareIDs(a.id, b.id) })
	fresh, err := c.insertIDs(ctx, sorted)
	if err != nil {
		return err
	}
	var born, old []*item
	for _, it := range sorted {
		if postID, ok := fresh[it.id]; ok {
			it.fate, it.postID, it.storedAt = fateNew, postID, c.now
			born = append(born, it)
			continue
		}
		old = append(old, it)
	}
	if err := c.takeDeaths(ctx, born); err != nil {
		return err
	}
	return c.lockIDs(ctx, old)
}

func (c *commit) insertIDs(ctx context.Context, items []*item) (map[domain.PostID]int64, error) {
	p := db.InsertPostIDsParams{StoredAt: stamp(c.now)}
	for _, it := range items {
		p.Platforms = append(p.Platforms, string(it.id.Platform))
		p.Owners = append(p.Owners, it.id.Owner)
		p.Posts = append(p.Posts, it.id.Post)
		p.Comments = append(p.Comments, it.id.Comment)
		p.Hashes = append(p.Hashes, it.hash[:])
		p.Edited = append(p.Edited, stamp(it.j.Post.EditedAt))
		p.Pending = append(p.Pending, it.j.Pending)
	}
	rows, err := c.q.InsertPostIDs(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("store identities: %w", err)
	}
	fresh := make(map[domain.PostID]int64, len(rows))
	for _, r := range rows {
		fresh[domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}] = r.PostID
	}
	return fresh, nil
}

func (c *commit) lockIDs(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	ids := make([]domain.PostID, len(items))
	for i, it := range items {
		ids[i] = it.id
	}
	rows, err := c.lockedIDs(ctx, ids)
	if err != nil {
		return err
	}
	var revived []int64
	var returned []*item
	for _, it := range items {
		row, ok := rows[it.id]
		if !ok {
			return fmt.Errorf("identity %s vanished during the commit", it.id.LogName())
		}
		it.postID, it.storedAt = row.PostID, moment(row.StoredAt)
		it.fate = fateOf(row, it)
		if row.DroppedAt.Valid && it.fate != fateSame {
			it.fate, it.storedAt = fateNew, c.now
			returned = append(returned, it)
			continue
		}
		if row.DeletedAt.Valid && !it.j.Post.First {
			revived = append(revived, row.PostID)
		}
	}
	if err := c.returnPosts(ctx, returned); err != nil || len(revived) == 0 {
		return err
	}
	if err := c.q.RevivePosts(ctx, revived); err != nil {
		return fmt.Errorf("unmark deleted posts that are back: %w", err)
	}
	return nil
}

// returnPosts takes in again, under their identity, posts that were dropped by
// age and have another text now.
func (c *commit) returnPosts(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	p := db.ReturnPostsParams{StoredAt: stamp(c.now)}
	for _, it := range items {
		p.Ids = append(p.Ids, it.postID)
		p.Hashes = append(p.Hashes, it.hash[:])
		p.Edited = append(p.Edited, stamp(it.j.Post.EditedAt))
		p.Pending = append(p.Pending, it.j.Pending)
	}
	return wrap("take dropped posts in again", c.q.ReturnPosts(ctx, p))
}

func (c *commit) lockedIDs(ctx context.Context, ids []domain.PostID) (map[domain.PostID]db.PostID, error) {
	var p db.LockPostIDsParams
	for _, id := range ids {
		p.Platforms = append(p.Platforms, string(id.Platform))
		p.Owners = append(p.Owners, id.Owner)
		p.Posts = append(p.Posts, id.Post)
		p.Comments = append(p.Comments, commentOf(id))
	}
	rows, err := c.q.LockPostIDs(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("lock identities: %w", err)
	}
	out := make(map[domain.PostID]db.PostID, len(rows))
	for _, r := range rows {
		out[domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}] = r
	}
	return out, nil
}

// fateOf compares what came with what is stored. An older edit than the stored
// one (a page from a cache, a replayed update) is no news, and neither is what a
// stored post said when it was written.
func fateOf(row db.PostID, it *item) fate {
	changed := !bytes.Equal(row.TextHash, it.hash[:])
	edited := stamp(it.j.Post.EditedAt)
	older := it.j.Post.First || row.EditedAt.Valid && (!edited.Valid || edited.Time.Before(row.EditedAt.Time))
	switch {
	case changed && !older:
		return fateChanged
	case row.Pending && !it.j.Pending:
		return fateJudge
	default:
		return fateSame
	}
}
