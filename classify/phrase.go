package classify

import (
	"fmt"

	"github.com/otklik/otklik/rules"
)

// defaultWithin is the reach of near, in words, when the phrase names none.
const defaultWithin = 6

type (
	phraseID int32
	groupID  int32 // a topic, a kind signal or an urgent danger
)

// phrase is a compiled rules.Phrase of one group.
type phrase struct {
	group  groupID
	weight float64
	within int32
	all    []termID
	any    []termID
	near   []termID
	not    []termID
	src    *rules.Phrase
}

// triggers are the terms one of which must be there for the phrase to fire.
func (p *phrase) triggers() []termID {
	switch {
	case len(p.all) > 0:
		return p.all[:1]
	case len(p.near) > 0:
		return p.near[:1]
	}
	return p.any
}

// matcher finds the phrases of all groups in a text. It is immutable; what
// changes while matching is in a match.
type matcher struct {
	terms     *terms
	phrases   []phrase
	groups    int
	bySlot    [][]termID   // terms to look at when their anchor is in the text
	byTrigger [][]phraseID // phrases to look at when a trigger term is
	byFirst   [][]sequence // by slot of their first word
}

func newMatcher() *matcher { return &matcher{terms: newTerms()} }

// group opens a new group and compiles its phrases.
func (m *matcher) group(phrases []rules.Phrase) (groupID, []phraseFault) {
	id := groupID(m.groups)
	m.groups++
	var faults []phraseFault
	for i := range phrases {
		p, err := m.compile(id, &phrases[i])
		if err != nil {
			faults = append(faults, phraseFault{&phrases[i], err})
			continue
		}
		m.phrases = append(m.phrases, p)
	}
	return id, faults
}

type phraseFault struct {
	phrase *rules.Phrase
	err    error
}

func (m *matcher) compile(group groupID, src *rules.Phrase) (phrase, error) {
	p := phrase{group: group, weight: src.Weight, within: int32(src.Within), src: src}
	if p.weight == 0 {
		p.weight = 1
	}
	if p.within == 0 {
		p.within = defaultWithin
	}
	lists := []struct {
		from []string
		to   *[]termID
	}{{src.All, &p.all}, {src.Any, &p.any}, {src.Near, &p.near}, {src.Not, &p.not}}
	for _, list := range lists {
		for _, pattern := range list.from {
			id, err := m.terms.compile(pattern)
			if err != nil {
				return p, err
			}
			if len(m.terms.list[id].slots) > maxSlots {
				return p, fmt.Errorf("«%s»: больше %d слов", pattern, maxSlots)
			}
			*list.to = append(*list.to, id)
		}
	}
	if len(p.triggers()) == 0 {
		return p, fmt.Errorf("нет ни all, ни any, ни near")
	}
	return p, nil
}

// build makes the indexes once all groups are in.
func (m *matcher) build() {
	m.terms.setAnchors()
	m.bySlot = make([][]termID, m.terms.lex.size())
	m.byFirst = make([][]sequence, m.terms.lex.size())
	for _, s := range m.terms.lex.sequences {
		m.byFirst[s.parts[0]] = append(m.byFirst[s.parts[0]], s)
	}
	m.byTrigger = make([][]phraseID, len(m.terms.list))
	for i := range m.phrases {
		for _, t := range m.phrases[i].triggers() {
			if len(m.byTrigger[t]) == 0 {
				anchor := m.terms.list[t].slots[m.terms.list[t].anchor]
				m.bySlot[anchor] = append(m.bySlot[anchor], t)
			}
			m.byTrigger[t] = append(m.byTrigger[t], phraseID(i))
		}
	}
}
