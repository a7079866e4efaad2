package vkfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// event is one event of a community.
type event struct {
	id   string // event_id, the same whenever the event is sent again
	body json.RawMessage
	post domain.PostID // what readers of it have seen; zero when nothing
}

// Limits of a queue: VK keeps a short history and hands it out in portions.
const (
	queueKeeps   = 10000
	queuePortion = 100
)

// queue is a community's long poll: events first+1 … first+len(events).
type queue struct {
	key    string
	keys   int
	first  int64
	events []event
}

func (q *queue) reset() {
	q.keys++
	q.key = fmt.Sprintf("key%d", q.keys)
}

func (q *queue) ts() int64 { return q.first + int64(len(q.events)) }

// emit queues an event for long polls and callbacks of a community. The lock is held.
func (s *Server) emit(group int64, kind string, object any, post domain.PostID) {
	g := s.groups[group]
	if g == nil {
		return
	}
	id := fmt.Sprintf("e%d-%d-%d", group, g.queue.ts(), len(kind))
	body := mustJSON(map[string]any{"type": kind, "object": object, "group_id": group, "event_id": id, "v": "5.131"})
	e := event{id: id, body: body, post: post}
	g.queue.events = append(g.queue.events, e)
	if over := len(g.queue.events) - queueKeeps; over > 0 {
		g.queue.events = g.queue.events[over:]
		g.queue.first += int64(over)
	}
	for _, h := range g.hooks {
		h.enqueue(e, g.Community)
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// Emit sends an event of any type and shape to the community's listeners.
func (s *Server) Emit(group int64, kind string, object any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emit(group, kind, object, domain.PostID{})
}

func (s *Server) longPollServer(c *call) (any, *apiError) {
	id := c.num("group_id", 0)
	if id != c.group {
		return nil, &apiError{code: 15, msg: "Access denied: group_id is not of this token"}
	}
	g := s.group(id)
	return map[string]any{
		"key": g.queue.key, "server": fmt.Sprintf("http://%s%s%d", c.host, longPollPath, id), "ts": strconv.FormatInt(g.queue.ts(), 10),
	}, nil
}

// ExpireKey makes the next a_check fail with 2.
func (s *Server) ExpireKey(group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.group(group).queue.reset()
}

// LoseHistory forgets all queued events: a_check with an older ts fails with 1.
func (s *Server) LoseHistory(group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.group(group).queue
	q.first, q.events = q.ts(), nil
}

// LoseQueue forgets everything and starts a new row of numbers: a_check fails with 3.
func (s *Server) LoseQueue(group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.group(group).queue
	q.reset()
	q.first, q.events = q.ts()+100000, nil
	q.key += "-new"
}

func (s *Server) serveLongPoll(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, longPollPath), 10, 64)
	if err != nil || r.Form.Get("act") != "a_check" {
		http.NotFound(w, r)
		return
	}
	c := &call{method: "a_check", form: r.Form}
	f := s.takeFault(c.method, c.token)
	if f != nil && !f.before(w, r, c) {
		return
	}
	body := mustJSON(s.await(r, id, c))
	if f != nil && f.spoil(w, body) {
		return
	}
	if send(w, r, body) {
		for _, id := range c.served {
			s.ledger.Served(id)
		}
	}
}

// await waits for events as long as the caller asked.
func (s *Server) await(r *http.Request, id int64, c *call) map[string]any {
	wait := time.Duration(min(90, max(0, c.num("wait", 25)))) * time.Second
	if s.maxWait > 0 {
		wait = min(wait, s.maxWait)
	}
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	look := time.NewTicker(tick) // the business clock may reach an event meanwhile
	defer look.Stop()
	for over := false; ; {
		s.Advance()
		answer, changed := s.check(id, c, over)
		if answer != nil {
			return answer
		}
		select {
		case <-changed:
		case <-look.C:
		case <-deadline.C:
			over = true
		case <-r.Context().Done():
			over = true
		}
	}
}

// check gives the answer if there is one; with over, an empty one.
func (s *Server) check(id int64, c *call, over bool) (map[string]any, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[c.method]++
	q := &s.group(id).queue
	ts := c.num("ts", -1)
	switch key := c.form.Get("key"); {
	case key != q.key && strings.HasSuffix(q.key, "-new"):
		return map[string]any{"failed": 3}, nil
	case key != q.key:
		return map[string]any{"failed": 2}, nil
	case ts < q.first || ts > q.ts():
		return map[string]any{"failed": 1, "ts": q.ts()}, nil // a number here, text elsewhere
	case ts == q.ts() && !over:
		return nil, s.changed
	}
	updates := []json.RawMessage{}
	for _, e := range window(q.events, int(ts-q.first), queuePortion) {
		updates = append(updates, e.body)
		if !e.post.IsZero() {
			c.served = append(c.served, e.post)
		}
	}
	return map[string]any{"ts": strconv.FormatInt(ts+int64(len(updates)), 10), "updates": updates}, nil
}

// LastTS is the ts of a community's queue after everything that was written.
func (s *Server) LastTS(group int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.group(group).queue.ts()
}
