package tgingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
)

const (
	pagesPerPull = 3 // then the batch is committed and the walk goes on from its cursor
	defaultDays  = 1
	emptyPages   = 3 // older pages that come empty before the walk is given up
)

// Pages fetches preview pages; *telegram.Preview is one.
type Pages interface {
	Page(ctx context.Context, channel string, before int64) ([]byte, error)
}

// PreviewPuller is the ingest.Puller of telegram_preview sources (address:
// channel name). It reads the newest page, walks to older ones until it meets
// what it had, and gives only posts that are new or changed. With the walk done it
// now and then looks at an older page of the recheck days (relook).
type PreviewPuller struct {
	Pages Pages
	Clock domain.Clock
	// RecheckDays is how long a region's posts are looked at again (its pack's
	// recheck_days); nil or 0: 7. A source's own setting comes first.
	RecheckDays func(region string) int
	Relook      time.Duration // between two looks at older pages, machine time; 0: RelookGap

	mu     sync.Mutex
	looked map[int64]time.Time // by source
}

// Pull reads up to four pages.
func (p *PreviewPuller) Pull(ctx context.Context, src domain.Source) (domain.Batch, error) {
	r, err := p.reader(src)
	if err != nil {
		return domain.Batch{}, err
	}
	more, err := r.read(ctx, p.Pages)
	if err != nil {
		return domain.Batch{}, fmt.Errorf("read preview of %s: %w", r.channel, err)
	}
	if !more && r.cur.Walk == nil {
		if err := r.relook(ctx, p.Pages, func() bool { return p.mayLook(src.ID) }); err != nil {
			return domain.Batch{}, fmt.Errorf("look at older posts of %s again: %w", r.channel, err)
		}
	}
	b := domain.Batch{Source: src, Posts: r.posts, Deletions: r.deletions, More: more}
	cursor, err := json.Marshal(r.cur)
	if err != nil {
		return domain.Batch{}, fmt.Errorf("encode cursor: %w", err)
	}
	if string(cursor) != string(r.before) {
		b.Cursor = cursor
	}
	return b, nil
}

func (p *PreviewPuller) reader(src domain.Source) (*reader, error) {
	name, err := telegram.ChannelName(src.Address)
	if err != nil {
		return nil, telegram.PreviewError(0, domain.AskPerson, "неверное имя канала: "+src.Address, err)
	}
	set, err := parseSettings(src)
	if err != nil {
		return nil, err
	}
	if set.RecheckDays == nil && p.RecheckDays != nil {
		if days := p.RecheckDays(src.Region); days > 0 {
			set.RecheckDays = &days
		}
	}
	if set.FirstDays <= 0 {
		set.FirstDays = defaultDays
	}
	r := &reader{src: src, set: set, channel: name, now: p.Clock.Now()}
	if len(src.Cursor) > 0 {
		if err := json.Unmarshal(src.Cursor, &r.cur); err != nil {
			return nil, fmt.Errorf("cursor of source %d: %w", src.ID, err)
		}
	}
	if r.before, err = json.Marshal(r.cur); err != nil {
		return nil, fmt.Errorf("encode cursor: %w", err)
	}
	return r, nil
}

// Budget: previews have no daily quota.
func (p *PreviewPuller) Budget(context.Context, domain.Source) (domain.Budget, error) {
	return domain.Budget{Left: -1}, nil
}

// Check reads the newest page and returns the channel's title.
func (p *PreviewPuller) Check(ctx context.Context, src domain.Source) (string, error) {
	name, err := telegram.ChannelName(src.Address)
	if err != nil {
		return "", telegram.PreviewError(0, domain.AskPerson, "неверное имя канала: "+src.Address, err)
	}
	body, err := p.Pages.Page(ctx, name, 0)
	if err != nil {
		return "", fmt.Errorf("check preview of %s: %w", name, err)
	}
	pg, err := parsePage(body)
	if err != nil {
		return "", fmt.Errorf("check preview of %s: %w", name, err)
	}
	return pg.title, nil
}

// previewCursor is the cursor of a preview. While a walk is under way, Last is
// still where the previous walk ended.
type previewCursor struct {
	Owner string `json:"owner,omitempty"` // chat id the posts are stored under
	Last  int64  `json:"last,omitempty"`  // highest message id taken
	Seen  []seen `json:"seen,omitempty"`  // the newest posts taken, by id
	Walk  *walk  `json:"walk,omitempty"`

	Relook relook `json:"relook,omitzero"`
}

// walk is a way towards older posts that was not finished.
type walk struct {
	Before int64 `json:"before"`
	Top    int64 `json:"top"`             // becomes Last when the walk ends
	Floor  int64 `json:"floor,omitempty"` // ids up to this one were taken before
	Since  int64 `json:"since,omitempty"` // first poll: unix time before which nothing is taken
	Empty  int   `json:"empty,omitempty"`
}

func (w *walk) old(post *pagePost) bool {
	return w.Since > 0 && !post.PublishedAt.IsZero() && post.PublishedAt.Unix() < w.Since
}

var errEmptyList = errors.New("list came empty")

// read takes pages until the walk is done, three at most.
func (r *reader) read(ctx context.Context, pages Pages) (more bool, err error) {
	for range pagesPerPull {
		pg, err := r.page(ctx, pages)
		if err != nil {
			return false, err
		}
		if r.cur.Walk == nil {
			if done, err := r.begin(pg); done || err != nil {
				return false, err
			}
		}
		switch r.step(pg) {
		case walkDone:
			r.cur.Last, r.cur.Walk = max(r.cur.Last, r.cur.Walk.Top), nil
			return false, nil
		case walkStuck:
			return false, nil
		}
	}
	return true, nil
}

func (r *reader) page(ctx context.Context, pages Pages) (*page, error) {
	before := int64(0)
	if r.cur.Walk != nil {
		before = r.cur.Walk.Before
	}
	body, err := pages.Page(ctx, r.channel, before)
	if err != nil {
		return nil, err
	}
	return parsePage(body)
}

// begin looks at the newest page: whose it is, what changed and vanished on it,
// and how far the walk has to go. It is done at once when there is nothing.
func (r *reader) begin(pg *page) (done bool, err error) {
	if len(pg.ids) == 0 {
		if r.cur.Last == 0 {
			return true, nil
		}
		// t.me also shows «No posts found» to those who ask too often.
		return false, telegram.PreviewError(200, domain.RetryLater,
			"t.me показал пустую ленту, хотя сообщения в ней были: повторим позже", errEmptyList)
	}
	if err := r.sameChannel(pg.owner); err != nil {
		return false, err
	}
	r.missing(pg)
	r.low = pg.low()
	w := &walk{Top: pg.high(), Floor: r.cur.Last}
	if r.cur.Last == 0 {
		w.Since = r.now.AddDate(0, 0, -r.set.FirstDays).Unix()
	}
	r.cur.Walk = w
	return false, nil
}

// sameChannel keeps to the identity posts were first stored under. A name can
// be given up and taken by somebody else.
func (r *reader) sameChannel(owner string) error {
	switch {
	case r.cur.Owner == "":
		r.cur.Owner = owner
	case r.cur.Owner[0] != '@' && owner[0] != '@' && r.cur.Owner != owner:
		return telegram.PreviewError(200, domain.AskPerson,
			"имя канала теперь принадлежит другому каналу: проверьте источник", fmt.Errorf("channel id was %s, is %s", r.cur.Owner, owner))
	}
	return nil
}

type walkState int

const (
	walkOn walkState = iota
	walkDone
	walkStuck // an older page came empty: ask again at the next poll
)

// step takes the posts of a page and says where the walk stands.
func (r *reader) step(pg *page) walkState {
	w := r.cur.Walk
	if len(pg.ids) == 0 {
		if w.Empty++; w.Empty >= emptyPages {
			return walkDone
		}
		return walkStuck
	}
	w.Empty = 0
	reachedOld := false
	for i := range pg.posts {
		reachedOld = reachedOld || w.old(&pg.posts[i])
		r.consider(&pg.posts[i], w)
	}
	backwards := pg.prev > 0 && (w.Before == 0 || pg.prev < w.Before)
	if reachedOld || pg.low() <= w.Floor || !backwards {
		return walkDone
	}
	w.Before = pg.prev
	return walkOn
}
