package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/otklik/otklik/classify/bitset"
	"github.com/otklik/otklik/classify/text"
)

// space is how many ids there are: features are hashed, what shares an id shares
// a weight. Each sort has a part of its own, so that an id tells its sort.
const (
	space = 1 << 20

	stemsFrom   = 0
	pairsFrom   = 1 << 18
	lettersFrom = pairsFrom + 1<<19
	lettersTo   = lettersFrom + 3<<16
	hintsFrom   = lettersTo + 1<<15 // between them is room for one more sort
)

// What a feature counts for in its sort, by trials on held-out folds
// (docs/models.md): there are many letters of a word and one stem.
const (
	stemWorth    = 1
	pairWorth    = 0.5
	lettersWorth = 0.4
)

// worthOf is what a feature counts for by its sort.
func worthOf(id uint32) float32 {
	switch {
	case id < pairsFrom:
		return stemWorth
	case id < lettersFrom:
		return pairWorth
	case id < lettersTo:
		return lettersWorth
	}
	return 1
}

func stemID(h text.Hash) uint32    { return part(h, stemsFrom, pairsFrom) }
func pairID(h text.Hash) uint32    { return part(h, pairsFrom, lettersFrom) }
func lettersID(h text.Hash) uint32 { return part(h, lettersFrom, lettersTo) }
func hintID(h text.Hash) uint32    { return part(h, hintsFrom, space) }

func part(h text.Hash, from, to uint32) uint32 { return from + uint32(h^h>>12)%(to-from) }

// Sorts of features keep equal letters of different sorts apart.
const (
	sortStem byte = iota + 1
	sortPair
	sortLetters
	sortHint
)

// Letters stand for forms nobody has written before; shorter runs say little,
// longer ones are nearly words.
const (
	lettersLeast = 3
	lettersMost  = 5
	longestWord  = 40 // runes of a word whose letters are looked at
)

// feature is a hashed id and how much it counts in a text.
type feature struct {
	id    uint32
	value float32
}

// Hint is something that others know of a text: the phrases of a pack, a place. It
// counts beside the text's own words.
type Hint struct {
	Name  string
	Value float32 // 1 is a strong one

	id uint32 // 0 until somebody asks
}

// ID names the feature that a hint is.
func (h *Hint) ID() uint32 {
	if h.id == 0 {
		h.id = hintID(text.NewHash(sortHint).Text(h.Name))
	}
	return h.id
}

// Hinter gives the hints of texts. It is safe for concurrent use.
type Hinter interface {
	Append(dst []Hint, doc *text.Doc) []Hint
}

// Pack names the region pack that hints come from.
type Pack struct {
	Region string `json:"region"`
	Hash   string `json:"hash"`
}

// PackHinter is a Hinter that knows a pack, and can tell of places too.
type PackHinter interface {
	Hinter
	Pack() Pack
	WithPlaces() Hinter
}

// reading is a text as features: its own, and the hints.
type reading struct{ own, hints []feature }

func (r reading) clone() reading {
	return reading{slices.Clone(r.own), slices.Clone(r.hints)}
}

// reader turns texts into features. It keeps its buffers: one a goroutine.
type reader struct {
	analyzer *text.Analyzer
	hinter   Hinter // may be nil
	ids      []uint32
	written  []written
	features []feature
	hinted   []Hint
	hints    []feature
}

func newReader(hinter Hinter) *reader {
	return &reader{analyzer: text.NewAnalyzer(nil), hinter: hinter}
}

// analyze reads a text, with what others know of it.
func (r *reader) analyze(src string) (*text.Doc, []Hint, error) {
	doc, err := r.analyzer.Analyze(src)
	if err != nil {
		return nil, nil, fmt.Errorf("read a text: %w", err)
	}
	if r.hinter != nil {
		r.hinted = r.hinter.Append(r.hinted[:0], doc)
	}
	return doc, r.hinted, nil
}

// read gives the features of a text. They are valid until the next call.
func (r *reader) read(src string) (reading, error) {
	doc, hints, err := r.analyze(src)
	if err != nil {
		return reading{}, err
	}
	return r.readDoc(doc, hints), nil
}

// readDoc is read of a text that somebody has analysed already.
func (r *reader) readDoc(doc *text.Doc, hints []Hint) reading {
	return reading{r.own(doc), r.told(hints)}
}

// told gives the hints as features, in the order of their ids; of two that share
// one the stronger counts.
func (r *reader) told(hints []Hint) []feature {
	r.hints = r.hints[:0]
	for i := range hints {
		r.hints = append(r.hints, feature{hints[i].ID(), hints[i].Value})
	}
	inOrder := func(a, b feature) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(b.value, a.value)) }
	if !slices.IsSortedFunc(r.hints, inOrder) { // who knows many hints tells them in order
		slices.SortFunc(r.hints, inOrder)
	}
	r.hints = slices.CompactFunc(r.hints, func(a, b feature) bool { return a.id == b.id })
	return r.hints
}

// own gives each word's features, which count by the logarithm of how often the word
// stands in the text, and those of the pairs: in the order of their ids, each as often as
// words or pairs hold it.
func (r *reader) own(doc *text.Doc) []feature {
	r.features = r.features[:0]
	r.written = r.written[:0]
	var before text.Hash
	for pos := range doc.Words {
		stem := doc.Stem(pos)
		r.written = append(r.written, written{doc.Word(pos), stem})
		second := inPair(stem)
		if pos > 0 {
			r.features = append(r.features, feature{pairOf(before, second), 1})
		}
		before = second
	}
	slices.SortFunc(r.written, func(a, b written) int { return cmp.Compare(a.word, b.word) })
	for from := 0; from < len(r.written); {
		to := from + 1
		for to < len(r.written) && r.written[to].word == r.written[from].word {
			to++
		}
		r.ids = r.ids[:0]
		r.alone(r.written[from].word, r.written[from].stem)
		for _, id := range r.ids {
			r.features = append(r.features, feature{id, oftenness(to - from)})
		}
		from = to
	}
	slices.SortStableFunc(r.features, func(a, b feature) int { return cmp.Compare(a.id, b.id) })
	return r.features
}

// oftenness is what a word counts for that stands so often in a text: a logarithm.
func oftenness(n int) float32 { return float32(1 + math.Log(float64(n))) }

// written is a word of a text.
type written struct{ word, stem string }

// alone adds the features of a word by itself.
func (r *reader) alone(word, stem string) {
	r.ids = append(r.ids, stemID(text.NewHash(sortStem).Text(stem)))
	r.letters(word)
}

// inPair is what a stem is in its pairs, pairOf the feature of two.
func inPair(stem string) text.Hash { return text.NewHash(sortPair).Text(stem) }

func pairOf(first, second text.Hash) uint32 { return pairID(first.Join(second)) }

// letters adds a word's letters in runs, with the edges of the word.
func (r *reader) letters(word string) {
	var edges [longestWord + 2]int // where the runes begin; the word's edges are runes too
	n := 0
	for i := range word {
		if n == longestWord {
			break
		}
		edges[n] = i
		n++
	}
	edges[n] = len(word)
	if n < lettersLeast-1 || !utf8.ValidString(word) {
		return
	}
	for start := -1; start < n; start++ {
		h := text.NewHash(sortLetters)
		for end := start; end <= n && end-start < lettersMost; end++ {
			if end < 0 || end == n {
				h = h.Byte('|')
			} else {
				h = h.Text(word[edges[end]:edges[end+1]])
			}
			if end-start+1 >= lettersLeast {
				r.ids = append(r.ids, lettersID(h))
			}
		}
	}
}

// vocabulary gives the ids seen in training a row and a weight.
type vocabulary struct {
	rows    []int32    // by id; -1: never seen
	weights []float32  // by row: the inverse document frequency times what its sort is worth
	pairs   bitset.Set // those of pairs of stems, once it is in order
}

// inOrder is the vocabulary with its rows in another order.
func (v *vocabulary) inOrder(order []int32) *vocabulary {
	o := &vocabulary{rows: make([]int32, space), weights: make([]float32, len(order)), pairs: bitset.New(lettersFrom - pairsFrom)}
	ids := v.ids()
	for id := range o.rows {
		o.rows[id] = -1
	}
	for row, old := range order {
		id := ids[old]
		o.rows[id], o.weights[row] = int32(row), v.weights[old]
		if id >= pairsFrom && id < lettersFrom {
			o.pairs.Add(id - pairsFrom)
		}
	}
	return o
}

// newVocabulary reads how many of the texts hold each feature; those that fewer than
// least hold are left out.
func newVocabulary(texts []reading, least int) *vocabulary {
	seen := make([]int32, space)
	for _, r := range texts {
		for i, f := range r.own {
			if i == 0 || f.id != r.own[i-1].id {
				seen[f.id]++
			}
		}
		for _, f := range r.hints {
			seen[f.id]++
		}
	}
	v := &vocabulary{rows: make([]int32, space)}
	for id, n := range seen {
		v.rows[id] = -1
		if n == 0 || int(n) < least {
			continue
		}
		v.rows[id] = int32(len(v.weights))
		v.weights = append(v.weights, worthOf(uint32(id))*float32(1+math.Log(float64(1+len(texts))/float64(1+n))))
	}
	return v
}

// hintsLength is what all hints of a text count beside its own words, whose length
// is one: by trials on held-out folds (docs/models.md).
const hintsLength = 0.5

// weigh gives a text as a vector over the vocabulary: its own features with a length
// of one, then the hints. Features that training never saw are left out.
func (v *vocabulary) weigh(dst []feature, r reading) []feature {
	dst = v.part(dst[:0], r.own, 1, true)
	return v.part(dst, r.hints, hintsLength, false)
}

// part adds some features with a length of their own; the rare ones count for more
// where rarity says something. What several words hold is added up, and its parts are
// taken for different ones in the length: so whoever judges need not look for them.
func (v *vocabulary) part(all []feature, features []feature, length float32, rarity bool) []feature {
	dst := all[len(all):]
	sum := 0.0
	for _, f := range features {
		row := v.rows[f.id]
		if row < 0 {
			continue
		}
		value := f.value
		if rarity {
			value *= v.weights[row]
		}
		sum += float64(value) * float64(value)
		if last := len(dst) - 1; last >= 0 && dst[last].id == uint32(row) {
			dst[last].value += value
			continue
		}
		dst = append(dst, feature{uint32(row), value})
	}
	if sum > 0 {
		norm := length * float32(1/math.Sqrt(sum))
		for i := range dst {
			dst[i].value *= norm
		}
	}
	return append(all, dst...)
}
