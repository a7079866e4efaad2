package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestEverySourceIsLeasedToOneWorker(t *testing.T) {
	s := storagetest.New(t)
	const sources = 40
	for i := range sources {
		addSource(t, s, fmt.Sprint("-", i+1))
	}
	var mu sync.Mutex
	holders := map[int64]string{}
	var wg sync.WaitGroup
	for w := range 8 {
		name := fmt.Sprint("w", w)
		wg.Go(func() {
			for {
				got, err := s.LeaseSources(t.Context(), name, noon(), time.Minute, []domain.SourceKind{domain.VKWall}, 3)
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, src := range got {
					if other, taken := holders[src.ID]; taken {
						t.Errorf("source %d has both %s and %s", src.ID, other, name)
					}
					holders[src.ID] = name
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	// SKIP LOCKED may leave a row to the next round, never to two workers.
	rest := lease(t, s, "late", time.Minute)
	if len(holders)+len(rest) != sources {
		t.Errorf("leased %d and %d of %d", len(holders), len(rest), sources)
	}
}

func TestLeaseFollowsTheSchedule(t *testing.T) {
	s := storagetest.New(t)
	late := addSource(t, s, "-1")
	if _, err := s.AddSource(t.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: "-2", NextPollAt: noon().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddSource(t.Context(), domain.Source{Region: region, Kind: domain.TelegramPreview, Address: "khv"}); err != nil {
		t.Fatal(err)
	}
	got := lease(t, s, "w", time.Minute)
	if len(got) != 1 || got[0].ID != late.ID || got[0].Epoch != 1 {
		t.Errorf("leased %+v", got)
	}
}

func TestLeaseOfARegion(t *testing.T) {
	dsn := storagetest.DSN(t)
	all := storagetest.Open(t, dsn, storage.Options{})
	addSource(t, all, "-1")
	west := storagetest.Open(t, dsn, storage.Options{Regions: []string{"kaliningrad"}})
	if got := lease(t, west, "w", time.Minute); len(got) != 0 {
		t.Errorf("Kaliningrad's worker took %+v", got)
	}
	east := storagetest.Open(t, dsn, storage.Options{Regions: []string{region}})
	if got := lease(t, east, "w", time.Minute); len(got) != 1 {
		t.Errorf("Khabarovsk's worker took %+v", got)
	}
}

func TestRenewedLeaseLastsAndALostOneIsNamed(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, "-1")
	addSource(t, s, "-2")
	got := lease(t, s, "w1", 2*time.Second)
	held := map[int64]int64{}
	for _, src := range got {
		held[src.ID] = src.Epoch
	}
	for range 4 {
		time.Sleep(600 * time.Millisecond)
		lost, err := s.RenewLeases(t.Context(), "w1", 2*time.Second, held)
		if err != nil || len(lost) != 0 {
			t.Fatalf("lost %v, %v", lost, err)
		}
	}
	if more := lease(t, s, "w2", time.Minute); len(more) != 0 {
		t.Errorf("renewed leases were taken: %+v", more)
	}
	time.Sleep(2100 * time.Millisecond)
	lease(t, s, "w2", time.Minute)
	lost, err := s.RenewLeases(t.Context(), "w1", time.Minute, held)
	if err != nil || len(lost) != 2 {
		t.Errorf("lost %v, %v", lost, err)
	}
}

// A commit that takes longer than the renewal keeps its lease: the row is
// locked, and the commit renews it.
func TestCommitRenewsItsLease(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	src := lease(t, s, "w1", 2*time.Second)[0]
	b, judged := batchOf(src, `1`, judgedAs(post(1, "Яма"), 3))
	_, err := s.Commit(t.Context(), noon(), b, judged, func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
		time.Sleep(2100 * time.Millisecond) // past the lease
		if got := lease(t, s, "w2", time.Minute); len(got) != 0 {
			t.Errorf("taken during a commit: %+v", got)
		}
		lost, err := s.RenewLeases(t.Context(), "w1", time.Minute, map[int64]int64{src.ID: src.Epoch})
		if err != nil || len(lost) != 0 {
			t.Errorf("during the commit: lost %v, %v", lost, err)
		}
		return route(j, k, o)
	})
	if err != nil {
		t.Fatal(err)
	}
	lost, err := s.RenewLeases(t.Context(), "w1", time.Minute, map[int64]int64{src.ID: src.Epoch})
	if err != nil || len(lost) != 0 {
		t.Errorf("after the commit: lost %v, %v", lost, err)
	}
}

// A commit may have to wait for the source's row; a lease that lapsed meanwhile
// is lost though nobody has taken it yet.
func TestLeaseThatLapsesWhileACommitWaitsIsLost(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	addSource(t, s, owner)
	src := lease(t, s, "w1", 300*time.Millisecond)[0]
	tx := lockRow(t, dsn, src.ID)
	done := make(chan error, 1)
	go func() {
		b, judged := batchOf(src, `1`, judgedAs(post(1, "Яма"), 3))
		_, err := s.Commit(context.Background(), noon(), b, judged, route)
		done <- err
	}()
	time.Sleep(500 * time.Millisecond)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, domain.ErrLeaseLost) {
		t.Errorf("a commit past its lease: %v", err)
	}
}

func lockRow(t *testing.T, dsn string, source int64) pgx.Tx {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT FROM sources WHERE id = $1 FOR UPDATE`, source); err != nil {
		t.Fatal(err)
	}
	return tx
}

func TestReleaseAndFailure(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	first := lease(t, s, "w1", time.Minute)[0]
	if err := s.ReleaseLease(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := lease(t, s, "w2", time.Minute)[0]
	if err := s.ReleaseLease(t.Context(), first); err != nil { // of an old epoch: no effect
		t.Fatal(err)
	}
	act := domain.Activity{PostsPerHour: 1.5, LastPostAt: noon().Add(-time.Hour), Failures: 2}
	if err := s.SourceFailed(t.Context(), first, domain.SourceFailing, "сбой", act, noon()); !errors.Is(err, domain.ErrLeaseLost) {
		t.Errorf("failure of an old epoch: %v", err)
	}
	next := noon().Add(5 * time.Minute)
	if err := s.SourceFailed(t.Context(), second, domain.SourceParked, "лимит", act, next); err != nil {
		t.Fatal(err)
	}
	got, err := s.Source(t.Context(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.State != domain.SourceParked || got.Reason != "лимит" || got.Activity != act || !got.NextPollAt.Equal(next) {
		t.Errorf("source = %+v", got)
	}
	if more := lease(t, s, "w3", time.Minute); len(more) != 0 {
		t.Errorf("a parked source was due: %+v", more)
	}
}

func TestPausedSourceStaysPaused(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	src := lease(t, s, "w1", time.Minute)[0]
	if err := s.PauseSource(t.Context(), src.ID, "остановил администратор"); err != nil {
		t.Fatal(err)
	}
	b, judged := batchOf(src, `1`, judgedAs(post(1, "Яма"), 3))
	commit(t, s, b, judged) // what was in hand is kept
	if err := s.ReleaseLease(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	got, err := s.Source(t.Context(), src.ID)
	if err != nil || got.State != domain.SourcePaused || string(got.Cursor) != "1" {
		t.Errorf("source = %+v, %v", got, err)
	}
	if more, err := s.LeaseSources(t.Context(), "w2", noon().AddDate(0, 0, 9), time.Minute, []domain.SourceKind{domain.VKWall}, 9); err != nil || len(more) != 0 {
		t.Errorf("a paused source was leased: %+v, %v", more, err)
	}
	if err := s.ResumeSource(t.Context(), src.ID, noon()); err != nil {
		t.Fatal(err)
	}
	if more := lease(t, s, "w2", time.Minute); len(more) != 1 {
		t.Errorf("not due after resuming: %+v", more)
	}
	if err := s.ResumeSource(t.Context(), src.ID, noon()); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("second resume: %v", err)
	}
}

// Hurrying makes a source due, and what it looks at again; not one that a person
// stopped.
func TestHurriedSourceIsDue(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	src := lease(t, s, "w1", time.Minute)[0]
	later := noon().Add(time.Hour)
	b, judged := batchOf(src, `1`, judgedAs(post(1, "Яма"), 3))
	b.NextPoll = later
	b.Watches = []domain.Watch{{ID: post(1, "Яма").ID, Until: time.Now().AddDate(0, 0, 2), NextAt: time.Now().AddDate(0, 0, 1)}}
	commit(t, s, b, judged)
	if err := s.ReleaseLease(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	if more := lease(t, s, "w2", time.Minute); len(more) != 0 {
		t.Fatalf("due before it was hurried: %+v", more)
	}
	hurry := func() {
		t.Helper()
		if err := s.HurrySource(t.Context(), src.Region, src.Kind, src.Address, noon()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PauseSource(t.Context(), src.ID, "остановил администратор"); err != nil {
		t.Fatal(err)
	}
	hurry()
	if got, err := s.Source(t.Context(), src.ID); err != nil || got.NextPollAt.Before(later) {
		t.Errorf("a paused source was hurried: %+v, %v", got, err)
	}
	if err := s.ResumeSource(t.Context(), src.ID, later); err != nil {
		t.Fatal(err)
	}
	hurry()
	if more := lease(t, s, "w2", time.Minute); len(more) != 1 {
		t.Errorf("not due: %+v", more)
	}
	if due, err := s.DueWatches(t.Context(), src.ID, 0, 10); err != nil || len(due) != 1 {
		t.Errorf("what it looks at again: %+v, %v", due, err)
	}
}

func TestSourcesAreUnique(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	_, err := s.AddSource(t.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: owner})
	if !errors.Is(err, storage.ErrExists) {
		t.Errorf("same wall twice: %v", err)
	}
	if _, err := s.AddSource(t.Context(), domain.Source{Region: "kaliningrad", Kind: domain.VKWall, Address: owner}); err != nil {
		t.Errorf("a wall may be read by two regions: %v", err)
	}
	bot := domain.Source{Region: region, Kind: domain.TelegramWebhook, Address: "42"}
	added, err := s.AddSource(t.Context(), bot)
	if err != nil {
		t.Fatal(err)
	}
	bot.Region = "kaliningrad"
	if _, err := s.AddSource(t.Context(), bot); !errors.Is(err, storage.ErrExists) {
		t.Errorf("a bot in two regions: %v", err)
	}
	for _, kind := range []domain.SourceKind{domain.MAXBot, domain.MAXWebhook} {
		own := domain.Source{Region: region, Kind: kind, Address: "700"}
		if _, err := s.AddSource(t.Context(), own); err != nil {
			t.Fatal(err)
		}
		own.Region = "kaliningrad"
		if _, err := s.AddSource(t.Context(), own); !errors.Is(err, storage.ErrExists) {
			t.Errorf("%s in two regions: %v", kind, err)
		}
	}
	if found, err := s.SourceByAddress(t.Context(), domain.TelegramWebhook, "42"); err != nil || found.ID != added.ID {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := s.SourceByAddress(t.Context(), domain.TelegramWebhook, "43"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("unknown bot: %v", err)
	}
	if _, err := s.AddSource(t.Context(), domain.Source{Region: "mars", Kind: domain.VKWall, Address: "1"}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("unknown region: %v", err)
	}
	if list, err := s.Sources(t.Context(), ""); err != nil || len(list) != 5 {
		t.Errorf("list = %d, %v", len(list), err)
	}
}

func TestWatchesAreSetMovedAndDropped(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	id := func(n int) domain.PostID { return domain.NewPostID(domain.VK, owner, fmt.Sprint(n)) }
	watch := func(n int, comments int64, next, until time.Time) domain.Watch {
		return domain.Watch{ID: id(n), Comments: comments, NextAt: next, Until: until}
	}
	week := time.Now().AddDate(0, 0, 7)
	now := noon()
	set := domain.Batch{Source: src, Watches: []domain.Watch{
		watch(1, 0, now, week), watch(2, 0, week, week), watch(3, 0, now, week), watch(1, 5, now, week)}}
	commit(t, s, set, nil)
	commit(t, s, domain.Batch{Source: src, Watches: []domain.Watch{watch(3, 0, now, now)}}, nil)
	got, err := s.DueWatches(t.Context(), src.ID, 0, 10)
	if err != nil || len(got) != 1 || got[0].ID != id(1) || got[0].Comments != 5 {
		t.Errorf("due = %+v, %v", got, err)
	}
}

// An author may answer as long as the case is open, and object for some days more; the
// days of looking at the post are shorter than a term.
func TestPostsOfOpenCasesAreWatchedOn(t *testing.T) {
	s := storagetest.New(t)
	id := openCase(t, s, 1)
	sources, err := s.Sources(t.Context(), region)
	if err != nil || len(sources) != 1 {
		t.Fatalf("sources: %+v, %v", sources, err)
	}
	src := sources[0]
	over := domain.Watch{ID: post(1, "").ID, NextAt: noon(), Until: noon().Add(time.Minute)}
	commit(t, s, domain.Batch{Source: src, Watches: []domain.Watch{over}}, nil)
	lasts := func(objection time.Duration) bool {
		t.Helper()
		due, err := s.DueWatches(t.Context(), src.ID, objection, 10)
		if err != nil || len(due) != 1 {
			t.Fatalf("due: %+v, %v", due, err)
		}
		return due[0].Until.After(time.Now())
	}
	if !lasts(0) {
		t.Error("the post of an open case is not looked at any more")
	}
	for _, to := range []domain.State{domain.Returned, domain.Rejected} {
		from := map[domain.State]domain.State{domain.Returned: domain.Coordination, domain.Rejected: domain.Returned}[to]
		if _, err := move(s, id, from, to, ""); err != nil {
			t.Fatal(err)
		}
	}
	if lasts(time.Hour) {
		t.Error("nobody waits for an author any more")
	}
}

// A case that comes to wait for its author when the days of looking are over.
func TestACaseThatWaitsHasItsPostsLookedAt(t *testing.T) {
	h := newHouse(t)
	c := h.executed()
	watched := func() int { return h.number("SELECT count(*) FROM watches WHERE comment = '0'") }
	if n := watched(); n != 0 {
		t.Fatalf("%d watches at the start", n)
	}
	h.must(h.s.AskAuthor(t.Context(), h.act("exec", c), "Какой дом?"))
	if n := watched(); n != 1 {
		t.Errorf("%d watches while the author is asked", n)
	}
}
