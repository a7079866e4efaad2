package maxingest

import (
	"context"
	"io"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/max/maxfake"
)

const (
	groupID   = -70801090403050
	channelID = -70912345678901
)

// testClock is a clock that tests move by hand.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock { return &testClock{now: time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)} }

func (c *testClock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *testClock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// bench is a World on loopback with our client, a puller, and a memory of what
// was committed.
type bench struct {
	t      testing.TB
	clock  *testClock
	world  *maxfake.World
	bot    *maxfake.Bot
	ledger *ledger.Ledger
	bots   *max.Bots
	client *max.Client
	puller *BotPuller
	store  *store
	skips  map[Skip]int
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, clock: newClock(), store: newStore(), skips: map[Skip]int{}}
	b.ledger = ledger.New(io.Discard, b.clock.Now)
	b.world = maxfake.New(maxfake.Options{Now: b.clock.Now, Scale: 0.0005, Ledger: b.ledger, PlainHTTP: true})
	b.bot = b.world.Bot(700, "token-of-the-bot", "otklik_bot")
	srv := httptest.NewServer(b.world.Handler())
	t.Cleanup(func() { b.world.Close(); srv.CloseClientConnections(); srv.Close() })
	var err error
	if b.client, err = max.New(max.Config{Token: b.bot.Token(), URL: srv.URL}); err != nil {
		t.Fatal(err)
	}
	b.bots = max.NewBots(b.client)
	b.puller = &BotPuller{Bots: b.bots, Clock: b.clock, Wait: time.Millisecond, Count: func(_ domain.Source, why Skip, n int) { b.skips[why] += n }}
	return b
}

// group is a group chat with the bot as its administrator.
func (b *bench) group() *maxfake.Chat {
	g := b.world.Group(groupID, "Двор")
	g.Add(b.bot, true)
	return g
}

// source is a polled source that begins with the first update of all.
func (b *bench) source(settings string) domain.Source {
	return domain.Source{ID: 1, Region: "khabarovsk", Kind: domain.MAXBot, Address: b.bot.ID(), Home: "khabarovsk_city",
		Settings: []byte(settings), Cursor: []byte(`{"marker":1}`)}
}

// drain pulls and commits until nothing is left to deliver.
func (b *bench) drain(src *domain.Source) {
	b.t.Helper()
	for range 1000 {
		batch, err := b.puller.Pull(b.t.Context(), *src)
		if err != nil {
			b.t.Fatalf("pull: %v", err)
		}
		b.store.take(batch)
		if batch.Cursor != nil {
			src.Cursor = batch.Cursor
		}
		if !batch.More && b.bot.Queued() == 0 {
			return
		}
	}
	b.t.Fatal("the queue never ran dry")
}

// stored is a post as storage keeps it.
type stored struct {
	domain.Post
	dead bool
}

// store keeps posts as storage does: one row an identity, an older edit never
// over a newer one, a birth never over what is known, a death before the birth
// remembered.
type store struct {
	mu     sync.Mutex
	posts  map[domain.PostID]stored
	graves map[domain.PostID]bool
	src    domain.Source
	last   domain.Batch
	seats  []domain.Seat
	takes  int
	down   error
}

func newStore() *store {
	return &store{posts: map[domain.PostID]stored{}, graves: map[domain.PostID]bool{}}
}

func (s *store) take(b domain.Batch) {
	s.last = b
	s.seats = append(s.seats, b.Seats...)
	s.takes++
	for _, p := range b.Posts {
		old, known := s.posts[p.ID]
		switch {
		case !known:
			s.posts[p.ID] = stored{p, s.graves[p.ID] && p.First}
		case p.First || p.EditedAt.Before(old.EditedAt):
		default:
			s.posts[p.ID] = stored{p, false}
		}
	}
	for _, d := range b.Deletions {
		if p, known := s.posts[d.ID]; known {
			p.dead = true
			s.posts[d.ID] = p
		} else {
			s.graves[d.ID] = true
		}
	}
}

// Push implements ingest.Sink.
func (s *store) Push(_ context.Context, b domain.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return s.down
	}
	s.take(b)
	return nil
}

// SourceByAddress implements ingest.SourceFinder.
func (s *store) SourceByAddress(_ context.Context, kind domain.SourceKind, address string) (domain.Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.src.Kind != kind || s.src.Address != address {
		return domain.Source{}, domain.ErrNotFound
	}
	return s.src, nil
}

func (s *store) get(t testing.TB, id domain.PostID) stored {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.posts[id]
	if !ok {
		t.Fatalf("%s is not stored", id)
	}
	return p
}
