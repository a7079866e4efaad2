package max

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

const (
	// PerSecond is what MAX allows a bot, all methods together
	// (https://dev.max.ru/docs-api/methods/POST/uploads: 30 rps). A little below,
	// because a call that is early on the wire stands in the second before.
	PerSecond = 27.0
	// ChatSendPerSecond is ours: no limit of one chat is published, and nobody reads
	// faster than that.
	ChatSendPerSecond = 1.0
)

// pace waits for the bot's turn. The key holds a hash of the token, never itself.
// A long poll is waited for on the other side and needs no turn.
func (c *Client) pace(ctx context.Context, r request) error {
	if r.wait > 0 {
		return ctx.Err()
	}
	if err := c.limits.Wait(ctx, "max:"+c.TokenID(), PerSecond); err != nil {
		return fmt.Errorf("wait to call max: %w", err)
	}
	return nil
}

// admitSend waits for the chat's turn and takes one message from the day's.
func (c *Client) admitSend(ctx context.Context, to Recipient) error {
	key := "max:" + c.TokenID() + ":chat:" + strconv.FormatInt(to.Chat, 10)
	if to.Chat == 0 {
		key = "max:" + c.TokenID() + ":user:" + strconv.FormatInt(to.User, 10)
	}
	if err := c.limits.Wait(ctx, key, ChatSendPerSecond); err != nil {
		return fmt.Errorf("wait to send to chat: %w", err)
	}
	if c.quotas == nil || c.perDay <= 0 {
		return nil
	}
	if _, err := c.quotas.Spend(ctx, c.TokenID(), sendMethod, c.perDay); err != nil {
		return fmt.Errorf("max %s: %w", sendMethod, err)
	}
	return nil
}

const sendMethod = http.MethodPost + " " + pathMessages
