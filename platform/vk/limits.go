package vk

import (
	"context"
	"time"
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
	Left(ctx context.Context, token, method string, perDay int64) (left int64, err error)
	Park(ctx context.Context, token, method, reason string) error
}

// Calls a second by kind of token. The service token's figure is the careful one:
// an older page of the documentation says five.
const (
	ServicePerSecond   = 3
	CommunityPerSecond = 20
)

// Daily quotas of one token (https://github.com/SevereCloud/vk-limits).
const (
	WallGetPerDay        = 5000
	WallSearchPerDay     = 1000
	NewsfeedSearchPerDay = 1000
)

// PerDay is the daily quota of a method for one token; 0 means that none is known.
func PerDay(method string) int64 {
	switch method {
	case "wall.get":
		return WallGetPerDay
	case "wall.search":
		return WallSearchPerDay
	case "newsfeed.search":
		return NewsfeedSearchPerDay
	}
	return 0
}

// Left sums what the reading tokens that work may still spend on a method today.
// perDay is 0 and left -1 when the method has no daily quota.
func (c *Client) Left(ctx context.Context, method string) (left, perDay int64, err error) {
	limit := PerDay(method)
	if limit == 0 || c.quotas == nil {
		return -1, 0, nil
	}
	for _, t := range c.aside.usable(c.service, method) {
		n, err := c.quotas.Left(ctx, t.ID(), method, limit)
		if err != nil {
			return 0, 0, err
		}
		left += max(0, n)
		perDay += limit
	}
	return left, perDay, nil
}

// admit waits for the token's turn and takes one call from its daily quota.
func (c *Client) admit(ctx context.Context, t Token, method string) error {
	if err := c.wait(ctx, t); err != nil {
		return err
	}
	limit := PerDay(method)
	if limit == 0 || c.quotas == nil {
		return nil
	}
	_, err := c.quotas.Spend(ctx, t.ID(), method, limit)
	return err
}

func (c *Client) wait(ctx context.Context, t Token) error {
	if c.limiter == nil {
		return nil
	}
	return c.limiter.Wait(ctx, "vk:"+t.ID(), t.perSecond())
}

// pause sleeps for d of real time unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
