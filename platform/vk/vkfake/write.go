package vkfake

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// maxMessage is the longest text of messages.send.
const maxMessage = 9000

// sent remembers what was written, so that a repeated try changes nothing.
type sent struct {
	comments map[string]int64 // by guid
	messages map[string]int64 // by community, person and random_id
	lastID   int64
}

func newSent() sent {
	return sent{comments: map[string]int64{}, messages: map[string]int64{}}
}

func (s *Server) createComment(c *call) (any, *apiError) {
	guid := c.form.Get("guid")
	key := fmt.Sprintf("%d/%s", c.group, guid)
	if id, ok := s.sent.comments[key]; guid != "" && ok {
		return map[string]any{"comment_id": id, "parents_stack": []int64{}}, nil
	}
	text := c.form.Get("message")
	if text == "" {
		return nil, badParam("message")
	}
	p, fail := s.commentedPost(c)
	if fail != nil {
		return nil, &apiError{code: 213, msg: "Access to status replies denied"}
	}
	to := postID(p)
	nc, err := s.addComment(Comment{
		Owner: p.Owner, Post: p.ID, From: -c.group, ReplyTo: c.num("reply_to_comment", 0), Text: text,
	})
	if err != nil {
		return nil, badParam("reply_to_comment")
	}
	if nc.ReplyTo != 0 {
		to.Comment = strconv.FormatInt(nc.ReplyTo, 10)
	}
	s.sent.comments[key] = nc.ID
	c.reply = func() { s.ledger.Reply(to, guid, text) }
	stack := []int64{}
	if nc.root != 0 {
		stack = append(stack, nc.root)
	}
	return map[string]any{"comment_id": nc.ID, "parents_stack": stack}, nil
}

func (s *Server) messagesSend(c *call) (any, *apiError) {
	text, peer := c.form.Get("message"), c.num("peer_id", c.num("user_id", 0))
	random := c.form.Get("random_id")
	if random == "" || peer == 0 {
		return nil, badParam("random_id")
	}
	if utf8.RuneCountInString(text) > maxMessage {
		return nil, &apiError{code: 914, msg: "Message is too long"}
	}
	d := s.group(c.group).peers[peer]
	if d == nil {
		return nil, &apiError{code: 901, msg: "Can't send messages for users without permission"}
	}
	buttons, fail := keyboard(c.form.Get("keyboard"))
	if fail != nil {
		return nil, fail
	}
	if d.blocked {
		return nil, &apiError{code: 902, msg: "Can't send messages to this user due to their privacy settings"}
	}
	key := fmt.Sprintf("%d/%d/%s", c.group, peer, random)
	if id, ok := s.sent.messages[key]; random != "0" && ok {
		return id, nil
	}
	s.sent.lastID++
	d.lastNo++
	s.sent.messages[key] = s.sent.lastID
	d.messages = append(d.messages, &message{id: s.sent.lastID, no: d.lastNo, from: -c.group, date: s.clock.Now(), text: text, buttons: buttons})
	to := messageID(c.group, peer, d.lastIn)
	c.reply = func() { s.ledger.Reply(to, random, text) }
	return s.sent.lastID, nil
}

func messageID(group, peer, no int64) domain.PostID {
	return domain.NewPostID(domain.VK, strconv.FormatInt(-group, 10), fmt.Sprintf("dialog:%d:%d", peer, no))
}
