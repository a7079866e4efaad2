package vkingest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/vk"
)

// Search pulls newsfeed.search (domain.VKSearch). The address holds the words;
// lat and lon in the settings narrow it to a place. The search shows some subset
// of what there is (protocols: vkrss#8), so it supplements walls and proves
// nothing; posts of walls we read as well meet by identity.
type Search struct{ Deps }

// searchCursor is how far a search has been read.
type searchCursor struct {
	Newest int64 `json:"newest"` // date of the newest post taken, unix seconds
	// Open is the stretch of time an earlier pull left unread, because a search
	// shows its newest thousand only and a pull turns so many pages.
	Open *stretch `json:"open,omitempty"`
	memory
}

// stretch is a time from and to which posts are still to be read, unix seconds.
type stretch struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Pull implements ingest.Puller.
func (p Search) Pull(ctx context.Context, src domain.Source) (domain.Batch, error) {
	set, err := p.settings(src)
	if err != nil {
		return domain.Batch{}, err
	}
	var cur searchCursor
	if err := readCursor(src, &cur); err != nil {
		return domain.Batch{}, err
	}
	r := newRun(p.Deps, src, set, &cur.memory)
	s := &searching{run: r, cur: &cur, pages: set.MaxPages, fresh: map[string]sighting{}}
	more, err := s.pull(ctx)
	return r.finish(ctx, &cur, more, err)
}

// searching is one pull of a search.
type searching struct {
	*run
	cur   *searchCursor
	pages int
	fresh map[string]sighting
}

func (s *searching) pull(ctx context.Context) (more bool, err error) {
	searchErr := s.search(ctx)
	if searchErr != nil && !reacts(searchErr, domain.ParkToday) {
		return false, searchErr
	}
	more, err = s.followUp(ctx)
	return more || s.cur.Open != nil, firstErr(err, searchErr)
}

// search reads what is new, then goes on with what was left open.
func (s *searching) search(ctx context.Context) error {
	now := s.now.Unix()
	from := s.now.Add(-s.set.first()).Unix()
	if s.cur.Newest > 0 {
		from = s.cur.Newest - int64(s.set.overlap()/time.Second)
	}
	left, err := s.stretch(ctx, stretch{From: from, To: now})
	s.remember()
	if left != nil && s.cur.Open != nil {
		left.From = min(left.From, s.cur.Open.From)
	}
	if left != nil {
		s.cur.Open = left
		return err
	}
	if err != nil || s.cur.Open == nil || s.pages <= 0 {
		return err
	}
	before := *s.cur.Open
	s.cur.Open, err = s.stretch(ctx, before)
	s.moved = s.moved || s.cur.Open == nil || *s.cur.Open != before
	return err
}

// stretch reads the posts of a time, newest first, and returns what it could
// not read, nil when nothing is left. Each thousand read, it asks again for what
// is older.
func (s *searching) stretch(ctx context.Context, t stretch) (left *stretch, err error) {
	startFrom := ""
	oldest := t.To
	for s.pages > 0 && s.calls > 0 {
		s.pages, s.calls = s.pages-1, s.calls-1
		page, err := s.VK.NewsfeedSearch(ctx, s.query(t, startFrom))
		if err != nil {
			return &stretch{From: t.From, To: oldest}, err
		}
		for _, it := range s.items(page, 0) {
			if it.usable {
				s.take(it)
				oldest = s.older(oldest, it)
			}
		}
		if startFrom = page.NextFrom; startFrom != "" {
			continue
		}
		if len(page.Items) == 0 || page.Count < vk.MaxSearchResults || oldest >= t.To {
			return nil, nil
		}
		t.To = oldest // the thousand is used up; the last second is read again
	}
	return &stretch{From: t.From, To: oldest}, nil
}

// older keeps the lowest plausible date.
func (s *searching) older(oldest int64, it wallItem) int64 {
	if it.shape.Date > 0 {
		return min(oldest, it.shape.Date)
	}
	return oldest
}

func (s *searching) query(t stretch, startFrom string) vk.SearchQuery {
	q := vk.SearchQuery{
		Words: s.src.Address, Start: time.Unix(t.From, 0), End: time.Unix(t.To, 0),
		StartFrom: startFrom, Count: vk.MaxSearchCount,
	}
	if s.set.Lat != nil {
		q.Place = &vk.Place{Lat: *s.set.Lat, Lon: *s.set.Lon}
	}
	return q
}

// take hands a found post on. What is found may be a comment: it says so, and
// names its post.
func (s *searching) take(it wallItem) {
	if it.shape.Type == "reply" && it.shape.PostID != 0 {
		s.takeReply(it)
		return
	}
	if it.gone {
		s.gone(it.post.ID)
		return
	}
	key := it.ref.String()
	before, again := s.fresh[key]
	now := sighting{mark: markOf(&it.post), date: it.shape.Date}
	s.fresh[key] = now
	switch {
	case !again:
		if s.hand(it) {
			s.lookLater(it)
		}
		s.queue(it)
	case before.mark != now.mark: // edited between two pages that overlap
		s.add(it.post)
	}
}

func (s *searching) takeReply(it wallItem) {
	f := Frame{Source: s.src, Owner: it.ref.Owner, Post: it.shape.PostID}
	c, err := MapComment(it.post.Raw, f)
	if errors.Is(err, ErrDeleted) || err != nil {
		s.count("search_reply", Unusable)
		return
	}
	c.Author.Name = it.post.Author.Name
	key := c.ID.String()
	if _, again := s.fresh[key]; again {
		return
	}
	now := markOf(&c)
	s.fresh[key] = sighting{mark: now, date: it.shape.Date}
	if old, known := s.mem.Seen[key]; !known || old != now {
		s.add(c)
	}
}

// remember keeps the marks of the overlap.
func (s *searching) remember() {
	now := s.now.Unix()
	for _, seen := range s.fresh {
		if seen.date <= now {
			s.cur.Newest = max(s.cur.Newest, seen.date)
		}
	}
	floor := s.cur.Newest - int64(s.set.overlap()/time.Second)
	next := map[string]mark{}
	for key, seen := range s.fresh {
		if seen.date >= floor {
			next[key] = seen.mark
		}
	}
	for key, old := range s.mem.Seen {
		if _, found := next[key]; !found && len(s.fresh) == 0 {
			next[key] = old // nothing was read
		}
	}
	s.mem.Seen = next
}

// Budget implements ingest.Puller.
func (p Search) Budget(ctx context.Context, _ domain.Source) (domain.Budget, error) {
	return p.budget(ctx, domain.VKSearch, "newsfeed.search")
}

// Check implements ingest.Puller: it searches once.
func (p Search) Check(ctx context.Context, src domain.Source) (string, error) {
	set, err := p.settings(src)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(src.Address) == "" && set.Lat == nil {
		return "", ingest.BadSettings(domain.VK, errors.New("не заданы ни слова поиска, ни место (lat, lon)"))
	}
	q := vk.SearchQuery{Words: src.Address, Count: 1}
	if set.Lat != nil {
		q.Place = &vk.Place{Lat: *set.Lat, Lon: *set.Lon}
	}
	if _, err := p.VK.NewsfeedSearch(ctx, q); err != nil {
		return "", err
	}
	return "Поиск ВКонтакте: " + src.Address, nil
}
