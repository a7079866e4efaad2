package maxfake

import (
	"strings"

	"github.com/otklik/otklik/platform/scene"
)

// View is what stands in the chat, the oldest first.
func (c *Chat) View() []scene.Line {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.release()
	var out []scene.Line
	for _, m := range c.messages {
		out = append(out, m.line())
	}
	return out
}

// Message is a message of the chat by its mid, for answering it; nil when it is
// not there.
func (c *Chat) Message(mid string) *Message {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if m := c.w.find(mid); m != nil && m.chat == c {
		return m
	}
	return nil
}

func (m *Message) line() scene.Line {
	who := m.sender()
	l := scene.Line{ID: m.mid, From: who.ID, Who: strings.TrimSpace(who.FirstName + " " + who.LastName), Official: m.own != nil,
		At: m.date, Text: m.draft.Text, Photos: m.draft.Photos, Edited: !m.edited.IsZero(), Deleted: m.deleted}
	if m.replied != nil {
		l.Under, l.Quote = m.replied.mid, scene.Quote(m.replied.draft.Text)
	}
	l.Buttons = m.labels()
	return l
}

// labels are what the buttons under a message say, by rows.
func (m *Message) labels() (out [][]string) {
	for _, a := range m.draft.Attachments {
		payload, _ := a["payload"].(object)
		rows, _ := payload["buttons"].([]any)
		for _, row := range rows {
			keys, _ := row.([]any)
			var labels []string
			for _, key := range keys {
				k, _ := key.(map[string]any)
				text, _ := k["text"].(string)
				labels = append(labels, text)
			}
			out = append(out, labels)
		}
	}
	return out
}
