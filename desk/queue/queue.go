// Package queue is Очередь: what waits for analysts, one thing at a time, with
// one key for each decision. Two people never get the same thing: looking at it
// is a short lease.
package queue

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var viewFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// Store is what the queue reads and writes.
type Store interface {
	casework.NamedStore
	Queue(ctx context.Context, sc domain.Scope, f domain.QueueFilter, now time.Time, limit, offset int) ([]domain.QueueItem, error)
	CountOrdered(ctx context.Context, sc domain.Scope, f domain.QueueFilter, now time.Time) (domain.OrderCount, error)
	CountQueue(ctx context.Context, sc domain.Scope, f domain.QueueFilter, who string, now time.Time) (domain.QueueCount, error)
	CaseOpening(ctx context.Context, sc domain.Scope, id int64) (domain.CaseWhole, error)
	Review(ctx context.Context, sc domain.Scope, id int64) (domain.ReviewWhole, error)
	NearCases(ctx context.Context, sc domain.Scope, c domain.Case) ([]domain.NearCase, error)
	CaseByNumber(ctx context.Context, sc domain.Scope, number string) (domain.Case, error)

	TakeLease(ctx context.Context, sc domain.Scope, ref domain.Ref, who string, length time.Duration) (domain.Lease, error)
	TakeFirst(ctx context.Context, sc domain.Scope, refs []domain.Ref, who string, length time.Duration) (domain.Lease, error)
	EmptyHands(ctx context.Context, sc domain.Scope, who string) error
	ReleaseDesk(ctx context.Context, ref domain.Ref, who string) error
	ReleaseLeases(ctx context.Context, who string, until time.Time) error

	ChangeCase(ctx context.Context, sc domain.Scope, ch domain.CaseChange) (domain.Changed, error)
	AskFromModeration(ctx context.Context, sc domain.Scope, a domain.AnalystAsks) (domain.Changed, error)
	JoinCase(ctx context.Context, sc domain.Scope, j domain.Join, redue domain.Redue) (domain.Changed, error)
	SplitCase(ctx context.Context, sc domain.Scope, sp domain.Split, open domain.OpenByPerson, keys func(domain.Judged) []string) (domain.Changed, error)
	OpenFromReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, by domain.By, open domain.OpenByPerson, keys func(domain.Judged) []string) (domain.Changed, error)
	JoinReview(ctx context.Context, sc domain.Scope, j domain.JoinReview, redue domain.Redue, keys func(domain.Judged) []string) (domain.Changed, error)
	ResolveReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, ch domain.ReviewChange, by domain.By) (domain.Changed, error)
	FollowReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, ch domain.CaseChange) (domain.Changed, error)
	AsideReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, until time.Time, by domain.By) (domain.Changed, error)

	OrderBulk(ctx context.Context, o domain.BulkOrder) (domain.BulkJob, error)
	Bulk(ctx context.Context, sc domain.Scope, id int64, who string) (domain.BulkJob, error)
	StopBulk(ctx context.Context, sc domain.Scope, id int64, by domain.Doer) error
}

// Undo takes a change back: see storage. It says what was done, and to
// what.
type Undo func(ctx context.Context, sc domain.Scope, id int64, who string, at time.Time) (words string, refs []domain.Ref, err error)

// Sources lists the sources of a region for the filter.
type Sources func(ctx context.Context, region string) ([]casework.Choice, error)

// Queue serves the pages.
type Queue struct {
	Store   Store
	Packs   casework.Packs
	Names   casework.Names
	Undo    Undo
	Sources Sources
	Clock   domain.Clock
	// Rules are the values a question to an author goes by.
	Rules func(region string) domain.BodyRules
	// Kick starts work on bulk orders at once; may be nil.
	Kick func()
}

// shown is how many lines a page of the queue has.
const shown = 50

// Section is the queue as the kit wants it.
func (q *Queue) Section() (page.Section, error) {
	views, err := fs.Sub(viewFiles, "views")
	if err != nil {
		return page.Section{}, fmt.Errorf("views of the queue: %w", err)
	}
	assets, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		return page.Section{}, fmt.Errorf("assets of the queue: %w", err)
	}
	return page.Section{Name: "queue", Views: views, Assets: assets, Routes: q.routes(), Counts: map[string]func(context.Context, domain.Scope, domain.User) (int, error){
		"/queue": q.count,
	}}, nil
}

func (q *Queue) routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /queue", Action: access.SeeQueue, Handler: q.show},
		{Pattern: "GET /queue/list.xlsx", Action: access.SeeQueue, Also: access.Export, Handler: q.file, Long: true},
		{Pattern: "GET /queue/list", Action: access.SeeQueue, Handler: q.list},
		{Pattern: "GET /queue/pane/{object}/{id}", Action: access.SeeQueue, Handler: q.pane},
		{Pattern: "GET /queue/subjects", Action: access.SeeQueue, Handler: q.subjects},
		{Pattern: "POST /queue/lease/{object}/{id}", Action: access.Moderate, Handler: q.renew},
		{Pattern: "POST /queue/leave", Action: access.Moderate, Handler: q.leave},
		{Pattern: "POST /queue/case/{id}/assign", Action: access.Moderate, Handler: q.assign},
		{Pattern: "POST /queue/case/{id}/reject", Action: access.Moderate, Handler: q.reject},
		{Pattern: "POST /queue/case/{id}/aside", Action: access.Moderate, Handler: q.aside},
		{Pattern: "POST /queue/case/{id}/ask", Action: access.Moderate, Handler: q.ask},
		{Pattern: "POST /queue/case/{id}/join", Action: access.Moderate, Handler: q.join},
		{Pattern: "POST /queue/case/{id}/split", Action: access.Moderate, Handler: q.split},
		{Pattern: "POST /queue/review/{id}/open", Action: access.Moderate, Handler: q.openReview},
		{Pattern: "POST /queue/review/{id}/follow", Action: access.Moderate, Handler: q.followReview},
		{Pattern: "POST /queue/review/{id}/join", Action: access.Moderate, Handler: q.joinReview},
		{Pattern: "POST /queue/review/{id}/dismiss", Action: access.Moderate, Handler: q.dismissReview},
		{Pattern: "POST /queue/review/{id}/aside", Action: access.Moderate, Handler: q.asideReview},
		{Pattern: "POST /queue/bulk", Action: access.Moderate, Handler: q.bulk},
		{Pattern: "GET /queue/bulk/{id}", Action: access.Moderate, Handler: q.bulkPage},
		{Pattern: "POST /queue/bulk/{id}/stop", Action: access.Moderate, Handler: q.bulkStop},
		{Pattern: "POST /undo/{id}", Action: access.Own, Handler: q.undo},
	}
}

func (q *Queue) count(ctx context.Context, sc domain.Scope, u domain.User) (int, error) {
	n, err := q.Store.CountQueue(ctx, sc, domain.QueueFilter{}, u.Login, q.Clock.Now())
	return n.Total, err
}
