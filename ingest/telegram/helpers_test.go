package tgingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// testClock is a clock that tests move by hand.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock {
	return &testClock{now: time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a World on loopback with our client, a puller of each kind, and a
// memory of what was committed.
type bench struct {
	t      testing.TB
	clock  *testClock
	world  *tgfake.World
	ledger *ledger.Ledger
	client *telegram.Client
	bots   *BotPuller
	pages  *PreviewPuller
	store  *store
	skips  map[Skip]int
}

// testScale makes the waits of the fake a hundred times shorter.
const testScale = 0.01

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, clock: newClock(), store: newStore(), skips: map[Skip]int{}}
	b.ledger = ledger.New(io.Discard, b.clock.Now)
	b.world = tgfake.New(tgfake.Options{Now: b.clock.Now, Scale: testScale, Ledger: b.ledger})
	srv := httptest.NewServer(b.world.Handler())
	t.Cleanup(func() { b.world.Close(); srv.Close() })
	var err error
	b.client, err = telegram.New(telegram.Config{Token: b.world.Token(), URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	b.bots = &BotPuller{
		Bots: map[string]Bot{b.world.BotID(): b.client}, Wait: time.Second,
		Count: func(_ domain.Source, why Skip, n int) { b.skips[why] += n },
	}
	b.pages = &PreviewPuller{Pages: telegram.NewPreview(telegram.PreviewConfig{URL: srv.URL}), Clock: b.clock}
	return b
}

func (b *bench) botSource() domain.Source {
	return domain.Source{ID: 1, Region: "khabarovsk", Kind: domain.TelegramBot, Address: b.world.BotID(), Home: "khabarovsk_city"}
}

// pull takes one step of a bot source and commits it.
func (b *bench) pull(src *domain.Source) domain.Batch {
	b.t.Helper()
	batch, err := b.bots.Pull(b.t.Context(), *src)
	if err != nil {
		b.t.Fatalf("pull: %v", err)
	}
	b.commit(src, batch)
	return batch
}

func (b *bench) commit(src *domain.Source, batch domain.Batch) {
	b.store.take(batch)
	if batch.Cursor != nil {
		src.Cursor = batch.Cursor
	}
}

// drain pulls until nothing is left to deliver.
func (b *bench) drain(src *domain.Source) {
	b.t.Helper()
	for range 1000 {
		batch := b.pull(src)
		if len(batch.Posts) == 0 && batch.Cursor == nil {
			return
		}
	}
	b.t.Fatal("the queue never ran dry")
}

// preview takes one step of a preview source and commits it.
func (b *bench) preview(src *domain.Source) domain.Batch {
	b.t.Helper()
	batch, err := b.pages.Pull(b.t.Context(), *src)
	if err != nil {
		b.t.Fatalf("pull preview: %v", err)
	}
	b.commit(src, batch)
	return batch
}

// poll reads a preview until it says there is no more, as the poll loop does.
func (b *bench) poll(src *domain.Source) (posts []domain.Post, deleted []domain.Deletion) {
	b.t.Helper()
	for range 100 {
		batch := b.preview(src)
		posts, deleted = append(posts, batch.Posts...), append(deleted, batch.Deletions...)
		if !batch.More {
			return posts, deleted
		}
	}
	b.t.Fatal("the preview never ended")
	return nil, nil
}

// store keeps posts as storage does: one row an identity, an older edit never
// over a newer one.
type store struct {
	mu    sync.Mutex
	posts map[domain.PostID]domain.Post
	gone  map[domain.PostID]bool
	down  error // what Push answers while the store is down
	src   domain.Source
	takes int
	last  domain.Batch // as it was pushed
}

func newStore() *store {
	return &store{posts: map[domain.PostID]domain.Post{}, gone: map[domain.PostID]bool{}}
}

func (s *store) take(b domain.Batch) {
	s.takes++
	inBatch := map[domain.PostID]bool{}
	for _, p := range b.Posts {
		if inBatch[p.ID] {
			panic("the same identity twice in one batch: " + p.ID.String())
		}
		inBatch[p.ID] = true
		if old, ok := s.posts[p.ID]; !ok || !p.EditedAt.Before(old.EditedAt) {
			s.posts[p.ID] = p
		}
	}
	for _, d := range b.Deletions {
		s.gone[d.ID] = true
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
	s.last = b
	if b.Cursor != nil {
		s.src.Cursor = b.Cursor
	}
	return nil
}

// SourceByAddress implements ingest.SourceFinder.
func (s *store) SourceByAddress(context.Context, domain.SourceKind, string) (domain.Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.src, nil
}

func (s *store) get(t testing.TB, m *tgfake.Message) domain.Post {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.posts[m.PostID()]
	if !ok {
		t.Fatalf("%s was not stored", m.PostID())
	}
	return p
}

func (s *store) has(m *tgfake.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.posts[m.PostID()]
	return ok
}

func platformError(t testing.TB, err error) *domain.PlatformError {
	t.Helper()
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		t.Fatalf("want a PlatformError, got %v", err)
	}
	return pe
}

func settings(t testing.TB, s Settings) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var (
	anna  = tgfake.User{ID: 7001, FirstName: "Анна", LastName: "Выдуманная"}
	boris = tgfake.User{ID: 7002, FirstName: "Борис"}
)
