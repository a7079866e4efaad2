package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/otklik/otklik/storage/db"
)

// flush writes a wave in a fixed number of round trips, however many posts.
func (c *commit) flush(ctx context.Context, w *writes) error {
	steps := [...]func(context.Context, *writes) error{
		c.flushPosts, c.flushRewrites, c.flushAlbums, c.flushVerdicts, c.flushCases, c.flushJoins,
		c.flushCasePosts, c.flushReviews, c.flushNotices,
	}
	for _, step := range steps {
		if err := step(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) flushPosts(ctx context.Context, w *writes) error {
	if len(w.posts.Ids) == 0 {
		return nil
	}
	w.posts.StoredAt = stamp(c.now)
	return wrap("store posts", c.q.InsertPosts(ctx, w.posts))
}

func (c *commit) flushRewrites(ctx context.Context, w *writes) error {
	if len(w.settled) > 0 {
		if err := c.q.SettlePostIDs(ctx, w.settled); err != nil {
			return fmt.Errorf("settle album parts: %w", err)
		}
	}
	if len(w.rewrites.Ids) == 0 {
		return nil
	}
	if err := c.q.KeepVersions(ctx, stamp(c.now), w.rewrites.Ids, w.rewrites.Stored); err != nil {
		return fmt.Errorf("keep the text before the edit: %w", err)
	}
	if err := c.q.RewritePosts(ctx, w.rewrites); err != nil {
		return fmt.Errorf("store edited posts: %w", err)
	}
	return wrap("note edited identities", c.q.UpdatePostIDs(ctx, w.ids))
}

func (c *commit) flushAlbums(ctx context.Context, w *writes) error {
	if len(w.albums) == 0 {
		return nil
	}
	albums := slices.Sorted(maps.Keys(w.albums))
	return wrap("note albums", c.q.PutAlbums(ctx, albums, c.region, stamp(c.now.Add(c.settle))))
}

func (c *commit) flushVerdicts(ctx context.Context, w *writes) error {
	if len(w.replaced.ids) > 0 {
		if err := c.q.ReplaceVerdicts(ctx, w.replaced.posts, w.replaced.ids, w.replaced.stored); err != nil {
			return fmt.Errorf("unmark old verdicts: %w", err)
		}
	}
	if len(w.verdicts.Ids) == 0 {
		return nil
	}
	w.verdicts.JudgedAt = stamp(c.now)
	if err := c.q.InsertVerdicts(ctx, w.verdicts); err != nil {
		return fmt.Errorf("store verdicts: %w", err)
	}
	if len(w.replaced.posts) == 0 {
		return nil
	}
	return wrap("let undecided posts follow", c.q.RejudgeReviews(ctx, w.replaced.posts, w.replaced.stored))
}

func (c *commit) flushCases(ctx context.Context, w *writes) error {
	if len(w.cases) == 0 {
		return nil
	}
	p, err := caseParams(w.cases, c.region, c.now)
	if err != nil {
		return err
	}
	return wrap("open cases", c.q.InsertCases(ctx, p))
}

func caseParams(rows []*caseRow, region string, now time.Time) (db.InsertCasesParams, error) {
	p := db.InsertCasesParams{Region: region, Now: stamp(now), Who: system}
	for _, r := range rows {
		place, err := toJSON("place", r.place)
		if err != nil {
			return p, err
		}
		p.Ids = append(p.Ids, r.id)
		p.States = append(p.States, string(r.state))
		p.DecreeRows = append(p.DecreeRows, small(r.decreeRow))
		p.Topics = append(p.Topics, r.topic)
		p.Municipalities = append(p.Municipalities, r.place.Municipality)
		p.Places = append(p.Places, place)
		p.Agencies = append(p.Agencies, r.agency)
		p.Proposed = append(p.Proposed, r.proposed)
		p.Routes = append(p.Routes, clean(r.route))
		p.Urgents = append(p.Urgents, r.urgent)
		p.Restricted = append(p.Restricted, r.restricted)
		p.Days = append(p.Days, small(r.deadline.Days))
		p.Dues = append(p.Dues, stamp(r.deadline.Due))
		p.Controls = append(p.Controls, stamp(r.deadline.Control))
		p.DeadlineReasons = append(p.DeadlineReasons, clean(r.deadline.Reason))
		p.Posts = append(p.Posts, small(r.posts))
		p.Reasons = append(p.Reasons, clean(r.reason))
		p.Registered = append(p.Registered, stamp(r.registered))
		p.Reaches = append(p.Reaches, r.reach)
		p.Confidences = append(p.Confidences, float32(r.confidence))
		p.Sources = append(p.Sources, r.source)
	}
	return p, nil
}

func (c *commit) flushJoins(ctx context.Context, w *writes) error {
	if len(w.joined) == 0 {
		return nil
	}
	rows := make([]db.JoinCasesParams, 0, len(w.joined))
	for _, id := range slices.Sorted(maps.Keys(w.joined)) {
		j := w.joined[id]
		rows = append(rows, db.JoinCasesParams{ID: id, More: small(j.more), Reach: j.reach, Urgent: j.urgent, Restricted: j.restricted,
			Now: stamp(c.now), Who: system, Why: clean(j.why)})
	}
	var first error // the statements after a failed one fail too, without reason of their own
	c.q.JoinCases(ctx, rows).Exec(func(_ int, err error) {
		if first == nil {
			first = err
		}
	})
	return wrap("add to cases", first)
}

func (c *commit) flushCasePosts(ctx context.Context, w *writes) error {
	if len(w.casePosts.PostIds) > 0 {
		w.casePosts.Now = stamp(c.now)
		if err := c.q.InsertCasePosts(ctx, w.casePosts); err != nil {
			return fmt.Errorf("tie posts to cases: %w", err)
		}
	}
	if len(w.keys.Keys) > 0 {
		w.keys.Region = c.region
		if err := c.q.InsertCaseKeys(ctx, w.keys); err != nil {
			return fmt.Errorf("store attach keys: %w", err)
		}
	}
	if len(w.events.CaseIds) > 0 {
		w.events.Region, w.events.At = c.region, stamp(c.now)
		if err := c.q.InsertCaseEvents(ctx, w.events); err != nil {
			return fmt.Errorf("note events: %w", err)
		}
	}
	if len(w.likes.cases) > 0 {
		if err := c.q.InsertLikes(ctx, w.likes.cases, w.likes.others, w.likes.likenesses); err != nil {
			return fmt.Errorf("note what is alike: %w", err)
		}
	}
	if len(w.edits) == 0 {
		return nil
	}
	note := c.note("post_edited", "автор изменил сообщение")
	for _, it := range w.edits {
		note.PostIds = append(note.PostIds, it.postID)
		note.Names = append(note.Names, it.id.LogName())
	}
	return wrap("note edits in cases", c.q.NotePosts(ctx, note))
}

func (c *commit) flushReviews(ctx context.Context, w *writes) error {
	if len(w.reviews.PostIds) == 0 {
		return nil
	}
	w.reviews.Region, w.reviews.Now = c.region, stamp(c.now)
	n, err := c.q.InsertReviewItems(ctx, w.reviews)
	c.res.Review += int(n)
	return wrap("queue for review", err)
}

func (c *commit) flushNotices(ctx context.Context, w *writes) error {
	if len(w.notices.Keys) == 0 {
		return nil
	}
	_, err := c.q.PutNotices(ctx, w.notices)
	return wrap("put notices", err)
}
