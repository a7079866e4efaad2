package packs

import (
	"context"
	"log/slog"
	"sync"

	"github.com/otklik/otklik/desk/background"
	"github.com/otklik/otklik/domain"
)

// Work runs long reading work beside the requests, one piece at a time: it wants
// a core. What is at work or waits when the process ends is marked as failed.
type Work struct {
	Store Store
	Clock domain.Clock
	Log   *slog.Logger

	once sync.Once
	jobs chan job
}

// job is a piece of work with its row.
type job struct {
	id int64
	do func(context.Context, Progress) (any, error)
}

func (w *Work) queue() chan job {
	w.once.Do(func() { w.jobs = make(chan job) })
	return w.jobs
}

// Run does the work as it comes until ctx ends, and waits for what is at work to
// write its end.
func (w *Work) Run(ctx context.Context) error {
	var all sync.WaitGroup
	turn := make(chan struct{}, 1)
	defer all.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-w.queue():
			all.Go(func() { w.run(ctx, j, turn) })
		}
	}
}

// begin notes a task and hands its work over.
func (w *Work) begin(ctx context.Context, t domain.Background, do func(context.Context, Progress) (any, error)) error {
	id, err := w.Store.BeginTask(ctx, t)
	if err != nil {
		return err
	}
	select {
	case w.queue() <- job{id, do}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run waits for its turn and does one piece of work.
func (w *Work) run(ctx context.Context, j job, turn chan struct{}) {
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	b := &background.Beat{}
	go b.Keep(working, w.Store, j.id, w.Log, cancel)
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-working.Done():
	}
	var result any
	err := working.Err()
	if err == nil {
		result, err = j.do(working, func(done, total int64) bool {
			b.Done.Store(done)
			b.Total.Store(total)
			return b.Stopped()
		})
	}
	w.end(ctx, j.id, b.Stopped(), result, err)
}

func (w *Work) end(ctx context.Context, id int64, stopped bool, result any, err error) {
	state, sentence := domain.BackgroundDone, ""
	switch {
	case stopped:
		state = domain.BackgroundStopped
	case err != nil && ctx.Err() != nil:
		state, sentence = domain.BackgroundFailed, "процесс остановили посреди работы: запустите её снова"
	case err != nil:
		w.Log.Error("long work failed", "task", id, "err", err)
		state, sentence = domain.BackgroundFailed, "работа не удалась, подробности в журнале процесса: запустите её снова"
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), background.EndWithin)
	defer cancel()
	if err := w.Store.EndTask(ctx, id, state, result, sentence, w.Clock.Now()); err != nil {
		w.Log.Error("end of long work", "task", id, "err", err)
	}
}
