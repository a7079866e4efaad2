package tgfake

import (
	"cmp"
	"strconv"
	"time"
)

// Post writes a message into the chat at the draft's time.
func (c *Chat) Post(d Draft) *Message {
	m := &Message{chat: c, draft: d}
	c.w.at(d.At, func(at time.Time) { c.publish(m, at) })
	return m
}

// Album writes several media as one album: as many messages, one media_group_id.
func (c *Chat) Album(ds ...Draft) []*Message {
	c.w.mu.Lock()
	c.w.groups++
	album := strconv.Itoa(13_000_000_000_000_000 + c.w.groups)
	c.w.mu.Unlock()
	var list []*Message
	for _, d := range ds {
		if d.Media == "" {
			d.Media = "photo"
		}
		m := &Message{chat: c, draft: d, album: album}
		list = append(list, m)
		c.w.at(d.At, func(at time.Time) { c.publish(m, at) })
	}
	return list
}

// Comment answers a channel post in the discussion group linked to the channel.
// The post must be written before.
func (m *Message) Comment(d Draft) *Message {
	c := &Message{chat: m.chat.linked, draft: d}
	m.chat.w.at(d.At, func(at time.Time) {
		c.reply, c.thread = m.copy, m.copy
		if d.ReplyTo != nil {
			c.reply = d.ReplyTo
		}
		m.chat.linked.publish(c, at)
	})
	return c
}

// Edit changes the message at a time; zero = now.
func (m *Message) Edit(at time.Time, change func(*Draft)) {
	m.chat.w.at(at, func(at time.Time) { m.edit(at, change) })
}

// EditText replaces the text at a time; zero = now.
func (m *Message) EditText(at time.Time, text string) {
	m.Edit(at, func(d *Draft) { d.Text = text })
}

// EditInvisibly reports an edit that changes nothing anybody sees, as Telegram
// does for its own reasons.
func (m *Message) EditInvisibly(at time.Time) { m.Edit(at, func(*Draft) {}) }

// Delete takes the message away. Telegram tells no bot.
func (m *Message) Delete(at time.Time) {
	m.chat.w.at(at, func(time.Time) { m.deleted = true })
}

// Migrate turns a small group into a supergroup with a new id.
func (c *Chat) Migrate(id int64) *Chat {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	s := c.w.newChat(id, supergroup, "", c.title)
	c.movedTo = s
	now := c.w.opt.Now()
	c.publish(&Message{chat: c, draft: Draft{Service: "migrate_to_chat_id", Extra: map[string]any{"migrate_to_chat_id": id}}}, now)
	s.publish(&Message{chat: s, draft: Draft{Service: "migrate_from_chat_id", Extra: map[string]any{"migrate_from_chat_id": c.id}}}, now)
	c.w.notify()
	return s
}

// publish gives the message its id, tells the bot, and forwards a channel post
// into the discussion group.
func (c *Chat) publish(m *Message, at time.Time) {
	m.id, m.date = cmp.Or(m.draft.ID, c.next), at
	c.next = max(c.next, m.id+1)
	if m.draft.ReplyTo != nil && m.reply == nil {
		m.reply = m.draft.ReplyTo
	}
	if m.reply != nil && m.thread == nil && c.kind == supergroup && m.draft.Topic == 0 {
		m.thread = m.reply
		if m.reply.thread != nil {
			m.thread = m.reply.thread
		}
	}
	c.messages = append(c.messages, m)
	c.tell(m, "message", "channel_post", at)
	if c.kind == channel && c.linked != nil && m.draft.Service == "" {
		m.copy = &Message{chat: c.linked, draft: m.draft, copyOf: m, album: m.album}
		m.copy.draft.ID = 0 // a number of its own chat
		if c.looseCopy {
			m.copy.album = ""
		}
		c.linked.publish(m.copy, at)
	}
}

func (m *Message) edit(at time.Time, change func(*Draft)) {
	if m.id == 0 || m.deleted {
		return
	}
	change(&m.draft)
	m.edited = at
	m.chat.tell(m, "edited_message", "edited_channel_post", at)
	if m.copy != nil {
		change(&m.copy.draft)
		m.copy.edited = at
		m.copy.chat.tell(m.copy, "edited_message", "", at)
	}
}

// tell queues the update about a message for the bot, if it sits in the chat.
func (c *Chat) tell(m *Message, kind, channelKind string, at time.Time) {
	if !c.member {
		return
	}
	if c.kind == channel {
		kind = channelKind
	}
	u := update{kind: kind, payload: m.json(), date: at, chat: c.id}
	if m.draft.Service == "" {
		u.post = m.identity()
	}
	c.w.push(u)
}
