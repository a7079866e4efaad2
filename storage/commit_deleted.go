package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// orderDeaths makes commits that tell of a post's birth and of its deletion take
// turns, by owner: else neither would see the other's, and the deletion would be
// lost. Births share the lock; each owner is locked once, in order.
func (c *commit) orderDeaths(ctx context.Context, b domain.Batch, judged []domain.Judged) error {
	deadly := map[string]bool{} // by owner; true: something of it is deleted
	for i := range judged {
		if judged[i].Post.First {
			deadly[judged[i].Post.ID.Owner] = false
		}
	}
	for _, d := range b.Deletions {
		deadly[d.ID.Owner] = true
	}
	owners := make([]string, 0, len(deadly))
	for owner := range deadly {
		owners = append(owners, owner)
	}
	slices.Sort(owners)
	for _, owner := range owners {
		lock := c.q.LockKeyShared
		if deadly[owner] {
			lock = c.q.LockKey
		}
		if err := lock(ctx, lockNumber("", "tombstones of "+owner)); err != nil {
			return fmt.Errorf("lock deletions of %s: %w", owner, err)
		}
	}
	return nil
}

// takeDeaths finds among posts stored for the first time those that are known
// to be deleted: the same batch says so, or a deletion that came before. One
// that was just read from its platform is there, whatever was told before.
func (c *commit) takeDeaths(ctx context.Context, fresh []*item) error {
	if len(fresh) == 0 {
		return nil
	}
	byID := make(map[domain.PostID]*item, len(fresh))
	var p db.TakeTombstonesParams
	for _, it := range fresh {
		byID[it.id] = it
		it.dead = c.dying[it.id]
		p.Platforms = append(p.Platforms, string(it.id.Platform))
		p.Owners = append(p.Owners, it.id.Owner)
		p.Posts = append(p.Posts, it.id.Post)
		p.Comments = append(p.Comments, it.id.Comment)
	}
	rows, err := c.q.TakeTombstones(ctx, p)
	if err != nil {
		return fmt.Errorf("look for deletions that came first: %w", err)
	}
	for _, r := range rows {
		id := domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}
		if it := byID[id]; it.j.Post.First {
			it.dead = true
			c.overtaken = append(c.overtaken, domain.Deletion{ID: id, At: moment(r.NoticedAt)})
		}
	}
	return nil
}

// markDeleted marks what is stored, notes it in the cases, and remembers what is
// not stored for the post's birth.
func (c *commit) markDeleted(ctx context.Context, deletions []domain.Deletion) error {
	deletions = slices.Concat(deletions, c.overtaken)
	if len(deletions) == 0 {
		return nil
	}
	var p db.MarkDeletedParams
	for _, d := range deletions {
		p.Platforms = append(p.Platforms, string(d.ID.Platform))
		p.Owners = append(p.Owners, d.ID.Owner)
		p.Posts = append(p.Posts, d.ID.Post)
		p.Comments = append(p.Comments, commentOf(d.ID))
		p.Ats = append(p.Ats, stamp(orNow(d.At, c.now)))
	}
	rows, err := c.q.MarkDeleted(ctx, p)
	if err != nil {
		return fmt.Errorf("mark deleted posts: %w", err)
	}
	if err := c.q.PutTombstones(ctx, openDeaths(deletions, p)); err != nil {
		return fmt.Errorf("remember deletions of posts that are not stored: %w", err)
	}
	c.res.Deleted += len(rows)
	if len(rows) == 0 {
		return nil
	}
	note := c.note("post_deleted", "сообщение удалено на площадке, инцидент остаётся")
	for _, r := range rows {
		id := domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}
		note.PostIds = append(note.PostIds, r.PostID)
		note.Names = append(note.Names, id.LogName())
	}
	return wrap("note deletions in cases", c.q.NotePosts(ctx, note))
}

// openDeaths leaves private messages out of what is remembered: without consent
// nothing may tell whose chat it was.
func openDeaths(deletions []domain.Deletion, all db.MarkDeletedParams) (p db.PutTombstonesParams) {
	for i, d := range deletions {
		if d.ID.Private() {
			continue
		}
		p.Platforms, p.Owners = append(p.Platforms, all.Platforms[i]), append(p.Owners, all.Owners[i])
		p.Posts, p.Comments = append(p.Posts, all.Posts[i]), append(p.Comments, all.Comments[i])
		p.Ats = append(p.Ats, all.Ats[i])
	}
	return p
}

// buried turns an opening or attaching of a post that is already deleted into a
// review item: its author may have taken it back, and nobody can answer it where
// it stood. A person decides.
func buried(it *item, d domain.Decision) domain.Decision {
	if !it.dead || (d.Action != domain.ActionOpen && d.Action != domain.ActionAttach) {
		return d
	}
	d.Action, d.CaseID, d.Reason = domain.ActionReview, 0, "deleted_before_stored"
	d.Words = "сообщение удалено на площадке раньше, чем было получено: нужен ли инцидент, решает человек. " + d.Words
	return d
}

func (c *commit) note(what, why string) db.NotePostsParams {
	return db.NotePostsParams{At: stamp(c.now), Who: system, What: what, Why: why}
}

func orNow(t, now time.Time) time.Time {
	if t.IsZero() {
		return now
	}
	return t
}
