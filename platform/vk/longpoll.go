package vk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"
)

// LongPollServer is where the events of an own community wait, and from which
// event on. It is kept in a source's cursor; Key is of use for this queue only.
type LongPollServer struct {
	Server string `json:"server"`
	Key    string `json:"key"`
	TS     TS     `json:"ts"`
}

// TS is the number of an event. VK writes it as a string, and as a number in
// «failed» answers (protocols: Bots Long Poll).
type TS string

// UnmarshalJSON accepts both spellings.
func (t *TS) UnmarshalJSON(raw []byte) error {
	s := strings.Trim(string(raw), `"`)
	if s == "null" {
		s = ""
	}
	*t = TS(s)
	return nil
}

// LongPollAnswer is what a_check gave. Failed is 0, or 1 (history lost: go on
// from TS), 2 (key lapsed) or 3 (queue lost: new key and TS).
type LongPollAnswer struct {
	TS      TS                `json:"ts"`
	Updates []json.RawMessage `json:"updates"`
	Failed  int               `json:"failed"`
}

// longPollGrace is added to the wait before the line counts as dead.
const longPollGrace = 15 * time.Second

// GroupLongPollServer asks where to listen. It needs the community's own token.
func (c *Client) GroupLongPollServer(ctx context.Context, group int64) (LongPollServer, error) {
	const method = "groups.getLongPollServer"
	var s LongPollServer
	if err := c.asGroup(ctx, group, method, api.Params{"group_id": group}, &s); err != nil {
		return s, err
	}
	if s.Server == "" || s.Key == "" {
		return s, c.wireFault(method, errors.New("answer without server or key"))
	}
	return s, nil
}

// LongPoll waits at most wait for events after s.TS. It returns as soon as the
// context ends.
func (c *Client) LongPoll(ctx context.Context, s LongPollServer, wait time.Duration) (LongPollAnswer, error) {
	const method = "a_check"
	limited, cancel := context.WithTimeout(ctx, wait+longPollGrace)
	defer cancel()
	req, err := longPollRequest(limited, s, wait)
	if err != nil {
		return LongPollAnswer{}, c.wireFault(method, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return LongPollAnswer{}, c.fault(ctx, method, hideKey(err, s.Key))
	}
	defer resp.Body.Close() //nolint:errcheck // already read to the end by the transport
	var a LongPollAnswer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return LongPollAnswer{}, c.fault(ctx, method, err)
	}
	return a, nil
}

func longPollRequest(ctx context.Context, s LongPollServer, wait time.Duration) (*http.Request, error) {
	q := url.Values{
		"act": {"a_check"}, "key": {s.Key}, "ts": {string(s.TS)},
		"wait": {strconv.Itoa(int(wait / time.Second))},
	}
	server := s.Server
	if !strings.Contains(server, "://") {
		server = "https://" + server
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"?"+q.Encode(), http.NoBody)
	if err != nil {
		return nil, errors.New("bad long poll address") // the error would quote the key
	}
	return req, nil
}

// hideKey keeps the key out of the error's text and the error in its chain.
func hideKey(err error, key string) error {
	if key == "" || !bytes.Contains([]byte(plain(err)), []byte(key)) {
		return err
	}
	return fmt.Errorf("%s", hide(plain(err), key))
}
