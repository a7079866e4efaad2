package storage

import (
	"context"
	"errors"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// runGrace is how long a claimed run may take before others think its worker
// dead and claim it anew.
const runGrace = 5 * time.Minute

// ClaimRun notes that this process does (job, region, tick); false when another
// did or does. A run whose worker died is claimed again after five minutes.
func (s *Store) ClaimRun(ctx context.Context, job, region string, tick time.Time) (bool, error) {
	n, err := s.queries().ClaimRun(ctx, db.ClaimRunParams{Job: job, Region: region, Tick: stamp(tick), GraceSeconds: runGrace.Seconds()})
	return n == 1, named("claim run", err)
}

// FinishRun notes that a run is done, with its result in words.
func (s *Store) FinishRun(ctx context.Context, job, region string, tick time.Time, result string) error {
	n, err := s.queries().FinishRun(ctx, db.FinishRunParams{Result: clean(result), Job: job, Region: region, Tick: stamp(tick)})
	return onlyOne("finish run", n, err)
}

// LastRun is the latest tick that was done or is being done; zero when there is
// none. A run whose worker died does not count.
func (s *Store) LastRun(ctx context.Context, job, region string) (time.Time, error) {
	tick, err := s.queries().LastRun(ctx, job, region, runGrace.Seconds())
	err = named("read last run", err)
	if errors.Is(err, domain.ErrNotFound) {
		return time.Time{}, nil
	}
	return moment(tick), err
}
