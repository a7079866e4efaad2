// Package maxfake is MAX as our tests and the demonstration need it: the Bot API
// of any number of bots with the platform's real habits (updates by marker or by
// webhook but never both, retries that let later updates overtake, a
// subscription lost after eight hours, times in milliseconds, message names that
// hold chat and time), with people, dialogs, groups and channels. What people do
// is scripted through World; what was served and received goes into a ledger.
//
// Habits are those of the platform's OpenAPI file 0.0.32 and of protocols.md,
// MAX; what neither says is marked «assumed».
package maxfake

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/otklik/otklik/platform/ledger"
)

// Options of a World. The zero value works.
type Options struct {
	Now       func() time.Time // the platform's clock; time.Now when nil
	Scale     float64          // of every wait on this side (long polls, retries); 1 when zero
	Limits    bool             // answer 429 to more than 30 calls a second of one bot
	PlainHTTP bool             // take webhook addresses without https and with any port, for loopback
	FromStart bool             // a long poll without a marker gets all that waits, not the latest: for feeds written before anybody asks
	Retention time.Duration    // how long updates wait for a long poll; a day when zero (assumed)
	Ledger    *ledger.Ledger   // may be nil
	HTTP      *http.Client     // for webhooks; nil = one of its own
}

// World is one MAX.
type World struct {
	opt Options

	mu       sync.Mutex
	bots     map[string]*Bot // by token
	chats    map[int64]*Chat
	messages map[string]*Message // by mid
	presses  map[string]press    // by callback id
	uploads  map[string]*upload  // by token
	notReady int                 // of pictures uploaded from now on
	script   []event             // not yet happened, by time
	scripted int                 // number of events ever added, keeps equal times in order
	counter  int64               // of message numbers, callbacks, uploads
	faults   []*Fault
	requests []Request
	wake     chan struct{} // closed and replaced when something happened
	closed   <-chan struct{}
	end      context.CancelFunc
	running  sync.WaitGroup
}

// New makes an empty World. Close it to end webhook deliveries and long polls.
func New(o Options) *World {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Retention == 0 {
		o.Retention = 24 * time.Hour
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	life, end := context.WithCancel(context.Background())
	w := &World{
		opt: o, bots: map[string]*Bot{}, chats: map[int64]*Chat{}, messages: map[string]*Message{},
		presses: map[string]press{}, uploads: map[string]*upload{},
		wake: make(chan struct{}), closed: life.Done(), end: end,
	}
	w.running.Go(func() { w.deliver(life) })
	return w
}

// Close ends everything that waits and waits for it.
func (w *World) Close() {
	w.end()
	w.running.Wait()
}

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
	if t.IsZero() {
		t = w.opt.Now()
	}
	w.scripted++
	e := event{at: t, no: w.scripted, do: do}
	i, _ := slices.BinarySearchFunc(w.script, e, func(a, b event) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return a.no - b.no
	})
	w.script = slices.Insert(w.script, i, e)
	w.release()
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

func (w *World) next() int64 {
	w.counter++
	return w.counter
}

func (w *World) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * w.opt.Scale)
}

// Request is one call the World was asked for.
type Request struct {
	Method string            // "POST /messages", …
	Query  map[string]string // of the address
	Body   string
}

// maxRequests bounds the list of calls: a demonstration runs for days.
const maxRequests = 10_000

// Requests lists the latest calls, oldest first.
func (w *World) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

func (w *World) note(r Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.requests) == maxRequests {
		w.requests = slices.Delete(w.requests, 0, maxRequests/2)
	}
	w.requests = append(w.requests, r)
}
