package classify

import (
	"cmp"
	"slices"

	"github.com/otklik/otklik/rules"
)

// Explanation shows authors of phrases how a text was scored.
type Explanation struct {
	Problem, Thanks, Other float64 // kind scores
	// What the scales say; neutralOdds where they are silent.
	DangerOdds, OtherOdds, ThanksOdds float64
	Signs                             []float64 // what weights are fitted to (weights.go)
	Groups                            []GroupScore
}

// GroupScore is the score of one topic, kind signal or danger and the phrases
// that made it.
type GroupScore struct {
	Name    string // topic id, "kind:problem", "urgent:gas"
	Row     int
	Score   float64
	Phrases []*rules.Phrase
}

// Explain scores a text and names every phrase that fired, best group first.
func (c *Classifier) Explain(post string) (Explanation, error) {
	s := c.newScratch()
	doc, err := s.analyzer.Analyze(post)
	if err != nil {
		return Explanation{}, err
	}
	c.weigh(s, doc)
	praise := slices.Clone(c.rank(s, true))
	sub := c.subject(c.rank(s, false), praise)
	pet := c.words.petLost(s.match, doc)
	signs := c.signsOf(s.match, doc, &s.learned, sub, pet)
	_, k := c.kindOf(s.match, doc, &s.learned, sub, signs, c.alarmOf(s.match, doc, &s.learned, &signs, pet))
	signs[signMargin], signs[signThankMargin] = bounded(k.margin), bounded(k.thankMargin)
	e := Explanation{Problem: k.problem, Thanks: k.thanks, Other: k.other}
	e.DangerOdds, e.OtherOdds, e.ThanksOdds = s.learned.danger, s.learned.other, s.learned.thanks
	e.Signs = signs[:]
	for _, g := range s.match.groups {
		e.Groups = append(e.Groups, c.explainGroup(s.match, g))
	}
	slices.SortFunc(e.Groups, func(a, b GroupScore) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name))
	})
	return e, nil
}

func (c *Classifier) explainGroup(m *match, g groupID) GroupScore {
	gs := GroupScore{Name: c.groupName(g), Score: m.total(g)}
	if int(g) < len(c.topics) {
		gs.Row = c.topics[g].row
	}
	for _, id := range m.fired {
		if p := &c.matcher.phrases[id]; p.group == g {
			gs.Phrases = append(gs.Phrases, p.src)
		}
	}
	return gs
}

func (c *Classifier) groupName(g groupID) string {
	if int(g) < len(c.topics) {
		return c.topics[g].id
	}
	switch g {
	case c.kinds.voice:
		return "kind:voice"
	case c.kinds.problem:
		return "kind:problem"
	case c.kinds.thanks:
		return "kind:thanks"
	case c.kinds.other:
		return "kind:other"
	case c.kinds.calm:
		return "urgent:calm"
	}
	for i := range c.urgent {
		if c.urgent[i].group == g {
			return "urgent:" + c.urgent[i].id
		}
	}
	return ""
}
