package vkfake

import (
	"fmt"
	"slices"

	"github.com/otklik/otklik/domain"
)

// Item is a post or comment as it stands now, for comparing with what was stored.
type Item struct {
	ID      domain.PostID
	Text    string
	Deleted bool
}

// EditPost changes a post's text now.
func (s *Server) EditPost(owner, id int64, text string) error {
	return s.changePost(owner, id, func(_ *wall, p *post) { p.Text, p.edited = text, s.clock.Now() })
}

// DeletePost takes a post off its wall.
func (s *Server) DeletePost(owner, id int64) error {
	return s.changePost(owner, id, func(w *wall, p *post) {
		p.deleted = true
		w.posts = slices.DeleteFunc(w.posts, func(q *post) bool { return q == p })
		if w.pinned == id {
			w.pinned = 0
		}
	})
}

// Pin puts a post first on its wall; id 0 unpins.
func (s *Server) Pin(owner, id int64) error {
	if id == 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.wall(owner).pinned = 0
		return nil
	}
	return s.changePost(owner, id, func(w *wall, _ *post) { w.pinned = id })
}

func (s *Server) changePost(owner, id int64, change func(*wall, *post)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.wall(owner)
	p := w.byID[id]
	if p == nil || p.deleted {
		return fmt.Errorf("no post %d on wall %d", id, owner)
	}
	change(w, p)
	return nil
}

// EditComment changes a comment's text now.
func (s *Server) EditComment(owner, postNo, id int64, text string) error {
	return s.changeComment(owner, postNo, id, func(c *comment) {
		c.Text, c.edited = text, s.clock.Now()
		s.emit(-owner, "wall_reply_edit", s.renderEventComment(c), commentID(c))
	})
}

// DeleteComment takes a comment away; while it has replies its place stays, marked.
func (s *Server) DeleteComment(owner, postNo, id int64) error {
	return s.changeComment(owner, postNo, id, func(c *comment) {
		c.deleted = true
		s.emit(-owner, "wall_reply_delete", map[string]any{
			"owner_id": owner, "id": id, "post_id": postNo, "deleter_id": c.From,
		}, domain.PostID{})
	})
}

// RestoreComment brings a deleted comment back.
func (s *Server) RestoreComment(owner, postNo, id int64) error {
	return s.changeComment(owner, postNo, id, func(c *comment) {
		c.deleted = false
		s.emit(-owner, "wall_reply_restore", s.renderEventComment(c), commentID(c))
	})
}

func (s *Server) changeComment(owner, postNo, id int64, change func(*comment)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.wall(owner).byID[postNo]
	if p == nil {
		return fmt.Errorf("no post %d on wall %d", postNo, owner)
	}
	c := p.comment(id)
	if c == nil {
		return fmt.Errorf("no comment %d under post %d", id, postNo)
	}
	change(c)
	return nil
}

// CloseWall makes every read of a wall fail with an error code (15 private, 18
// deleted or banned, 30 private profile); code 0 opens it again.
func (s *Server) CloseWall(owner int64, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wall(owner).closed = code
}

// Walls lists the owners of all walls, in order.
func (s *Server) Walls() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	owners := make([]int64, 0, len(s.walls))
	for id := range s.walls {
		owners = append(owners, id)
	}
	slices.Sort(owners)
	return owners
}

// Items lists what a wall holds and the clock has reached, posts and comments,
// deleted ones included.
func (s *Server) Items(owner int64) []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	var out []Item
	for _, p := range s.wall(owner).byID {
		if p.Date.After(now) {
			continue
		}
		out = append(out, Item{ID: postID(p), Text: p.Text, Deleted: p.deleted})
		for _, c := range p.comments {
			if !c.Date.After(now) {
				out = append(out, Item{ID: commentID(c), Text: c.Text, Deleted: c.deleted || p.deleted})
			}
		}
	}
	slices.SortFunc(out, func(a, b Item) int { return compareIDs(a.ID, b.ID) })
	return out
}
