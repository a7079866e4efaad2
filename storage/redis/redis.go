// Package redis is what processes share for a moment: call rates, wake-ups and
// live events. It coordinates, it never remembers: emptied or gone, polling
// slows down and desks refresh by themselves, and nothing is lost.
package redis

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Time limits. Redis is near or it is gone: nobody waits long for it.
const (
	dialTimeout = time.Second
	callTimeout = 500 * time.Millisecond
)

// Client is a connection pool. It is safe for concurrent use.
type Client struct {
	rdb *goredis.Client
	log *slog.Logger
}

// Open prepares a client for redis://, rediss:// or unix://. It does not connect:
// a Redis that is not there yet is no reason not to start. log may be nil.
func Open(url string, log *slog.Logger) (*Client, error) {
	opts, err := goredis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("read the Redis address: %w", err)
	}
	opts.DialTimeout = dialTimeout
	opts.ReadTimeout = callTimeout
	opts.WriteTimeout = callTimeout
	opts.MaxRetries = 1
	opts.DialerRetries = 1
	opts.ContextTimeoutEnabled = true
	// A feature of one vendor's service that older servers and Valkey refuse.
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	silence()
	return &Client{rdb: goredis.NewClient(opts), log: log}, nil
}

// silence ends the library's own lines on standard error: it writes one for every
// failed dial, several a second. Every error reaches our callers as well.
//
//nolint:gochecknoglobals // the library knows one logger for the process
var silence = sync.OnceFunc(func() { goredis.SetLogger(nowhere{}) })

type nowhere struct{}

// Printf implements the library's logger.
func (nowhere) Printf(context.Context, string, ...any) {}

// Close ends all connections; listeners end with their contexts.
func (c *Client) Close() error {
	if err := c.rdb.Close(); err != nil {
		return fmt.Errorf("close Redis: %w", err)
	}
	return nil
}

// Ping asks for an answer, for the readiness page: Redis being gone slows
// things down, it stops nothing.
func (c *Client) Ping(ctx context.Context) error {
	if err := c.rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	return nil
}
