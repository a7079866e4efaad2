package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
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
	k := &keeper{store: store, packs: noPacks, clock: clock, log: slog.New(slog.DiscardHandler), dropped: newMetrics().dropped}
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

func noPacks() []*rules.Pack { return nil }

// Two workers keep the same database: what is past its term goes once a day, is
// counted, and what may still be needed stays.
func TestKeeperDropsPostsPastTheirTerm(t *testing.T) {
	dsn := storagetest.DSN(t)
	store := storagetest.Open(t, dsn, storage.Options{})
	clock := &stillClock{time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics()
	var log strings.Builder
	worker := func() *keeper {
		return &keeper{store: store, packs: func() []*rules.Pack { return []*rules.Pack{pack} }, clock: clock,
			log: slog.New(slog.NewTextHandler(&log, nil)), dropped: m.dropped}
	}
	if _, err := activatePack(t.Context(), store, filesOf(t, "khabarovsk"), clock.now, "проверка"); err != nil {
		t.Fatal(err)
	}
	put := func(n int, kind domain.Kind, at time.Time) {
		post := domain.Post{ID: domain.NewPostID(domain.VK, "-1", strconv.Itoa(n)), Region: "khabarovsk", Text: strconv.Itoa(n)}
		v := domain.Verdict{Kind: kind}
		_, err := store.Commit(t.Context(), at, domain.Batch{Source: domain.Source{Region: "khabarovsk"}},
			[]domain.Judged{{Post: post, Verdict: v}}, func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
				return domain.Decision{Action: domain.ActionKeep, Reason: "not_a_problem"}
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	left := func() int { return query[int](t, dsn, "SELECT count(*) FROM posts") }
	put(1, domain.Other, clock.now.AddDate(0, 0, -31))
	put(2, domain.Problem, clock.now.AddDate(0, 0, -31))
	put(3, domain.Thanks, clock.now.AddDate(0, 0, -29).Add(-time.Hour))
	dry := command(t, []string{"DATABASE_URL=" + dsn, "OTKLIK_REGIONS=khabarovsk"}, "", "retention", "run", "--dry-run")
	if !strings.Contains(dry.want(t, 0).out, "Хабаровский край: срок 30 дн.") || left() != 3 {
		t.Errorf("dry run: %s; %d posts are left", dry.out, left())
	}

	first, second := worker(), worker()
	first.look(t.Context())
	if left() != 2 || query[int](t, dsn, "SELECT count(*) FROM post_ids WHERE dropped_at IS NOT NULL") != 1 {
		t.Errorf("%d posts are left, want the problem and the young one", left())
	}
	put(4, domain.Other, clock.now.AddDate(0, 0, -40))
	second.look(t.Context())
	if left() != 3 {
		t.Error("the second worker did the same day again")
	}
	clock.now = clock.now.AddDate(0, 0, 1)
	second.look(t.Context())
	if left() != 1 {
		t.Errorf("%d posts are left a day later, want the problem", left())
	}
	if want := `otklik_retention_dropped_total{region="khabarovsk"} 3`; !strings.Contains(scraped(m), want) {
		t.Errorf("the metrics do not hold %s", want)
	}
	if result := query[string](t, dsn, "SELECT result FROM job_runs WHERE job = 'retention' ORDER BY tick LIMIT 1"); result != "удалено сообщений 1" {
		t.Errorf("the run says %q", result)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Error(log.String())
	}
}

// scraped is what Prometheus would read.
func scraped(m *metrics) string {
	w := httptest.NewRecorder()
	m.probes(domain.NewLives(time.Now), func(context.Context) error { return nil }).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func filesOf(t *testing.T, region string) rules.Files {
	t.Helper()
	files, err := rules.Embedded(region)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestRetentionOfAnUnknownRegionIsNamed(t *testing.T) {
	environ, _ := onDatabase(t)
	got := command(t, environ, "", "retention", "run", "--region", "tula").want(t, 1)
	if !strings.Contains(got.errout, "региона «tula» нет среди OTKLIK_REGIONS") {
		t.Errorf("stderr %q", got.errout)
	}
	command(t, environ, "", "retention", "run").want(t, 0)
}

// brokenUpkeep fails as long as it is told to, and counts.
type brokenUpkeep struct {
	upkeep
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
	k := &keeper{store: broken, packs: noPacks, clock: &stillClock{time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}, log: slog.New(slog.NewTextHandler(&log, nil))}
	k.look(t.Context())
	broken.fails = nil
	k.look(t.Context())
	k.look(t.Context())
	if broken.pruned != 2 || strings.Count(log.String(), "level=ERROR") != 2 {
		t.Errorf("pruned %d times; log:\n%s", broken.pruned, log.String())
	}
}
