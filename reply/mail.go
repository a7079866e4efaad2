package reply

import (
	"context"
	"errors"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/mail"
)

// Mail is what the courier of mail calls.
type Mail interface {
	Send(ctx context.Context, l mail.Letter) (id string, err error)
}

// MailCourier brings letters to mailboxes of people of the desk. SMTP has no way
// to look back: what is unclear stays so, and its Message-ID would tell a
// mailbox that a letter came twice.
type MailCourier struct{ Client Mail }

// Send implements Courier.
func (c MailCourier) Send(ctx context.Context, d domain.Delivery) (string, error) {
	if d.Email == "" {
		return "", &domain.PlatformError{Platform: domain.Mail, Method: "reply", Reaction: domain.NeverRepeat,
			Words: "у человека нет адреса почты", Err: errors.New("no mailbox")}
	}
	id, err := c.Client.Send(ctx, mail.Letter{ID: "otklik." + d.GUID, To: d.Email, Subject: d.Subject, Text: d.Text, At: d.Since})
	if errors.Is(err, mail.ErrUnclear) {
		return "", fmt.Errorf("%w: %w", ErrUnclear, err)
	}
	return id, err
}
