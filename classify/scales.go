package classify

import (
	"unicode/utf8"

	"github.com/otklik/otklik/classify/bitset"
	"github.com/otklik/otklik/classify/linear"
	"github.com/otklik/otklik/classify/text"
)

// scaledWord is what the scales make of a word wherever it stands: its own features,
// and how those begin that it has together with the next word.
type scaledWord struct {
	features part       // of weighing.arena: stem and letters, each once
	sum      linear.Sum // of them all
	stem     string     // "" until the word is met
	ending   string
	pair     text.Hash
	endings  text.Hash
}

// weighing sums up the features of a piece of text, each once.
type weighing struct {
	scales *linear.Model
	epoch  uint32       // of the lexicon
	words  []scaledWord // by number in the lexicon
	arena  []uint32     // features of words, packed
	room   []linear.Feature
	seen   bitset.Set // by feature
	sum    linear.Sum
}

func (w *weighing) begin(m *linear.Model, lexicon *text.Lexicon) {
	if w.seen == nil {
		w.seen = bitset.New(featureSpace)
	}
	if w.epoch != lexicon.Epoch() {
		w.epoch = lexicon.Epoch()
		clear(w.words)
		w.words, w.arena = w.words[:0], w.arena[:0]
	}
	clear(w.seen)
	w.scales, w.sum = m, linear.Sum{}
}

// known is the part of a word that needs no neighbours, remembered.
func (w *weighing) known(id int32, lexicon *text.Lexicon) *scaledWord {
	for int(id) >= len(w.words) {
		w.words = append(w.words, scaledWord{})
	}
	if s := &w.words[id]; s.stem != "" {
		return s
	}
	word := lexicon.Word(id)
	s := scaledWord{stem: word, ending: endingOf(word)}
	from := len(w.arena)
	if utf8.RuneCountInString(word) < 3 {
		w.room = append(w.room[:0], hashed(text.NewHash(sortStem).Text(word), stemValue/2))
	} else {
		s.stem = lexicon.Stem(id)
		w.room = once(appendWord(w.room[:0], word, s.stem))
	}
	for _, f := range w.room {
		w.arena = append(w.arena, packFeature(f))
		w.scales.Add(&s.sum, f, 1)
	}
	s.features = part{uint32(from), uint32(len(w.arena) - from)}
	s.pair = text.NewHash(sortPair).Text(s.stem).Byte(' ')
	s.endings = text.NewHash(sortEndings).Text(s.ending).Byte(' ')
	w.words[id] = s
	return &w.words[id]
}

func (w *weighing) add(f linear.Feature) {
	if w.seen.Add(f.ID) {
		w.scales.Add(&w.sum, f, 1)
	}
}

// word adds a word whole, and takes off what other words have brought already.
func (w *weighing) word(s *scaledWord) {
	w.sum.Add(&s.sum)
	for _, packed := range w.arena[s.features.from : s.features.from+s.features.n] {
		if !w.seen.Add(packed % featureSpace) {
			w.scales.Add(&w.sum, unpackFeature(packed), -1)
		}
	}
}

// packFeature puts a feature of a word in half the memory: its value is one of three.
func packFeature(f linear.Feature) uint32 {
	switch f.Value {
	case stemValue:
		return f.ID + featureSpace
	case stemValue / 2:
		return f.ID + 2*featureSpace
	}
	return f.ID // of letters: nearly all are
}

func unpackFeature(packed uint32) linear.Feature {
	values := [...]float32{lettersRate, stemValue, stemValue / 2}
	return linear.Feature{ID: packed % featureSpace, Value: values[packed/featureSpace]}
}

// odds are those of the words from..to, by the features that appendFeatures names.
func (c *Classifier) odds(s *scratch, d *text.Doc, from, to int, dst []float64) bool {
	w := &s.weighing
	lexicon := s.match.lexicon
	w.begin(c.lesson.scales, lexicon)
	for _, id := range s.match.ids[from:to] {
		w.known(id, lexicon)
	}
	var before *scaledWord
	for _, id := range s.match.ids[from:to] {
		word := &w.words[id]
		w.word(word)
		if before != nil {
			w.add(hashed(before.pair.Text(word.stem), pairValue))
			w.add(hashed(before.endings.Text(word.ending), endingValue))
		} else {
			w.add(hashed(text.NewHash(sortFirst).Text(word.stem), firstValue))
			w.add(hashed(text.NewHash(sortFirst).Byte('_').Text(word.ending), endingValue))
		}
		before = word
	}
	if from == 0 && to == len(d.Words) {
		s.features = appendMarks(s.features[:0], &d.Shape)
		for _, f := range s.features {
			w.add(f)
		}
	}
	return c.lesson.scales.OddsOf(dst, &w.sum)
}
