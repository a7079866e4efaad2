package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Example is a text with the labels that are right for it: usually one.
type Example struct {
	Text   string
	Labels []string
}

// Options of a training. The zero value of a field means the default.
type Options struct {
	Column string // the name of the label
	Seed   uint64
	Cost   float64 // of an example on the wrong side; 1
	Folds  int     // into which the examples are cut to measure confidence; 5
	Aside  string  // the rule by which the caller has kept examples aside
	Rounds int     // of the learning, at most; 60
	Least  int     // texts a feature must be seen in to count; 1
	Hints  Hinter  // what a pack knows of the texts; may be nil
	// Calibration that was measured before: then nothing is held out, and there is no
	// report. May be nil.
	Calibration *Calibration
	// Progress is told after every part of the work how many of all are done; may be nil.
	Progress func(done, all int)
}

// What a table must hold to learn from.
var (
	ErrNoExamples = errors.New("no labelled example")
	ErrOneLabel   = errors.New("all examples have the same label: there is nothing to tell apart")
)

const (
	defaultCost  = 1.0
	defaultFolds = 5
	mostRounds   = 60
	biasValue    = 1.0

	worstConfusions = 30
)

// Train learns the labels of the examples. It takes all cores and may be stopped
// by its context.
func Train(ctx context.Context, examples []Example, o Options) (*Model, error) {
	o = o.orDefault(len(examples))
	t, err := newTraining(examples, o)
	if err != nil {
		return nil, err
	}
	head := Head{Format: Format, Features: featuresName, Column: o.Column, Seed: o.Seed, Cost: o.Cost, Labels: t.labels, Examples: len(examples),
		Hints: o.Hints != nil, Aside: o.Aside}
	head.Counts = t.counts()
	if o.Calibration != nil {
		head.Calibration = *o.Calibration
	} else if err := t.measure(ctx, &head); err != nil {
		return nil, err
	}
	words, learned, err := t.learn(ctx, nil)
	if err != nil {
		return nil, err
	}
	t.options.Progress(t.options.Folds+1, t.options.Folds+1)
	m := newModel(words, learned, biasValue, head)
	m.Use(o.Hints)
	return m, nil
}

// measure fills in what examples tell that were held out.
func (t *training) measure(ctx context.Context, head *Head) error {
	held, err := t.heldOut(ctx)
	if err != nil {
		return err
	}
	head.Calibration = calibrate(held)
	outcomes, scores := report(held, head.Calibration, t.labels)
	head.Report = scores
	head.Confusions = Confusions(outcomes)
	head.Confusions = head.Confusions[:min(worstConfusions, len(head.Confusions))]
	return nil
}

func (o Options) orDefault(examples int) Options {
	if o.Cost <= 0 {
		o.Cost = defaultCost
	}
	if o.Rounds <= 0 {
		o.Rounds = mostRounds
	}
	if o.Folds <= 1 {
		o.Folds = defaultFolds
	}
	o.Folds = max(2, min(o.Folds, examples))
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o
}

// training holds the examples as features.
type training struct {
	options Options
	texts   []reading
	classes [][]int32 // by example
	labels  []string
	fold    []int // by example
}

func newTraining(examples []Example, o Options) (*training, error) {
	t := &training{options: o, labels: labelsOf(examples)}
	switch {
	case len(t.labels) == 0:
		return nil, ErrNoExamples
	case len(t.labels) == 1:
		return nil, fmt.Errorf("%w: %q", ErrOneLabel, t.labels[0])
	}
	number := make(map[string]int32, len(t.labels))
	for i, label := range t.labels {
		number[label] = int32(i)
	}
	r := newReader(o.Hints)
	for i, e := range examples {
		features, err := r.read(e.Text)
		if err != nil {
			return nil, fmt.Errorf("example %d: %w", i+1, err)
		}
		t.texts = append(t.texts, features.clone())
		classes := make([]int32, len(e.Labels))
		for k, label := range e.Labels {
			classes[k] = number[label]
		}
		t.classes = append(t.classes, classes)
	}
	t.fold = folds(examples, o.Folds)
	return t, nil
}

// labelsOf lists the labels in the order of the alphabet.
func labelsOf(examples []Example) []string {
	var all []string
	for _, e := range examples {
		all = append(all, e.Labels...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// folds cuts the examples: equal texts fall into one fold, or the measuring would
// ask what was learned by heart; each label is spread over all folds.
func folds(examples []Example, n int) []int {
	out := make([]int, len(examples))
	of := map[string]int{}
	next := map[string]int{}
	for i, e := range examples {
		key := strings.Join(strings.Fields(strings.ToLower(e.Text)), " ")
		fold, known := of[key]
		if !known {
			fold = next[e.Labels[0]] % n
			next[e.Labels[0]]++
			of[key] = fold
		}
		out[i] = fold
	}
	return out
}

func (t *training) counts() []int {
	counts := make([]int, len(t.labels))
	for _, classes := range t.classes {
		for _, c := range classes {
			counts[c]++
		}
	}
	return counts
}

// learn learns from the examples that are not left out.
func (t *training) learn(ctx context.Context, leftOut func(i int) bool) (*vocabulary, [][]float32, error) {
	var texts []reading
	var classes [][]int32
	for i := range t.texts {
		if leftOut == nil || !leftOut(i) {
			texts, classes = append(texts, t.texts[i]), append(classes, t.classes[i])
		}
	}
	words := newVocabulary(texts, t.options.Least)
	vectors := make([][]feature, len(texts))
	for i, features := range texts {
		vectors[i] = words.weigh(nil, features)
	}
	learned, err := separators(ctx, vectors, classes, len(words.weights), len(t.labels),
		separating{cost: t.options.Cost, rounds: t.options.Rounds, bias: biasValue, seed: t.options.Seed})
	if err != nil {
		return nil, nil, fmt.Errorf("learn the labels: %w", err)
	}
	return words, learned, nil
}

// held is an example judged by separators that had not seen it.
type held struct {
	scores  []float32
	classes []int32 // what is right
}

// heldOut judges every example by what the other folds teach.
func (t *training) heldOut(ctx context.Context) ([]held, error) {
	out := make([]held, len(t.texts))
	for fold := range t.options.Folds {
		words, learned, err := t.learn(ctx, func(i int) bool { return t.fold[i] == fold })
		if err != nil {
			return nil, err
		}
		var vector []feature
		for i := range t.texts {
			if t.fold[i] != fold {
				continue
			}
			vector = words.weigh(vector, t.texts[i])
			scores := make([]float32, len(t.labels))
			for class, weights := range learned {
				scores[class] = weights[len(weights)-1] * biasValue
				for _, f := range vector {
					scores[class] += weights[f.id] * f.value
				}
			}
			out[i] = held{scores, t.classes[i]}
		}
		t.options.Progress(fold+1, t.options.Folds+1)
	}
	return out, nil
}
