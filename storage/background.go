package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// taskSilence is after how long a task nobody has heard of counts as dead.
const taskSilence = time.Minute

// taskDays is how long finished tasks are kept.
const taskDays = 7

// BeginTask notes that long work has begun and returns its id.
func (s *Store) BeginTask(ctx context.Context, t domain.Background) (int64, error) {
	id, err := s.queries().InsertTask(ctx, db.InsertTaskParams{Region: t.Region, Kind: t.Kind, Subject: t.Subject, Who: t.Who, At: stamp(t.CreatedAt)})
	return id, named("begin a task", err)
}

// TaskProgress notes how far a task is. stop is true when somebody wants it to
// end, or when it has been taken for dead.
func (s *Store) TaskProgress(ctx context.Context, id, done, total int64) (stop bool, err error) {
	return s.beat(ctx, domain.TaskHold{ID: id}, done, total)
}

func (s *Store) beat(ctx context.Context, t domain.TaskHold, done, total int64) (stop bool, err error) {
	stop, err = s.queries().TaskBeat(ctx, db.TaskBeatParams{Done: done, Total: total, ID: t.ID, Epoch: t.Epoch})
	if errors.Is(err, pgx.ErrNoRows) {
		return true, nil
	}
	return stop, named("note a task's progress", err)
}

// EndTask writes how a task ended: result for BackgroundDone, a sentence for BackgroundFailed.
// One that has ended already stays as it is.
func (s *Store) EndTask(ctx context.Context, id int64, state domain.BackgroundState, result any, sentence string, now time.Time) error {
	return s.endTask(ctx, domain.TaskHold{ID: id}, state, result, sentence, now)
}

func (s *Store) endTask(ctx context.Context, t domain.TaskHold, state domain.BackgroundState, result any, sentence string, now time.Time) error {
	var encoded []byte
	if state == domain.BackgroundDone {
		var err error
		if encoded, err = toJSON("a task's result", result); err != nil {
			return err
		}
	}
	_, err := s.queries().EndTask(ctx, db.EndTaskParams{State: string(state), Result: encoded, Error: clean(sentence), At: stamp(now), ID: t.ID, Epoch: t.Epoch})
	return named("end a task", err)
}

// StopTask asks a running task of a region to end; domain.ErrNotFound when none
// of that id runs.
func (s *Store) StopTask(ctx context.Context, region string, id int64) error {
	n, err := s.queries().CancelTask(ctx, stamp(s.opts.Clock.Now()), id, region)
	return onlyOne("stop a task", n, err)
}

// Task reads a task of a region.
func (s *Store) Task(ctx context.Context, region string, id int64) (domain.Background, error) {
	r, err := s.queries().GetTask(ctx, region, id)
	if err != nil {
		return domain.Background{}, named(fmt.Sprintf("read task %d", id), err)
	}
	return toTask(r), nil
}

// LatestTask is the newest task of a kind about a subject ("": about any);
// domain.ErrNotFound when there was none. Those whose process has died are
// marked as failed on the way.
func (s *Store) LatestTask(ctx context.Context, region, kind, subject string, now time.Time) (domain.Background, error) {
	var t domain.Background
	err := s.inTx(ctx, "find the latest task", func(q *db.Queries) error {
		if err := endLost(ctx, q, region, now); err != nil {
			return err
		}
		r, err := q.LatestTask(ctx, region, kind, subject)
		if err == nil {
			t = toTask(r)
		}
		return err
	})
	return t, err
}

// endLost marks what nobody has heard of for a while.
func endLost(ctx context.Context, q *db.Queries, region string, now time.Time) error {
	return q.EndLostTasks(ctx, db.EndLostTasksParams{Error: "работа прервалась вместе с процессом: запустите её снова", At: stamp(now), Region: region,
		SilenceSeconds: taskSilence.Seconds()})
}

func toTask(r db.BackgroundTask) domain.Background {
	return domain.Background{ID: r.ID, Region: r.Region, Kind: r.Kind, Subject: r.Subject, Who: r.Who, CreatedAt: moment(r.CreatedAt),
		Total: r.Total, Done: r.Done, State: domain.BackgroundState(r.State), Result: json.RawMessage(r.Result), Error: r.Error,
		FinishedAt: moment(r.FinishedAt), Waiting: r.Waiting, Epoch: r.Epoch}
}
