package classify

import (
	"fmt"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// locate finds the verdict's place and the words that tell it. The words of a
// name say nothing about the problem: s.place.Taken keeps them from the phrases.
func (c *Classifier) locate(s *scratch, doc *text.Doc, post *domain.Post, v *domain.Verdict) {
	s.located = s.located[:0]
	found, spans := c.places.Find(&s.place, doc, post.Home)
	v.Place = found
	for _, sp := range spans {
		start, end := doc.Span(sp.First, sp.Last)
		s.located = append(s.located, domain.Evidence{Start: start, End: end, Why: domain.WhyPlace})
	}
}

// wordsElsewhere is the end of the reason of a verdict on another region's place.
const wordsElsewhere = "%s; место названо в другом регионе: %s"

// placed adds what locate found to a verdict that is otherwise made.
func placed(s *scratch, v *domain.Verdict) {
	v.Evidence = append(v.Evidence, s.located...)
	if v.Place.Source == domain.PlaceElsewhere {
		v.Reason = fmt.Sprintf(wordsElsewhere, v.Reason, v.Place.Elsewhere)
	}
}
