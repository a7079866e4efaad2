package tgfake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// key is a button under a message of the bot.
type key struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
	URL  string `json:"url"`
}

// keyboardOf reads reply_markup; what Telegram would refuse is refused.
func keyboardOf(raw string) ([][]key, *reply) {
	if raw == "" {
		return nil, nil
	}
	var m struct {
		Rows [][]key `json:"inline_keyboard"`
	}
	refuse := func(text string) *reply { p := failed(400, "Bad Request: %s", text); return &p }
	if json.Unmarshal([]byte(raw), &m) != nil {
		return nil, refuse("can't parse reply keyboard markup JSON object")
	}
	for _, row := range m.Rows {
		for _, k := range row {
			switch {
			case k.Text == "":
				return nil, refuse("inline keyboard button text must be non-empty")
			case k.URL != "" && k.Data == "":
				if u, err := url.Parse(k.URL); err != nil || !strings.Contains(u.Hostname(), ".") {
					return nil, refuse("BUTTON_URL_INVALID")
				}
			case k.Data == "" || k.URL != "" || len(k.Data) > 64:
				return nil, refuse("BUTTON_DATA_INVALID")
			}
		}
	}
	return m.Rows, nil
}

// Said lists what the bot has said in a chat, the oldest first.
func (c *Chat) Said() []string {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.release()
	var out []string
	for _, m := range c.messages {
		if m.draft.From.ID == c.w.botID && !m.deleted {
			out = append(out, m.draft.Text)
		}
	}
	return out
}

// Press makes the person of a private chat press the latest button with a label.
func (c *Chat) Press(label string) error {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	for _, m := range slices.Backward(c.messages) {
		for _, row := range m.keys {
			for _, k := range row {
				if k.Text != label || m.deleted {
					continue
				}
				c.w.queries++
				id := strconv.Itoa(4_000_000 + c.w.queries)
				c.w.pressed[id] = true
				person := User{ID: c.id, FirstName: c.title, Username: c.username}
				c.w.push(update{kind: "callback_query", date: c.w.opt.Now(), chat: c.id, payload: object{
					"id": id, "from": person.json(), "chat_instance": "1", "data": k.Data, "message": m.json()}})
				return nil
			}
		}
	}
	return fmt.Errorf("tgfake: no button «%s»", label)
}

// Unanswered tells how many presses wait for the bot's answer.
func (w *World) Unanswered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.pressed)
}

// answerCallbackQuery ends the wait of a pressed button.
func (w *World) answerCallbackQuery(args map[string]string) reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := args["callback_query_id"]
	if !w.pressed[id] {
		return failed(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
	}
	delete(w.pressed, id)
	return reply{result: true}
}

// Kick takes the bot out of a group or channel and tells it so; Admit lets it in.
func (c *Chat) Kick() { c.move("administrator", "kicked") }

// Admit lets the bot in, as an administrator.
func (c *Chat) Admit() { c.move("left", "administrator") }

func (c *Chat) move(was, now string) {
	c.w.at(time.Time{}, func(at time.Time) {
		c.member = now == "administrator"
		me := c.w.me().json()
		c.w.push(update{kind: "my_chat_member", date: at, chat: c.id, payload: object{"chat": c.json(), "date": at.Unix(),
			"from":            (&User{ID: 900, FirstName: "Владелец"}).json(),
			"old_chat_member": object{"user": me, "status": was}, "new_chat_member": object{"user": me, "status": now}}})
	})
}

// Block makes the person of a private chat block the bot, or let it in again.
func (c *Chat) Block(blocked bool) {
	c.w.at(time.Time{}, func(at time.Time) {
		was, now := "member", "kicked"
		if !blocked {
			was, now = now, was
		}
		c.member = !blocked
		person := User{ID: c.id, FirstName: c.title, Username: c.username}
		me := c.w.me().json()
		c.w.push(update{kind: "my_chat_member", date: at, chat: c.id, payload: object{"chat": c.json(), "from": person.json(), "date": at.Unix(),
			"old_chat_member": object{"user": me, "status": was}, "new_chat_member": object{"user": me, "status": now, "until_date": 0}}})
	})
}
