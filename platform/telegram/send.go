package telegram

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
)

// Send is one message to a chat, plain text.
type Send struct {
	Chat    int64
	Text    string
	ReplyTo int // message id in Chat; 0 = no reply
	// Orphan lets the message be sent although the one it answers is gone.
	Orphan  bool
	Buttons [][]Button // rows
}

// SendMessage sends and returns the new message's id. An error with ErrUnclear
// in its chain may have been sent; it has the reaction AskPerson. Any other
// error was not sent.
func (c *Client) SendMessage(ctx context.Context, s Send) (int, error) {
	if err := fits("sendMessage", s.Text); err != nil {
		return 0, err
	}
	keys, err := keyboard(s.Buttons)
	if err != nil {
		return 0, err
	}
	if err := c.waitToSend(ctx, s.Chat); err != nil {
		return 0, err
	}
	p := &bot.SendMessageParams{ChatID: s.Chat, Text: s.Text, ReplyMarkup: keys}
	if s.ReplyTo != 0 {
		p.ReplyParameters = &models.ReplyParameters{MessageID: s.ReplyTo, AllowSendingWithoutReply: s.Orphan}
	}
	m, err := c.sender.SendMessage(ctx, p)
	if err != nil {
		return 0, c.sendError("sendMessage", err)
	}
	return m.ID, nil
}

// EditMessageText replaces the text of our own message. Repeating it is
// harmless, so nothing about it is unclear.
func (c *Client) EditMessageText(ctx context.Context, chat int64, message int, text string) error {
	if err := fits("editMessageText", text); err != nil {
		return err
	}
	if err := c.waitToSend(ctx, chat); err != nil {
		return err
	}
	_, err := c.sender.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: chat, MessageID: message, Text: text})
	if err == nil {
		return nil
	}
	err = c.sendError("editMessageText", err)
	var pe *domain.PlatformError
	if errors.As(err, &pe) && errors.Is(err, ErrUnclear) {
		pe.Reaction, pe.Words = domain.RetryLater, "правка ответа не подтверждена: повторим"
	}
	return err
}

// fits refuses what Telegram would refuse, before it costs a call.
func fits(method, text string) error {
	limit := domain.AnswerLimit(domain.Telegram)
	if n := domain.AnswerLength(domain.Telegram, text); n > limit {
		return &domain.PlatformError{Platform: domain.Telegram, Method: method, Code: http.StatusBadRequest, Reaction: domain.ReportBug,
			Words: fmt.Sprintf("ответ длиннее %d знаков", limit), Err: fmt.Errorf("text of %d units", n)}
	}
	return nil
}

// sendError maps an error of go-telegram/bot onto the table. The library keeps
// the kind of answer as a sentinel and the description as text.
func (c *Client) sendError(method string, err error) error {
	err = c.redact(err)
	var many *bot.TooManyRequestsError
	if errors.As(err, &many) {
		a := answer{ErrorCode: 429, Description: many.Message}
		a.Parameters.RetryAfter = many.RetryAfter
		return c.apiError(method, a)
	}
	var moved *bot.MigrateError
	if errors.As(err, &moved) {
		a := answer{ErrorCode: 400, Description: moved.Message}
		a.Parameters.MigrateToChatID = int64(moved.MigrateToChatID)
		return c.apiError(method, a)
	}
	for _, k := range sentinels() {
		if errors.Is(err, k.err) {
			return c.apiError(method, answer{ErrorCode: k.code, Description: strings.TrimPrefix(err.Error(), k.err.Error()+", ")})
		}
	}
	if a, ok := otherRefusal(err); ok {
		return c.apiError(method, a)
	}
	if notSent(err) {
		return &domain.PlatformError{
			Platform: domain.Telegram, Method: method, Reaction: domain.RetryLater,
			Words: "соединение с Telegram не установлено: сообщение не отправлено", Err: err,
		}
	}
	return &domain.PlatformError{
		Platform: domain.Telegram, Method: method, Reaction: domain.AskPerson,
		Words: "неизвестно, дошло ли сообщение: Telegram не подтвердил отправку", Err: fmt.Errorf("%w: %w", ErrUnclear, err),
	}
}

type sentinel struct {
	code int
	err  error
}

func sentinels() []sentinel {
	return []sentinel{
		{400, bot.ErrorBadRequest}, {401, bot.ErrorUnauthorized}, {403, bot.ErrorForbidden},
		{404, bot.ErrorNotFound}, {409, bot.ErrorConflict},
	}
}

// refusal is how the library words an error answer that it has no sentinel for.
var refusal = regexp.MustCompile(`^error response from telegram for method \w+, (4\d\d) (.*)$`)

// otherRefusal finds a refusal (420, 413) in an error of the library: nothing was
// sent, so it is not unclear.
func otherRefusal(err error) (a answer, ok bool) {
	m := refusal.FindStringSubmatch(err.Error())
	if m == nil {
		return a, false
	}
	a.ErrorCode, _ = strconv.Atoi(m[1]) // three digits
	a.Description = m[2]
	return a, true
}

// notSent reports whether the request surely never reached Telegram: no
// connection was made.
func notSent(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
