package vkfake

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// maxMessages is the most messages.getConversations and getHistory give at once.
const maxMessages = 200

// message is a message of a conversation.
type message struct {
	id, no  int64
	from    int64 // negative: the community
	date    time.Time
	edited  time.Time
	text    string
	deleted bool
	extra   map[string]any
	buttons []Button // under it
}

// Message is a private message of a person to an own community.
type Message struct {
	Group int64 // without sign
	From  int64
	Text  string
	Date  time.Time      // zero: now; later: arrives then
	Extra map[string]any // laid over the rendered object: odd shapes; a nil value removes a field
}

// AddMessage lets a person write to a community; the community may answer then.
func (s *Server) AddMessage(m Message) domain.PostID {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.group(m.Group)
	d := g.peers[m.From]
	if d == nil {
		d = &dialog{}
		g.peers[m.From] = d
	}
	d.lastNo++
	d.lastIn = d.lastNo
	s.sent.lastID++
	if m.Date.IsZero() {
		m.Date = s.clock.Now()
	}
	nm := &message{id: s.sent.lastID, no: d.lastNo, from: m.From, date: m.Date, text: m.Text, extra: m.Extra}
	d.messages = append(d.messages, nm)
	id := messageID(m.Group, m.From, nm.no)
	s.schedule(m.Date, func() {
		s.emit(m.Group, "message_new", map[string]any{
			"message":     nm.render(m.From),
			"client_info": map[string]any{"button_actions": []string{"text"}, "keyboard": true, "lang_id": 0},
		}, id)
	})
	return id
}

// EditMessage lets a person change what they wrote; no is its
// conversation_message_id.
func (s *Server) EditMessage(group, peer, no int64, text string) error {
	return s.changeMessage(group, peer, no, func(m *message) {
		m.text, m.edited = text, s.clock.Now()
		s.emit(group, "message_edit", m.render(peer), messageID(group, peer, no))
	})
}

// DeleteMessage takes a message out of its conversation; nobody is told.
func (s *Server) DeleteMessage(group, peer, no int64) error {
	return s.changeMessage(group, peer, no, func(m *message) { m.deleted = true })
}

func (s *Server) changeMessage(group, peer, no int64, change func(*message)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.group(group).peers[peer]; d != nil {
		for _, m := range d.messages {
			if m.no == no && !m.deleted {
				change(m)
				return nil
			}
		}
	}
	return fmt.Errorf("no message %d in the conversation with %d", no, peer)
}

func (m *message) render(peer int64) map[string]any {
	out := 0
	if m.from < 0 {
		out = 1
	}
	item := map[string]any{
		"id": m.id, "date": m.date.Unix(), "from_id": m.from, "peer_id": peer, "out": out, "version": 10000000 + m.id,
		"text": m.text, "conversation_message_id": m.no, "attachments": []any{}, "fwd_messages": []any{},
		"random_id": 0, "important": false, "is_hidden": false,
	}
	if !m.edited.IsZero() {
		item["update_time"] = m.edited.Unix()
	}
	return overlay(item, m.extra)
}

// visible are the messages the clock has reached, newest first.
func (d *dialog) visible(now time.Time) []*message {
	var list []*message
	for _, m := range d.messages {
		if !m.deleted && !m.date.After(now) {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b *message) int {
		return cmp.Or(b.date.Compare(a.date), cmp.Compare(b.no, a.no))
	})
	return list
}

// conversations shows those with the newest message first; it gives nobody's
// message to read but the last.
func (s *Server) conversations(c *call) (any, *apiError) {
	offset, count, fail := c.page(20, maxMessages)
	if fail != nil {
		return nil, fail
	}
	type one struct {
		peer int64
		last *message
	}
	var all []one
	for peer, d := range s.group(c.group).peers {
		if list := d.visible(s.clock.Now()); len(list) > 0 {
			all = append(all, one{peer, list[0]})
		}
	}
	slices.SortFunc(all, func(a, b one) int {
		return cmp.Or(b.last.date.Compare(a.last.date), cmp.Compare(b.last.id, a.last.id))
	})
	items := []any{}
	for _, o := range window(all, offset, count) {
		items = append(items, map[string]any{
			"conversation": map[string]any{
				"peer":            map[string]any{"id": o.peer, "type": "user", "local_id": o.peer},
				"last_message_id": o.last.id, "in_read": 0, "out_read": o.last.id, "last_conversation_message_id": o.last.no,
				"sort_id": map[string]any{"major_id": 0, "minor_id": o.last.id}, "can_write": map[string]any{"allowed": true},
			},
			"last_message": o.last.render(o.peer),
		})
	}
	return map[string]any{"count": len(all), "items": items}, nil
}

func (s *Server) history(c *call) (any, *apiError) {
	offset, count, fail := c.page(20, maxMessages)
	if fail != nil {
		return nil, fail
	}
	peer := c.num("peer_id", c.num("user_id", 0))
	d := s.group(c.group).peers[peer]
	if peer == 0 || d == nil {
		return nil, badParam("peer_id")
	}
	list := d.visible(s.clock.Now())
	items := []any{}
	for _, m := range window(list, offset, count) {
		items = append(items, m.render(peer))
		if m.from > 0 {
			c.served = append(c.served, messageID(c.group, peer, m.no))
		}
	}
	answer := map[string]any{"count": len(list), "items": items}
	if c.flag("extended") {
		s.putNames(answer, map[int64]bool{peer: true, -c.group: true})
	}
	return answer, nil
}
