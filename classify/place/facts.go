package place

import "github.com/otklik/otklik/classify/text"

// facts are what a word, or a part of a compound one, is wherever it stands.
type facts struct {
	text   string
	street streetType // whose form it is
	forms  []wordID   // whose form it is in names
	next   *facts     // of the next part of the word
	sorts  sorts
}

// sorts are the questions that are asked of nearly every word.
type sorts uint16

const (
	crossingWord sorts = 1 << iota
	commonNoun
	houseWord
	houseNumber
	patron
	awayWord
	nameGoesOn
	likelyStreet
)

func (f *facts) is(s sorts) bool { return f.sorts&s != 0 }

func (x *Index) factsOf(word string) facts {
	f := facts{text: word, street: x.types[word], forms: x.names.byForm[word]}
	for _, q := range [...]struct {
		sort sorts
		is   bool
	}{
		{crossingWord, isCrossing(word)}, {commonNoun, isCommonNoun(word)}, {houseWord, namesHouse(word)}, {houseNumber, isHouseNumber(word)},
		{patron, isPatron(word)}, {awayWord, leadsAway(word)}, {nameGoesOn, takesMore(word)}, {likelyStreet, isLikelyStreet(word)},
	} {
		if q.is {
			f.sorts |= q.sort
		}
	}
	return f
}

// memory is what a Work remembers of words.
type memory struct {
	index   *Index
	lexicon *text.Lexicon
	epoch   uint32   // of the lexicon
	known   []*facts // by number in the lexicon: of the word's first part
	room    []facts  // where the next ones are put, side by side
	ids     []int32
}

// Use lets the words be found by their numbers in a Lexicon: that of most texts, so that
// they need not be looked up again.
func (w *Work) Use(lexicon *text.Lexicon) { w.memory = memory{lexicon: lexicon} }

func (w *Work) begin(x *Index, d *text.Doc) {
	if w.lexicon == nil {
		w.Use(text.NewLexicon())
	}
	w.ids = w.lexicon.Of(w.ids, d)
	if w.epoch != w.lexicon.Epoch() || w.index != x {
		w.epoch, w.index = w.lexicon.Epoch(), x
		clear(w.known)
		w.known = w.known[:0]
	}
}

// factsTogether is how many facts lie side by side.
const factsTogether = 256

func (w *Work) keep(f facts) *facts {
	if len(w.room) == cap(w.room) {
		w.room = make([]facts, 0, factsTogether) // who points to the old ones keeps them
	}
	w.room = append(w.room, f)
	return &w.room[len(w.room)-1]
}

// factsAt are those of the first part of the word at a position.
func (w *Work) factsAt(x *Index, pos int) *facts {
	id := int(w.ids[pos])
	for id >= len(w.known) {
		w.known = append(w.known, nil)
	}
	if w.known[id] == nil {
		at := &w.known[id]
		for part := range hyphenParts(w.lexicon.Word(int32(id))) {
			*at = w.keep(x.factsOf(part))
			at = &(*at).next
		}
	}
	return w.known[id]
}
