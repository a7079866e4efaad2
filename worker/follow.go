package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
)

// Packs is what following needs of the store: versions of packs, one active a
// region.
type Packs interface {
	ActivePackHash(ctx context.Context, region string) (string, error)
	ActivePack(ctx context.Context, region string) (hash string, files map[string][]byte, err error)
}

// Follower keeps the active snapshot of every region and follows a switch
// without a restart. A version that does not load changes nothing: the one in
// force stays, and the log says why.
type Follower struct {
	store   Packs
	log     *slog.Logger
	regions []string
	school  *classify.School // what all regions learn from their sentences is learned once
	current atomic.Pointer[map[string]loaded]
	bad     map[string]string // region → hash that failed, so that it is tried once
}

type loaded struct {
	version string // hash under which the store knows it
	snap    Snapshot
	pack    *rules.Pack
}

// errBadVersion: the version itself is at fault, not the way to it.
var errBadVersion = errors.New("the version cannot be used")

// NewFollower loads the active pack of every region or fails. What has been
// learned in the school already is not learned again.
func NewFollower(ctx context.Context, store Packs, regions []string, school *classify.School, log *slog.Logger) (*Follower, error) {
	f := &Follower{store: store, log: log, regions: regions, bad: map[string]string{}, school: school}
	first := map[string]loaded{}
	for _, region := range regions {
		l, err := f.load(ctx, region)
		if err != nil {
			return nil, fmt.Errorf("pack of region %s: %w", region, err)
		}
		first[region] = l
	}
	f.current.Store(&first)
	return f, nil
}

// Build makes the snapshot of a pack: the classifier and the router. Who builds
// several hands in one school.
func Build(pack *rules.Pack, o classify.Options) (Snapshot, error) {
	judge, err := classify.Compile(pack, o)
	if err != nil {
		return Snapshot{}, fmt.Errorf("compile phrases: %w", err)
	}
	return Snapshot{Hash: pack.Hash, Judge: judge, Router: router.New(pack)}, nil
}

// Build makes the snapshot of a pack that is not in force, with what the active
// ones have learned already.
func (f *Follower) Build(pack *rules.Pack) (Snapshot, error) {
	return Build(pack, classify.Options{School: f.school})
}

func (f *Follower) load(ctx context.Context, region string) (loaded, error) {
	hash, files, err := f.store.ActivePack(ctx, region)
	if err != nil {
		return loaded{}, fmt.Errorf("read active version: %w", err)
	}
	pack, err := rules.Load(rules.Files(files))
	if err != nil {
		return loaded{}, fmt.Errorf("%w: load %s: %w", errBadVersion, hash, err)
	}
	snap, err := f.Build(pack)
	if err != nil {
		return loaded{}, fmt.Errorf("%w: build %s: %w", errBadVersion, hash, err)
	}
	return loaded{version: hash, snap: snap, pack: pack}, nil
}

// Snapshot implements Rules.
func (f *Follower) Snapshot(region string) (Snapshot, error) {
	l, ok := (*f.current.Load())[region]
	if !ok {
		return Snapshot{}, fmt.Errorf("region %q is not served here", region)
	}
	return l.snap, nil
}

// Active is the active pack of a region with the snapshot that was built of this
// very pack: phrases in what the snapshot explains are those of the pack.
func (f *Follower) Active(region string) (*rules.Pack, Snapshot, error) {
	l, ok := (*f.current.Load())[region]
	if !ok {
		return nil, Snapshot{}, fmt.Errorf("region %q is not served here", region)
	}
	return l.pack, l.snap, nil
}

// Pack is the active pack of a region, nil when it is not served here.
func (f *Follower) Pack(region string) *rules.Pack { return (*f.current.Load())[region].pack }

// Packs are the active packs in the order the regions were named.
func (f *Follower) Packs() []*rules.Pack {
	current := *f.current.Load()
	packs := make([]*rules.Pack, 0, len(current))
	for _, region := range f.regions {
		packs = append(packs, current[region].pack)
	}
	return packs
}

// Run looks for a switched version until ctx ends. lives may be nil.
func (f *Follower) Run(ctx context.Context, every time.Duration, lives *domain.Lives) error {
	t := time.NewTicker(every)
	defer t.Stop()
	life := lives.Begin("packs", "", domain.LoopSilence)
	defer life.End()
	for {
		life.Beat()
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			f.Refresh(ctx)
		}
	}
}

// Refresh takes over versions that were switched since the last look.
func (f *Follower) Refresh(ctx context.Context) {
	for _, region := range f.regions {
		if err := f.refresh(ctx, region); err != nil && ctx.Err() == nil {
			f.log.Error("the new pack version was not taken over; the one before stays in force", "region", region, "err", err)
		}
	}
}

// refresh tries a bad version once; one that could not be read is tried again
// at the next look.
func (f *Follower) refresh(ctx context.Context, region string) error {
	hash, err := f.store.ActivePackHash(ctx, region)
	if err != nil {
		return fmt.Errorf("look for a new version: %w", err)
	}
	if hash == (*f.current.Load())[region].version {
		delete(f.bad, region) // activated anew, a bad one is worth another try
		return nil
	}
	if hash == f.bad[region] {
		return nil
	}
	l, err := f.load(ctx, region)
	if errors.Is(err, errBadVersion) {
		f.bad[region] = hash
	}
	if err != nil {
		return err
	}
	f.swap(region, l)
	f.log.Info("pack version taken over", "region", region, "hash", hash)
	return nil
}

func (f *Follower) swap(region string, l loaded) {
	next := map[string]loaded{}
	for r, old := range *f.current.Load() {
		next[r] = old
	}
	next[region] = l
	f.current.Store(&next)
}
