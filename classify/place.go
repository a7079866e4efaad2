package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// Ends of the reason of a verdict on another region's place, and on one of several.
const (
	wordsElsewhere = "%s; место названо в другом регионе: %s"
	wordsNamedToo  = "%s; названо и другое место: %s"
	wordsDisputed  = "%s; названо несколько муниципалитетов, где проблема, неясно: %s"
)

// locate adds the place to a verdict that is otherwise made, and the words that
// tell it. Names were found before: the words of a name say nothing about the
// problem, s.place.Taken keeps them from the phrases. Which of several is meant is
// seen from where the problem was told.
func (c *Classifier) locate(s *scratch, doc *text.Doc, post *domain.Post, v *domain.Verdict) {
	found, spans := c.places.Resolve(&s.place, post.Home, func() []int { return c.problemTokens(s, doc, v) })
	v.Place = found
	for _, sp := range spans {
		start, end := doc.Span(sp.First, sp.Last)
		v.Evidence = append(v.Evidence, domain.Evidence{Start: start, End: end, Why: domain.WhyPlace})
	}
	if v.Kind != domain.Other {
		v.Print = c.print(s, doc, spans, v)
		v.Event = c.eventOf(s.match)
	}
	switch {
	case found.Source == domain.PlaceElsewhere:
		v.Reason = fmt.Sprintf(wordsElsewhere, v.Reason, found.Elsewhere)
	case len(found.Candidates) > 1 && found.Municipality != "" && !found.Disputed:
		v.Reason = fmt.Sprintf(wordsNamedToo, v.Reason, strings.Join(c.municipalityNames(found.Candidates[1:]), ", "))
	case found.Disputed:
		v.Reason = fmt.Sprintf(wordsDisputed, v.Reason, strings.Join(c.municipalityNames(found.Candidates), ", "))
	}
}

func (c *Classifier) municipalityNames(ids []string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = c.places.MunicipalityName(id)
	}
	return names
}

// problemTokens are the tokens that told the problem: the ends of what speaks for
// the topic, and the words of complaint.
func (c *Classifier) problemTokens(s *scratch, doc *text.Doc, v *domain.Verdict) []int {
	if v.Kind != domain.Problem {
		return nil
	}
	var tokens []int
	add := func(group groupID) {
		for _, id := range s.match.fired {
			if p := &c.matcher.phrases[id]; p.group == group && p.weight > 0 {
				for _, at := range s.match.support(p) {
					tokens = append(tokens, int(doc.Words[at.first]), int(doc.Words[at.last]))
				}
			}
		}
	}
	if topic := slices.IndexFunc(c.topics, func(t topic) bool { return v.Topic != "" && t.id == v.Topic }); topic >= 0 {
		add(groupID(topic))
	}
	add(c.kinds.problem)
	return tokens
}
