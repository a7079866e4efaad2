package maxfake

import (
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
)

// Kinds of chat, as the Bot API names them.
const (
	dialog  = "dialog"
	group   = "chat"
	channel = "channel"
)

// User is a person or a bot.
type User struct {
	ID        int64
	FirstName string
	LastName  string
	Username  string
	Bot       bool
}

// Chat is a group, a channel, or a person's dialog with one bot.
type Chat struct {
	w     *World
	id    int64
	kind  string
	title string
	link  string

	bots     map[*Bot]bool // who sits in it, and whether as an administrator
	person   User          // of a dialog
	bot      *Bot          // of a dialog
	stopped  bool          // the person stopped the bot
	messages []*Message
	moments  map[int64]int64 // messages by millisecond
}

func (w *World) chat(id int64, kind, title string) *Chat {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &Chat{w: w, id: id, kind: kind, title: title, bots: map[*Bot]bool{}, moments: map[int64]int64{}}
	w.chats[id] = c
	return c
}

// Group adds a group chat; id is negative.
func (w *World) Group(id int64, title string) *Chat { return w.chat(id, group, title) }

// Channel adds a channel; id is negative, link is its public address or "".
func (w *World) Channel(id int64, title, link string) *Chat {
	c := w.chat(id, channel, title)
	c.link = link
	return c
}

// Chat gives a chat by number, nil when there is none.
func (w *World) Chat(id int64) *Chat {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.chats[id]
}

// Dialog opens a person's dialog with a bot, by its button «Начать» or by a deep
// link with a payload. Its number is positive and known to nobody before.
func (b *Bot) Dialog(u User, payload string) *Chat {
	id := u.ID*1000 + b.id%1000
	c := b.w.Chat(id)
	if c == nil {
		c = b.w.chat(id, dialog, "")
		c.person, c.bot, c.stopped = u, b, true
		c.bots[b] = true
	}
	c.Start(payload)
	return c
}

// ID is the chat's number.
func (c *Chat) ID() int64 { return c.id }

// IsDialog reports whether the chat is a person's dialog with a bot.
func (c *Chat) IsDialog() bool { return c.kind == dialog }

// Start begins the dialog, or takes it up again after Stop.
func (c *Chat) Start(payload string) {
	c.w.at(time.Time{}, func(at time.Time) {
		c.stopped = false
		o := object{"chat_id": c.id, "user": c.person.json(), "user_id": c.person.ID, "user_locale": "ru"}
		if payload != "" && len([]rune(payload)) <= 512 { // longer ones are not passed on
			o["payload"] = payload
		}
		c.bot.tell("bot_started", o, at, domain.PostID{})
	})
}

// Stop makes the person stop the bot: it can write no more.
func (c *Chat) Stop() { c.w.at(time.Time{}, func(at time.Time) { c.stop(at) }) }

func (c *Chat) stop(at time.Time) {
	c.stopped = true
	c.bot.tell("bot_stopped", object{"chat_id": c.id, "user": c.person.json(), "user_id": c.person.ID, "user_locale": "ru"}, at, domain.PostID{})
}

// Remove makes the person delete the dialog, which stops the bot too.
func (c *Chat) Remove() {
	c.w.at(time.Time{}, func(at time.Time) {
		c.stop(at)
		c.bot.tell("dialog_removed", object{"chat_id": c.id, "user": c.person.json(), "user_id": c.person.ID, "user_locale": "ru"}, at, domain.PostID{})
	})
}

// Add puts a bot into the chat. Only an administrator hears what is said there.
func (c *Chat) Add(b *Bot, admin bool) {
	c.w.at(time.Time{}, func(at time.Time) {
		c.bots[b] = admin
		b.tell("bot_added", c.membership(), at, domain.PostID{})
	})
}

// Kick takes a bot out of the chat.
func (c *Chat) Kick(b *Bot) {
	c.w.at(time.Time{}, func(at time.Time) {
		if _, in := c.bots[b]; !in {
			return
		}
		delete(c.bots, b)
		b.tell("bot_removed", c.membership(), at, domain.PostID{})
	})
}

func (c *Chat) membership() object {
	who := User{ID: 900, FirstName: "Владелец"}
	return object{"chat_id": c.id, "user": who.json(), "user_id": who.ID, "is_channel": c.kind == channel}
}

// Rename gives the chat another title.
func (c *Chat) Rename(title string) {
	c.w.at(time.Time{}, func(at time.Time) {
		c.title = title
		for b, admin := range c.bots {
			if admin {
				o := c.membership()
				delete(o, "is_channel")
				o["title"] = title
				b.tell("chat_title_changed", o, at, domain.PostID{})
			}
		}
	})
}

// Messages lists what was written in a chat so far, deleted ones included.
func (c *Chat) Messages() []*Message {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.release()
	return append([]*Message(nil), c.messages...)
}

// hearers are the bots that are told of what happens in the chat.
func (c *Chat) hearers() []*Bot {
	if c.kind == dialog && c.stopped {
		return nil
	}
	var list []*Bot
	for b, admin := range c.bots {
		if admin {
			list = append(list, b)
		}
	}
	return list
}

// mid names a message as MAX does: the chat's number and the message's place in
// it, in hex. seq is the time in milliseconds and sixteen bits more.
func mid(chat, seq int64) string {
	return fmt.Sprintf("mid.%016x%016x", uint64(chat), uint64(seq)) //nolint:gosec // the bits are meant
}
