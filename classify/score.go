package classify

import (
	"cmp"
	"math"
	"slices"
)

// nameScore is the score from which a topic is named; below it the evidence is
// a hint (docs/packs.md: weight 1 hint, 2 enough, 3 unmistakable).
const nameScore = 2.0

// shortText is the number of words up to which a text has hardly room for more
// than what it is about.
const shortText = 20

// candidate is a topic that has something to say for itself in a text.
type candidate struct {
	topic   int // index of Classifier.topics = its groupID
	row     int
	score   float64 // phrases and likeness
	phrases float64 // of it, the phrases
	count   int     // phrases that speak for it
	like    float64 // likeness, 0 to 1
	second  bool    // made the first by the second opinion
}

// rank lists the topics the text speaks for, best first; praise or the others.
func (c *Classifier) rank(s *scratch, praise bool) []candidate {
	s.ranked = s.ranked[:0]
	words := len(s.match.posting.sent)
	for i := range c.topics {
		if c.topics[i].praise != praise {
			continue
		}
		r := candidate{topic: i, row: c.topics[i].row, phrases: s.match.total(groupID(i))}
		if s.likeness != nil {
			r.like = s.likeness[i]
		}
		if r.phrases == 0 && r.like < hintFrom {
			continue
		}
		r.count = s.match.supporters(groupID(i))
		if r.row > 0 && r.count == 1 && words > longText && r.phrases < certainFrom {
			r.phrases -= chanceToll
		}
		if r.score = r.phrases + likenessBonus(r.like, words); r.hint() > 0 {
			s.ranked = append(s.ranked, r)
		}
	}
	slices.SortFunc(s.ranked, func(a, b candidate) int {
		// Equal scores must not be decided by chance: the one that more phrases
		// speak for, a row of the decree before ordinary order, the pack's order.
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.count, a.count),
			cmp.Compare(min(b.row, 1), min(a.row, 1)), cmp.Compare(a.topic, b.topic))
	})
	return s.ranked
}

// hint orders the alternatives that are offered beside the chosen row: there
// likeness speaks in texts of any length.
func (r candidate) hint() float64 {
	return max(r.score, r.phrases+hintRate*max(0, r.like-hintFrom))
}

const (
	hintFrom = 0.05
	hintRate = 25.0
)

// Chance: the longer a text, the likelier one phrase of some rare row stands in
// it by chance. A single phrase that is not unmistakable counts for less there.
const (
	longText    = 40 // words
	chanceToll  = 1.0
	certainFrom = 3.0
)

// oneEachRow keeps the best candidate of each row; ordinary order is one row.
// The first one stays first, the others go by their hints. kept is memory for them.
func oneEachRow(kept, ranked []candidate) []candidate {
	kept = kept[:0]
	for _, c := range ranked {
		if !slices.ContainsFunc(kept, func(k candidate) bool { return k.row == c.row }) {
			kept = append(kept, c)
		}
	}
	if len(kept) > 2 {
		slices.SortStableFunc(kept[1:], func(a, b candidate) int { return cmp.Compare(b.hint(), a.hint()) })
	}
	return kept
}

// Confidence constants. strength is how sure a score makes us when nothing
// speaks against it: 1 → 0.46, 2 → 0.71, 3 → 0.85, 4 → 0.92. A rival with the
// same score halves it; from a lead of fullLead on it no longer counts.
const (
	strengthRate = 0.625
	fullLead     = 2.0
	leastShare   = 0.02 // a candidate worth showing is never quite out of the question
)

// confidence grows with the score and with the lead over the best rival (which
// is negative for all but the first candidate). It lies in [0, 1).
func confidence(score, lead float64) float64 {
	if score <= 0 {
		return 0
	}
	strength := 1 - math.Exp(-strengthRate*score)
	share := max(leastShare, 0.5+0.5*min(1, lead/fullLead))
	return strength * share
}
