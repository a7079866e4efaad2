package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// telegramWorld writes a feed's records to the fake Telegrams, one a region.
type telegramWorld struct {
	chats    map[string]*tgfake.Chat // by source key
	messages map[domain.PostID]*tgfake.Message
	count    map[*tgfake.Chat]int // records by chat
}

// next is the number of a chat's next record.
func (w *telegramWorld) next(chat *tgfake.Chat) int {
	w.count[chat]++
	return w.count[chat] * ownRoom
}

func newTelegramWorld(chats map[string]*tgfake.Chat) *telegramWorld {
	return &telegramWorld{chats: chats, messages: map[domain.PostID]*tgfake.Message{}, count: map[*tgfake.Chat]int{}}
}

func (w *telegramWorld) post(s Source, r Record, at time.Time) (domain.PostID, error) {
	chat, ok := w.chats[s.Key]
	if !ok {
		return domain.PostID{}, fmt.Errorf("source %s is no chat of the fake", s.Key)
	}
	if r.Parts > 1 {
		return w.album(chat, r, at), nil
	}
	return w.write(chat, w.draft(r, at)), nil
}

// album posts several pictures; the caption stands on any one of them.
func (w *telegramWorld) album(chat *tgfake.Chat, r Record, at time.Time) domain.PostID {
	parts := make([]tgfake.Draft, r.Parts)
	for i := range parts {
		parts[i] = tgfake.Draft{At: at, From: user(r), Media: "photo"}
	}
	parts[0].ID = w.next(chat)
	parts[max(0, min(r.CaptionPart-1, r.Parts-1))].Text = r.Text
	messages := chat.Album(parts...)
	for _, m := range messages {
		w.remember(m)
	}
	return messages[0].PostID()
}

func (w *telegramWorld) write(chat *tgfake.Chat, d tgfake.Draft) domain.PostID {
	d.ID = w.next(chat)
	return w.remember(chat.Post(d))
}

func (w *telegramWorld) remember(m *tgfake.Message) domain.PostID {
	id := m.PostID()
	w.messages[id] = m
	return id
}

func (w *telegramWorld) draft(r Record, at time.Time) tgfake.Draft {
	d := tgfake.Draft{At: at, From: user(r), Text: r.Text}
	if len(r.Attachments) > 0 {
		d.Media = r.Attachments[0]
	}
	if len(r.Geo) == 2 && r.Text == "" {
		d.Location = &domain.Geo{Lat: r.Geo[0], Lon: r.Geo[1]}
	}
	return d
}

func (w *telegramWorld) comment(s Source, under, replyTo domain.PostID, r Record, at time.Time) (domain.PostID, error) {
	root, ok := w.messages[under]
	if !ok {
		return domain.PostID{}, fmt.Errorf("message %s was not played", under)
	}
	d := w.draft(r, at)
	d.ReplyTo = w.messages[replyTo]
	if d.ReplyTo == nil {
		d.ReplyTo = root
	}
	chat, ok := w.chats[s.Key]
	if !ok {
		return domain.PostID{}, fmt.Errorf("source %s is no chat of the fake", s.Key)
	}
	return w.write(chat, d), nil
}

func (w *telegramWorld) repost(s Source, origin domain.PostID, copied string, r Record, at time.Time) (domain.PostID, error) {
	r.Text = strings.TrimSpace(r.Text + "\n" + copied)
	chat, ok := w.chats[s.Key]
	if !ok {
		return domain.PostID{}, fmt.Errorf("source %s is no chat of the fake", s.Key)
	}
	d := w.draft(r, at)
	if m := w.messages[origin]; m != nil {
		d.Text = copied // a forward carries the words of its origin and nothing else
		d.Forward = &tgfake.Origin{Post: m}
	}
	return w.write(chat, d), nil
}

func (w *telegramWorld) edit(id domain.PostID, text string) error {
	m, ok := w.messages[id]
	if !ok {
		return fmt.Errorf("message %s was not played", id)
	}
	m.EditText(time.Time{}, text)
	return nil
}

func (w *telegramWorld) remove(id domain.PostID) error {
	m, ok := w.messages[id]
	if !ok {
		return fmt.Errorf("message %s was not played", id)
	}
	m.Delete(time.Time{})
	return nil
}

func user(r Record) tgfake.User {
	first, last, _ := strings.Cut(r.Author, " ")
	if first == "" {
		first = "Житель"
	}
	return tgfake.User{ID: author(Record{Author: first + last}), FirstName: first, LastName: last}
}
