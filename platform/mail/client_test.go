package mail_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/mail"
	"github.com/otklik/otklik/platform/mail/mailfake"
)

func newPair(t *testing.T) (*mailfake.Server, *mail.Client) {
	t.Helper()
	s, err := mailfake.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	c, err := mail.New(mail.Config{URL: s.URL(), From: "Отклик <otklik@region.example>", Within: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func letter() mail.Letter {
	return mail.Letter{ID: "otklik.1", To: "anna@example.ru", Subject: "Новое поручение: 27-1", Text: "Инцидент 27-1.\n.\nОткрыть", At: time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)}
}

func TestALetterArrivesAsItIs(t *testing.T) {
	s, c := newPair(t)
	id, err := c.Send(t.Context(), letter())
	if err != nil || id != "otklik.1@region.example" {
		t.Fatalf("%q, %v", id, err)
	}
	got := s.Letters()
	if len(got) != 1 || got[0].To != "anna@example.ru" || got[0].From != "otklik@region.example" {
		t.Fatalf("%+v", got)
	}
	for _, want := range []string{"Message-ID: <otklik.1@region.example>", "Auto-Submitted: auto-generated", "Content-Type: text/plain; charset=UTF-8", "Mon, 30 Nov 2026"} {
		if !strings.Contains(got[0].Raw, want) {
			t.Errorf("%q is not in\n%s", want, got[0].Raw)
		}
	}
}

// What servers refuse is told apart: later, never, a person, nobody knows. Nothing
// of it says to whom the letter was.
func TestFailuresAreToldApart(t *testing.T) {
	for name, tc := range map[string]struct {
		fault    mailfake.Fault
		reaction domain.Reaction
		unclear  bool
		arrived  int
	}{
		"busy":                        {mailfake.Fault{At: "MAIL", Answer: "421 busy"}, domain.RetryLater, false, 0},
		"greylisted":                  {mailfake.Fault{At: "RCPT", Answer: "451 anna@example.ru: later"}, domain.RetryLater, false, 0},
		"no such mailbox":             {mailfake.Fault{At: "RCPT", Answer: "550 anna@example.ru: no such user"}, domain.NeverRepeat, false, 0},
		"refused as a whole":          {mailfake.Fault{At: "END", Answer: "554 spam from anna@example.ru"}, domain.NeverRepeat, false, 0},
		"full after the letter":       {mailfake.Fault{At: "END", Answer: "452 full"}, domain.RetryLater, false, 0},
		"cut at the beginning":        {mailfake.Fault{At: "MAIL"}, domain.RetryLater, false, 0},
		"cut before the letter":       {mailfake.Fault{At: "DATA"}, domain.RetryLater, false, 0},
		"cut after the letter, taken": {mailfake.Fault{At: "END", Kept: true}, domain.RetryLater, true, 1},
		"cut after the letter, lost":  {mailfake.Fault{At: "END"}, domain.RetryLater, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newPair(t)
			s.Fail(tc.fault)
			_, err := c.Send(t.Context(), letter())
			var pe *domain.PlatformError
			if !errors.As(err, &pe) || pe.Reaction != tc.reaction || pe.Words == "" || errors.Is(err, mail.ErrUnclear) != tc.unclear {
				t.Fatalf("%v, %+v", err, pe)
			}
			if strings.Contains(err.Error()+pe.Words, "anna") {
				t.Errorf("it says to whom: %v", err)
			}
			if n := len(s.Letters()); n != tc.arrived {
				t.Errorf("%d letters arrived", n)
			}
			if _, err := c.Send(t.Context(), letter()); err != nil {
				t.Errorf("the next one: %v", err)
			}
		})
	}
}

func TestAServerThatIsNotThereIsTriedLater(t *testing.T) {
	s, c := newPair(t)
	s.Close()
	_, err := c.Send(t.Context(), letter())
	var pe *domain.PlatformError
	if !errors.As(err, &pe) || pe.Reaction != domain.RetryLater || errors.Is(err, mail.ErrUnclear) {
		t.Fatalf("%v", err)
	}
}

func TestConfigurationsAreChecked(t *testing.T) {
	good := mail.Config{URL: "smtps://otklik@mail.example.ru", From: "otklik@example.ru"}
	for name, tc := range map[string]struct {
		change func(*mail.Config)
		want   error
	}{
		"as it should be":  {func(*mail.Config) {}, nil},
		"another scheme":   {func(c *mail.Config) { c.URL = "http://mail.example.ru" }, mail.ErrAddress},
		"no server":        {func(c *mail.Config) { c.URL = "smtp://" }, mail.ErrAddress},
		"an absurd port":   {func(c *mail.Config) { c.URL = "smtp://mail.example.ru:99999" }, mail.ErrAddress},
		"nobody writes":    {func(c *mail.Config) { c.From = "" }, mail.ErrFrom},
		"a broken address": {func(c *mail.Config) { c.From = "otklik" }, mail.ErrFrom},
	} {
		cfg := good
		tc.change(&cfg)
		if _, err := mail.New(cfg); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
