package vkingest

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// memory is the part of a cursor that re-reading needs. It is committed with the
// posts: what it knows is stored.
type memory struct {
	// Seen are the posts of the newest page and of the overlap, by «owner_post»,
	// with a mark of their text: what has not changed is not handed on again.
	Seen map[string]mark `json:"seen,omitempty"`
	// Threads says how far the comments of a post have been taken.
	Threads map[string]thread `json:"threads,omitempty"`
	// Walk is a walk through comments that one pull could not finish.
	Walk *commentWalk `json:"walk,omitempty"`
}

// mark is a short hash of what a reader of a post sees.
type mark uint32

func markOf(p *domain.Post) mark {
	sum := p.TextHash()
	return mark(binary.BigEndian.Uint32(sum[:4]))
}

// thread is how far the comments of one post have been taken.
type thread struct {
	Count int64 `json:"n"`           // as VK counted them
	Max   int64 `json:"m"`           // the highest comment id taken; ids grow with time
	Sum   mark  `json:"h"`           // of the newest page, to notice edits
	Date  int64 `json:"d"`           // of the post, to forget it in time
	Deep  bool  `json:"p,omitempty"` // there is more than the newest page shows
	Whole int64 `json:"w,omitempty"` // when all of it was read last, unix seconds
	Until int64 `json:"u,omitempty"` // looked at beyond the recheck days, unix seconds
	Open  bool  `json:"o,omitempty"` // a walk that did not end has handed comments on that are not counted here
}

// maxThreads bounds the cursor's size (about 80 bytes each).
const maxThreads = 1000

// any reports that comments of the post may be stored.
func (t thread) any() bool { return t.Max > 0 || t.Open }

// awaited reports that an author may speak to us there though the post is old.
func (t thread) awaited(now time.Time) bool { return t.Until > now.Unix() }

// stale reports that comments below the newest page may have changed unseen.
func (t thread) stale(now time.Time, every time.Duration) bool {
	return every > 0 && t.Deep && t.Max > 0 && now.Sub(time.Unix(t.Whole, 0)) >= every
}

func (m *memory) init() {
	if m.Seen == nil {
		m.Seen = map[string]mark{}
	}
	if m.Threads == nil {
		m.Threads = map[string]thread{}
	}
}

// forget drops threads of posts that are no longer looked at, and the oldest
// ones when there are too many: those would be read again, nothing is lost.
func (m *memory) forget(now time.Time, recheck time.Duration) {
	floor := now.Add(-recheck - 24*time.Hour).Unix()
	maps.DeleteFunc(m.Threads, func(_ string, t thread) bool { return t.Date < floor && !t.awaited(now) })
	if len(m.Threads) <= maxThreads {
		return
	}
	keys := slices.SortedFunc(maps.Keys(m.Threads), func(a, b string) int {
		return cmp.Or(cmp.Compare(m.Threads[b].Date, m.Threads[a].Date), cmp.Compare(a, b))
	})
	for _, k := range keys[maxThreads:] {
		delete(m.Threads, k)
	}
}

// position is a place in a list that is ordered by time, newest first.
type position struct {
	Date int64 `json:"d"`
	ID   int64 `json:"i"`
}

// pager walks a list by offsets though it changes meanwhile. What is new shifts
// the list down, which only repeats items; what is deleted shifts it up, which
// would skip some. So pages overlap, and a page that does not join the one
// before makes the walk step back.
type pager struct {
	Offset int      `json:"o"`
	Prev   position `json:"p"`           // last item of the page before
	Step   int      `json:"s,omitempty"` // how far the last step back was
	Empty  bool     `json:"e,omitempty"` // that step began at an empty page
}

// pageOverlap is how many items two pages share when nothing changes.
const pageOverlap = 5

// joins reports whether nothing can lie between the page before and this one.
func (p *pager) joins(page []position) bool {
	if p.Offset == 0 || p.Prev == (position{}) {
		return true
	}
	if len(page) == 0 {
		return false
	}
	return page[0].Date > p.Prev.Date || slices.Contains(page, p.Prev)
}

// back makes the next page begin earlier.
func (p *pager) back(page []position) {
	p.Empty = p.Empty || len(page) == 0
	p.Step = max(2*p.Step, 2*pageOverlap)
	p.Offset = max(0, p.Offset-p.Step)
}

// next moves on behind a page of count items.
func (p *pager) next(page []position, count int) {
	if len(page) > 0 {
		p.Prev = page[len(page)-1]
	}
	p.Step, p.Empty = 0, false
	p.Offset += count - pageOverlap
}

// ended reports whether a page of count places was the last of total. VK counts
// what it hides, so a short page is not the end; and it may count more than it
// ever shows, so the end is also where an empty page follows the last item.
func (p *pager) ended(page []position, count int, total int64) bool {
	if total <= 0 || p.Empty {
		return len(page) == 0 || page[len(page)-1] == p.Prev
	}
	return int64(p.Offset+count) >= total
}
