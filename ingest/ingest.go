// Package ingest brings posts in: leases, the poll schedule, and one folder per
// platform with a puller for each kind of source. It knows no store; what it
// needs of one is declared here as small interfaces.
package ingest

import (
	"context"
	"time"

	"github.com/otklik/otklik/domain"
)

// Puller takes one step on a leased source. It fills Posts, Deletions, Watches,
// Cursor and More of the batch; the poll loop adds the state and the schedule.
// A *domain.PlatformError in the error's chain decides what happens to the source.
// Pull must be safe to repeat: nothing is acknowledged to the platform that the
// given cursor does not prove committed.
type Puller interface {
	Pull(ctx context.Context, src domain.Source) (domain.Batch, error)
	// Budget tells the schedule what is left of the platform's daily quota.
	Budget(ctx context.Context, src domain.Source) (domain.Budget, error)
	// Check really asks the platform once whether the source can be read and
	// returns its title; used by «source add» and «source check».
	Check(ctx context.Context, src domain.Source) (title string, err error)
}

// Sink commits a pushed batch. A nil error means it is stored: only then may
// the push be acknowledged.
type Sink interface {
	Push(ctx context.Context, b domain.Batch) error
}

// SourceFinder looks a source up by kind and address for pushes.
type SourceFinder interface {
	SourceByAddress(ctx context.Context, kind domain.SourceKind, address string) (domain.Source, error)
}

// Watches gives the posts of a source that are due to be looked at again. Those of
// open cases never end, of closed ones when the time to object is over.
type Watches interface {
	DueWatches(ctx context.Context, sourceID int64, objection time.Duration, limit int) ([]domain.Watch, error)
}

// Limiter waits until one more call under key is allowed, at most perSecond
// calls a second over all processes, or returns the context's error.
type Limiter interface {
	Wait(ctx context.Context, key string, perSecond float64) error
}

// Quotas are daily counters that outlive processes. Spend takes one call and
// returns what is left; a *domain.PlatformError with ParkToday when nothing is.
type Quotas interface {
	Spend(ctx context.Context, token, method string, perDay int64) (left int64, err error)
	Left(ctx context.Context, token, method string, perDay int64) (left int64, err error)
	// Park makes Spend refuse this token and method until the platform's next day.
	Park(ctx context.Context, token, method, reason string) error
}
