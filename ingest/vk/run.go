package vkingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/vk"
)

// Reader is what the pullers need of the VK client.
type Reader interface {
	WallGet(ctx context.Context, address string, offset, count int) (vk.Page, error)
	WallGetByID(ctx context.Context, refs []vk.PostRef) (vk.Page, error)
	WallGetComments(ctx context.Context, q vk.CommentsQuery) (vk.Page, error)
	NewsfeedSearch(ctx context.Context, q vk.SearchQuery) (vk.Page, error)
	Group(ctx context.Context, name string) (vk.Group, error)
	Left(ctx context.Context, method string) (left, perDay int64, err error)
	CanRead() bool
}

// KnownComments gives the comments of a post that are stored and not marked as
// deleted, with the hashes of their texts. VK does not name comments that vanish
// and gives edited ones no date; this is how both are found.
type KnownComments interface {
	StandingComments(ctx context.Context, root domain.PostID) (map[domain.PostID][32]byte, error)
}

// SourceCounter tells how many sources of a kind, by region, share the daily quotas.
type SourceCounter interface {
	CountSources(ctx context.Context, kind domain.SourceKind) (map[string]int64, error)
}

// Deps is what the pullers are made of. Known, Sources, Policy, Events, Log,
// RecheckDays and ObjectionDays may be nil.
type Deps struct {
	VK      Reader
	Watches ingest.Watches
	Known   KnownComments
	Sources SourceCounter
	Policy  ingest.Policy                     // sources that it refuses make no calls, and share no quota
	Events  func(eventType string, o Outcome) // counts events and items, for metrics
	Recall  *Recall                           // nil: nothing is read again for the bot
	// Hide names a conversation in the cursor without saying whose it is. nil: there
	// is no key, no bot that could ask for consent, and conversations are not read.
	Hide  func(peer int64) int64
	Clock domain.Clock
	Log   *slog.Logger
	// RecheckDays is how long a region's posts are looked at again (its pack's
	// recheck_days); nil or 0: 7. A source's own setting comes first.
	RecheckDays func(region string) int
	// ObjectionDays is how long after its end authors may object to a case (the pack's
	// satisfaction_days); nil or 0: 7.
	ObjectionDays func(region string) int
}

func (d Deps) objection(region string) time.Duration {
	days := 0
	if d.ObjectionDays != nil {
		days = d.ObjectionDays(region)
	}
	return time.Duration(cmp.Or(days, 7)) * 24 * time.Hour
}

func (d Deps) settings(src domain.Source) (Settings, error) {
	days := 0
	if d.RecheckDays != nil {
		days = d.RecheckDays(src.Region)
	}
	return readSettings(src, days)
}

func (d Deps) log() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}

func (d Deps) count(kind string, o Outcome) {
	if d.Events != nil {
		d.Events(kind, o)
	}
}

// budget is what all reading tokens may still spend on a method today.
func (d Deps) budget(ctx context.Context, kind domain.SourceKind, method string) (domain.Budget, error) {
	left, perDay, err := d.VK.Left(ctx, method)
	b := domain.Budget{Left: left, PerDay: perDay}
	if err != nil || d.Sources == nil {
		return b, err
	}
	regions, err := d.Sources.CountSources(ctx, kind)
	for region, n := range regions {
		if _, refused := d.Policy.Refuses(domain.Source{Region: region, Kind: kind}); !refused {
			b.Sources += n
		}
	}
	return b, err
}

// run is one pull in progress.
type run struct {
	Deps
	collector
	src    domain.Source
	set    Settings
	mem    *memory
	calls  int // that this pull may still make
	moved  bool
	queued []candidate // posts whose comments have to be looked at
}

// candidate is a post whose comments may have changed.
type candidate struct {
	ref   vk.PostRef
	count int64 // as the post says
	date  int64
}

func newRun(d Deps, src domain.Source, set Settings, mem *memory) *run {
	mem.init()
	return &run{Deps: d, collector: newCollector(d.Clock.Now()), src: src, set: set, mem: mem, calls: set.MaxCalls}
}

// progress reports whether there is anything worth committing.
func (r *run) progress() bool {
	return r.moved || len(r.batch.Posts)+len(r.batch.Deletions)+len(r.batch.Watches) > 0
}

// finish makes the batch. An error after some progress is not lost: the progress is
// committed, and the next pull, asked for at once, meets the error first.
func (r *run) finish(ctx context.Context, cursor any, more bool, err error) (domain.Batch, error) {
	if ctx.Err() != nil {
		return domain.Batch{}, ctx.Err()
	}
	if err != nil && !r.progress() {
		return domain.Batch{}, err
	}
	if err != nil {
		r.log().Warn("pull cut short", "source", r.src.ID, "address", r.src.Address, "err", err)
	}
	r.mem.forget(r.now, r.set.recheck())
	raw, cursorErr := writeCursor(cursor)
	if cursorErr != nil {
		return domain.Batch{}, cursorErr
	}
	r.batch.Source, r.batch.Cursor, r.batch.More = r.src, raw, more || err != nil
	return r.batch, nil
}

// wallItem is a post of a page with what the walk needs of it.
type wallItem struct {
	post   domain.Post
	shape  postShape
	ref    vk.PostRef
	gone   bool // a deleted post's empty place
	usable bool // has an identity
}

// items maps a page of posts. An item that cannot be used is counted and its
// neighbours are not touched.
func (r *run) items(page vk.Page, owner int64) []wallItem {
	out := make([]wallItem, 0, len(page.Items))
	f := Frame{Source: r.src, Owner: owner, Names: page.Names}
	for _, raw := range page.Items {
		out = append(out, r.item(raw, f))
	}
	return out
}

func (r *run) item(raw json.RawMessage, f Frame) wallItem {
	var it wallItem
	shapeErr := decode(raw, &it.shape)
	var err error
	it.post, err = it.shape.post(raw, f, shapeErr)
	it.gone, it.usable = errors.Is(err, ErrDeleted), err == nil || errors.Is(err, ErrDeleted)
	it.ref = vk.PostRef{Owner: it.shape.owner(f.Owner), Post: it.shape.ID}
	if !it.usable {
		r.count("wall_item", Unusable)
		r.log().Warn("post without identity left out", "source", r.src.ID, "bytes", len(raw))
	}
	return it
}

// hand gives a post on unless it is known as it is, and reports whether it is
// the first time we see it.
func (r *run) hand(it wallItem) (fresh bool) {
	key := it.ref.String()
	old, known := r.mem.Seen[key]
	if now := markOf(&it.post); !known || old != now {
		r.add(it.post)
	}
	return !known
}

// lookLater asks for a post to be looked at again.
func (r *run) lookLater(it wallItem) {
	until := it.post.PublishedAt.Add(r.set.recheck())
	if r.set.RecheckDays == 0 || !until.After(r.now) {
		return
	}
	r.look(domain.Watch{
		ID: it.post.ID, Comments: r.mem.Threads[it.ref.String()].Count,
		Until: until, NextAt: r.now.Add(r.gap(it)),
	})
}

// Bounds of the gap between two looks at a post; restGap is that of a post whose days
// of looking are over, and whose author may still speak to us.
const (
	minGap  = 5 * time.Minute
	maxGap  = 6 * time.Hour
	restGap = 12 * time.Hour
)

func (r *run) gap(it wallItem) time.Duration {
	if r.young(it) {
		return gapAt(r.now.Sub(it.post.PublishedAt))
	}
	return restGap
}

// young: the post is within the days of looking.
func (r *run) young(it wallItem) bool { return r.now.Sub(it.post.PublishedAt) < r.set.recheck() }

// gapAt is the pause before the next look at a post of some age: most comments
// and edits come in the first hour.
func gapAt(age time.Duration) time.Duration {
	return min(maxGap, max(minGap, age/6))
}

// firstErr gives the first error there is.
func firstErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// reacts reports whether an error carries one of the reactions.
func reacts(err error, reactions ...domain.Reaction) bool {
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		return false
	}
	for _, want := range reactions {
		if pe.Reaction == want {
			return true
		}
	}
	return false
}
