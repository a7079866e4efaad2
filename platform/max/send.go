package max

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// Bounds of a keyboard's button (OpenAPI file, Button and CallbackButton).
const (
	MaxButtonText    = 128
	MaxButtonPayload = 1024
)

// Recipient is where a message goes: a chat of any kind, or a person by number.
// A reply goes to the chat, which can be looked at afterwards.
type Recipient struct {
	Chat int64
	User int64 // when Chat is 0
}

func (r Recipient) query() url.Values {
	if r.Chat != 0 {
		return url.Values{"chat_id": {strconv.FormatInt(r.Chat, 10)}}
	}
	return url.Values{"user_id": {strconv.FormatInt(r.User, 10)}}
}

// Button is one button under a message. One of the three is set beside Text:
// Payload (comes back with a press), URL (opens), or Location (asks for a point).
type Button struct {
	Text     string
	Payload  string
	URL      string
	Location bool
}

func (b Button) json() map[string]any {
	switch {
	case b.Location:
		return map[string]any{"type": "request_geo_location", "text": b.Text}
	case b.URL != "":
		return map[string]any{"type": "link", "text": b.Text, "url": b.URL}
	}
	return map[string]any{"type": "callback", "text": b.Text, "payload": b.Payload}
}

// Send is one message, plain text: what MAX shows is what was given, which is how
// it is found again.
type Send struct {
	To      Recipient
	Text    string
	ReplyTo string     // mid of the message it answers; "" = none
	Buttons [][]Button // rows
	Photos  []Photo    // uploaded before
	Silent  bool       // nobody is notified
}

// body is what POST and PUT /messages take. An edit without attachments would
// leave the old ones, buttons among them, so the list is always sent.
func (s Send) body() map[string]any {
	attachments := []any{}
	for _, p := range s.Photos {
		attachments = append(attachments, map[string]any{"type": "image", "payload": p.payload()})
	}
	if len(s.Buttons) > 0 {
		attachments = append(attachments, map[string]any{"type": "inline_keyboard", "payload": map[string]any{"buttons": rows(s.Buttons)}})
	}
	b := map[string]any{"text": s.Text, "attachments": attachments, "link": nil}
	if s.ReplyTo != "" {
		b["link"] = map[string]any{"type": LinkReply, "mid": s.ReplyTo}
	}
	if s.Silent {
		b["notify"] = false
	}
	return b
}

func rows(buttons [][]Button) [][]map[string]any {
	out := make([][]map[string]any, len(buttons))
	for i, row := range buttons {
		for _, b := range row {
			out[i] = append(out[i], b.json())
		}
	}
	return out
}

// check refuses what MAX would refuse, before it costs a call.
func (s Send) check(method string) error {
	limit := domain.AnswerLimit(domain.MAX)
	switch n := domain.AnswerLength(domain.MAX, s.Text); {
	case s.Text == "" && len(s.Photos) == 0:
		return tooBad(method, "пустой ответ", "empty text")
	case n > limit:
		return tooBad(method, fmt.Sprintf("ответ длиннее %d знаков", limit), fmt.Sprintf("text of %d characters", n))
	}
	for _, row := range s.Buttons {
		for _, b := range row {
			if n := utf8.RuneCountInString(b.Text); n == 0 || n > MaxButtonText || len(b.Payload) > MaxButtonPayload {
				return tooBad(method, "кнопка без текста или слишком длинная", "button out of bounds")
			}
		}
	}
	return nil
}

func tooBad(method, words, why string) error {
	return &domain.PlatformError{Platform: domain.MAX, Method: method, Code: http.StatusBadRequest,
		Reaction: domain.ReportBug, Words: words, Err: errors.New(why)}
}

// SendMessage sends and returns the new message. An error with ErrUnclear in its
// chain may have been sent: look with FindSent before trying again. Any other
// error was not sent.
func (c *Client) SendMessage(ctx context.Context, s Send) (Message, error) {
	if err := s.check(sendMethod); err != nil {
		return Message{}, err
	}
	if err := c.admitSend(ctx, s.To); err != nil {
		return Message{}, err
	}
	r := request{verb: http.MethodPost, path: pathMessages, query: s.To.query(), body: s.body()}
	r.query.Set("disable_link_preview", "true") // a reply is its words
	var out struct {
		Message Message `json:"message"`
	}
	if err := c.call(ctx, r, &out); err != nil {
		return Message{}, err
	}
	if out.Message.ID() == "" {
		return Message{}, c.strange(r, http.StatusOK, errors.New("the message sent has no mid"))
	}
	return out.Message, nil
}

// EditMessage replaces text, buttons and pictures of a message of our own.
// Repeating it is harmless. In dialogs MAX edits what is younger than 7 days, or
// has buttons.
func (c *Client) EditMessage(ctx context.Context, mid string, s Send) error {
	r := request{verb: http.MethodPut, path: pathMessages, query: url.Values{"message_id": {mid}}}
	if err := s.check(r.method()); err != nil {
		return err
	}
	body := s.body()
	if s.ReplyTo == "" {
		delete(body, "link") // what it answers stays
	}
	r.body = body
	return c.do(ctx, r)
}

// DeleteMessage takes a message away. One that is gone already is no fault.
func (c *Client) DeleteMessage(ctx context.Context, mid string) error {
	err := c.do(ctx, request{verb: http.MethodDelete, path: pathMessages, query: url.Values{"message_id": {mid}}})
	var pe *domain.PlatformError
	if errors.As(err, &pe) && pe.Code == http.StatusNotFound {
		return nil
	}
	return err
}

// Answer is what a press of a button gets: a notice that passes, another message
// in place of the one with the buttons, or both.
type Answer struct {
	Notice  string
	Message *Send // To and ReplyTo are of no account
}

// AnswerCallback answers a press. An empty answer is refused by MAX.
func (c *Client) AnswerCallback(ctx context.Context, callback string, a Answer) error {
	r := request{verb: http.MethodPost, path: pathAnswers, query: url.Values{"callback_id": {callback}}}
	body := map[string]any{}
	if a.Notice != "" {
		body["notification"] = a.Notice
	}
	if a.Message != nil {
		if err := a.Message.check(r.method()); err != nil {
			return err
		}
		m := a.Message.body()
		delete(m, "link")
		body["message"] = m
	}
	if len(body) == 0 {
		return tooBad(r.method(), "пустой ответ на нажатие", "neither notice nor message")
	}
	r.body = body
	return c.do(ctx, r)
}
