package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	measured "runtime/metrics"
	"time"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/desk/background"
	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// learningRun is one training with its row: life sign, progress, end. Of a region one
// runs at a time, whoever has begun it.
type learningRun struct {
	cmd   trainCmd
	p     *program
	store *storage.Store

	task  domain.TaskHold
	given *domain.Correspondences // to be kept with what is learned
	beat  background.Beat
}

// Shares of a run in hundredths: what is left behind the learning is comparing and,
// of a dry run, judging the stored posts.
const (
	learningShare    = 95
	learningShareDry = 70
	comparedDry      = 75
)

func (r *learningRun) kind() string {
	if r.cmd.DryRun {
		return domain.TaskTrainDryRun
	}
	return domain.TaskTrain
}

// do runs the training under its row, and writes the row's end.
func (r *learningRun) do(ctx context.Context, train func(context.Context) (packs.Training, error)) error {
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := r.begin(ctx); err != nil {
		return err
	}
	if r.cmd.Task != 0 {
		if err := standBack(r.p.cfg.LearnMemoryMB); err != nil {
			fmt.Fprintln(r.p.stderr, "обучение идёт с обычным приоритетом:", err)
		}
		go watchMemory(working, r.p.cfg.LearnMemoryMB, stop)
	}
	r.beat.Total.Store(100)
	log := slog.New(slog.NewTextHandler(r.p.stderr, nil))
	go r.beat.Keep(working, heldStore{r.store, r.task.Epoch}, r.task.ID, log, func() { stop(errLearningStopped) })
	result, err := train(working)
	if cause := context.Cause(working); err != nil && (errors.Is(cause, errLearningStopped) || errors.Is(cause, errMemory)) {
		err = cause
	}
	return errors.Join(err, r.end(ctx, result, err))
}

var (
	errLearningStopped = errors.New("обучение остановили на рабочем месте")
	errMemory          = errors.New("обучению не хватило памяти")
)

// begin notes the run, or takes the one that was ordered.
func (r *learningRun) begin(ctx context.Context) error {
	if r.task = (domain.TaskHold{ID: r.cmd.Task, Epoch: r.cmd.Epoch}); r.task.ID != 0 {
		return nil
	}
	id, err := r.store.OrderLearning(ctx, domain.Background{Region: r.cmd.Region, Kind: r.kind(), Subject: r.cmd.Label, Who: r.cmd.By, CreatedAt: time.Now().UTC()})
	r.task.ID = id
	if errors.Is(err, domain.ErrUnderWay) {
		return r.underWay(ctx)
	}
	return err
}

// underWay says who is learning already.
func (r *learningRun) underWay(ctx context.Context) error {
	others, err := r.store.LearningUnderWay(ctx, r.cmd.Region, time.Now().UTC())
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return errors.New("другое обучение этого региона только что закончилось: повторите")
	}
	t := others[0]
	return fmt.Errorf("в регионе «%s» уже идёт обучение «%s»: начал(а) %s %s UTC. Дождитесь конца или остановите его на странице «Правила»",
		r.cmd.Region, t.Subject, t.Who, t.CreatedAt.UTC().Format("02.01.2006 15:04"))
}

// end writes how the run ended. One that was ordered goes back when this process is
// told to stop: the next one begins it anew.
func (r *learningRun) end(ctx context.Context, result packs.Training, failed error) error {
	ended := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), background.EndWithin)
	defer cancel()
	state, sentence := domain.BackgroundDone, ""
	switch {
	case failed == nil:
	case r.beat.Stopped():
		state = domain.BackgroundStopped
	case ended && r.cmd.Task != 0:
		return giveBack(ctx, r.store, r.task, time.Now().UTC())
	case ended:
		state, sentence = domain.BackgroundFailed, "команду прервали"
	default:
		state, sentence = domain.BackgroundFailed, russianFault(failed)
	}
	return r.store.EndLearning(ctx, r.task, state, result, sentence, time.Now().UTC())
}

// orderKeeper is what the end of an order is written to.
type orderKeeper interface {
	ReturnLearning(ctx context.Context, t domain.TaskHold) (bool, error)
	EndLearning(ctx context.Context, t domain.TaskHold, state domain.BackgroundState, result any, sentence string, now time.Time) error
}

// giveBack leaves an order to the next process. One that a person has stopped
// meanwhile is not begun anew: it ends as that.
func giveBack(ctx context.Context, store orderKeeper, t domain.TaskHold, now time.Time) error {
	if back, err := store.ReturnLearning(ctx, t); err != nil || back {
		return err
	}
	return store.EndLearning(ctx, t, domain.BackgroundStopped, nil, "", now)
}

// heldStore tells the progress of an order as this process has taken it.
type heldStore struct {
	*storage.Store
	epoch int64
}

// TaskProgress implements background.Store.
func (s heldStore) TaskProgress(ctx context.Context, id, done, total int64) (stop bool, err error) {
	return s.LearningProgress(ctx, domain.TaskHold{ID: id, Epoch: s.epoch}, done, total)
}

// still looks whether the order is this process's yet, before anything is kept: one that
// was thought dead has been told of as failed, and may have been begun anew.
func (r *learningRun) still(ctx context.Context) error {
	stop, err := r.store.LearningProgress(ctx, r.task, r.beat.Done.Load(), r.beat.Total.Load())
	if err == nil && stop {
		return errLearningStopped
	}
	return err
}

// learning is told how far the learning itself is.
func (r *learningRun) learning() func(done, all int) {
	show, share := progressTo(r.p.stderr), learningShare
	if r.cmd.DryRun {
		share = learningShareDry
	}
	return func(done, all int) {
		show(done, all)
		r.beat.Done.Store(int64(share * done / max(1, all)))
	}
}

// changes judges the stored posts of the last days by the new model.
func (r *learningRun) changes(ctx context.Context, trial *court, m *model.Model) (packs.DryRun, error) {
	out := packs.DryRun{}
	snap, err := trial.with(m)
	if err != nil {
		return out, modelFault(err)
	}
	now := time.Now().UTC()
	since := now.AddDate(0, 0, -r.cmd.Days)
	total, err := r.store.CountPosts(ctx, r.cmd.Region, since)
	if err != nil {
		return out, err
	}
	run := newDryRun(trial.pack, trial.pack, snap.Judge, now)
	names := agencyNames(trial.pack)
	run.each = func(stored storage.JudgedPost, c change, changes bool) {
		if changes && len(out.Shown) < keptChanges {
			out.Shown = append(out.Shown, showChange(stored, c, names))
		}
		r.beat.Done.Store(comparedDry + (100-comparedDry)*int64(run.seen)/max(1, total))
	}
	err = run.over(ctx, r.p.stdout, r.store, since, r.cmd.Show)
	out.Seen, out.Changed, out.Moved = run.seen, run.changed, run.moved
	return out, err
}

// standBack leaves the machine to those who wait for an answer: half of the cores, at
// a lower priority, and the first to go when memory runs out.
func standBack(memoryMB int) error {
	runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	debug.SetMemoryLimit(int64(memoryMB) << 20 / 10 * 9) // collects harder before it is too late
	return lowerPriority()
}

// watchMemory ends a training that takes more than it may.
func watchMemory(ctx context.Context, limitMB int, stop context.CancelCauseFunc) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if used := memoryMB(); used > limitMB {
			stop(fmt.Errorf("%w: занято %d МБ при пределе %d (OTKLIK_LEARN_MEMORY_MB)", errMemory, used, limitMB))
			return
		}
	}
}

// memoryMB is what the program has of the system's memory.
func memoryMB() int {
	s := []measured.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	measured.Read(s)
	return int((s[0].Value.Uint64() - s[1].Value.Uint64()) >> 20) //nolint:gosec // megabytes
}
