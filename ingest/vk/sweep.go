package vkingest

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/otklik/otklik/platform/vk"
)

// wallCursor is how far a wall has been read.
type wallCursor struct {
	Since  int64 `json:"since"`  // unix seconds; what is older is never taken
	Newest int64 `json:"newest"` // date of the newest post taken
	Gap    *gap  `json:"gap,omitempty"`
	memory
}

// gap is a stretch of the wall that has not been read yet, because one pull may
// only turn so many pages.
type gap struct {
	pager
	Floor int64 `json:"floor"` // what is older has been read before
}

// sweep reads a wall into a run.
type sweep struct {
	*run
	cur     *wallCursor
	address string
	owner   int64 // 0 while the address is a screen name
	pages   int   // that this pull may still turn
	read    int   // pages read
	fresh   map[string]sighting
}

// sighting is a post met in this pull.
type sighting struct {
	mark mark
	date int64
	head bool // on the newest page
}

func newSweep(r *run, cur *wallCursor, address string) *sweep {
	owner, err := strconv.ParseInt(address, 10, 64)
	if err != nil {
		owner = 0
	}
	return &sweep{run: r, cur: cur, address: address, owner: owner, pages: r.set.MaxPages, fresh: map[string]sighting{}}
}

// all reads what is new from the top, then goes on with what an earlier pull
// left open. An error after the first page leaves the rest open.
func (s *sweep) all(ctx context.Context) error {
	if s.cur.Since == 0 {
		s.cur.Since = s.now.Add(-s.set.first()).Unix()
	}
	err := s.head(ctx)
	if s.read > 0 {
		s.remember()
	}
	if err != nil || s.cur.Gap == nil {
		return err
	}
	return s.rest(ctx)
}

// floor is where what is known begins.
func (s *sweep) floor() int64 {
	return max(s.cur.Since, s.cur.Newest-int64(s.set.overlap()/time.Second))
}

// head reads the newest posts. When the pull may turn no more pages and has met
// something new, what lies below is a gap. When it has met nothing new, the
// pages it could not turn hold nothing but what was there the last time.
func (s *sweep) head(ctx context.Context) error {
	p, floor := pager{}, s.floor()
	done, err := s.turn(ctx, &p, floor)
	if done || s.read == 0 || (err == nil && s.known()) {
		return err
	}
	if s.cur.Gap != nil { // the older gap lies inside of the new one
		floor = min(floor, s.cur.Gap.Floor)
	}
	s.cur.Gap = &gap{pager: p, Floor: floor}
	return err
}

// known reports that every post met in this pull is stored already.
func (s *sweep) known() bool {
	for key := range s.fresh {
		if _, known := s.mem.Seen[key]; !known {
			return false
		}
	}
	return true
}

// rest goes on with the gap.
func (s *sweep) rest(ctx context.Context) error {
	g := s.cur.Gap
	before := *g
	s.pages = max(1, s.pages) // the newest page must not starve the gap
	done, err := s.turn(ctx, &g.pager, g.Floor)
	s.moved = s.moved || g.pager != before.pager
	if done {
		s.cur.Gap = nil
	}
	return err
}

// turn reads pages down to the floor, to the end of the wall, or as far as this
// pull may. Only done means that nothing lies below.
func (s *sweep) turn(ctx context.Context, p *pager, floor int64) (done bool, err error) {
	for s.pages > 0 && s.calls > 0 {
		s.pages, s.calls = s.pages-1, s.calls-1
		page, err := s.VK.WallGet(ctx, s.address, p.Offset, vk.MaxWallCount)
		if err != nil {
			return false, err
		}
		items := s.items(page, s.owner)
		places := positions(items)
		if !p.joins(places) {
			p.back(places)
			continue
		}
		s.take(items, p.Offset == 0)
		s.read++
		if p.ended(places, vk.MaxWallCount, page.Count) || settled(places, floor) {
			return true, nil
		}
		p.next(places, vk.MaxWallCount)
	}
	return false, nil
}

// positions are the places of the posts that stand in the order of time.
func positions(items []wallItem) []position {
	out := make([]position, 0, len(items))
	for _, it := range items {
		if it.usable && !bool(it.shape.Pinned) {
			out = append(out, position{Date: it.shape.Date, ID: it.shape.ID})
		}
	}
	return out
}

// settled reports whether the lower half of a page lies below the floor. One old
// date proves nothing: the pinned post comes first, however old (protocols:
// VK-Top#6); and known posts prove nothing either, a post may show up late
// among them.
func settled(page []position, floor int64) bool {
	for _, p := range page[len(page)/2:] {
		if p.Date >= floor {
			return false
		}
	}
	return len(page) > 0
}

// take hands the posts of a page on.
func (s *sweep) take(items []wallItem, head bool) {
	for _, it := range items {
		switch {
		case !it.usable:
		case it.gone:
			s.gone(it.post.ID)
		default:
			s.takeOne(it, head)
		}
	}
}

func (s *sweep) takeOne(it wallItem, head bool) {
	key := it.ref.String()
	_, known := s.mem.Seen[key]
	if it.shape.Date < s.cur.Since && it.shape.Date > 0 && !known {
		return // older than this source was ever asked for
	}
	before, again := s.fresh[key]
	now := sighting{mark: markOf(&it.post), date: it.shape.Date, head: head || before.head}
	s.fresh[key] = now
	switch {
	case !again:
		if s.hand(it) {
			s.lookLater(it)
		}
		s.queue(it)
	case before.mark != now.mark: // the pages overlap, and it was edited in between
		s.add(it.post)
	}
}

// queue notes a post whose count of comments is not what we have taken.
func (r *run) queue(it wallItem) {
	t := r.mem.Threads[it.ref.String()]
	if r.set.Comments && (r.young(it) || t.awaited(r.now)) && int64(it.shape.Comments) != t.Count {
		r.queued = append(r.queued, candidate{ref: it.ref, count: int64(it.shape.Comments), date: it.shape.Date})
	}
}

// remember keeps the marks of the newest page and of the overlap.
func (s *sweep) remember() {
	now := s.now.Unix()
	for _, seen := range s.fresh {
		if seen.date <= now { // a date from the future must not hide the present
			s.cur.Newest = max(s.cur.Newest, seen.date)
		}
	}
	floor := s.floor()
	maps.DeleteFunc(s.fresh, func(_ string, seen sighting) bool { return !seen.head && seen.date < floor })
	s.mem.Seen = make(map[string]mark, len(s.fresh))
	for key, seen := range s.fresh {
		s.mem.Seen[key] = seen.mark
	}
}
