package deadline_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otklik/otklik/deadline"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// Khabarovsk wakes eight hours before Kaliningrad, and nobody at the weekend.
func TestDigestComesInEachRegionsOwnMorning(t *testing.T) {
	w := newWorld(t)
	w.walk(w.runner(w.store), "2026-11-26T12:00:00Z", "2026-12-01T12:00:00Z", 30*time.Minute) // Thursday to Tuesday
	morning := func(region string) []string {
		var out []string
		for _, n := range w.notices(region) {
			if n.Kind != domain.NoticeDigest || n.ToRole != "controller" || !strings.Contains(n.Text, "Просрочено: 0") {
				t.Errorf("%s: %+v", region, n)
			}
			out = append(out, n.At.Format("2006-01-02T15:04"))
		}
		return out
	}
	same(t, morning("khabarovsk"), []string{"2026-11-26T22:30", "2026-11-29T22:30", "2026-11-30T22:30"})
	same(t, morning("kaliningrad"), []string{"2026-11-27T06:30", "2026-11-30T06:30", "2026-12-01T06:30"})
}

func TestDigestCountsTheRegionsCases(t *testing.T) {
	w := newWorld(t)
	w.open("khabarovsk", "min-roads") // due 03.12
	w.open("khabarovsk", "")
	w.open("kaliningrad", "min-infra")
	r := w.runner(w.store)
	w.clock.set(at("2026-12-02T22:30:00Z")) // 08:30 of 03.12 in Khabarovsk
	if err := r.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	var text string
	for _, n := range w.notices("khabarovsk") {
		if n.Kind == domain.NoticeDigest {
			text = n.Text
		}
	}
	if want := "Сводка на 03.12.2026 08:30. Просрочено: 0, сегодня истекает срок: 2, в ближайшие три дня: 2, ждут разбора: 1."; text != want {
		t.Errorf("digest %q\n  want %q", text, want)
	}
}

// counting counts how often a job really worked.
type counting struct {
	deadline.Store
	watched, digested *atomic.Int64
}

func (c counting) MarkOverdue(ctx context.Context, region string, now time.Time) ([]domain.Case, error) {
	c.watched.Add(1)
	return c.Store.MarkOverdue(ctx, region, now)
}

func (c counting) Stats(ctx context.Context, region string) (domain.Stats, error) {
	c.digested.Add(1)
	return c.Store.Stats(ctx, region)
}

// Four workers look at the same moment: one does the work of each tick.
func TestOfManyWorkersOneDoesARun(t *testing.T) {
	w := newWorld(t)
	c := w.open("khabarovsk", "min-roads")
	if err := w.runner(w.store).Tick(t.Context()); err != nil { // days before: there are digests to catch up
		t.Fatal(err)
	}
	var watched, digested atomic.Int64
	var runners []*deadline.Runner
	for range 4 {
		own := storagetest.Open(t, w.dsn, storage.Options{MaxConns: 3})
		runners = append(runners, w.runner(counting{own, &watched, &digested}))
	}
	const ticks = 10
	for i := range ticks {
		w.clock.set(c.Deadline.Due.Add(time.Duration(i) * 10 * time.Minute))
		var group sync.WaitGroup
		for _, r := range runners {
			group.Go(func() {
				if err := r.Tick(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	if watched.Load() != 2*ticks || digested.Load() != 2 {
		t.Errorf("%d watches and %d digests, want %d and 2", watched.Load(), digested.Load(), 2*ticks)
	}
	if got := w.runs("deadlines", "khabarovsk"); got != ticks+1 {
		t.Errorf("%d runs are kept, want %d", got, ticks+1)
	}
	if said := without(w.said("khabarovsk"), domain.NoticeDigest); len(said) != 3 {
		t.Errorf("said %v", said)
	}
}

// Everything was down for three days: what was missed is done once.
func TestMissedTicksAreCaughtUpOnce(t *testing.T) {
	w := newWorld(t)
	w.open("khabarovsk", "min-roads")
	r := w.runner(w.store)
	w.walk(r, "2026-12-01T22:30:00Z", "2026-12-01T22:30:00Z", time.Minute)
	watches, digests := w.runs("deadlines", "khabarovsk"), w.runs("digest", "khabarovsk")
	w.walk(r, "2026-12-04T23:00:00Z", "2026-12-04T23:00:00Z", time.Minute) // Saturday morning in Khabarovsk
	if got := w.runs("deadlines", "khabarovsk") - watches; got != 1 {
		t.Errorf("%d watches caught up, want 1", got)
	}
	if got := w.runs("digest", "khabarovsk") - digests; got != 1 {
		t.Errorf("%d digests caught up, want 1", got)
	}
	same(t, without(w.said("khabarovsk"), domain.NoticeDigest), []string{
		"2026-12-01T22:30 due_3_days coordinator",
		"2026-12-04T23:00 escalation controller", // the warnings of the day before would come too late
		"2026-12-04T23:00 overdue coordinator",
		"2026-12-04T23:00 escalation curator",
	})
}

// A digest caught up in the night does not stand in for the morning's.
func TestDigestCaughtUpAtNightLeavesTheMorningItsOwn(t *testing.T) {
	w := newWorld(t)
	r := w.runner(w.store)
	w.walk(r, "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z", time.Minute)
	w.walk(r, "2026-11-24T17:00:00Z", "2026-11-24T17:00:00Z", time.Minute) // 03:00 of 25.11 in Khabarovsk
	w.walk(r, "2026-11-24T22:30:00Z", "2026-11-24T22:30:00Z", time.Minute)
	same(t, w.said("khabarovsk"), []string{"2026-11-24T17:00 digest controller", "2026-11-24T22:30 digest controller"})
}

// An installation is told nothing of mornings before it was there, also when it is
// started again; those it misses later are caught up.
func TestTheFirstStartCatchesUpNoDigest(t *testing.T) {
	w := newWorld(t)
	w.open("khabarovsk", "min-roads")
	w.walk(w.runner(w.store), "2026-11-24T00:10:20Z", "2026-11-24T02:10:20Z", time.Hour) // 10:10 in Khabarovsk, 2:10 in Kaliningrad
	w.walk(w.runner(w.store), "2026-11-24T03:00:00Z", "2026-11-24T05:00:00Z", time.Hour)
	if said := append(w.said("khabarovsk"), w.said("kaliningrad")...); len(said) != 0 {
		t.Errorf("said %v of mornings before the first start", said)
	}
	w.walk(w.runner(w.store), "2026-11-25T03:00:00Z", "2026-11-25T03:00:00Z", time.Hour) // down since
	same(t, w.said("khabarovsk"), []string{"2026-11-25T03:00 digest controller"})
	same(t, w.said("kaliningrad"), []string{"2026-11-25T03:00 digest controller"})
}

// Who starts in the very minute of the digest gets it.
func TestTheFirstStartInTheMinuteOfTheDigest(t *testing.T) {
	w := newWorld(t)
	w.walk(w.runner(w.store), "2026-11-24T22:30:40Z", "2026-11-24T22:30:40Z", time.Minute)
	same(t, w.said("khabarovsk"), []string{"2026-11-24T22:30 digest controller"})
}

func TestBadCronStopsOnlyItself(t *testing.T) {
	w := newWorld(t)
	w.open("khabarovsk", "min-roads")
	w.open("kaliningrad", "min-infra")
	r := w.runner(w.store)
	w.walk(r, "2026-11-23T06:45:00Z", "2026-11-23T06:45:00Z", time.Minute)
	w.clock.set(at("2026-12-04T07:00:00Z"))
	r.Regions = func() []deadline.Region {
		list := regions()
		list[0].Digest = "каждое утро"
		list[1].Deadlines = "61 * * * *"
		return list
	}
	err := r.Tick(t.Context())
	if err == nil || !strings.Contains(err.Error(), "digest in khabarovsk") || !strings.Contains(err.Error(), "deadlines in kaliningrad") {
		t.Errorf("the error does not name both schedules: %v", err)
	}
	if said := w.said("khabarovsk"); len(said) != 3 {
		t.Errorf("khabarovsk: %v", said)
	}
	same(t, w.said("kaliningrad"), []string{"2026-12-04T07:00 digest controller"})
}

// A run that failed is not done: when its claim has lapsed it is made up.
func TestFailedRunIsTakenUpAgain(t *testing.T) {
	w := newWorld(t)
	w.walk(w.runner(w.store), "2026-11-24T22:00:00Z", "2026-11-24T22:00:00Z", time.Minute)
	w.clock.set(at("2026-11-24T23:00:00Z"))
	broken := &faulty{Store: w.store, put: errors.New("connection reset")}
	if err := w.runner(broken).Tick(t.Context()); err == nil || !strings.Contains(err.Error(), "digest of khabarovsk") {
		t.Fatalf("the fault is not reported: %v", err)
	}
	r := w.runner(w.store)
	w.walk(r, "2026-11-24T23:01:00Z", "2026-11-24T23:01:00Z", time.Minute)
	if said := w.said("khabarovsk"); len(said) != 0 {
		t.Fatalf("a claim is taken away while its worker may be alive: %v", said)
	}
	w.sql("UPDATE job_runs SET claimed_at = claimed_at - interval '6 minutes'") // the database's own clock
	w.walk(r, "2026-11-24T23:07:00Z", "2026-11-24T23:07:00Z", time.Minute)
	same(t, w.said("khabarovsk"), []string{"2026-11-24T23:07 digest controller"})
}

// Run looks at the clock by itself, outlives faults, and ends with its context.
func TestRunGoesOnAfterAFaultAndEnds(t *testing.T) {
	w := newWorld(t)
	w.walk(w.runner(w.store), "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z", time.Minute)
	w.clock.set(at("2026-11-24T23:00:00Z"))
	log := &lines{}
	flaky := &failsOnce{Store: w.store}
	r := &deadline.Runner{Store: flaky, Regions: regions, Clock: w.clock, Log: slog.New(slog.NewTextHandler(log, nil)), Every: 10 * time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for limit := time.Now().Add(time.Minute); len(w.said("khabarovsk")) == 0 || len(w.said("kaliningrad")) == 0 ||
		!strings.Contains(log.String(), "connection reset"); {
		if time.Now().After(limit) {
			t.Fatalf("no digest, or no fault in the log, within a minute: %s", log)
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("stopped with %v", err)
	}
}

// failsOnce fails at the first question.
type failsOnce struct {
	deadline.Store
	failed atomic.Bool
}

func (f *failsOnce) LastRun(ctx context.Context, job, region string) (time.Time, error) {
	if !f.failed.Swap(true) {
		return time.Time{}, errors.New("connection reset")
	}
	return f.Store.LastRun(ctx, job, region)
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
