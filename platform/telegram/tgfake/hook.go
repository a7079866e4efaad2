package tgfake

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Waits between two tries of one update (WebhookActor.cpp).
const (
	firstRetry  = time.Second
	lastRetry   = 60 * time.Second
	maxAskedFor = 3600           // seconds of Retry-After that are honoured
	goneAfter   = 23 * time.Hour // of 410 Gone, and the webhook is removed
	pushTimeout = 60 * time.Second
)

var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// hook is an active webhook. One update of a chat is pushed at a time, others
// chats' updates do not wait for it.
type hook struct {
	url, secret string
	later       map[int64]pause // by chat
	lastError   string
	lastErrorAt time.Time
	goneSince   time.Time // on the platform's clock; zero when not gone
	loseAnswers int
}

// pause is how long a chat's next update waits, on the machine's clock.
type pause struct {
	until time.Time
	delay time.Duration
}

func (w *World) setWebhook(args map[string]string) reply {
	if s, ok := args["secret_token"]; ok && !secretToken.MatchString(s) {
		return failed(400, "Bad Request: secret token contains unallowed characters")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hook = nil
	if args["url"] == "" {
		return reply{result: true}
	}
	if w.poll.abort != nil {
		w.poll.abort <- conflictSet
		w.poll.abort = nil
	}
	w.allow(args["allowed_updates"])
	w.hook = &hook{url: args["url"], secret: args["secret_token"], later: map[int64]pause{}}
	w.notify()
	return reply{result: true}
}

func (w *World) deleteWebhook(args map[string]string) reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hook = nil
	if args["drop_pending_updates"] == "true" {
		w.queue.events = nil
	}
	return reply{result: true}
}

func (w *World) webhookInfo() reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue.expire(w.opt.Now())
	o := object{"url": "", "has_custom_certificate": false, "pending_update_count": len(w.queue.events)}
	if w.hook != nil {
		o["url"], o["allowed_updates"] = w.hook.url, w.queue.allowed
		if w.hook.lastError != "" {
			o["last_error_message"], o["last_error_date"] = w.hook.lastError, w.hook.lastErrorAt.Unix()
		}
	}
	return reply{result: o}
}

// LosePushAnswers makes the next n answers to pushes get lost on the way back:
// Telegram repeats an update it already delivered.
func (w *World) LosePushAnswers(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hook != nil {
		w.hook.loseAnswers = n
	}
}

// deliver pushes updates, whenever there is a webhook, until the World ends.
func (w *World) deliver(ctx context.Context) {
	tick := time.NewTicker(scriptTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		w.mu.Lock()
		h, wake := w.hook, w.wake
		var e queued
		if h != nil {
			w.release()
			e = w.nextPush(h)
		}
		w.mu.Unlock()
		if e.id != 0 {
			w.push1(ctx, h, e)
			continue
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		}
	}
}

// nextPush is the oldest update whose chat does not have to wait; zero when
// there is none.
func (w *World) nextPush(h *hook) queued {
	w.queue.expire(w.opt.Now())
	now := time.Now()
	for _, e := range w.queue.events {
		if !now.Before(h.later[e.chat].until) {
			return e
		}
	}
	return queued{}
}

// push1 tries one update and notes how it went.
func (w *World) push1(ctx context.Context, h *hook, e queued) {
	status, retryAfter, err := w.post(ctx, h, e)
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil || w.hook != h || w.gone(h, status) {
		return
	}
	if err == nil && status >= 200 && status < 300 {
		w.served([]queued{e})
		if h.loseAnswers == 0 {
			w.queue.remove(e.id)
			delete(h.later, e.chat)
			return
		}
		h.loseAnswers--
	}
	h.lastErrorAt = w.opt.Now()
	h.lastError = "Wrong response from the webhook: " + strconv.Itoa(status) + " " + http.StatusText(status)
	if err != nil {
		h.lastError = "Connection refused"
	}
	delay := min(max(2*h.later[e.chat].delay, w.scaled(firstRetry)), w.scaled(lastRetry))
	until := delay
	if retryAfter > 0 {
		until = w.scaled(time.Duration(min(retryAfter, maxAskedFor)) * time.Second)
	}
	h.later[e.chat] = pause{until: time.Now().Add(until), delay: delay}
}

// gone removes a webhook that has said 410 for almost a day.
func (w *World) gone(h *hook, status int) bool {
	now := w.opt.Now()
	switch {
	case status != http.StatusGone:
		h.goneSince = time.Time{}
	case h.goneSince.IsZero():
		h.goneSince = now
	case now.Sub(h.goneSince) >= goneAfter:
		w.hook = nil
		return true
	}
	return false
}

func (w *World) post(ctx context.Context, h *hook, e queued) (status, retryAfter int, err error) {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(e.body))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := w.opt.HTTP.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	retryAfter, _ = strconv.Atoi(resp.Header.Get("Retry-After"))
	return resp.StatusCode, retryAfter, nil
}
