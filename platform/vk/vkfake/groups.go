package vkfake

import (
	"fmt"
	"strconv"
	"strings"
)

// community is a community with its events.
type community struct {
	Community
	queue queue
	hooks []*hook
	peers map[int64]*dialog
}

// dialog is a person's conversation with a community.
type dialog struct {
	lastNo int64 // conversation_message_id of the newest message
	lastIn int64 // of the newest message the person wrote

	blocked bool // the person takes no messages

	messages []*message // oldest first
}

func (s *Server) group(id int64) *community {
	g := s.groups[id]
	if g == nil {
		g = &community{Community: Community{ID: id}, peers: map[int64]*dialog{}}
		g.queue.reset()
		s.groups[id] = g
	}
	return g
}

// groupsGetByID answers in the shape of the version asked for: a list until
// 5.198, an object since.
func (s *Server) groupsGetByID(c *call) (any, *apiError) {
	list := []any{}
	for _, name := range strings.Split(c.form.Get("group_id")+","+c.form.Get("group_ids"), ",") {
		if name == "" {
			continue
		}
		id, ok := s.groupByName(name)
		if !ok {
			return nil, &apiError{code: 100, msg: "One of the parameters specified was missing or invalid: group_ids is undefined"}
		}
		list = append(list, s.renderGroup(id))
	}
	if after5199(c.form.Get("v")) {
		return map[string]any{"groups": list, "profiles": []any{}}, nil
	}
	return list, nil
}

func (s *Server) groupByName(name string) (int64, bool) {
	if id, err := strconv.ParseInt(strings.TrimPrefix(name, "club"), 10, 64); err == nil {
		_, ok := s.groups[id]
		if !ok {
			_, ok = s.walls[-id]
		}
		return id, ok
	}
	owner := s.ownerByName(name)
	return -owner, owner != 0
}

func after5199(v string) bool {
	var major, minor int
	if _, err := fmt.Sscanf(v, "%d.%d", &major, &minor); err != nil {
		return false
	}
	return major > 5 || major == 5 && minor >= 199
}
