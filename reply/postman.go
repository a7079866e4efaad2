package reply

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
)

// Claims is what saying words needs of the store.
type Claims interface {
	ClaimDelivery(ctx context.Context, within time.Duration) (domain.Delivery, bool, error)
	FinishDelivery(ctx context.Context, end domain.DeliveryEnd, now time.Time) error
}

// Deliveries is what sending answers needs of the store.
type Deliveries interface {
	Claims
	PlanReplies(ctx context.Context, region string, now time.Time, limit int, decide func(domain.ReplyToPlan) domain.DeliveryPlan) (int, error)
	// TellFates tells bodies of answers that did not stay as they were said.
	TellFates(ctx context.Context, now time.Time, limit int) (int, error)
	LapseDeliveries(ctx context.Context, now time.Time, limit int) (int, error)
}

// Region is what the postman knows of a region at a moment.
type Region struct {
	ID string
	Knowledge
}

// Postman plans approved answers and brings them to the platforms. Many postmen
// share the work; each claim is one's own.
type Postman struct {
	Store    Deliveries
	Couriers map[domain.Platform]Courier
	// Regions gives those served here, with the policy and the accounts of now.
	Regions func(ctx context.Context) ([]Region, error)
	Clock   domain.Clock
	Log     *slog.Logger
	Every   time.Duration // how often it looks for work
	Slots   int           // tries at once
	Lives   *domain.Lives // may be nil
}

// The times of one try. A try ends well before its claim does, so that two
// processes never say the same words at the same time.
const (
	tryWithin   = 20 * time.Second
	noteWithin  = 15 * time.Second
	claimWithin = 45 * time.Second
	planBatch   = 50
	lapseBatch  = 50
)

// Run plans and sends until intake ends; then the tries in hand are finished,
// unless hard ends too.
func (p *Postman) Run(intake, hard context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { p.loop(intake, "plan answers", p.plan) })
	wg.Go(func() { p.loop(intake, "end lapsed tries", p.lapse) })
	wg.Go(func() { p.loop(intake, "tell what became of answers", p.tell) })
	p.carry(&wg, intake, hard, "send answers", p.Store)
	return nil
}

// Carry sends what another outbox has, and nothing else, until intake ends; then what
// is due of it still, unless hard ends too: nobody else could.
func (p *Postman) Carry(intake, hard context.Context, out Claims) error {
	var wg sync.WaitGroup
	p.carry(&wg, intake, hard, "say what is in hand", out)
	wg.Wait()
	return p.drain(hard, hard, nil, out)
}

func (p *Postman) carry(wg *sync.WaitGroup, intake, hard context.Context, doing string, out Claims) {
	for range max(1, p.Slots) {
		wg.Go(func() {
			p.loop(intake, doing, func(ctx context.Context, life *domain.Life) error { return p.drain(ctx, hard, life, out) })
		})
	}
}

func (p *Postman) loop(ctx context.Context, doing string, step func(context.Context, *domain.Life) error) {
	t := time.NewTicker(p.Every)
	defer t.Stop()
	life := p.Lives.Begin(doing, "", domain.LoopSilence)
	defer life.End()
	for {
		life.Beat()
		if err := step(ctx, life); err != nil && ctx.Err() == nil {
			p.Log.Error(doing, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Drain plans and sends all that is due now: one round of the loops of Run.
func (p *Postman) Drain(ctx context.Context) error {
	if err := p.plan(ctx, nil); err != nil {
		return err
	}
	if err := p.lapse(ctx, nil); err != nil {
		return err
	}
	if err := p.tell(ctx, nil); err != nil {
		return err
	}
	return p.drain(ctx, ctx, nil, p.Store)
}

func (p *Postman) plan(ctx context.Context, life *domain.Life) error {
	regions, err := p.Regions(ctx)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	var faults []error
	for _, r := range regions {
		for ctx.Err() == nil {
			life.Beat()
			n, err := p.Store.PlanReplies(ctx, r.ID, p.Clock.Now(), planBatch, func(in domain.ReplyToPlan) domain.DeliveryPlan {
				return Plan(in, r.Knowledge)
			})
			if err != nil {
				faults = append(faults, err)
			}
			if err != nil || n < planBatch {
				break
			}
		}
	}
	return errors.Join(faults...)
}

func (p *Postman) lapse(ctx context.Context, _ *domain.Life) error {
	n, err := p.Store.LapseDeliveries(ctx, p.Clock.Now(), lapseBatch)
	if n > 0 {
		p.Log.Warn("tries were never heard of again", "n", n)
	}
	return err
}

func (p *Postman) tell(ctx context.Context, _ *domain.Life) error {
	_, err := p.Store.TellFates(ctx, p.Clock.Now(), lapseBatch)
	return err
}

func (p *Postman) drain(intake, hard context.Context, life *domain.Life, out Claims) error {
	for intake.Err() == nil {
		life.Beat()
		d, ok, err := out.ClaimDelivery(intake, claimWithin)
		if err != nil {
			return fmt.Errorf("claim a delivery: %w", err)
		}
		if !ok {
			return nil
		}
		if err := p.try(hard, d, out); err != nil {
			return err
		}
	}
	return nil
}

// try sends one delivery and notes how it went, though the process is stopping:
// what has left must not leave again.
func (p *Postman) try(ctx context.Context, d domain.Delivery, out Claims) error {
	trying, cancel := context.WithTimeout(ctx, tryWithin)
	message, err := p.send(trying, d)
	cancel()
	end := After(d, message, err, jitter())
	if err != nil {
		p.Log.Warn("answer not delivered", "delivery", d.ID, "platform", d.Platform, "account", d.Account, "attempt", d.Attempt,
			"state", end.State, "reason", end.Reason, "wait", end.Wait, "err", err)
	}
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	return p.note(noting, end, out)
}

// note tries again while the store is away: a lost note costs a repeat, or a
// person's look.
func (p *Postman) note(ctx context.Context, end domain.DeliveryEnd, out Claims) error {
	for {
		err := out.FinishDelivery(ctx, end, p.Clock.Now())
		switch {
		case err == nil:
			return nil
		case errors.Is(err, domain.ErrLeaseLost):
			p.Log.Warn("a try ended after its claim", "delivery", end.ID, "attempt", end.Attempt, "state", end.State)
			return nil
		case !errors.Is(err, domain.ErrUnavailable):
			return fmt.Errorf("note the try of delivery %d: %w", end.ID, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("note the try of delivery %d: %w", end.ID, err)
		case <-time.After(time.Second):
		}
	}
}

// send asks the policy once more and calls the courier. A courier that panics
// has perhaps sent.
func (p *Postman) send(ctx context.Context, d domain.Delivery) (message string, err error) {
	defer func() {
		if r := recover(); r != nil {
			p.Log.Error("a courier panicked", "delivery", d.ID, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in the courier: %w", ErrUnclear)
		}
	}()
	if err := p.allowed(ctx, d); err != nil {
		return "", err
	}
	c, ok := p.Couriers[d.Platform]
	if !ok {
		return "", &domain.PlatformError{Platform: d.Platform, Method: "reply", Reaction: domain.ReportBug,
			Words: "отправлять в " + PlatformName(d.Platform) + " этот процесс не умеет", Err: errors.New("no courier")}
	}
	return c.Send(ctx, d)
}

// allowed: what was allowed when it was planned may be off by now.
func (p *Postman) allowed(ctx context.Context, d domain.Delivery) error {
	regions, err := p.Regions(ctx)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	for _, r := range regions {
		if r.ID != d.Region {
			continue
		}
		if ok, words := r.Channels(d.Platform, d.Way); !ok {
			return &domain.PlatformError{Platform: d.Platform, Method: "reply", Reaction: domain.NeverRepeat, Words: words, Err: errors.New("the channel is off")}
		}
		return nil
	}
	return fmt.Errorf("region %s is not served here", d.Region)
}
