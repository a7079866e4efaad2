package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/rules"
)

// deadWords finds single alternatives that can never count, in phrases that fire by
// others: a word that is found in no text, and one that a not of its own phrase
// always forbids.
func (c *Classifier) deadWords(dead map[*rules.Phrase]bool) rules.Faults {
	found := c.foundWords()
	s := c.newScratch()
	var faults rules.Faults
	for i := range c.matcher.phrases {
		src := c.matcher.phrases[i].src
		if dead[src] {
			continue // told as a whole
		}
		for w := range ownWordsOf(src) {
			what := ""
			switch {
			case !found[w.text]:
				what = fmt.Sprintf("слово «%s» в выражении «%s» не находится ни в каком тексте", w.text, w.term)
			case w.list != listNot && !c.firesBy(s, phraseID(i), src, w):
				what = fmt.Sprintf("слово «%s» в выражении «%s» ничего не даёт: с ним фраза не срабатывает никогда", w.text, w.term)
			}
			if what != "" {
				faults = append(faults, rules.Fault{File: src.File, Line: src.Line, Code: CodeWordDead, What: what,
					Mend: "проверьте латинские буквы в русских словах и not с той же основой; слово с точкой или числом внутри пишется по частям: гос_услуг*, теле_2; или уберите слово"})
			}
		}
	}
	return faults
}

// CodeWordDead is an alternative of a phrase that counts in no text.
const CodeWordDead rules.Code = "word_dead"

// termList says which of a phrase's lists a term is of.
type termList int

const (
	listAll termList = iota
	listAny
	listNear
	listNot
)

// ownWord is one alternative of one slot of one term.
type ownWord struct {
	list              termList
	index, slot, part int // of the term in its list, of the slot in it, of the alternative in that
	term, text        string
}

// ownWordsOf yields every alternative of a phrase.
func ownWordsOf(src *rules.Phrase) func(yield func(ownWord) bool) {
	return func(yield func(ownWord) bool) {
		for list, terms := range [][]string{src.All, src.Any, src.Near, src.Not} {
			for i, term := range terms {
				for k, slot := range slices.Collect(slotsOf(term)) {
					for part, word := range strings.Split(slot, "|") {
						if !yield(ownWord{termList(list), i, k, part, term, word}) {
							return
						}
					}
				}
			}
		}
	}
}

// slotsOf yields the slots of a term.
func slotsOf(term string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for slot := range strings.FieldsSeq(term) {
			if slot != ">" && !yield(slot) {
				return
			}
		}
	}
}

// foundWords are the alternatives of all phrases that are found where a text holds
// just them.
func (c *Classifier) foundWords() map[string]bool {
	words := map[string]bool{}
	for i := range c.matcher.phrases {
		for w := range ownWordsOf(c.matcher.phrases[i].src) {
			words[w.text] = false
		}
	}
	m := newMatcher()
	names := make([]string, 0, len(words))
	for w := range words {
		if _, faults := m.group([]rules.Phrase{{Any: []string{w}}}); len(faults) == 0 {
			names = append(names, w)
		}
	}
	m.build()
	s := c.newScratch()
	s.match = newMatch(m, nil, s.analyzer.Lexicon())
	for i, w := range names {
		for _, text := range spoken(w) {
			words[w] = words[w] || s.hears(phraseID(i), text)
		}
	}
	return words
}

// hears reports whether a phrase fires in a text.
func (s *scratch) hears(id phraseID, text string) bool {
	doc, err := s.analyzer.Analyze(text)
	if err != nil {
		return false
	}
	s.match.run(doc, nil)
	return slices.Contains(s.match.fired, id)
}

// firesAnyhow tries every word of a phrase in the forms it takes: of «зюбр*» with
// not «=зюбр» another form fires.
func (c *Classifier) firesAnyhow(s *scratch, id phraseID, src *rules.Phrase) bool {
	for w := range ownWordsOf(src) {
		if w.list != listNot && strings.HasSuffix(w.text, "*") && c.firesBy(s, id, src, w) {
			return true
		}
	}
	return false
}

// firesBy tries a phrase on sentences that hold one of its alternatives.
func (c *Classifier) firesBy(s *scratch, id phraseID, src *rules.Phrase, w ownWord) bool {
	for _, spoken := range spoken(w.text) {
		one := with(src, w, strings.ReplaceAll(spoken, " ", "_"))
		if c.fires(s, id, one) {
			return true
		}
	}
	return false
}

// spoken is how an alternative stands in a text; a beginning of words as it is, and
// with endings.
func spoken(alternative string) []string {
	word := strings.ReplaceAll(strings.Trim(alternative, "=*"), "_", " ")
	if !strings.HasSuffix(alternative, "*") {
		return []string{word}
	}
	out := []string{word}
	for _, ending := range []string{"а", "ы", "ов", "ный", "ение", "ает", "ть"} {
		out = append(out, word+ending)
	}
	return out
}

// with is the phrase whose slot holds one word only, and whose any one term.
func with(src *rules.Phrase, w ownWord, word string) *rules.Phrase {
	one := *src
	lists := map[termList]*[]string{listAll: &one.All, listAny: &one.Any, listNear: &one.Near}
	list := lists[w.list]
	*list = slices.Clone(*list)
	slots := slices.Collect(slotsOf((*list)[w.index]))
	slots[w.slot] = word
	(*list)[w.index] = strings.Join(slots, " ")
	if w.list == listAny {
		one.Any = one.Any[w.index : w.index+1]
	}
	return &one
}
