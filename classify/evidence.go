package classify

import (
	"cmp"
	"slices"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// maxEvidence is how many spans a verdict shows for one reason.
const maxEvidence = 8

// maxLikeEvidence is how many words are shown where likeness decided.
const maxLikeEvidence = 3

// evidence gives the words that made the phrases of a group fire, as spans of
// the original text, in its order. The answer is valid until the next use.
func (c *Classifier) evidence(m *match, doc *text.Doc, group groupID, why string) []domain.Evidence {
	list := m.shown[:0]
	for _, id := range m.fired {
		p := &c.matcher.phrases[id]
		if p.group != group {
			continue
		}
		for _, s := range m.support(p) {
			list = append(list, newEvidence(doc, s, why, p.weight < 0))
		}
	}
	m.shown = list
	return mergeEvidence(list)
}

// support is where the phrase's conditions were met first. The answer is valid until
// the next use.
func (x *match) support(p *phrase) []span {
	spans := x.supported[:0]
	if len(p.near) > 1 {
		if s, ok := x.cluster(p); ok {
			spans = append(spans, s)
		}
	} else if len(p.near) == 1 {
		spans = append(spans, x.supportBeside(p))
	}
	for _, t := range p.all {
		spans = append(spans, x.find(t)[:1]...)
	}
	for _, t := range p.any {
		if found := x.find(t); len(found) > 0 {
			spans = append(spans, found[0])
		}
	}
	x.supported = spans
	return spans
}

func (x *match) supportBeside(p *phrase) span {
	others := p.any
	if len(others) == 0 {
		others = p.all
	}
	if s, ok := x.beside(p, others); ok {
		return s
	}
	return x.find(p.near[0])[0]
}

// likeEvidence gives the words that make a text most like a topic.
func (c *Classifier) likeEvidence(m *match, doc *text.Doc, topic int, why string) []domain.Evidence {
	type part struct {
		pos    int
		weight float64
	}
	var parts []part
	for pos := range doc.Words {
		if w := c.like.part(m.at[pos].features[:m.at[pos].count], topic); w > 0 {
			parts = append(parts, part{pos, w})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.weight, a.weight), a.pos-b.pos) })
	var list []domain.Evidence
	for _, p := range parts[:min(maxLikeEvidence, len(parts))] {
		list = append(list, newEvidence(doc, span{int32(p.pos), int32(p.pos)}, why+", сходство", false))
	}
	return mergeEvidence(list)
}

func newEvidence(doc *text.Doc, s span, why string, against bool) domain.Evidence {
	start, end := doc.Span(int(doc.Words[s.first]), int(doc.Words[s.last]))
	return domain.Evidence{Start: start, End: end, Why: why, Against: against}
}

// mergeEvidence sorts the spans and joins those that overlap.
func mergeEvidence(list []domain.Evidence) []domain.Evidence {
	slices.SortFunc(list, func(a, b domain.Evidence) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	merged := list[:0] // never ahead of what is read
	for _, e := range list {
		if k := len(merged) - 1; k >= 0 && e.Start < merged[k].End && e.Against == merged[k].Against {
			merged[k].End = max(merged[k].End, e.End)
			continue
		}
		merged = append(merged, e)
	}
	return merged[:min(len(merged), maxEvidence)]
}

// quote fills in the words of each span of the original.
func quote(original string, list []domain.Evidence) {
	for i := range list {
		e := &list[i]
		start := runeOffset(original, 0, e.Start)
		e.Text = original[start:runeOffset(original, start, e.End-e.Start)]
	}
}

// runeOffset is the byte offset of the n-th rune after byte from.
func runeOffset(s string, from, n int) int {
	for i := range s[from:] {
		if n == 0 {
			return from + i
		}
		n--
	}
	return len(s)
}
