package max

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/otklik/otklik/domain"
)

// Paths of the Bot API.
const (
	pathMe            = "/me"
	pathUpdates       = "/updates"
	pathSubscriptions = "/subscriptions"
	pathMessages      = "/messages"
	pathAnswers       = "/answers"
	pathUploads       = "/uploads"
	pathChats         = "/chats/"
)

// result is the answer of methods that return nothing else.
type result struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

// do makes a call whose answer is only whether it went well. A refusal may come
// as 200.
func (c *Client) do(ctx context.Context, r request) error {
	var res result
	if err := c.call(ctx, r, &res); err != nil {
		return err
	}
	if !res.Success {
		return c.denied(r, res.Message)
	}
	return nil
}

// Me asks who the bot is; used to prove that a token lives.
func (c *Client) Me(ctx context.Context) (User, error) {
	var u User
	r := request{verb: http.MethodGet, path: pathMe}
	if err := c.call(ctx, r, &u); err != nil {
		return User{}, err
	}
	if u.ID == 0 {
		return User{}, c.strange(r, http.StatusOK, errors.New("the bot has no user_id"))
	}
	return u, nil
}

// GetChat tells of a group or channel the bot sits in.
func (c *Client) GetChat(ctx context.Context, chat int64) (Chat, error) {
	var out Chat
	return out, c.call(ctx, request{verb: http.MethodGet, path: pathChats + strconv.FormatInt(chat, 10)}, &out)
}

// Subscription is an address MAX pushes the bot's updates to.
type Subscription struct {
	URL   string   `json:"url"`
	Time  int64    `json:"time"`
	Types []string `json:"update_types"`
}

// Subscriptions lists where MAX pushes the bot's updates.
func (c *Client) Subscriptions(ctx context.Context) ([]Subscription, error) {
	var out struct {
		List []Subscription `json:"subscriptions"`
	}
	return out.List, c.call(ctx, request{verb: http.MethodGet, path: pathSubscriptions}, &out)
}

// Subscribe makes MAX push updates to address, which must be https on port 443,
// naming itself by secret. Saying it again changes nothing. MAX drops a
// subscription that was not answered for 8 hours.
func (c *Client) Subscribe(ctx context.Context, address, secret string) error {
	return c.do(ctx, request{verb: http.MethodPost, path: pathSubscriptions, body: map[string]any{
		"url": address, "update_types": UpdateTypes(), "secret": secret,
	}})
}

// Unsubscribe ends the pushes to an address.
func (c *Client) Unsubscribe(ctx context.Context, address string) error {
	return c.do(ctx, request{verb: http.MethodDelete, path: pathSubscriptions, query: url.Values{"url": {address}}})
}

// WebhookSecret is the secret the bot's webhook is registered with. It is derived
// from the token, so that every process knows it without one more setting, and
// from the bot's number, so that it opens this bot's address alone; it does not
// reveal the token.
func (c *Client) WebhookSecret(bot string) string { return WebhookSecret(c.token, bot) }

// WebhookSecret derives a webhook secret from a token and the bot's number. Its
// letters are those MAX allows: A-Z a-z 0-9 and the hyphen.
func WebhookSecret(token, bot string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("otklik max webhook " + bot))
	return hex.EncodeToString(mac.Sum(nil))
}

// ErrNoBot is in the chain of errors about a bot of which this process has no token;
// another may have it.
var ErrNoBot = errors.New("no token for this bot")

// noBot is the error for a bot of which there is no token.
func noBot(method, words string) error {
	return &domain.PlatformError{Platform: domain.MAX, Method: method, Reaction: domain.AskPerson, Words: words,
		Err: ErrNoBot}
}
