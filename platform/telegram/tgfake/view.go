package tgfake

import (
	"strconv"
	"strings"

	"github.com/otklik/otklik/platform/scene"
)

// View is what stands in the chat, the oldest first. Service messages are left out.
func (c *Chat) View() []scene.Line {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.release()
	var out []scene.Line
	for _, m := range c.messages {
		if m.draft.Service == "" {
			out = append(out, m.line())
		}
	}
	return out
}

// Message is a message of the chat by its number, for answering it; nil when it is
// not there.
func (c *Chat) Message(id int) *Message {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	return c.find(id)
}

func (m *Message) line() scene.Line {
	from := m.draft.From
	l := scene.Line{ID: strconv.Itoa(m.id), From: from.ID, Who: strings.TrimSpace(from.FirstName + " " + from.LastName),
		Official: from.ID == m.chat.w.botID, At: m.date, Text: m.draft.Text, Edited: !m.edited.IsZero(), Deleted: m.deleted}
	if l.Who == "" {
		l.Who = m.chat.title
	}
	if m.draft.Media == "photo" {
		l.Photos = 1
	}
	if m.reply != nil {
		l.Under, l.Quote = strconv.Itoa(m.reply.id), scene.Quote(m.reply.draft.Text)
	}
	for _, row := range m.keys {
		var labels []string
		for _, k := range row {
			labels = append(labels, k.Text)
		}
		l.Buttons = append(l.Buttons, labels)
	}
	return l
}
