package max

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of GET /updates (https://dev.max.ru/docs-api/methods/GET/updates).
const (
	MaxUpdates  = 1000
	MaxLongPoll = 90 * time.Second
)

// longPollMargin is kept between the end of a long poll and the caller's
// deadline, so that the answer still arrives.
const longPollMargin = 2 * time.Second

// Types of update we ask for. The platform has more (users come and go, dialogs
// are muted); they tell nothing we need.
const (
	MessageCreated  = "message_created"
	MessageEdited   = "message_edited"
	MessageRemoved  = "message_removed"
	MessageCallback = "message_callback"
	BotAdded        = "bot_added"
	BotRemoved      = "bot_removed"
	BotStarted      = "bot_started"
	BotStopped      = "bot_stopped"
	DialogRemoved   = "dialog_removed"
)

// UpdateTypes lists what we ask for, always: a subscription without a list gets
// everything.
func UpdateTypes() []string {
	return []string{MessageCreated, MessageEdited, MessageRemoved, MessageCallback, BotAdded, BotRemoved, BotStarted, BotStopped, DialogRemoved}
}

// Update is one update, not yet understood. What it holds beside its type and
// time is decoded by whoever knows the type.
type Update struct {
	Type      string
	Timestamp int64 // milliseconds
	Raw       json.RawMessage
}

// At is when it happened.
func (u Update) At() time.Time { return Time(u.Timestamp) }

// Updates is an answer of GET /updates. Odd ones never cost their neighbours:
// what has no type is only counted. Marker is where to ask on; 0 = not said.
type Updates struct {
	List   []Update
	Odd    int
	Marker int64
}

// GetUpdates asks for the updates from marker on and waits up to wait for the
// first. A marker acknowledges everything before it, so it must come from a
// committed cursor. With 0 MAX gives the latest update only. The platform means
// this for trials; a webhook is its way for real work.
func (c *Client) GetUpdates(ctx context.Context, marker int64, limit int, wait time.Duration) (Updates, error) {
	wait = longPoll(ctx, wait)
	q := url.Values{
		"limit":   {strconv.Itoa(min(max(limit, 1), MaxUpdates))},
		"timeout": {strconv.Itoa(int(wait / time.Second))},
		"types":   {strings.Join(UpdateTypes(), ",")},
	}
	if marker != 0 {
		q.Set("marker", strconv.FormatInt(marker, 10))
	}
	var answer struct {
		Updates []json.RawMessage `json:"updates"`
		Marker  *int64            `json:"marker"`
	}
	r := request{verb: http.MethodGet, path: pathUpdates, query: q, wait: wait}
	if err := c.call(ctx, r, &answer); err != nil {
		return Updates{}, err
	}
	if answer.Updates == nil {
		return Updates{}, c.strange(r, http.StatusOK, errors.New("the answer has no list of updates"))
	}
	ups := Updates{}
	if answer.Marker != nil {
		ups.Marker = *answer.Marker
	}
	for _, raw := range answer.Updates {
		u, err := ParseUpdate(raw)
		if err != nil {
			ups.Odd++
			continue
		}
		ups.List = append(ups.List, u)
	}
	return ups, nil
}

// longPoll fits the wait under the platform's cap and the caller's deadline, in
// whole seconds.
func longPoll(ctx context.Context, wait time.Duration) time.Duration {
	wait = min(max(wait, 0), MaxLongPoll)
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, max(time.Until(deadline)-longPollMargin, 0))
	}
	return wait.Truncate(time.Second)
}

// ParseUpdate splits one update, as GET /updates or a webhook brings it. It fails
// only when there is no type to know it by.
func ParseUpdate(raw json.RawMessage) (Update, error) {
	var head struct {
		Type      string          `json:"update_type"`
		Timestamp json.RawMessage `json:"timestamp"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return Update{}, fmt.Errorf("update is no object with a type: %w", err)
	}
	if head.Type == "" {
		return Update{}, errors.New("update has no update_type")
	}
	u := Update{Type: head.Type, Raw: raw}
	_ = json.Unmarshal(head.Timestamp, &u.Timestamp) // an odd time is no time
	return u, nil
}
