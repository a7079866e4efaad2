// Package tgfake is Telegram as our tests and the demonstration need it: the
// Bot API of one bot with the server's real habits (acknowledging by offset,
// long polls, conflicts, 24 hours of retention, webhooks with retries), and the
// public previews of channels under /s/. What people write is scripted through
// World; what was served and received goes into a ledger.
//
// Habits are those of telegram-bot-api 10.0 (Client.cpp, WebhookActor.cpp) as
// noted in protocols.md, «Server behaviour for the fake».
package tgfake

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otklik/otklik/platform/ledger"
)

// Options of a World. The zero value works.
type Options struct {
	Token         string           // "100200300:TEST" when empty
	Username      string           // of the bot, without @
	Now           func() time.Time // the platform's clock; time.Now when nil
	Scale         float64          // of every wait on this side (long polls, retries); 1 when zero
	Retention     time.Duration    // how long updates wait for the bot; Telegram's 24 hours when zero
	FirstUpdateID int64            // 1000 when zero
	PageSize      int              // ids on a preview page; 20 when zero
	SendLimits    bool             // answer 429 to more than a message a second into one chat
	Ledger        *ledger.Ledger   // may be nil
	HTTP          *http.Client     // for webhooks; nil = one of its own
}

// World is one Telegram: chats, messages, a bot and its queue of updates.
type World struct {
	opt   Options
	botID int64

	mu       sync.Mutex
	chats    map[int64]*Chat
	names    map[string]*Chat
	script   []event         // not yet happened, by time
	scripted int             // number of events ever added, keeps equal times in order
	groups   int             // media_group_id counter
	queries  int             // callback_query counter
	pressed  map[string]bool // callback queries without an answer
	queue    queue
	poll     pollState
	hook     *hook
	faults   []*Fault
	requests []Request
	lastSend map[int64]time.Time
	wake     chan struct{} // closed and replaced when something happened
	closed   <-chan struct{}
	end      context.CancelFunc
	running  sync.WaitGroup
}

// New makes an empty World. Close it to end webhook deliveries and long polls.
func New(o Options) *World {
	if o.Token == "" {
		o.Token = "100200300:TEST"
	}
	if o.Username == "" {
		o.Username = "otklik_test_bot"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Retention == 0 {
		o.Retention = retention
	}
	if o.FirstUpdateID == 0 {
		o.FirstUpdateID = 1000
	}
	if o.PageSize == 0 {
		o.PageSize = 20
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	head, _, _ := strings.Cut(o.Token, ":")
	id, _ := strconv.ParseInt(head, 10, 64)
	life, end := context.WithCancel(context.Background())
	w := &World{
		opt: o, botID: id,
		chats: map[int64]*Chat{}, names: map[string]*Chat{}, lastSend: map[int64]time.Time{}, pressed: map[string]bool{},
		queue: newQueue(o.FirstUpdateID),
		wake:  make(chan struct{}), closed: life.Done(), end: end,
	}
	w.running.Go(func() { w.deliver(life) })
	return w
}

// Close ends everything that waits and waits for it.
func (w *World) Close() {
	w.end()
	w.running.Wait()
}

// Token is the bot's token.
func (w *World) Token() string { return w.opt.Token }

// BotID is the bot's id, the address of its sources.
func (w *World) BotID() string { return strconv.FormatInt(w.botID, 10) }

// event is something scripted.
type event struct {
	at time.Time
	no int
	do func(at time.Time)
}

// at runs do when the platform's clock has reached the time; a zero time or one
// that has passed means now. The lock is held while do runs.
func (w *World) at(t time.Time, do func(at time.Time)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.opt.Now()
	if t.IsZero() {
		t = now
	}
	w.scripted++
	e := event{at: t, no: w.scripted, do: do}
	i, _ := slices.BinarySearchFunc(w.script, e, compareEvents)
	w.script = slices.Insert(w.script, i, e)
	w.release()
}

func compareEvents(a, b event) int {
	if c := a.at.Compare(b.at); c != 0 {
		return c
	}
	return a.no - b.no
}

// release lets everything happen whose time has come.
func (w *World) release() {
	now := w.opt.Now()
	n := 0
	for n < len(w.script) && !w.script[n].at.After(now) {
		n++
	}
	due := slices.Clone(w.script[:n])
	w.script = slices.Delete(w.script, 0, n)
	for _, e := range due {
		e.do(e.at)
	}
	if n > 0 {
		w.notify()
	}
}

func (w *World) notify() {
	close(w.wake)
	w.wake = make(chan struct{})
}

// Pending tells how many scripted events have not happened yet.
func (w *World) Pending() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.release()
	return len(w.script)
}

// Queued tells how many updates wait to be delivered or acknowledged.
func (w *World) Queued() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.release()
	w.queue.expire(w.opt.Now())
	return len(w.queue.events)
}

// NextUpdateID is the offset that acknowledges everything that was written.
func (w *World) NextUpdateID() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.release()
	return w.queue.next
}

// JumpUpdateIDs makes the next update have this id, as happens after a week
// without updates. What is queued keeps its id.
func (w *World) JumpUpdateIDs(next int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue.next = next
}

// SkipTo makes the next update and the next message of every group have at least
// this number: what had one in an earlier life of the World and is forgotten shares
// it with nobody.
func (w *World) SkipTo(number int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue.next = max(w.queue.next, number)
	for _, c := range w.chats {
		if c.kind != private {
			c.next = max(c.next, int(number))
		}
	}
}

// RawUpdate queues an update of any type with any payload.
func (w *World) RawUpdate(kind string, payload any) {
	w.at(time.Time{}, func(at time.Time) {
		w.push(update{kind: kind, payload: payload, date: at})
	})
}

func (w *World) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * w.opt.Scale)
}

// Request is one call the World was asked for.
type Request struct {
	Method string // "getUpdates", "preview", …
	Args   map[string]string
}

// maxRequests bounds the list of calls: a demonstration runs for days.
const maxRequests = 10_000

// Requests lists the latest calls, oldest first.
func (w *World) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

func (w *World) note(method string, args map[string]string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.requests) == maxRequests {
		w.requests = slices.Delete(w.requests, 0, maxRequests/2)
	}
	w.requests = append(w.requests, Request{method, args})
}

// Handler serves the Bot API (/bot<token>/<method>) and the previews
// (/s/<channel>, /<channel>).
func (w *World) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{bot}/{method}", func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.PathValue("bot"), "bot") {
			http.NotFound(rw, r)
			return
		}
		w.serveAPI(rw, r)
	})
	mux.HandleFunc("/s/{channel}", w.servePreview)
	mux.HandleFunc("/{channel}", w.serveLanding)
	return mux
}
