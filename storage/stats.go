package storage

import (
	"context"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Stats counts a region, or all for "". Posts are counted one by one: for
// people and tests, not for every second of a big installation.
func (s *Store) Stats(ctx context.Context, region string) (domain.Stats, error) {
	out := domain.Stats{Region: region}
	err := s.inTx(ctx, "count", func(q *db.Queries) error {
		var err error
		if out.Posts, err = q.CountPosts(ctx, region); err != nil {
			return err
		}
		if out.Problems, err = q.CountProblems(ctx, region); err != nil {
			return err
		}
		if err := countCases(ctx, q, &out); err != nil {
			return err
		}
		out.Replies, err = q.CountReplies(ctx, region)
		return err
	})
	return out, err
}

// CaseCounts counts a region's cases and what waits for review, and no posts:
// for metrics.
func (s *Store) CaseCounts(ctx context.Context, region string) (domain.Stats, error) {
	out := domain.Stats{Region: region}
	err := s.inTx(ctx, "count cases", func(q *db.Queries) error { return countCases(ctx, q, &out) })
	return out, err
}

func countCases(ctx context.Context, q *db.Queries, out *domain.Stats) error {
	cases, err := q.CountCases(ctx, out.Region)
	if err != nil {
		return err
	}
	out.Cases, out.Assigned, out.Overdue = cases.Cases, cases.Assigned, cases.Overdue
	out.Moderation, out.Dropped = cases.Moderation, cases.Dropped
	out.Undecided, err = q.CountReviewItems(ctx, out.Region)
	out.Review = out.Moderation + out.Undecided
	return err
}

// OverdueCount is how many cases of a body are past due and still open.
type OverdueCount struct {
	Region   string
	AgencyID string // "" for cases nobody has
	Cases    int64
}

// OverdueByAgency counts overdue open cases of all regions, for metrics.
func (s *Store) OverdueByAgency(ctx context.Context) ([]OverdueCount, error) {
	rows, err := s.queries().OverdueByAgency(ctx)
	if err != nil {
		return nil, named("count overdue cases", err)
	}
	out := make([]OverdueCount, len(rows))
	for i, r := range rows {
		out[i] = OverdueCount{Region: r.Region, AgencyID: r.AgencyID, Cases: r.Overdue}
	}
	return out, nil
}

// QuotaUse is what was spent today of one method, over all tokens.
type QuotaUse struct {
	Method string
	Tokens int64
	Used   int64
}

// QuotasToday sums up today's counters, for metrics.
func (s *Store) QuotasToday(ctx context.Context) ([]QuotaUse, error) {
	rows, err := s.queries().QuotaUse(ctx, day(s.quotaNow()))
	if err != nil {
		return nil, named("sum up quotas", err)
	}
	out := make([]QuotaUse, len(rows))
	for i, r := range rows {
		out[i] = QuotaUse{Method: r.Method, Tokens: r.Tokens, Used: r.Used}
	}
	return out, nil
}
