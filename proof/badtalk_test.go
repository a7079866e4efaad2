package proof

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/max/maxfake"
)

// door is a bot's way in on a platform, for what may come besides what people write.
type door struct {
	url       string
	header    map[string]string        // of what comes from the platform
	forged    []map[string]string      // headers of what does not
	body      func(update any) []byte  // an update as the platform writes it
	wrong     func(body []byte) []byte // the same as somebody writes it who knows no secret; nil: the header tells
	press     func(payload string)     // a button that nobody made
	told      map[string]any           // a message, replayedText in it, and a press of «help», each told thrice
	photo     any                      // a picture of 10 MB
	odd       []any                    // of chats nobody knows, and of shapes that are none: nothing is said
	strangers []any                    // of chats nobody knows: they may be greeted, and nothing is kept
	calm      func()                   // everything was pushed
}

const replayedText = "В Хабаровске на улице Гайдара, дом 12, во дворе глубокая яма, машины бьют колёса"

// bears pushes at a bot what may come: forged and repeated updates, buttons that nobody
// made, updates of chats nobody knows, a picture of 10 MB, a flood. Each is heard,
// refused or passed over, and the conversation goes on.
func (c *conversation) bears(d door) {
	c.t.Helper()
	c.pressesOfNobody(d)
	c.forgedUpdates(d)
	c.toldTwice(d)
	if status := c.pushed(d, d.photo); status != http.StatusOK {
		c.t.Errorf("the picture: %d", status)
	}
	c.hears("Добавлено к сообщению") // what it weighs is the platform's matter; its address is kept
	c.unknownChats(d)
	c.flood(d)
}

// TestBotBearsBadInput is the bot of MAX.
func TestBotBearsBadInput(t *testing.T) {
	s := newStand(t).raced()
	s.talks()
	s.addSource(domain.MAXWebhook, s.mxBot.ID())
	env, url := hooksAt(t)
	s.setenv("OTKLIK_PUBLIC_URL=" + url)
	w := s.serve(env).ready(t)
	waitFor(t, 10*time.Second, "the webhook registered", s.mxBot.Subscribed)
	dialog := s.mxBot.Dialog(maxfake.User{ID: 501_501, FirstName: "Анна", LastName: "Жительница"}, "")
	c := &conversation{stand: s, chat: maxChat{dialog}}
	c.begin(true)
	c.bears(s.maxDoor(url, dialog))
	s.mustLive(w)
	c.nothingPersonalLogged(complaint, strconv.FormatInt(dialog.ID(), 10), "Жительница", "Гайдара")
}

func (s *stand) maxDoor(url string, dialog *maxfake.Chat) door {
	at := time.Now().UnixMilli()
	place := map[string]any{"chat_id": dialog.ID(), "chat_type": "dialog", "user_id": 501_501}
	person := map[string]any{"user_id": 501_501, "first_name": "Анна"}
	message := func(mid, text string, attachments ...map[string]any) map[string]any {
		return map[string]any{"update_type": "message_created", "timestamp": at, "message": map[string]any{"recipient": place, "timestamp": at, "sender": person,
			"body": map[string]any{"mid": mid, "seq": 1, "text": text, "attachments": attachments}}}
	}
	asked := lastOfBot(dialog)
	return door{url: url + "/max/" + s.mxBot.ID(), calm: s.maxDelivered, body: func(u any) []byte { return rendered(u) },
		header: map[string]string{maxSecretHeader: max.WebhookSecret(s.mxBot.Token(), s.mxBot.ID())},
		forged: []map[string]string{nil, {maxSecretHeader: "x"}},
		press:  func(payload string) { asked.Press(maxfake.User{ID: 501_501, FirstName: "Анна"}, payload) },
		told: map[string]any{"message": message("mid.replayed", replayedText),
			"press": map[string]any{"update_type": "message_callback", "timestamp": at, "callback": map[string]any{"timestamp": at, "callback_id": "replayed", "payload": "help", "user": person},
				"message": map[string]any{"recipient": place, "timestamp": at, "body": map[string]any{"mid": "mid.x", "seq": 1, "text": "?"}}}},
		photo: message("mid.photo", "", map[string]any{"type": "image", "payload": map[string]any{"photo_id": 1, "token": strings.Repeat("t", 2000), "url": "https://i.oneme.ru/i?r=1"}, "size": 10 << 20}),
		odd: []any{
			map[string]any{"update_type": "bot_stopped", "timestamp": 1, "chat_id": 77_000_001, "user": map[string]any{"user_id": 77}},
			map[string]any{"update_type": "dialog_removed", "timestamp": 1, "chat_id": "нет"},
			map[string]any{"update_type": "message_removed", "timestamp": 1, "chat_id": 77_000_002, "message_id": "mid.nobody"},
			map[string]any{"update_type": "message_callback", "timestamp": 1, "callback": map[string]any{"callback_id": "", "payload": "yes"}},
			map[string]any{"update_type": "message_callback", "timestamp": 1, "callback": "строка", "message": []int{1}},
			map[string]any{"update_type": "bot_started", "timestamp": 1},
		}}
}

// pressesOfNobody: payloads that no button of ours has, of other people's cases,
// very long, of zero bytes.
func (c *conversation) pressesOfNobody(d door) {
	c.t.Helper()
	for _, payload := range []string{"", "good:999999:1", "good::", "sure:", "sub:\x00", strings.Repeat("я", 5000), "yes:1999-01", "'; DROP TABLE cases; --"} {
		d.press(payload)
	}
	d.calm()
	c.hearsAgain("Эта кнопка больше не действует", 4)
	c.write("статус")
	c.hears("Ваши сообщения:")
	if n := c.query(`SELECT count(*) FROM cases WHERE state <> 'done'`); n != 1 {
		c.t.Errorf("%d open cases after presses of nobody", n)
	}
}

func lastOfBot(dialog *maxfake.Chat) *maxfake.Message {
	for _, m := range slices.Backward(dialog.Messages()) {
		if m.By() != nil {
			return m
		}
	}
	return nil
}

// pushed posts an update as the platform does.
func (c *conversation) pushed(d door, update any) int {
	c.t.Helper()
	status, _ := post(c.t, d.url, d.header, d.body(update))
	return status
}

// forgedUpdates are refused and leave nothing.
func (c *conversation) forgedUpdates(d door) {
	c.t.Helper()
	for i, header := range d.forged {
		for name, update := range d.told {
			body := d.body(update)
			if d.wrong != nil {
				body = d.wrong(body)
			}
			if status, _ := post(c.t, d.url, header, body); status != http.StatusForbidden {
				c.t.Errorf("forged %s %d: %d, want 403", name, i, status)
			}
		}
	}
	if n := c.query(`SELECT count(*) FROM posts WHERE text = $1`, replayedText); n != 0 {
		c.t.Errorf("%d forged messages are stored", n)
	}
}

// toldTwice: platforms repeat what they are not sure of.
func (c *conversation) toldTwice(d door) {
	c.t.Helper()
	bodies := map[string][]byte{}
	for name, update := range d.told {
		bodies[name] = d.body(update)
	}
	for range 3 {
		for _, name := range []string{"message", "press"} {
			if status, _ := post(c.t, d.url, d.header, bodies[name]); status != http.StatusOK {
				c.t.Errorf("a repeated %s: %d", name, status)
			}
		}
	}
	c.hearsAgain("зарегистрировано, номер ", 2)
	c.hears("Напишите о проблеме своими словами")
	if n := c.query(`SELECT count(*) FROM posts WHERE text = $1`, replayedText); n != 1 {
		c.t.Errorf("a repeated message is stored %d times", n)
	}
	if n := c.query(`SELECT count(*) FROM deliveries WHERE why = 'command' AND text LIKE 'Напишите о проблеме%'`); n != 1 {
		c.t.Errorf("a repeated press was answered %d times", n)
	}
}

func (c *conversation) unknownChats(d door) {
	c.t.Helper()
	before := c.query(`SELECT count(*) FROM deliveries WHERE kind = 'bot'`)
	for i, update := range d.odd {
		if status := c.pushed(d, update); status != http.StatusOK {
			c.t.Errorf("odd update %d: %d", i, status)
		}
	}
	if after := c.query(`SELECT count(*) FROM deliveries WHERE kind = 'bot'`); after != before {
		c.t.Errorf("odd updates were answered: %d words more", after-before)
	}
	kept := c.query(`SELECT count(*) FROM posts`)
	for i, update := range d.strangers {
		if status := c.pushed(d, update); status != http.StatusOK {
			c.t.Errorf("update %d of a stranger: %d", i, status)
		}
	}
	if now := c.query(`SELECT count(*) FROM posts`); now != kept {
		c.t.Errorf("%d posts of strangers are kept without consent", now-kept)
	}
	if n := c.query(`SELECT count(*) FROM dialogs WHERE chat IS NOT NULL AND consent = ''`); n != 0 {
		c.t.Errorf("%d chats of strangers are kept", n)
	}
}

// flood: a hundred messages at once are heard up to the limit of a minute, and
// whoever writes them is told once.
func (c *conversation) flood(d door) {
	c.t.Helper()
	before := c.query(`SELECT count(*) FROM dialog_posts`)
	for i := range 100 {
		c.write(fmt.Sprintf("Нет воды в Хабаровске на улице Гайдара в доме %d третий день, никто не едет", i+20))
	}
	d.calm()
	c.hears("Слишком много сообщений подряд")
	took := c.query(`SELECT count(*) FROM dialog_posts`) - before
	if took > 2*20 { // the flood may lie over the turn of a minute's window
		c.t.Errorf("%d posts of a flood", took)
	}
}
