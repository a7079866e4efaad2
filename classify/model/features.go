package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/otklik/otklik/classify/text"
)

// space is how many ids there are: features are hashed, what shares an id shares
// a weight.
const space = 1 << 20

// Sorts of features keep equal letters of different sorts apart.
const (
	sortWord byte = iota + 1
	sortPair
	sortStem
	sortStemPair
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
}

// Hinter gives the hints of texts. It is safe for concurrent use.
type Hinter interface {
	Append(dst []Hint, doc *text.Doc) []Hint
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
	features []feature
	hinted   []Hint
	hints    []feature
}

func newReader(hinter Hinter) *reader {
	return &reader{analyzer: text.NewAnalyzer(nil), hinter: hinter}
}

// read gives the features of a text in the order of their ids, with the
// logarithm of how often they occur. They are valid until the next call.
func (r *reader) read(src string) (reading, error) {
	doc, err := r.analyzer.Analyze(src)
	if err != nil {
		return reading{}, fmt.Errorf("read a text: %w", err)
	}
	if r.hinter != nil {
		r.hinted = r.hinter.Append(r.hinted[:0], doc)
	}
	return r.readDoc(doc, r.hinted), nil
}

// readDoc is read of a text that somebody has analysed already.
func (r *reader) readDoc(doc *text.Doc, hints []Hint) reading {
	return reading{r.own(doc), r.known(hints)}
}

// known gives the hints as features, in the order of their ids; of two that share
// one the stronger counts.
func (r *reader) known(hints []Hint) []feature {
	r.hints = r.hints[:0]
	for _, h := range hints {
		r.hints = append(r.hints, feature{idOf(text.NewHash(sortHint).Text(h.Name)), h.Value})
	}
	slices.SortFunc(r.hints, func(a, b feature) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(b.value, a.value)) })
	r.hints = slices.CompactFunc(r.hints, func(a, b feature) bool { return a.id == b.id })
	return r.hints
}

func (r *reader) own(doc *text.Doc) []feature {
	r.ids = r.ids[:0]
	r.words(doc)
	slices.Sort(r.ids)
	r.features = r.features[:0]
	for from := 0; from < len(r.ids); {
		to := from + 1
		for to < len(r.ids) && r.ids[to] == r.ids[from] {
			to++
		}
		r.features = append(r.features, feature{r.ids[from], float32(1 + math.Log(float64(to-from)))})
		from = to
	}
	return r.features
}

func (r *reader) words(doc *text.Doc) {
	before, stemBefore := "", ""
	for pos := range doc.Words {
		word := doc.Word(pos)
		stem := text.Stem(word)
		r.alone(word, stem)
		if before != "" {
			r.pair(before, word, stemBefore, stem)
		}
		before, stemBefore = word, stem
	}
}

func (r *reader) alone(word, stem string) {
	r.add(text.NewHash(sortWord).Text(word))
	r.add(text.NewHash(sortStem).Text(stem))
	r.letters(word)
}

func (r *reader) pair(before, word, stemBefore, stem string) {
	r.add(text.NewHash(sortPair).Text(before).Byte(' ').Text(word))
	r.add(text.NewHash(sortStemPair).Text(stemBefore).Byte(' ').Text(stem))
}

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
				r.add(h)
			}
		}
	}
}

func (r *reader) add(h text.Hash) { r.ids = append(r.ids, idOf(h)) }

func idOf(h text.Hash) uint32 { return uint32(h^h>>12) % space }

// vocabulary gives the ids seen in training a row and a weight.
type vocabulary struct {
	rows    []int32   // by id; -1: never seen
	weights []float32 // by row: the inverse document frequency
}

// newVocabulary reads how many of the texts hold each feature; those that fewer than
// least hold are left out.
func newVocabulary(texts []reading, least int) *vocabulary {
	seen := make([]int32, space)
	for _, r := range texts {
		for _, f := range r.own {
			seen[f.id]++
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
		v.weights = append(v.weights, float32(1+math.Log(float64(1+len(texts))/float64(1+n))))
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
// where rarity says something.
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
