package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
	"github.com/otklik/otklik/worker"
)

// lifeBench is a process with two loops, looked at every second of a clock that the
// test moves.
type lifeBench struct {
	t     *testing.T
	now   time.Time
	away  error // of the database
	lives *domain.Lives
	watch *lifeWatch
	good  *domain.Life
	hangs *domain.Life
}

func newLifeBench(t *testing.T) *lifeBench {
	t.Helper()
	b := &lifeBench{t: t, now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	b.lives = domain.NewLives(clock)
	b.watch = &lifeWatch{lives: b.lives, ping: func(context.Context) error { return b.away }, now: clock}
	b.good, b.hangs = b.lives.Begin("albums", "", domain.LoopSilence), b.lives.Begin("poll", "", domain.LoopSilence)
	return b
}

// pass lets time pass; only one loop goes on.
func (b *lifeBench) pass(d time.Duration) {
	b.t.Helper()
	for end := b.now.Add(d); b.now.Before(end); b.now = b.now.Add(time.Second) {
		b.good.Beat()
		b.watch.look(b.t.Context())
	}
}

func (b *lifeBench) healthz(status int, words string) {
	b.t.Helper()
	w := httptest.NewRecorder()
	newMetrics().probes(b.lives, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if w.Code != status || strings.TrimSpace(w.Body.String()) != words {
		b.t.Errorf("/healthz: %d %q, want %d %q", w.Code, w.Body, status, words)
	}
}

func TestHealthNamesTheLoopThatHangs(t *testing.T) {
	b := newLifeBench(t)
	b.pass(domain.LoopSilence - time.Second)
	b.healthz(http.StatusOK, "ok")
	b.pass(2 * time.Second)
	b.healthz(http.StatusServiceUnavailable, "poll: no life sign for 15m1s")
	b.hangs.Beat()
	b.healthz(http.StatusOK, "ok")
}

// A restart helps neither against an outage of the database, however long, nor
// against a process that was stopped from outside. What hangs after it does count.
func TestASilenceThatIsNotTheLoopsIsForgiven(t *testing.T) {
	b := newLifeBench(t)
	b.away = errors.New("connection refused")
	b.pass(5 * time.Hour)
	b.healthz(http.StatusOK, "ok")
	b.away = nil
	b.pass(domain.LoopSilence / 3)
	b.healthz(http.StatusOK, "ok")
	b.pass(domain.LoopSilence)
	b.healthz(http.StatusServiceUnavailable, "poll: no life sign for "+b.silent())

	b = newLifeBench(t)
	b.pass(time.Minute)
	b.now = b.now.Add(3 * time.Hour)
	b.watch.look(t.Context())
	b.healthz(http.StatusOK, "ok")
	b.pass(domain.LoopSilence + time.Second)
	b.healthz(http.StatusServiceUnavailable, "poll: no life sign for 15m1s")
}

func (b *lifeBench) silent() string {
	share := b.lives.Silent()["poll"]
	return (time.Duration(share * float64(domain.LoopSilence))).Round(time.Second).String()
}

// Ready is who reaches the database, whose schema fits, with the pack of every region.
func TestReadyIsMoreThanAPing(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := &server{infra: &infra{store: storagetest.Open(t, dsn, storage.Options{})}, follower: loadedFor(t, "kaliningrad")}
	probe := func() (int, string) {
		w := httptest.NewRecorder()
		h := newMetrics().probes(domain.NewLives(time.Now), func(ctx context.Context) error { return s.ready(ctx, []string{"kaliningrad"}) })
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	if code, said := probe(); code != http.StatusOK || said != "ready" {
		t.Errorf("%d %q", code, said)
	}
	s.follower = loadedFor(t)
	if code, said := probe(); code != http.StatusServiceUnavailable || said != "the pack of region kaliningrad is not loaded" {
		t.Errorf("without the pack: %d %q", code, said)
	}
	s.follower = loadedFor(t, "kaliningrad")
	execute(t, dsn, "DELETE FROM goose_db_version WHERE version_id >= $1", storage.MinSchema)
	if code, said := probe(); code != http.StatusServiceUnavailable || !strings.Contains(said, "at least "+strconv.FormatInt(storage.MinSchema, 10)) {
		t.Errorf("with a schema that is too old: %d %q", code, said)
	}
	s.infra.store.Close()
	if code, _ := probe(); code != http.StatusServiceUnavailable {
		t.Errorf("without a database: %d", code)
	}
}

// loadedFor has the embedded packs of some regions loaded.
func loadedFor(t *testing.T, regions ...string) *worker.Follower {
	t.Helper()
	store := storagetest.New(t)
	for _, region := range regions {
		if _, err := activatePack(t.Context(), store, filesOf(t, region), time.Now(), "первый запуск"); err != nil {
			t.Fatal(err)
		}
	}
	f, err := worker.NewFollower(t.Context(), packStore{store}, regions, school, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// loopsBeat: every loop of a serve with all roles is in its metrics, and those that
// look every few seconds are seen to give a life sign.
func loopsBeat(t *testing.T, address string) {
	t.Helper()
	slow := []string{"keeper", "expired sessions", "MAX webhooks", "Telegram webhooks"}
	waiting := []string{"poll", "renew leases", "albums", "packs", "counters of the desk", "deadline jobs", "learning", "notices",
		"plan answers", "end lapsed tries", "tell what became of answers", "send answers"}
	all := append(slices.Clone(waiting), slow...)
	before := map[string]float64{}
	for limit := time.Now().Add(time.Minute); len(waiting) > 0; time.Sleep(100 * time.Millisecond) {
		now := loopsOf(t, address)
		for _, loop := range all {
			if share, ok := now[loop]; !ok || share > 0.5 {
				t.Fatalf("loop %q: there %v, silent for %.2f of what it may", loop, ok, share)
			}
		}
		waiting = slices.DeleteFunc(waiting, func(loop string) bool { was, ok := before[loop]; return ok && now[loop] < was })
		if time.Now().After(limit) {
			t.Fatalf("no life sign of %q in a minute", waiting)
		}
		before = now
	}
}

func loopsOf(t *testing.T, address string) map[string]float64 {
	t.Helper()
	res, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^otklik_loop_silence_ratio\{loop="([^"]+)"\} (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		share, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		out[m[1]] = share
	}
	return out
}
