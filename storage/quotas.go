package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// QuotaZone is the zone in which VK's day is counted here. VK does not document
// when its daily limits start anew; its servers and support keep Moscow time. If
// the day really begins later, the platform answers error 29 and the method is
// parked until the next Moscow day: calls are lost, never made in excess.
const QuotaZone = "Europe/Moscow"

// moscow is a fixed offset: Moscow has had no summer time since 2014.
func moscow() *time.Location { return time.FixedZone(QuotaZone, 3*60*60) }

func (s *Store) quotaNow() time.Time { return s.opts.MachineClock.Now().In(moscow()) }

// untilTomorrow is the rest of the platform's day.
func untilTomorrow(now time.Time) time.Duration {
	y, m, d := now.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, now.Location()).Sub(now)
}

// tokenHash keeps tokens out of the database.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Spend takes one call of today's quota over all processes and returns what is
// left. When nothing is, or the method is parked, it returns a
// *domain.PlatformError with the reaction ParkToday.
func (s *Store) Spend(ctx context.Context, token, method string, perDay int64) (int64, error) {
	now := s.quotaNow()
	used, err := s.queries().SpendQuota(ctx, db.SpendQuotaParams{
		TokenHash: tokenHash(token), Method: method, Day: day(now), PerDay: perDay,
	})
	err = named("count a call against the quota", err)
	if errors.Is(err, domain.ErrNotFound) {
		return 0, quotaSpent(method, now)
	}
	if err != nil {
		return 0, err
	}
	return perDay - used, nil
}

func quotaSpent(method string, now time.Time) error {
	return &domain.PlatformError{
		Platform: domain.VK, Method: method, Reaction: domain.ParkToday, RetryAfter: untilTomorrow(now),
		Words: "дневной лимит вызовов " + method + " исчерпан, продолжим завтра",
		Err:   fmt.Errorf("daily quota of %s is spent", method),
	}
}

// Left is what Spend could still take today; 0 when the method is parked.
func (s *Store) Left(ctx context.Context, token, method string, perDay int64) (int64, error) {
	row, err := s.queries().UsedQuota(ctx, tokenHash(token), method, day(s.quotaNow()))
	if err != nil {
		return 0, named("read the quota", err)
	}
	if row.Parked != "" {
		return 0, nil
	}
	return max(0, perDay-row.Used), nil
}

// Park makes Spend refuse this token and method until the platform's next day.
func (s *Store) Park(ctx context.Context, token, method, reason string) error {
	if reason == "" {
		reason = "quota"
	}
	err := s.queries().ParkQuota(ctx, db.ParkQuotaParams{
		TokenHash: tokenHash(token), Method: method, Day: day(s.quotaNow()), Reason: clean(reason),
	})
	return named("park a method", err)
}
