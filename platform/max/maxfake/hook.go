package maxfake

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// How pushes are repeated (POST /subscriptions, «Политика повторных попыток»).
const (
	firstRetry  = 60 * time.Second
	growth      = 2.5
	maxRetries  = 10
	dropAfter   = 8 * time.Hour // without a success, and the subscription ends
	pushTimeout = 30 * time.Second
)

var secretLetters = regexp.MustCompile(`^[A-Za-z0-9_-]{5,256}$`)

// hook is a subscription. A push that failed waits while later ones pass it.
type hook struct {
	url, secret string
	types       []string
	since       time.Time // on the platform's clock
	pending     []*push
	failing     time.Time // of the first failure since the last success, on the machine's clock
	loseAnswers int
}

type push struct {
	queued
	tries  int
	due    time.Time // on the machine's clock
	flying bool
}

func (c *call) subscriptions() reply {
	list := []object{}
	for _, h := range c.bot.hooks {
		list = append(list, object{"url": h.url, "time": h.since.UnixMilli(), "update_types": h.types})
	}
	return reply{result: object{"subscriptions": list}}
}

func (c *call) subscribe() reply {
	var in struct {
		URL    string   `json:"url"`
		Types  []string `json:"update_types"`
		Secret string   `json:"secret"`
	}
	if err := c.decode(&in); err != nil || in.URL == "" {
		return badRequest("Missing required parameter: url")
	}
	u, err := url.Parse(in.URL)
	plain := c.w.opt.PlainHTTP && err == nil && u.Scheme == "http"
	if err != nil || !plain && (u.Scheme != "https" || u.Port() != "" && u.Port() != "443") {
		return badRequest("Webhook URL must be https on port 443")
	}
	if in.Secret != "" && !secretLetters.MatchString(in.Secret) {
		return badRequest("Invalid secret")
	}
	for _, h := range c.bot.hooks {
		if h.url == in.URL {
			h.types, h.secret = in.Types, in.Secret
			return succeeded()
		}
	}
	h := &hook{url: in.URL, secret: in.Secret, types: in.Types, since: c.w.opt.Now()}
	if len(c.bot.hooks) == 0 { // what waits for a long poll goes the new way (assumed)
		for _, q := range c.bot.queue {
			h.pending = append(h.pending, &push{queued: q})
		}
		c.bot.queue = nil
	}
	c.bot.hooks = append(c.bot.hooks, h)
	c.w.notify()
	return succeeded()
}

func (c *call) unsubscribe() reply {
	for i, h := range c.bot.hooks {
		if h.url == c.query["url"] {
			c.bot.drop(i)
			return succeeded()
		}
	}
	return reply{result: object{"success": false, "message": "Subscription not found"}}
}

// drop ends a subscription; what it still had waits for the long poll when it was
// the last.
func (b *Bot) drop(i int) {
	h := b.hooks[i]
	b.hooks = slices.Delete(b.hooks, i, i+1)
	if len(b.hooks) > 0 {
		return
	}
	for _, p := range h.pending {
		b.queue = append(b.queue, p.queued)
	}
}

// Subscribed tells whether the bot has any webhook.
func (b *Bot) Subscribed() bool {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	return len(b.hooks) > 0
}

// DropSubscriptions ends all of the bot's subscriptions, as MAX does after eight
// hours without an answer.
func (b *Bot) DropSubscriptions() {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	for len(b.hooks) > 0 {
		b.drop(0)
	}
}

// LosePushAnswers makes the next n answers to pushes get lost on the way back:
// MAX repeats an update it has delivered.
func (b *Bot) LosePushAnswers(n int) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	for _, h := range b.hooks {
		h.loseAnswers = n
	}
}

// deliver pushes updates until the World ends. Pushes run side by side, up to a
// hundred, so a later one may arrive before an earlier one.
func (w *World) deliver(ctx context.Context) {
	tick := time.NewTicker(scriptTick)
	defer tick.Stop()
	slots := make(chan struct{}, 100)
	for ctx.Err() == nil {
		w.mu.Lock()
		w.release()
		wake := w.wake
		for _, b := range w.bots {
			for _, h := range slices.Clone(b.hooks) {
				w.startDue(ctx, b, h, slots)
			}
		}
		w.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		}
	}
}

func (w *World) startDue(ctx context.Context, b *Bot, h *hook, slots chan struct{}) {
	now := time.Now()
	for _, p := range h.pending {
		if p.flying || now.Before(p.due) {
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			return
		}
		p.flying = true
		w.running.Go(func() {
			defer func() { <-slots }()
			status, err := w.post(ctx, h, p)
			w.landed(ctx, b, h, p, err == nil && status == http.StatusOK)
		})
	}
}

// landed notes how a push went.
func (w *World) landed(ctx context.Context, b *Bot, h *hook, p *push, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.flying = false
	if ctx.Err() != nil {
		return
	}
	if ok {
		w.served([]queued{p.queued})
		h.failing = time.Time{}
		if h.loseAnswers == 0 {
			h.pending = slices.DeleteFunc(h.pending, func(o *push) bool { return o == p })
			return
		}
		h.loseAnswers--
	}
	now := time.Now()
	if h.failing.IsZero() && !ok {
		h.failing = now
	}
	wait := firstRetry
	for range p.tries {
		wait = time.Duration(float64(wait) * growth)
	}
	p.tries++
	p.due = now.Add(w.scaled(wait))
	if p.tries > maxRetries {
		h.pending = slices.DeleteFunc(h.pending, func(o *push) bool { return o == p })
	}
	if !h.failing.IsZero() && now.Sub(h.failing) >= w.scaled(dropAfter) {
		if i := slices.Index(b.hooks, h); i >= 0 {
			b.drop(i)
		}
	}
}

func (w *World) post(ctx context.Context, h *hook, p *push) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(p.body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Max-Bot-Api-Secret", h.secret)
	}
	resp, err := w.opt.HTTP.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, nil
}
