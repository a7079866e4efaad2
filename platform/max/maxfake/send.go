package maxfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

const (
	maxText    = 4000
	editWindow = 7 * 24 * time.Hour // of messages without buttons in dialogs
)

// newBody is NewMessageBody. Attachments nil leaves what there is in an edit.
type newBody struct {
	Text        *string            `json:"text"`
	Attachments *[]json.RawMessage `json:"attachments"`
	Link        *struct {
		Type string `json:"type"`
		Mid  string `json:"mid"`
	} `json:"link"`
}

// target finds the chat a method wants to write to, or the error it gets.
func (c *call) target() (*Chat, *reply) {
	chatID, ok := c.number("chat_id", 0)
	userID, ok2 := c.number("user_id", 0)
	var p reply
	switch {
	case !ok || !ok2 || chatID == 0 && userID == 0:
		p = badRequest("Unknown recipient")
		return nil, &p
	case chatID == 0:
		for _, chat := range c.w.chats {
			if chat.bot == c.bot && chat.person.ID == userID {
				return c.writable(chat)
			}
		}
		p = failed(http.StatusNotFound, "chat.not.found", "dialog.not.found")
		return nil, &p
	}
	chat := c.w.chats[chatID]
	if chat == nil || chat.kind == dialog && chat.bot != c.bot {
		p = failed(http.StatusNotFound, "chat.not.found", "Chat "+strconv.FormatInt(chatID, 10)+" not found")
		return nil, &p
	}
	return c.writable(chat)
}

func (c *call) writable(chat *Chat) (*Chat, *reply) {
	var p reply
	admin, in := chat.bots[c.bot]
	switch {
	case chat.kind == dialog && chat.stopped:
		p = failed(http.StatusForbidden, "chat.denied", fmt.Sprintf("Key: error.dialog.suspended, args: [%d,].", chat.id))
	case !in:
		p = failed(http.StatusForbidden, "chat.denied", "Bot is not a member of the chat")
	case chat.kind == channel && !admin:
		p = failed(http.StatusForbidden, "chat.denied", "chat.send.msg.no.permission.because.not.admin")
	default:
		return chat, nil
	}
	return nil, &p
}

// content reads and checks what a bot writes.
func (c *call) content() (in newBody, d Draft, fault *reply) {
	refuse := func(p reply) (newBody, Draft, *reply) { return in, d, &p }
	if err := c.decode(&in); err != nil {
		return refuse(badRequest("Invalid request payload: %v", err))
	}
	return in, d, c.fill(in, &d)
}

func (c *call) fill(in newBody, d *Draft) *reply {
	refuse := func(p reply) *reply { return &p }
	if in.Text != nil {
		d.Text = *in.Text
	}
	if n := utf8.RuneCountInString(d.Text); n > maxText {
		return refuse(badRequest("Field 'text' size (%d) must be at most %d", n, maxText))
	}
	if in.Attachments != nil {
		for _, raw := range *in.Attachments {
			a, p := c.attachment(raw)
			if p != nil {
				return p
			}
			d.Attachments = append(d.Attachments, a)
		}
	}
	if strings.TrimSpace(d.Text) == "" && len(d.Attachments) == 0 {
		return refuse(badRequest("Message must not be empty"))
	}
	if in.Link != nil && c.w.find(in.Link.Mid) == nil {
		return refuse(failed(http.StatusNotFound, "not.found", "message.not.found: "+in.Link.Mid))
	}
	return nil
}

// attachment takes what was asked for as it will be shown; a picture must have
// been uploaded and be ready.
func (c *call) attachment(raw json.RawMessage) (object, *reply) {
	var a struct {
		Type    string `json:"type"`
		Payload object `json:"payload"`
	}
	if err := json.Unmarshal(raw, &a); err != nil || a.Type == "" || a.Payload == nil && a.Type != "location" {
		p := badRequest("Invalid attachment")
		return nil, &p
	}
	if a.Type == "image" {
		u := c.w.uploads[tokenOf(a.Payload)]
		if u == nil {
			p := badRequest("Invalid photo token provided: %s", tokenOf(a.Payload))
			return nil, &p
		}
		if u.notReady > 0 {
			u.notReady--
			p := failed(http.StatusBadRequest, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed")
			return nil, &p
		}
		return object{"type": "image", "payload": object{"photo_id": u.id, "token": u.token, "url": "https://i.oneme.ru/i?r=" + u.token}}, nil
	}
	return object{"type": a.Type, "payload": a.Payload}, nil
}

func tokenOf(payload object) string {
	if s, ok := payload["token"].(string); ok {
		return s
	}
	photos, _ := payload["photos"].(object)
	for _, v := range photos {
		if p, ok := v.(object); ok {
			s, _ := p["token"].(string)
			return s
		}
	}
	return ""
}

func (w *World) find(mid string) *Message {
	if m := w.messages[mid]; m != nil && !m.deleted {
		return m
	}
	return nil
}

// send is POST /messages. There is no key that would keep a repeated call from
// posting again.
func (c *call) send() reply {
	chat, fault := c.target()
	if fault != nil {
		return *fault
	}
	in, d, fault := c.content()
	if fault != nil {
		return *fault
	}
	m := &Message{chat: chat, own: c.bot, draft: d}
	to := domain.PostID{Platform: domain.MAX}
	if in.Link != nil {
		linked := c.w.find(in.Link.Mid)
		if in.Link.Type == "forward" {
			m.draft.Forward = linked
		} else {
			m.draft.ReplyTo, to = linked, linked.identity(c.bot)
		}
	}
	chat.publish(m, c.w.opt.Now())
	if to.Owner == "" {
		to = (&Message{chat: chat, mid: "0"}).identity(c.bot)
	}
	c.w.replied(to, m.mid, d.Text)
	return reply{result: object{"message": m.json()}}
}

func (w *World) replied(to domain.PostID, key, text string) {
	if w.opt.Ledger != nil {
		w.opt.Ledger.Reply(to, key, text)
	}
}

// edit is PUT /messages.
func (c *call) edit() reply {
	m := c.w.find(c.query["message_id"])
	if m == nil {
		return failed(http.StatusNotFound, "not.found", "message.not.found: "+c.query["message_id"])
	}
	in, d, fault := c.content()
	switch {
	case fault != nil:
		return *fault
	case m.own != c.bot:
		return failed(http.StatusForbidden, "access.denied", "errors.edit-message.not-own")
	case m.chat.kind == dialog && !m.hasButtons() && c.w.opt.Now().Sub(m.date) > editWindow:
		return failed(http.StatusBadRequest, "proto.payload", "errors.edit-message.time.limit")
	}
	m.rewrite(in, d, c.w.opt.Now())
	if m.replied != nil {
		c.w.replied(m.replied.identity(c.bot), "edit", m.draft.Text)
	}
	return succeeded()
}

func (m *Message) rewrite(in newBody, d Draft, now time.Time) {
	if in.Text != nil {
		m.draft.Text = d.Text
	}
	if in.Attachments != nil {
		m.draft.Attachments = d.Attachments
	}
	m.edited = now
}

func (m *Message) hasButtons() bool {
	return slices.ContainsFunc(m.draft.Attachments, func(a map[string]any) bool { return a["type"] == "inline_keyboard" })
}

// remove is DELETE /messages.
func (c *call) remove() reply {
	m := c.w.find(c.query["message_id"])
	switch {
	case m == nil:
		return failed(http.StatusNotFound, "not.found", "message.not.found")
	case m.own != c.bot && (m.chat.kind == dialog || !m.chat.bots[c.bot]):
		return failed(http.StatusForbidden, "access.denied", "Not enough rights to delete the message")
	}
	m.remove(c.w.opt.Now(), c.bot.id, c.bot)
	return succeeded()
}

// answer is POST /answers.
func (c *call) answer() reply {
	p, ok := c.w.presses[c.query["callback_id"]]
	if !ok || p.message.own != c.bot || p.until.Before(c.w.opt.Now()) {
		return failed(http.StatusBadRequest, "proto.payload", "Invalid callback id")
	}
	var in struct {
		Message      *newBody `json:"message"`
		Notification *string  `json:"notification"`
	}
	if err := c.decode(&in); err != nil || in.Message == nil && in.Notification == nil {
		return badRequest("Invalid request. `message` or `notification` required")
	}
	if in.Message != nil {
		var d Draft
		if fault := c.fill(*in.Message, &d); fault != nil {
			return *fault
		}
		p.message.rewrite(*in.Message, d, c.w.opt.Now())
	}
	p.answered = true
	c.w.presses[c.query["callback_id"]] = p
	return succeeded()
}

// list is GET /messages: newest first, from is the upper bound and to the lower.
func (c *call) list() reply {
	id, ok := c.number("chat_id", 0)
	if !ok || id == 0 {
		return badRequest("Missing required parameter: chat_id or message_ids")
	}
	chat := c.w.chats[id]
	if chat == nil {
		return failed(http.StatusNotFound, "chat.not.found", "Chat not found")
	}
	if admin, in := chat.bots[c.bot]; !in || !admin && chat.kind != dialog {
		return failed(http.StatusForbidden, "chat.denied", "Bot cannot read the chat")
	}
	upper, ok1 := c.number("from", 1<<62)
	lower, ok2 := c.number("to", 0)
	count, ok3 := c.number("count", 50)
	if !ok1 || !ok2 || !ok3 || count < 1 || count > 100 {
		return badRequest("Field 'count' value (%s) must be between 1 and 100", c.query["count"])
	}
	list := []object{}
	sorted := slices.Clone(chat.messages)
	slices.SortStableFunc(sorted, func(a, b *Message) int { return cmp.Compare(b.seq, a.seq) })
	for _, m := range sorted {
		at := m.date.UnixMilli()
		if !m.deleted && at <= upper && at >= lower && len(list) < int(count) {
			list = append(list, m.json())
		}
	}
	return reply{result: object{"messages": list}}
}

func (c *call) one() reply {
	m := c.w.find(strings.TrimPrefix(c.r.URL.Path, "/messages/"))
	if m == nil {
		return failed(http.StatusNotFound, "not.found", "message.not.found")
	}
	return reply{result: m.json()}
}
