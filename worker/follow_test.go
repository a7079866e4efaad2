package worker_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata" // zones of the packs on machines that have none

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
	"github.com/otklik/otklik/worker"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

const own = "kaliningrad"

// packs is the store as the follower sees it; it counts what is read whole and
// is away when told to.
type packs struct {
	*storage.Store
	reads atomic.Int64
	away  atomic.Bool
}

func (p *packs) ActivePack(ctx context.Context, region string) (string, map[string][]byte, error) {
	p.reads.Add(1)
	if p.away.Load() {
		return "", nil, domain.ErrUnavailable
	}
	v, err := p.Store.ActivePack(ctx, region)
	return v.Hash, v.Files, err
}

// world is a store with active packs and a follower of them.
type world struct {
	t        *testing.T
	store    *packs
	log      *bytes.Buffer
	follower *worker.Follower
}

// school of all tests: the packs they follow teach the same, and learning under
// the race detector takes seconds.
var school = classify.NewSchool()

func newWorld(t *testing.T, regions ...string) *world {
	t.Helper()
	w := &world{t: t, store: &packs{Store: storagetest.New(t)}, log: &bytes.Buffer{}}
	for _, region := range regions {
		w.activate(region, embedded(t, region))
	}
	var err error
	w.follower, err = worker.NewFollower(t.Context(), w.store, regions, school, slog.New(slog.NewTextHandler(w.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func embedded(t *testing.T, region string) rules.Files {
	t.Helper()
	files, err := rules.Embedded(region)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// activate saves a version as it is, good or bad, and makes it the active one.
func (w *world) activate(region string, files rules.Files) (hash string) {
	w.t.Helper()
	code := map[string]string{"kaliningrad": "39", "khabarovsk": "27"}[region]
	v := storage.PackVersion{Region: region, Code: code, Zone: "Europe/Kaliningrad", Hash: files.Hash(), Files: files, CreatedBy: "test"}
	if err := w.store.SavePackVersion(w.t.Context(), v); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.ActivatePack(w.t.Context(), region, v.Hash, "test", time.Now()); err != nil {
		w.t.Fatal(err)
	}
	return v.Hash
}

// edited is the embedded pack with a word of its region.yaml replaced.
func edited(t *testing.T, from, to string) rules.Files {
	t.Helper()
	files := maps.Clone(embedded(t, own))
	name := own + "/region.yaml"
	text := strings.Replace(string(files[name]), from, to, 1)
	if text == string(files[name]) {
		t.Fatalf("%s does not hold %q", name, from)
	}
	files[name] = []byte(text)
	return files
}

const regionName = "name: Калининградская область"

func (w *world) hash(region string) string {
	w.t.Helper()
	snap, err := w.follower.Snapshot(region)
	if err != nil {
		w.t.Fatal(err)
	}
	return snap.Hash
}

func TestSwitchedPackIsFollowed(t *testing.T) {
	w := newWorld(t, rules.EmbeddedRegions()...)
	before, neighbour := w.hash(own), w.follower.Pack("khabarovsk")
	inHand, err := w.follower.Snapshot(own)
	if err != nil {
		t.Fatal(err)
	}
	next := w.activate(own, edited(t, regionName, "name: Янтарный край"))
	if w.hash(own) != before {
		t.Fatal("it changed before it was looked at")
	}
	w.follower.Refresh(t.Context())
	if w.hash(own) != next || w.follower.Pack(own).Region.Name != "Янтарный край" {
		t.Errorf("in force is %s «%s», want %s", w.hash(own), w.follower.Pack(own).Region.Name, next)
	}
	if w.follower.Pack("khabarovsk") != neighbour {
		t.Error("the other region's pack was loaded anew")
	}
	if v := inHand.Judge.Judge(&domain.Post{Region: own, Text: "Яма на дороге"}); v.PackHash != before {
		t.Errorf("a snapshot in hand judges by %s, want %s", v.PackHash, before)
	}
	names := []string{}
	for _, p := range w.follower.Packs() {
		names = append(names, p.Region.ID)
	}
	if strings.Join(names, " ") != strings.Join(rules.EmbeddedRegions(), " ") {
		t.Errorf("packs %v", names)
	}
}

func TestBadPackVersionIsTriedOnceAndChangesNothing(t *testing.T) {
	w := newWorld(t, own)
	before := w.hash(own)
	w.activate(own, edited(t, "\nzone:", "\nzona:"))
	reads := w.store.reads.Load()
	for range 3 {
		w.follower.Refresh(t.Context())
	}
	if w.hash(own) != before || w.store.reads.Load() != reads+1 {
		t.Errorf("in force is %s, want %s; read %d times", w.hash(own), before, w.store.reads.Load()-reads)
	}
	if said := w.log.String(); strings.Count(said, "was not taken over") != 1 || !strings.Contains(said, "region.yaml:6") {
		t.Errorf("the log does not say once what is wrong where:\n%s", said)
	}
	good := w.activate(own, edited(t, regionName, "name: Янтарный край"))
	w.follower.Refresh(t.Context())
	if w.hash(own) != good {
		t.Error("a good version after a bad one is not taken over")
	}
}

func TestRollbackIsFollowed(t *testing.T) {
	w := newWorld(t, own)
	before := w.hash(own)
	w.activate(own, edited(t, regionName, "name: Янтарный край"))
	w.follower.Refresh(t.Context())
	if _, err := w.store.RollbackPack(t.Context(), own, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	w.follower.Refresh(t.Context())
	if w.hash(own) != before || w.follower.Pack(own).Region.Name != "Калининградская область" {
		t.Errorf("in force is %s «%s», want %s", w.hash(own), w.follower.Pack(own).Region.Name, before)
	}
}

// A database that is away for a moment says nothing of the version.
func TestVersionThatCouldNotBeReadIsTriedAgain(t *testing.T) {
	w := newWorld(t, own)
	before := w.hash(own)
	next := w.activate(own, edited(t, regionName, "name: Янтарный край"))
	w.store.away.Store(true)
	w.follower.Refresh(t.Context())
	if w.hash(own) != before {
		t.Fatal("something was taken over")
	}
	w.store.away.Store(false)
	w.follower.Refresh(t.Context())
	if w.hash(own) != next {
		t.Errorf("in force is %s, want %s", w.hash(own), next)
	}
}

func TestRunFollowsBesideItsReaders(t *testing.T) {
	w := newWorld(t, own)
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { _ = w.follower.Run(ctx, 10*time.Millisecond, nil) })
	next := w.activate(own, edited(t, regionName, "name: Янтарный край"))
	for limit := time.Now().Add(2 * time.Minute); w.hash(own) != next; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Error("not followed within twenty seconds")
			break
		}
	}
	stop()
	group.Wait()
}

func TestFollowerDoesNotBeginWithoutAPack(t *testing.T) {
	store := &packs{Store: storagetest.New(t)}
	_, err := worker.NewFollower(t.Context(), store, []string{own}, school, slog.New(slog.DiscardHandler))
	if !errors.Is(err, domain.ErrNotFound) || !strings.Contains(err.Error(), own) {
		t.Errorf("begins with %v", err)
	}
	w := newWorld(t, own)
	if _, err := w.follower.Snapshot("narnia"); err == nil || w.follower.Pack("narnia") != nil {
		t.Errorf("a region that is not served has a pack, %v", err)
	}
}
