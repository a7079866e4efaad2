package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// deadStore is a book of leases that does not answer.
type deadStore struct {
	ingest.Leases
	asked func()
}

func (d deadStore) LeaseSources(context.Context, string, time.Time, time.Duration, []domain.SourceKind, int) ([]domain.Source, error) {
	d.asked()
	return nil, fmt.Errorf("take leases: %w", domain.ErrUnavailable)
}

type noPuller struct{ ingest.Puller }

// quietLog is an outages on a log and a clock of the test.
func quietLog(t *testing.T, level slog.Level) (o *outages, clock *stillClock, log *strings.Builder, dead *bool) {
	t.Helper()
	log, clock, dead = &strings.Builder{}, &stillClock{time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}, new(bool)
	*dead = true
	o = newOutages(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level})), func(context.Context) error {
		if *dead {
			return domain.ErrUnavailable
		}
		return nil
	})
	o.now = clock.Now
	return o, clock, log, dead
}

func TestAnOutageOfPostgresIsALineAMinute(t *testing.T) {
	t.Parallel()
	o, clock, log, dead := quietLog(t, slog.LevelInfo)
	ctx, stop := context.WithCancel(t.Context())
	polls := 0
	p := &ingest.Poller{Store: deadStore{asked: func() {
		clock.now = clock.now.Add(300 * time.Millisecond)
		if polls++; polls == 500 { // 150 seconds of the poll loop
			stop()
		}
	}}, Clock: clock, Log: o.logger().With("role", "poll"), Idle: time.Microsecond,
		Pullers: map[domain.SourceKind]ingest.Puller{domain.VKWall: noPuller{}}}
	if err := p.Run(ctx, t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "\n"); n != 3 || strings.Contains(log.String(), "msg=\"take leases\"") {
		t.Errorf("%d lines of 150 seconds, want the beginning and two minutes:\n%s", n, log.String())
	}
	if !strings.Contains(log.String(), "for=1m0s") || !strings.Contains(log.String(), "lines=") {
		t.Errorf("length or number of lines is missing:\n%s", log.String())
	}

	*dead = false
	o.look(t.Context())
	if strings.Contains(log.String(), "answers again") {
		t.Error("one answer a moment after a failure was believed")
	}
	clock.now = clock.now.Add(outageCalm)
	o.look(t.Context())
	o.look(t.Context())
	if strings.Count(log.String(), "PostgreSQL answers again") != 1 || !strings.Contains(log.String(), "after=2m32s") {
		t.Errorf("the end, once, with its length:\n%s", log.String())
	}
}

func TestAnOutageIsNoticedToLastThoughNobodyAsks(t *testing.T) {
	t.Parallel()
	o, clock, log, _ := quietLog(t, slog.LevelInfo)
	o.logger().Error("settle albums", "err", fmt.Errorf("find: %w", domain.ErrUnavailable))
	for range 61 {
		clock.now = clock.now.Add(time.Second)
		o.look(t.Context())
	}
	if n := strings.Count(log.String(), "still does not answer"); n != 1 {
		t.Errorf("%d lines after a minute:\n%s", n, log.String())
	}
}

func TestOtherLinesAreLeftAlone(t *testing.T) {
	t.Parallel()
	o, _, log, _ := quietLog(t, slog.LevelInfo)
	l := o.logger()
	for range 3 {
		l.Error("poll failed", "err", errors.New("connection reset"))
		l.Info("serving", "err", domain.ErrUnavailable)
	}
	if n := strings.Count(log.String(), "\n"); n != 6 {
		t.Errorf("%d lines of 6:\n%s", n, log.String())
	}
	o, _, log, _ = quietLog(t, slog.LevelDebug)
	for range 3 {
		o.logger().Error("take leases", "err", domain.ErrUnavailable)
	}
	if n := strings.Count(log.String(), "take leases"); n != 3 {
		t.Errorf("at debug %d lines of 3:\n%s", n, log.String())
	}
}
