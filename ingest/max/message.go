package maxingest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/max"
)

// Skip is why an update gave no post.
type Skip string

// Reasons to skip an update. They are counted, never silent.
const (
	SkipNone       Skip = ""
	SkipUnknown    Skip = "unknown_update"            // a type of update we do not read
	SkipOdd        Skip = "no_identity"               // nothing to name it by
	SkipPrivate    Skip = "private"                   // a private message while the dialog is off
	SkipMembership Skip = "membership"                // bots and people come and go
	SkipPress      Skip = "press"                     // a button, nobody's words
	SkipOwn        Skip = "own"                       // the bot's own words come back
	SkipPaused     Skip = Skip(ingest.DroppedPaused)  // pushed while a person has stopped the source
	SkipRefused    Skip = Skip(ingest.DroppedRefused) // pushed while the region's pack does not let MAX be read
)

// mapper turns updates of one source into posts and deletions.
type mapper struct {
	now time.Time
	src domain.Source
	set Settings
	bot string // number of the bot

	talks   bool     // the region's bot answers in dialogs
	presses []string // callback ids that wait for their answer
}

// newMapper: a source of MAX is named by the number of its bot.
func newMapper(now time.Time, src domain.Source, talk *Talk) (*mapper, error) {
	set, err := parseSettings(src)
	if err != nil {
		return nil, err
	}
	return &mapper{now: now, src: src, set: set, bot: src.Address, talks: talk.speaks(src.Region)}, nil
}

// found is what one update comes to: a post, a deletion, or the reason for
// neither.
type found struct {
	post *domain.Post
	gone *domain.Deletion
	seat *domain.Seat // beside a post or a skip
	skip Skip
}

func (m *mapper) update(u max.Update) found {
	switch u.Type {
	case max.MessageCreated, max.MessageEdited:
		return m.message(u)
	case max.MessageRemoved:
		return m.removed(u)
	case max.MessageCallback:
		return m.press(u)
	case max.BotStarted:
		return m.event(u, domain.DialogStarted)
	case max.BotStopped, max.DialogRemoved:
		return m.event(u, domain.DialogStopped)
	case max.BotAdded, max.BotRemoved:
		return m.membership(u)
	case "user_added", "user_removed", "chat_title_changed", "dialog_muted", "dialog_unmuted", "dialog_cleared":
		return found{skip: SkipMembership}
	}
	return found{skip: SkipUnknown}
}

func (m *mapper) message(u max.Update) found {
	d, ok := decode(u.Raw)
	if !ok || d.Recipient.Chat == 0 {
		return found{skip: SkipOdd}
	}
	if d.Sender != nil && strconv.FormatInt(d.Sender.ID, 10) == m.bot {
		return found{skip: SkipOwn}
	}
	if m.private(d.Recipient) && !m.dialog() {
		return found{skip: SkipPrivate}
	}
	p := m.post(&d)
	if p == nil {
		return found{skip: SkipOdd}
	}
	// MAX repeats pushes, and lets an edit pass the message it edits.
	p.First = u.Type == max.MessageCreated
	if u.Type == max.MessageEdited {
		p.EditedAt = u.At()
	}
	ingest.Sanitize(p)
	f := found{post: p}
	if !m.private(d.Recipient) {
		f.seat = &domain.Seat{Chat: strconv.FormatInt(d.Recipient.Chat, 10), In: true, Heard: true, At: u.At()}
	}
	return f
}

// membership tells that the bot was let into a group or channel, or put out of it.
func (m *mapper) membership(u max.Update) found {
	var e struct {
		Chat int64 `json:"chat_id"`
	}
	if json.Unmarshal(u.Raw, &e) != nil || e.Chat >= 0 || u.At().IsZero() {
		return found{skip: SkipMembership}
	}
	return found{skip: SkipMembership, seat: &domain.Seat{Chat: strconv.FormatInt(e.Chat, 10), In: u.Type == max.BotAdded, At: u.At()}}
}

// dialog reports whether private messages are let in.
func (m *mapper) dialog() bool { return m.set.Dialog || m.talks }

// private reports whether a place is a correspondence, by its kind or, should
// they ever differ, by its number: what may be private is.
func (m *mapper) private(p max.Place) bool { return p.IsDialog() || p.Chat > 0 }

// removed is the fact that a message is gone. MAX tells the chat's number and not
// its kind.
func (m *mapper) removed(u max.Update) found {
	var r struct {
		Message string `json:"message_id"`
		Chat    int64  `json:"chat_id"`
	}
	if json.Unmarshal(u.Raw, &r) != nil || r.Message == "" || r.Chat == 0 {
		return found{skip: SkipOdd}
	}
	if r.Chat > 0 && !m.dialog() {
		return found{skip: SkipPrivate}
	}
	id := max.PostID(m.bot, r.Chat, r.Message)
	if len(id.Post) > ingest.MaxNameBytes || strings.ContainsRune(id.Post, 0) {
		return found{skip: SkipOdd}
	}
	return found{gone: &domain.Deletion{ID: id, At: m.now}}
}

func (m *mapper) post(d *decoded) *domain.Post {
	mid := d.ID()
	if mid == "" {
		mid = d.nameless()
	}
	if mid == "" {
		return nil
	}
	p := &domain.Post{
		ID:          max.PostID(m.bot, d.Recipient.Chat, mid),
		Region:      m.src.Region,
		SourceID:    m.src.ID,
		Kind:        m.kind(d),
		Author:      d.author(),
		Text:        d.text(),
		PublishedAt: d.At(),
		URL:         d.URL,
		Attachments: d.attachments(),
		Geo:         d.geo(),
		Home:        m.set.home(d.Recipient.Chat, m.src.Home),
		Raw:         d.raw,
		Faults:      d.faults(),
	}
	if p.Kind == domain.Message {
		p.Private = &domain.Private{Chat: strconv.FormatInt(d.Recipient.Chat, 10)}
	}
	if d.Stat != nil {
		p.Views = d.Stat.Views
	}
	m.linked(d, p)
	return p
}

// nameless names a message without a body, of which MAX says that it is nothing
// but a forward: by when and by whom. Repeated pushes give the same name.
func (d *decoded) nameless() string {
	if d.Link == nil || d.Timestamp == 0 {
		return ""
	}
	who := int64(0)
	if d.Sender != nil {
		who = d.Sender.ID
	}
	return fmt.Sprintf("at:%d:%d", d.Timestamp, who)
}

func (m *mapper) kind(d *decoded) domain.PostKind {
	switch {
	case m.private(d.Recipient):
		return domain.Message
	case d.Recipient.Type == max.Channel:
		return domain.WallPost
	}
	return domain.Comment
}

// author says who speaks: in a channel the channel, whoever wrote for it.
func (d *decoded) author() domain.Author {
	name := ""
	if d.Sender != nil {
		name = strings.TrimSpace(d.Sender.FirstName + " " + d.Sender.LastName)
		if name == "" {
			name = d.Sender.Name
		}
	}
	if d.Recipient.Type == max.Channel {
		return domain.Author{ID: strconv.FormatInt(d.Recipient.Chat, 10), Name: name, Org: true}
	}
	if d.Sender == nil || d.Sender.ID == 0 {
		return domain.Author{Name: name}
	}
	return domain.Author{ID: strconv.FormatInt(d.Sender.ID, 10), Name: name, Org: d.Sender.IsBot}
}

// linked keys a forward by where it was first written, and an answer by what it
// answers. A private message that is forwarded is nobody else's to be found by.
func (m *mapper) linked(d *decoded, p *domain.Post) {
	if d.Link == nil || d.Link.Message.ID == "" {
		return
	}
	switch {
	case d.Link.Type == max.LinkForward && d.Link.Chat < 0:
		p.Origin = max.PostID(m.bot, d.Link.Chat, d.Link.Message.ID)
	case d.Link.Type == max.LinkReply && !m.private(d.Recipient):
		p.ReplyTo = max.PostID(m.bot, d.Recipient.Chat, d.Link.Message.ID)
	}
}
