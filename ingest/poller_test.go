package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// book is a lease book in memory with the rules of the real one.
type book struct {
	mu       sync.Mutex
	sources  map[int64]*domain.Source
	until    map[int64]time.Time
	failed   []domain.SourceState
	reason   string // of the last failure
	released int
	renewed  int
	steal    bool // the next renewal finds everything lost
}

func newBook(sources ...domain.Source) *book {
	b := &book{sources: map[int64]*domain.Source{}, until: map[int64]time.Time{}}
	for _, s := range sources {
		b.sources[s.ID] = &s
	}
	return b
}

func (b *book) LeaseSources(_ context.Context, _ string, now time.Time, lease time.Duration, kinds []domain.SourceKind, limit int) ([]domain.Source, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []domain.Source
	for _, s := range b.sources {
		if len(out) == limit || s.NextPollAt.After(now) || time.Now().Before(b.until[s.ID]) {
			continue
		}
		for _, k := range kinds {
			if k == s.Kind {
				s.Epoch++
				b.until[s.ID] = time.Now().Add(lease)
				out = append(out, *s)
			}
		}
	}
	return out, nil
}

func (b *book) RenewLeases(_ context.Context, _ string, lease time.Duration, held map[int64]int64) ([]int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.renewed++
	var lost []int64
	for id := range held {
		if b.steal {
			lost = append(lost, id)
			continue
		}
		b.until[id] = time.Now().Add(lease)
	}
	return lost, nil
}

func (b *book) ReleaseLease(ctx context.Context, src domain.Source) error {
	if ctx.Err() != nil {
		return ctx.Err() // as a database does
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.released++
	b.until[src.ID] = time.Time{}
	return nil
}

func (b *book) SourceFailed(_ context.Context, src domain.Source, state domain.SourceState, reason string, a domain.Activity, next time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed, b.reason = append(b.failed, state), reason
	s := b.sources[src.ID]
	s.State, s.Activity, s.NextPollAt = state, a, next
	b.until[src.ID] = time.Time{}
	return nil
}

// Take implements Taker: it moves the cursor as a commit would.
func (b *book) Take(_ context.Context, batch domain.Batch) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sources[batch.Source.ID]
	if s.Epoch != batch.Source.Epoch {
		return 0, domain.ErrLeaseLost
	}
	s.Cursor, s.State, s.NextPollAt, s.Activity = batch.Cursor, batch.State, batch.NextPoll, batch.Activity
	return len(batch.Posts), nil
}

// script is a puller that follows a function.
type script func(ctx context.Context, src domain.Source) (domain.Batch, error)

func (f script) Pull(ctx context.Context, src domain.Source) (domain.Batch, error) {
	return f(ctx, src)
}
func (f script) Budget(context.Context, domain.Source) (domain.Budget, error) {
	return domain.Budget{Left: -1}, nil
}
func (f script) Check(context.Context, domain.Source) (string, error) { return "", nil }

func poller(b *book, pull script) *Poller {
	return &Poller{Owner: "test", Store: b, Taker: b, Clock: domain.SystemClock{}, Slots: 2, Idle: 5 * time.Millisecond,
		Lease: 60 * time.Millisecond, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Pullers: map[domain.SourceKind]Puller{domain.VKWall: pull}}
}

// runUntil runs the poller until done reports true.
func runUntil(t *testing.T, p *Poller, done func() bool) {
	t.Helper()
	intake, stop := context.WithCancel(t.Context())
	finished := make(chan struct{})
	go func() { defer close(finished); _ = p.Run(intake, t.Context()) }()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-deadline:
			t.Fatal("nothing came of it in a minute")
		case <-time.After(2 * time.Millisecond):
		}
	}
	stop()
	<-finished
}

func (b *book) read(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

func TestPollerFollowsMoreUnderOneLease(t *testing.T) {
	b := newBook(domain.Source{ID: 1, Kind: domain.VKWall})
	pulls := 0
	p := poller(b, func(_ context.Context, src domain.Source) (domain.Batch, error) {
		pulls++
		cursor, _ := json.Marshal(pulls)
		return domain.Batch{Cursor: cursor, More: pulls < 3, Posts: []domain.Post{{PublishedAt: time.Now()}}}, nil
	})
	runUntil(t, p, func() (done bool) { b.read(func() { done = b.released > 0 }); return done })
	if src := b.sources[1]; string(src.Cursor) != "3" || src.Epoch != 1 || src.State != domain.SourceActive {
		t.Errorf("after three pulls under one lease: cursor %s, epoch %d, state %s", src.Cursor, src.Epoch, src.State)
	}
}

// A walk that never ends and brings nothing must not be gone on with at once,
// turn after turn: each page costs a call of the day's quota.
func TestPollerLeavesAnEndlessWalkToTheSchedule(t *testing.T) {
	b := newBook(domain.Source{ID: 1, Kind: domain.VKWall})
	pulls := 0
	p := poller(b, func(context.Context, domain.Source) (domain.Batch, error) {
		pulls++
		return domain.Batch{More: true}, nil
	})
	runUntil(t, p, func() (done bool) { b.read(func() { done = b.released > 0 }); return done })
	if next := b.sources[1].NextPollAt; pulls != maxSteps || next.Before(time.Now().Add(PaceOf(domain.VKWall).Min/2)) {
		t.Errorf("after %d pulls without news the next one is at %s", pulls, next)
	}
	b = newBook(domain.Source{ID: 1, Kind: domain.VKWall})
	p = poller(b, func(context.Context, domain.Source) (domain.Batch, error) {
		return domain.Batch{More: true, Posts: []domain.Post{{PublishedAt: time.Now()}}}, nil
	})
	runUntil(t, p, func() (done bool) { b.read(func() { done = b.released > 0 }); return done })
	if next := b.sources[1].NextPollAt; next.After(time.Now()) {
		t.Errorf("a walk that brings posts waits until %s", next)
	}
}

func TestPollerTellsEmptyUnchangedAndFailingApart(t *testing.T) {
	b := newBook(domain.Source{ID: 1, Kind: domain.VKWall},
		domain.Source{ID: 2, Kind: domain.VKWall, Activity: domain.Activity{LastPostAt: time.Now().Add(-time.Hour)}},
		domain.Source{ID: 3, Kind: domain.VKWall}, domain.Source{ID: 4, Kind: domain.VKWall})
	p := poller(b, func(_ context.Context, src domain.Source) (domain.Batch, error) {
		switch src.ID {
		case 3:
			return domain.Batch{}, &domain.PlatformError{Reaction: domain.CloseSource, Words: "закрыто", Err: errors.New("15")}
		case 4:
			panic("odd answer")
		}
		return domain.Batch{}, nil
	})
	runUntil(t, p, func() (done bool) {
		b.read(func() { done = b.released >= 2 && len(b.failed) >= 2 })
		return done
	})
	want := map[int64]domain.SourceState{1: domain.SourceEmpty, 2: domain.SourceUnchanged, 3: domain.SourceClosed, 4: domain.SourceFailing}
	for id, state := range want {
		if got := b.sources[id].State; got != state {
			t.Errorf("source %d is %s, want %s", id, got, state)
		}
	}
}

// A source that its pack does not let be read is not pulled, keeps its place and its
// activity, says why, and goes on where it stood once the pack has changed: also in
// the middle of a turn.
func TestPollerLeavesAloneWhatThePackRefuses(t *testing.T) {
	src := domain.Source{ID: 1, Kind: domain.VKWall, Cursor: json.RawMessage(`"here"`),
		Activity: domain.Activity{PostsPerHour: 3, Failures: 2, LastPostAt: time.Now().Add(-time.Hour).UTC()}}
	b := newBook(src)
	pulls, refused := 0, true
	p := poller(b, func(_ context.Context, src domain.Source) (domain.Batch, error) {
		b.read(func() { pulls, refused = pulls+1, true }) // the pack changes while the first page is read
		return domain.Batch{Cursor: json.RawMessage(`"` + string(src.Cursor[1:5]) + `+"`), More: true}, nil
	})
	p.Policy = func(domain.Source) (why string) {
		b.read(func() {
			if refused {
				why = "так велит пакет"
			}
		})
		return why
	}
	runUntil(t, p, func() (done bool) { b.read(func() { done = len(b.failed) == 1 }); return done })
	got := b.sources[1]
	if pulls != 0 || got.State != domain.SourceParked || b.reason != "так велит пакет" || got.Activity != src.Activity || string(got.Cursor) != `"here"` {
		t.Errorf("%d pulls, %s «%s», %+v, cursor %s", pulls, got.State, b.reason, got.Activity, got.Cursor)
	}
	if wait := time.Until(got.NextPollAt); wait <= 0 || wait > refusedGap {
		t.Errorf("looked at again in %s", wait)
	}
	refused, got.NextPollAt = false, time.Time{}
	runUntil(t, p, func() (done bool) { b.read(func() { done = len(b.failed) == 2 }); return done })
	if pulls != 1 || string(got.Cursor) != `"here+"` || got.State != domain.SourceParked {
		t.Errorf("%d pulls, cursor %s, %s", pulls, got.Cursor, got.State)
	}
}

// A puller that never comes back is found, by its source; the loop beside it goes on,
// and a long poll that ends in time is no such thing.
func TestAPullThatHangsIsNamed(t *testing.T) {
	b := newBook(domain.Source{ID: 1, Kind: domain.VKWall}, domain.Source{ID: 2, Kind: domain.VKWall})
	var mu sync.Mutex
	now := time.Now()
	later := func(d time.Duration) time.Time { mu.Lock(); defer mu.Unlock(); now = now.Add(d); return now }
	lives := domain.NewLives(func() time.Time { return later(0) })
	hung := make(chan struct{})
	p := poller(b, func(ctx context.Context, src domain.Source) (domain.Batch, error) {
		if src.ID == 2 {
			close(hung)
			<-ctx.Done()
		}
		return domain.Batch{}, ctx.Err()
	})
	p.Lives = lives
	runUntil(t, p, func() bool {
		select {
		case <-hung:
		default:
			return false
		}
		if len(lives.Late()) == 0 {
			later(pullSilence + time.Second)
		}
		late := lives.Late()
		return len(late) == 1 && strings.HasPrefix(late[0], "pull (source 2): ")
	})
	later(pullSilence + time.Second)
	if late := lives.Late(); len(late) != 0 {
		t.Errorf("after the end: %v", late)
	}
}

func TestPollerDropsABatchWhoseLeaseIsLost(t *testing.T) {
	b := newBook(domain.Source{ID: 1, Kind: domain.VKWall})
	started := make(chan struct{}, 10)
	p := poller(b, func(ctx context.Context, _ domain.Source) (domain.Batch, error) {
		started <- struct{}{}
		b.read(func() { b.steal = true; b.sources[1].Epoch = 99; b.until[1] = time.Now().Add(time.Hour) })
		<-ctx.Done() // the renewal finds the lease lost and cancels the pull
		return domain.Batch{Cursor: json.RawMessage(`"stale"`)}, nil
	})
	runUntil(t, p, func() (done bool) { b.read(func() { done = b.renewed > 0 && len(started) > 0 }); return done })
	if c := b.sources[1].Cursor; string(c) == `"stale"` {
		t.Error("a worker without the lease moved the cursor")
	}
}

// A worker that gives up still gives its sources back: another may go on at once.
func TestPollerReleasesItsLeaseWhenItGivesUp(t *testing.T) {
	b := newBook(domain.Source{ID: 1, Kind: domain.VKWall})
	intake, stop := context.WithCancel(t.Context())
	hard, giveUp := context.WithCancel(t.Context())
	p := poller(b, func(ctx context.Context, _ domain.Source) (domain.Batch, error) {
		stop()
		giveUp()
		<-ctx.Done()
		return domain.Batch{}, ctx.Err()
	})
	if err := p.Run(intake, hard); err != nil {
		t.Fatal(err)
	}
	if b.released != 1 || !b.until[1].IsZero() {
		t.Errorf("released %d times, leased until %s", b.released, b.until[1])
	}
}

func TestPollerFinishesTheBatchInHandWhenIntakeStops(t *testing.T) {
	b := newBook(domain.Source{ID: 1, Kind: domain.VKWall})
	intake, stop := context.WithCancel(t.Context())
	p := poller(b, func(context.Context, domain.Source) (domain.Batch, error) {
		stop() // the stop comes while the answer is already in hand
		return domain.Batch{Cursor: json.RawMessage(`"kept"`)}, nil
	})
	if err := p.Run(intake, t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := b.sources[1].Cursor; string(c) != `"kept"` {
		t.Errorf("cursor %q: the batch in hand was not committed", c)
	}
}
