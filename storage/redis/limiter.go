package redis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/otklik/otklik/domain"
)

// reserve is the generic cell rate algorithm with reservation: every caller gets
// the next free slot and is told how long to wait for it, so callers are served
// in turn and nobody polls. Time is the server's, one for all processes.
// KEYS[1] the limit; ARGV[1] microseconds between two calls.
const reserve = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local step = tonumber(ARGV[1])
local slot = tonumber(redis.call('GET', KEYS[1]) or '0')
if slot < now then slot = now end
local keep = math.ceil((slot + step - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', slot + step), 'PX', keep)
return slot - now
`

// retryAfter is how long the limiter goes on alone before it asks Redis again.
const retryAfter = time.Second

// Limiter spaces calls over all processes that share a Redis. Without Redis it
// spaces those of this process at half the rate, because it cannot see others.
type Limiter struct {
	client *Client
	script *goredis.Script

	mu      sync.Mutex
	outage  domain.Outage
	askNext time.Time // not before this while alone
	slots   map[string]time.Time
}

// NewLimiter makes a limiter on a client. One is enough for a process.
func NewLimiter(c *Client) *Limiter {
	return &Limiter{client: c, script: goredis.NewScript(reserve), slots: map[string]time.Time{}}
}

// Wait blocks until one more call under key is allowed, at most perSecond calls
// a second over all processes, evenly spaced. It returns early only with the
// context's error. The key may hold a token: only its hash leaves the process.
func (l *Limiter) Wait(ctx context.Context, key string, perSecond float64) error {
	if perSecond <= 0 {
		return fmt.Errorf("rate limit of %v calls a second", perSecond)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("wait for a call: %w", err)
	}
	step := time.Duration(float64(time.Second) / perSecond)
	wait, err := l.shared(ctx, key, step)
	if err != nil {
		wait = l.own(key, 2*step)
	}
	return sleep(ctx, wait)
}

// errAlone: Redis did not answer a moment ago.
var errAlone = errors.New("redis is not asked for the moment")

// shared reserves a slot in Redis.
func (l *Limiter) shared(ctx context.Context, key string, step time.Duration) (time.Duration, error) {
	if l.waitingForRedis(time.Now()) {
		return 0, errAlone
	}
	us, err := l.script.Run(ctx, l.client.rdb, []string{limitKey(key)}, step.Microseconds()).Int64()
	if err != nil && ctx.Err() != nil {
		return 0, fmt.Errorf("reserve a call: %w", err) // not Redis's fault
	}
	l.note(err)
	if err != nil {
		return 0, fmt.Errorf("reserve a call: %w", err)
	}
	return time.Duration(us) * time.Microsecond, nil
}

func limitKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "otklik:limit:" + hex.EncodeToString(sum[:12])
}

func (l *Limiter) waitingForRedis(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outage.On() && now.Before(l.askNext)
}

// note says when Redis goes, once a minute while it is away, and when it is back.
func (l *Limiter) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if err == nil {
		if news, length := l.outage.Answered(now); news == domain.OutageEnds {
			l.client.log.Info("Redis answers again", "after", length.Round(time.Second))
		}
		return
	}
	l.askNext = now.Add(retryAfter)
	switch news, length := l.outage.Failed(now); news {
	case domain.OutageBegins:
		l.client.log.Warn("Redis does not answer: calls are spaced by this process alone, at half the rate", "err", err)
	case domain.OutageLasts:
		l.client.log.Warn("Redis still does not answer", "for", length.Round(time.Second), "err", err)
	case domain.OutageSilent, domain.OutageEnds:
	}
}

// own reserves a slot in this process.
func (l *Limiter) own(key string, step time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	slot := l.slots[key]
	if slot.Before(now) {
		slot = now
	}
	l.slots[key] = slot.Add(step)
	return slot.Sub(now)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait for a call: %w", ctx.Err())
	case <-t.C:
		return nil
	}
}
