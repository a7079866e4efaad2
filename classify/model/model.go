package model

import (
	"cmp"
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
	sparse  sparse    // the weights that are not zero: five of six are
	units   []float32 // by label and finer label: what one step of a weight is worth
	bias    []float32 // the same
	nested  nesting   // of the finer labels
	chooser chooser
	hinter  Hinter
	readers sync.Pool
	sum     string
}

// Sum is the checksum of the file the model was read from, "" of one that was not:
// by it versions are known.
func (m *Model) Sum() string { return m.sum }

// columns are how many separators the model has: of the labels, then of the finer ones.
func (m *Model) columns() int { return len(m.Head.Labels) + len(m.Head.Finer) }

// Labels are those the model knows, in the order of its weights.
func (m *Model) Labels() []string { return m.Head.Labels }

// Best gives the n likeliest labels of a text, best first. A text without a known
// word gets the label most frequent in training, without confidence.
func (m *Model) Best(src string, n int) ([]Answer, error) {
	p := m.reader()
	defer m.readers.Put(p)
	if m.Head.Hints && m.hinter == nil {
		return nil, ErrNoHints
	}
	doc, hints, err := p.analyze(src)
	if err != nil {
		return nil, err
	}
	return slices.Clone(p.Best(doc, hints, n)), nil
}

func (m *Model) reader() *Predictor {
	if p, ok := m.readers.Get().(*Predictor); ok {
		return p
	}
	r := newReader(m.hinter)
	p := m.Predictor(r.analyzer.Lexicon())
	p.reader = *r
	return p
}

// Predictor judges texts that were analysed already, and remembers of words what it
// makes of them. It belongs to one goroutine.
type Predictor struct {
	*Model
	reader
	lexicon *text.Lexicon
	epoch   uint32 // of the lexicon
	numbers []int32
	places  []int32     // by number in the lexicon: which of the known, one more
	known   []knownWord //
	scored  []float32   // by known word, then label and finer label
	at      []int32     // by word of the text: which of the known
	pairs   []int32     // by word of the text: the row of the pair it ends, -1 for none
	counts  []int32     // by known word: how often it stands in the text; zero between texts
	logs    []float32
	vector  []feature // of the hints
	scores  []float32 // by label and finer label
	joint   []float32 // by label
	chances []float32
	order   []int32
	answers []Answer
	weights []float32 // by word of the text
	heavy   []int
}

// Predictor gives one for texts whose words this Lexicon numbers.
func (m *Model) Predictor(lexicon *text.Lexicon) *Predictor {
	return &Predictor{Model: m, lexicon: lexicon, scores: make([]float32, m.columns()), joint: make([]float32, len(m.Head.Labels))}
}

// Best is Model.Best of a text that was analysed already, with the hints of whoever
// knows them: for a model that was learned without, they say nothing. The answer is valid
// until the next use.
func (p *Predictor) Best(doc *text.Doc, hints []Hint, n int) []Answer {
	scores, known := p.score(doc, hints)
	j := p.chooser.judge(scores, p.joint)
	p.order = j.ranked(p.order)
	p.chances = j.chances(p.chances)
	p.order = p.order[:min(n, len(p.order))]
	p.answers = j.answers(p.answers[:0], p.Head.Calibration, p.Head.Labels, p.order, p.chances)
	if !known {
		for i := range p.answers {
			p.answers[i].Confidence = 0
		}
	}
	return p.answers
}

// Classes are the places of the last answers' labels among the model's.
func (p *Predictor) Classes() []int32 { return p.order }

// score gives the distance of a text from every separator. The answer is valid until
// the next use.
func (p *Predictor) score(doc *text.Doc, hints []Hint) (scores []float32, known bool) {
	known = p.gather(doc)
	p.vector = p.words.part(p.vector[:0], p.told(hints), hintsLength, false)
	for _, f := range p.vector {
		p.sparse.add(p.scores, &p.sparse.rows[f.id], f.value)
	}
	for class := range p.scores {
		p.scores[class] = p.scores[class]*p.units[class] + p.bias[class]
	}
	return p.scores, known || len(p.vector) > 0
}

// sparse holds the weights that are not zero, row after row; of rows that have few zeros
// all.
type sparse struct {
	rows    []sparseRow
	entries []entry
	whole   []int8
}

// sparseRow is all that is needed of a row, in one look at memory.
type sparseRow struct {
	rarity float32
	start  uint32 // in entries, or in whole
	n      uint16 // entries, or wholeRow
}

const wholeRow = math.MaxUint16

type entry struct {
	class  uint16
	weight int16
}

// add adds what a row weighs to scores, so many times.
func (s *sparse) add(scores []float32, r *sparseRow, times float32) {
	if r.n == wholeRow {
		addWhole(scores, s.whole[r.start:][:len(scores)], times)
		return
	}
	for _, e := range s.entries[r.start : r.start+uint32(r.n)] {
		scores[e.class] += float32(e.weight) * times
	}
}

// newSparse packs the rows in an order, by their places in the weights.
func newSparse(weights []int8, classes int, rarity []float32, order []int32) sparse {
	row := func(i int) []int8 { return weights[int(order[i])*classes:][:classes] }
	s := sparse{rows: make([]sparseRow, len(rarity))}
	entries, whole := 0, 0
	for i := range s.rows {
		r := &s.rows[i]
		r.rarity = rarity[i]
		others := 0
		for _, w := range row(i) {
			if w != 0 {
				others++
			}
		}
		if 3*others >= 2*classes {
			r.n = wholeRow
			whole += classes
		} else {
			r.n = uint16(others)
			entries += others
		}
	}
	s.entries, s.whole = make([]entry, 0, entries), make([]int8, 0, whole)
	for i := range s.rows {
		r := &s.rows[i]
		if r.n == wholeRow {
			r.start = uint32(len(s.whole))
			s.whole = append(s.whole, row(i)...)
			continue
		}
		r.start = uint32(len(s.entries))
		for class, w := range row(i) {
			if w != 0 {
				s.entries = append(s.entries, entry{uint16(class), int16(w)})
			}
		}
	}
	return s
}

// dense gives the weights of rows, by row, then class.
func (s *sparse) dense(rows []int32, classes int) []int8 {
	weights := make([]int8, len(rows)*classes)
	for i, row := range rows {
		for class := range classes {
			weights[i*classes+class] = int8(s.weight(uint32(row), class))
		}
	}
	return weights
}

// weight is that of a class in a row.
func (s *sparse) weight(row uint32, class int) int16 {
	r := &s.rows[row]
	if r.n == wholeRow {
		return int16(s.whole[int(r.start)+class])
	}
	list := s.entries[r.start : r.start+uint32(r.n)]
	i, found := slices.BinarySearchFunc(list, class, func(e entry, class int) int { return cmp.Compare(int(e.class), class) })
	if !found {
		return 0
	}
	return list[i].weight
}

// newModel packs what was learned: weights become steps of a 127th of the label's
// largest, which costs no accuracy and a quarter of the memory.
func newModel(l *lesson, head Head) *Model {
	words, learned := l.words, l.separators
	classes, rows := len(learned), len(words.weights)
	packed := make([]int8, rows*classes)
	m := &Model{Head: head, words: words, nested: l.nested, chooser: newChooser(l.nested, head.Counts), units: make([]float32, classes), bias: make([]float32, classes)}
	for class, weights := range learned {
		largest := float32(0)
		for _, w := range weights[:rows] {
			largest = max(largest, float32(math.Abs(float64(w))))
		}
		if largest == 0 {
			largest = 1
		}
		m.units[class], m.bias[class] = largest/127, weights[rows]*biasValue
		for row, w := range weights[:rows] {
			packed[row*classes+class] = int8(math.Round(float64(w / m.units[class])))
		}
	}
	m.pack(packed, classes)
	return m
}

// pack puts the rows in the order of how common they are, so that those which texts have
// over and over lie side by side, and keeps of their weights those that are not zero.
func (m *Model) pack(weights []int8, classes int) {
	order := make([]int32, len(m.words.weights))
	for row := range order {
		order[row] = int32(row)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(m.words.weights[a], m.words.weights[b]) })
	m.words = m.words.inOrder(order)
	m.sparse = newSparse(weights, classes, m.words.weights, order)
}

// Size is the memory a model takes, in bytes.
func (m *Model) Size() int {
	return 4*len(m.sparse.entries) + len(m.sparse.whole) + 12*len(m.sparse.rows) + 4*(len(m.words.rows)+len(m.words.weights))
}
