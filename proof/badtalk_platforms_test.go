package proof

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// TestBotOfVKBearsBadInput is the community's bot, its messages pushed by Callback API.
func TestBotOfVKBearsBadInput(t *testing.T) {
	s := newStand(t)
	s.talks()
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKCallback, strconv.Itoa(ownCommunity))
	env, url := hooksAt(t)
	w := s.serve(env).ready(t)
	hook := vkfake.Hook{URL: url + "/vk", Secret: "secret", Confirmation: "confirm"}
	if err := s.vk.Confirm(context.Background(), ownCommunity, hook); err != nil {
		t.Fatal(err)
	}
	s.vk.AddHook(ownCommunity, hook)
	c := &conversation{stand: s, chat: vkChat{s.vk}}
	c.begin(true)
	c.bears(s.vkDoor(url))
	s.mustLive(w)
	c.nothingPersonalLogged(complaint, strconv.Itoa(citizen), "Гайдара")
}

func (s *stand) vkDoor(url string) door {
	said := func(id int, text string, over map[string]any) map[string]any {
		m := map[string]any{"id": id, "conversation_message_id": id, "peer_id": citizen, "from_id": citizen, "date": time.Now().Unix(), "out": 0, "text": text, "attachments": []any{}}
		for k, v := range over {
			m[k] = v
		}
		return map[string]any{"message_new": map[string]any{"message": m, "client_info": map[string]any{}}}
	}
	event := func(kind string, object any) map[string]any { return map[string]any{kind: object} }
	return door{url: url + "/vk", calm: s.delivered, forged: []map[string]string{nil},
		body: func(u any) []byte {
			for kind, object := range u.(map[string]any) {
				return vkEvent(kind, object)
			}
			return nil
		},
		wrong: func(body []byte) []byte {
			return []byte(strings.Replace(string(body), `"secret":"secret"`, `"secret":"x"`, 1))
		},
		press: func(payload string) {
			s.vk.AddMessage(vkfake.Message{Group: ownCommunity, From: citizen, Text: "Решено", Extra: map[string]any{"payload": string(rendered(map[string]any{"otklik": payload}))}})
		},
		told: map[string]any{"message": said(900_001, replayedText, nil), "press": said(900_002, "Помощь", map[string]any{"payload": `{"otklik":"help"}`})},
		photo: said(900_003, "", map[string]any{"attachments": []any{map[string]any{"type": "photo", "photo": map[string]any{"id": 1, "owner_id": citizen,
			"sizes": []any{map[string]any{"type": "w", "url": "https://sun9-1.userapi.com/big.jpg", "width": 20_000, "height": 20_000, "size": 10 << 20}}}}}}),
		odd: []any{
			event("message_deny", map[string]any{"user_id": 77_000_001}),
			event("message_deny", map[string]any{"user_id": "нет"}), event("message_new", map[string]any{"message": "строка"}), event("message_new", []int{1}),
			event("message_new", map[string]any{}),
			event("message_event", map[string]any{"user_id": 77_000_003, "peer_id": 77_000_003, "event_id": "x", "payload": map[string]any{"otklik": "yes"}}),
		},
		strangers: []any{
			event("message_allow", map[string]any{"user_id": 77_000_001, "key": "x"}), said(900_004, "Помощь", map[string]any{"from_id": -5, "peer_id": -5}),
			said(900_005, "На Гайдара яма", map[string]any{"peer_id": 2_000_000_001, "from_id": 77_000_002, "payload": `[[[`}),
			said(900_006, "На Гайдара яма", map[string]any{"peer_id": 77_000_004, "from_id": 77_000_004, "payload": `{"otklik":"yes:0"}`}),
		}}
}

// TestBotOfTelegramBearsBadInput is a private chat, under an invented decision, its
// updates pushed to the webhook.
func TestBotOfTelegramBearsBadInput(t *testing.T) {
	s := newStand(t)
	s.talks()
	s.allowTelegram()
	s.addSource(domain.TelegramWebhook, s.tg.BotID())
	env, url := hooksAt(t)
	s.setenv("OTKLIK_PUBLIC_URL=" + url)
	w := s.serve(env).ready(t)
	dialog := s.tg.Dialog(tgfake.User{ID: telegramCitizen, FirstName: "Анна"})
	c := &conversation{stand: s, chat: telegramChat{dialog}}
	c.begin(false)
	c.bears(s.telegramDoor(t, url))
	s.mustLive(w)
	c.nothingPersonalLogged(complaint, strconv.Itoa(telegramCitizen), "Жительница", "Гайдара")
}

func (s *stand) telegramDoor(t *testing.T, url string) door {
	secret := map[string]string{"X-Telegram-Bot-Api-Secret-Token": telegram.WebhookSecret(s.tg.Token())}
	n := 800_000_000 // far from the numbers of the fake
	person := map[string]any{"id": telegramCitizen, "is_bot": false, "first_name": "Анна"}
	place := map[string]any{"id": telegramCitizen, "type": "private", "first_name": "Анна"}
	update := func(kind string, payload any) any {
		n++
		return map[string]any{"update_id": n, kind: payload}
	}
	said := func(text string, over map[string]any) map[string]any {
		n++
		m := map[string]any{"message_id": n, "date": time.Now().Unix(), "chat": place, "from": person}
		if text != "" {
			m["text"] = text
		}
		for k, v := range over {
			m[k] = v
		}
		return m
	}
	press := func(data string) any {
		n++
		return update("callback_query", map[string]any{"id": fmt.Sprint(n), "from": person, "chat_instance": "1", "data": data, "message": said("?", nil)})
	}
	stranger := map[string]any{"id": 77_000_001, "is_bot": false, "first_name": "Никто"}
	nowhere := map[string]any{"id": 77_000_001, "type": "private", "first_name": "Никто"}
	d := door{url: url + "/telegram/" + s.tg.BotID(), header: secret, calm: s.delivered, body: func(u any) []byte { return rendered(u) },
		forged: []map[string]string{nil, {"X-Telegram-Bot-Api-Secret-Token": "x"}},
		told:   map[string]any{"message": update("message", said(replayedText, nil)), "press": press("help")},
		photo:  update("message", said("", map[string]any{"photo": []any{map[string]any{"file_id": strings.Repeat("A", 80), "file_unique_id": "B", "width": 20_000, "height": 20_000, "file_size": 10 << 20}}})),
		odd: []any{
			update("my_chat_member", map[string]any{"chat": nowhere, "from": stranger, "date": 1, "old_chat_member": map[string]any{"status": "member", "user": stranger}, "new_chat_member": map[string]any{"status": "kicked", "user": stranger}}),
			update("callback_query", map[string]any{"id": "1", "from": stranger, "chat_instance": "1", "data": "yes"}),
			update("callback_query", "строка"), update("message", []int{1}), update("message", map[string]any{"message_id": 6, "date": 1, "chat": map[string]any{"id": "нет"}}),
			update("poll", map[string]any{"id": "1"}),
		},
		strangers: []any{
			update("edited_message", map[string]any{"message_id": 5, "date": 1, "edit_date": 2, "chat": nowhere, "from": stranger, "text": "На Гайдара яма"}),
			update("message", map[string]any{"message_id": 7, "date": time.Now().Unix(), "chat": nowhere, "from": stranger, "text": "На Гайдара яма"}),
		}}
	d.press = func(payload string) {
		if status, _ := post(t, d.url, d.header, d.body(press(payload))); status != 200 {
			t.Errorf("a press of nobody: %d", status)
		}
	}
	return d
}
