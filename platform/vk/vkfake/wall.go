package vkfake

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

func compareIDs(a, b domain.PostID) int {
	return cmp.Or(cmp.Compare(len(a.Post), len(b.Post)), cmp.Compare(a.Post, b.Post),
		cmp.Compare(len(a.Comment), len(b.Comment)), cmp.Compare(a.Comment, b.Comment))
}

// readable finds a wall by owner_id or domain and checks that it may be read.
func (s *Server) readable(c *call) (*wall, *apiError) {
	owner := c.num("owner_id", 0)
	if name := c.form.Get("domain"); owner == 0 && name != "" {
		owner = s.ownerByName(name)
	}
	return s.openWall(owner)
}

func (s *Server) openWall(owner int64) (*wall, *apiError) {
	w := s.walls[owner]
	if w == nil {
		return nil, &apiError{code: 15, msg: "Access denied: no access to call this method"}
	}
	if w.closed != 0 {
		return nil, &apiError{code: w.closed, msg: "Access denied: wall is closed"}
	}
	return w, nil
}

func (s *Server) ownerByName(name string) int64 {
	for id, g := range s.groups {
		if g.ScreenName == name {
			return -id
		}
	}
	return 0
}

// shown is the wall as readers see it: the pinned post, then newest first.
func (w *wall) shown(now time.Time) []*post {
	list := slices.Clone(w.visible(now))
	slices.Reverse(list)
	at := slices.IndexFunc(list, func(p *post) bool { return w.pinned != 0 && p.ID == w.pinned })
	if at > 0 {
		p := list[at]
		list = slices.Insert(slices.Delete(list, at, at+1), 0, p)
	}
	return list
}

func (s *Server) wallGet(c *call) (any, *apiError) {
	offset, count, fail := c.page(20, 100)
	if fail != nil {
		return nil, fail
	}
	w, fail := s.readable(c)
	if fail != nil {
		return nil, fail
	}
	all := w.shown(s.clock.Now())
	posts := window(all, offset, count)
	items := make([]any, 0, len(posts))
	for _, p := range posts {
		item := s.renderPost(p)
		if p.ID == w.pinned {
			item["is_pinned"] = 1
		}
		items = append(items, overlay(item, p.Extra))
		c.served = append(c.served, postID(p))
	}
	answer := map[string]any{"count": len(all), "items": items}
	if c.flag("extended") {
		s.addNames(answer, posts)
	}
	return answer, nil
}

// wallGetByID leaves missing posts out. Of deleted ones it leaves out every
// other: VK was seen to do both.
func (s *Server) wallGetByID(c *call) (any, *apiError) {
	list := strings.Split(c.form.Get("posts"), ",")
	if len(list) > 100 || list[0] == "" {
		return nil, badParam("posts")
	}
	items, shown := make([]any, 0, len(list)), make([]*post, 0, len(list))
	for _, ref := range list {
		p := s.postByRef(ref)
		switch {
		case p == nil || (p.deleted && p.ID%2 == 0):
		case p.deleted:
			items = append(items, map[string]any{"id": p.ID, "owner_id": p.Owner, "date": p.Date.Unix(), "is_deleted": true})
		default:
			items = append(items, overlay(s.renderPost(p), p.Extra))
			shown = append(shown, p)
			c.served = append(c.served, postID(p))
		}
	}
	if !c.flag("extended") {
		return items, nil
	}
	answer := map[string]any{"items": items}
	s.addNames(answer, shown)
	return answer, nil
}

// postByRef finds a post that may be read; posts of closed walls are missing.
func (s *Server) postByRef(ref string) *post {
	a, b, ok := strings.Cut(ref, "_")
	owner, err1 := strconv.ParseInt(a, 10, 64)
	id, err2 := strconv.ParseInt(b, 10, 64)
	w := s.walls[owner]
	if !ok || err1 != nil || err2 != nil || w == nil || w.closed != 0 {
		return nil
	}
	p := w.byID[id]
	if p == nil || p.Date.After(s.clock.Now()) {
		return nil
	}
	return p
}
