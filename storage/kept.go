package storage

import (
	"context"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Kept is what a database that is used again knows of the time it has lived
// through. Zero times mean that nothing was ever written into it.
type Kept struct {
	Began  time.Time // business time of its first pack
	Latest time.Time // the latest business time written down
	// Answers are our own ones that polling brought back and that still stand, with
	// what visitors have written, in the order of their times.
	Answers []domain.Post
}

// Kept tells where a kept database stands; visitors is the pattern (LIKE) of the ids
// of authors who have written to the fakes by hand.
func (s *Store) Kept(ctx context.Context, visitors string) (Kept, error) {
	var out Kept
	err := s.inTx(ctx, "look at what was kept", func(q *db.Queries) error {
		span, err := q.KeptSpan(ctx)
		if err != nil {
			return err
		}
		out.Began, out.Latest = moment(span.Began), moment(span.Latest)
		rows, err := q.KeptAnswers(ctx, visitors)
		if err != nil {
			return err
		}
		for _, r := range rows {
			p, err := toPost(r.StoredPost)
			if err != nil {
				return err
			}
			out.Answers = append(out.Answers, p)
		}
		return nil
	})
	return out, err
}
