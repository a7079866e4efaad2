// Package ledger records what a fake platform served and received, so that a
// test can compare it with what was stored and what was answered.
package ledger

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
)

// Entry is one line of the ledger.
type Entry struct {
	At   time.Time     `json:"at"`
	What string        `json:"what"` // "served", "reply"
	ID   domain.PostID `json:"id"`   // the post served, or the post replied to
	Text string        `json:"text,omitempty"`
	Key  string        `json:"key,omitempty"` // guid or random_id of a reply
}

// Ledger writes entries as JSON lines. Each id is written as served once.
type Ledger struct {
	mu     sync.Mutex
	out    io.Writer
	now    func() time.Time
	served map[domain.PostID]bool
	err    error
}

// New makes a ledger on out; out may be io.Discard.
func New(out io.Writer, now func() time.Time) *Ledger {
	return &Ledger{out: out, now: now, served: map[domain.PostID]bool{}}
}

// Served notes that a post left the fake in a complete answer.
func (l *Ledger) Served(id domain.PostID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.served[id] {
		return
	}
	l.served[id] = true
	l.write(Entry{At: l.now(), What: "served", ID: id})
}

// Reply notes something written to the platform.
func (l *Ledger) Reply(to domain.PostID, key, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(Entry{At: l.now(), What: "reply", ID: to, Key: key, Text: text})
}

// WasServed reports whether a post has left the fake.
func (l *Ledger) WasServed(id domain.PostID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.served[id]
}

// ServedIDs returns how many different posts were served.
func (l *Ledger) ServedIDs() []domain.PostID {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]domain.PostID, 0, len(l.served))
	for id := range l.served {
		ids = append(ids, id)
	}
	return ids
}

// Err is the first failure to write, if any.
func (l *Ledger) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *Ledger) write(e Entry) {
	if l.err != nil {
		return
	}
	if err := json.NewEncoder(l.out).Encode(e); err != nil {
		l.err = fmt.Errorf("write ledger: %w", err)
	}
}
