package vkfake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// Button is what a person sees under a message of the community.
type Button struct{ Label, Payload, Link string }

// keyboard reads and checks a keyboard as VK does
// (https://dev.vk.com/ru/api/bots/development/keyboard): at most 10 buttons in 6
// rows inside of a message, 40 characters on a button, 255 bytes of JSON behind it.
func keyboard(text string) ([]Button, *apiError) {
	if text == "" {
		return nil, nil
	}
	var k struct {
		Inline  bool `json:"inline"`
		Buttons [][]struct {
			Action struct{ Type, Label, Payload, Link string } `json:"action"`
		} `json:"buttons"`
	}
	bad := &apiError{code: 911, msg: "Keyboard format is invalid"}
	if json.Unmarshal([]byte(text), &k) != nil || !k.Inline || len(k.Buttons) > 6 {
		return nil, bad
	}
	var out []Button
	for _, row := range k.Buttons {
		for _, b := range row {
			a := b.Action
			if a.Type == "open_link" && a.Label != "" && utf8.RuneCountInString(a.Label) <= 40 && isLink(a.Link) {
				out = append(out, Button{Label: a.Label, Link: a.Link})
				continue
			}
			if a.Type != "text" || a.Label == "" || utf8.RuneCountInString(a.Label) > 40 || len(a.Payload) > 255 || !json.Valid([]byte(a.Payload)) {
				return nil, bad
			}
			out = append(out, Button{Label: a.Label, Payload: a.Payload})
		}
	}
	if len(out) > 10 {
		return nil, bad
	}
	return out, nil
}

func isLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

// Said gives what the community has written to a person, the oldest first.
func (s *Server) Said(group, peer int64) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	if d := s.group(group).peers[peer]; d != nil {
		for _, m := range d.messages {
			if m.from < 0 {
				out = append(out, m.text)
			}
		}
	}
	return out
}

// Press lets a person press the last button with this label: it comes as a
// message with the label and what the button carries.
func (s *Server) Press(group, peer int64, label string) (domain.PostID, error) {
	s.mu.Lock()
	var found *Button
	if d := s.group(group).peers[peer]; d != nil {
		for _, m := range d.messages {
			for i := range m.buttons {
				if m.buttons[i].Label == label && m.buttons[i].Link == "" {
					found = &m.buttons[i]
				}
			}
		}
	}
	s.mu.Unlock()
	if found == nil {
		return domain.PostID{}, fmt.Errorf("no button %q in the conversation with %d", label, peer)
	}
	return s.AddMessage(Message{Group: group, From: peer, Text: label, Extra: map[string]any{"payload": found.Payload}}), nil
}

// Block lets a person forbid the community to write, or allow it again.
func (s *Server) Block(group, peer int64, blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.group(group).peers[peer]
	if d == nil {
		return
	}
	d.blocked = blocked
	kind := "message_allow"
	if blocked {
		kind = "message_deny"
	}
	s.emit(group, kind, map[string]any{"user_id": peer, "key": ""}, domain.PostID{})
}
