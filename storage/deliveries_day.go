package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// dueDelivery finds what is due and takes it from its account's day; 0 when there
// is nothing. An account that has said enough today waits in that way until the
// platforms' next day, and what others have to say goes on. held: see DueDelivery.
func (s *Store) dueDelivery(ctx context.Context, q *db.Queries, held []int64) (int64, error) {
	busy := []string{}
	for {
		due, err := q.DueDelivery(ctx, s.regions(), busy, held)
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find what is due: %w", err)
		}
		if free, err := chatFree(ctx, q, due); err != nil {
			return 0, err
		} else if !free { // somebody has just claimed for it: others may be due
			busy = append(busy, due.Chat)
			continue
		}
		p, way := domain.Platform(due.Platform), domain.Way(due.Way)
		key, perDay := domain.AccountKey(p, due.Account), s.sendPerDay(p, way)
		if perDay <= 0 {
			return due.ID, nil
		}
		now := s.quotaNow()
		_, err = q.SpendQuota(ctx, db.SpendQuotaParams{TokenHash: tokenHash(key), Method: sendMethod(p, way), Day: day(now), PerDay: perDay})
		if err == nil {
			return due.ID, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("count it against the day: %w", err)
		}
		if err := q.PauseAccount(ctx, db.PauseAccountParams{Account: key + ":" + due.Way, Seconds: untilTomorrow(now).Seconds(),
			Why: heldWords(way, perDay), Reason: domain.HeldDaily}); err != nil {
			return 0, fmt.Errorf("let account %s wait: %w", key, err)
		}
	}
}

// chatFree looks again at the pace of a chat, alone: two that claim in the same
// moment see nothing of each other.
func chatFree(ctx context.Context, q *db.Queries, due db.DueDeliveryRow) (bool, error) {
	if due.GapMs == 0 {
		return true, nil
	}
	if mine, err := q.LockChat(ctx, due.Chat); err != nil || !mine {
		return false, wrap("take turns in a chat", err)
	}
	rests, err := q.ChatRests(ctx, due.Chat, float64(due.GapMs)/1000)
	return !rests, wrap("look at the pace of a chat", err)
}

func (s *Store) sendPerDay(p domain.Platform, w domain.Way) int64 {
	if s.opts.SendPerDay == nil {
		return domain.SendPerDay(p, w)
	}
	return s.opts.SendPerDay(p, w)
}

// sendMethod names what an account sends among the counters of a day.
func sendMethod(p domain.Platform, w domain.Way) string { return "send:" + string(p) + ":" + string(w) }

func heldWords(w domain.Way, perDay int64) string {
	what := "открытых ответов"
	switch w {
	case domain.WayPublic:
	case domain.WayStaff:
		what = "уведомлений сотрудникам"
	case domain.WayDialog:
		what = "личных сообщений"
	}
	return fmt.Sprintf("отложено до завтра: дневной предел %s этого аккаунта, %d, исчерпан", what, perDay)
}

// HeldCount is how many deliveries of a platform wait because of their account.
type HeldCount struct {
	Region   string
	Platform domain.Platform
	Reason   string
	N        int64
}

// HeldCounts counts what waits because of its account, for metrics.
func (s *Store) HeldCounts(ctx context.Context) ([]HeldCount, error) {
	rows, err := s.queries().HeldCounts(ctx)
	if err != nil {
		return nil, named("count what waits for its account", err)
	}
	out := make([]HeldCount, len(rows))
	for i, r := range rows {
		out[i] = HeldCount{Region: r.Region, Platform: domain.Platform(r.Platform), Reason: r.Reason, N: r.N}
	}
	return out, nil
}
