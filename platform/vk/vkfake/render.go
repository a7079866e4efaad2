package vkfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// overlay lays a test's odd fields over a rendered object.
func overlay(item, extra map[string]any) map[string]any {
	for k, v := range extra {
		if v == nil {
			delete(item, k)
			continue
		}
		item[k] = v
	}
	return item
}

func (s *Server) renderPost(p *post) map[string]any {
	_, _, comments := p.standing(s.clock.Now())
	item := postFields(&p.Post)
	item["comments"] = map[string]any{"count": comments, "can_post": 0, "groups_can_post": true}
	item["likes"] = map[string]any{"count": 0, "user_likes": 0, "can_like": 1, "can_publish": 1}
	item["reposts"] = map[string]any{"count": 0, "user_reposted": 0}
	item["views"] = map[string]any{"count": p.Views}
	if !p.edited.IsZero() {
		item["edited"] = p.edited.Unix()
	}
	if len(p.Copy) > 0 {
		history := make([]any, len(p.Copy))
		for i := range p.Copy {
			history[i] = overlay(postFields(&p.Copy[i]), p.Copy[i].Extra)
		}
		item["copy_history"] = history
	}
	return item
}

// postFields are the fields a post and a copied post share.
func postFields(p *Post) map[string]any {
	item := map[string]any{
		"id": p.ID, "owner_id": p.Owner, "from_id": p.From, "date": p.Date.Unix(),
		"post_type": p.Type, "text": p.Text, "marked_as_ads": 0, "post_source": map[string]any{"type": "vk"},
	}
	if p.Type == "" {
		item["post_type"] = "post"
	}
	if p.From == 0 {
		item["from_id"] = p.Owner
	}
	if p.Signer != 0 {
		item["signer_id"] = p.Signer
	}
	if len(p.Attachments) > 0 {
		item["attachments"] = p.Attachments
	}
	if p.Geo != nil {
		item["geo"] = map[string]any{"type": "point", "coordinates": fmt.Sprintf("%.12g %.12g", p.Geo.Lat, p.Geo.Lon)}
	}
	return item
}

// renderComment renders a comment without its thread. A deleted one has neither
// author nor text, nor even the post it stood under.
func (s *Server) renderComment(c *comment) map[string]any {
	stack := []int64{}
	if c.root != 0 {
		stack = append(stack, c.root)
	}
	if c.deleted {
		return map[string]any{"id": c.ID, "date": c.Date.Unix(), "parents_stack": stack, "deleted": true}
	}
	item := map[string]any{
		"id": c.ID, "from_id": c.From, "date": c.Date.Unix(), "text": c.Text,
		"post_id": c.Post, "owner_id": c.Owner, "parents_stack": stack,
	}
	if c.ReplyTo != 0 {
		item["reply_to_comment"] = c.ReplyTo
	}
	if len(c.Attachments) > 0 {
		item["attachments"] = c.Attachments
	}
	return item
}

// renderEventComment renders a comment for an event, where the wall's owner is
// called post_owner_id.
func (s *Server) renderEventComment(c *comment) map[string]any {
	item := s.renderComment(c)
	delete(item, "owner_id")
	item["post_owner_id"], item["post_id"] = c.Owner, c.Post
	return overlay(item, c.Extra)
}

func (s *Server) addNames(answer map[string]any, posts []*post) {
	ids := map[int64]bool{}
	for _, p := range posts {
		ids[p.Owner], ids[p.From], ids[p.Signer] = true, true, true
		for i := range p.Copy {
			ids[p.Copy[i].Owner] = true
		}
	}
	s.putNames(answer, ids)
}

func (s *Server) addCommentNames(answer map[string]any, page []*comment, threads map[int64][]*comment) {
	ids := map[int64]bool{}
	for _, c := range page {
		ids[c.From] = !c.deleted
		for _, r := range threads[c.ID] {
			ids[r.From] = true
		}
	}
	s.putNames(answer, ids)
}

func (s *Server) putNames(answer map[string]any, ids map[int64]bool) {
	profiles, groups := []any{}, []any{}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		switch {
		case id > 0 && ids[id]:
			first, last := personName(id)
			profiles = append(profiles, map[string]any{"id": id, "first_name": first, "last_name": last})
		case id < 0 && ids[id]:
			groups = append(groups, s.renderGroup(-id))
		}
	}
	answer["profiles"], answer["groups"] = profiles, groups
}

func (s *Server) renderGroup(id int64) map[string]any {
	name, screen := fmt.Sprintf("Сообщество %d", id), fmt.Sprintf("club%d", id)
	if g := s.groups[id]; g != nil && g.Name != "" {
		name, screen = g.Name, g.ScreenName
	}
	return map[string]any{"id": id, "name": name, "screen_name": screen, "is_closed": 0, "type": "group"}
}

// personName invents a lasting name for an id.
func personName(id int64) (first, last string) {
	firsts := [...]string{"Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Захар", "Инна", "Кирилл"}
	lasts := [...]string{"Береговых", "Вешних", "Долгих", "Заречных", "Ключевых", "Луговых", "Полевых", "Речных", "Северных"}
	return firsts[id%int64(len(firsts))], lasts[id/7%int64(len(lasts))]
}

// Photo renders a photo attachment with two sizes, for feeds and tests.
func Photo(owner, id int64, url string) json.RawMessage {
	return mustJSON(map[string]any{"type": "photo", "photo": map[string]any{
		"id": id, "owner_id": owner, "album_id": -7, "text": "", "sizes": []any{
			map[string]any{"type": "s", "width": 75, "height": 56, "url": url + "?size=75"},
			map[string]any{"type": "y", "width": 807, "height": 605, "url": url},
		},
	}})
}
