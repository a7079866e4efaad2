package vkingest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// MapMessage turns a private message to the community f.Owner into a
// domain.Post; own reports that the community wrote it.
func MapMessage(raw json.RawMessage, f Frame) (p domain.Post, own bool, err error) {
	var s messageShape
	shapeErr := decode(raw, &s)
	peer := firstID(s.Peer, s.FromID)
	if f.Owner == 0 || peer == 0 || (s.Number == 0 && s.ID == 0) {
		return domain.Post{}, false, ErrNoIdentity
	}
	if s.Out || s.FromID == f.Owner {
		return domain.Post{}, true, nil
	}
	number := fmt.Sprint(s.Number)
	if s.Number == 0 { // very old versions number messages per account only
		number = fmt.Sprintf("id%d", s.ID)
	}
	p = f.post(dialogID(f.Owner, peer, number), domain.Message, raw)
	p.URL = fmt.Sprintf("https://vk.com/gim%d?sel=%d", -f.Owner, peer)
	p.Private = &domain.Private{Chat: fmt.Sprint(peer), Press: pressed(s.Payload), Group: several(peer)}
	p.Author = f.author(s.FromID)
	p.Text, p.PublishedAt, p.EditedAt = s.Text, moment(s.Date), moment(s.Edited)
	p.Geo = geoOf(s.Geo)
	words := addFiles(&p, s.Files)
	addShared(&p, s.Files)
	words.add(addForwards(&p, s.Forwards, f.Owner, maxNested))
	addWords(&p, words)
	finish(&p, raw, shapeErr)
	return p, false, nil
}

// several reports a chat of several people. Ids of people lie below and above
// theirs (vk_api#551).
func several(peer int64) bool { return peer > chatPeers && peer <= chatPeers+100_000_000 }

const chatPeers = 2_000_000_000

// pressed reads what the button of a message carries: {"otklik":"…"} of ours,
// {"command":"start"} of VK's own «Начать».
func pressed(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var p struct {
		Otklik  string `json:"otklik"`
		Command string `json:"command"`
	}
	switch err := json.Unmarshal(raw, &p); {
	case err == nil && p.Otklik != "":
		return p.Otklik
	case err == nil && p.Command == "start":
		return "start"
	}
	return ingest.UnknownPress
}

// maxNested is how deep forwards inside of forwards are followed.
const maxNested = 5

// addForwards puts the texts of forwarded messages below the author's own: who
// forwards a neighbour's complaint complains. What the community itself wrote is
// left out.
func addForwards(p *domain.Post, raw json.RawMessage, community int64, depth int) (words said) {
	var list []json.RawMessage
	if depth == 0 || json.Unmarshal(raw, &list) != nil {
		return words
	}
	for _, item := range list {
		var m messageShape
		_ = decode(item, &m) // an odd field leaves the others
		if m.FromID == community {
			continue
		}
		addText(p, m.Text)
		words.add(addFiles(p, m.Files))
		addShared(p, m.Files)
		if p.Geo == nil {
			p.Geo = geoOf(m.Geo)
		}
		words.add(addForwards(p, m.Forwards, community, depth-1))
	}
	return words
}

// addShared puts the text of posts and comments that were sent into a
// conversation below the author's own, and names where the first comes from.
func addShared(p *domain.Post, files json.RawMessage) {
	var list []struct {
		Wall  *json.RawMessage `json:"wall"`
		Reply *commentShape    `json:"wall_reply"`
	}
	_ = json.Unmarshal(files, &list) // an odd item leaves the others
	for _, it := range list {
		switch {
		case it.Wall != nil:
			shared, err := MapPost(*it.Wall, Frame{})
			if err != nil {
				continue
			}
			if p.Origin.IsZero() {
				p.Origin = firstOrigin(shared)
			}
			addText(p, shared.Text)
		case it.Reply != nil:
			addText(p, it.Reply.Text)
		}
	}
}

// firstOrigin is where a shared post was written first.
func firstOrigin(shared domain.Post) domain.PostID {
	if !shared.Origin.IsZero() {
		return shared.Origin
	}
	return shared.ID
}

// addText puts a text below what is there, unless it is there already.
func addText(p *domain.Post, text string) {
	switch {
	case text == "" || strings.Contains(p.Text, text):
	case p.Text == "":
		p.Text = text
	default:
		p.Text += "\n\n" + text
	}
}
