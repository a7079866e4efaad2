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
	Began   time.Time     // business time of its first pack
	Latest  time.Time     // the latest business time written down
	Answers []domain.Post // our own answers that polling brought back and that still stand
}

// Kept tells where a kept database stands.
func (s *Store) Kept(ctx context.Context) (Kept, error) {
	var out Kept
	err := s.inTx(ctx, "look at what was kept", func(q *db.Queries) error {
		span, err := q.KeptSpan(ctx)
		if err != nil {
			return err
		}
		out.Began, out.Latest = moment(span.Began), moment(span.Latest)
		rows, err := q.KeptAnswers(ctx)
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
