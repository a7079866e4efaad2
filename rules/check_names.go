package rules

import (
	"fmt"
	"strings"
	"unicode"
)

// names: what people and texts call things by. A name with a foreign letter in it is
// found in no text, and two bodies of one name look like one in every list.
func (c *checker) names() {
	c.bodyNames()
	c.elsewhere()
	c.letters()
}

// bodyNames: of two bodies with one name nobody knows which has the case. One that
// follows another, whose time is over, may have its name.
func (c *checker) bodyNames() {
	named := map[string][]*Agency{}
	for i := range c.p.Agencies {
		a := &c.p.Agencies[i]
		key := foldName(a.ShortName())
		for _, other := range named[key] {
			if key != "" && together(a, other) {
				c.fault(Pos{a.File, a.Line}, CodeDuplicateID,
					fmt.Sprintf("название «%s» и у органа «%s», и у «%s» (%s:%d)", a.ShortName(), a.ID, other.ID, other.File, other.Line),
					"дайте им разные name или short: в списках и поручениях их не отличить")
				break
			}
		}
		named[key] = append(named[key], a)
	}
}

// together reports whether there is a day on which both bodies answer.
func together(a, b *Agency) bool {
	ends := func(first, then *Agency) bool { // the written form sorts as days do
		return first.ValidTo != "" && then.ValidFrom != "" && first.ValidTo < then.ValidFrom
	}
	return !ends(a, b) && !ends(b, a)
}

// elsewhere: what is named as another region's is taken from ours. An own place of
// the same name keeps its posts only where both say that the name is ambiguous.
func (c *checker) elsewhere() {
	sure, own := c.ownNames()
	g := &c.p.Gazetteer
	c.othersPlaces("elsewhere", g.Elsewhere, g.elsewhereAt, own)
	c.othersPlaces("elsewhere_ambiguous", g.ElsewhereAmbiguous, g.ambiguousAt, sure)
}

func (c *checker) othersPlaces(list string, names []string, at []Pos, own map[string]string) {
	for i, name := range names {
		switch key := foldName(name); {
		case key == "":
			c.fault(at[i], CodeEmpty, fmt.Sprintf("в %s пустое название", list), "впишите название или уберите строку")
		case own[key] != "":
			c.fault(at[i], CodeDuplicateID, fmt.Sprintf("«%s» в %s — это и %s своего региона", name, list, own[key]),
				"уберите строку; если это тёзки, пометьте своё название ambiguous: true и перенесите чужое в elsewhere_ambiguous")
		}
	}
}

// ownNames are the names of the region's own places, in words by name: those that
// stand for themselves, and all.
func (c *checker) ownNames() (sure, all map[string]string) {
	sure, all = map[string]string{}, map[string]string{}
	add := func(words string, ambiguous bool, name string, forms []string) {
		for _, n := range append([]string{name}, forms...) {
			all[foldName(n)] = words
			if !ambiguous {
				sure[foldName(n)] = words
			}
		}
	}
	for i := range c.p.Gazetteer.Municipalities {
		m := &c.p.Gazetteer.Municipalities[i]
		add("муниципальное образование", false, m.Name, m.Forms)
	}
	for i := range c.p.Gazetteer.Settlements {
		s := &c.p.Gazetteer.Settlements[i]
		add("населённый пункт", s.Ambiguous, s.Name, s.Forms)
	}
	return sure, all
}

// letters: «Cадовая» with a Latin C is found in no text, and looks right.
func (c *checker) letters() {
	r := &c.p.Region
	c.spelt(c.key("name"), r.Name, r.Center)
	for i := range c.p.Categories {
		row := &c.p.Categories[i]
		c.spelt(Pos{row.File, row.Line}, row.Category, row.Subcategory)
	}
	for i := range c.p.Agencies {
		a := &c.p.Agencies[i]
		c.spelt(Pos{a.File, a.Line}, a.Name, a.Short)
	}
	for i := range c.p.Topics {
		t := &c.p.Topics[i]
		c.spelt(Pos{t.File, t.Line}, t.Title)
	}
	c.speltPlaces()
}

func (c *checker) speltPlaces() {
	g := &c.p.Gazetteer
	for i := range g.Municipalities {
		m := &g.Municipalities[i]
		at := Pos{m.File, m.Line}
		c.spelt(at, append([]string{m.Name, m.Center}, m.Forms...)...)
		for _, d := range m.Districts {
			c.spelt(at, append([]string{d.Name}, d.Forms...)...)
		}
	}
	for i := range g.Settlements {
		s := &g.Settlements[i]
		c.spelt(Pos{s.File, s.Line}, append([]string{s.Name}, s.Forms...)...)
	}
	for i := range g.Streets {
		s := &g.Streets[i]
		c.spelt(Pos{s.File, s.Line}, append([]string{s.Name}, s.Forms...)...)
	}
	for i := range g.StreetTypes {
		s := &g.StreetTypes[i]
		c.spelt(Pos{s.File, s.Line}, append([]string{s.Name}, s.Forms...)...)
	}
	for i, name := range g.Elsewhere {
		c.spelt(g.elsewhereAt[i], name)
	}
	for i, name := range g.ElsewhereAmbiguous {
		c.spelt(g.ambiguousAt[i], name)
	}
}

// spelt names the first word of each name that is written with two alphabets.
func (c *checker) spelt(at Pos, names ...string) {
	for _, name := range names {
		if word, letter := twoAlphabets(name); word != "" {
			c.fault(at, CodeTwoAlphabets, fmt.Sprintf("в названии «%s» слово «%s» написано двумя алфавитами: «%c» — латинская", name, word, letter),
				"наберите слово заново русскими буквами")
		}
	}
}

// twoAlphabets is the first word with Latin and Cyrillic letters, and its first
// Latin one.
func twoAlphabets(name string) (word string, latin rune) {
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		at := strings.IndexFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		if at >= 0 && strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			for _, r := range word[at:] {
				return word, r
			}
		}
	}
	return "", 0
}
