package tgingest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// Talk is the bot that answers in private chats; a nil one is silent, and private
// messages are let in by the source's settings only. Telegram shows a bot no
// history: what was written before consent is asked for again.
type Talk struct {
	// Speaks reports whether the region's bot answers in Telegram.
	Speaks func(region string) bool
	// Answer tells Telegram that the press of a button was heard.
	Answer func(ctx context.Context, bot, callback, words string) error
	// Pressed is what a person sees for a moment after pressing a button.
	Pressed string
	Log     *slog.Logger
}

func (t *Talk) speaks(region string) bool { return t != nil && t.Speaks(region) }

// query is as much of a callback_query as concerns us.
type query struct {
	ID      string      `json:"id"`
	From    models.User `json:"from"`
	Data    string      `json:"data"`
	Message *struct {
		Chat models.Chat `json:"chat"`
	} `json:"message"`
}

// press is a button pressed in a private chat: an update of the conversation, no
// words.
func (m *mapper) press(raw json.RawMessage) (*domain.Post, Skip) {
	var q query
	if json.Unmarshal(raw, &q) != nil || q.ID == "" || q.Message == nil || q.Message.Chat.Type != models.ChatTypePrivate || !m.talks {
		return nil, SkipPress
	}
	p := m.happened(q.Message.Chat, "press:"+q.ID, time.Time{}, q.From)
	if p == nil {
		return nil, SkipOdd
	}
	p.Private.Press = cmp.Or(q.Data, ingest.UnknownPress)
	ingest.Sanitize(p)
	m.presses = append(m.presses, q.ID)
	return p, SkipNone
}

// membership is the bot's own standing in a chat. That a person has blocked it is
// for the bot to know; that they let it in again comes with their next words.
func (m *mapper) membership(raw json.RawMessage) (*domain.Post, Skip) {
	var c struct {
		Chat models.Chat `json:"chat"`
		From models.User `json:"from"`
		Date int64       `json:"date"`
		New  struct {
			Status string `json:"status"`
			In     bool   `json:"is_member"` // of whom something is forbidden
		} `json:"new_chat_member"`
	}
	if json.Unmarshal(raw, &c) != nil {
		return nil, SkipMembership
	}
	if !isDialog(c.Chat) {
		m.seat(c.Chat, c.New.Status, c.New.In, c.Date)
	}
	if c.Chat.Type != models.ChatTypePrivate || c.New.Status != statusKicked || !m.talks {
		return nil, SkipMembership
	}
	p := m.happened(c.Chat, fmt.Sprintf("event:blocked:%d", c.Date), time.Unix(c.Date, 0).UTC(), c.From)
	if p == nil {
		return nil, SkipOdd
	}
	p.Private.Event = domain.DialogStopped
	ingest.Sanitize(p)
	return p, SkipNone
}

// Statuses of who is in a chat no more (https://core.telegram.org/bots/api#chatmember).
const (
	statusKicked     = "kicked"
	statusLeft       = "left"
	statusRestricted = "restricted"
)

// seat notes that the bot was let into a group or channel, or put out of it.
func (m *mapper) seat(chat models.Chat, status string, member bool, date int64) {
	if chat.ID == 0 || status == "" || date == 0 || m.cur.Aliases[chatID(chat)] != "" { // a group that is a supergroup now
		return
	}
	out := status == statusKicked || status == statusLeft || status == statusRestricted && !member
	m.seats = append(m.seats, domain.Seat{Chat: chatID(chat), Title: chat.Title, In: !out, At: time.Unix(date, 0).UTC()})
}

// happened is a post without words, for the bot alone.
func (m *mapper) happened(chat models.Chat, name string, at time.Time, who models.User) *domain.Post {
	if chat.ID == 0 || len(name) > ingest.MaxNameBytes/2 || strings.ContainsRune(name, 0) {
		return nil
	}
	return &domain.Post{ID: domain.NewPrivateID(domain.Telegram, m.bot, chatID(chat), name), Region: m.src.Region, SourceID: m.src.ID,
		Kind: domain.Message, PublishedAt: at, Home: m.src.Home,
		Author:  domain.Author{ID: strconv.FormatInt(who.ID, 10), Name: strings.TrimSpace(who.FirstName + " " + who.LastName)},
		Private: &domain.Private{Chat: chatID(chat)}}
}

// answer tells Telegram that presses were heard.
func (t *Talk) answer(ctx context.Context, src domain.Source, presses []string) {
	if t == nil {
		return
	}
	ingest.AnswerPresses(ctx, t.Log, src, presses, func(ctx context.Context, id string) error {
		return t.Answer(ctx, src.Address, id, t.Pressed)
	})
}
