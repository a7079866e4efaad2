package vkingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
)

// followUp does everything that is not the list of posts itself: comments that
// were left half read, posts whose count of comments has changed, and posts that
// are due to be looked at again. more reports that something is left. A fault of
// one post that passes by itself does not keep the others waiting.
func (r *run) followUp(ctx context.Context) (more bool, err error) {
	var failed error
	if w := r.mem.Walk; w != nil {
		r.mem.Walk = nil
		_, failed = r.walk(ctx, w)
	}
	for len(r.queued) > 0 && r.calls > 0 && passes(failed) {
		c := r.queued[0]
		r.queued = r.queued[1:]
		if r.mem.Walk == nil || r.mem.Walk.ref() != c.ref {
			_, err := r.walk(ctx, walkOf(c))
			failed = firstErr(err, failed)
		}
	}
	more = len(r.queued) > 0 || r.mem.Walk != nil
	if r.calls <= 0 || !passes(failed) {
		return true, failed
	}
	due, err := r.lookAgain(ctx)
	return more || due || r.mem.Walk != nil, firstErr(err, failed)
}

// passes reports that there is no error, or one that may not hit the next call.
func passes(err error) bool { return err == nil || reacts(err, domain.RetryLater) }

// walk takes the comments of one post and reports whether that is done or kept
// in the cursor for the next pull. Comments that cannot be read at all are not
// asked for again until their count changes.
func (r *run) walk(ctx context.Context, w *commentWalk) (done bool, err error) {
	place, full := w.pager, w.Full
	finished, err := r.comments(ctx, w)
	if reacts(err, domain.CloseSource, domain.ReportBug) {
		r.log().Warn("comments cannot be read", "source", r.src.ID, "post", w.ref(), "err", err)
		return true, r.settle(ctx, w, false)
	}
	if finished {
		return true, err
	}
	r.leaveOpen(w)
	if !passes(err) {
		return false, err
	}
	if (w.Offset > 0 || w.Full) && r.mem.Walk == nil {
		r.mem.Walk = w
		r.moved = r.moved || w.pager != place || w.Full != full
		return true, err
	}
	return false, err
}

// leaveOpen notes that an unfinished walk has handed comments on.
func (r *run) leaveOpen(w *commentWalk) {
	if !w.handed {
		return
	}
	t := r.mem.Threads[w.ref().String()]
	t.Open, t.Date = true, w.Date
	r.mem.Threads[w.ref().String()] = t
}

// lookAgain asks for the posts that are due by their ids: edits, deletions and
// comments on posts that have left the newest page show up here.
func (r *run) lookAgain(ctx context.Context) (more bool, err error) {
	if r.Watches == nil || r.set.RecheckDays == 0 {
		return false, nil
	}
	due, err := r.Watches.DueWatches(ctx, r.src.ID, r.objection(r.src.Region), vk.MaxByID)
	if err != nil {
		return false, fmt.Errorf("posts due to be looked at: %w", err)
	}
	refs := make([]vk.PostRef, 0, len(due))
	watches := make(map[vk.PostRef]domain.Watch, len(due))
	for _, w := range due {
		ref, err := refOf(w.ID)
		if err != nil {
			r.end(w)
			continue
		}
		refs = append(refs, ref)
		watches[ref] = w
	}
	if len(refs) == 0 {
		return false, nil
	}
	r.calls--
	page, err := r.VK.WallGetByID(ctx, refs)
	if err != nil {
		return false, err
	}
	open, err := r.compare(ctx, page, watches)
	return open || len(due) == vk.MaxByID, err
}

// compare goes through the posts that are still there; those that were asked for
// and did not come are gone, unless an item came that does not say who it is.
func (r *run) compare(ctx context.Context, page vk.Page, watches map[vk.PostRef]domain.Watch) (open bool, err error) {
	var failed error
	blind := false
	for _, it := range r.items(page, 0) {
		w, asked := watches[it.ref]
		blind = blind || !it.usable
		if !asked || it.gone || !it.usable {
			continue
		}
		delete(watches, it.ref)
		done, err := r.compareOne(ctx, it, w)
		if !passes(err) {
			return true, err
		}
		failed = firstErr(failed, err)
		open = open || !done
	}
	for ref, w := range watches {
		if blind {
			w.NextAt = r.now.Add(maxGap)
			r.look(w)
			continue
		}
		r.gone(w.ID)
		r.end(w)
		delete(r.mem.Threads, ref.String())
		delete(r.mem.Seen, ref.String())
	}
	return open, failed
}

// compareOne hands an edited post on, takes new comments and moves the watch.
// done is false when the post has to be asked for again because this pull may
// make no more calls.
func (r *run) compareOne(ctx context.Context, it wallItem, w domain.Watch) (done bool, err error) {
	key := it.ref.String()
	if old, known := r.mem.Seen[key]; known && old != markOf(&it.post) {
		r.hand(it)
		r.mem.Seen[key] = markOf(&it.post)
	} else if !known && !it.post.EditedAt.IsZero() {
		r.hand(it) // storage compares; only edited posts are worth the row
	}
	count := int64(it.shape.Comments)
	underway := r.mem.Walk != nil && r.mem.Walk.ref() == it.ref
	if r.set.Comments && !underway && (count > 0 || r.mem.Threads[key].any()) {
		if r.calls <= 0 {
			return false, nil
		}
		done, err := r.walk(ctx, walkOf(candidate{ref: it.ref, count: count, date: it.shape.Date}))
		if err != nil || !done {
			return false, err
		}
	}
	w.Comments = r.mem.Threads[key].Count
	w.NextAt = r.now.Add(r.gap(it))
	if w.NextAt.After(w.Until) {
		r.end(w)
		return true, nil
	}
	if t := r.mem.Threads[key]; !r.young(it) {
		t.Until, t.Date = w.Until.Unix(), it.shape.Date
		r.mem.Threads[key] = t
	}
	r.look(w)
	return true, nil
}

func refOf(id domain.PostID) (vk.PostRef, error) {
	owner, err1 := strconv.ParseInt(id.Owner, 10, 64)
	post, err2 := strconv.ParseInt(id.Post, 10, 64)
	return vk.PostRef{Owner: owner, Post: post}, errors.Join(err1, err2)
}
