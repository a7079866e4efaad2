package tgingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/telegram"
)

// DefaultWait is how long a getUpdates call waits on the other side.
const DefaultWait = 25 * time.Second

// Bot is what reading needs of a bot; *telegram.Client is one.
type Bot interface {
	ID() int64
	GetUpdates(ctx context.Context, offset int64, limit int, wait time.Duration) (telegram.Updates, error)
	Me(ctx context.Context) (models.User, error)
	WebhookInfo(ctx context.Context) (models.WebhookInfo, error)
}

// Count is told how many updates of a source gave no post, and why. It may be
// told again when a pull is repeated.
type Count func(src domain.Source, why Skip, n int)

// BotPuller is the ingest.Puller of telegram_bot sources (address: bot id). It
// asks from the committed offset on, so Telegram forgets an update only after
// the batch that held it was committed. By itself it forgets after 24 hours: a
// longer outage loses updates, of which a preview source can give back those of
// public channels, under the same identities.
type BotPuller struct {
	Bots  map[string]Bot // by bot id
	Wait  time.Duration  // DefaultWait when zero
	Count Count          // may be nil
	Talk  *Talk          // may be nil
}

// Pull takes the next updates, at most 100.
func (b *BotPuller) Pull(ctx context.Context, src domain.Source) (domain.Batch, error) {
	bot, err := b.bot(src)
	if err != nil {
		return domain.Batch{}, err
	}
	m, err := newMapper(src, bot.ID(), b.Talk)
	if err != nil {
		return domain.Batch{}, err
	}
	old := m.cur.clone()
	ups, err := bot.GetUpdates(ctx, old.Offset, telegram.MaxUpdates, b.wait())
	if err != nil {
		return domain.Batch{}, fmt.Errorf("pull updates of bot %s: %w", src.Address, err)
	}
	batch := domain.Batch{Source: src, More: len(ups.List)+ups.Odd >= telegram.MaxUpdates}
	batch.Posts = m.updates(ups, b.Count)
	batch.Seats = m.seats
	b.Talk.answer(ctx, src, m.presses)
	if err := m.cur.advance(ups); err != nil {
		return domain.Batch{}, err
	}
	if !m.cur.equal(old) {
		if batch.Cursor, err = json.Marshal(m.cur); err != nil {
			return domain.Batch{}, fmt.Errorf("encode cursor: %w", err)
		}
	}
	return batch, nil
}

// maxBlind is how often an answer without one readable number is stepped over.
const maxBlind = 3

// advance moves the offset one past the last update returned. It may be lower
// than before: after a quiet week Telegram starts the numbers anew at random.
//
// Where no update has a readable number, as many numbers are passed over as
// updates came: numbers grow at least by one, so none that can be read is lost.
// When that does not help either (a gap of unknown size lies before them), the
// source fails with its reason in words, instead of asking for the same on and
// on, until a readable update comes along or Telegram has forgotten the others.
func (c *botCursor) advance(ups telegram.Updates) error {
	switch {
	case len(ups.List) > 0:
		last := slices.MaxFunc(ups.List, func(a, b telegram.Update) int { return cmp.Compare(a.ID, b.ID) })
		c.Offset, c.Blind = last.ID+1, 0
	case ups.Odd == 0:
		c.Blind = 0
	case c.Blind < maxBlind:
		c.Offset, c.Blind = c.Offset+int64(ups.Odd), c.Blind+1
	default:
		return &domain.PlatformError{
			Platform: domain.Telegram, Method: "getUpdates", Reaction: domain.RetryLater,
			Words: fmt.Sprintf("у обновлений Telegram (%d) нет читаемого номера, их нельзя подтвердить: ждём следующего сообщения, через сутки Telegram забудет их сам", ups.Odd),
			Err:   errors.New("no update has a readable update_id"),
		}
	}
	return nil
}

func (b *BotPuller) wait() time.Duration {
	if b.Wait > 0 {
		return b.Wait
	}
	return DefaultWait
}

func (b *BotPuller) bot(src domain.Source) (Bot, error) {
	bot, ok := b.Bots[src.Address]
	if !ok {
		return nil, &domain.PlatformError{
			Platform: domain.Telegram, Method: "getUpdates", Reaction: domain.AskPerson,
			Words: "нет токена для бота " + src.Address, Err: errors.New("no token for this bot"),
		}
	}
	return bot, nil
}

// Budget: the Bot API has no daily quota.
func (b *BotPuller) Budget(context.Context, domain.Source) (domain.Budget, error) {
	return domain.Budget{Left: -1}, nil
}

// Check proves that the token lives and that updates come the way the source
// says: a bot with a webhook cannot be polled, one without cannot push.
func (b *BotPuller) Check(ctx context.Context, src domain.Source) (string, error) {
	bot, err := b.bot(src)
	if err != nil {
		return "", err
	}
	me, err := bot.Me(ctx)
	if err != nil {
		return "", fmt.Errorf("check bot %s: %w", src.Address, err)
	}
	if src.Kind == domain.TelegramBot {
		if err := polled(ctx, bot); err != nil {
			return "", fmt.Errorf("check webhook of bot %s: %w", src.Address, err)
		}
	}
	title := fmt.Sprintf("@%s (%s)", me.Username, me.FirstName)
	if !me.CanReadAllGroupMessages {
		title += "; режим приватности: в группах, где бот не администратор, видны только команды и ответы ему"
	}
	return title, nil
}

// polled refuses a bot whose updates are pushed.
func polled(ctx context.Context, bot Bot) error {
	hook, err := bot.WebhookInfo(ctx)
	if err != nil || hook.URL == "" {
		return err
	}
	return &domain.PlatformError{
		Platform: domain.Telegram, Method: "getWebhookInfo", Code: 409, Reaction: domain.AskPerson,
		Words: "у бота включён вебхук: отключите его или заведите источник telegram_webhook", Err: errors.New("updates go another way"),
	}
}

// updates maps a list and counts what gave no post.
func (m *mapper) updates(ups telegram.Updates, count Count) []domain.Post {
	skipped := map[Skip]int{}
	if ups.Odd > 0 {
		skipped[SkipOdd] = ups.Odd
	}
	var posts []domain.Post
	for _, u := range ups.List {
		p, why := m.update(u)
		if p == nil {
			skipped[why]++
			continue
		}
		posts = ingest.Latest(posts, *p)
	}
	if count != nil {
		for why, n := range skipped {
			count(m.src, why, n)
		}
	}
	return posts
}
