// Package wire holds what the clients of platforms share.
package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// NoRedirects copies a client (nil: a new one) so that it hands redirects back as
// answers: a token in the address or a header must go nowhere else.
func NoRedirects(h *http.Client) *http.Client {
	if h == nil {
		h = &http.Client{}
	}
	own := *h
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// Unlimited is a limiter that lets everything pass until the context ends.
type Unlimited struct{}

// Wait reports the context's error.
func (Unlimited) Wait(ctx context.Context, _ string, _ float64) error { return ctx.Err() }

var errTooBig = errors.New("answer is larger than allowed")

// ReadCapped reads an answer whole, or fails when it is larger than allowed.
func ReadCapped(r io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, errTooBig
	}
	return raw, nil
}
