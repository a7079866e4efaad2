package reply

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
)

// MAX is what the courier of MAX calls, as one bot.
type MAX interface {
	SendMessage(ctx context.Context, s max.Send) (max.Message, error)
	EditMessage(ctx context.Context, mid string, s max.Send) error
	FindSent(ctx context.Context, l max.Look) (mid string, found bool, err error)
}

// MAXCourier answers in groups and private chats. MAX has no key, but lets a bot
// look at the chat: a repeat first looks for our own words since the first try.
type MAXCourier struct {
	// Client gives the bot that speaks and its number.
	Client func(ctx context.Context, d domain.Delivery) (MAX, int64, error)
}

// Send implements Courier.
func (c MAXCourier) Send(ctx context.Context, d domain.Delivery) (string, error) {
	chat, mid, err := max.Address(d.To)
	if err != nil {
		return "", unfit(d, whyUnfit)
	}
	if d.Way != domain.WayPublic {
		mid = "" // nobody else to mistake it for, and the question may be gone
	}
	client, bot, err := c.Client(ctx, d)
	if err != nil {
		return "", err
	}
	if d.Edits != "" { // to repeat it is harmless
		err := client.EditMessage(ctx, d.Edits, max.Send{To: max.Recipient{Chat: chat}, Text: d.Text})
		var pe *domain.PlatformError
		if errors.As(err, &pe) && pe.Reaction == domain.NeverRepeat && pe.Code == http.StatusNotFound {
			err = fmt.Errorf("%w: %w", ErrGone, err)
		}
		return d.Edits, err
	}
	if d.Attempt > 1 {
		sent, found, err := client.FindSent(ctx, max.Look{Chat: chat, Bot: bot, Text: d.Text, ReplyTo: mid, Since: d.Since, Known: d.Known})
		if err != nil || found {
			return sent, err
		}
	}
	m, err := client.SendMessage(ctx, max.Send{To: max.Recipient{Chat: chat}, Text: d.Text, ReplyTo: mid, Buttons: buttons(d.Buttons, maxButton)})
	if errors.Is(err, max.ErrUnclear) {
		return "", fmt.Errorf("%w: %w", ErrUnclear, err)
	}
	if err != nil {
		return "", err
	}
	return m.ID(), nil
}

func maxButton(b domain.Button) max.Button {
	return max.Button{Text: b.Label, Payload: b.Press, URL: b.URL}
}
