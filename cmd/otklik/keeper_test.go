package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// stillClock shows what it is told.
type stillClock struct{ now time.Time }

func (c *stillClock) Now() time.Time { return c.now }

const putOldEvent = `INSERT INTO events (at, region, kind, details) VALUES ($1, 'khabarovsk', 'case_opened', '{}')`

func TestKeeperPrunesOnceADayAndMakesPartitions(t *testing.T) {
	dsn := storagetest.DSN(t)
	store := storagetest.Open(t, dsn, storage.Options{})
	clock := &stillClock{time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC)}
	k := &keeper{store: store, clock: clock, log: slog.New(slog.DiscardHandler)}
	events := func() int { return query[int](t, dsn, "SELECT count(*) FROM events") }
	old := clock.now.AddDate(0, 0, -8)

	execute(t, dsn, putOldEvent, old)
	execute(t, dsn, putOldEvent, clock.now.AddDate(0, 0, -1))
	k.look(t.Context())
	if n := events(); n != 1 {
		t.Errorf("%d events are left, want yesterday's", n)
	}
	if n := query[int](t, dsn, "SELECT count(*) FROM pg_class WHERE relname LIKE 'posts_%2031%' AND relkind = 'r'"); n < 4 {
		t.Errorf("%d partitions of 2031, want this month's and three more", n)
	}
	execute(t, dsn, putOldEvent, old)
	clock.now = clock.now.Add(23 * time.Hour)
	k.look(t.Context())
	if n := events(); n != 2 {
		t.Errorf("%d events: pruned twice a day", n)
	}
	clock.now = clock.now.Add(time.Hour)
	k.look(t.Context())
	if n := events(); n != 1 {
		t.Errorf("%d events are left a day later, want 1", n)
	}
}

// brokenUpkeep fails as long as it is told to, and counts.
type brokenUpkeep struct {
	fails  error
	pruned int
}

func (b *brokenUpkeep) EnsurePartitions(context.Context, time.Time) (int, error) { return 0, b.fails }

func (b *brokenUpkeep) Prune(context.Context, time.Time) error {
	b.pruned++
	return b.fails
}

func TestKeeperTriesAgainWhatFailed(t *testing.T) {
	var log strings.Builder
	broken := &brokenUpkeep{fails: domain.ErrUnavailable}
	k := &keeper{store: broken, clock: &stillClock{time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}, log: slog.New(slog.NewTextHandler(&log, nil))}
	k.look(t.Context())
	broken.fails = nil
	k.look(t.Context())
	k.look(t.Context())
	if broken.pruned != 2 || strings.Count(log.String(), "level=ERROR") != 2 {
		t.Errorf("pruned %d times; log:\n%s", broken.pruned, log.String())
	}
}
