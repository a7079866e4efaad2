// Package background is what long work of the desk has in common: it tells the
// database that it lives and how far it is, and hears there that it must stop.
package background

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// EndWithin is how long the end of a piece of work may take to be written, even
// while the process stops.
const EndWithin = 5 * time.Second

// every is how often progress is written.
const every = time.Second / 2

// Store keeps the progress of tasks. stop says that somebody wants the task to end.
type Store interface {
	TaskProgress(ctx context.Context, id, done, total int64) (stop bool, err error)
}

// Beat is the life sign of one task.
type Beat struct {
	Done, Total atomic.Int64 // how far the work is; Total 0: not known
	stopped     atomic.Bool
}

// Stopped reports whether the work was stopped by a person.
func (b *Beat) Stopped() bool { return b.stopped.Load() }

// Keep writes the progress of a task until ctx ends, or until the task is to be
// stopped: then it calls stop.
func (b *Beat) Keep(ctx context.Context, store Store, id int64, log *slog.Logger, stop context.CancelFunc) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		wanted, err := store.TaskProgress(ctx, id, b.Done.Load(), b.Total.Load())
		switch {
		case err != nil && ctx.Err() == nil:
			log.Warn("progress of a task", "task", id, "err", err)
		case wanted && err == nil:
			b.stopped.Store(true)
			stop()
			return
		}
	}
}
