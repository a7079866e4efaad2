// Package telegram speaks to the Telegram Bot API and to the public channel
// previews on t.me. Reading is our own code, because an update may only be
// acknowledged after it was stored; models and sending are go-telegram/bot.
//
// No error or log line of this package holds the bot's token.
package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/wire"
)

// Where Telegram answers when the configuration names nothing else.
const (
	DefaultURL        = "https://api.telegram.org"
	DefaultPreviewURL = "https://t.me"
)

const (
	callTimeout = 20 * time.Second // of a call that does not wait on the other side
	// An answer of getUpdates ends at 4 MiB (telegram-bot-api, Client.cpp,
	// JsonUpdates); twice that is surely not one.
	maxAnswer = 8 << 20
)

// Limiter waits until one more call under key is allowed, at most perSecond
// calls a second over all processes, or returns the context's error.
type Limiter interface {
	Wait(ctx context.Context, key string, perSecond float64) error
}

// Config is what a Client needs.
type Config struct {
	Token   string       // "<bot id>:<secret>"
	URL     string       // DefaultURL when empty
	HTTP    *http.Client // nil = a client of its own; its redirects are never followed
	Limiter Limiter      // of sending; nil = none (a process of its own must not do that)
}

// Client calls the Bot API as one bot. It is safe for concurrent use.
type Client struct {
	id     int64
	token  string
	url    string
	http   *http.Client
	limits Limiter
	sender *bot.Bot
}

// New makes a client. It calls nobody; a token that cannot be one is refused.
func New(c Config) (*Client, error) {
	id, err := botID(c.Token)
	if err != nil {
		return nil, err
	}
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.Limiter == nil {
		c.Limiter = wire.Unlimited{}
	}
	cl := &Client{id: id, token: c.Token, url: strings.TrimRight(c.URL, "/"), http: wire.NoRedirects(c.HTTP), limits: c.Limiter}
	cl.sender, err = bot.New(c.Token,
		bot.WithServerURL(cl.url),
		bot.WithSkipGetMe(),
		bot.WithHTTPClient(callTimeout, cl.http),
		bot.WithErrorsHandler(func(error) {})) // every error also comes back from the call
	if err != nil {
		return nil, fmt.Errorf("make telegram sender: %w", cl.redact(err))
	}
	return cl, nil
}

// ID is the bot's id: the part of the token before the colon.
func (c *Client) ID() int64 { return c.id }

func botID(token string) (int64, error) {
	head, tail, ok := strings.Cut(token, ":")
	id, err := strconv.ParseInt(head, 10, 64)
	if !ok || err != nil || id <= 0 || tail == "" {
		return 0, errors.New("telegram token must look like <bot id>:<secret>")
	}
	return id, nil
}

// answer is the envelope of every Bot API answer
// (https://core.telegram.org/bots/api#making-requests).
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// call posts params as JSON and returns the result. wait is how long the
// platform may hold the answer back beyond the usual.
func (c *Client) call(ctx context.Context, method string, params any, wait time.Duration) (json.RawMessage, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", method, err)
	}
	timed, cancel := context.WithTimeout(ctx, wait+callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(timed, http.MethodPost, c.url+"/bot"+c.token+"/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, c.redact(fmt.Errorf("build %s: %w", method, err))
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.wireError(ctx, method, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := wire.ReadCapped(resp.Body, maxAnswer)
	if err != nil {
		return nil, c.wireError(ctx, method, err)
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, c.notJSON(method, resp, err)
	}
	if !a.OK {
		return nil, c.apiError(method, a)
	}
	return a.Result, nil
}

// wireError is a call that brought no whole answer: cut, refused, timed out.
// The caller's own cancellation is no fault of the platform and stays itself.
func (c *Client) wireError(ctx context.Context, method string, err error) error {
	err = c.redact(err)
	if ctx.Err() != nil {
		return fmt.Errorf("telegram %s: %w", method, ctx.Err())
	}
	return &domain.PlatformError{
		Platform: domain.Telegram, Method: method, Reaction: domain.RetryLater,
		Words: "Telegram не отвечает: соединение не установлено или оборвалось", Err: err,
	}
}

// notJSON is an answer of something between us and the Bot API: a proxy, a
// balancer, a captive page. Its status is all we believe.
func (c *Client) notJSON(method string, resp *http.Response, err error) error {
	a := answer{ErrorCode: resp.StatusCode, Description: http.StatusText(resp.StatusCode)}
	if s, convErr := strconv.Atoi(resp.Header.Get("Retry-After")); convErr == nil {
		a.Parameters.RetryAfter = s
	}
	if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests {
		return c.apiError(method, a)
	}
	return &domain.PlatformError{
		Platform: domain.Telegram, Method: method, Code: resp.StatusCode, Reaction: domain.RetryLater,
		Words: "вместо Telegram ответил кто-то другой: проверьте прокси и адрес сервера",
		Err:   fmt.Errorf("answer is not JSON: %w", err),
	}
}
