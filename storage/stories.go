package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// EventCases are the cases of events registered since an instant, in the order in which
// they came.
func (s *Store) EventCases(ctx context.Context, region string, since time.Time) ([]domain.EventCase, error) {
	rows, err := s.queries().EventCases(ctx, system, region, stamp(since))
	if err != nil {
		return nil, named("find cases of events", err)
	}
	out := make([]domain.EventCase, len(rows))
	for i, r := range rows {
		out[i] = domain.EventCase{CaseID: r.CaseID, Row: int(r.DecreeRow), Topic: r.Topic, Event: r.Event, Municipality: r.Municipality,
			At: moment(r.At), StoryID: r.StoryID, StoryKey: r.StoryKey, StoryClosed: r.StoryClosed, Touched: r.Touched}
	}
	return out, nil
}

// PutEventStory opens a story of the machine or adds to it the cases that are in none,
// and answers how many were added. One that a person has closed takes none.
func (s *Store) PutEventStory(ctx context.Context, region string, st domain.EventStory, now time.Time) (int, error) {
	var added int64
	err := s.inTx(ctx, fmt.Sprintf("make the story %q", st.Key), func(q *db.Queries) error {
		row, err := q.PutEventStory(ctx, db.PutEventStoryParams{Region: region, Title: clean(st.Title), Who: system, At: stamp(now), Key: st.Key})
		if err != nil || row.Closed {
			return err
		}
		added, err = q.JoinStory(ctx, db.JoinStoryParams{StoryID: row.ID, At: stamp(now), Who: system, Ids: st.Cases,
			Why: clean("в сюжет «" + st.Title + "»: одно событие в одном месте")})
		return err
	})
	return int(added), err
}
