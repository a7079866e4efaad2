package maxfake

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
)

// Bot is a bot with its updates and subscriptions.
type Bot struct {
	w        *World
	token    string
	id       int64
	name     string
	username string

	queue  []queued
	marker int64 // of the next update
	hooks  []*hook
	recent []time.Time // of calls, on the machine's clock
}

// queued is an update waiting for a long poll.
type queued struct {
	marker  int64
	kind    string
	body    json.RawMessage
	expires time.Time
	post    domain.PostID // zero when it brings no post
}

// Bot adds a bot.
func (w *World) Bot(id int64, token, username string) *Bot {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := &Bot{w: w, token: token, id: id, name: "Отклик", username: username, marker: 25_000_000 + id}
	w.bots[token] = b
	return b
}

// ID is the bot's number, the address of its sources.
func (b *Bot) ID() string { return strconv.FormatInt(b.id, 10) }

// Token is the bot's token.
func (b *Bot) Token() string { return b.token }

func (b *Bot) user() User {
	return User{ID: b.id, FirstName: b.name, Username: b.username, Bot: true}
}

// tell gives an update to a bot: to every webhook that wants its type, or, where
// there is none, to the queue of its long poll.
func (b *Bot) tell(kind string, o object, at time.Time, post domain.PostID) {
	o["update_type"], o["timestamp"] = kind, at.UnixMilli()
	body, err := json.Marshal(o)
	if err != nil {
		panic("maxfake: own update: " + err.Error())
	}
	u := queued{marker: b.marker, kind: kind, body: body, expires: b.w.opt.Now().Add(b.w.opt.Retention), post: post}
	b.marker++
	if len(b.hooks) == 0 {
		b.queue = append(b.queue, u)
	}
	for _, h := range b.hooks {
		if len(h.types) == 0 || slices.Contains(h.types, kind) {
			h.pending = append(h.pending, &push{queued: u})
		}
	}
	b.w.notify()
}

// Raw gives the bot an update of any type and shape.
func (b *Bot) Raw(kind string, o map[string]any) {
	b.w.at(time.Time{}, func(at time.Time) { b.tell(kind, o, at, domain.PostID{}) })
}

// Queued tells how many updates wait to be delivered or acknowledged.
func (b *Bot) Queued() int {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.release()
	b.expire()
	n := len(b.queue)
	for _, h := range b.hooks {
		n += len(h.pending)
	}
	return n
}

// JumpMarkers makes the next update have this marker.
func (b *Bot) JumpMarkers(next int64) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.marker = next
}

// SkipTo makes the next update have at least this marker.
func (b *Bot) SkipTo(marker int64) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.marker = max(b.marker, marker)
}

func (b *Bot) expire() {
	now := b.w.opt.Now()
	b.queue = slices.DeleteFunc(b.queue, func(q queued) bool { return !q.expires.After(now) })
}
