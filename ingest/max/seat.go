package maxingest

import (
	"context"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
)

// chats tells of a group or channel.
type chats interface {
	GetChat(ctx context.Context, chat int64) (max.Chat, error)
}

// titleWithin is what asking for the names of chats may take beside a pull or a push.
const titleWithin = 5 * time.Second

// titles asks what the chats are called that the bot was let into: once it is put
// out again nobody tells, and people know no chat by its number.
func titles(ctx context.Context, bot chats, list []domain.Seat) {
	ctx, cancel := context.WithTimeout(ctx, titleWithin)
	defer cancel()
	for i := range list {
		n, err := strconv.ParseInt(list[i].Chat, 10, 64)
		if err != nil || !list[i].In || list[i].Heard {
			continue
		}
		if chat, err := bot.GetChat(ctx, n); err == nil { // else the number has to do
			list[i].Title = chat.Title
		}
	}
}
