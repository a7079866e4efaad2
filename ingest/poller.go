package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
)

// Leases is what the poll loop needs of the store. Lease times are the store's
// own clock; now is business time and decides which sources are due.
type Leases interface {
	LeaseSources(ctx context.Context, owner string, now time.Time, lease time.Duration, kinds []domain.SourceKind, limit int) ([]domain.Source, error)
	// RenewLeases extends the leases that are still held and returns the ids that are lost.
	RenewLeases(ctx context.Context, owner string, lease time.Duration, held map[int64]int64) (lost []int64, err error)
	ReleaseLease(ctx context.Context, src domain.Source) error
	SourceFailed(ctx context.Context, src domain.Source, state domain.SourceState, reason string, a domain.Activity, next time.Time) error
}

// Taker judges and commits a batch: the way of a post. It returns the number of
// posts that were new.
type Taker interface {
	Take(ctx context.Context, b domain.Batch) (fresh int, err error)
}

// Observer is told of every poll, for metrics.
type Observer interface {
	Polled(src domain.Source, fresh int, took time.Duration, err error)
}

// Poller polls the sources that are due, each under a lease.
type Poller struct {
	Owner    string // unique for this process
	Store    Leases
	Taker    Taker
	Pullers  map[domain.SourceKind]Puller
	Clock    domain.Clock
	Log      *slog.Logger
	Observer Observer
	Policy   Policy
	Wake     <-chan struct{} // a source was added or resumed; may be nil
	Slots    int             // sources polled at once; long polls have slots of their own
	Lease    time.Duration   // 15 s by default
	Idle     time.Duration   // pause when nothing is due
	Lives    *domain.Lives   // may be nil

	mu   sync.Mutex
	held map[int64]held
}

type held struct {
	epoch  int64
	cancel context.CancelFunc
}

// Defaults of the loop.
const (
	DefaultLease = 15 * time.Second
	DefaultIdle  = 300 * time.Millisecond
	longSlots    = 64
	// releaseWithin bounds giving back a lease at the end: the store may be away.
	releaseWithin = 2 * time.Second
	maxSteps      = 20 // pulls of one source under one lease before others get a turn
	// refusedGap is how soon a source that its pack refuses is looked at again: a
	// pack that has changed is to be felt at once.
	refusedGap = 15 * time.Second
	// pullSilence is how long one pull and its commit may take: many calls that wait
	// for their turn, and long polls.
	pullSilence = 30 * time.Minute
)

// Run polls until intake ends, then finishes the batches in hand; when hard
// ends too, it gives up. It returns after the last batch is done.
func (p *Poller) Run(intake, hard context.Context) error {
	p.held = map[int64]held{}
	var wg sync.WaitGroup
	renew, stopRenewing := context.WithCancel(hard)
	renewed := make(chan struct{})
	go func() { defer close(renewed); p.renewLoop(renew) }()
	defer func() { stopRenewing(); <-renewed }()
	defer wg.Wait()

	long, short := p.kinds()
	gates := []gate{{kinds: short, slots: make(chan struct{}, max(1, p.Slots))}, {kinds: long, slots: make(chan struct{}, longSlots)}}
	life := p.Lives.Begin("poll", "", domain.LoopSilence)
	defer life.End()
	for intake.Err() == nil {
		life.Beat()
		started := 0
		for _, g := range gates {
			n, err := p.start(intake, hard, g, &wg)
			if err != nil && intake.Err() == nil {
				p.Log.Error("take leases", "err", err)
			}
			started += n
		}
		if started == 0 {
			p.rest(intake)
		}
	}
	return nil
}

type gate struct {
	kinds []domain.SourceKind
	slots chan struct{}
}

func (p *Poller) kinds() (long, short []domain.SourceKind) {
	for k := range p.Pullers {
		if PaceOf(k).Max == 0 {
			long = append(long, k)
		} else {
			short = append(short, k)
		}
	}
	return long, short
}

func (p *Poller) rest(ctx context.Context) {
	idle := p.Idle
	if idle <= 0 {
		idle = DefaultIdle
	}
	t := time.NewTimer(idle)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-p.Wake:
	}
}

// start leases as many due sources as there are free slots and polls each in a
// goroutine of its own.
func (p *Poller) start(intake, hard context.Context, g gate, wg *sync.WaitGroup) (int, error) {
	free := cap(g.slots) - len(g.slots)
	if free == 0 || len(g.kinds) == 0 {
		return 0, nil
	}
	sources, err := p.Store.LeaseSources(intake, p.Owner, p.Clock.Now(), p.lease(), g.kinds, free)
	if err != nil {
		return 0, err
	}
	for _, src := range sources {
		g.slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-g.slots }()
			p.hold(intake, hard, src)
		})
	}
	return len(sources), nil
}

func (p *Poller) lease() time.Duration {
	if p.Lease > 0 {
		return p.Lease
	}
	return DefaultLease
}

// leaseLost is said by whoever sees it first, the commit that is refused or the
// renewal that stops it.
const leaseLost = "lease lost, batch dropped"

// hold polls one leased source until it has no more, the turn is over, or the
// lease is lost.
func (p *Poller) hold(intake, hard context.Context, src domain.Source) {
	pull, cancelPull := context.WithCancel(intake)
	defer cancelPull()
	work, cancelWork := context.WithCancel(hard)
	defer cancelWork()
	p.remember(src, func() { cancelPull(); cancelWork() })
	defer p.forget(src.ID)

	log := p.Log.With("source", src.ID, "kind", src.Kind, "address", src.Address)
	life := p.Lives.Begin("pull", fmt.Sprintf("source %d", src.ID), pullSilence)
	defer life.End()
	t := newTurn(src)
	for range maxSteps {
		life.Beat()
		if why, refused := p.Policy.Refuses(src); refused {
			p.refuse(work, src, why, log)
			return
		}
		more, err := p.step(pull, work, &src, t)
		if errors.Is(err, domain.ErrLeaseLost) {
			log.Warn(leaseLost)
			return
		}
		if err != nil && pull.Err() == nil {
			p.fail(work, src, err, log)
			return
		}
		if !more || pull.Err() != nil {
			break
		}
	}
	p.release(work, src, log)
}

// release gives the source back, also when we give up: others need not wait for
// the lease to lapse. The store leaves one alone that is no longer ours.
func (p *Poller) release(ctx context.Context, src domain.Source, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	if err := p.Store.ReleaseLease(ctx, src); err != nil {
		log.Warn("release lease", "err", err) // it lapses by itself
	}
}

// turn is what the pulls of one source under one lease have come to. The source's
// rate is measured over the whole of it: one that was away has a backlog of many
// pages, which was written since the last poll that worked and not since the last
// page.
type turn struct {
	steps, fresh int
	since        time.Time       // of the last poll that worked before it; zero: none
	before       domain.Activity // then
	seen         map[domain.PostID]bool
	found        Found
}

func newTurn(src domain.Source) *turn {
	return &turn{since: src.LastOKAt, before: src.Activity, seen: map[domain.PostID]bool{}}
}

// count counts posts published since the last one we knew: re-read pages must not
// make a quiet wall look busy. One that we know from the future is one of now.
func (t *turn) count(posts []domain.Post, now time.Time) {
	known := earlier(t.before.LastPostAt, now)
	for i := range posts {
		at := posts[i].PublishedAt
		if !at.After(known) || t.seen[posts[i].ID] {
			continue
		}
		t.seen[posts[i].ID] = true
		t.found.add(at)
	}
}

// astray reports that a turn ends with more to read though nothing of it was
// new: an answer that changes each time it is asked for must not eat the day's
// quota. The next turn then waits for the schedule.
func (t *turn) astray() bool { return t.steps == maxSteps && t.fresh == 0 }

// step pulls once and commits what came.
func (p *Poller) step(pull, work context.Context, src *domain.Source, t *turn) (more bool, err error) {
	began := time.Now()
	fresh := 0
	defer func() {
		if p.Observer != nil && pull.Err() == nil {
			p.Observer.Polled(*src, fresh, time.Since(began), err)
		}
	}()
	puller := p.Pullers[src.Kind]
	b, err := safePull(pull, puller, *src)
	if err != nil {
		return false, err
	}
	budget, err := puller.Budget(pull, *src)
	if err != nil {
		return false, fmt.Errorf("read quota: %w", err)
	}
	t.steps++
	p.settle(&b, *src, budget, t)
	fresh, err = p.Taker.Take(work, b)
	if err != nil {
		return false, err
	}
	t.fresh += fresh
	src.Cursor, src.State, src.Activity = b.Cursor, b.State, b.Activity
	return b.More, nil
}

// safePull keeps a panic in one puller from stopping all sources.
func safePull(ctx context.Context, puller Puller, src domain.Source) (b domain.Batch, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic while polling: %v", r)
		}
	}()
	b, err = puller.Pull(ctx, src)
	b.Source = src
	if b.Cursor == nil {
		b.Cursor = src.Cursor
	}
	return b, err
}

// settle adds state, activity and schedule to a pulled batch.
func (p *Poller) settle(b *domain.Batch, src domain.Source, budget domain.Budget, t *turn) {
	now := p.Clock.Now()
	t.count(b.Posts, now)
	b.Activity = Observe(t.before, now, t.since, t.found)
	switch {
	case len(b.Posts) > 0:
		b.State, b.Reason = domain.SourceActive, fmt.Sprintf("получено сообщений: %d", len(b.Posts))
	case b.Activity.LastPostAt.IsZero():
		b.State, b.Reason = domain.SourceEmpty, "источник доступен, сообщений пока не было"
	default:
		b.State, b.Reason = domain.SourceUnchanged, "новых сообщений нет"
	}
	b.NextPoll, _ = NextPoll(now, src.Kind, b.Activity, budget)
	if b.More && !t.astray() {
		b.NextPoll = now
	}
}

func (p *Poller) fail(ctx context.Context, src domain.Source, err error, log *slog.Logger) {
	f := Failed(p.Clock.Now(), src, err, rand.Float64())
	log.Warn("poll failed", "state", f.State, "next", f.Next, "err", err)
	p.note(ctx, src, f, log)
}

// refuse leaves a source alone that its region's pack does not let be read. Nothing
// of it has failed: its activity and its cursor stay.
func (p *Poller) refuse(ctx context.Context, src domain.Source, why string, log *slog.Logger) {
	if src.State != domain.SourceParked || src.Reason != why {
		log.Info("the pack does not let the source be read", "why", why)
	}
	p.note(ctx, src, Failure{State: domain.SourceParked, Reason: why, Activity: src.Activity, Next: p.Clock.Now().Add(refusedGap)}, log)
}

func (p *Poller) note(ctx context.Context, src domain.Source, f Failure, log *slog.Logger) {
	err := p.Store.SourceFailed(ctx, src, f.State, f.Reason, f.Activity, f.Next)
	if err != nil && ctx.Err() == nil && !errors.Is(err, domain.ErrLeaseLost) { // else the source is another's already
		log.Error("note failed poll", "err", err)
	}
}

func (p *Poller) remember(src domain.Source, cancel context.CancelFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[src.ID] = held{epoch: src.Epoch, cancel: cancel}
}

func (p *Poller) forget(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, id)
}

// renewLoop extends the leases in hand every third of their length.
func (p *Poller) renewLoop(ctx context.Context) {
	t := time.NewTicker(p.lease() / 3)
	defer t.Stop()
	life := p.Lives.Begin("renew leases", "", domain.LoopSilence)
	defer life.End()
	for {
		life.Beat()
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			p.renew(ctx)
		}
	}
}

func (p *Poller) renew(ctx context.Context) {
	p.mu.Lock()
	epochs := make(map[int64]int64, len(p.held))
	for id, h := range p.held {
		epochs[id] = h.epoch
	}
	p.mu.Unlock()
	if len(epochs) == 0 {
		return
	}
	lost, err := p.Store.RenewLeases(ctx, p.Owner, p.lease(), epochs)
	if err != nil {
		p.Log.Warn("renew leases", "err", err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range lost {
		if h, ok := p.held[id]; ok {
			p.Log.Warn(leaseLost, "source", id)
			h.cancel()
		}
	}
}
