package classify

import (
	"fmt"

	"github.com/otklik/otklik/classify/bitset"
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
	bySlot    shelf[anchored] // by anchor: terms to look at when it is in the text
	byTrigger shelf[armed]    // by term: phrases to look at when it is
	anchors   bitset.Set      // slots that have some of the first
	begins    bitset.Set      // slots that have some of the last
	byFirst   shelf[begun]    // by slot of their first word
}

// anchored is a term; without its other rarest slot it is not in a text.
type anchored struct {
	term  termID
	other slotID // anySlot for a term of one
}

// begun is a sequence; without its second slot it is not in a text.
type begun struct {
	second slotID
	*sequence
}

// armed is a phrase; without these slots it does not fire.
type armed struct {
	phrase phraseID
	others [2]slotID // anySlot for none
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
	uses := m.terms.setAnchors()
	slots := m.terms.lex.size()
	bySlot, byFirst := make([][]anchored, slots), make([][]begun, slots)
	for i := range m.terms.lex.sequences {
		s := &m.terms.lex.sequences[i]
		byFirst[s.parts[0]] = append(byFirst[s.parts[0]], begun{s.parts[1], s})
	}
	byTrigger := make([][]armed, len(m.terms.list))
	for i := range m.phrases {
		for _, t := range m.phrases[i].triggers() {
			if len(byTrigger[t]) == 0 {
				term := &m.terms.list[t]
				anchor := term.slots[term.anchor]
				bySlot[anchor] = append(bySlot[anchor], anchored{t, term.other(uses)})
			}
			byTrigger[t] = append(byTrigger[t], armed{phraseID(i), m.needed(&m.phrases[i], t)})
		}
	}
	m.anchors, m.begins = bitset.New(slots), bitset.New(slots)
	for slot := range slots {
		if len(bySlot[slot]) > 0 {
			m.anchors.Add(uint32(slot))
		}
		if len(byFirst[slot]) > 0 {
			m.begins.Add(uint32(slot))
		}
	}
	m.bySlot, m.byTrigger, m.byFirst = newShelf(bySlot), newShelf(byTrigger), newShelf(byFirst)
}

// needed are slots that must be filled for a phrase to fire beside its trigger: the
// anchors of the other terms it must have.
func (m *matcher) needed(p *phrase, trigger termID) [2]slotID {
	slots, n := [2]slotID{anySlot, anySlot}, 0
	for _, list := range [][]termID{p.all, p.near} {
		for _, t := range list {
			if t == trigger || n == len(slots) {
				continue
			}
			slots[n] = m.terms.list[t].slots[m.terms.list[t].anchor]
			n++
		}
	}
	return slots
}
