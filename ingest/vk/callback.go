package vkingest

import (
	"context"
	"crypto/subtle"
	"io"
	"net/http"
	"strconv"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// maxEvent bounds the body of an event; the longest post VK allows is far below.
const maxEvent = 4 << 20

// busySeconds is when VK may try an event again that could not be stored.
const busySeconds = 30

// CallbackKeys are what VK and we agreed on for one community.
type CallbackKeys struct {
	Secret       string // VK sends it with every event; must not be empty
	Confirmation string // what VK wants to hear when the address is saved
}

// Callback is the handler of the Callback API for all own communities
// (domain.VKCallback, address: id without sign). It answers «ok» only after the
// event is stored. VK repeats what was not answered, and sometimes what was; the
// post's identity makes a repetition harmless.
type Callback struct {
	Deps
	Keys   map[int64]CallbackKeys // by community id without sign
	Finder ingest.SourceFinder
	Sink   ingest.Sink
	Policy ingest.Policy
}

// ServeHTTP implements http.Handler: 403 for a wrong secret or an unknown
// community, 413 for an absurd body, 503 when the event could not be stored.
func (h Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	body, ok := ingest.ReadPush(w, r, maxEvent)
	if !ok {
		return
	}
	var e eventShape
	if err := decode(body, &e); err != nil && e.Type == "" {
		h.count("", Unusable)
		http.Error(w, "not an event", http.StatusBadRequest)
		return
	}
	keys, known := h.Keys[e.GroupID]
	if !known || !allowed(e, keys) {
		h.log().Warn("callback with a wrong secret", "group", e.GroupID, "type", e.Type)
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	if e.Type == "confirmation" {
		answer(w, keys.Confirmation)
		return
	}
	h.store(w, r, e)
}

// allowed checks the secret in constant time. The confirmation request comes
// before VK knows the secret; a secret that is sent must be right even then.
func allowed(e eventShape, keys CallbackKeys) bool {
	if e.Type == "confirmation" && e.Secret == "" {
		return keys.Confirmation != ""
	}
	return keys.Secret != "" && subtle.ConstantTimeCompare([]byte(e.Secret), []byte(keys.Secret)) == 1
}

// store maps an event, has it committed and acknowledges it.
func (h Callback) store(w http.ResponseWriter, r *http.Request, e eventShape) {
	src, err := h.Finder.SourceByAddress(r.Context(), domain.VKCallback, strconv.FormatInt(e.GroupID, 10))
	if err != nil {
		h.busy(w, e, err)
		return
	}
	dropped, err := h.Policy.Drop(r.Context(), h.Sink, src)
	if err != nil {
		h.busy(w, e, err)
		return
	}
	if dropped != "" {
		h.count(e.Type, Outcome(dropped))
		answer(w, "ok")
		return
	}
	mapped := e.mapped(src)
	h.count(mapped.Type, mapped.Outcome)
	if mapped.Outcome == Unusable {
		h.log().Warn("event left out", "group", e.GroupID, "type", e.Type, "event", e.EventID)
	}
	if mapped.Outcome == Taken {
		if err := h.Sink.Push(r.Context(), h.batch(r.Context(), src, e.GroupID, mapped)); err != nil {
			h.busy(w, e, err)
			return
		}
	}
	answer(w, "ok")
}

func (h Callback) batch(ctx context.Context, src domain.Source, group int64, e Event) domain.Batch {
	now := h.Clock.Now()
	c := newCollector(now)
	c.event(e)
	b := c.batch
	b.Source, b.State, b.Reason, b.Activity = src, domain.SourceActive, "события приходят", src.Activity
	if e.Post != nil {
		b.Activity = ingest.Heard(b.Activity, e.Post.PublishedAt, now)
	}
	b.Posts = h.recall(ctx, src, group, b.Posts)
	return b
}

// busy asks VK to come again: 503 with Retry-After is honoured.
func (h Callback) busy(w http.ResponseWriter, e eventShape, err error) {
	h.log().Error("event not stored", "group", e.GroupID, "type", e.Type, "event", e.EventID, "err", err)
	w.Header().Set("Retry-After", strconv.Itoa(busySeconds))
	http.Error(w, "try again", http.StatusServiceUnavailable)
}

func answer(w http.ResponseWriter, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, s) // whoever hung up asks again
}
