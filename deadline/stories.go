package deadline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// StoryStore is what the job about stories needs of storage.
type StoryStore interface {
	// EventCases are the cases of events registered since then, in the order they came.
	EventCases(ctx context.Context, region string, since time.Time) ([]domain.EventCase, error)
	// PutEventStory opens a story or adds to it the cases that are in none; it answers
	// how many were added. A story that a person has closed takes none.
	PutEventStory(ctx context.Context, region string, s domain.EventStory, now time.Time) (int, error)
}

// When cases of one event in one place are one story.
const (
	storyBack  = 3 * 24 * time.Hour // how far the job looks back
	storyGap   = 12 * time.Hour     // a longer silence ends the event
	storyCases = 3
	storyRows  = 2 // of the decree, or topics outside it
)

// stories makes one story of the cases of one event (a storm: trees, power, roads). A
// case keeps its body and its term: a story only shows what belongs together. What a
// person has put into a story or taken out of one stays as they left it.
func (r *Runner) stories(ctx context.Context, region Region, _, now time.Time) (string, error) {
	cases, err := r.Store.EventCases(ctx, region.ID, now.Add(-storyBack))
	if err != nil {
		return "", fmt.Errorf("find cases of events: %w", err)
	}
	added := 0
	for _, s := range gather(cases, region) {
		n, err := r.Store.PutEventStory(ctx, region.ID, s, now)
		if err != nil {
			return "", fmt.Errorf("make the story %q: %w", s.Key, err)
		}
		added += n
	}
	return fmt.Sprintf("в сюжеты собрано инцидентов: %d", added), nil
}

// gather finds the events among cases that came in this order.
func gather(cases []domain.EventCase, region Region) []domain.EventStory {
	var order []*happening
	open := map[string]*happening{}
	for _, c := range cases {
		name := c.Event + "/" + c.Municipality
		h := open[name]
		if h == nil || c.At.Sub(h.last) > storyGap {
			h = &happening{subjects: map[string]bool{}, first: c}
			open[name] = h
			order = append(order, h)
		}
		h.add(c)
	}
	var out []domain.EventStory
	for _, h := range order {
		if s, ok := h.story(region); ok {
			out = append(out, s)
		}
	}
	return out
}

// happening is one event in one place.
type happening struct {
	first    domain.EventCase
	last     time.Time
	n        int
	subjects map[string]bool
	key      string // of the story there is
	closed   bool
	free     []int64
}

func (h *happening) add(c domain.EventCase) {
	h.last = c.At
	if c.Touched && c.StoryID == 0 {
		return // a person has taken it out: it is about something else
	}
	h.n++
	h.subjects[fmt.Sprint(c.Row, c.Topic)] = true
	switch {
	case c.StoryKey != "":
		h.key, h.closed = c.StoryKey, h.closed || c.StoryClosed
	case c.StoryID == 0:
		h.free = append(h.free, c.CaseID)
	}
}

// story is what becomes of the event; nothing where too little has happened, or all is
// said.
func (h *happening) story(region Region) (domain.EventStory, bool) {
	if h.closed || len(h.free) == 0 || h.key == "" && (h.n < storyCases || len(h.subjects) < storyRows) {
		return domain.EventStory{}, false
	}
	day := domain.DateOf(h.first.At, region.Zone)
	s := domain.EventStory{Key: h.key, Cases: h.free, Title: h.title(region, day)}
	if s.Key == "" {
		s.Key = fmt.Sprintf("%s/%s/%d", h.first.Event, h.first.Municipality, h.first.CaseID)
	}
	return s, true
}

func (h *happening) title(region Region, day domain.Date) string {
	words := []string{region.Events[h.first.Event], region.Places[h.first.Municipality]}
	for i, id := range []string{h.first.Event, h.first.Municipality} {
		if words[i] == "" { // the pack that knew it is gone
			words[i] = id
		}
	}
	return strings.Join(words, ", ") + ", " + day.Words()
}
