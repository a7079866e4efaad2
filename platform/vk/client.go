package vk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"

	"github.com/otklik/otklik/domain"
)

// DefaultMethodURL is the base of the API since VK moved from .com to .ru.
const DefaultMethodURL = "https://api.vk.ru/method/"

// tooManyTries is how often a call refused for its pace (error 6) is tried
// before the source is told to slow down.
const tooManyTries = 3

// Config is what a client needs. Limiter and Quotas may be nil: then nothing
// limits the calls but VK itself.
type Config struct {
	MethodURL   string            // ends with a slash; empty: DefaultMethodURL
	Service     []Token           // for reading; more of them add up their quotas
	Communities []Token           // for own communities
	Transport   http.RoundTripper // empty: NewTransport(nil, nil)
	Limiter     Limiter
	Quotas      Quotas
	TooManyWait time.Duration // pause after error 6; 0: one second
	Log         *slog.Logger  // empty: silent
	// Now is the machine's time, by which refused tokens are set aside; nil: time.Now.
	Now func() time.Time
}

// Client calls the VK API. It is safe for concurrent use.
type Client struct {
	service  []Token
	groups   map[int64]Token
	sdk      map[string]*api.VK // by token id
	http     *http.Client       // for long polls
	limiter  Limiter
	quotas   Quotas
	slowDown time.Duration
	log      *slog.Logger
	turn     atomic.Uint64
	aside    *aside
}

// New makes a client. It calls nobody.
func New(cfg Config) *Client {
	if cfg.MethodURL == "" {
		cfg.MethodURL = DefaultMethodURL
	}
	if !strings.HasSuffix(cfg.MethodURL, "/") {
		cfg.MethodURL += "/"
	}
	if cfg.Transport == nil {
		cfg.Transport = NewTransport(nil, nil)
	}
	if cfg.TooManyWait == 0 {
		cfg.TooManyWait = time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Client{
		service: cfg.Service, groups: map[int64]Token{}, sdk: map[string]*api.VK{},
		http:    &http.Client{Transport: whole{next: cfg.Transport, anyType: true}},
		limiter: cfg.Limiter, quotas: cfg.Quotas, slowDown: cfg.TooManyWait, log: cfg.Log,
		aside: newAside(cfg.Now),
	}
	calls := &http.Client{Transport: whole{next: cfg.Transport}, Timeout: answerTimeout}
	for _, t := range cfg.Service {
		c.sdk[t.ID()] = newSDK(t, cfg.MethodURL, calls)
	}
	for _, t := range cfg.Communities {
		c.groups[t.Group] = t
		c.sdk[t.ID()] = newSDK(t, cfg.MethodURL, calls)
	}
	return c
}

// newSDK wraps one token. vksdk's limiter is off (Limit 0): it ignores contexts
// and knows this process only.
func newSDK(t Token, methodURL string, client *http.Client) *api.VK {
	sdk := api.NewVK(t.secret)
	sdk.MethodURL = methodURL
	sdk.Client = client
	sdk.Limit = 0
	return sdk
}

// CanRead reports whether there is a token for reading walls.
func (c *Client) CanRead() bool { return len(c.service) > 0 }

// HasCommunity reports whether there is a token of the community.
func (c *Client) HasCommunity(group int64) bool { _, ok := c.groups[group]; return ok }

// Communities are those there is a token of, in order.
func (c *Client) Communities() []int64 { return slices.Sorted(maps.Keys(c.groups)) }

// read calls a method with the service tokens in turn; a token whose quota is
// spent or that is refused gives way to the next, and a refused one is passed
// over for an hour. out receives the response.
func (c *Client) read(ctx context.Context, method string, params api.Params, out any) error {
	if len(c.service) == 0 {
		return noToken(method, "не задан сервисный ключ VK, читать стены нечем")
	}
	tokens := c.aside.usable(c.service, method)
	start := int(c.turn.Add(1) % uint64(len(tokens)))
	var last error
	for i := range tokens {
		t := tokens[(start+i)%len(tokens)]
		err := c.call(ctx, t, method, params, out)
		c.aside.note(t, method, err)
		why := tokenFit(err)
		if why == tokenFits {
			return err
		}
		if last == nil || tokenFit(last) != quotaSpent { // a working token that waits says more than a dead one
			last = err
		}
		c.log.Warn("token refused", "token", t, "method", method, "why", string(why), "tokens", len(tokens), "err", err)
	}
	return last
}

// asGroup calls a method with the token of an own community.
func (c *Client) asGroup(ctx context.Context, group int64, method string, params api.Params, out any) error {
	t, ok := c.groups[group]
	if !ok {
		return noToken(method, fmt.Sprintf("не задан ключ сообщества %d", group))
	}
	return c.call(ctx, t, method, params, out)
}

func noToken(method, words string) error {
	return &domain.PlatformError{
		Platform: domain.VK, Method: method, Reaction: domain.AskPerson, Words: words,
		Err: errors.New("no token for this call"),
	}
}

// call makes one call with one token and maps whatever happens to a reaction.
func (c *Client) call(ctx context.Context, t Token, method string, params api.Params, out any) error {
	err := c.tryCall(ctx, t, method, params, out)
	for try := 1; isCode(err, codeTooMany) && try < tooManyTries; try++ {
		if waitErr := pause(ctx, c.slowDown); waitErr != nil {
			return c.fault(ctx, method, waitErr)
		}
		err = c.tryCall(ctx, t, method, params, out)
	}
	if isCode(err, codeRateLimit) && c.quotas != nil {
		if parkErr := c.quotas.Park(ctx, t.ID(), method, "error 29"); parkErr != nil {
			return errors.Join(err, fmt.Errorf("park %s: %w", method, parkErr))
		}
	}
	return err
}

func (c *Client) tryCall(ctx context.Context, t Token, method string, params api.Params, out any) error {
	if err := c.admit(ctx, t, method); err != nil {
		return c.admitFault(ctx, method, err)
	}
	raw, err := c.sdk[t.ID()].Request(method, params.WithContext(ctx))
	if err != nil {
		return c.fault(ctx, method, err)
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return c.fault(ctx, method, err)
	}
	return nil
}

// admitFault keeps the store's and limiter's own errors apart from VK's.
func (c *Client) admitFault(ctx context.Context, method string, err error) error {
	if ctx.Err() != nil {
		return c.fault(ctx, method, err)
	}
	return fmt.Errorf("vk %s: %w", method, err)
}

func isCode(err error, code int) bool {
	var pe *domain.PlatformError
	return errors.As(err, &pe) && pe.Code == code
}
