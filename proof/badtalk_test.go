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

// TestBotBearsBadInput pushes at the bot of MAX what may come: a flood, buttons
// that nobody made, a press and a message told twice, updates of chats nobody
// knows, a picture of 10 MB. Each is heard, refused or passed over; the
// conversation goes on, and nothing personal is logged.
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
	c.pressesOfNobody(dialog)
	c.toldTwice(url, dialog)
	c.bigPicture(dialog)
	c.unknownChats(url)
	c.flood()
	s.maxDelivered()
	s.mustLive(w)
	c.nothingPersonalLogged(complaint, strconv.FormatInt(dialog.ID(), 10), "Жительница", "Гайдара")
}

// pressesOfNobody: payloads that no button of ours has, of other people's cases,
// very long, of zero bytes.
func (c *conversation) pressesOfNobody(dialog *maxfake.Chat) {
	c.t.Helper()
	asked := lastOfBot(dialog)
	for _, payload := range []string{"", "good:999999:1", "good::", "sure:", "sub:\x00", strings.Repeat("я", 5000), "yes:1999-01", "'; DROP TABLE cases; --"} {
		asked.Press(maxfake.User{ID: 501_501, FirstName: "Анна"}, payload)
	}
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

// pushed posts an update as MAX does.
func (c *conversation) pushed(url string, update map[string]any) int {
	c.t.Helper()
	secret := max.WebhookSecret(c.mxBot.Token(), c.mxBot.ID())
	status, _ := post(c.t, url+"/max/"+c.mxBot.ID(), map[string]string{maxSecretHeader: secret}, rendered(update))
	return status
}

// toldTwice: MAX repeats what it is not sure of.
func (c *conversation) toldTwice(url string, dialog *maxfake.Chat) {
	c.t.Helper()
	at := time.Now().UnixMilli()
	place := map[string]any{"chat_id": dialog.ID(), "chat_type": "dialog", "user_id": 501_501}
	person := map[string]any{"user_id": 501_501, "first_name": "Анна"}
	message := map[string]any{"update_type": "message_created", "timestamp": at, "message": map[string]any{"recipient": place, "timestamp": at, "sender": person,
		"body": map[string]any{"mid": "mid.replayed", "seq": 1, "text": "В Хабаровске на улице Гайдара, дом 12, во дворе глубокая яма, машины бьют колёса"}}}
	press := map[string]any{"update_type": "message_callback", "timestamp": at, "callback": map[string]any{"timestamp": at, "callback_id": "replayed", "payload": "help", "user": person},
		"message": map[string]any{"recipient": place, "timestamp": at, "body": map[string]any{"mid": "mid.x", "seq": 1, "text": "?"}}}
	for range 3 {
		for _, update := range []map[string]any{message, press} {
			if status := c.pushed(url, update); status != http.StatusOK {
				c.t.Errorf("a repeated %s: %d", update["update_type"], status)
			}
		}
	}
	c.hearsAgain("зарегистрировано, номер ", 2)
	c.hears("Напишите о проблеме своими словами")
	if n := c.query(`SELECT count(*) FROM posts WHERE post LIKE '%mid.replayed'`); n != 1 {
		c.t.Errorf("a repeated message is stored %d times", n)
	}
	if n := c.query(`SELECT count(*) FROM deliveries WHERE why = 'command' AND text LIKE 'Напишите о проблеме%'`); n != 1 {
		c.t.Errorf("a repeated press was answered %d times", n)
	}
}

// bigPicture: what a picture weighs is the platform's matter; its address is kept.
func (c *conversation) bigPicture(dialog *maxfake.Chat) {
	c.t.Helper()
	dialog.Post(maxfake.Draft{Attachments: []map[string]any{{"type": "image", "payload": map[string]any{
		"photo_id": 1, "token": strings.Repeat("t", 2000), "url": "https://i.oneme.ru/i?r=1"}, "size": 10 << 20}}})
	c.hears("Добавлено к сообщению")
}

// unknownChats: updates of dialogs we never saw, and of shapes that are none.
func (c *conversation) unknownChats(url string) {
	c.t.Helper()
	before := c.query(`SELECT count(*) FROM deliveries WHERE kind = 'bot'`)
	for i, update := range []map[string]any{
		{"update_type": "bot_stopped", "timestamp": 1, "chat_id": 77_000_001, "user": map[string]any{"user_id": 77}},
		{"update_type": "dialog_removed", "timestamp": 1, "chat_id": "нет"},
		{"update_type": "message_removed", "timestamp": 1, "chat_id": 77_000_002, "message_id": "mid.nobody"},
		{"update_type": "message_callback", "timestamp": 1, "callback": map[string]any{"callback_id": "", "payload": "yes"}},
		{"update_type": "message_callback", "timestamp": 1, "callback": "строка", "message": []int{1}},
		{"update_type": "bot_started", "timestamp": 1},
	} {
		if status := c.pushed(url, update); status != http.StatusOK {
			c.t.Errorf("odd update %d: %d", i, status)
		}
	}
	if after := c.query(`SELECT count(*) FROM deliveries WHERE kind = 'bot'`); after != before {
		c.t.Errorf("odd updates were answered: %d words more", after-before)
	}
}

// flood: a hundred messages at once are heard up to the limit of a minute, and
// whoever writes them is told once.
func (c *conversation) flood() {
	c.t.Helper()
	before := c.query(`SELECT count(*) FROM dialog_posts`)
	for i := range 100 {
		c.write(fmt.Sprintf("Нет воды в Хабаровске на улице Гайдара в доме %d третий день, никто не едет", i+20))
	}
	c.maxDelivered()
	c.hears("Слишком много сообщений подряд")
	took := c.query(`SELECT count(*) FROM dialog_posts`) - before
	if took > 2*20 { // the flood may lie over the turn of a minute's window
		c.t.Errorf("%d posts of a flood", took)
	}
}
