package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/rules"
)

// benchAgainst lets the full verdict with models, scikit-learn's pipeline and fastText
// learn one half of the labelled texts and judge the same other texts in the same run,
// one core each, by processor time.
func benchAgainst(ctx context.Context, r *report) error {
	set, err := labelledTexts()
	if err != nil {
		return err
	}
	r.part(fmt.Sprintf("Classifiers on one core: learned from %d texts, judging %d (%s)", len(set.learn), len(set.judge), set.name))
	dir, err := os.MkdirTemp("", "bench-classify-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	learn, judge := filepath.Join(dir, "learn.jsonl"), filepath.Join(dir, "judge.jsonl")
	if err := errors.Join(writeLabelled(learn, set.learn), writeLabelled(judge, set.judge)); err != nil {
		return err
	}
	rows, kinds, err := learnBoth(ctx, dir, set.learn)
	if err != nil {
		return err
	}
	var ours verdicts
	var theirs lane
	own, err := startHelper(ownLane(ctx, rows, kinds, judge), &ours)
	if err != nil {
		return err
	}
	defer func() { _ = own.end() }()
	sklearn, err := startHelper(pythonLane(ctx, learn, judge), &theirs)
	if err != nil {
		return err
	}
	defer func() { _ = sklearn.end() }()
	fast, right, err := newFastLane(ctx, dir, set)
	if err != nil {
		return err
	}
	rates, err := turns(ctx, own, sklearn, fast)
	if err != nil {
		return err
	}
	sayLane(r, "verdict", "full verdict with the models of rows and kinds", ours.Accuracy, rates[0])
	r.say("%.2f allocations a word more (%.0f a text, %.1f KB); %.0f texts/s read for the first time; peak %.0f MB",
		ours.PerToken, ours.Allocs, ours.Bytes/1024, ours.First, ours.RSS)
	sayLane(r, "sklearn", "scikit-learn, words 1–2, characters 2–5, LinearSVC", theirs.Accuracy, rates[1])
	sayLane(r, "fasttext", "fastText, -wordNgrams 2 -minn 3 -maxn 6 -dim 100", right, rates[2])
	r.figure("classify_over_sklearn", "%.2f", over(rates[0], rates[1]))
	r.figure("classify_over_fasttext", "%.2f", over(rates[0], rates[2]))
	r.figure("classify_allocs_per_token", "%.3f", ours.PerToken)
	r.figure("classify_rss_mb", "%.0f", ours.RSS)
	return nil
}

// lane is what scikit-learn reached.
type lane struct {
	Accuracy float64 `json:"accuracy"`
}

// rounds is how often each lane has its turn.
const rounds = 5

// turns lets the lanes judge by turns, so that what else the machine does befalls all
// alike; rates are by lane, then round.
func turns(ctx context.Context, lanes ...interface {
	round(ctx context.Context) (float64, error)
}) ([][]float64, error) {
	rates := make([][]float64, len(lanes))
	for range rounds {
		for i, l := range lanes {
			rate, err := l.round(ctx)
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	return rates, nil
}

// over is the median of the ratios of neighbouring rounds.
func over(ours, theirs []float64) float64 {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i] / theirs[i]
	}
	return median(ratios)
}

func sayLane(r *report, name, words string, accuracy float64, rates []float64) {
	r.say("%s: %.4f right, %.0f texts/s (%.0f … %.0f)", words, accuracy, median(rates), least(rates), most(rates))
	r.figure(name+"_accuracy", "%.4f", accuracy)
	r.figure(name+"_texts_per_second", "%.0f", median(rates))
}

// labelledText has every label that is right.
type labelledText struct {
	Text   string   `json:"text"`
	Labels []string `json:"labels"`
	Finer  string   `json:"finer,omitempty"` // the topic, of which the rows consist
}

type labelledSet struct {
	name         string
	learn, judge []labelledText
}

// labelledTexts are the labelled complaints of the data folder where it is beside the
// checkout, else the project's own sentences, whose label is the decree's row. Equal
// texts fall on one side.
func labelledTexts() (labelledSet, error) {
	path := filepath.Join("..", "shared", "data", "kursk_train.csv")
	list, err := complaints(path)
	set := labelledSet{name: path}
	if errors.Is(err, fs.ErrNotExist) {
		set.name = "the project's own sentences"
		list, err = ownSentences()
	}
	if err != nil {
		return set, err
	}
	for _, t := range list {
		if aside(t.Text) {
			set.judge = append(set.judge, t)
		} else {
			set.learn = append(set.learn, t)
		}
	}
	return set, nil
}

func compiled(o classify.Options) (*classify.Classifier, error) {
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		return nil, err
	}
	return classify.Compile(pack, o)
}

// ownLane judges in a process of its own, so that its memory is what judging takes.
func ownLane(ctx context.Context, rows, kinds, judge string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, "verdicts", "--model", rows, "--kinds", kinds, "--texts", judge)
}

// pythonLane runs the distribution's scikit-learn, one thread.
func pythonLane(ctx context.Context, learn, judge string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", filepath.Join("scripts", "bench-sklearn.py"), learn, judge, fmt.Sprint(laneTime.Seconds()))
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	return cmd
}

func writeLabelled(path string, list []labelledText) error {
	var b strings.Builder
	for _, t := range list {
		line, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}
