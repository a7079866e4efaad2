package domain

import (
	"encoding/json"
	"time"
)

// SourceKind is the way posts come in from a source.
type SourceKind string

// Kinds of source. The address of each is given in the comment.
const (
	VKWall          SourceKind = "vk_wall"          // owner id ("-123") or screen name
	VKSearch        SourceKind = "vk_search"        // newsfeed.search words
	VKLongPoll      SourceKind = "vk_longpoll"      // id of an own community, without sign
	VKCallback      SourceKind = "vk_callback"      // id of an own community, without sign
	TelegramBot     SourceKind = "telegram_bot"     // bot id; getUpdates
	TelegramWebhook SourceKind = "telegram_webhook" // bot id; pushes
	TelegramPreview SourceKind = "telegram_preview" // public channel name without @
	MAXBot          SourceKind = "max_bot"          // number of the bot; GET /updates
	MAXWebhook      SourceKind = "max_webhook"      // number of the bot; pushes
)

// Platform is where a source's posts are written; "" of an unknown kind.
func (k SourceKind) Platform() Platform {
	switch k {
	case VKWall, VKSearch, VKLongPoll, VKCallback:
		return VK
	case TelegramBot, TelegramWebhook, TelegramPreview:
		return Telegram
	case MAXBot, MAXWebhook:
		return MAX
	}
	return ""
}

// Pushed reports whether posts arrive by themselves and no poll is scheduled.
func (k SourceKind) Pushed() bool { return k == VKCallback || k == TelegramWebhook || k == MAXWebhook }

// SourceState is how a source is doing; Reason beside it says it in words.
type SourceState string

// States of a source. They are different things and shown as such.
const (
	SourceNew       SourceState = "new"       // never polled
	SourceActive    SourceState = "active"    // last poll brought posts
	SourceUnchanged SourceState = "unchanged" // last poll worked and brought nothing new
	SourceEmpty     SourceState = "empty"     // works, and has never had a post
	SourceFailing   SourceState = "failing"   // last poll failed; tried again with backoff, hourly when a person is needed
	SourceParked    SourceState = "parked"    // waits: for a named time (quota), or for its region's pack to let its platform be read
	SourceClosed    SourceState = "closed"    // private, deleted, banned; looked at once a day
	SourcePaused    SourceState = "paused"    // a person stopped it
)

// Activity is what the poll schedule knows of a source.
type Activity struct {
	PostsPerHour float64   `json:"posts_per_hour"` // exponential mean over polls
	LastPostAt   time.Time `json:"last_post_at"`
	Failures     int       `json:"failures"` // in a row
}

// Source is a wall, channel, chat, bot or search.
type Source struct {
	ID       int64           `json:"id"`
	Region   string          `json:"region"`
	Kind     SourceKind      `json:"kind"`
	Address  string          `json:"address"`
	Title    string          `json:"title"`
	Home     string          `json:"home"`     // municipality id, may be empty
	Settings json.RawMessage `json:"settings"` // per kind, see the puller
	Cursor   json.RawMessage `json:"cursor"`   // per kind, see the puller; null at first
	State    SourceState     `json:"state"`
	Reason   string          `json:"reason"` // Russian, for people
	Activity Activity        `json:"activity"`
	Epoch    int64           `json:"epoch"` // of the lease held; 0 = none needed (pushes)

	NextPollAt time.Time `json:"next_poll_at"`
	LastPollAt time.Time `json:"last_poll_at"`
	LastOKAt   time.Time `json:"last_ok_at"`

	// Away are the chats that the source's bot was put out of. Only lists for people
	// hold them.
	Away []Away `json:"away,omitempty"`
}

// Away is a chat of which nothing comes any more, and where nothing can be answered.
type Away struct {
	Chat  string    `json:"chat"`
	Title string    `json:"title"` // may be unknown
	Since time.Time `json:"since"`
}

// Name is what people know the chat by.
func (a Away) Name() string {
	if a.Title != "" {
		return "«" + a.Title + "»"
	}
	return a.Chat
}

// Seat says that a bot is in a chat of several people, or out of it.
type Seat struct {
	Chat, Title string
	In          bool
	Heard       bool // nothing but words from the chat say so
	At          time.Time
}

// Watch asks to look at a post again: its comment count, edits, deletion.
type Watch struct {
	ID       PostID    `json:"id"`
	Comments int64     `json:"comments"` // comments already taken
	Until    time.Time `json:"until"`    // not after this
	NextAt   time.Time `json:"next_at"`
}

// Batch is what one pull or push brought: the posts, and the cursor that covers
// exactly them. It is committed as a whole or not at all.
type Batch struct {
	Source    Source
	Posts     []Post
	Deletions []Deletion
	Seats     []Seat
	Watches   []Watch         // set or moved; one with Until in the past is dropped
	Cursor    json.RawMessage // nil keeps the old one
	State     SourceState     // new state of the source, with
	Reason    string          // the reason in Russian words
	Activity  Activity
	NextPoll  time.Time
	More      bool // another pull at once would bring more
	Talk      Talk `json:"-"` // answers private messages; nil: they are posts like any other
}
