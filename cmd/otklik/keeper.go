package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// upkeep is what the database needs done by somebody from time to time. Many
// workers may do it at once.
type upkeep interface {
	oldPosts
	EnsurePartitions(ctx context.Context, now time.Time) (int, error)
	Prune(ctx context.Context, now time.Time) error
	ForgetUpdates(ctx context.Context, region string, before time.Time) (int64, error)
	ForgetStaff(ctx context.Context, region string, before time.Time) (int64, error)
	DropEmptyPartitions(ctx context.Context, before, now time.Time, dry bool) ([]string, error)
	ClaimRun(ctx context.Context, job, region string, tick time.Time) (bool, error)
	FinishRun(ctx context.Context, job, region string, tick time.Time, result string) error
}

// keeper makes the next months' partitions ahead of time, and once a day drops
// what nobody needs: rows of passing interest, posts past their term.
type keeper struct {
	store   upkeep
	packs   func() []*rules.Pack // the active ones
	clock   domain.Clock
	log     *slog.Logger
	dropped *prometheus.CounterVec // posts by region
	lives   *domain.Lives          // may be nil
	pruned  time.Time              // when it was last done
}

const (
	keeperLook   = time.Hour
	pruneEvery   = 24 * time.Hour
	updatesKept  = 30 * 24 * time.Hour // of dialogs: a platform replays hours, a rescan days
	retentionJob = "retention"
)

// run looks after the database at once and then every hour, until ctx ends.
func (k *keeper) run(ctx context.Context) error {
	life := k.lives.Begin("keeper", "", keeperSilence)
	defer life.End()
	every(ctx, keeperLook, func() {
		life.Beat()
		k.look(ctx)
	})
	return nil
}

// look does what is due. What fails is tried again at the next look.
func (k *keeper) look(ctx context.Context) {
	now := k.clock.Now()
	if _, err := k.store.EnsurePartitions(ctx, now); err != nil && ctx.Err() == nil {
		k.log.Error("make partitions", "err", err)
	}
	k.retention(ctx, now)
	if now.Sub(k.pruned) < pruneEvery {
		return
	}
	if err := k.store.Prune(ctx, now); err != nil {
		if ctx.Err() == nil {
			k.log.Error("drop old rows", "err", err)
		}
		return
	}
	for _, p := range k.packs() {
		if _, err := k.store.ForgetUpdates(ctx, p.Region.ID, now.Add(-updatesKept)); err != nil {
			if ctx.Err() == nil {
				k.log.Error("forget updates of dialogs", "region", p.Region.ID, "err", err)
			}
			return
		}
		if _, err := k.store.ForgetStaff(ctx, p.Region.ID, now.Add(-updatesKept)); err != nil {
			if ctx.Err() == nil {
				k.log.Error("forget old notices of staff", "region", p.Region.ID, "err", err)
			}
			return
		}
	}
	k.pruned = now
}

// retention drops posts past their term, each region once a day whichever
// worker does it, and then the months that have become empty.
func (k *keeper) retention(ctx context.Context, now time.Time) {
	packs := k.packs()
	done := false
	for _, p := range packs {
		did, err := k.retainRegion(ctx, p.Region.ID, p.Region.RetentionDays, now)
		if err != nil && ctx.Err() == nil {
			k.log.Error("drop posts past their term", "region", p.Region.ID, "err", err)
		}
		done = done || did
	}
	if !done {
		return
	}
	names, err := k.store.DropEmptyPartitions(ctx, now.AddDate(0, 0, -longestRetention(packs)), now, false)
	if err != nil && ctx.Err() == nil {
		k.log.Error("drop empty partitions", "err", err)
	}
	if len(names) > 0 {
		k.log.Info("empty partitions dropped", "names", strings.Join(names, ","))
	}
}

func (k *keeper) retainRegion(ctx context.Context, region string, days int, now time.Time) (bool, error) {
	tick := now.UTC().Truncate(24 * time.Hour)
	mine, err := k.store.ClaimRun(ctx, retentionJob, region, tick)
	if err != nil || !mine {
		return false, err
	}
	sum, err := retain(ctx, k.store, region, days, now, false)
	k.dropped.WithLabelValues(region).Add(float64(sum.Posts))
	if err != nil {
		return false, err
	}
	k.log.Info("posts past their term dropped", "region", region, "days", days, "seen", sum.Seen,
		"posts", sum.Posts, "verdicts", sum.Verdicts, "versions", sum.Versions)
	return true, k.store.FinishRun(ctx, retentionJob, region, tick, fmt.Sprintf("удалено сообщений %d", sum.Posts))
}
