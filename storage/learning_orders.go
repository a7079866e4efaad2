package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// OrderLearning notes that a model is to be learned: t.Waiting for a process that
// takes it, else whoever calls does it. domain.ErrUnderWay when the same is ordered
// already, or when it is to begin at once and another learns in the region. A run
// whose process has died is marked as failed on the way.
func (s *Store) OrderLearning(ctx context.Context, t domain.Background, noted ...domain.Entry) (id int64, err error) {
	err = s.inTx(ctx, "order learning in "+t.Region, func(q *db.Queries) error {
		if err := endLost(ctx, q, t.Region, t.CreatedAt); err != nil {
			return err
		}
		id, err = q.OrderLearning(ctx, db.OrderLearningParams{Region: t.Region, Kind: t.Kind, Subject: t.Subject, Who: t.Who, At: stamp(t.CreatedAt), Waiting: t.Waiting})
		if isUnique(err) {
			return domain.ErrUnderWay
		}
		if err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
	return id, err
}

func isUnique(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// LearningUnderWay lists what learns in a region or waits to, the one at work first.
func (s *Store) LearningUnderWay(ctx context.Context, region string, now time.Time) ([]domain.Background, error) {
	var out []domain.Background
	err := s.inTx(ctx, "look who learns in "+region, func(q *db.Queries) error {
		out = nil
		if err := endLost(ctx, q, region, now); err != nil {
			return err
		}
		rows, err := q.LearningUnderWay(ctx, region)
		for _, r := range rows {
			out = append(out, toTask(r))
		}
		return err
	})
	return out, err
}

// TakeLearning takes the oldest order of a region; false when there is none, or when
// another is at work there.
func (s *Store) TakeLearning(ctx context.Context, region string, now time.Time) (t domain.Background, taken bool, err error) {
	err = s.inTx(ctx, "take an order to learn", func(q *db.Queries) error {
		taken = false
		if err := endLost(ctx, q, region, now); err != nil {
			return err
		}
		r, err := q.TakeLearning(ctx, region)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		t, taken = toTask(r), err == nil
		return err
	})
	if isUnique(err) { // another process was quicker
		return domain.Background{}, false, nil
	}
	return t, taken, err
}

// LearningProgress is TaskProgress of a learning. stop is true, too, when another process
// has taken the order since.
func (s *Store) LearningProgress(ctx context.Context, t domain.TaskHold, done, total int64) (stop bool, err error) {
	return s.beat(ctx, t, done, total)
}

// EndLearning is EndTask of a learning; one that another process has taken since stays
// as it is.
func (s *Store) EndLearning(ctx context.Context, t domain.TaskHold, state domain.BackgroundState, result any, sentence string, now time.Time) error {
	return s.endTask(ctx, t, state, result, sentence, now)
}

// ReturnLearning gives an order back, to be begun anew by the next process: this one
// is stopping. False when it has ended, another process has it, or a person has stopped it.
func (s *Store) ReturnLearning(ctx context.Context, t domain.TaskHold) (bool, error) {
	n, err := s.queries().ReturnLearning(ctx, t.ID, t.Epoch)
	return n > 0, named("give an order back", err)
}

// DropOldModels deletes a label's versions beyond the newest so many. The one in force
// stays, and the one to go back to from it. It returns what was deleted.
func (s *Store) DropOldModels(ctx context.Context, label string, keep int, by domain.Doer) ([]string, error) {
	var dropped []string
	err := s.inTx(ctx, "drop old models of "+by.Region, func(q *db.Queries) error {
		dropped = nil
		if _, err := q.LockRegion(ctx, by.Region); err != nil {
			return err
		}
		old, err := q.OldModels(ctx, by.Region, label, small(keep))
		if err != nil || len(old) == 0 {
			return err
		}
		ids := make([]int64, len(old))
		for i, v := range old {
			ids[i] = v.ID
			dropped = append(dropped, shortHash(v.Hash))
		}
		if err := q.ForgetPrevious(ctx, ids); err != nil {
			return fmt.Errorf("forget the way back to them: %w", err)
		}
		if err := q.DropModels(ctx, ids); err != nil {
			return fmt.Errorf("delete them: %w", err)
		}
		return journal(ctx, q, domain.EntryOf(by, "models_dropped", "model", dropped[0],
			fmt.Sprintf("удалены старые версии модели «%s», сверх %d последних: %s", label, keep, strings.Join(dropped, ", "))))
	})
	return dropped, err
}
