package tgfake

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

type object = map[string]any

func (c *Chat) json() object {
	o := object{"id": c.id, "type": c.kind}
	if c.kind == private {
		o["first_name"] = c.title
	} else {
		o["title"] = c.title
	}
	if c.username != "" {
		o["username"] = c.username
	}
	return o
}

func (u User) json() object {
	o := object{"id": u.ID, "is_bot": u.Bot, "first_name": u.FirstName}
	if u.LastName != "" {
		o["last_name"] = u.LastName
	}
	if u.Username != "" {
		o["username"] = u.Username
	}
	return o
}

// json is the message as the Bot API gives it.
func (m *Message) json() object {
	o := m.shallow()
	if m.reply != nil && m.reply.id != 0 {
		o["reply_to_message"] = m.reply.shallow() // never nested deeper
	}
	return o
}

func (m *Message) shallow() object {
	o := object{"message_id": m.id, "date": m.date.Unix(), "chat": m.chat.json()}
	if !m.edited.IsZero() {
		o["edit_date"] = m.edited.Unix()
	}
	if m.album != "" {
		o["media_group_id"] = m.album
	}
	m.sender(o)
	m.origin(o)
	m.place(o)
	m.content(o)
	for k, v := range m.draft.Extra {
		o[k] = v
	}
	return o
}

// sender fills from and sender_chat: a channel speaks for itself, an automatic
// forward comes from Telegram's own account 777000, an anonymous admin through
// @GroupAnonymousBot.
func (m *Message) sender(o object) {
	switch {
	case m.chat.kind == channel:
		o["sender_chat"] = m.chat.json()
	case m.copyOf != nil:
		o["from"] = User{ID: 777000, FirstName: "Telegram"}.json()
		o["sender_chat"] = m.copyOf.chat.json()
		o["is_automatic_forward"] = true
	case m.draft.AsChat != nil:
		o["from"] = User{ID: 1087968824, FirstName: "Group", Username: "GroupAnonymousBot", Bot: true}.json()
		o["sender_chat"] = m.draft.AsChat.json()
	default:
		from := m.draft.From
		if from.ID == 0 {
			from = User{ID: 501, FirstName: "Аноним"}
		}
		o["from"] = from.json()
	}
}

func (m *Message) origin(o object) {
	f := m.draft.Forward
	post := m.copyOf
	if f != nil { // a forward's own origin survives the automatic forward
		post = f.Post
	}
	switch {
	case post != nil:
		o["forward_origin"] = object{"type": "channel", "chat": post.chat.json(), "message_id": post.id, "date": post.date.Unix()}
	case f == nil:
	case f.User != nil:
		o["forward_origin"] = object{"type": "user", "sender_user": f.User.json(), "date": m.date.Unix()}
	default:
		o["forward_origin"] = object{"type": "hidden_user", "sender_user_name": f.Hidden, "date": m.date.Unix()}
	}
}

func (m *Message) place(o object) {
	if m.thread != nil {
		o["message_thread_id"] = m.thread.id
	}
	if m.draft.Topic != 0 {
		o["message_thread_id"], o["is_topic_message"] = m.draft.Topic, true
	}
}

func (m *Message) content(o object) {
	d := m.draft
	if d.Service != "" {
		o[d.Service] = serviceValue(d.Service, m)
		return
	}
	text, entities := "text", "entities"
	if d.Media != "" {
		o[d.Media] = media(d)
		text, entities = "caption", "caption_entities"
		if d.Media == "animation" {
			o["document"] = media(d) // for old clients
		}
	}
	if d.Text != "" {
		o[text] = d.Text
	}
	if list := linkEntities(d); len(list) > 0 {
		o[entities] = list
	}
	if d.Poll != nil {
		o["poll"] = pollJSON(m, d.Poll)
	}
	if d.Location != nil {
		point := object{"latitude": d.Location.Lat, "longitude": d.Location.Lon}
		o["location"] = point
		if d.Venue != "" {
			o["venue"] = object{"location": point, "title": d.Venue, "address": d.Venue}
		}
	}
}

func serviceValue(key string, m *Message) any {
	switch key {
	case "pinned_message":
		if m.draft.ReplyTo != nil {
			return m.draft.ReplyTo.shallow()
		}
	case "new_chat_members":
		return []object{m.draft.From.json()}
	case "new_chat_title":
		return m.chat.title
	}
	return object{}
}

// media is the value of a media field: enough of it to be one.
func media(d Draft) any {
	file := object{"file_id": "AgAC" + d.Media, "file_unique_id": "AQ" + d.Media, "file_size": 2048}
	switch d.Media {
	case "photo":
		file["width"], file["height"] = 800, 600
		return []object{file}
	case "sticker":
		file["emoji"], file["type"], file["is_animated"], file["is_video"] = d.File, "regular", false, false
		file["width"], file["height"] = 512, 512
	case "document", "audio":
		file["file_name"], file["duration"] = d.File, 60
	case "video_note":
		file["length"], file["duration"] = 240, 12
	default:
		file["width"], file["height"], file["duration"] = 640, 480, 12
	}
	return file
}

// linkEntities marks the words with addresses, in UTF-16 units.
func linkEntities(d Draft) []object {
	var list []object
	for _, l := range d.Links {
		before, _, ok := strings.Cut(d.Text, l.Word)
		if ok {
			list = append(list, object{"type": "text_link", "url": l.URL, "offset": units(before), "length": units(l.Word)})
		}
	}
	return list
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

func pollJSON(m *Message, p *Poll) object {
	var options []object
	for _, t := range p.Options {
		options = append(options, object{"text": t, "voter_count": 3})
	}
	return object{
		"id": fmt.Sprintf("%d%d", m.chat.id, m.id), "question": p.Question, "options": options,
		"total_voter_count": 3 * len(options), "is_closed": false, "is_anonymous": true,
		"type": "regular", "allows_multiple_answers": false,
	}
}
