package vkfake

import "time"

// standing are the comments readers can see, oldest first. A deleted comment
// keeps its place only while it has replies.
func (p *post) standing(now time.Time) (top []*comment, threads map[int64][]*comment, total int) {
	threads = map[int64][]*comment{}
	for _, c := range p.comments {
		if c.Date.After(now) || c.deleted && c.root != 0 {
			continue
		}
		if c.root != 0 {
			threads[c.root] = append(threads[c.root], c)
			total++
		}
	}
	for _, c := range p.comments {
		if c.Date.After(now) || c.root != 0 || c.deleted && len(threads[c.ID]) == 0 {
			continue
		}
		top = append(top, c)
		if !c.deleted {
			total++
		}
	}
	return top, threads, total
}

func (s *Server) wallGetComments(c *call) (any, *apiError) {
	offset, count, fail := c.page(10, 100)
	if fail != nil {
		return nil, fail
	}
	inThread := int(c.num("thread_items_count", 0))
	if inThread < 0 || inThread > 10 {
		return nil, badParam("thread_items_count")
	}
	p, fail := s.commentedPost(c)
	if fail != nil {
		return nil, fail
	}
	list, threads, total := p.standing(s.clock.Now())
	if root := c.num("comment_id", 0); root != 0 {
		list = threads[root]
		total = len(list)
	}
	level := len(list)
	page := window(ordered(list, c.form.Get("sort") == "desc"), offset, count)
	items := make([]any, 0, len(page))
	for _, cm := range page {
		items = append(items, s.renderListed(c, cm, threads[cm.ID], inThread))
	}
	answer := map[string]any{
		"count": total, "current_level_count": level, "items": items,
		"can_post": true, "show_reply_button": true, "groups_can_post": true,
	}
	if c.flag("extended") {
		s.addCommentNames(answer, page, threads)
	}
	return answer, nil
}

func (s *Server) commentedPost(c *call) (*post, *apiError) {
	w, fail := s.openWall(c.num("owner_id", 0))
	if fail != nil {
		return nil, fail
	}
	p := w.byID[c.num("post_id", 0)]
	if p == nil || p.deleted || p.Date.After(s.clock.Now()) {
		return nil, &apiError{code: 15, msg: "Access denied: post was not found"}
	}
	return p, nil
}

func ordered(list []*comment, desc bool) []*comment {
	out := append([]*comment(nil), list...)
	if desc {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

// renderListed renders a comment of a list with the first replies of its thread
// and notes what readers will see.
func (s *Server) renderListed(c *call, cm *comment, thread []*comment, inThread int) map[string]any {
	item := s.renderComment(cm)
	if !cm.deleted {
		c.served = append(c.served, commentID(cm))
	}
	if cm.root != 0 {
		return overlay(item, cm.Extra)
	}
	replies := make([]any, 0, inThread)
	for _, r := range window(thread, 0, inThread) {
		replies = append(replies, overlay(s.renderComment(r), r.Extra))
		c.served = append(c.served, commentID(r))
	}
	item["thread"] = map[string]any{
		"count": len(thread), "items": replies, "can_post": true, "show_reply_button": true, "groups_can_post": true,
	}
	return overlay(item, cm.Extra)
}
