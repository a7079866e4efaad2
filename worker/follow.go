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
// region, and of the models beside them.
type Packs interface {
	ModelStore
	ActivePackHash(ctx context.Context, region string) (string, error)
	ActivePack(ctx context.Context, region string) (hash string, files map[string][]byte, err error)
}

// Follower keeps the active snapshot of every region and follows a switch of its
// pack or of its models without a restart. A version that does not load changes
// nothing: the one in force stays, and the log says why.
type Follower struct {
	store   Packs
	log     *slog.Logger
	regions []string
	school  *classify.School // what all regions learn from their sentences is learned once
	current atomic.Pointer[map[string]loaded]
}

type loaded struct {
	wanted  string // the versions the store had in force
	version string // hash under which the store knows the pack
	snap    Snapshot
	pack    *rules.Pack
	models  Models
	unseen  domain.UnseenBound // of the model of rows
}

// errBadVersion: the version itself is at fault, not the way to it.
var errBadVersion = errors.New("the version cannot be used")

// NewFollower loads the active pack of every region or fails. A model that cannot
// be used is left out and told of. What has been learned in the school already is
// not learned again.
func NewFollower(ctx context.Context, store Packs, regions []string, school *classify.School, log *slog.Logger) (*Follower, error) {
	f := &Follower{store: store, log: log, regions: regions, school: school}
	first := map[string]loaded{}
	for _, region := range regions {
		want, err := f.look(ctx, region)
		if err != nil {
			return nil, fmt.Errorf("pack of region %s: %w", region, err)
		}
		l, faults, err := f.load(ctx, region, want, loaded{})
		if err != nil {
			return nil, fmt.Errorf("pack of region %s: %w", region, err)
		}
		f.tell(region, faults)
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
// ones have learned already and the models of its region that fit it.
func (f *Follower) Build(pack *rules.Pack) (Snapshot, error) {
	active := (*f.current.Load())[pack.Region.ID]
	models := active.models.Fitting(pack)
	return f.build(pack, models, models.bound(nil, active.unseen))
}

func (f *Follower) build(pack *rules.Pack, models Models, unseen domain.UnseenBound) (Snapshot, error) {
	snap, err := Build(pack, models.Options(classify.Options{School: f.school}))
	if err != nil {
		return snap, err
	}
	snap.Router = router.New(pack).Unseen(unseen)
	return snap, nil
}

// wanted is what the store has in force.
type wanted struct {
	pack   string
	models []domain.ModelInForce
}

func (w wanted) String() string { return fmt.Sprint(w.pack, w.models) }

func (f *Follower) look(ctx context.Context, region string) (w wanted, err error) {
	if w.pack, err = f.store.ActivePackHash(ctx, region); err != nil {
		return w, fmt.Errorf("look for a new version: %w", err)
	}
	refs, err := f.store.ModelsInForce(ctx, region)
	if err != nil {
		return w, fmt.Errorf("look for new models: %w", err)
	}
	w.models = beside(refs)
	return w, nil
}

// load reads what is wanted. Where that cannot be used what was there before stays,
// and faults say why; without a pack before, its fault is the error.
func (f *Follower) load(ctx context.Context, region string, want wanted, before loaded) (loaded, []error, error) {
	l := loaded{wanted: want.String(), version: before.version, pack: before.pack}
	var faults []error
	if want.pack != before.version {
		hash, pack, err := f.loadPack(ctx, region)
		switch {
		case err == nil:
			l.version, l.pack = hash, pack
		case before.pack == nil || !errors.Is(err, errBadVersion):
			return loaded{}, nil, err
		default:
			faults = append(faults, err)
		}
	}
	models, bad, err := takeModels(ctx, f.store, l.pack, want.models, before.models)
	if err != nil {
		return loaded{}, nil, err
	}
	l.models, l.unseen, faults = models, models.bound(want.models, before.unseen), append(faults, bad...)
	l.snap, err = f.build(l.pack, l.models, l.unseen)
	if err != nil && before.pack != nil {
		before.wanted = l.wanted
		return before, append(faults, fmt.Errorf("%w: build %s: %w", errBadVersion, l.version, err)), nil
	}
	return l, faults, err
}

func (f *Follower) loadPack(ctx context.Context, region string) (string, *rules.Pack, error) {
	hash, files, err := f.store.ActivePack(ctx, region)
	if err != nil {
		return "", nil, fmt.Errorf("read active version: %w", err)
	}
	pack, err := rules.Load(rules.Files(files))
	if err != nil {
		return "", nil, fmt.Errorf("%w: load %s: %w", errBadVersion, hash, err)
	}
	return hash, pack, nil
}

// tell says which versions were not taken over.
func (f *Follower) tell(region string, faults []error) {
	for _, err := range faults {
		what := "pack version"
		if errors.Is(err, ErrBadModel) {
			what = "model"
		}
		f.log.Error("the new "+what+" was not taken over; the one before stays in force", "region", region, "err", err)
	}
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

// Models are those that stand beside the phrases of a region now.
func (f *Follower) Models(region string) Models { return (*f.current.Load())[region].models }

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
			f.log.Error("the new version was not taken over; the one before stays in force", "region", region, "err", err)
		}
	}
}

// refresh tries a bad version once; one that could not be read is tried again
// at the next look.
func (f *Follower) refresh(ctx context.Context, region string) error {
	want, err := f.look(ctx, region)
	if err != nil {
		return err
	}
	before := (*f.current.Load())[region]
	if want.String() == before.wanted {
		return nil
	}
	l, faults, err := f.load(ctx, region, want, before)
	if err != nil {
		return err
	}
	f.tell(region, faults)
	f.swap(region, l)
	f.log.Info("versions taken over", "region", region, "hash", l.version, "models", l.models.names(), "faults", len(faults))
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
