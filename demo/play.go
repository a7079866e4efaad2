package demo

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// ownRoom is how many numbers lie between two records of a wall or group. What
// our accounts write takes them, so that a record has the same number however
// much was answered before it.
const ownRoom = 1000

// world is a fake platform as a feed sees it. Everything is published at the
// given time, which has come.
type world interface {
	post(s Source, r Record, at time.Time) (domain.PostID, error)
	comment(s Source, under, replyTo domain.PostID, r Record, at time.Time) (domain.PostID, error)
	repost(s Source, origin domain.PostID, copied string, r Record, at time.Time) (domain.PostID, error)
	edit(id domain.PostID, text string) error
	remove(id domain.PostID) error
}

// Player plays a feed into the fakes as its time comes.
type Player struct {
	// Served tells whether somebody has read a post; may be nil.
	Served func(id domain.PostID) bool

	feed    Feed
	worlds  map[domain.Platform]world
	vk      vkWorld
	fakes   *Fakes
	sources map[string]Source
	zones   map[string]*time.Location // by region
	start   time.Time
	clock   *Clock
	log     *slog.Logger

	rest   []Record                 // not played yet, by time
	held   []Record                 // deletions of what nobody has read yet
	times  map[string]time.Time     // record → its time
	ids    map[string]domain.PostID // record → what it became
	texts  map[string]string        // record → its text, for reposts
	played chan struct{}
	last   time.Time // of the newest record; set before played is closed
}

// NewPlayer prepares a feed whose day 0 begins, in each region's zone, on the
// day of start.
func NewPlayer(feed Feed, fakes *Fakes, zones map[string]*time.Location, start time.Time, clock *Clock, log *slog.Logger) *Player {
	vk := vkWorld{fake: fakes.VK, count: map[int64]int64{}}
	p := &Player{feed: feed, zones: zones, start: start, clock: clock, log: log, vk: vk, fakes: fakes,
		worlds:  map[domain.Platform]world{domain.VK: vk, domain.Telegram: newTelegramWorld(fakes.Telegram), domain.MAX: newMAXWorld(fakes)},
		sources: map[string]Source{}, ids: map[string]domain.PostID{}, texts: map[string]string{}, played: make(chan struct{})}
	for _, s := range feed.Sources {
		p.sources[s.Key] = s
	}
	return p
}

// Last is the time of the newest record, once Played is closed.
func (p *Player) Last() time.Time { return p.last }

// Played is closed when the last record has been played.
func (p *Player) Played() <-chan struct{} { return p.played }

// Fed is how many posts and comments a feed holds; edits, deletions and the
// further parts of albums are not posts of their own.
func (f *Feed) Fed() int {
	n := 0
	for _, r := range f.Records {
		if r.Type != "edit" && r.Type != "delete" {
			n++
		}
	}
	return n
}

// Run plays every record at its time.
func (p *Player) Run(ctx context.Context) error {
	defer close(p.played)
	if err := p.order(); err != nil {
		return err
	}
	for len(p.rest) > 0 {
		if err := p.wait(ctx, p.times[p.rest[0].ID]); err != nil {
			return nil // stopped: no fault of the feed
		}
		if err := p.playNext(); err != nil {
			return err
		}
		if err := p.release(false); err != nil {
			return err
		}
	}
	for limit := time.Now().Add(holdWithin); len(p.held) > 0; {
		if p.pause(ctx, holdLook) != nil {
			return nil // stopped: no fault of the feed
		}
		if err := p.release(time.Now().After(limit)); err != nil {
			return err
		}
	}
	p.log.Info("feed played", "records", len(p.feed.Records))
	return nil
}

// Restore plays what came before the clock's start, as it was played in an
// earlier life: the same identities again. What our accounts answered then is
// put back where it stood.
func (p *Player) Restore(answers []domain.Post) error {
	if err := p.order(); err != nil {
		return err
	}
	now := p.clock.Now()
	for len(p.rest) > 0 && !p.times[p.rest[0].ID].After(now) {
		if err := p.playNext(); err != nil {
			return err
		}
	}
	for _, a := range answers {
		if a.ID.Platform != domain.VK {
			continue // nobody reads the others' answers again
		}
		if err := p.vk.answer(a); err != nil {
			p.log.Warn("an answer is not put back", "post", a.ID.LogName(), "err", err)
		}
	}
	p.fakes.skipTo(now)
	return nil
}

// order finds every record's time; it counts once.
func (p *Player) order() error {
	if p.times != nil {
		return nil
	}
	p.rest, p.times = slices.Clone(p.feed.Records), make(map[string]time.Time, len(p.feed.Records))
	for _, r := range p.rest {
		at, err := p.when(r)
		if err != nil {
			return err
		}
		p.times[r.ID] = at
	}
	slices.SortStableFunc(p.rest, func(a, b Record) int { return p.times[a.ID].Compare(p.times[b.ID]) })
	return nil
}

func (p *Player) playNext() error {
	r := p.rest[0]
	p.rest, p.last = p.rest[1:], p.times[r.ID]
	if p.Served != nil && r.Type == "delete" && !p.Served(p.ids[r.Of]) {
		p.held = append(p.held, r)
		return nil
	}
	if err := p.play(r, p.last); err != nil {
		return fmt.Errorf("play record %s: %w", r.ID, err)
	}
	return nil
}

// A deletion waits until its post has been read, or a machine too busy to poll
// within the days between would never see it.
const (
	holdWithin = 30 * time.Second // after the last record
	holdLook   = 200 * time.Millisecond
)

// release plays held deletions whose posts have been read; all of them, at last.
func (p *Player) release(all bool) error {
	held := p.held
	p.held = nil
	for _, r := range held {
		if !all && !p.Served(p.ids[r.Of]) {
			p.held = append(p.held, r)
			continue
		}
		if err := p.play(r, p.clock.Now()); err != nil {
			return fmt.Errorf("play record %s: %w", r.ID, err)
		}
	}
	return nil
}

// when is the time of a record: its own, or the local hour of its day.
func (p *Player) when(r Record) (time.Time, error) {
	if !r.At.IsZero() {
		return r.At, nil
	}
	if r.Time == "" {
		return p.start, nil
	}
	zone := p.zones[p.sources[r.Source].Region]
	if zone == nil {
		return time.Time{}, fmt.Errorf("record %s: region of source %q is not served", r.ID, r.Source)
	}
	hour, err := time.ParseInLocation("15:04", r.Time, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("record %s: time: %w", r.ID, err)
	}
	y, m, d := p.start.In(zone).Date()
	at := time.Date(y, m, d+r.Day, hour.Hour(), hour.Minute(), 0, 0, zone).UTC()
	if at.Before(p.start) {
		at = p.start // the first day had begun: what it held so far is there already
	}
	return at, nil
}

func (p *Player) wait(ctx context.Context, at time.Time) error {
	for {
		d := p.clock.RealUntil(at)
		if d <= 0 {
			return ctx.Err()
		}
		if err := p.pause(ctx, min(d, time.Second)); err != nil {
			return err
		}
	}
}

func (p *Player) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (p *Player) play(r Record, at time.Time) error {
	src, ok := p.sources[r.Source]
	if !ok {
		return fmt.Errorf("no source %q", r.Source)
	}
	w, ok := p.worlds[src.Platform]
	if !ok {
		return fmt.Errorf("source %q: no fake of platform %q", r.Source, src.Platform)
	}
	of, known := p.ids[r.Of]
	if r.Of != "" && !known {
		return fmt.Errorf("it is about %q, which was not played", r.Of)
	}
	var id domain.PostID
	var err error
	switch r.Type {
	case "", "post", "album":
		id, err = w.post(src, r, at)
	case "comment":
		id, err = w.comment(src, of, p.ids[r.ReplyTo], r, at)
	case "repost":
		id, err = w.repost(src, of, p.texts[r.Of], r, at)
	case "edit":
		err = p.worlds[of.Platform].edit(of, r.Text)
	case "delete":
		err = p.worlds[of.Platform].remove(of)
	default:
		err = fmt.Errorf("unknown type %q", r.Type)
	}
	if err == nil && !id.IsZero() {
		p.ids[r.ID], p.texts[r.ID] = id, r.Text
	}
	return err
}
