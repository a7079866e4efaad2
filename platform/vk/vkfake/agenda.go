package vkfake

import (
	"container/heap"
	"context"
	"time"
)

// agenda holds what is to happen at given times of the business clock.
type agenda struct {
	list appointments
	seq  int
}

type appointment struct {
	at  time.Time
	seq int // keeps things of the same moment in order
	do  func()
}

type appointments []appointment

func (a appointments) Len() int { return len(a) }
func (a appointments) Less(i, j int) bool {
	if a[i].at.Equal(a[j].at) {
		return a[i].seq < a[j].seq
	}
	return a[i].at.Before(a[j].at)
}
func (a appointments) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *appointments) Push(x any)   { *a = append(*a, x.(appointment)) }
func (a *appointments) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// schedule does something under the lock: at once when its time has come.
func (s *Server) schedule(at time.Time, do func()) {
	if !at.After(s.clock.Now()) {
		do()
		return
	}
	s.agenda.seq++
	heap.Push(&s.agenda.list, appointment{at: at, seq: s.agenda.seq, do: do})
}

// At lets something happen to the world when the clock gets there: an edit, a
// deletion, a pin. do must not keep the fake waiting.
func (s *Server) At(t time.Time, do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agenda.seq++
	// The lock is given back while do runs, because do uses the public methods.
	heap.Push(&s.agenda.list, appointment{at: t, seq: s.agenda.seq, do: func() {
		s.mu.Unlock()
		defer s.mu.Lock()
		do()
	}})
}

// Advance lets everything happen whose time has come. Requests do it by
// themselves; Run does it between them.
func (s *Server) Advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.agenda.list) > 0 && !s.agenda.list[0].at.After(s.clock.Now()) {
		heap.Pop(&s.agenda.list).(appointment).do()
	}
}

// tick is how often Run looks at the clock.
const tick = 20 * time.Millisecond

// Run keeps the world's time and pushes callbacks until the context ends.
func (s *Server) Run(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		s.Advance()
		s.pushDue(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
