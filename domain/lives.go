package domain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// LoopSilence is how long a loop that looks every few seconds may give no life sign:
// far longer than the slowest thing such a loop does.
const LoopSilence = 15 * time.Minute

// Lives take the life signs of a process's loops, so that one that hangs is found
// while the others go on. A nil *Lives takes none. It is safe for concurrent use.
type Lives struct {
	now   func() time.Time
	mu    sync.Mutex
	loops map[*Life]bool
}

// NewLives makes them by a clock of real time: a loop's silence is no business of
// the business clock.
func NewLives(now func() time.Time) *Lives {
	return &Lives{now: now, loops: map[*Life]bool{}}
}

// Life is the life sign of one loop. A nil *Life is of no account.
type Life struct {
	of      *Lives
	name    string
	about   string
	silence time.Duration
	last    time.Time
}

// Begin enters a loop, by its name and what it is about where several have one name;
// it may be silent for so long.
func (l *Lives) Begin(name, about string, silence time.Duration) *Life {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f := &Life{of: l, name: name, about: about, silence: silence, last: l.now()}
	l.loops[f] = true
	return f
}

// Beat says that the loop goes on.
func (f *Life) Beat() {
	if f == nil {
		return
	}
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.last = f.of.now()
}

// End says that the loop has ended as it should.
func (f *Life) End() {
	if f == nil {
		return
	}
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	delete(f.of.loops, f)
}

// Silent gives, by the loops' names, the longest silence as a share of what is
// allowed: above 1 a loop hangs.
func (l *Lives) Silent() map[string]float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]float64{}
	for f := range l.loops {
		out[f.name] = max(out[f.name], f.share())
	}
	return out
}

// Late names the loops that have been silent for longer than they may, in order.
func (l *Lives) Late() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	late := slices.SortedFunc(maps.Keys(l.loops), func(a, b *Life) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.about, b.about))
	})
	var out []string
	for _, f := range late {
		if f.share() > 1 {
			name := f.name
			if f.about != "" {
				name += " (" + f.about + ")"
			}
			out = append(out, fmt.Sprintf("%s: no life sign for %s", name, l.now().Sub(f.last).Round(time.Second)))
		}
	}
	return out
}

// share is of the silence that is allowed. The lock is held.
func (f *Life) share() float64 { return float64(f.of.now().Sub(f.last)) / float64(f.silence) }

// Forgive counts the silence of all loops anew: it was not theirs.
func (l *Lives) Forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.loops {
		f.last = l.now()
	}
}
