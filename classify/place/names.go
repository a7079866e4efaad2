package place

import (
	"strings"
	"unicode/utf8"

	"github.com/otklik/otklik/rules"
)

// kind says what a name stands for.
type kind uint8

const (
	municipality kind = iota
	settlement
	district
	knownStreet
	elsewhere
)

// target is what a name stands for.
type target struct {
	kind       kind
	m          *rules.Municipality // nil for elsewhere
	s          *rules.Settlement   // of settlement and knownStreet
	canonical  string
	bare       string // of a knownStreet, its name without type
	streetType string // of a knownStreet
	ambiguous  bool   // needs its type or a preposition
	colloquial bool   // takes small letters too: a big town or a name of several words
}

// wordID is a declinable word of some name.
type wordID int32

// name is a sequence of words with what it stands for.
type name struct {
	words       []wordID
	text        string // all words in the nominative, joined by spaces
	first, last string
	targets     []target
	streets     []target // of them, those of the kind knownStreet
}

// names finds the gazetteer's names in a sequence of words.
type names struct {
	byForm  map[string][]wordID
	byWord  map[string]wordID // nominative → id
	byFirst [][]*name         // by id
	byText  map[string]*name
}

func newNames() *names {
	return &names{
		byForm: map[string][]wordID{}, byWord: map[string]wordID{},
		byText: map[string]*name{},
	}
}

// add registers a name; several things may bear one.
func (n *names) add(text string, t target) {
	words := parts(text)
	if len(words) == 0 {
		return
	}
	key := strings.Join(words, " ")
	ids := make([]wordID, len(words))
	for i, w := range words {
		ids[i] = n.word(w)
	}
	known := n.byText[key]
	if known == nil {
		known = &name{words: ids, text: key, first: words[0], last: words[len(words)-1]}
		n.byText[key] = known
		n.byFirst[ids[0]] = append(n.byFirst[ids[0]], known)
	}
	for _, have := range known.targets {
		if have.kind == t.kind && have.m == t.m && have.s == t.s && have.canonical == t.canonical {
			return
		}
	}
	known.targets = append(known.targets, t)
	if t.kind == knownStreet {
		known.streets = append(known.streets, t)
	}
}

func (n *names) word(w string) wordID {
	if id, ok := n.byWord[w]; ok {
		return id
	}
	id := wordID(len(n.byWord))
	n.byWord[w] = id
	n.byFirst = append(n.byFirst, nil)
	list := forms(w)
	if w == "район" {
		list = append(list, "р-н", "р-на", "р-не", "р-ну", "р-он", "рн")
	}
	for _, f := range list {
		n.byForm[f] = append(n.byForm[f], id)
	}
	return id
}

// longest is the name with most words that begins at words[0], nil when none.
func (n *names) longest(words []word) *name {
	var best *name
	for _, first := range words[0].forms {
		for _, candidate := range n.byFirst[first] {
			if (best == nil || len(candidate.words) > len(best.words)) && n.matches(candidate, words) {
				best = candidate
			}
		}
	}
	return best
}

// joined: nothing parts the word from the one before, or only the point of an
// abbreviation («им. Лазо», «г.о. Светлый»), a hyphen or a dash set for one
// («Гаровка-2», «Князе – Волконское»).
func joined(words []word, i int) bool {
	w := &words[i]
	return !w.stop || w.dot && utf8.RuneCountInString(words[i-1].text) <= 3 || w.dash && !w.start
}

// afterInitial: only the point of an initial stands before the word («К. Маркса»).
func afterInitial(words []word, i int) bool { return words[i].dot && isInitial(&words[i-1]) }

func (n *names) matches(candidate *name, words []word) bool {
	if len(candidate.words) > len(words) {
		return false
	}
	for i, want := range candidate.words {
		if i > 0 && !joined(words, i) {
			return false
		}
		found := false
		for _, id := range words[i].forms {
			found = found || id == want
		}
		if !found {
			return false
		}
	}
	return true
}
