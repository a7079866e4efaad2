package demo

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

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
	feed    Feed
	worlds  map[domain.Platform]world
	sources map[string]Source
	zones   map[string]*time.Location // by region
	start   time.Time
	clock   *Clock
	log     *slog.Logger

	ids    map[string]domain.PostID // record → what it became
	texts  map[string]string        // record → its text, for reposts
	played chan struct{}
	last   time.Time // of the newest record; set before played is closed
}

// NewPlayer prepares a feed whose day 0 begins, in each region's zone, on the
// day of start.
func NewPlayer(feed Feed, fakes *Fakes, zones map[string]*time.Location, start time.Time, clock *Clock, log *slog.Logger) *Player {
	p := &Player{feed: feed, zones: zones, start: start, clock: clock, log: log,
		worlds:  map[domain.Platform]world{domain.VK: vkWorld{fakes.VK}, domain.Telegram: newTelegramWorld(fakes.Telegram), domain.MAX: newMAXWorld(fakes)},
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
	records := slices.Clone(p.feed.Records)
	times := make(map[string]time.Time, len(records))
	for _, r := range records {
		at, err := p.when(r)
		if err != nil {
			return err
		}
		times[r.ID] = at
	}
	slices.SortStableFunc(records, func(a, b Record) int { return times[a.ID].Compare(times[b.ID]) })
	for _, r := range records {
		if err := p.wait(ctx, times[r.ID]); err != nil {
			return nil // stopped: no fault of the feed
		}
		p.last = times[r.ID]
		if err := p.play(r, times[r.ID]); err != nil {
			return fmt.Errorf("play record %s: %w", r.ID, err)
		}
	}
	p.log.Info("feed played", "records", len(records))
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
		t := time.NewTimer(min(d, time.Second))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
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
