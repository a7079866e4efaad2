package vk

import (
	"encoding/json"
	"fmt"

	"github.com/otklik/otklik/domain"
)

// Limits of a keyboard inside of a message
// (https://dev.vk.com/ru/api/bots/development/keyboard).
const (
	maxRows    = 6
	maxButtons = 10
	maxPayload = 255
)

// Keyboard renders buttons under a message. Pressing one sends its label as a
// message, with its payload; one with an address opens it.
func Keyboard(rows [][]domain.Button) (string, error) {
	if len(rows) == 0 {
		return "", nil
	}
	type action struct {
		Type    string `json:"type"`
		Label   string `json:"label"`
		Payload string `json:"payload,omitempty"`
		Link    string `json:"link,omitempty"`
	}
	type button struct {
		Action action `json:"action"`
	}
	out := struct {
		Inline  bool       `json:"inline"`
		Buttons [][]button `json:"buttons"`
	}{Inline: true}
	n := 0
	for _, row := range rows {
		var line []button
		for _, b := range row {
			if n++; b.URL != "" {
				line = append(line, button{action{Type: "open_link", Label: b.Label, Link: b.URL}})
				continue
			}
			payload, err := json.Marshal(map[string]string{"otklik": b.Press})
			if err != nil {
				return "", fmt.Errorf("encode a button: %w", err)
			}
			if len(payload) > maxPayload {
				return "", fmt.Errorf("button %q carries %d bytes, VK takes %d", b.Label, len(payload), maxPayload)
			}
			line = append(line, button{action{Type: "text", Label: b.Label, Payload: string(payload)}})
		}
		out.Buttons = append(out.Buttons, line)
	}
	if len(rows) > maxRows || n > maxButtons {
		return "", fmt.Errorf("%d buttons in %d rows, VK takes %d in %d", n, len(rows), maxButtons, maxRows)
	}
	raw, err := json.Marshal(out)
	return string(raw), err
}
