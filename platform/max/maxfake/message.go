package maxfake

import (
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
)

// Draft is what somebody writes.
type Draft struct {
	At          time.Time // zero = now
	From        User      // in groups; in dialogs the person writes, in channels nobody is named
	Text        string
	Markup      []map[string]any // as they are
	Attachments []map[string]any // as they are
	Location    *domain.Geo
	Photos      int      // so many pictures
	Forward     *Message // this one is forwarded
	ReplyTo     *Message
	Views       int
	NoBody      bool           // a forward whose body is null
	Extra       map[string]any // laid over the message: odd shapes; a nil value removes a field
}

// Message is a message of the World; its mid is known once its time has come.
type Message struct {
	chat    *Chat
	mid     string
	seq     int64
	date    time.Time
	edited  time.Time
	deleted bool
	draft   Draft
	own     *Bot // written by this bot
	replied *Message
}

// press is a button pressed.
type press struct {
	message  *Message
	user     User
	until    time.Time
	answered bool
}

// Post writes a message into the chat at the draft's time.
func (c *Chat) Post(d Draft) *Message {
	m := &Message{chat: c, draft: d}
	c.w.at(d.At, func(at time.Time) { c.publish(m, at) })
	return m
}

// publish names the message and tells the bots that may hear of it.
func (c *Chat) publish(m *Message, at time.Time) {
	m.date = at.UTC().Truncate(time.Millisecond)
	m.seq = at.UnixMilli()<<16 | c.moments[at.UnixMilli()]&0xffff
	c.moments[at.UnixMilli()]++
	m.mid = mid(c.id, m.seq)
	m.replied = m.draft.ReplyTo
	c.messages = append(c.messages, m)
	c.w.messages[m.mid] = m
	for _, b := range c.hearers() {
		if m.own == b {
			continue // a bot is not told of its own messages
		}
		b.tell("message_created", m.update(), at, m.identity(b))
	}
}

func (m *Message) update() object {
	o := object{"message": m.json()}
	if m.chat.kind == dialog {
		o["user_locale"] = "ru"
	}
	return o
}

// Edit changes the message at a time; zero = now.
func (m *Message) Edit(at time.Time, change func(*Draft)) {
	m.chat.w.at(at, func(at time.Time) {
		if m.mid == "" || m.deleted {
			return
		}
		change(&m.draft)
		m.edited = at
		for _, b := range m.chat.hearers() {
			b.tell("message_edited", object{"message": m.json()}, at, m.identity(b))
		}
	})
}

// EditText replaces the text at a time; zero = now.
func (m *Message) EditText(at time.Time, text string) { m.Edit(at, func(d *Draft) { d.Text = text }) }

// Delete takes the message away at a time; zero = now.
func (m *Message) Delete(at time.Time) {
	m.chat.w.at(at, func(at time.Time) { m.remove(at, m.sender().ID, nil) })
}

// remove takes a message away; the bot that did it is not told.
func (m *Message) remove(at time.Time, who int64, by *Bot) {
	if m.mid == "" || m.deleted {
		return
	}
	m.deleted = true
	for _, b := range m.chat.hearers() {
		if b != by {
			b.tell("message_removed", object{"message_id": m.mid, "chat_id": m.chat.id, "user_id": who}, at, domain.PostID{})
		}
	}
}

// Press makes somebody press a button with this payload under the message, which
// a bot has written.
func (m *Message) Press(u User, payload string) {
	m.chat.w.at(time.Time{}, func(at time.Time) {
		w := m.chat.w
		id := "f9LHodD0cOJ" + m.mid[4:] + "-" + time.Duration(w.next()).String()
		w.presses[id] = press{message: m, user: u, until: at.Add(time.Hour)} // assumed: an hour
		m.own.tell("message_callback", object{
			"callback": object{"timestamp": at.UnixMilli(), "callback_id": id, "payload": payload, "user": u.json()},
			"message":  m.json(), "user_locale": "ru",
		}, at, domain.PostID{})
	})
}

// identity is the message's for a bot: private ones belong to the bot.
func (m *Message) identity(b *Bot) domain.PostID {
	chat := strconv.FormatInt(m.chat.id, 10)
	if m.chat.kind == dialog {
		return domain.NewPostID(domain.MAX, b.ID(), "dialog:"+chat+":"+m.mid)
	}
	return domain.NewPostID(domain.MAX, chat, m.mid)
}

// PostID is the identity the message has everywhere in this project, as b reads it.
func (m *Message) PostID(b *Bot) domain.PostID {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.identity(b)
}

// ID is the message's mid, "" before its time has come.
func (m *Message) ID() string {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.mid
}

// Text is the latest text.
func (m *Message) Text() string {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.draft.Text
}

// Deleted reports whether the message is gone.
func (m *Message) Deleted() bool {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.deleted
}

// By is the bot that wrote the message, nil when a person did.
func (m *Message) By() *Bot { return m.own }

// ReplyTo is the message this one answers, nil when none.
func (m *Message) ReplyTo() *Message {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.replied
}

func (m *Message) sender() User {
	switch {
	case m.own != nil:
		return m.own.user()
	case m.chat.kind == dialog:
		return m.chat.person
	case m.draft.From.ID != 0:
		return m.draft.From
	}
	return User{ID: 501, FirstName: "Аноним"}
}
