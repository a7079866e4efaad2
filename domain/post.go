// Package domain holds the words of a regional control centre as types: posts,
// verdicts, cases, agencies, deadlines. It uses the standard library only and
// knows neither platforms nor stores.
//
// Every time.Time in this package is an instant; where a calendar day matters
// the region's zone is handed in. Texts are valid UTF-8 without NUL.
package domain

import (
	"crypto/sha256"
	"strings"
	"time"
)

// Platform is where a post was written.
type Platform string

// The platforms Otklik reads.
const (
	VK       Platform = "vk"
	Telegram Platform = "telegram"
	MAX      Platform = "max"
)

// Platforms are all of them.
func Platforms() []Platform { return []Platform{VK, MAX, Telegram} }

// PostID is the identity of a post. Parts are text because MAX names messages
// by string and VK ids exceed 2^53. Comment is "0" for anything but a comment.
//
//	VK wall post   owner "-123", post "45", comment "0"
//	VK comment     owner "-123", post "45", comment "67"
//	VK dialog      owner "-123" (community), post "dialog:<peer>:<conversation message id>", comment "0"
//	Telegram       owner is the chat id ("-1001234567890"), post is the message id
//	Telegram dialog  owner is the bot id, post "dialog:<chat id>:<message id>"
//	t.me preview   the same numbers as the Bot API would give
//	MAX            owner is the chat's number ("-70801090403050"), post is the mid
//	MAX dialog     owner is the bot's number, post "dialog:<chat>:<mid>"
type PostID struct {
	Platform Platform `json:"platform"`
	Owner    string   `json:"owner"`
	Post     string   `json:"post"`
	Comment  string   `json:"comment"`
}

// NewPostID makes the identity of something that is not a comment.
func NewPostID(p Platform, owner, post string) PostID {
	return PostID{Platform: p, Owner: owner, Post: post, Comment: "0"}
}

// privatePrefix begins the post part of a private message's identity.
const privatePrefix = "dialog:"

// NewPrivateID makes the identity of a message, or of what else happened, in a
// private chat with an account of ours.
func NewPrivateID(p Platform, account, chat, message string) PostID {
	return NewPostID(p, account, privatePrefix+chat+":"+message)
}

// IsZero reports whether the identity names nothing.
func (id PostID) IsZero() bool { return id == PostID{} }

// IsComment reports whether the identity names a comment under a post.
func (id PostID) IsComment() bool { return id.Comment != "" && id.Comment != "0" }

// Root is the post a comment stands under; for a post, itself.
func (id PostID) Root() PostID { return NewPostID(id.Platform, id.Owner, id.Post) }

// String is stable and unique: it is used in logs, lock keys and ledgers.
func (id PostID) String() string {
	s := string(id.Platform) + ":" + id.Owner + "_" + id.Post
	if id.IsComment() {
		s += "_" + id.Comment
	}
	return s
}

// TalkName names the talk a public post stands in, for what is said in one order: in
// VK the post and its comments, in groups what answers one post. thread is the post's
// own, zero when it begins one.
func TalkName(id, thread PostID) string {
	if id.Platform == VK {
		return id.Root().String()
	}
	if thread.IsZero() {
		thread = id
	}
	return string(id.Platform) + ":" + id.Owner + ":" + thread.Post
}

// Private reports whether it names a message of a private chat: such a name holds
// the chat.
func (id PostID) Private() bool { return strings.HasPrefix(id.Post, privatePrefix) }

// Dialog gives the chat of a private message, and the message in it; ok is false of
// anything else, and of a name that holds no message.
func (id PostID) Dialog() (chat, message string, ok bool) {
	rest, ok := strings.CutPrefix(id.Post, privatePrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// LogName is String for logs: of a private message it does not say whose it is.
func (id PostID) LogName() string {
	if id.Private() {
		return string(id.Platform) + ":" + id.Owner + "_dialog"
	}
	return id.String()
}

// AlbumName names an album for logs: of a private message it does not say whose
// it is.
func (p *Post) AlbumName() string {
	if p.Kind == Message {
		return p.ID.LogName()
	}
	return p.Album
}

// PostKind tells how a post came into being.
type PostKind string

// The kinds of post.
const (
	WallPost PostKind = "post"    // a post on a wall or in a channel
	Comment  PostKind = "comment" // a comment, or a message in a discussion group
	Message  PostKind = "message" // a private message to a bot or community
)

// Author is what a platform shows publicly of who wrote. No profile is kept
// (law.md §4). Name may be empty; ID is the platform's own number as text.
type Author struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Org  bool   `json:"org,omitempty"` // a community or channel speaks, not a person
}

// Attachment is a link to a picture, video or file; the bytes are never fetched.
// Type is the platform's own word, kept even when we do not know it.
type Attachment struct {
	Type string `json:"type"`
	URL  string `json:"url,omitempty"`
	Name string `json:"name,omitempty"`
}

// Geo is a point in WGS 84 degrees, given by the author.
type Geo struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Post is one post, comment or bot message as the platform gave it.
type Post struct {
	ID          PostID       `json:"id"`
	Region      string       `json:"region"`    // pack name
	SourceID    int64        `json:"source_id"` // storage id of the source that brought it
	Kind        PostKind     `json:"kind"`
	Author      Author       `json:"author"`
	Text        string       `json:"text"` // as given; classify normalises a copy
	PublishedAt time.Time    `json:"published_at"`
	EditedAt    time.Time    `json:"edited_at"` // zero when never edited
	URL         string       `json:"url,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Geo         *Geo         `json:"geo,omitempty"`

	// Origin is the first post of a repost or forward; zero when original.
	Origin PostID `json:"origin"`
	// Thread is the post a comment belongs to; for a message in a Telegram
	// discussion group, the channel post it answers. Zero for a post of its own.
	Thread PostID `json:"thread"`
	// ReplyTo is the comment or message this one answers; zero when none.
	ReplyTo PostID `json:"reply_to"`
	// Album joins several Telegram messages into one post ("<chat>:<media_group_id>").
	Album string `json:"album,omitempty"`

	// First says that the platform told of the post's birth, so that this is what
	// it said then. Such events are repeated and overtaken by others; about a post
	// that is already stored they are no news.
	First bool `json:"-"`

	Views    int64  `json:"views,omitempty"`
	Comments int64  `json:"comments,omitempty"`
	Home     string `json:"home,omitempty"` // municipality id of the source's home, for place fallback
	Raw      []byte `json:"-"`              // the platform's JSON or HTML of this post, at most 256 KiB

	// Private is set for a private message to a bot.
	Private *Private `json:"-"`

	// Faults say what had to be mended at the rim (NUL bytes, broken encoding,
	// absurd size). A post with faults is stored and shown in review.
	Faults []Fault `json:"faults,omitempty"`
}

// Talk is the post a comment's talk stands under: in a group without a channel, the
// message it answers.
func (p *Post) Talk() PostID {
	if p.Thread.IsZero() && p.ID.Platform != VK {
		return p.ReplyTo
	}
	return p.Thread
}

// TextHash identifies the text and attachments: an edit that changes neither
// (Telegram reports those too) is no new fact.
func (p *Post) TextHash() [32]byte {
	var b strings.Builder
	b.WriteString(p.Text)
	for _, a := range p.Attachments {
		b.WriteByte(0)
		b.WriteString(a.Type)
	}
	return sha256.Sum256([]byte(b.String()))
}

// Deletion is the fact that a post is no longer on its platform. What was made
// of the post stays, with a mark.
type Deletion struct {
	ID PostID    `json:"id"`
	At time.Time `json:"at"` // when it was noticed
}

// FaultCode names what is wrong with a post.
type FaultCode string

// Fault codes.
const (
	FaultInvalidUTF8  FaultCode = "invalid_utf8"
	FaultNUL          FaultCode = "nul_bytes"
	FaultTooLong      FaultCode = "text_too_long"
	FaultCombining    FaultCode = "combining_marks"
	FaultPanic        FaultCode = "panic"
	FaultRefused      FaultCode = "refused_by_store"
	FaultUnknownShape FaultCode = "unknown_shape"
	FaultUnknownHome  FaultCode = "unknown_home" // the source names no municipality of the pack
)

// Fault is a named reason why a machine could not take a post as it was.
type Fault struct {
	Code   FaultCode `json:"code"`
	Detail string    `json:"detail,omitempty"`
}
