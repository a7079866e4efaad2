package tgingest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
)

// RelookGap is the least time between two looks at older pages of one channel.
// Telegram tells nobody of edits and deletions, so the pages of the recheck days
// are gone through again and again, one page a look: at most 96 requests a day
// for a channel. Twenty posts a day make a round of seven pages, under two hours
// when the channel is polled that often; a hundred posts a day one of nine hours.
const RelookGap = 15 * time.Minute

const defaultRecheckDays = 7

// relook is where the round through the older pages stands.
type relook struct {
	Before int64 `json:"before"` // the page to be looked at next; 0: a new round
}

// mayLook spaces the looks at one channel by the machine's clock, so that a
// demonstration that runs through days in a minute is polite as well. Each
// process counts for itself.
func (p *PreviewPuller) mayLook(source int64) bool {
	gap := p.Relook
	if gap == 0 {
		gap = RelookGap
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if last, ok := p.looked[source]; ok && now.Sub(last) < gap {
		return false
	}
	if p.looked == nil {
		p.looked = map[int64]time.Time{}
	}
	p.looked[source] = now
	return true
}

// older reports whether there is a known post below an id that is still rechecked.
func (r *reader) older(than int64) bool {
	since := r.now.AddDate(0, 0, -r.set.recheck()).Unix()
	for _, s := range r.cur.Seen {
		if s.ID >= than {
			return false
		}
		if s.Date >= since && s.Hash != gone {
			return true
		}
	}
	return false
}

// relook looks at one older page for edits and deletions. What it cannot read is
// left for the next round: the newest posts matter more.
func (r *reader) relook(ctx context.Context, pages Pages, may func() bool) error {
	before := r.cur.Relook.Before
	if before == 0 || before > r.low+1 {
		before = r.low + 1 // the lowest post of the newest page is the neighbour above
	}
	if r.low == 0 || !r.older(before-1) {
		r.cur.Relook = relook{}
		return nil
	}
	if !may() {
		return nil
	}
	body, err := pages.Page(ctx, r.channel, before)
	if err != nil {
		return r.excuse(ctx, err)
	}
	pg, err := parsePage(body)
	if err != nil {
		return r.excuse(ctx, err)
	}
	if len(pg.ids) == 0 || r.sameChannel(pg.owner) != nil {
		r.cur.Relook = relook{}
		return nil //nolint:nilerr // another channel's page ends the second look; the first said so already
	}
	known := &walk{Floor: r.cur.Last} // what we do not know is older than the first poll's reach
	for i := range pg.posts {
		r.consider(&pg.posts[i], known)
	}
	if r.missingInside(pg) {
		r.cur.Relook.Before = before // seen once: the same page again
		return nil
	}
	r.cur.Relook = relook{}
	if next := pg.low() + 1; next < before && r.older(next-1) {
		r.cur.Relook.Before = next
	}
	return nil
}

// excuse passes on only that t.me wants to be asked less often, and only when
// the pull brought nothing that would be lost with it.
func (r *reader) excuse(ctx context.Context, err error) error {
	var pe *domain.PlatformError
	tooOften := errors.As(err, &pe) && pe.Reaction == domain.SlowDown
	if ctx.Err() != nil || tooOften && len(r.posts)+len(r.deletions) == 0 {
		return err
	}
	return nil
}

// missingInside finds posts that an older page does not show though it shows
// posts on both sides of them. Pages come from many caches: only the second time
// in a row counts. first reports that something was missed for the first time.
func (r *reader) missingInside(pg *page) (first bool) {
	low, high := pg.low(), pg.high()
	for i := range r.cur.Seen {
		s := &r.cur.Seen[i]
		if s.ID <= low || s.ID >= high || s.Hash == gone {
			continue
		}
		first = r.absent(s, pg) || first
	}
	return first
}

// absent notes whether a page that should show a post does, and reports a
// deletion the second time it does not.
func (r *reader) absent(s *seen, pg *page) (first bool) {
	switch {
	case s.on(pg):
		s.Missed = false
	case !s.Missed:
		s.Missed, first = true, true
	default:
		s.Hash, s.Missed = gone, false
		id := domain.NewPostID(domain.Telegram, r.cur.Owner, strconv.FormatInt(s.ID, 10))
		r.deletions = append(r.deletions, domain.Deletion{ID: id, At: r.now})
	}
	return first
}

// on reports whether a page shows a post, or what is left of an album that has
// lost its first member.
func (s *seen) on(pg *page) bool {
	return slices.ContainsFunc(pg.ids, func(id int64) bool { return id >= s.ID && id <= max(s.ID, s.Last) })
}
