package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/go-telegram/bot/models"
)

// Me asks who the bot is; used to prove that a token lives.
func (c *Client) Me(ctx context.Context) (models.User, error) {
	var u models.User
	return u, c.into(ctx, "getMe", struct{}{}, &u)
}

// WebhookInfo tells where Telegram pushes the bot's updates, if anywhere.
func (c *Client) WebhookInfo(ctx context.Context) (models.WebhookInfo, error) {
	var w models.WebhookInfo
	return w, c.into(ctx, "getWebhookInfo", struct{}{}, &w)
}

// SetWebhook makes Telegram push updates to address, naming itself by secret
// (1–256 of A-Za-z0-9_-). One connection at a time: an edit then never
// overtakes the message it edits.
func (c *Client) SetWebhook(ctx context.Context, address, secret string) error {
	return c.into(ctx, "setWebhook", map[string]any{
		"url": address, "secret_token": secret,
		"max_connections": 1, "allowed_updates": AllowedUpdates(),
	}, nil)
}

// DeleteWebhook ends the pushes; what was not delivered waits for getUpdates.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	return c.into(ctx, "deleteWebhook", map[string]any{"drop_pending_updates": false}, nil)
}

// WebhookSecret is the secret this bot's webhook is registered with. It is
// derived from the token, so that every process knows it without one more
// setting, and does not reveal the token.
func (c *Client) WebhookSecret() string { return WebhookSecret(c.token) }

// WebhookSecret derives a webhook secret from a bot token.
func WebhookSecret(token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("otklik telegram webhook"))
	return hex.EncodeToString(mac.Sum(nil))
}

func (c *Client) into(ctx context.Context, method string, params, dest any) error {
	result, err := c.call(ctx, method, params, 0)
	if err != nil {
		return err
	}
	if dest == nil {
		return nil
	}
	if err := json.Unmarshal(result, dest); err != nil {
		return fmt.Errorf("decode %s: %w", method, err)
	}
	return nil
}
