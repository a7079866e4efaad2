package maxfake

import (
	"fmt"
	"slices"
)

// Said lists what the bot has said in a dialog, the oldest first.
func (c *Chat) Said() []string {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.release()
	var out []string
	for _, m := range c.messages {
		if m.own != nil && !m.deleted {
			out = append(out, m.draft.Text)
		}
	}
	return out
}

// Press makes the person of a dialog press the latest button with a label.
func (c *Chat) Press(label string) error {
	for _, m := range slices.Backward(c.Messages()) {
		if payload, ok := m.payload(label); ok {
			m.Press(c.person, payload)
			return nil
		}
	}
	return fmt.Errorf("maxfake: no button «%s»", label)
}

// payload is what the button with a label carries.
func (m *Message) payload(label string) (string, bool) {
	m.chat.w.mu.Lock()
	defer m.chat.w.mu.Unlock()
	if m.own == nil || m.deleted {
		return "", false
	}
	for _, a := range m.draft.Attachments {
		payload, _ := a["payload"].(object)
		rows, _ := payload["buttons"].([]any)
		for _, row := range rows {
			keys, _ := row.([]any)
			for _, key := range keys {
				if k, _ := key.(map[string]any); k["text"] == label {
					text, _ := k["payload"].(string)
					return text, true
				}
			}
		}
	}
	return "", false
}

// Unanswered tells how many presses wait for the bot's answer.
func (b *Bot) Unanswered() (n int) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	for _, p := range b.w.presses {
		if p.message.own == b && !p.answered && p.until.After(b.w.opt.Now()) {
			n++
		}
	}
	return n
}
