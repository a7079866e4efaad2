package tgfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

const (
	retention = 86_400 * time.Second // Bot API, «Getting updates»
	// maxBatch is where an answer of getUpdates stops, whatever its limit.
	maxBatch = 1 << 22
	// sanity bounds of an offset (TQueue.cpp): outside them it is ignored.
	futureSlack = 10
	pastSlack   = 100_000
)

// update is what happened, before it has an id.
type update struct {
	kind    string
	payload any
	date    time.Time // of the message, or of its edit
	chat    int64
	post    domain.PostID // zero when it brings no post
}

// queued is an update waiting to be delivered and acknowledged.
type queued struct {
	id      int64
	body    json.RawMessage
	chat    int64
	expires time.Time
	post    domain.PostID
}

// queue is the bot's updates: ids grow by one, nothing lives longer than 24
// hours, and asking from an offset forgets what lies below it.
type queue struct {
	next    int64
	events  []queued
	allowed []string
}

func newQueue(first int64) queue {
	return queue{next: first, allowed: defaultAllowed()}
}

// defaultAllowed is everything a bot gets unasked: not chat_member, not reactions.
func defaultAllowed() []string {
	return []string{
		"message", "edited_message", "channel_post", "edited_channel_post", "inline_query", "callback_query",
		"poll", "poll_answer", "my_chat_member", "chat_join_request", "business_message", "new_kind",
	}
}

// push queues an update unless its type is not allowed or it is too old: a
// message of more than 24 hours ago is never delivered, a new edit of it is.
func (w *World) push(u update) {
	left := u.date.Add(w.opt.Retention).Sub(w.opt.Now())
	if !slices.Contains(w.queue.allowed, u.kind) || left <= 0 {
		return
	}
	id := w.queue.next
	w.queue.next++
	payload, err := json.Marshal(u.payload)
	if err != nil {
		payload = []byte("null")
	}
	body := fmt.Appendf(nil, `{"update_id":%d,%q:%s}`, id, u.kind, payload)
	w.queue.events = append(w.queue.events, queued{id: id, body: body, chat: u.chat, expires: w.opt.Now().Add(left), post: u.post})
	w.notify()
}

func (q *queue) expire(now time.Time) {
	q.events = slices.DeleteFunc(q.events, func(e queued) bool { return !e.expires.After(now) })
}

func (q *queue) head() int64 {
	if len(q.events) == 0 {
		return q.next
	}
	return q.events[0].id
}

// get forgets what lies below offset and returns what follows.
func (q *queue) get(offset int64, limit int, now time.Time) []queued {
	q.expire(now)
	if offset <= 0 {
		if offset < 0 { // counted from the end
			offset += q.next
		}
		offset = max(offset, q.head())
	}
	if offset > q.next+futureSlack || offset < q.head()-pastSlack {
		offset = q.head()
	}
	q.events = slices.DeleteFunc(q.events, func(e queued) bool { return e.id < offset })
	n, size := 0, 0
	for n < min(limit, len(q.events)) {
		if size += 50 + len(q.events[n].body); size > maxBatch {
			break
		}
		n++
	}
	return slices.Clone(q.events[:n])
}

func (q *queue) remove(id int64) {
	q.events = slices.DeleteFunc(q.events, func(e queued) bool { return e.id == id })
}
