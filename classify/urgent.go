package classify

import (
	"cmp"
	"math"
	"slices"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// alarm is the danger to life or health a text names, with danger nil for none.
type alarm struct {
	danger  *danger
	clear   float64 // by how much it is named more clearly than it must be
	hinted  bool    // there is one, or something near it: no news of everyday life
	learned bool    // it would not be named without likeness to the examples
}

// alarmOf finds the danger named most clearly. Phrases alone decide in a long
// text and where nothing was learned; else the scale of danger weighs in.
func (c *Classifier) alarmOf(m *match, doc *text.Doc, learned *opinion, signs *signs, pet bool) alarm {
	worst, score := c.namedDanger(m, pet)
	if pet && score == 0 {
		return alarm{} // what the examples know of lost children is no news of it
	}
	least := nameScore + m.total(c.kinds.calm)
	if len(doc.Words) > longText {
		least += dangerToll
	}
	named := score >= least
	if learned.pieceWords > 0 {
		odds, from := signs.weigh(alarmWeights()), oddsAsked(score-least, len(doc.Words))
		if odds < from {
			return alarm{hinted: named || odds > hintFromOdds}
		}
		return alarm{danger: worst, hinted: true, clear: max(score-least, odds-unnamedShort, 0), learned: !named}
	}
	if !named {
		return alarm{}
	}
	return alarm{danger: worst, hinted: true, clear: score - least}
}

// namedDanger is the danger whose phrases weigh most, and their weight; unnamed
// when none fired. pet: an animal is lost, and no person.
func (c *Classifier) namedDanger(m *match, pet bool) (worst *danger, score float64) {
	worst = &c.unnamed
	for i := range c.urgent {
		if pet && c.urgent[i].persons {
			continue
		}
		if t := m.total(c.urgent[i].group); t > score {
			worst, score = &c.urgent[i], t
		}
	}
	return worst, score
}

// dangerToll is more than what one loose phrase of a danger has above nameScore:
// who is in danger writes short, a long text must name it more clearly.
const dangerToll = 0.4

// The odds asked for, the less the clearer the phrases name the danger. In a long
// text each sentence is one more chance for words to sound of danger by accident,
// so that there the scale alone must be surer. Of a few words the scale knows
// little: «Открытый люк» is all that need be said.
const (
	unnamedShort = 2.0
	unnamedLong  = 4.0
	namedOdds    = 0.0
	clearOdds    = -0.8
	fewWords     = 6

	hintFromOdds = 1.0 // a complaint is likelier from here on: a false hint costs nothing
	nearLead     = 0.6 // below it: all but named, calmed by one word
	clearLead    = 1.0 // above what must be reached: named unmistakably
	clearScore   = 3.0 // the same of a phrase
)

// oddsAsked tells from what odds on a text is urgent whose phrases lead by so
// much over what names a danger.
func oddsAsked(lead float64, words int) float64 {
	switch {
	case lead >= clearLead && words < fewWords:
		return math.Inf(-1)
	case lead >= clearLead:
		return clearOdds
	case lead >= 0:
		return namedOdds
	case words > shortText && lead < -nearLead:
		return unnamedLong
	}
	return unnamedShort
}

// alarmEvidence shows the words of the danger's phrases, or those that are most
// like the examples.
func (c *Classifier) alarmEvidence(m *match, doc *text.Doc, a alarm) []domain.Evidence {
	why := "срочно: " + a.danger.title
	if a.danger != &c.unnamed {
		if list := c.evidence(m, doc, a.danger.group, why); len(list) > 0 {
			return list
		}
	}
	type part struct {
		pos    int
		weight float64
	}
	var parts []part
	for pos := range doc.Words {
		if w := c.lesson.dangerOfWord(doc.Word(pos)); w > 0 {
			parts = append(parts, part{pos, w})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.weight, a.weight), a.pos-b.pos) })
	var list []domain.Evidence
	for _, p := range parts[:min(maxLikeEvidence, len(parts))] {
		list = append(list, newEvidence(doc, span{int32(p.pos), int32(p.pos)}, why, false))
	}
	return mergeEvidence(list)
}
