package model

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
)

// Example is a text with the labels that are right for it: usually one.
type Example struct {
	Text   string
	Labels []string
	// Finer is a label of another column of the same table of which the labels consist,
	// as a category of topics; "" where there is none. It is learned beside them.
	Finer string
}

// Options of a training. The zero value of a field means the default.
type Options struct {
	Column string // the name of the label
	Finer  string // that of the examples' finer label, "" without
	Seed   uint64
	Cost   float64 // of an example on the wrong side; 0.7
	Folds  int     // into which the examples are cut to measure confidence; 5
	Aside  string  // the rule by which the caller has kept examples aside
	Rounds int     // of the learning, at most; 60
	Least  int     // texts a feature must be seen in to count; 1
	Hints  Hinter  // what a pack knows of the texts; may be nil
	// Meaning is a checksum of what a label stands for where the model is to judge: one
	// whose numbers have come to mean something else is known by it. May be nil.
	Meaning func(label string) string
	// Places tries the places that a PackHinter finds beside its other hints, and keeps
	// them if more is right with them on the held-out folds: they tell of bodies, and
	// nothing of what a text is about (docs/models.md).
	Places bool
	// Calibration that was measured before: then nothing is held out, and there is no
	// report. May be nil.
	Calibration *Calibration
	// Progress is told how many hundredths are done, whenever it is one more; may be nil.
	Progress func(done, all int)
}

// What a table must hold to learn from.
var (
	ErrNoExamples = errors.New("no labelled example")
	// ErrTooManyLabels: what would be learned takes more room than a file may have.
	ErrTooManyLabels = errors.New("too many labels for so many texts")
	ErrOneLabel      = errors.New("all examples have the same label: there is nothing to tell apart")
)

const (
	defaultCost  = 0.7
	defaultFolds = 5
	mostRounds   = 60
	biasValue    = 1.0

	worstConfusions = 30

	// enoughHeld examples measure a model well: of a large table no more folds are held
	// out than give so many.
	enoughHeld = 20_000
)

// Train learns the labels of the examples. It takes all cores and may be stopped
// by its context.
func Train(ctx context.Context, examples []Example, o Options) (*Model, error) {
	o = o.orDefault(len(examples))
	if _, ok := o.Hints.(PackHinter); !ok || !o.Places || o.Calibration != nil {
		return learnAll(ctx, examples, o, false)
	}
	tell := o.Progress
	o.Progress = half(tell, 0)
	plain, err := learnAll(ctx, examples, o, false)
	if err != nil {
		return nil, err
	}
	o.Progress = half(tell, 1)
	placed, err := learnAll(ctx, examples, o, true)
	if err != nil || placed.Head.Report.Accuracy > plain.Head.Report.Accuracy {
		return placed, err
	}
	return plain, nil
}

func learnAll(ctx context.Context, examples []Example, o Options, places bool) (*Model, error) {
	hints := o.Hints
	if p, ok := hints.(PackHinter); ok && places {
		o.Hints = p.WithPlaces()
	}
	t, err := newTraining(ctx, examples, o)
	if err != nil {
		return nil, err
	}
	head := Head{Format: Format, Features: featuresName, Column: o.Column, Seed: o.Seed, Cost: o.Cost, Labels: t.labels, Examples: len(examples), Aside: o.Aside}
	head.learnedWith(hints, places)
	head.Counts = t.counts(nil)
	if o.Meaning != nil {
		for _, label := range t.labels {
			head.Meanings = append(head.Meanings, o.Meaning(label))
		}
	}
	if len(t.finer) > 0 {
		head.Finer, head.FinerColumn = t.finer, o.Finer
	}
	if o.Calibration != nil {
		head.Calibration = *o.Calibration
	} else if err := t.measure(ctx, &head); err != nil {
		return nil, err
	}
	l, err := t.learn(ctx, nil)
	if err != nil {
		return nil, err
	}
	m := newModel(l, head)
	return m, m.Use(hints)
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
	return o
}

// training holds the examples as features.
type training struct {
	options Options
	texts   []reading
	classes [][]int32 // by example
	labels  []string
	fine    []int32         // by example, -1 for none
	finer   []string        // labels
	fold    []int           // by example
	names   map[int]reading // of labels that say what they are about, by column

	progress *progress
}

func newTraining(ctx context.Context, examples []Example, o Options) (*training, error) {
	t := &training{options: o, labels: labelsOf(examples)}
	switch {
	case len(t.labels) == 0:
		return nil, ErrNoExamples
	case len(t.labels) == 1:
		return nil, fmt.Errorf("%w: %q", ErrOneLabel, t.labels[0])
	}
	number := numbered(t.labels)
	t.finer = finerOf(examples)
	finer := numbered(t.finer)
	for _, e := range examples {
		classes := make([]int32, len(e.Labels))
		for k, label := range e.Labels {
			classes[k] = number[label]
		}
		t.classes = append(t.classes, classes)
		fine, ok := finer[e.Finer]
		if !ok {
			fine = -1
		}
		t.fine = append(t.fine, fine)
	}
	t.fold = folds(examples, o.Folds)
	t.progress = &progress{tell: o.Progress, parts: 1 + t.foldsHeld()}
	var err error
	if t.texts, err = readAll(ctx, examples, o.Hints, t.progress); err != nil {
		return nil, err
	}
	return t, t.readNames(newReader(o.Hints))
}

// readingPiece is how many texts a reader takes at once.
const readingPiece = 256

// readAll reads the texts on all cores; each gives the same whoever reads it.
func readAll(ctx context.Context, examples []Example, hints Hinter, told *progress) ([]reading, error) {
	texts := make([]reading, len(examples))
	errs := make([]error, runtime.GOMAXPROCS(0))
	var next, done atomic.Int64
	var all sync.WaitGroup
	for n := range errs {
		all.Go(func() {
			r := newReader(hints)
			for ctx.Err() == nil && errs[n] == nil {
				from := int(next.Add(readingPiece)) - readingPiece
				if from >= len(examples) {
					return
				}
				to := min(from+readingPiece, len(examples))
				for i := from; i < to && errs[n] == nil; i++ {
					var features reading
					if features, errs[n] = r.read(examples[i].Text); errs[n] != nil {
						errs[n] = fmt.Errorf("example %d: %w", i+1, errs[n])
					}
					texts[i] = features.clone()
				}
				told.read(int(done.Add(int64(to-from))), len(examples))
			}
		})
	}
	all.Wait()
	return texts, errors.Join(append(errs, ctx.Err())...)
}

// foldsHeld is how many folds are held out to measure: none when that was done before.
func (t *training) foldsHeld() int {
	if t.options.Calibration != nil {
		return 0
	}
	held := 0
	for n := range t.options.Folds {
		for _, fold := range t.fold {
			if fold == n {
				held++
			}
		}
		if held >= enoughHeld {
			return n + 1
		}
	}
	return t.options.Folds
}

// namingWords make a label a sentence that can be learned from: «Администрация
// Льговского района» tells where, «3» tells nothing.
const namingWords = 2

// readNames reads the labels as texts: a label's own words are an example of it,
// and for one that is rare often the best.
func (t *training) readNames(r *reader) error {
	t.names = map[int]reading{}
	for column, label := range slices.Concat(t.labels, t.finer) {
		if !strings.ContainsFunc(label, unicode.IsSpace) || len(strings.FieldsFunc(label, func(r rune) bool { return !unicode.IsLetter(r) })) < namingWords {
			continue // «water.hot» is an id: it has no word that anybody writes
		}
		features, err := r.read(label)
		if err != nil {
			return fmt.Errorf("label %q: %w", label, err)
		}
		t.names[column] = features.clone()
	}
	return nil
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

// finerOf lists the finer labels likewise; fewer than two tell nothing.
func finerOf(examples []Example) []string {
	var all []string
	for _, e := range examples {
		if e.Finer != "" {
			all = append(all, e.Finer)
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) < 2 {
		return nil
	}
	return all
}

func numbered(labels []string) map[string]int32 {
	number := make(map[string]int32, len(labels))
	for i, label := range labels {
		number[label] = int32(i)
	}
	return number
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

// counts tells how many examples each label has of those that are not left out.
func (t *training) counts(leftOut func(i int) bool) []int {
	counts := make([]int, len(t.labels))
	for i, classes := range t.classes {
		if leftOut != nil && leftOut(i) {
			continue
		}
		for _, c := range classes {
			counts[c]++
		}
	}
	return counts
}
