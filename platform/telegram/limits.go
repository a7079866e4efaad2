package telegram

import (
	"context"
	"fmt"
)

// What Telegram lets a bot send, in messages a second. It publishes no exact
// numbers; these are the ones its FAQ and the bot libraries name (protocols.md,
// «Send limits»). retry_after of a 429 always wins.
const (
	SendPerSecond      = 30.0      // one bot, all chats
	ChatSendPerSecond  = 1.0       // one chat
	GroupSendPerSecond = 20.0 / 60 // one group, supergroup or channel
)

// PreviewPerSecond bounds page requests to t.me over all channels and all
// processes. No limit is published; one page in two seconds, one after the
// other, is what a reader might do.
const PreviewPerSecond = 0.5

// PreviewKey is the limiter key of all preview pages.
const PreviewKey = "telegram:preview"

// waitToSend waits for the bot's and the chat's turn. The keys hold the bot's
// id, never its token.
func (c *Client) waitToSend(ctx context.Context, chat int64) error {
	own := fmt.Sprintf("telegram:%d:chat:%d", c.id, chat)
	perSecond := ChatSendPerSecond
	if chat < 0 { // groups and channels have negative ids
		perSecond = GroupSendPerSecond
	}
	if err := c.limits.Wait(ctx, own, perSecond); err != nil {
		return fmt.Errorf("wait to send to chat: %w", err)
	}
	if err := c.limits.Wait(ctx, fmt.Sprintf("telegram:%d:send", c.id), SendPerSecond); err != nil {
		return fmt.Errorf("wait to send: %w", err)
	}
	return nil
}
