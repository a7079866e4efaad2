package telegram

import (
	"context"
	"errors"
	"net/url"
	"strings"
)

const redacted = "<token>"

// redact takes the token out of an error. The address of a Bot API call holds
// it, and url.Error repeats that address.
func (c *Client) redact(err error) error {
	if err == nil {
		return nil
	}
	secret := c.secretPart()
	var ue *url.Error
	if errors.As(err, &ue) {
		ue.URL = strings.ReplaceAll(ue.URL, secret, redacted)
	}
	if !strings.Contains(err.Error(), secret) {
		return err
	}
	return &redactedError{text: strings.ReplaceAll(err.Error(), secret, redacted), kind: kindOf(err)}
}

// secretPart is what must not leak; the bot id before it is public.
func (c *Client) secretPart() string {
	_, secret, _ := strings.Cut(c.token, ":")
	return secret
}

// redactedError keeps the text without the token and only such causes as are
// known not to hold one.
type redactedError struct {
	text string
	kind error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.kind }

func kindOf(err error) error {
	for _, k := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, k) {
			return k
		}
	}
	return nil
}
