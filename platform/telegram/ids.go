package telegram

import (
	"fmt"
	"strconv"

	"github.com/otklik/otklik/domain"
)

// channelBase is what the Bot API takes from a channel's or supergroup's inner
// id to make its chat id: -100…, as people say, but a sum, not a prefix
// (https://core.telegram.org/api/bots/ids).
const channelBase = -1_000_000_000_000

// ChannelChatID is the chat id of a channel or supergroup with this inner id.
func ChannelChatID(inner int64) int64 { return channelBase - inner }

// InnerID is the inner id of a channel or supergroup, as t.me/c/… links and
// previews name it; 0 for any other chat.
func InnerID(chat int64) int64 {
	if chat >= channelBase {
		return 0
	}
	return channelBase - chat
}

// Address is where a message lives for sending an answer: chat and message id
// of a post, a comment or a message to the bot. What happened in a dialog
// without a message has a chat and no message.
func Address(id domain.PostID) (chat int64, message int, err error) {
	owner, post := id.Owner, id.Post
	inChat, inDialog, dialog := id.Dialog()
	if dialog {
		owner, post = inChat, inDialog
	}
	chat, errChat := strconv.ParseInt(owner, 10, 64)
	message, errMsg := strconv.Atoi(post)
	if dialog && errMsg != nil && post != "" {
		message, errMsg = 0, nil
	}
	if id.Platform != domain.Telegram || errChat != nil || errMsg != nil {
		return 0, 0, fmt.Errorf("%s is no telegram message that can be answered", id)
	}
	return chat, message, nil
}
