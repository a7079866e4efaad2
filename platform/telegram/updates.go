package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
)

// Bounds of getUpdates (https://core.telegram.org/bots/api#getupdates; the
// server caps the timeout at 50 s).
const (
	MaxUpdates  = 100
	MaxLongPoll = 50 * time.Second
)

// longPollMargin is kept between the end of a long poll and the caller's
// deadline, so that the answer still arrives.
const longPollMargin = 2 * time.Second

// AllowedUpdates lists what we ask for. It is always sent: Telegram remembers
// the last list given, whoever gave it.
func AllowedUpdates() []string {
	return []string{
		models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage,
		models.AllowedUpdateChannelPost, models.AllowedUpdateEditedChannelPost,
		models.AllowedUpdateMyChatMember, models.AllowedUpdateCallbackQuery,
	}
}

// Update is one update, not yet understood. Payload is the object under Type.
type Update struct {
	ID      int64
	Type    string // "channel_post", …; empty when the update holds nothing
	Payload json.RawMessage
	Raw     json.RawMessage
}

// IsMessage reports whether the payload is a Message.
func (u Update) IsMessage() bool {
	switch u.Type {
	case models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage,
		models.AllowedUpdateChannelPost, models.AllowedUpdateEditedChannelPost:
		return true
	}
	return false
}

// IsEdit reports whether the update tells of a change to an older message.
func (u Update) IsEdit() bool {
	return u.Type == models.AllowedUpdateEditedMessage || u.Type == models.AllowedUpdateEditedChannelPost
}

// Updates is an answer of getUpdates. Odd ones never cost their neighbours:
// what has no update_id is only counted.
type Updates struct {
	List []Update
	Odd  int
}

// GetUpdates asks for updates from offset on and waits up to wait for the
// first. Asking from offset acknowledges everything below it, so offset must
// come from a committed cursor. A lower id than offset may come back: Telegram
// restarts the numbers after a quiet week.
func (c *Client) GetUpdates(ctx context.Context, offset int64, limit int, wait time.Duration) (Updates, error) {
	wait = longPoll(ctx, wait)
	params := map[string]any{
		"offset":          offset,
		"limit":           min(max(limit, 1), MaxUpdates),
		"timeout":         int(wait / time.Second),
		"allowed_updates": AllowedUpdates(),
	}
	result, err := c.call(ctx, "getUpdates", params, wait)
	if err != nil {
		return Updates{}, err
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(result, &raws); err != nil {
		return Updates{}, c.wireError(ctx, "getUpdates", fmt.Errorf("result is no list: %w", err))
	}
	var ups Updates
	for _, raw := range raws {
		u, err := ParseUpdate(raw)
		if err != nil {
			ups.Odd++
			continue
		}
		ups.List = append(ups.List, u)
	}
	return ups, nil
}

// longPoll fits the wait under the server's cap and the caller's deadline, in
// whole seconds.
func longPoll(ctx context.Context, wait time.Duration) time.Duration {
	wait = min(max(wait, 0), MaxLongPoll)
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, max(time.Until(deadline)-longPollMargin, 0))
	}
	return wait.Truncate(time.Second)
}

// ParseUpdate splits one update, as getUpdates or a webhook brings it. It fails
// only when there is no update_id to name it by.
func ParseUpdate(raw json.RawMessage) (Update, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return Update{}, fmt.Errorf("update is no object: %w", err)
	}
	u := Update{Raw: raw}
	id, ok := fields["update_id"]
	if !ok {
		return Update{}, errors.New("update has no update_id")
	}
	var err error
	if u.ID, err = updateID(id); err != nil {
		return Update{}, fmt.Errorf("update_id is no number: %w", err)
	}
	delete(fields, "update_id")
	u.Type = updateType(fields)
	u.Payload = fields[u.Type]
	return u, nil
}

// updateID reads a whole number, also one that a proxy or a later version has put
// into quotes or written as 1e3: without it the update cannot be acknowledged.
func updateID(raw json.RawMessage) (int64, error) {
	text := strings.Trim(string(raw), `"`)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err == nil && (f != math.Trunc(f) || math.Abs(f) > 1<<53) {
		err = fmt.Errorf("%q is not whole", text)
	}
	return int64(f), err
}

// updateType picks the one field beside update_id; if a later Bot API adds more
// of them, one that we know wins.
func updateType(fields map[string]json.RawMessage) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		if slices.Contains(AllowedUpdates(), name) {
			return name
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return names[0]
}
