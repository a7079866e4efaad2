package model

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"sync"

	"github.com/otklik/otklik/classify/text"
)

// Answer is a label with how sure the model is of it.
type Answer struct {
	Label string `json:"label"`
	// Confidence is the share of such answers that were right on examples the
	// model had not learned from; 0 to 1.
	Confidence float64 `json:"confidence"`
}

// Model tells the labels of texts. It is immutable and safe for concurrent use.
type Model struct {
	Head Head

	words   *vocabulary
	weights []int8    // by row, then label: one look at memory for all labels
	units   []float32 // by label: what one step of a weight is worth
	bias    []float32 // by label
	hinter  Hinter
	readers sync.Pool
	sum     string
}

// Sum is the checksum of the file the model was read from, "" of one that was not:
// by it versions are known.
func (m *Model) Sum() string { return m.sum }

// Labels are those the model knows, in the order of its weights.
func (m *Model) Labels() []string { return m.Head.Labels }

// Use gives the hints to a model that was learned with some; one that was not
// needs none.
func (m *Model) Use(h Hinter) {
	if m.Head.Hints {
		m.hinter = h
	}
}

// ErrNoHints: the model was learned with hints and has none to judge by.
var ErrNoHints = errors.New("the model needs the hints it was learned with")

// Best gives the n likeliest labels of a text, best first. A text without a known
// word gets the label most frequent in training, without confidence.
func (m *Model) Best(src string, n int) ([]Answer, error) {
	r := m.reader()
	defer m.readers.Put(r)
	if m.Head.Hints && m.hinter == nil {
		return nil, ErrNoHints
	}
	features, err := r.read(src)
	if err != nil {
		return nil, err
	}
	return m.best(r, features, n), nil
}

// BestOf is Best of a text that was analysed already, with the hints of whoever
// knows them: for a model that was learned without, they say nothing.
func (m *Model) BestOf(doc *text.Doc, hints []Hint, n int) []Answer {
	r := m.reader()
	defer m.readers.Put(r)
	return m.best(r, r.readDoc(doc, hints), n)
}

func (m *Model) best(r *predictor, features reading, n int) []Answer {
	scores, known := m.score(r, features)
	r.order = ranked(r.order, scores)
	out := make([]Answer, 0, n)
	for _, class := range r.order[:min(n, len(r.order))] {
		a := Answer{Label: m.Head.Labels[class]}
		if known {
			a.Confidence = m.Head.Calibration.confidence(scores, class)
		}
		out = append(out, a)
	}
	return out
}

// ranked puts the labels in the order of their scores, the best first.
func ranked(dst []int32, scores []float32) []int32 {
	dst = dst[:0]
	for class := range scores {
		dst = append(dst, int32(class))
	}
	slices.SortFunc(dst, func(a, b int32) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	return dst
}

// predictor is a reader with room for a text's scores.
type predictor struct {
	reader
	vector []feature
	scores []float32
	order  []int32
}

func (m *Model) reader() *predictor {
	if r, ok := m.readers.Get().(*predictor); ok {
		return r
	}
	return &predictor{reader: *newReader(m.hinter), scores: make([]float32, len(m.Head.Labels))}
}

// score gives the distance of a text from every separator. The answer is valid
// until the predictor's next use.
func (m *Model) score(r *predictor, features reading) (scores []float32, known bool) {
	r.vector = m.words.weigh(r.vector, features)
	classes := len(m.Head.Labels)
	clear(r.scores)
	for _, f := range r.vector {
		at := int(f.id) * classes
		for class, w := range m.weights[at : at+classes] {
			r.scores[class] += float32(w) * f.value
		}
	}
	for class := range r.scores {
		r.scores[class] = r.scores[class]*m.units[class] + m.bias[class]
	}
	return r.scores, len(r.vector) > 0
}

// newModel packs what was learned: weights become steps of a 127th of the label's
// largest, which costs no accuracy and a quarter of the memory.
func newModel(words *vocabulary, learned [][]float32, bias float32, head Head) *Model {
	classes, rows := len(learned), len(words.weights)
	m := &Model{Head: head, words: words, weights: make([]int8, rows*classes), units: make([]float32, classes), bias: make([]float32, classes)}
	for class, weights := range learned {
		largest := float32(0)
		for _, w := range weights[:rows] {
			largest = max(largest, float32(math.Abs(float64(w))))
		}
		if largest == 0 {
			largest = 1
		}
		m.units[class], m.bias[class] = largest/127, weights[rows]*bias
		for row, w := range weights[:rows] {
			m.weights[row*classes+class] = int8(math.Round(float64(w / m.units[class])))
		}
	}
	return m
}

// Size is the memory a model takes, in bytes.
func (m *Model) Size() int { return len(m.weights) + 4*(len(m.words.rows)+len(m.words.weights)) }
