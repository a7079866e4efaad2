// Package reply brings words to people: notices to staff, answers to citizens.
// What it sends are rows of the outbox; the attempt is written before the try.
package reply

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// Outbox is what sending needs of the store.
type Outbox interface {
	// ClaimNotices takes notices that are due; their attempt is already counted.
	ClaimNotices(ctx context.Context, now time.Time, limit int) ([]domain.QueuedNotice, error)
	// FinishNotice notes success (nil) or the failure of a try.
	FinishNotice(ctx context.Context, id int64, now time.Time, failure error) error
}

// Sink delivers one notice.
type Sink interface {
	Deliver(ctx context.Context, n domain.Notice) error
}

// Sender drains the outbox. Several senders share it without doubling.
type Sender struct {
	Outbox Outbox
	Sink   Sink
	Clock  domain.Clock
	Log    *slog.Logger
	Every  time.Duration   // how often the outbox is looked at
	Wake   <-chan struct{} // looks at once; nil is never
	Within time.Duration   // longest try of one notice; 10 s when 0
	Lives  *domain.Lives   // may be nil
}

// A batch must be over before the outbox offers its notices to others again,
// 30 s after they were claimed. What is left of it by then is tried later.
const (
	noticeBatch  = 50
	batchWithin  = 15 * time.Second
	defaultTry   = 10 * time.Second
	finishWithin = 4 * time.Second
)

// Run sends until ctx ends. An urgent notice waits at most Every.
func (s *Sender) Run(ctx context.Context) error {
	t := time.NewTicker(s.Every)
	defer t.Stop()
	life := s.Lives.Begin("notices", "", domain.LoopSilence)
	defer life.End()
	for {
		if err := s.drain(ctx, life); err != nil && ctx.Err() == nil {
			s.Log.Error("send notices", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-s.Wake:
		}
	}
}

// Drain sends everything that is due now.
func (s *Sender) Drain(ctx context.Context) error { return s.drain(ctx, nil) }

func (s *Sender) drain(ctx context.Context, life *domain.Life) error {
	for ctx.Err() == nil {
		life.Beat()
		batch, err := s.Outbox.ClaimNotices(ctx, s.Clock.Now(), noticeBatch)
		if err != nil {
			return fmt.Errorf("claim notices: %w", err)
		}
		whole, err := s.batch(ctx, batch)
		if err != nil || !whole || len(batch) < noticeBatch {
			return err
		}
	}
	return ctx.Err()
}

// batch tries what was claimed, danger to life first, then as they were written.
// It stops, with whole false, when ctx ends or the claim would lapse.
func (s *Sender) batch(ctx context.Context, batch []domain.QueuedNotice) (whole bool, err error) {
	slices.SortFunc(batch, func(a, b domain.QueuedNotice) int {
		return cmp.Or(cmp.Compare(rank(a.Notice), rank(b.Notice)), cmp.Compare(a.ID, b.ID))
	})
	began := time.Now()
	for _, q := range batch {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if time.Since(began) > batchWithin {
			return false, nil
		}
		if err := s.try(ctx, q); err != nil {
			return false, err
		}
	}
	return true, nil
}

func rank(n domain.Notice) int {
	if n.Kind == domain.NoticeUrgent {
		return 0
	}
	return 1
}

// try delivers one notice and notes how it went. The note is written though
// the process is stopping: what has left must not leave again.
func (s *Sender) try(ctx context.Context, q domain.QueuedNotice) error {
	within := s.Within
	if within <= 0 {
		within = defaultTry
	}
	trying, cancel := context.WithTimeout(ctx, within)
	failure := s.Sink.Deliver(trying, q.Notice)
	cancel()
	if failure != nil {
		s.Log.Warn("notice not delivered", "id", q.ID, "attempt", q.Attempt, "err", failure)
	}
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	if err := s.Outbox.FinishNotice(noting, q.ID, s.Clock.Now(), failure); err != nil {
		return fmt.Errorf("note outcome of notice %d: %w", q.ID, err)
	}
	return nil
}
