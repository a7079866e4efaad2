package vk_test

import (
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

func TestKeyboardUnderAMessage(t *testing.T) {
	server, client, _ := fake(t, vkfake.NoLimits(), nil)
	server.AddMessage(vkfake.Message{Group: group, From: 77, Text: "Здравствуйте"})
	k, err := vk.Keyboard([][]domain.Button{{{Label: "Согласен", Press: "yes:1"}, {Label: "Не согласен", Press: "no"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.SendMessage(t.Context(), vk.MessageToSend{Group: group, Peer: 77, Text: "Вы согласны?", RandomID: 5, Keyboard: k}); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Press(group, 77, "Согласен"); err != nil {
		t.Error(err)
	}
	if _, err := client.SendMessage(t.Context(), vk.MessageToSend{Group: group, Peer: 77, Text: "?", RandomID: 6, Keyboard: "{"}); err == nil {
		t.Error("a broken keyboard was taken")
	}
	server.Block(group, 77, true)
	if _, err := client.SendMessage(t.Context(), vk.MessageToSend{Group: group, Peer: 77, Text: "?", RandomID: 7}); err == nil {
		t.Error("who blocked the community got a message")
	}
}

// A button with an address opens it; nobody can press it into a message.
func TestKeyboardOpensAddresses(t *testing.T) {
	server, client, _ := fake(t, vkfake.NoLimits(), nil)
	server.AddMessage(vkfake.Message{Group: group, From: 77, Text: "Здравствуйте"})
	for url, taken := range map[string]bool{"https://desk.region.ru/inbox/task/5": true, "http://desk.region.ru": false} {
		k, err := vk.Keyboard([][]domain.Button{{{Label: "Открыть", URL: url}}})
		if err != nil || !strings.Contains(k, `"type":"open_link"`) || strings.Contains(k, "payload") {
			t.Fatalf("%s, %v", k, err)
		}
		_, err = client.SendMessage(t.Context(), vk.MessageToSend{Group: group, Peer: 77, Text: "Поручение", RandomID: int32(len(url)), Keyboard: k}) //nolint:gosec // short
		if (err == nil) != taken {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := server.Press(group, 77, "Открыть"); err == nil {
		t.Error("an address was pressed into a message")
	}
}

func TestKeyboardLimits(t *testing.T) {
	row := []domain.Button{{Label: "a", Press: "b"}}
	for name, rows := range map[string][][]domain.Button{
		"rows":    {row, row, row, row, row, row, row},
		"payload": {{{Label: "a", Press: strings.Repeat("x", 256)}}},
	} {
		if _, err := vk.Keyboard(rows); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if k, err := vk.Keyboard(nil); k != "" || err != nil {
		t.Errorf("no buttons: %q, %v", k, err)
	}
}
