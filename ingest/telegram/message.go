package tgingest

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/telegram"
)

// Skip is why an update gave no post.
type Skip string

// Reasons to skip an update. They are counted, never silent.
const (
	SkipNone       Skip = ""
	SkipUnknown    Skip = "unknown_update"            // a type of update we do not read
	SkipOdd        Skip = "no_identity"               // nothing to name it by
	SkipService    Skip = "service"                   // what happened to a chat, nobody's words
	SkipPrivate    Skip = "private"                   // a private message while the dialog is off
	SkipMembership Skip = "membership"                // the bot's own rights in a chat changed
	SkipPress      Skip = "press"                     // a button that is no part of a dialog
	SkipPaused     Skip = Skip(ingest.DroppedPaused)  // pushed while a person has stopped the source
	SkipRefused    Skip = Skip(ingest.DroppedRefused) // pushed while the region's pack does not let Telegram be read
)

// mapper turns updates of one source into posts and keeps the cursor's memory.
type mapper struct {
	src domain.Source
	set Settings
	bot string // bot id
	cur botCursor

	talks   bool     // the region's bot answers in private chats
	presses []string // callback ids that wait for their answer
	seats   []domain.Seat
}

func newMapper(src domain.Source, bot int64, talk *Talk) (*mapper, error) {
	set, err := parseSettings(src)
	if err != nil {
		return nil, err
	}
	cur, err := parseBotCursor(src)
	if err != nil {
		return nil, err
	}
	return &mapper{src: src, set: set, bot: strconv.FormatInt(bot, 10), cur: cur.clone(), talks: talk.speaks(src.Region)}, nil
}

// update maps one update; a nil post comes with the reason.
func (m *mapper) update(u telegram.Update) (*domain.Post, Skip) {
	switch u.Type {
	case models.AllowedUpdateMyChatMember:
		return m.membership(u.Payload)
	case models.AllowedUpdateCallbackQuery:
		return m.press(u.Payload)
	}
	if !u.IsMessage() {
		return nil, SkipUnknown
	}
	d, err := decode(u.Payload)
	if err != nil {
		return nil, SkipOdd
	}
	m.learn(&d)
	if d.isService() {
		return nil, SkipService
	}
	talks := m.talks && d.Chat.Type == models.ChatTypePrivate
	if isDialog(d.Chat) && !m.set.Dialog && !talks {
		return nil, SkipPrivate
	}
	p := m.post(&d, u.Payload)
	if d.Chat.Type == models.ChatTypePrivate {
		p.Private = &domain.Private{Chat: chatID(d.Chat)}
	}
	if d.EditDate > d.Date || d.EditDate != 0 && u.IsEdit() { // a fresh copy has the date of its post there
		p.EditedAt = time.Unix(int64(d.EditDate), 0).UTC()
	}
	ingest.Sanitize(p)
	if !isDialog(d.Chat) {
		m.seats = append(m.seats, domain.Seat{Chat: chatID(d.Chat), In: true, Heard: true, At: time.Unix(int64(max(d.Date, d.EditDate)), 0).UTC()})
	}
	return p, SkipNone
}

// learn takes from a message what later ones need: a group's new id and which
// channel post a copy in the discussion group belongs to.
func (m *mapper) learn(d *decoded) {
	if d.MigrateToChatID != 0 {
		m.cur.migrated(chatID(d.Chat), strconv.FormatInt(d.MigrateToChatID, 10))
	}
	if d.MigrateFromChatID != 0 {
		m.cur.migrated(strconv.FormatInt(d.MigrateFromChatID, 10), chatID(d.Chat))
	}
	m.learnCopy(&d.Message)
	if d.ReplyToMessage != nil {
		m.learnCopy(d.ReplyToMessage)
	}
}

// learnCopy notes an automatic forward. A channel post that is a forward itself
// keeps its first origin, so the copy does not tell which post of the channel
// it is of; its comments stay under the copy.
func (m *mapper) learnCopy(msg *models.Message) {
	if !msg.IsAutomaticForward || msg.ForwardOrigin == nil || msg.SenderChat == nil {
		return
	}
	o := msg.ForwardOrigin.MessageOriginChannel
	if o == nil || o.Chat.ID != msg.SenderChat.ID {
		return
	}
	m.cur.remember(copied{G: chatID(msg.Chat), M: msg.ID, C: chatID(o.Chat), P: o.MessageID})
}

func (m *mapper) post(d *decoded, raw json.RawMessage) *domain.Post {
	p := &domain.Post{
		ID:          m.identity(&d.Message),
		Region:      m.src.Region,
		SourceID:    m.src.ID,
		Kind:        kindOf(&d.Message),
		Author:      authorOf(&d.Message),
		Text:        d.text(),
		URL:         messageURL(&d.Message),
		Attachments: d.attachments(),
		Geo:         d.geo(),
		Origin:      originOf(&d.Message),
		Thread:      m.thread(&d.Message),
		ReplyTo:     replyTo(&d.Message),
		Raw:         raw,
		Faults:      d.faults,
	}
	if d.Date != 0 {
		p.PublishedAt = time.Unix(int64(d.Date), 0).UTC()
	}
	if d.MediaGroupID != "" {
		p.Album = chatID(d.Chat) + ":" + d.MediaGroupID
	}
	p.Home = m.home(d, p)
	return p
}

// identity names a message. In a private chat the numbers are the bot's own, so
// the bot is part of the name.
func (m *mapper) identity(msg *models.Message) domain.PostID {
	id := strconv.Itoa(msg.ID)
	if isDialog(msg.Chat) {
		return domain.NewPrivateID(domain.Telegram, m.bot, chatID(msg.Chat), id)
	}
	return domain.NewPostID(domain.Telegram, chatID(msg.Chat), id)
}

func chatID(c models.Chat) string { return strconv.FormatInt(c.ID, 10) }

// isDialog reports whether a chat is a private correspondence: with the bot, or
// with a channel through its direct messages.
func isDialog(c models.Chat) bool { return c.Type == models.ChatTypePrivate || c.IsDirectMessages }

func kindOf(msg *models.Message) domain.PostKind {
	switch {
	case isDialog(msg.Chat):
		return domain.Message
	case msg.Chat.Type == models.ChatTypeChannel, msg.IsAutomaticForward:
		return domain.WallPost
	}
	return domain.Comment
}

// authorOf says who speaks. An admin who writes as the group, and a channel
// that writes in a group, come as sender_chat.
func authorOf(msg *models.Message) domain.Author {
	switch {
	case msg.SenderChat != nil:
		return domain.Author{ID: chatID(*msg.SenderChat), Name: signed(msg.SenderChat.Title, msg.AuthorSignature), Org: true}
	case msg.Chat.Type == models.ChatTypeChannel:
		return domain.Author{ID: chatID(msg.Chat), Name: signed(msg.Chat.Title, msg.AuthorSignature), Org: true}
	case msg.From != nil:
		name := strings.TrimSpace(msg.From.FirstName + " " + msg.From.LastName)
		return domain.Author{ID: strconv.FormatInt(msg.From.ID, 10), Name: name, Org: msg.From.IsBot}
	}
	return domain.Author{}
}

// signed is a channel's name with the signature of who wrote for it; the Bot API
// and the preview give the same.
func signed(channel, signature string) string {
	if channel == "" || signature == "" {
		return channel + signature
	}
	return channel + " (" + signature + ")"
}

// originOf keys a forward by where it was first written; people and groups that
// are forwarded from give no message id.
func originOf(msg *models.Message) domain.PostID {
	if msg.ForwardOrigin == nil || msg.ForwardOrigin.MessageOriginChannel == nil {
		return domain.PostID{}
	}
	o := msg.ForwardOrigin.MessageOriginChannel
	return domain.NewPostID(domain.Telegram, chatID(o.Chat), strconv.Itoa(o.MessageID))
}

// thread finds the post a group's message belongs to: the channel post where
// the group is its discussion, else the message that began the thread. A forum
// topic is a room, not a thread about one thing.
func (m *mapper) thread(msg *models.Message) domain.PostID {
	if kindOf(msg) != domain.Comment || msg.IsTopicMessage {
		return domain.PostID{}
	}
	root := msg.MessageThreadID
	if r := msg.ReplyToMessage; r != nil && r.IsAutomaticForward {
		root = r.ID
	}
	if root == 0 || root == msg.ID {
		return domain.PostID{}
	}
	if post, ok := m.cur.original(chatID(msg.Chat), root); ok {
		return post
	}
	return domain.NewPostID(domain.Telegram, chatID(msg.Chat), strconv.Itoa(root))
}

func replyTo(msg *models.Message) domain.PostID {
	if r := msg.ReplyToMessage; r != nil {
		topicRoot := msg.IsTopicMessage && r.ID == msg.MessageThreadID
		if r.ID == 0 || r.IsAutomaticForward || topicRoot || isDialog(msg.Chat) {
			return domain.PostID{}
		}
		return domain.NewPostID(domain.Telegram, chatID(msg.Chat), strconv.Itoa(r.ID))
	}
	if e := msg.ExternalReply; e != nil && e.Chat != nil && e.MessageID != 0 {
		return domain.NewPostID(domain.Telegram, chatID(*e.Chat), strconv.Itoa(e.MessageID))
	}
	return domain.PostID{}
}

// messageURL is the link a person can open; private chats and small groups have none.
func messageURL(msg *models.Message) string {
	id := strconv.Itoa(msg.ID)
	if isDialog(msg.Chat) {
		return ""
	}
	if msg.Chat.Username != "" {
		return "https://t.me/" + msg.Chat.Username + "/" + id
	}
	if inner := telegram.InnerID(msg.Chat.ID); inner != 0 {
		return "https://t.me/c/" + strconv.FormatInt(inner, 10) + "/" + id
	}
	return ""
}

// home looks a message's municipality up by its chat, the chat's former id, and
// the channel it belongs to.
func (m *mapper) home(d *decoded, p *domain.Post) string {
	chat := chatID(d.Chat)
	names := []string{chat}
	if d.Chat.Username != "" {
		names = append(names, "@"+d.Chat.Username)
	}
	names = append(names, m.cur.formerID(chat), p.Thread.Owner)
	if d.IsAutomaticForward {
		names = append(names, p.Origin.Owner)
	}
	return m.set.home(names, m.src.Home)
}
