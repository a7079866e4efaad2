// Package live tells open desks what has happened, as server-sent events.
// Events are rows; a wake-up from another process only makes them seen sooner.
// A browser that was away goes on from the last event it saw.
package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
)

// Store is what a stream reads.
type Store interface {
	EventsAfter(ctx context.Context, scope domain.Scope, after domain.EventPoint, limit int) ([]domain.Event, error)
	LastEvent(ctx context.Context) (domain.EventPoint, error)
	// EventsKept reports whether nothing behind a point has been pruned.
	EventsKept(ctx context.Context, after domain.EventPoint) (bool, error)
	DeskCounters(ctx context.Context, scope domain.Scope, now time.Time) (domain.Counters, error)
}

// Hub wakes the streams of one process when there is something new to read.
type Hub struct {
	Store Store
	Clock domain.Clock
	Log   *slog.Logger
	Every time.Duration   // how often it looks without being woken
	Wake  <-chan struct{} // may be nil

	mu    sync.Mutex
	news  chan struct{} // closed at every news
	seen  domain.EventPoint
	ended bool
}

// Run looks for news until ctx ends; then all streams end too. A database that
// does not answer is asked again at the next look.
func (h *Hub) Run(ctx context.Context) error {
	t := time.NewTicker(h.Every)
	defer t.Stop()
	for {
		last, err := h.Store.LastEvent(ctx)
		switch {
		case err != nil:
			h.Log.Debug("live: look for events", "err", err)
		case h.advance(last):
			h.tell(false)
		}
		select {
		case <-ctx.Done():
			h.tell(true)
			return nil
		case <-t.C:
		case <-h.Wake:
		}
	}
}

// advance remembers the newest event; false when it is known already.
func (h *Hub) advance(last domain.EventPoint) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last == h.seen {
		return false
	}
	h.seen = last
	return true
}

// tell wakes every stream; the last time it also ends them.
func (h *Hub) tell(end bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = h.ended || end
	if h.news != nil {
		close(h.news)
		h.news = nil
	}
}

// next is closed at the next news; false when there will be none.
func (h *Hub) next() (<-chan struct{}, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.news == nil {
		h.news = make(chan struct{})
	}
	return h.news, !h.ended
}
