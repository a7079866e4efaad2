// Package mail sends plain letters by SMTP (RFC 5321) and says of every failure
// what it means: try later, never again, a person must look, or nobody can tell
// whether the letter has left.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/otklik/otklik/domain"
)

// ErrUnclear marks a letter that may have been taken: the line broke after its end
// was sent and before the server answered.
var ErrUnclear = errors.New("unclear whether the letter was taken")

// Faults of the address of a server.
var (
	ErrAddress = errors.New("no address of a mail server: smtp://login@server:587 or smtps://login@server:465")
	ErrFrom    = errors.New("no address of a sender: name@domain or Name <name@domain>")
)

// Config is a mail server and who writes.
type Config struct {
	// URL is smtp://login@server:587 (STARTTLS is insisted on, or not asked for with
	// ?tls=off) or smtps://login@server:465. Without a login nobody logs in.
	URL      string
	Password string
	From     string
	TLS      *tls.Config // nil: the system's
	Within   time.Duration
}

// Letter is one plain letter.
type Letter struct {
	ID      string // unique: its Message-ID, the same for every try
	To      string
	Subject string
	Text    string
	At      time.Time
}

// Client sends letters. Each goes over a connection of its own: they are few.
type Client struct {
	host    string
	from    string
	domain  string
	options []gomail.Option
}

const (
	defaultWithin = 15 * time.Second
	portPlain     = 587
	portTLS       = 465
)

// New checks a configuration; it does not connect.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, ErrAddress // what the parser says would hold the address with its login
	}
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, ErrFrom
	}
	if cfg.Within <= 0 {
		cfg.Within = defaultWithin
	}
	c := &Client{host: u.Hostname(), from: from.String(), domain: from.Address[strings.LastIndexByte(from.Address, '@')+1:]}
	port := portPlain
	if u.Scheme == "smtps" {
		port = portTLS
		c.options = append(c.options, gomail.WithSSL())
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, ErrAddress
		}
	}
	policy := gomail.TLSMandatory
	if u.Query().Get("tls") == "off" {
		policy = gomail.NoTLS
	}
	c.options = append(c.options, gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTimeout(cfg.Within),
		gomail.WithoutNoop(), gomail.WithoutRset())
	if cfg.TLS != nil {
		own := cfg.TLS.Clone()
		own.ServerName = c.host
		c.options = append(c.options, gomail.WithTLSConfig(own))
	}
	if login := u.User.Username(); login != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if policy == gomail.NoTLS && u.Scheme == "smtp" {
			auth = gomail.SMTPAuthPlainNoEnc
		}
		c.options = append(c.options, gomail.WithSMTPAuth(auth), gomail.WithUsername(login), gomail.WithPassword(cfg.Password))
	}
	if _, err := gomail.NewClient(c.host, c.options...); err != nil {
		return nil, ErrAddress
	}
	return c, nil
}

// Send sends a letter and returns its Message-ID. An error with ErrUnclear in its
// chain may have been taken by the server.
func (c *Client) Send(ctx context.Context, l Letter) (string, error) {
	m := gomail.NewMsg()
	id := l.ID + "@" + c.domain
	m.SetMessageIDWithValue(id)
	m.SetDateWithValue(l.At)
	m.Subject(l.Subject)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no answers of absence
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if err := m.From(c.from); err != nil {
		return "", fault(0, domain.ReportBug, "адрес отправителя почты не подходит", "sender")
	}
	if err := m.To(l.To); err != nil {
		return "", fault(0, domain.NeverRepeat, "адрес почты написан с ошибкой", "recipient")
	}
	client, err := gomail.NewClient(c.host, c.options...)
	if err != nil {
		return "", fault(0, domain.ReportBug, "настройки почты не подходят", "client")
	}
	err = client.DialAndSendWithContext(ctx, m)
	if err == nil || m.IsDelivered() { // the farewell failed, the letter was taken
		return id, nil
	}
	return "", explain(err)
}

// explain sorts failures (RFC 5321, 4.2.1): 4yz may be tried again, 5yz may not.
// What servers say may name the person, so only the number is kept.
func explain(err error) error {
	var se *gomail.SendError
	if !errors.As(err, &se) {
		return notReached(err)
	}
	code := se.ErrorCode()
	switch {
	case se.Reason == gomail.ErrSMTPDataClose && code == 0:
		return fmt.Errorf("%w: %w", ErrUnclear, fault(0, domain.RetryLater, "почтовый сервер не подтвердил письмо", "end of letter"))
	case code == 0:
		return fault(0, domain.RetryLater, "связь с почтовым сервером прервалась", se.Reason.String())
	case code >= 500 && se.Reason == gomail.ErrSMTPRcptTo:
		return fault(code, domain.NeverRepeat, fmt.Sprintf("почтовый сервер не принимает этот адрес (%d)", code), se.Reason.String())
	case code >= 500:
		return fault(code, domain.NeverRepeat, fmt.Sprintf("почтовый сервер отказал (%d)", code), se.Reason.String())
	}
	return fault(code, domain.RetryLater, fmt.Sprintf("почтовый сервер просит подождать (%d)", code), se.Reason.String())
}

// notReached: there was no connection, or no login.
func notReached(err error) error {
	code := codeOf(err)
	var network net.Error
	switch {
	case code >= 500: // 535 and its like: a person mends it, and nothing is lost meanwhile
		return fault(code, domain.RetryLater, fmt.Sprintf("почтовый сервер не впустил: проверьте логин и пароль (%d)", code), "login")
	case code >= 400:
		return fault(code, domain.RetryLater, fmt.Sprintf("почтовый сервер просит подождать (%d)", code), "login")
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		return fault(0, domain.RetryLater, "почтовый сервер не отвечает", "connect")
	}
	return fault(0, domain.RetryLater, "с почтовым сервером не удалось договориться", "greeting")
}

// codeOf finds the number of an answer in what the library says; 0 for none.
func codeOf(err error) int {
	for _, word := range strings.FieldsFunc(err.Error(), func(r rune) bool { return r == ' ' || r == ':' || r == '-' }) {
		if n, err := strconv.Atoi(word); err == nil && len(word) == 3 && n >= 400 && n < 600 {
			return n
		}
	}
	return 0
}

func fault(code int, reaction domain.Reaction, words, doing string) error {
	return &domain.PlatformError{Platform: domain.Mail, Method: "send", Code: code, Reaction: reaction, Words: words, Err: errors.New(doing)}
}
