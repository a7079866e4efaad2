package tgfake

import (
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Kinds of chat, as the Bot API names them.
const (
	private    = "private"
	group      = "group"
	supergroup = "supergroup"
	channel    = "channel"
)

// Chat is a channel, a group, or a person's dialog with the bot.
type Chat struct {
	w        *World
	id       int64
	kind     string
	username string
	title    string

	next      int // id of the next message
	messages  []*Message
	member    bool // the bot sits in it
	preview   bool // t.me/s/ shows a list
	linked    *Chat
	movedTo   *Chat
	looseCopy bool // copies in the discussion group lose their media_group_id
}

// User is a person or a bot.
type User struct {
	ID        int64
	FirstName string
	LastName  string
	Username  string
	Bot       bool
}

func (w *World) chat(id int64, kind, username, title string) *Chat {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.newChat(id, kind, username, title)
}

func (w *World) newChat(id int64, kind, username, title string) *Chat {
	c := &Chat{w: w, id: id, kind: kind, username: username, title: title, next: 1, member: true, preview: true}
	w.chats[id] = c
	if username != "" {
		w.names[strings.ToLower(username)] = c
	}
	return c
}

// Channel adds a public channel with the bot as its admin; id is like -1001234567890.
func (w *World) Channel(id int64, username, title string) *Chat {
	return w.chat(id, channel, username, title)
}

// Supergroup adds a supergroup with the bot in it; username may be empty.
func (w *World) Supergroup(id int64, username, title string) *Chat {
	return w.chat(id, supergroup, username, title)
}

// Group adds a small group with the bot in it; id is like -123456.
func (w *World) Group(id int64, title string) *Chat { return w.chat(id, group, "", title) }

// Dialog adds a person's private chat with the bot.
func (w *World) Dialog(u User) *Chat { return w.chat(u.ID, private, u.Username, u.FirstName) }

// Chat gives a chat by number, nil when there is none.
func (w *World) Chat(id int64) *Chat {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.chats[id]
}

// ID is the chat's id.
func (c *Chat) ID() int64 { return c.id }

// SetMember puts the bot into the chat or takes it out; out of it there are no
// updates, and sending is forbidden.
func (c *Chat) SetMember(in bool) { c.set(func() { c.member = in }) }

// SetPreview turns the list under t.me/s/ on or off.
func (c *Chat) SetPreview(on bool) { c.set(func() { c.preview = on }) }

// SetLooseCopies makes copies in the discussion group lose their album.
func (c *Chat) SetLooseCopies(on bool) { c.set(func() { c.looseCopy = on }) }

// SetNextID makes the next message have this id.
func (c *Chat) SetNextID(id int) { c.set(func() { c.next = id }) }

// Rename gives the chat another username.
func (c *Chat) Rename(username string) {
	c.set(func() {
		delete(c.w.names, strings.ToLower(c.username))
		c.username = username
		c.w.names[strings.ToLower(username)] = c
	})
}

// Link makes group the discussion of a channel: posts are forwarded into it by
// themselves and comments are messages there.
func (c *Chat) Link(discussion *Chat) { c.set(func() { c.linked = discussion }) }

func (c *Chat) set(do func()) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	do()
}

// Draft is what somebody writes.
type Draft struct {
	ID       int       // of the message; 0 = the chat's next
	At       time.Time // zero = now
	From     User      // in groups and dialogs
	AsChat   *Chat     // a group's admin or a channel speaks instead of From
	Text     string    // a caption when there is Media
	Media    string    // photo, video, animation, document, audio, voice, video_note, sticker
	File     string    // name of a document; emoji of a sticker
	Links    []Link    // words of the text that hide an address
	Poll     *Poll
	Location *domain.Geo
	Venue    string // name of the place at Location
	Forward  *Origin
	ReplyTo  *Message
	Topic    int            // forum topic
	Service  string         // key of a service message; Extra may hold its value
	Extra    map[string]any // fields as they are
	Views    int
	AppOnly  bool // the preview shows only «Please open Telegram to view this post»
}

// Link is a word of the text with an address behind it.
type Link struct{ Word, URL string }

// Poll is a question with its options.
type Poll struct {
	Question string
	Options  []string
}

// Origin is where a forwarded message was first written. One of the three.
type Origin struct {
	Post   *Message // of a channel
	User   *User
	Hidden string // name of a user who hides
}

// Message is a message of the World; its id is known once its time has come.
type Message struct {
	chat    *Chat
	id      int
	date    time.Time
	edited  time.Time
	deleted bool
	draft   Draft
	album   string
	copyOf  *Message // automatic forward of this channel post
	copy    *Message // its automatic forward in the discussion group
	thread  *Message // root of the thread it stands in
	reply   *Message
	keys    [][]key // buttons, of the bot's own
}

// MessageID is the id in its chat, 0 before the message's time has come.
func (m *Message) MessageID() int {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.id
}

// PostID is the identity the message has everywhere in this project.
func (m *Message) PostID() domain.PostID {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.identity()
}

func (m *Message) identity() domain.PostID {
	id := strconv.Itoa(m.id)
	if m.chat.kind == private {
		return domain.NewPostID(domain.Telegram, m.chat.w.BotID(), "dialog:"+strconv.FormatInt(m.chat.id, 10)+":"+id)
	}
	return domain.NewPostID(domain.Telegram, strconv.FormatInt(m.chat.id, 10), id)
}

// Copy is the automatic forward of a channel post in the discussion group, or nil.
func (m *Message) Copy() *Message {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	return m.copy
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

// Messages lists what was written in a chat so far, deleted ones included.
func (c *Chat) Messages() []*Message {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.release()
	return append([]*Message(nil), c.messages...)
}
