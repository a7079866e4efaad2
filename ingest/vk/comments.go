package vkingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
)

// Comments are found when a post's count of them changes and when a post is due
// to be looked at; each time the newest hundred with the first ten replies of
// each are compared with what was there before. Edits and deletions show up
// there; below, new comments and vanished ones do (the count tells). For the rest
// everything under a watched post is read again once a day (rewalk_hours),
// threads included, which costs wall.getComments
//
//	⌈(comments − 5) / 95⌉ + one for each thread longer than ten, and for its every hundred
//
// calls a day for each watched post that has more than its newest page shows; the
// method has no daily quota, only its share of three calls a second. A post is
// read again a day after it was read last, so posts spread over the day.

// commentWalk is a walk through the comments of one post, newest first. It is
// part of the cursor while it is unfinished.
type commentWalk struct {
	Owner int64 `json:"owner"`
	Post  int64 `json:"post"`
	Date  int64 `json:"date"`  // of the post
	Count int64 `json:"count"` // comments when the walk began
	Found int64 `json:"found"` // of these, new to us
	Max   int64 `json:"max"`   // highest comment id met
	Sum   mark  `json:"sum"`   // of the newest page
	Full  bool  `json:"full"`  // read everything, to find out what has vanished or changed
	Deep  bool  `json:"deep,omitempty"`
	Top   int64 `json:"top,omitempty"` // a comment above it may be younger than the walk
	// Met are the comments a full walk has met; what is stored and not among them
	// has vanished. Of too many nothing can be said (Blind).
	Met   []int64 `json:"met,omitempty"`
	Blind bool    `json:"blind,omitempty"`
	pager

	cut    bool                      // some thread was not read to its end
	taken  map[domain.PostID]meeting // in this pull
	stored map[domain.PostID][32]byte
	began  bool // in this pull: taken holds all that was met
	handed bool // comments on, in this pull; reading again from the top does not take that back
}

// maxMet bounds the cursor's size (about 10 bytes each).
const maxMet = 20000

// restart makes the walk read everything again from the top.
func (w *commentWalk) restart() {
	w.Full, w.cut, w.pager, w.Found = true, false, pager{}, 0
	w.Met, w.Blind = nil, false
	w.taken = map[domain.PostID]meeting{}
}

// meeting is how a comment was met last. A walk may meet it twice, and it may
// have changed in between.
type meeting struct {
	alive bool
	mark  mark
}

func (w *commentWalk) ref() vk.PostRef { return vk.PostRef{Owner: w.Owner, Post: w.Post} }

func walkOf(c candidate) *commentWalk {
	return &commentWalk{Owner: c.ref.Owner, Post: c.ref.Post, Date: c.date, Count: c.count, began: true}
}

// commentItem is a top-level comment or a reply.
type commentItem struct {
	post  domain.Post
	shape commentShape
	err   error
}

// comments takes the comments of a post as far as the calls of this pull reach.
// finished is false when the walk has to go on in the next pull.
func (r *run) comments(ctx context.Context, w *commentWalk) (finished bool, err error) {
	if w.taken == nil {
		w.taken = map[domain.PostID]meeting{}
	}
	known := r.mem.Threads[w.ref().String()]
	if w.Offset == 0 { // what an earlier pull met may have gone since
		w.began, w.Found, w.Met, w.Blind = true, 0, nil, false
	}
	w.Full = w.Full || (r.Known != nil && w.began && known.stale(r.now, r.set.rewalk()))
	w.Full = w.Full || (r.Known != nil && known.Max > 0 && w.began && w.Count < known.Count)
	if err := r.recall(ctx, w); err != nil {
		return false, err
	}
	for r.calls > 0 {
		page, err := r.commentPage(ctx, w, 0, w.Offset)
		if err != nil {
			return false, err
		}
		items := r.commentItems(page, w)
		places := commentPlaces(items)
		if !w.joins(places) {
			w.back(places)
			continue
		}
		if w.Offset == 0 {
			w.newest(page, items, known)
			if known.Max > 0 && !known.Open && !w.Full && w.Sum == known.Sum && w.Count == known.Count {
				return true, r.settle(ctx, w, false)
			}
		}
		if err := r.takeComments(ctx, w, items, known); err != nil {
			return false, err
		}
		switch {
		case r.lostSome(w, known):
			w.restart()
			if err := r.recall(ctx, w); err != nil {
				return false, err
			}
			continue
		case w.ended(places, vk.MaxCommentsCount, level(page)):
			return true, r.settle(ctx, w, true)
		case !w.Full && known.Max > 0 && w.Found == w.Count-known.Count:
			return true, r.settle(ctx, w, false)
		}
		w.next(places, vk.MaxCommentsCount)
	}
	return false, nil
}

// newest notes what only the newest page tells.
func (w *commentWalk) newest(page vk.Page, items []commentItem, known thread) {
	w.Sum, w.Top, w.Deep = markOfPage(page.Items), known.Max, level(page) > int64(len(page.Items))
	for _, it := range items {
		w.Top = max(w.Top, it.shape.ID)
		w.Deep = w.Deep || it.top() && it.shape.Thread.Count > int64(len(it.shape.Thread.Items))
	}
}

// recall reads what is stored of a post's comments, for a full walk.
func (r *run) recall(ctx context.Context, w *commentWalk) (err error) {
	if r.Known == nil || !w.Full || w.stored != nil {
		return nil
	}
	if w.stored, err = r.Known.StandingComments(ctx, postID(w.Owner, w.Post)); err != nil {
		return fmt.Errorf("stored comments of %s: %w", w.ref(), err)
	}
	return nil
}

// met notes for a full walk that a comment, or its empty place, is there.
func (w *commentWalk) met(id int64) {
	switch {
	case !w.Full || w.Blind:
	case len(w.Met) >= maxMet:
		w.Met, w.Blind = nil, true
	default:
		w.Met = append(w.Met, id)
	}
}

// lostSome reports that more comments are new than the count has grown: others
// have vanished. Then everything is read once, to learn which.
func (r *run) lostSome(w *commentWalk, known thread) bool {
	return r.Known != nil && known.Max > 0 && w.began && !w.Full && w.Found > w.Count-known.Count
}

func (r *run) commentPage(ctx context.Context, w *commentWalk, root int64, offset int) (vk.Page, error) {
	r.calls--
	return r.VK.WallGetComments(ctx, vk.CommentsQuery{
		Post: w.ref(), Thread: root, Offset: offset, Count: vk.MaxCommentsCount,
	})
}

// level is how many comments stand on the level that was asked for; older
// versions count only all of them.
func level(page vk.Page) int64 {
	if page.Level > 0 {
		return page.Level
	}
	return page.Count
}

func (r *run) commentItems(page vk.Page, w *commentWalk) []commentItem {
	f := Frame{Source: r.src, Owner: w.Owner, Post: w.Post, Names: page.Names}
	out := make([]commentItem, 0, len(page.Items))
	for _, raw := range page.Items {
		out = append(out, mapItem(raw, f))
		top := &out[len(out)-1]
		for _, reply := range top.shape.Thread.Items {
			if it := mapItem(reply, f); it.shape.ID != 0 {
				out = append(out, it.under(top.shape.ID))
			}
		}
	}
	return out
}

func mapItem(raw json.RawMessage, f Frame) commentItem {
	var it commentItem
	shapeErr := decode(raw, &it.shape)
	it.post, it.err = it.shape.post(raw, f, shapeErr)
	return it
}

// under marks a reply found inside of its thread.
func (it commentItem) under(root int64) commentItem {
	if len(it.shape.Parents) == 0 {
		it.shape.Parents = []int64{root}
	}
	return it
}

func (it commentItem) top() bool { return len(it.shape.Parents) == 0 }

func commentPlaces(items []commentItem) []position {
	out := make([]position, 0, len(items))
	for _, it := range items {
		if it.shape.ID != 0 && it.top() {
			out = append(out, position{Date: it.shape.Date, ID: it.shape.ID})
		}
	}
	return out
}

// takeComments hands comments on and reads the threads that show only their
// first replies.
func (r *run) takeComments(ctx context.Context, w *commentWalk, items []commentItem, known thread) error {
	for _, it := range items {
		r.takeComment(w, it, known)
	}
	for _, it := range items {
		if !it.top() || it.shape.Thread.Count <= int64(len(it.shape.Thread.Items)) {
			continue
		}
		if err := r.replies(ctx, w, it.shape.ID, known); err != nil {
			return err
		}
	}
	return nil
}

// takeComment hands one comment on once per walk and pull.
func (r *run) takeComment(w *commentWalk, it commentItem, known thread) {
	if errors.Is(it.err, ErrNoIdentity) {
		r.count("comment_item", Unusable)
		return
	}
	id := it.shape.ID
	before, met := w.taken[it.post.ID]
	if !met {
		w.met(id)
	}
	if errors.Is(it.err, ErrDeleted) {
		w.taken[it.post.ID] = meeting{}
		if _, fresh := r.at[it.post.ID]; fresh || known.Open || id <= known.Max { // what we never saw needs no mark
			r.gone(it.post.ID)
		}
		return
	}
	now := meeting{alive: true, mark: markOf(&it.post)}
	if before == now {
		return
	}
	w.taken[it.post.ID], w.handed = now, true
	if hash, same := w.stored[it.post.ID]; !same || met || hash != it.post.TextHash() {
		r.add(it.post)
	}
	if met {
		return
	}
	w.Max = max(w.Max, id)
	if id > known.Max {
		w.Found++
	}
}

// replies reads one thread, newest first, down to what is known. A thread once
// begun is read to that end even beyond the calls of this pull: there is no
// place in it to come back to.
func (r *run) replies(ctx context.Context, w *commentWalk, root int64, known thread) error {
	var p pager
	for {
		page, err := r.commentPage(ctx, w, root, p.Offset)
		if err != nil {
			return err
		}
		f := Frame{Source: r.src, Owner: w.Owner, Post: w.Post, Names: page.Names}
		places, old := make([]position, 0, len(page.Items)), true
		items := make([]commentItem, 0, len(page.Items))
		for _, raw := range page.Items {
			it := mapItem(raw, f)
			items = append(items, it)
			places = append(places, position{Date: it.shape.Date, ID: it.shape.ID})
			old = old && it.shape.ID <= known.Max
		}
		if !p.joins(places) {
			p.back(places)
			continue
		}
		for _, it := range items {
			r.takeComment(w, it, known)
		}
		if old && known.Max > 0 && !w.Full {
			w.cut = true
			return nil
		}
		if p.ended(places, vk.MaxCommentsCount, level(page)) {
			return nil
		}
		p.next(places, vk.MaxCommentsCount)
	}
}

// settle notes how far the comments of a post are taken now. whole means that
// the walk reached the oldest comment.
func (r *run) settle(ctx context.Context, w *commentWalk, whole bool) error {
	key := w.ref().String()
	known := r.mem.Threads[key]
	if whole && (w.began || w.Full) && !w.cut && !w.Blind && known.any() && r.Known != nil {
		if err := r.vanished(ctx, w); err != nil {
			return err
		}
	}
	now := thread{Count: w.Count, Max: max(known.Max, w.Max), Sum: w.Sum, Date: w.Date, Deep: w.Deep, Whole: known.Whole, Until: known.Until}
	if whole {
		now.Whole = r.now.Unix()
	}
	r.mem.Threads[key] = now
	if whole && w.began && w.Count == 0 && len(w.taken) == 0 {
		delete(r.mem.Threads, key) // none are left
	}
	r.moved = r.moved || now != known
	return nil
}

// vanished marks stored comments that a whole walk did not meet: a comment
// without replies leaves no trace when it is deleted.
func (r *run) vanished(ctx context.Context, w *commentWalk) error {
	root := postID(w.Owner, w.Post)
	stored, err := r.Known.StandingComments(ctx, root)
	if err != nil {
		return fmt.Errorf("stored comments of %s: %w", w.ref(), err)
	}
	gone := map[domain.PostID]bool{}
	for id := range stored {
		gone[id] = true
	}
	for i := range r.batch.Posts { // taken a moment ago, not stored yet
		if id := r.batch.Posts[i].ID; id.IsComment() && id.Root() == root {
			gone[id] = true
		}
	}
	for id := range w.taken {
		delete(gone, id)
	}
	for _, id := range w.Met {
		delete(gone, commentID(w.Owner, w.Post, id))
	}
	for _, id := range slices.SortedFunc(maps.Keys(gone), byNumber) {
		if n, err := strconv.ParseInt(id.Comment, 10, 64); err == nil && n <= max(w.Top, w.Max) {
			r.gone(id)
		}
	}
	return nil
}

// byNumber orders comments of one post.
func byNumber(a, b domain.PostID) int {
	return cmp.Or(cmp.Compare(len(a.Comment), len(b.Comment)), cmp.Compare(a.Comment, b.Comment))
}

// markOfPage changes whenever anything on the page does: a comment, an edit, a
// deletion, the size of a thread.
func markOfPage(items []json.RawMessage) mark {
	var b strings.Builder
	for _, raw := range items {
		var s commentShape
		_ = json.Unmarshal(raw, &s) // odd fields read as zero, the same each time
		fmt.Fprintf(&b, "%d %t %d %q\n", s.ID, bool(s.Deleted), s.Thread.Count, s.Text)
		for _, reply := range s.Thread.Items {
			var c commentShape
			_ = json.Unmarshal(reply, &c) // likewise
			fmt.Fprintf(&b, "\t%d %t %q\n", c.ID, bool(c.Deleted), c.Text)
		}
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(b.String())) // a hash never fails
	return mark(h.Sum32())
}
