package tgfake

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

const maxText = 4096

// target finds the chat a method wants to write to, or the error it gets.
func (w *World) target(id string) (*Chat, *reply) {
	var c *Chat
	if name, ok := strings.CutPrefix(id, "@"); ok {
		c = w.names[strings.ToLower(name)]
	} else {
		c = w.chats[number(id, 0, -1<<62, 1<<62)]
	}
	var p reply
	switch {
	case c == nil:
		p = failed(400, "Bad Request: chat not found")
	case c.movedTo != nil:
		p = failed(400, "Bad Request: group chat was upgraded to a supergroup chat")
		p.migrateTo = c.movedTo.id
	case !c.member && c.kind == private:
		p = failed(403, "Forbidden: bot was blocked by the user")
	case !c.member:
		p = failed(403, "Forbidden: bot was kicked from the %s chat", c.kind)
	case w.opt.SendLimits && w.tooFast(c):
		p = failed(429, "Too Many Requests: retry after 1")
		p.retryAfter = 1
	default:
		return c, nil
	}
	return nil, &p
}

// tooFast allows a message a second into one chat.
func (w *World) tooFast(c *Chat) bool {
	now := time.Now()
	if now.Sub(w.lastSend[c.id]) < w.scaled(time.Second) {
		return true
	}
	w.lastSend[c.id] = now
	return false
}

func (c *Chat) find(id int) *Message {
	for _, m := range c.messages {
		if m.id == id && !m.deleted {
			return m
		}
	}
	return nil
}

func textFault(text string) *reply {
	var p reply
	switch {
	case strings.TrimSpace(text) == "":
		p = failed(400, "Bad Request: message text is empty")
	case units(text) > maxText:
		p = failed(400, "Bad Request: message is too long")
	default:
		return nil
	}
	return &p
}

// sendMessage writes as the bot. The bot is not told of its own messages.
func (w *World) sendMessage(args map[string]string) reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, fault := w.target(args["chat_id"])
	if fault == nil {
		fault = textFault(args["text"])
	}
	if fault != nil {
		return *fault
	}
	keys, fault := keyboardOf(args["reply_markup"])
	if fault != nil {
		return *fault
	}
	to, orphan := replyParameters(args)
	var answered *Message
	if to != 0 {
		if answered = c.find(to); answered == nil && !orphan {
			return failed(400, "Bad Request: message to be replied not found")
		}
	}
	m := &Message{chat: c, id: c.next, date: w.opt.Now(), reply: answered, keys: keys, draft: Draft{Text: args["text"], From: w.me()}}
	c.next++
	c.messages = append(c.messages, m)
	if w.opt.Ledger != nil {
		id := (&Message{chat: c, id: to}).identity()
		if answered != nil {
			id = answered.identity()
		}
		w.opt.Ledger.Reply(id, "", args["text"])
	}
	return reply{result: m.json()}
}

func (w *World) me() User {
	return User{ID: w.botID, FirstName: "Отклик", Username: w.opt.Username, Bot: true}
}

func replyParameters(args map[string]string) (message int, orphan bool) {
	var p struct {
		MessageID int  `json:"message_id"`
		Orphan    bool `json:"allow_sending_without_reply"`
	}
	if json.Unmarshal([]byte(args["reply_parameters"]), &p) == nil {
		return p.MessageID, p.Orphan
	}
	id, _ := strconv.Atoi(args["reply_to_message_id"])
	return id, args["allow_sending_without_reply"] == "true"
}

// editMessageText changes a message of the bot's own.
func (w *World) editMessageText(args map[string]string) reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, fault := w.target(args["chat_id"])
	if fault == nil {
		fault = textFault(args["text"])
	}
	if fault != nil {
		return *fault
	}
	id, _ := strconv.Atoi(args["message_id"])
	m := c.find(id)
	switch {
	case m == nil:
		return failed(400, "Bad Request: message to edit not found")
	case m.draft.From.ID != w.botID:
		return failed(400, "Bad Request: message can't be edited")
	case m.draft.Text == args["text"]:
		return failed(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.draft.Text, m.edited = args["text"], w.opt.Now()
	if w.opt.Ledger != nil && m.reply != nil {
		w.opt.Ledger.Reply(m.reply.identity(), "edit", args["text"])
	}
	return reply{result: m.json()}
}
