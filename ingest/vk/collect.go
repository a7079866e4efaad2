package vkingest

import (
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// collector gathers what one pull brings. A pull may meet a post more than once,
// edited, deleted or restored in between: the batch holds each identity once, as
// it was met last.
type collector struct {
	now   time.Time
	batch domain.Batch
	at    map[domain.PostID]int // place in batch.Posts
	lost  map[domain.PostID]bool
	watch map[domain.PostID]int // place in batch.Watches
}

func newCollector(now time.Time) collector {
	return collector{now: now, at: map[domain.PostID]int{}, lost: map[domain.PostID]bool{}, watch: map[domain.PostID]int{}}
}

// add takes a post that is there. Its birth, told again, is older than what we
// have; one that its deletion has overtaken is stored with the mark.
func (c *collector) add(p domain.Post) {
	i, again := c.at[p.ID]
	if p.First && again {
		return
	}
	if again {
		c.batch.Posts[i] = p
	} else {
		c.at[p.ID] = len(c.batch.Posts)
		c.batch.Posts = append(c.batch.Posts, p)
	}
	if c.lost[p.ID] && !p.First {
		delete(c.lost, p.ID)
		c.batch.Deletions = slices.DeleteFunc(c.batch.Deletions, func(d domain.Deletion) bool { return d.ID == p.ID })
	}
}

// gone takes the fact that a post is no longer there. A post of the same batch
// stays in it: it is stored first and marked then.
func (c *collector) gone(id domain.PostID) {
	if !c.lost[id] {
		c.lost[id] = true
		c.batch.Deletions = append(c.batch.Deletions, domain.Deletion{ID: id, At: c.now})
	}
}

// look takes a watch that is set, moved or ended.
func (c *collector) look(w domain.Watch) {
	if i, again := c.watch[w.ID]; again {
		c.batch.Watches[i] = w
		return
	}
	c.watch[w.ID] = len(c.batch.Watches)
	c.batch.Watches = append(c.batch.Watches, w)
}

// end ends a watch: its end is put into the past.
func (c *collector) end(w domain.Watch) {
	w.Until, w.NextAt = c.now.Add(-time.Second), c.now
	c.look(w)
}

// event takes what came of an event.
func (c *collector) event(e Event) {
	if e.Post != nil {
		c.add(*e.Post)
	}
	if e.Deletion != nil {
		c.gone(*e.Deletion)
	}
}
