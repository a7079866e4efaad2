package tgingest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
)

// text is what the author wrote, wherever this kind of message keeps it.
func (d *decoded) text() string {
	switch {
	case d.Text != "":
		return d.Text
	case d.Caption != "":
		return d.Caption
	case d.keys["rich_message"] != nil:
		return richText(d.keys["rich_message"])
	case d.Poll != nil:
		return pollText(d.Poll.Question, optionTexts(d.Poll))
	case d.Checklist != nil:
		lines := []string{d.Checklist.Title}
		for _, t := range d.Checklist.Tasks {
			lines = append(lines, "— "+t.Text)
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

func optionTexts(p *models.Poll) []string {
	texts := make([]string, 0, len(p.Options))
	for _, o := range p.Options {
		texts = append(texts, o.Text)
	}
	return texts
}

// pollText writes a poll down; the Bot API and the preview give the same text.
func pollText(question string, options []string) string {
	var b strings.Builder
	b.WriteString(question)
	for _, o := range options {
		b.WriteString("\n— ")
		b.WriteString(o)
	}
	return b.String()
}

func (d *decoded) geo() *domain.Geo {
	l := d.Location
	if d.Venue != nil {
		l = &d.Venue.Location
	}
	if l == nil {
		return nil
	}
	return &domain.Geo{Lat: l.Latitude, Lon: l.Longitude}
}

// mediaKeys are the fields that become attachments of the same type, in the
// order they are shown.
func mediaKeys() []string {
	return []string{
		"photo", "live_photo", "video", "animation", "document", "audio", "voice", "video_note", "sticker",
		"paid_media", "story", "poll", "checklist", "contact", "dice", "game", "venue", "location", "invoice",
		"giveaway", "giveaway_winners", "rich_message",
	}
}

// plainKeys are the fields that are no content of their own.
func plainKeys() []string {
	return []string{
		"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
		"sender_business_bot", "sender_tag", "date", "guest_query_id", "business_connection_id", "chat",
		"forward_origin", "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply",
		"quote", "reply_to_story", "reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot",
		"guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content",
		"is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "text",
		"entities", "link_preview_options", "suggested_post_info", "effect_id", "caption", "caption_entities",
		"show_caption_above_media", "has_media_spoiler", "reply_markup",
		// forwards of Bot API ≤ 6
		"forward_from", "forward_from_chat", "forward_from_message_id", "forward_signature",
		"forward_sender_name", "forward_date",
	}
}

func (d *decoded) attachments() []domain.Attachment {
	var list []domain.Attachment
	for _, k := range mediaKeys() {
		if d.keys[k] == nil || d.shadowed(k) {
			continue
		}
		list = append(list, domain.Attachment{Type: k, Name: d.mediaName(k)})
	}
	return append(append(list, d.unknown()...), d.links()...)
}

// shadowed drops the field Telegram repeats for old clients: an animation also
// comes as a document, a venue as a location, a live photo as a photo.
func (d *decoded) shadowed(key string) bool {
	by := map[string]string{"document": "animation", "location": "venue", "photo": "live_photo"}[key]
	return by != "" && d.keys[by] != nil
}

func (d *decoded) mediaName(key string) string {
	switch {
	case key == "document" && d.Document != nil:
		return d.Document.FileName
	case key == "audio" && d.Audio != nil:
		return strings.TrimSpace(d.Audio.Performer + " " + d.Audio.Title)
	case key == "video" && d.Video != nil:
		return d.Video.FileName
	case key == "sticker" && d.Sticker != nil:
		return d.Sticker.Emoji
	case key == "poll" && d.Poll != nil:
		return d.Poll.Question
	case key == "venue" && d.Venue != nil:
		return strings.Trim(d.Venue.Title+", "+d.Venue.Address, ", ")
	}
	return "" // a shared contact's name and number are nobody's business here
}

// unknown names the objects a later Bot API put into the message.
func (d *decoded) unknown() []domain.Attachment {
	known := append(append(plainKeys(), mediaKeys()...), serviceKeys()...)
	var names []string
	for k, v := range d.keys {
		v = bytes.TrimSpace(v)
		isObject := len(v) > 0 && (v[0] == '{' || v[0] == '[')
		if isObject && !slices.Contains(known, k) {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	var list []domain.Attachment
	for _, n := range names {
		list = append(list, domain.Attachment{Type: n})
	}
	return list
}

// links are the addresses hidden behind words.
func (d *decoded) links() []domain.Attachment {
	text, entities := d.Text, d.Entities
	if text == "" {
		text, entities = d.Caption, d.CaptionEntities
	}
	var list []domain.Attachment
	for _, e := range entities {
		if e.Type == models.MessageEntityTypeTextLink && e.URL != "" {
			list = append(list, domain.Attachment{Type: "link", URL: e.URL, Name: utf16Part(text, e.Offset, e.Length)})
		}
	}
	return list
}

// utf16Part cuts a part out of a text by UTF-16 units, as Telegram counts.
// Offsets outside the text give what lies inside it.
func utf16Part(s string, offset, length int) string {
	units := utf16.Encode([]rune(s))
	from := min(max(offset, 0), len(units))
	to := min(max(offset+length, from), len(units))
	return string(utf16.Decode(units[from:to]))
}

// richText flattens a rich message (Bot API 10.1): a tree of blocks whose
// leaves are texts. A block of a later version still gives its text.
func richText(raw json.RawMessage) string {
	var tree any
	if json.Unmarshal(raw, &tree) != nil {
		return ""
	}
	var lines []string
	richBlock(tree, &lines)
	return strings.Join(lines, "\n")
}

func richBlock(node any, lines *[]string) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			richBlock(child, lines)
		}
	case map[string]any:
		label, _ := n["label"].(string)
		before := len(*lines)
		for _, key := range []string{"summary", "text", "expression", "caption", "credit"} {
			richLine(n[key], lines)
		}
		for _, key := range []string{"blocks", "items", "cells"} {
			richBlock(n[key], lines)
		}
		if label != "" && len(*lines) > before {
			(*lines)[before] = label + " " + (*lines)[before]
		}
	}
}

func richLine(node any, lines *[]string) {
	if m, ok := node.(map[string]any); ok && m["type"] == nil { // a RichBlockCaption
		richBlock(m, lines)
		return
	}
	if s := richInline(node); s != "" {
		*lines = append(*lines, s)
	}
}

func richInline(node any) string {
	switch n := node.(type) {
	case string:
		return n
	case []any:
		var b strings.Builder
		for _, child := range n {
			b.WriteString(richInline(child))
		}
		return b.String()
	case map[string]any:
		for _, key := range []string{"text", "alternative_text", "expression"} {
			if n[key] != nil {
				return richInline(n[key])
			}
		}
	}
	return ""
}
