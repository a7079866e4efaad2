package maxingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/max"
)

// DefaultWait is how long a long poll waits on the other side.
const DefaultWait = 25 * time.Second

// batchSize is how many updates one pull takes at most; they are one commit.
const batchSize = 100

// Count is told how many updates of a source gave no post, and why. It may be
// told again when a pull is repeated.
type Count func(src domain.Source, why Skip, n int)

// BotPuller is the ingest.Puller of max_bot sources (address: number of the bot).
// It asks from the committed marker on, so MAX counts an update as read only after
// the batch that held it was committed. The very first pull takes the latest
// update only: MAX gives no more without a marker.
type BotPuller struct {
	Bots  *max.Bots
	Clock domain.Clock
	Wait  time.Duration // DefaultWait when zero
	Count Count         // may be nil
	Talk  *Talk         // may be nil
}

// Pull takes the next updates, at most 100.
func (b *BotPuller) Pull(ctx context.Context, src domain.Source) (domain.Batch, error) {
	bot, err := b.Bots.Find(ctx, src.Address)
	if err != nil {
		return domain.Batch{}, err
	}
	m, err := newMapper(b.Clock.Now(), src, b.Talk)
	if err != nil {
		return domain.Batch{}, err
	}
	cur, err := parseCursor(src)
	if err != nil {
		return domain.Batch{}, err
	}
	ups, err := bot.GetUpdates(ctx, cur.Marker, batchSize, b.wait())
	if err != nil {
		return domain.Batch{}, fmt.Errorf("pull updates of bot %s: %w", src.Address, err)
	}
	batch := m.batch(ups, b.Count)
	batch.Posts = b.Talk.recall(ctx, m, bot, batch.Posts)
	titles(ctx, bot, batch.Seats)
	b.Talk.answer(ctx, src, bot, m.presses)
	batch.More = len(ups.List)+ups.Odd >= batchSize
	if ups.Marker != 0 && ups.Marker != cur.Marker {
		if batch.Cursor, err = json.Marshal(cursor{Marker: ups.Marker}); err != nil {
			return domain.Batch{}, fmt.Errorf("encode cursor: %w", err)
		}
	}
	return batch, nil
}

func (b *BotPuller) wait() time.Duration {
	if b.Wait > 0 {
		return b.Wait
	}
	return DefaultWait
}

// Budget: MAX publishes no daily quota.
func (b *BotPuller) Budget(context.Context, domain.Source) (domain.Budget, error) {
	return domain.Budget{Left: -1}, nil
}

// Check proves that the token lives and that updates can come the way the source
// says: a bot with a webhook cannot be polled. The webhook itself is registered
// by the process that takes it.
func (b *BotPuller) Check(ctx context.Context, src domain.Source) (string, error) {
	bot, err := b.Bots.Find(ctx, src.Address)
	if err != nil {
		return "", err
	}
	me, err := bot.Me(ctx)
	if err != nil {
		return "", fmt.Errorf("check bot %s: %w", src.Address, err)
	}
	title := fmt.Sprintf("@%s (%s)", me.Username, me.FirstName)
	if src.Kind == domain.MAXWebhook {
		return title, nil
	}
	hooks, err := bot.Subscriptions(ctx)
	if err != nil {
		return "", fmt.Errorf("check webhooks of bot %s: %w", src.Address, err)
	}
	if len(hooks) > 0 {
		return "", &domain.PlatformError{
			Platform: domain.MAX, Method: "GET /subscriptions", Code: http.StatusMethodNotAllowed, Reaction: domain.AskPerson,
			Words: "бот подписан на вебхук: отпишите его или заведите источник max_webhook", Err: errors.New("updates go another way"),
		}
	}
	return title, nil
}

// batch maps a list of updates and counts what gave nothing.
func (m *mapper) batch(ups max.Updates, count Count) domain.Batch {
	b := domain.Batch{Source: m.src}
	skipped := map[Skip]int{}
	if ups.Odd > 0 {
		skipped[SkipOdd] = ups.Odd
	}
	for _, u := range ups.List {
		f := m.update(u)
		if f.seat != nil {
			b.Seats = append(b.Seats, *f.seat)
		}
		switch {
		case f.post != nil:
			b.Posts = ingest.Latest(b.Posts, *f.post)
		case f.gone != nil:
			b.Deletions = append(b.Deletions, *f.gone)
		default:
			skipped[f.skip]++
		}
	}
	if count != nil {
		for why, n := range skipped {
			count(m.src, why, n)
		}
	}
	return b
}
