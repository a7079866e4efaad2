package vkfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Hook is a Callback API server of a community. Times are real.
type Hook struct {
	URL          string
	Secret       string
	Confirmation string        // what the server has to answer to «confirmation»
	RepeatEvery  int           // every n-th event is sent a second time though it was answered «ok»; 0: never
	RetryAfter   time.Duration // pause after the first failure, doubled each time up to a minute; 0: a second
	MaxPause     time.Duration // caps every pause, the receiver's Retry-After too; 0: three hours, as in VK
}

type hook struct {
	Hook
	count   int
	pending []push
	flying  int // taken from pending and not yet done with
}

type push struct {
	body   []byte
	post   domain.PostID
	tries  int
	after  time.Time
	repeat bool
}

// AddHook registers a server; from now on it gets the community's events while
// Run runs.
func (s *Server) AddHook(group int64, h Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.group(group)
	g.hooks = append(g.hooks, &hook{Hook: h})
}

// Confirm sends the «confirmation» event and checks the answer, as VK does when
// an administrator saves the address.
func (s *Server) Confirm(ctx context.Context, group int64, h Hook) error {
	body := mustJSON(map[string]any{"type": "confirmation", "group_id": group, "secret": h.Secret})
	answer, status, _, err := s.deliver(ctx, h.URL, push{body: body})
	if err != nil {
		return err
	}
	if status != http.StatusOK || strings.TrimSpace(answer) != h.Confirmation {
		return fmt.Errorf("server answered %d %q", status, answer)
	}
	return nil
}

// enqueue puts an event in line; the secret is added for this server alone.
func (h *hook) enqueue(e event, _ Community) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(e.body, &fields); err != nil {
		panic(fmt.Sprintf("vkfake: own event: %v", err))
	}
	if h.Secret != "" {
		fields["secret"] = mustJSON(h.Secret)
	}
	h.count++
	h.pending = append(h.pending, push{
		body: mustJSON(fields), post: e.post, repeat: h.RepeatEvery > 0 && h.count%h.RepeatEvery == 0,
	})
}

// Waiting counts the events that no server has answered with «ok» yet.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, g := range s.groups {
		for _, h := range g.hooks {
			n += len(h.pending) + h.flying
		}
	}
	return n
}

// pushDue delivers every event whose time has come. Events that failed wait
// while later ones pass them.
func (s *Server) pushDue(ctx context.Context) {
	for _, h := range s.allHooks() {
		for _, p := range s.takeDue(h) {
			if ctx.Err() == nil {
				p = s.tryPush(ctx, h, p)
			}
			s.land(h, p)
		}
	}
}

// land puts back what is left of an event to be sent.
func (s *Server) land(h *hook, p push) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.flying--
	if p.body != nil {
		h.pending = append(h.pending, p)
	}
}

func (s *Server) allHooks() []*hook {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*hook
	for _, g := range s.groups {
		all = append(all, g.hooks...)
	}
	return all
}

func (s *Server) takeDue(h *hook) []push {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due, later []push
	for _, p := range h.pending {
		if time.Now().Before(p.after) {
			later = append(later, p)
		} else {
			due = append(due, p)
		}
	}
	h.pending, h.flying = later, len(due)
	return due
}

// tryPush sends an event and returns what is left to send: the event after a
// failure, its repetition, or an empty push.
func (s *Server) tryPush(ctx context.Context, h *hook, p push) push {
	answer, status, after, err := s.deliver(ctx, h.URL, p)
	if err == nil && status == http.StatusOK && strings.TrimSpace(answer) == "ok" {
		if !p.post.IsZero() {
			s.ledger.Served(p.post)
		}
		if !p.repeat {
			return push{}
		}
		p.repeat = false
		p.tries++
		return p
	}
	p.tries++
	p.after = time.Now().Add(h.pause(after, p.tries))
	return p
}

// pause is the wait before the next try: what the receiver asked for, or longer.
func (h *hook) pause(asked time.Duration, tries int) time.Duration {
	first, most := h.RetryAfter, h.MaxPause
	if first == 0 {
		first = time.Second
	}
	if most == 0 {
		most = 3 * time.Hour
	}
	own := min(first<<min(tries-1, 10), max(first, time.Minute))
	return min(most, max(asked, own))
}

func (s *Server) deliver(ctx context.Context, url string, p push) (answer string, status int, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(p.body))
	if err != nil {
		return "", 0, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.tries > 0 {
		req.Header.Set("X-Retry-Counter", strconv.Itoa(p.tries))
	}
	resp, err := s.callback.Do(req)
	if err != nil {
		return "", 0, 0, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing to do about it
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if secs, convErr := strconv.Atoi(resp.Header.Get("Retry-After")); convErr == nil && delays(resp.StatusCode) {
		after = time.Duration(secs) * time.Second
	}
	return string(b), resp.StatusCode, after, err
}

// delays reports the statuses under which VK honours Retry-After.
func delays(status int) bool {
	return status == http.StatusGone || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}
