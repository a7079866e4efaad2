package tgfake

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Waits of the real server.
const (
	maxLongPoll   = 50 // seconds
	repeatWindow  = 3  // seconds: the same offset again waits at least so long
	repeatQuick   = time.Second / 2
	conflictPause = 3 * time.Second
	// scriptTick is how often a waiting call looks whether scripted time has
	// come; the platform's clock may run faster than the machine's.
	scriptTick = 5 * time.Millisecond
)

const (
	conflictPoll    = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
	conflictWebhook = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
	conflictSet     = "Conflict: terminated by setWebhook request"
)

// pollState is the one long poll a bot may have, and when it asked last.
type pollState struct {
	abort        chan string // of the call that waits; nil when none does
	lastOffset   int64
	lastStart    time.Time // on the machine's clock
	nextConflict time.Time
}

func (w *World) getUpdates(ctx context.Context, args map[string]string) reply {
	offset := number(args["offset"], 0, math.MinInt32, math.MaxInt64)
	limit := int(number(args["limit"], 100, 1, 100))
	timeout := number(args["timeout"], 0, 0, maxLongPoll)

	w.mu.Lock()
	if w.hook != nil {
		w.mu.Unlock()
		return failed(409, conflictWebhook)
	}
	w.allow(args["allowed_updates"])
	limit, timeout = w.poll.repeated(offset, limit, timeout, w.scaled)
	w.release()
	events := w.queue.get(offset, limit, w.opt.Now())
	if len(events) > 0 || timeout == 0 {
		w.mu.Unlock()
		return w.answer(events)
	}
	if w.poll.abort != nil {
		w.poll.abort <- conflictPoll
	}
	abort := make(chan string, 1)
	w.poll.abort = abort
	w.mu.Unlock()
	return w.wait(ctx, offset, limit, w.scaled(time.Duration(timeout)*time.Second), abort)
}

// repeated makes asking for the same offset again in a hurry slow: that is how
// a bot in a loop without progress is braked.
func (s *pollState) repeated(offset int64, limit int, timeout int64, scaled func(time.Duration) time.Duration) (int, int64) {
	now := time.Now()
	since := now.Sub(s.lastStart)
	if offset == s.lastOffset && !s.lastStart.IsZero() {
		if since < scaled(repeatWindow*time.Second) {
			timeout = max(timeout, repeatWindow)
		}
		if since < scaled(repeatQuick) {
			limit = 1
		}
	}
	s.lastOffset, s.lastStart = offset, now
	return limit, timeout
}

// allow keeps the list of types wanted; an empty one leaves what was set before.
func (w *World) allow(list string) {
	var types []string
	if json.Unmarshal([]byte(list), &types) != nil || types == nil {
		return
	}
	if len(types) == 0 {
		types = defaultAllowed()
	}
	w.queue.allowed = slices.Clone(types)
}

// wait holds a long poll until something comes, its time is over, or another
// call ends it.
func (w *World) wait(ctx context.Context, offset int64, limit int, hold time.Duration, abort chan string) reply {
	end := time.NewTimer(hold)
	defer end.Stop()
	tick := time.NewTicker(scriptTick)
	defer tick.Stop()
	for {
		w.mu.Lock()
		w.release()
		events := w.queue.get(offset, limit, w.opt.Now())
		wake := w.wake
		w.mu.Unlock()
		if len(events) > 0 {
			w.endPoll(abort)
			return w.answer(events)
		}
		select {
		case <-end.C:
			w.endPoll(abort)
			return w.answer(nil)
		case <-ctx.Done():
			w.endPoll(abort)
			return w.answer(nil)
		case <-w.closed:
			w.endPoll(abort)
			return w.answer(nil)
		case text := <-abort:
			return w.conflict(ctx, text)
		case <-wake:
		case <-tick.C:
		}
	}
}

func (w *World) endPoll(abort chan string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.poll.abort == abort {
		w.poll.abort = nil
	}
}

// conflict tells the first loser at once and the next ones after three seconds.
func (w *World) conflict(ctx context.Context, text string) reply {
	w.mu.Lock()
	now := time.Now()
	late := now.Before(w.poll.nextConflict)
	if !late {
		w.poll.nextConflict = now.Add(w.scaled(conflictPause))
	}
	w.mu.Unlock()
	if late {
		select {
		case <-time.After(w.scaled(conflictPause)):
		case <-ctx.Done():
		case <-w.closed:
		}
	}
	return failed(409, "%s", text)
}

// answer gives updates and notes in the ledger, once the answer is out, which
// posts it brought.
func (w *World) answer(events []queued) reply {
	list := make([]json.RawMessage, 0, len(events))
	for _, e := range events {
		list = append(list, e.body)
	}
	return reply{result: list, after: func() { w.served(events) }}
}

func (w *World) served(events []queued) {
	if w.opt.Ledger == nil {
		return
	}
	for _, e := range events {
		if !e.post.IsZero() {
			w.opt.Ledger.Served(e.post)
		}
	}
}
