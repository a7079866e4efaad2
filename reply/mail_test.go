package reply_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/mail"
	"github.com/otklik/otklik/platform/mail/mailfake"
	"github.com/otklik/otklik/reply"
)

// A letter is tried again while the server says so, given up when it says so, and
// never sent twice when nobody can tell.
func TestLettersByMail(t *testing.T) {
	server, err := mailfake.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	client, err := mail.New(mail.Config{URL: server.URL(), From: "otklik@region.example", Within: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	courier := reply.MailCourier{Client: client}
	letter := domain.Delivery{ID: 1, GUID: "5f1c", Platform: domain.Mail, Way: domain.WayStaff, Staff: true, Email: "anna@example.ru",
		Subject: "Новое поручение", Text: "Инцидент", Attempt: 1, Tries: 1, Since: time.Now()}
	for name, tc := range map[string]struct {
		fault   mailfake.Fault
		state   domain.DeliveryState
		arrived int
	}{
		"taken":          {mailfake.Fault{}, domain.Delivered, 1},
		"later":          {mailfake.Fault{At: "RCPT", Answer: "450 later"}, domain.DeliveryWaiting, 0},
		"never":          {mailfake.Fault{At: "RCPT", Answer: "550 no such user"}, domain.DeliveryFailed, 0},
		"cut before":     {mailfake.Fault{At: "DATA"}, domain.DeliveryWaiting, 0},
		"cut after":      {mailfake.Fault{At: "END", Kept: true}, domain.DeliveryUnclear, 1},
		"cut after, not": {mailfake.Fault{At: "END"}, domain.DeliveryUnclear, 0},
	} {
		before := len(server.Letters())
		server.Fail(tc.fault)
		id, err := courier.Send(t.Context(), letter)
		end := reply.After(letter, id, err, 0)
		if end.State != tc.state || len(server.Letters())-before != tc.arrived {
			t.Errorf("%s: %+v (%v), %d arrived", name, end, err, len(server.Letters())-before)
		}
		if strings.Contains(end.Words, "anna") || err != nil && strings.Contains(err.Error(), "anna") {
			t.Errorf("%s says to whom: %v", name, err)
		}
	}
	letter.Email = ""
	var pe *domain.PlatformError
	if _, err := courier.Send(t.Context(), letter); !errors.As(err, &pe) || pe.Reaction != domain.NeverRepeat {
		t.Errorf("no mailbox: %v", err)
	}
}
