// Package reply brings words to people: notices to staff now, answers to
// citizens later. What it sends are rows of the outbox; the attempt is written
// before the try.
package reply

import (
	"context"
	"fmt"
	"log/slog"
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

// LogSink writes notices to the log: the only channel until bots and mail are
// connected. Urgent ones stand out as warnings.
type LogSink struct{ Log *slog.Logger }

// Deliver implements Sink.
func (s LogSink) Deliver(ctx context.Context, n domain.Notice) error {
	level := slog.LevelInfo
	if n.Kind == domain.NoticeUrgent {
		level = slog.LevelWarn
	}
	s.Log.Log(ctx, level, "notice", "kind", n.Kind, "region", n.Region, "case", n.CaseID,
		"role", n.ToRole, "agency", n.ToAgency, "text", n.Text)
	return nil
}

// Sender drains the outbox. Several senders share it without doubling.
type Sender struct {
	Outbox Outbox
	Sink   Sink
	Clock  domain.Clock
	Log    *slog.Logger
	Every  time.Duration // how often the outbox is looked at
	Wake   <-chan struct{}
}

const noticeBatch = 50

// Run sends until ctx ends. An urgent notice waits at most Every.
func (s *Sender) Run(ctx context.Context) error {
	t := time.NewTicker(s.Every)
	defer t.Stop()
	for {
		if err := s.Drain(ctx); err != nil && ctx.Err() == nil {
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
func (s *Sender) Drain(ctx context.Context) error {
	for ctx.Err() == nil {
		batch, err := s.Outbox.ClaimNotices(ctx, s.Clock.Now(), noticeBatch)
		if err != nil {
			return fmt.Errorf("claim notices: %w", err)
		}
		for _, q := range batch {
			failure := s.Sink.Deliver(ctx, q.Notice)
			if failure != nil {
				s.Log.Warn("notice not delivered", "id", q.ID, "attempt", q.Attempt, "err", failure)
			}
			if err := s.Outbox.FinishNotice(ctx, q.ID, s.Clock.Now(), failure); err != nil {
				return fmt.Errorf("note outcome of notice %d: %w", q.ID, err)
			}
		}
		if len(batch) < noticeBatch {
			return nil
		}
	}
	return ctx.Err()
}
