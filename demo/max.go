package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
)

// maxWorld writes a feed's records to the fake MAX.
type maxWorld struct {
	chats    map[string]*maxfake.Chat // by source key
	bots     map[string]*maxfake.Bot  // by region
	messages map[domain.PostID]*maxfake.Message
}

func newMAXWorld(f *Fakes) *maxWorld {
	return &maxWorld{chats: f.MAXChats, bots: f.MAXBots, messages: map[domain.PostID]*maxfake.Message{}}
}

func (w *maxWorld) post(s Source, r Record, at time.Time) (domain.PostID, error) {
	return w.write(s, w.draft(r, at))
}

func (w *maxWorld) write(s Source, d maxfake.Draft) (domain.PostID, error) {
	chat, ok := w.chats[s.Key]
	if !ok {
		return domain.PostID{}, fmt.Errorf("source %s is no chat of the fake", s.Key)
	}
	m := chat.Post(d)
	id := m.PostID(w.bots[s.Region])
	w.messages[id] = m
	return id, nil
}

func (w *maxWorld) draft(r Record, at time.Time) maxfake.Draft {
	first, last, _ := strings.Cut(r.Author, " ")
	if first == "" {
		first = "Житель"
	}
	d := maxfake.Draft{At: at, Text: r.Text, Photos: max(len(r.Attachments), r.Parts),
		From: maxfake.User{ID: author(Record{Author: first + last}), FirstName: first, LastName: last}}
	if len(r.Geo) == 2 {
		d.Location = &domain.Geo{Lat: r.Geo[0], Lon: r.Geo[1]}
	}
	return d
}

func (w *maxWorld) comment(s Source, under, replyTo domain.PostID, r Record, at time.Time) (domain.PostID, error) {
	d := w.draft(r, at)
	for _, id := range []domain.PostID{replyTo, under} {
		if d.ReplyTo = w.messages[id]; d.ReplyTo != nil {
			return w.write(s, d)
		}
	}
	return domain.PostID{}, fmt.Errorf("message %s was not played", under)
}

// repost forwards what stands in MAX; what stands elsewhere people paste.
func (w *maxWorld) repost(s Source, origin domain.PostID, copied string, r Record, at time.Time) (domain.PostID, error) {
	d := w.draft(r, at)
	if d.Forward = w.messages[origin]; d.Forward == nil {
		d.Text = strings.TrimSpace(r.Text + "\n" + copied)
	}
	return w.write(s, d)
}

func (w *maxWorld) edit(id domain.PostID, text string) error {
	m, ok := w.messages[id]
	if !ok {
		return fmt.Errorf("message %s was not played", id)
	}
	m.EditText(time.Time{}, text)
	return nil
}

func (w *maxWorld) remove(id domain.PostID) error {
	m, ok := w.messages[id]
	if !ok {
		return fmt.Errorf("message %s was not played", id)
	}
	m.Delete(time.Time{})
	return nil
}

// maxChat makes a group of the fake MAX with the region's bot in it.
func (f *Fakes) maxChat(s Source, number int64) {
	bot, ok := f.MAXBots[s.Region]
	if !ok {
		id := int64(700100200 + len(f.MAXBots))
		bot = f.MAX.Bot(id, fmt.Sprintf("token-of-the-fake-max-%d", id), s.Region+"_otklik_bot")
		f.MAXBots[s.Region] = bot
	}
	chat := f.MAX.Group(number, s.Title)
	chat.Add(bot, true)
	f.MAXChats[s.Key] = chat
}

// MAXTokens are the tokens of the fake's bots, of one region or, with "", of all.
func (f *Fakes) MAXTokens(region string) []string {
	var out []string
	for r, b := range f.MAXBots {
		if region == "" || r == region {
			out = append(out, b.Token())
		}
	}
	return out
}
