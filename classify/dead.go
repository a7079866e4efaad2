package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/rules"
)

// CodePhraseDead is a phrase that no text fires.
const CodePhraseDead rules.Code = "phrase_dead"

// mostTries is how many sentences a phrase gets to fire in.
const mostTries = 64

// deadPhrases finds phrases that do not even fire in sentences made of their own
// words: a Latin letter in a Cyrillic word, a dot inside one, a not of the same
// stem, near of more words than within holds.
func (c *Classifier) deadPhrases() rules.Faults {
	s := c.newScratch()
	var faults rules.Faults
	dead := map[*rules.Phrase]bool{}
	for i := range c.matcher.phrases {
		p := &c.matcher.phrases[i]
		if c.fires(s, phraseID(i), p.src) || c.firesAnyhow(s, phraseID(i), p.src) {
			continue
		}
		dead[p.src] = true
		faults = append(faults, rules.Fault{
			File: p.src.File, Line: p.src.Line, Code: CodePhraseDead,
			What: fmt.Sprintf("фраза не срабатывает и на собственных словах: «%s»", ownWords(p.src, 0, false)),
			Mend: "проверьте латинские буквы в русских словах, знаки внутри слов, not с той же основой и within: во фразе из трёх near он не меньше 2",
		})
	}
	return append(faults, c.deadWords(dead)...)
}

// fires tries the alternatives of the phrase's words in turn, near terms in both
// orders.
func (c *Classifier) fires(s *scratch, id phraseID, src *rules.Phrase) bool {
	for k := range min(alternatives(src), mostTries) {
		for _, backwards := range []bool{false, true} {
			if s.hears(id, ownWords(src, k, backwards)) {
				return true
			}
		}
	}
	return false
}

// alternatives is how many sentences differ: every one of any, with the longest
// list of alternatives.
func alternatives(src *rules.Phrase) int {
	most := 1
	for _, term := range slices.Concat(src.All, src.Any, src.Near) {
		for slot := range strings.FieldsSeq(term) {
			most = max(most, strings.Count(slot, "|")+1)
		}
	}
	return most * max(len(src.Any), 1)
}

// ownWords is a sentence that should fire the phrase: its all, one of its any and
// its near, of each word the k-th alternative.
func ownWords(src *rules.Phrase, k int, backwards bool) string {
	terms := slices.Clone(src.All)
	if n := len(src.Any); n > 0 {
		terms = append(terms, src.Any[k%n])
		k /= n
	}
	near := slices.Clone(src.Near)
	if backwards {
		slices.Reverse(near)
	}
	var words []string
	for _, term := range append(terms, near...) {
		for slot := range slotsOf(term) {
			alternatives := strings.Split(slot, "|")
			word := strings.Trim(alternatives[k%len(alternatives)], "=*")
			words = append(words, strings.ReplaceAll(word, "_", " "))
		}
	}
	return strings.Join(words, " ")
}
