package place

import (
	"strings"
	"unicode/utf8"
)

// mention is a name in the text and what it may stand for.
type mention struct {
	targets     []target
	first, last int  // words
	passing     bool // on the way there or from there: «до Бикина»
	standing    standing
	contrast    bool // «…, а в Бикине»
}

// plainName: one word that means nothing but the place.
func (m *mention) plainName() bool {
	return m.first == m.last && len(m.targets) > 0 && !m.targets[0].ambiguous &&
		(m.targets[0].kind == settlement || m.targets[0].kind == elsewhere)
}

func (m *mention) isTown() bool {
	for _, t := range m.targets {
		if t.kind == settlement || t.kind == municipality {
			return true
		}
	}
	return false
}

// mentions finds the names of municipalities, settlements and districts. away is
// the name of another region or its town when that, and no place of ours, is
// where the author is; our names are only passing by then.
func (x *Index) mentions(list []mention, words []word) (named []mention, away *mention) {
	for i := 0; i < len(words); i++ {
		if words[i].consumed {
			continue
		}
		n := x.names.longest(words[i:])
		if n == nil {
			if m := x.unknownTown(words, i); m != nil && away == nil {
				away = m
			}
			continue
		}
		c := x.context(words, i, n)
		if m := c.ours(n); len(m.targets) > 0 {
			list = append(list, m)
			i = m.last
			continue
		}
		m, regionOf := c.elsewhere(n)
		if regionOf && len(list) > 0 && list[len(list)-1].last == i-1 {
			list = list[:len(list)-1] // «Советск Тульской области» is not ours
		}
		if m != nil {
			if away == nil {
				away = m
			}
			i = m.last
		}
	}
	for i := range list {
		if away != nil && list[i].isTown() && !list[i].passing {
			return list, nil
		}
	}
	return list, away
}

// context is what stands around a name.
type context struct {
	index   *Index
	words   []word
	first   int
	end     int    // the word after the name
	before  string // the word before it in the sentence
	capital bool
	clear   bool // a capital that says something: not at a sentence's beginning
	typed   bool // its type stands before it: «г. Бикин»
	in      bool // «в Бикине», «из Бикина»
	label   bool // «Бикин: …», «#Бикин …»
	address bool // a street follows: «Бикин, Садовая 5»

	phrase [back]string // memory of phraseBefore
}

func (x *Index) context(words []word, i int, n *name) context {
	w := &words[i]
	c := context{index: x, words: words, first: i, end: i + len(n.words), capital: w.upper, clear: w.upper && !w.start}
	if i > 0 && (!w.start || w.dot) {
		c.before = words[i-1].text
		c.typed = isSettlementType(c.before) && (!w.stop || w.dot)
		c.in = isPlacePreposition(c.before) && !w.stop
	}
	if c.end < len(words) && words[c.end].text == "г" && !words[c.end].stop && (c.end+1 == len(words) || words[c.end+1].stop) {
		c.typed = true // «Хабаровск г, …», as address books have it
	}
	c.address = c.end < len(words) && words[c.end].consumed && (!words[c.end].start || words[c.end].dot) &&
		(!words[c.end].stop || words[c.end].comma)
	c.label = c.isLabel()
	return c
}

// unknownTown: «г. Очёр». All towns of ours are in the gazetteer, so that this is
// another region's; of villages it would say nothing.
func (x *Index) unknownTown(words []word, i int) *mention {
	w := &words[i]
	if i == 0 || !w.upper || w.shout || w.number || utf8.RuneCountInString(w.text) < 4 || w.street.name != "" {
		return nil
	}
	town := &words[i-1]
	year := i > 1 && words[i-2].number && !town.stop // «2026 г. Прошу …»
	if (town.text != "г" && town.text != "гор") || w.stop && !w.dot || year || i > 1 && isWayPreposition(words[i-2].text) {
		return nil
	}
	return &mention{targets: []target{{kind: elsewhere, canonical: titled(w.text), ambiguous: true}}, first: i, last: i}
}

// lastGreeting is how many words may stand before a text's label.
const lastGreeting = 4

// isLabel: a name that stands apart at the beginning of a text, after a greeting
// perhaps. «Гусев, вы обещали» speaks to a person, «Светлый, просторный» of a thing.
func (c *context) isLabel() bool {
	w := &c.words[c.first]
	if c.first > lastGreeting || !w.upper && !w.hash {
		return false
	}
	if w.hash {
		return true
	}
	if !w.start && (c.first == 0 || !w.comma || !isGreeting(c.words[c.first-1].text)) {
		return false
	}
	if c.end == len(c.words) {
		return true
	}
	next := &c.words[c.end]
	return next.stop && !isYou(next.text) && (next.start || next.upper || !isAdjectiveForm(next.text) || !isAdjective(w.text))
}

func isGreeting(w string) bool {
	switch w {
	case "здравствуйте", "привет", "день", "вечер", "утро", "внимание":
		return true
	}
	return false
}

func isYou(w string) bool {
	switch w {
	case "вы", "ты", "вас", "вам", "вами", "тебя", "тебе", "ваш", "ваша", "ваше", "твой":
		return true
	}
	return false
}

// ours keeps what of our own region the name may stand for in its context.
func (c *context) ours(n *name) mention {
	m := mention{first: c.first, last: c.end - 1, passing: isWayPreposition(c.before)}
	if c.belongsToMore(n) || c.isAdjectiveOf(n) {
		return m
	}
	for _, t := range n.targets {
		fits := false
		switch t.kind {
		case municipality:
			fits = true
		case settlement:
			fits = c.fitsSettlement(n, &t)
		case district:
			fits = c.fitsDistrict(&t)
		}
		if fits {
			m.targets = append(m.targets, t)
		}
	}
	m.standing, m.contrast = c.standing(n)
	return m
}

func (c *context) fitsSettlement(n *name, t *target) bool {
	shown := c.typed || c.in || c.address
	if !shown && c.isSurname(n) {
		return false
	}
	if t.ambiguous {
		return c.capital && (c.typed || c.in && !c.describes() || c.address || c.label && c.words[c.first].text == n.first && c.words[c.end-1].text == n.last) || c.words[c.first].hash
	}
	return t.colloquial || c.capital || c.typed
}

// isSurname: «Гусеву», «Галкина» are people unless something shows the place;
// «Гусев» and «Галкино» are left to the gazetteer's mark.
func (c *context) isSurname(n *name) bool {
	w := c.words[c.first].text
	if len(n.words) > 1 || w == n.text {
		return false
	}
	for _, end := range []string{"ов", "ев", "ин", "ын", "ово", "ево", "ино", "ыно"} {
		if strings.HasSuffix(n.text, end) {
			return true
		}
	}
	return false
}

// isAdjectiveOf: «в Советском», «на Комсомольском» is no form of Советск: after
// these prepositions it would be Советске.
func (c *context) isAdjectiveOf(n *name) bool {
	if len(n.words) > 1 || c.before != "в" && c.before != "во" && c.before != "на" {
		return false
	}
	w := c.words[c.first].text
	return (strings.HasSuffix(n.text, "ск") || strings.HasSuffix(n.text, "цк")) && w == n.text+"ом"
}

// describes: «в Советском суде», «в Красном Кресте»: the name is the adjective of
// the word after it.
func (c *context) describes() bool {
	if c.end == len(c.words) || !isAdjectiveForm(c.words[c.first].text) {
		return false
	}
	next := &c.words[c.end]
	if next.stop || next.consumed || next.number {
		return false
	}
	switch next.text {
	case "тоже", "даже", "больше", "меньше", "вообще", "хуже", "лучше", "также", "вроде", "после", "ниже", "выше", "дальше", "возле":
		return false
	}
	return next.upper || utf8.RuneCountInString(next.text) > 3 && strings.HasSuffix(next.text, "е")
}

func (c *context) fitsDistrict(t *target) bool {
	if t.ambiguous {
		return c.capital && (c.typed || c.in || c.before == "на" || c.label || c.address)
	}
	return true
}

// belongsToMore: the name is only the adjective of something larger («Амурской
// области», «Вяземский район» when the gazetteer has no such name, «… край»).
func (c *context) belongsToMore(n *name) bool {
	if len(n.words) > 1 || c.end == len(c.words) || c.words[c.end].stop {
		return false
	}
	next := c.words[c.end].text
	if isTerritory(next) {
		return true
	}
	t, ok := c.index.types[next]
	return ok && t.full && !c.words[c.end].consumed
}

// isTerritory: words of the names of territories.
func isTerritory(w string) bool {
	for _, stem := range []string{"край", "края", "крае", "краю", "област", "район", "р-н", "округ", "муниципальн", "городско", "республик"} {
		if strings.HasPrefix(w, stem) {
			return true
		}
	}
	return false
}

// isWayPreposition: «до Москвы», «через Бикин» is the way, not the place.
func isWayPreposition(w string) bool {
	switch w {
	case "до", "из", "через", "от":
		return true
	}
	return false
}
