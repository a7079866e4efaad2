package vk

import (
	"context"

	"github.com/SevereCloud/vksdk/v2/api"
)

// MaxMessagesCount is the most conversations or messages one call may ask for.
const MaxMessagesCount = 200

// Conversations asks for a page of an own community's conversations, those with
// the newest message first (messages.getConversations). Items hold conversation
// and last_message. It needs the community's token with the right «messages» and
// has no daily quota.
func (c *Client) Conversations(ctx context.Context, group int64, offset, count int) (Page, error) {
	params := api.Params{"group_id": group, "offset": offset, "count": count, "filter": "all"}
	var p Page
	return p, c.asGroup(ctx, group, "messages.getConversations", params, &p)
}

// History asks for a page of one conversation, newest message first
// (messages.getHistory). Items are messages as message_new holds them, as they
// read now; deleted ones are absent.
func (c *Client) History(ctx context.Context, group, peer int64, offset, count int) (Page, error) {
	params := api.Params{"group_id": group, "peer_id": peer, "offset": offset, "count": count, "extended": true}
	var p Page
	return p, c.asGroup(ctx, group, "messages.getHistory", params, &p)
}
