package max

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// midPrefix begins the name of a message.
const midPrefix = "mid."

// PostID names a message: a group's or channel's by its chat, a private one by
// the bot, because nobody else can ever read it. Whether a chat is private is
// told by the sign of its number, which removals bring too; the kind of chat they
// do not.
func PostID(bot string, chat int64, mid string) domain.PostID {
	id := strconv.FormatInt(chat, 10)
	if chat > 0 {
		return domain.NewPrivateID(domain.MAX, bot, id, mid)
	}
	return domain.NewPostID(domain.MAX, id, mid)
}

// Address is where a message lives for sending an answer: its chat and its mid.
// What happened in a dialog without a message has a chat and no mid.
func Address(id domain.PostID) (chat int64, mid string, err error) {
	owner, mid := id.Owner, id.Post
	named := strings.HasPrefix(mid, midPrefix)
	if inChat, message, ok := id.Dialog(); ok {
		owner, mid, named = inChat, message, true
		if !strings.HasPrefix(mid, midPrefix) {
			mid = ""
		}
	}
	chat, err = strconv.ParseInt(owner, 10, 64)
	if id.Platform != domain.MAX || err != nil || chat == 0 || !named {
		return 0, "", fmt.Errorf("%s is no MAX message that can be answered", id)
	}
	return chat, mid, nil
}
