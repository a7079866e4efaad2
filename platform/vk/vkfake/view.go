package vkfake

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/otklik/otklik/platform/scene"
)

// Board lists the latest posts of a wall, the newest first.
func (s *Server) Board(owner int64, most int) []scene.Line {
	s.Advance()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	var out []scene.Line
	for _, p := range slices.Backward(s.wall(owner).visible(now)) {
		if len(out) == most {
			break
		}
		out = append(out, s.postLine(p))
		_, _, out[len(out)-1].Answers = p.standing(now)
	}
	return out
}

// Thread is a post with the comments under it, the oldest first; nothing when
// the post is not there.
func (s *Server) Thread(owner, id int64) []scene.Line {
	s.Advance()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.wall(owner).byID[id]
	if p == nil || p.Date.After(s.clock.Now()) {
		return nil
	}
	out := []scene.Line{s.postLine(p)}
	for _, c := range p.comments {
		if c.Date.After(s.clock.Now()) {
			continue
		}
		l := s.line(c.From, scene.Line{ID: strconv.FormatInt(c.ID, 10), At: c.Date, Text: c.Text, Photos: len(c.Attachments),
			Edited: !c.edited.IsZero(), Deleted: c.deleted})
		if to := p.comment(c.ReplyTo); to != nil {
			l.Quote = scene.Quote(to.Text)
		}
		out = append(out, l)
	}
	return out
}

func (s *Server) postLine(p *post) scene.Line {
	return s.line(p.From, scene.Line{ID: strconv.FormatInt(p.ID, 10), At: p.Date, Text: p.Text, Photos: len(p.Attachments),
		Edited: !p.edited.IsZero(), Deleted: p.deleted})
}

// Talk is a person's conversation with a community, the oldest first.
func (s *Server) Talk(group, peer int64) []scene.Line {
	s.Advance()
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.group(group).peers[peer]
	if d == nil {
		return nil
	}
	var out []scene.Line
	for _, m := range d.messages {
		l := s.line(m.from, scene.Line{ID: strconv.FormatInt(m.no, 10), At: m.date, Text: m.text, Edited: !m.edited.IsZero(), Deleted: m.deleted})
		for _, b := range m.buttons { // VK shows them one below the other
			l.Buttons = append(l.Buttons, []string{b.Label})
		}
		out = append(out, l)
	}
	return out
}

// line names who speaks: a person, a community, or one of ours.
func (s *Server) line(from int64, l scene.Line) scene.Line {
	if l.From = from; from > 0 {
		l.Who = PersonName(from)
		return l
	}
	l.Who = fmt.Sprintf("Сообщество %d", -from)
	if g := s.groups[-from]; g != nil {
		l.Who, l.Official = g.Name, g.Token != ""
	}
	return l
}

// PersonName is the lasting name that the fake invents for a number.
func PersonName(id int64) string {
	first, last := personName(id)
	return first + " " + last
}
