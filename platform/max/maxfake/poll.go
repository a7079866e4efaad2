package maxfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// scriptTick is how often a waiting call looks whether scripted time has come;
// the platform's clock may run faster than the machine's.
const scriptTick = 5 * time.Millisecond

// updates is GET /updates: what follows a marker; what lies before it counts as
// read. Without one MAX gives the latest update only.
func (c *call) updates() reply {
	limit, ok := c.number("limit", 100)
	if !ok || limit < 1 || limit > 1000 {
		return badRequest("Field 'limit' value (%s) must be between 1 and 1000", c.query["limit"])
	}
	timeout, ok := c.number("timeout", 30)
	if !ok || timeout < 0 || timeout > 90 {
		return badRequest("Field 'timeout' value (%s) must be at most 90", c.query["timeout"])
	}
	marker, ok := c.number("marker", 0)
	if !ok {
		return badRequest("Invalid marker: %s", c.query["marker"])
	}
	var types []string
	if c.query["types"] != "" {
		types = strings.Split(c.query["types"], ",")
	}
	end := time.NewTimer(c.w.scaled(time.Duration(timeout) * time.Second))
	defer end.Stop()
	tick := time.NewTicker(scriptTick)
	defer tick.Stop()
	for {
		c.w.mu.Lock()
		c.w.release()
		hooked := len(c.bot.hooks) > 0
		list, next := c.bot.from(marker, int(limit), types)
		wake := c.w.wake
		c.w.mu.Unlock()
		if hooked {
			return failed(http.StatusMethodNotAllowed, "method.not.allowed", "Bot has active webhook subscription")
		}
		if len(list) > 0 || timeout == 0 {
			return c.w.given(list, next)
		}
		select {
		case <-end.C:
			return c.w.given(nil, next)
		case <-c.r.Context().Done():
			return c.w.given(nil, next)
		case <-c.w.closed:
			return c.w.given(nil, next)
		case <-wake:
		case <-tick.C:
		}
	}
}

// from gives the updates from a marker on, and the marker after them.
func (b *Bot) from(marker int64, limit int, types []string) ([]queued, int64) {
	b.expire()
	if marker == 0 {
		if len(b.queue) == 0 {
			return nil, b.marker
		}
		marker = b.queue[len(b.queue)-1].marker
		if b.w.opt.FromStart {
			marker = b.queue[0].marker
		}
	}
	b.queue = slices.DeleteFunc(b.queue, func(q queued) bool { return q.marker < marker })
	var out []queued
	next := marker
	for _, q := range b.queue {
		if len(out) == limit {
			break
		}
		next = q.marker + 1
		if len(types) == 0 || slices.Contains(types, q.kind) {
			out = append(out, q)
		}
	}
	if len(b.queue) == 0 {
		next = max(marker, b.marker)
	}
	return out, next
}

func (w *World) given(list []queued, marker int64) reply {
	updates := make([]json.RawMessage, 0, len(list))
	for _, q := range list {
		updates = append(updates, q.body)
	}
	return reply{result: object{"updates": updates, "marker": marker}, after: func() { w.served(list) }}
}

func (w *World) served(list []queued) {
	if w.opt.Ledger == nil {
		return
	}
	for _, q := range list {
		if !q.post.IsZero() {
			w.opt.Ledger.Served(q.post)
		}
	}
}
