package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/otklik/otklik/domain"
)

// upkeep is what the database needs done by somebody from time to time. Many
// workers may do it at once.
type upkeep interface {
	EnsurePartitions(ctx context.Context, now time.Time) (int, error)
	Prune(ctx context.Context, now time.Time) error
}

// keeper makes the next months' partitions ahead of time, and once a day drops
// rows of passing interest.
type keeper struct {
	store  upkeep
	clock  domain.Clock
	log    *slog.Logger
	pruned time.Time // when it was last done
}

const (
	keeperLook = time.Hour
	pruneEvery = 24 * time.Hour
)

// run looks after the database at once and then every hour, until ctx ends.
func (k *keeper) run(ctx context.Context) error {
	t := time.NewTicker(keeperLook)
	defer t.Stop()
	for {
		k.look(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// look does what is due. What fails is tried again at the next look.
func (k *keeper) look(ctx context.Context) {
	now := k.clock.Now()
	if _, err := k.store.EnsurePartitions(ctx, now); err != nil && ctx.Err() == nil {
		k.log.Error("make partitions", "err", err)
	}
	if now.Sub(k.pruned) < pruneEvery {
		return
	}
	if err := k.store.Prune(ctx, now); err != nil {
		if ctx.Err() == nil {
			k.log.Error("drop old rows", "err", err)
		}
		return
	}
	k.pruned = now
}
