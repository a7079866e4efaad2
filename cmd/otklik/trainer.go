package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/localpg/child"
)

// trainerStore is what the trainer asks of storage.
type trainerStore interface {
	TakeLearning(ctx context.Context, region string, now time.Time) (domain.Background, bool, error)
	orderKeeper
}

// trainer takes orders to learn, one at a time, and has each done by a process of its
// own: what it needs of memory and cores is not taken from whoever waits for a page,
// and it goes back to the queue when serve is told to stop.
type trainer struct {
	store   trainerStore
	regions func() []string
	command func(ctx context.Context, t domain.Background) *exec.Cmd
	clock   domain.Clock
	log     *slog.Logger
	lives   *domain.Lives // may be nil
	every   time.Duration
}

const (
	trainerLook  = 2 * time.Second
	trainerStops = 10 * time.Second // of a child, to give its order back
)

// run looks for orders until ctx ends.
func (t *trainer) run(ctx context.Context) error {
	life := t.lives.Begin("learning", "", domain.LoopSilence)
	defer life.End()
	every(ctx, t.every, func() {
		life.Beat()
		for _, region := range t.regions() {
			t.look(ctx, region, life.Beat)
		}
	})
	return nil
}

// look takes an order of a region and sees it through.
func (t *trainer) look(ctx context.Context, region string, alive func()) {
	order, taken, err := t.store.TakeLearning(ctx, region, t.clock.Now())
	switch {
	case err != nil && ctx.Err() == nil:
		t.log.Error("look for orders to learn", "region", region, "err", err)
	case err == nil && taken:
		t.log.Info("learning", "region", region, "what", order.Kind, "label", order.Subject, "who", order.Who)
		t.learn(ctx, order, alive)
	}
}

// learn runs the child. One that ended without a word about its order has died: the
// order says how, or goes back when the child had to end with this process.
func (t *trainer) learn(ctx context.Context, order domain.Background, alive func()) {
	cmd := t.command(ctx, order)
	said := &tail{}
	cmd.Stdout, cmd.Stderr = nil, said
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(syscall.SIGTERM) }, trainerStops
	err := child.Start(cmd, syscall.SIGTERM)
	if err == nil {
		err = wait(cmd, alive)
	}
	if err == nil {
		return
	}
	t.log.Warn("learning ended", "region", order.Region, "label", order.Subject, "err", err, "said", said.String())
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), trainerStops)
	defer cancel()
	// Whatever the child has written itself counts: this is for one that could not.
	switch {
	case ctx.Err() == nil:
		err = t.store.EndLearning(end, order.Hold(), domain.BackgroundFailed, nil, diedWords(err), t.clock.Now())
	case cmd.ProcessState == nil || !cmd.ProcessState.Exited(): // never begun, or killed before it could
		err = giveBack(end, t.store, order.Hold(), t.clock.Now())
	default: // it has given the order back itself, and another process may have it already
		err = nil
	}
	if err != nil {
		t.log.Error("end of learning", "task", order.ID, "err", err)
	}
}

// wait waits for the child.
func wait(cmd *exec.Cmd, alive func()) error {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
			alive()
		}
	}
}

// diedWords says how a child ended.
func diedWords(err error) string {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return "процесс обучения не запустился: " + details(err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		if status.Signal() == syscall.SIGKILL {
			return "процесс обучения убит: скорее всего, на машине не хватило памяти. Запустите снова, когда её будет больше"
		}
		return fmt.Sprintf("процесс обучения прервался (%s): запустите его снова", status.Signal())
	}
	return fmt.Sprintf("процесс обучения закончился с кодом %d, подробности в журнале процесса", exit.ExitCode())
}

// tailBytes is how much of what a child said goes into the log.
const tailBytes = 4 << 10

// tail keeps the last of what is written to it.
type tail struct{ b bytes.Buffer }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p)
	if over := t.b.Len() - tailBytes; over > 0 {
		t.b.Next(over)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.ToValidUTF8(t.b.String(), "") }

// trainerOf has orders done by this program itself.
func (s *server) trainerOf() *trainer {
	return &trainer{store: s.infra.store, clock: s.clock, log: s.log, lives: s.lives, every: trainerLook,
		regions: func() []string {
			var ids []string
			for _, p := range s.follower.Packs() {
				ids = append(ids, p.Region.ID)
			}
			return ids
		},
		command: func(ctx context.Context, t domain.Background) *exec.Cmd {
			args := []string{"train", "--from-db", "--region", t.Region, "--label", t.Subject, "--by", t.Who, "--task", strconv.FormatInt(t.ID, 10), "--epoch", strconv.FormatInt(t.Epoch, 10)}
			if t.Kind == domain.TaskTrainDryRun {
				args = append(args, "--dry-run", "--show", "0")
			}
			cmd := exec.CommandContext(ctx, ownProgram(), args...)
			cmd.Env = slices.Clone(s.environ)
			if s.cfg.DatabaseURL == "" {
				cmd.Env = append(cmd.Env, "DATABASE_URL="+s.infra.dsn) // the private one, wherever it is
			}
			return cmd
		}}
}

// ownProgram is the file that runs, also when another has been put in its place since.
func ownProgram() string {
	const running = "/proc/self/exe"
	if _, err := os.Stat(running); err == nil {
		return running
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
