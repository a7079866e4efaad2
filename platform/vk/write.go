package vk

import (
	"context"
	"errors"
	"fmt"

	"github.com/SevereCloud/vksdk/v2/api"

	"github.com/otklik/otklik/domain"
)

// CommentToSend is an answer under a post or a comment in an own or foreign wall.
type CommentToSend struct {
	Group   int64 // own community that speaks, without sign
	Post    PostRef
	ReplyTo int64  // comment that is answered; 0: the post itself
	Text    string // plain
	GUID    string // the same for every try of the same answer: VK then answers once
}

// CreateComment writes a comment in the community's name and returns its id.
// Repeating it with the same GUID does not write it twice.
func (c *Client) CreateComment(ctx context.Context, m CommentToSend) (int64, error) {
	if err := fits("wall.createComment", m.Text); err != nil {
		return 0, err
	}
	params := api.Params{
		"owner_id": m.Post.Owner, "post_id": m.Post.Post, "message": m.Text,
		"from_group": m.Group, "guid": m.GUID,
	}
	if m.ReplyTo != 0 {
		params["reply_to_comment"] = m.ReplyTo
	}
	var answer struct {
		CommentID int64 `json:"comment_id"`
	}
	if err := c.asGroup(ctx, m.Group, "wall.createComment", params, &answer); err != nil {
		return 0, err
	}
	return said("wall.createComment", answer.CommentID)
}

// said refuses an answer that names no message: whether it stands is not known, and the
// same key again tells.
func said(method string, id int64) (int64, error) {
	if id > 0 {
		return id, nil
	}
	return 0, &domain.PlatformError{Platform: domain.VK, Method: method, Reaction: domain.RetryLater,
		Words: "ВКонтакте не назвал номер отправленного: повторим с тем же ключом", Err: errors.New("no id in the answer")}
}

// MessageToSend is a private answer to somebody who wrote to an own community.
type MessageToSend struct {
	Group    int64 // own community that speaks, without sign
	Peer     int64
	Text     string
	RandomID int32  // the same for every try of the same message; see RandomID
	Keyboard string // JSON, see Keyboard; "" none
}

// SendMessage sends a private message and returns its id. Repeating it with the
// same RandomID does not send it twice.
func (c *Client) SendMessage(ctx context.Context, m MessageToSend) (int64, error) {
	if err := fits("messages.send", m.Text); err != nil {
		return 0, err
	}
	params := api.Params{"peer_id": m.Peer, "message": m.Text, "random_id": m.RandomID}
	if m.Keyboard != "" {
		params["keyboard"] = m.Keyboard
	}
	var id int64
	if err := c.asGroup(ctx, m.Group, "messages.send", params, &id); err != nil {
		return 0, err
	}
	return said("messages.send", id)
}

// fits refuses what VK would refuse, before it costs a call.
func fits(method, text string) error {
	limit := domain.AnswerLimit(domain.VK)
	if n := domain.AnswerLength(domain.VK, text); n > limit {
		return &domain.PlatformError{Platform: domain.VK, Method: method, Code: errMessageTooLong, Reaction: domain.ReportBug,
			Words: fmt.Sprintf("ответ длиннее %d знаков", limit), Err: fmt.Errorf("text of %d characters", n)}
	}
	return nil
}

// errMessageTooLong is VK's error 914, «Message is too long».
const errMessageTooLong = 914
