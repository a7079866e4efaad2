// Package max speaks to the Bot API of MAX (https://dev.max.ru/docs-api): reads
// updates by long poll, registers webhooks, sends, edits and deletes messages,
// looks at a chat, answers buttons, uploads pictures.
//
// The client is our own. github.com/max-messenger/max-bot-api-client-go v1.6.24
// was tried and left aside: it retries sends by itself, which posts twice after a
// lost answer; it drops Retry-After and the path of the base address; it takes a
// long poll that timed out for an empty one; it logs to the standard logger; and
// it knows only the types of update it was built with. What we call is checked
// against the platform's OpenAPI file by a test.
//
// No error or log line of this package holds the bot's token.
package max

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/platform/wire"
)

// DefaultURL is where MAX answers when the configuration names nothing else. The
// host before it, platform-api.max.ru, ends (protocols.md, MAX).
const DefaultURL = "https://platform-api2.max.ru"

const (
	callTimeout = 20 * time.Second // of a call that does not wait on the other side
	// 1,000 updates of 4,000 characters are some megabytes; this is surely none.
	maxAnswer = 16 << 20
	// What MAX asks us to wait is believed up to this.
	maxRetryAfter = time.Hour
)

// Limiter waits until one more call under key is allowed, at most perSecond
// calls a second over all processes, or returns the context's error.
type Limiter interface {
	Wait(ctx context.Context, key string, perSecond float64) error
}

// Quotas are daily counters that outlive processes. Spend takes one call; its
// error is a *domain.PlatformError with ParkToday when nothing is left.
type Quotas interface {
	Spend(ctx context.Context, token, method string, perDay int64) (left int64, err error)
}

// Config is what a Client needs.
type Config struct {
	Token   string       // as the platform for partners shows it
	URL     string       // DefaultURL when empty
	HTTP    *http.Client // nil = a client of its own; its redirects are never followed
	Limiter Limiter      // nil = none (a process of its own must not do that)
	Quotas  Quotas       // nil = none; with SendPerDay
	// SendPerDay is our own ceiling of messages a day, 0 = none: MAX publishes no
	// daily limit, but a loop that has gone wild must end somewhere.
	SendPerDay int64
	// Timeout of a call; callTimeout when zero.
	Timeout time.Duration
}

// Client calls the Bot API as one bot. It is safe for concurrent use.
type Client struct {
	token   string
	url     string
	http    *http.Client
	limits  Limiter
	quotas  Quotas
	perDay  int64
	timeout time.Duration
}

// New makes a client. It calls nobody; a token that cannot be one is refused.
func New(c Config) (*Client, error) {
	if c.Token == "" || strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("max token must be one word of printable ASCII")
	}
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.Limiter == nil {
		c.Limiter = wire.Unlimited{}
	}
	if c.Timeout == 0 {
		c.Timeout = callTimeout
	}
	return &Client{
		token: c.Token, url: strings.TrimRight(c.URL, "/"), http: wire.NoRedirects(c.HTTP),
		limits: c.Limiter, quotas: c.Quotas, perDay: c.SendPerDay, timeout: c.Timeout,
	}, nil
}

// TokenID names the token in limits, quotas and logs without giving it away.
func (c *Client) TokenID() string {
	sum := sha256.Sum256([]byte(c.token))
	return hex.EncodeToString(sum[:6])
}

// request is one call. wait is how long MAX may hold the answer back beyond the
// usual; paced calls wait for the bot's turn.
type request struct {
	verb, path string
	query      url.Values
	body       any // nil = none
	wait       time.Duration
}

// method is how a call is named in errors: «POST /messages».
func (r request) method() string { return r.verb + " " + r.path }

// call makes one call and decodes the answer into out (nil = not wanted).
func (c *Client) call(ctx context.Context, r request, out any) error {
	if err := c.pace(ctx, r); err != nil {
		return err
	}
	var body io.Reader
	if r.body != nil {
		raw, err := json.Marshal(r.body)
		if err != nil {
			return fmt.Errorf("encode %s: %w", r.method(), err)
		}
		body = bytes.NewReader(raw)
	}
	address := c.url + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	timed, cancel := context.WithTimeout(ctx, r.wait+c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(timed, r.verb, address, body)
	if err != nil {
		return fmt.Errorf("build %s: %w", r.method(), err)
	}
	req.Header.Set("Authorization", c.token) // as it is, without «Bearer»
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.exchange(ctx, req, r, out)
}

// exchange sends the request and reads the whole answer.
func (c *Client) exchange(ctx context.Context, req *http.Request, r request, out any) error {
	resp, err := c.http.Do(req)
	if err != nil {
		return c.wireError(ctx, r, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	raw, err := wire.ReadCapped(resp.Body, maxAnswer)
	if err != nil {
		return c.wireError(ctx, r, err)
	}
	if resp.StatusCode != http.StatusOK {
		return c.refused(r, resp, raw)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return c.strange(r, resp.StatusCode, fmt.Errorf("answer is not the JSON expected: %w", err))
	}
	return nil
}

// retryAfter reads the header's seconds; dates and nonsense count as unsaid.
func retryAfter(h string) time.Duration {
	n, err := strconv.Atoi(h)
	if err != nil || n <= 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxRetryAfter)
}
