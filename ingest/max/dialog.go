package maxingest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/max"
)

// Talk is the bot that answers in dialogs; a nil one is silent, and dialogs are
// let in by the source's settings only.
type Talk struct {
	// Speaks reports whether the region's bot answers in MAX.
	Speaks func(region string) bool
	// Agrees reports a message that brings consent to it.
	Agrees func(region string, p *domain.Post) bool
	// Pressed is what a person sees for a moment after pressing a button.
	Pressed string
	Log     *slog.Logger
}

func (t *Talk) speaks(region string) bool { return t != nil && t.Speaks(region) }

// press is a button pressed in a dialog: an update of the conversation, no words.
func (m *mapper) press(u max.Update) found {
	var c struct {
		Callback max.Callback `json:"callback"`
	}
	d, ok := decode(u.Raw)
	if json.Unmarshal(u.Raw, &c) != nil || c.Callback.ID == "" || !ok || !m.private(d.Recipient) || !m.talks {
		return found{skip: SkipPress}
	}
	p := m.happened(d.Recipient.Chat, "press:"+c.Callback.ID, max.Time(c.Callback.Timestamp), c.Callback.User)
	if p == nil {
		return found{skip: SkipOdd}
	}
	if p.PublishedAt.IsZero() {
		p.PublishedAt = u.At()
	}
	p.Private.Press = cmp.Or(c.Callback.Payload, ingest.UnknownPress)
	ingest.Sanitize(p)
	m.presses = append(m.presses, c.Callback.ID)
	return found{post: p}
}

// event is what happened to a dialog without words.
func (m *mapper) event(u max.Update, what domain.PrivateEvent) found {
	var e struct {
		Chat int64    `json:"chat_id"`
		User max.User `json:"user"`
	}
	if !m.talks || json.Unmarshal(u.Raw, &e) != nil || e.Chat <= 0 {
		return found{skip: SkipMembership}
	}
	p := m.happened(e.Chat, fmt.Sprintf("event:%s:%d", u.Type, u.Timestamp), u.At(), e.User)
	if p == nil {
		return found{skip: SkipOdd}
	}
	p.Private.Event = what
	ingest.Sanitize(p)
	return found{post: p}
}

// happened is a post without words, for the bot alone.
func (m *mapper) happened(chat int64, name string, at time.Time, who max.User) *domain.Post {
	id := max.PostID(m.bot, chat, name)
	if chat == 0 || len(id.Post) > ingest.MaxNameBytes || strings.ContainsRune(id.Post, 0) {
		return nil
	}
	d := decoded{Message: max.Message{Sender: &who}}
	return &domain.Post{ID: id, Region: m.src.Region, SourceID: m.src.ID, Kind: domain.Message, Author: d.author(), PublishedAt: at, First: true,
		Private: &domain.Private{Chat: strconv.FormatInt(chat, 10)}}
}

// What a talk may take beside a pull or a push. What does not come in time is asked
// for by the bot.
const (
	recallWithin = 8 * time.Second
	recallCount  = 20
)

// dialogs is what calls need of a bot besides its updates.
type dialogs interface {
	GetMessages(ctx context.Context, chat int64, before time.Time) ([]max.Message, error)
	AnswerCallback(ctx context.Context, callback string, a max.Answer) error
}

// recall adds to messages that bring consent those that came before them, behind
// them, because they count from then on: until then nothing of them was kept.
func (t *Talk) recall(ctx context.Context, m *mapper, bot dialogs, posts []domain.Post) []domain.Post {
	if t == nil {
		return posts
	}
	var earlier []domain.Post
	for i := range posts {
		p := &posts[i]
		if p.Private == nil || !t.Agrees(m.src.Region, p) {
			continue
		}
		found, err := m.before(ctx, bot, p)
		if err != nil {
			t.Log.Warn("what came before consent cannot be read", "source", m.src.ID, "err", err)
			continue
		}
		p.Private.Recalled = true
		earlier = append(earlier, found...)
	}
	return append(posts, earlier...)
}

// before gives the author's messages of a dialog before one of it, the oldest first.
func (m *mapper) before(ctx context.Context, bot dialogs, p *domain.Post) ([]domain.Post, error) {
	chat, err := strconv.ParseInt(p.Private.Chat, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read the number of a chat: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, recallWithin)
	defer cancel()
	page, err := bot.GetMessages(ctx, chat, p.PublishedAt)
	if err != nil {
		return nil, err
	}
	var out []domain.Post
	for _, msg := range page[:min(len(page), recallCount)] {
		msg.Recipient = max.Place{Chat: chat, Type: max.Dialog}
		raw, err := json.Marshal(map[string]any{"message": msg})
		if err != nil {
			return nil, fmt.Errorf("encode a message read again: %w", err)
		}
		f := m.message(max.Update{Type: max.MessageCreated, Raw: raw})
		if f.post != nil && f.post.ID != p.ID {
			out = append(out, *f.post)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// answer tells MAX that presses were heard.
func (t *Talk) answer(ctx context.Context, src domain.Source, bot dialogs, presses []string) {
	if t == nil {
		return
	}
	ingest.AnswerPresses(ctx, t.Log, src, presses, func(ctx context.Context, id string) error {
		return bot.AnswerCallback(ctx, id, max.Answer{Notice: t.Pressed})
	})
}
