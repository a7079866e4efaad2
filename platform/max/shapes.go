package max

import (
	"encoding/json"
	"time"
)

// User is a person or a bot (https://dev.max.ru/docs-api/objects/User).
type User struct {
	ID        int64  `json:"user_id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Name      string `json:"name"`
	Username  string `json:"username"`
	IsBot     bool   `json:"is_bot"`
}

// ChatType is the kind of a chat.
type ChatType string

// The kinds of chat.
const (
	Dialog  ChatType = "dialog"
	Group   ChatType = "chat"
	Channel ChatType = "channel"
)

// Place is where a message stands (the platform calls it recipient).
type Place struct {
	Chat int64    `json:"chat_id"`
	Type ChatType `json:"chat_type"`
	User int64    `json:"user_id"`
}

// IsDialog reports whether the place is a private correspondence. Where MAX does
// not say the kind, the sign does: groups and channels have negative numbers.
func (p Place) IsDialog() bool { return p.Type == Dialog || p.Type == "" && p.Chat > 0 }

// Body is the content of a message. Attachments keep their JSON: MAX adds kinds.
type Body struct {
	ID          string            `json:"mid"`
	Seq         int64             `json:"seq"` // beyond 2^53
	Text        string            `json:"text"`
	Attachments []json.RawMessage `json:"attachments"`
	Markup      []Markup          `json:"markup"`
}

// Markup is a part of a text that is marked; URL is of links.
type Markup struct {
	Type   string `json:"type"`
	From   int    `json:"from"` // in UTF-16 units
	Length int    `json:"length"`
	URL    string `json:"url"`
}

// Kinds of link between messages.
const (
	LinkReply   = "reply"
	LinkForward = "forward"
)

// Link is the message that this one answers or forwards.
type Link struct {
	Type    string `json:"type"`
	Sender  *User  `json:"sender"`
	Chat    int64  `json:"chat_id"` // of forwards only
	Message Body   `json:"message"`
}

// Message is one message (https://dev.max.ru/docs-api/objects/Message). Body is
// nil when there is nothing but a forward.
type Message struct {
	Sender    *User `json:"sender"` // nil for posts of a channel
	Recipient Place `json:"recipient"`
	Timestamp int64 `json:"timestamp"` // milliseconds
	Link      *Link `json:"link"`
	Body      *Body `json:"body"`
	Stat      *struct {
		Views int64 `json:"views"`
	} `json:"stat"`
	URL string `json:"url"` // of channel posts only
}

// Time is a time of MAX, which counts milliseconds; zero stays zero.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// At is when the message was written.
func (m *Message) At() time.Time { return Time(m.Timestamp) }

// ID is the message's mid; empty when there is no body.
func (m *Message) ID() string {
	if m.Body == nil {
		return ""
	}
	return m.Body.ID
}

// Chat is what a bot may know of a group or channel.
type Chat struct {
	ID     int64    `json:"chat_id"`
	Type   ChatType `json:"type"`
	Status string   `json:"status"` // active, removed, left, closed
	Title  string   `json:"title"`
	Link   string   `json:"link"`
}

// Callback is the press of a button.
type Callback struct {
	ID        string `json:"callback_id"`
	Timestamp int64  `json:"timestamp"`
	Payload   string `json:"payload"`
	User      User   `json:"user"`
}
