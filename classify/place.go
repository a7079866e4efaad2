package classify

import (
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// locate fills the verdict's place and the evidence for it.
func (c *Classifier) locate(s *scratch, doc *text.Doc, post *domain.Post, v *domain.Verdict) {
	found, spans := c.places.Find(&s.place, doc, post.Home)
	v.Place = found
	for _, sp := range spans {
		start, end := doc.Span(sp.First, sp.Last)
		v.Evidence = append(v.Evidence, domain.Evidence{Start: start, End: end, Why: domain.WhyPlace})
	}
}
