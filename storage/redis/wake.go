package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Topics between processes.
const (
	TopicSources = "sources" // a source was added or resumed
	TopicPacks   = "packs"   // another pack is active
	TopicNotices = "notices" // a notice waits in the outbox
	TopicEvents  = "events"  // something happened that open desks show
)

// eventBuffer is how many events a slow listener may lag behind before it
// loses some.
const eventBuffer = 64

func channel(topic string) string { return "otklik:" + topic }

// Wake tells all listeners of a topic to look at the database now rather than
// later. It is lost when Redis is gone: they look by themselves in time.
func (c *Client) Wake(ctx context.Context, topic string) { c.Publish(ctx, topic, "") }

// Publish sends a live event to all listeners of a topic, or nobody.
func (c *Client) Publish(ctx context.Context, topic, payload string) {
	if err := c.rdb.Publish(ctx, channel(topic), payload).Err(); err != nil && ctx.Err() == nil {
		c.log.Debug("event not sent", "topic", topic, "err", err)
	}
}

// Wakes gives a signal for every wake-up of a topic; several that come together
// are one. It also gives one whenever the connection is made anew, because some
// may have been missed. The channel is closed when ctx ends.
func (c *Client) Wakes(ctx context.Context, topic string) <-chan struct{} {
	out := make(chan struct{}, 1)
	go c.listen(ctx, topic, func() { close(out) }, func(string) {
		select {
		case out <- struct{}{}:
		default: // one is waiting already
		}
	})
	return out
}

// Events gives the payloads published on a topic. A listener that does not keep
// up loses the newest. The channel is closed when ctx ends.
func (c *Client) Events(ctx context.Context, topic string) <-chan string {
	out := make(chan string, eventBuffer)
	go c.listen(ctx, topic, func() { close(out) }, func(payload string) {
		if payload == "" {
			return
		}
		select {
		case out <- payload:
		default:
		}
	})
	return out
}

// listen hands every message of a topic to fn until ctx ends, and "" for every
// time the subscription is made. go-redis connects again by itself.
func (c *Client) listen(ctx context.Context, topic string, done func(), fn func(payload string)) {
	defer done()
	sub := c.rdb.Subscribe(ctx, channel(topic))
	defer func() { _ = sub.Close() }()
	messages := sub.ChannelWithSubscriptions(goredis.WithChannelHealthCheckInterval(time.Second))
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-messages:
			if !ok {
				return
			}
			if msg, is := m.(*goredis.Message); is {
				fn(msg.Payload)
			} else {
				fn("")
			}
		}
	}
}
