package model

import (
	"context"
	"fmt"
	"slices"
)

// lesson is what was learned of some examples.
type lesson struct {
	words      *vocabulary
	separators [][]float32 // by label and then finer label
	nested     nesting
}

// learn learns from the examples that are not left out.
func (t *training) learn(ctx context.Context, leftOut func(i int) bool) (*lesson, error) {
	var texts []reading
	var classes [][]int32
	for i := range t.texts {
		if leftOut == nil || !leftOut(i) {
			texts, classes = append(texts, t.texts[i]), append(classes, t.columnsOf(i))
		}
	}
	nested := t.nesting(leftOut)
	met := make([]bool, len(t.labels)+len(t.finer)) // a label that is only among those left out is not known
	for _, columns := range classes {
		for _, column := range columns {
			met[column] = true
		}
	}
	for column := range met {
		if name, ok := t.names[column]; ok && met[column] {
			texts, classes = append(texts, name), append(classes, t.namedBy(column, nested))
		}
	}
	words := newVocabulary(texts, t.options.Least)
	vectors := make([]vector, len(texts))
	for i, features := range texts {
		vectors[i] = words.weigh(nil, features)
	}
	columns := len(t.labels) + len(t.finer)
	if columns > mostColumns || len(words.weights)*columns > mostWeights {
		return nil, fmt.Errorf("%w: %d labels with %d features", ErrTooManyLabels, columns, len(words.weights))
	}
	learned, err := separators(ctx, vectors, classes, len(words.weights), columns,
		separating{cost: t.options.Cost, rounds: t.options.Rounds, bias: biasValue, seed: t.options.Seed,
			learned: func() { t.progress.label(columns) }})
	if err != nil {
		return nil, fmt.Errorf("learn the labels: %w", err)
	}
	return &lesson{words, learned, nested}, nil
}

// columnsOf are the separators on whose side an example is.
func (t *training) columnsOf(i int) []int32 {
	if t.fine[i] < 0 {
		return t.classes[i]
	}
	return append(slices.Clone(t.classes[i]), int32(len(t.labels))+t.fine[i])
}

// mostlyIn is the share of a finer label's examples from which its name is an example
// of a label too.
const mostlyIn = 0.5

// namedBy are the separators on whose side the name of a label is.
func (t *training) namedBy(column int, nested nesting) []int32 {
	columns := []int32{int32(column)}
	if column >= len(t.labels) {
		for class, share := range nested[column-len(t.labels)] {
			if share >= mostlyIn {
				columns = append(columns, int32(class))
			}
		}
	}
	return columns
}

// nesting tells how the finer labels lie in the labels, by the examples that are not
// left out.
func (t *training) nesting(leftOut func(i int) bool) nesting {
	if len(t.finer) == 0 {
		return nil
	}
	shares := make(nesting, len(t.finer))
	sums := make([]float32, len(t.finer))
	for i := range shares {
		shares[i] = make([]float32, len(t.labels))
	}
	for i, fine := range t.fine {
		if fine < 0 || leftOut != nil && leftOut(i) {
			continue
		}
		sums[fine]++
		for _, class := range t.classes[i] {
			shares[fine][class] += 1 / float32(len(t.classes[i]))
		}
	}
	for fine, sum := range sums {
		for class := range shares[fine] {
			shares[fine][class] /= max(1, sum)
		}
	}
	return shares
}

// held is an example judged by separators that had not seen it.
type held struct {
	judged
	classes []int32 // what is right
}

// heldOut judges every example, of a large table enough of them, by what the other
// folds teach.
func (t *training) heldOut(ctx context.Context) ([]held, error) {
	out := make([]held, len(t.texts))
	for fold := range t.foldsHeld() {
		isHeld := func(i int) bool { return t.fold[i] == fold }
		l, err := t.learn(ctx, isHeld)
		if err != nil {
			return nil, err
		}
		chooser := newChooser(l.nested, t.counts(isHeld))
		var vector []feature
		for i := range t.texts {
			if !isHeld(i) {
				continue
			}
			vector = l.words.weigh(vector, t.texts[i])
			out[i] = held{chooser.judge(l.distances(vector), make([]float32, len(t.labels))), t.classes[i]}
		}
	}
	return slices.DeleteFunc(out, func(h held) bool { return h.own == nil }), nil
}

// distances are those of a text from all separators.
func (l *lesson) distances(vector []feature) []float32 {
	out := make([]float32, len(l.separators))
	for column, weights := range l.separators {
		out[column] = weights[len(weights)-1] * biasValue
		for _, f := range vector {
			out[column] += weights[f.id] * f.value
		}
	}
	return out
}
