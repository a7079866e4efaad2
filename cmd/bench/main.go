// Command bench measures how fast the worker is, on this machine, in one run:
// the whole way of a post against PostgreSQL's COPY, the classifier on one core,
// and the memory of a serving worker. docs/performance.md says what the figures
// mean and what they were. It needs no network and leaves nothing behind.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// region is the pack the posts are written for and judged by.
const region = "khabarovsk"

type options struct {
	Parts     []string      `arg:"" optional:"" enum:"path,classify,memory,desk,against,verdicts,learn" help:"What to measure: path, classify, memory (nothing named means these), desk, against: the verdict beside scikit-learn and fastText (verdicts is its child), or learn: training 100,000 texts."`
	Seed      uint64        `default:"1" help:"Of the posts: the same seed writes the same posts."`
	Posts     int           `default:"300000" help:"How many posts the worker takes before its memory is read."`
	Within    time.Duration `default:"4m40s" help:"How long all parts may take together; memory has what the others leave."`
	DeskCases int           `default:"1000000" help:"How many cases the large archive of the desk has."`
	Model     string        `help:"Of verdicts: the model of rows beside the phrases." hidden:""`
	Kinds     string        `help:"Of verdicts: the model of kinds." hidden:""`
	Texts     string        `help:"Of verdicts: what to judge." hidden:""`
	Profile   string        `help:"Write a CPU profile of the parts path and classify to this file."`

	deadline time.Time
}

// wants: what takes long or needs more installed is measured when asked for by name.
func (o *options) wants(part string) bool {
	return len(o.Parts) == 0 && (part == "path" || part == "classify" || part == "memory") || slices.Contains(o.Parts, part)
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("bench"), kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, w io.Writer) error {
	if slices.Contains(o.Parts, "verdicts") {
		return profiled(o.Profile, func() error { return judgeTexts(o.Model, o.Kinds, o.Texts, os.Stdin, w) })
	}
	o.deadline = time.Now().Add(o.Within)
	fmt.Fprintf(w, "%s, %d cores, GOMAXPROCS %d\n", runtime.Version(), runtime.NumCPU(), runtime.GOMAXPROCS(0))
	r := &report{w: w}
	if err := profiled(o.Profile, func() error { return inProcess(ctx, o, r) }); err != nil {
		return err
	}
	if o.wants("against") {
		if err := benchAgainst(ctx, r); err != nil {
			return fmt.Errorf("against: %w", err)
		}
	}
	if o.wants("learn") {
		if err := benchLearn(ctx, o, r); err != nil {
			return fmt.Errorf("learn: %w", err)
		}
	}
	if o.wants("memory") {
		if err := benchMemory(ctx, o, r); err != nil {
			return fmt.Errorf("memory: %w", err)
		}
	}
	if o.wants("desk") {
		if err := benchDesk(ctx, o, r); err != nil {
			return errors.Join(fmt.Errorf("desk: %w", err), r.figures()) // figures over a limit are figures
		}
	}
	return r.figures()
}

func inProcess(ctx context.Context, o options, r *report) error {
	if o.wants("path") {
		if err := benchPath(ctx, o, r); err != nil {
			return fmt.Errorf("path: %w", err)
		}
	}
	if o.wants("classify") {
		if err := benchClassify(ctx, o, r); err != nil {
			return fmt.Errorf("classify: %w", err)
		}
	}
	return nil
}

// profiled runs f under the CPU profiler when a file is named.
func profiled(path string, f func() error) (err error) {
	if path == "" {
		return f()
	}
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create profile: %w", err)
	}
	defer func() {
		if e := out.Close(); err == nil {
			err = e
		}
	}()
	if err := pprof.StartCPUProfile(out); err != nil {
		return fmt.Errorf("start profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return f()
}
