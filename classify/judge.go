package classify

import (
	"fmt"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// maxAlternatives is how many rows a verdict offers.
const maxAlternatives = 3

func (c *Classifier) judge(s *scratch, post *domain.Post) domain.Verdict {
	v := domain.Verdict{PackHash: c.pack.Hash, Kind: domain.Other}
	doc, err := s.analyzer.Analyze(post.Text)
	v.Faults = doc.Faults
	if err != nil {
		v.Faults = append(v.Faults, domain.Fault{Code: domain.FaultUnknownShape, Detail: err.Error()})
		v.Reason = "текст не удалось разобрать"
		return v
	}
	v.Language = language(doc)
	v.Fingerprint = fingerprint(doc)
	s.match.run(doc)
	c.decide(s, doc, &v)
	c.locate(s, doc, post, &v)
	quote(post.Text, v.Evidence)
	return v
}

// decide fills kind, urgency, row and the reasons for them.
func (c *Classifier) decide(s *scratch, doc *text.Doc, v *domain.Verdict) {
	if v.Language != "ru" {
		v.Reason = "текст не на русском языке"
		v.Confidence = 0.5
		return
	}
	danger := c.dangerOf(s.match)
	praise := oneEachRow(c.rank(s, true))
	ranked := oneEachRow(c.rank(s, false))
	kind, score := c.kindOf(s.match, doc, subject{best(ranked), best(praise), danger != nil})
	v.Kind = kind
	if kind == domain.Thanks {
		ranked = praise
	}
	if kind == domain.Other {
		v.Confidence = kindConfidence(score.other, score.problem)
		v.Reason = reasonOther(score)
		return
	}
	c.choose(s, doc, ranked, v)
	if kind == domain.Problem && danger != nil {
		v.Urgent = true
		v.Evidence = append(v.Evidence, c.evidence(s.match, doc, danger.group, "срочно: "+danger.title)...)
	}
}

// best is the score of the first candidate.
func best(ranked []candidate) float64 {
	if len(ranked) == 0 {
		return 0
	}
	return ranked[0].score
}

// choose names the row by the best candidate, or ordinary order without topic
// when none is strong enough.
func (c *Classifier) choose(s *scratch, doc *text.Doc, ranked []candidate, v *domain.Verdict) {
	if len(ranked) == 0 || ranked[0].score < nameScore {
		ranked = append([]candidate{{topic: -1}}, withoutOrdinary(ranked)...)
	}
	v.Alternatives = c.alternatives(ranked)
	first := ranked[0]
	v.Row = first.row
	v.Confidence = v.Alternatives[0].Confidence
	v.Margin = v.Confidence
	if len(v.Alternatives) > 1 {
		v.Margin -= v.Alternatives[1].Confidence
	}
	if first.topic < 0 {
		v.Category = "Вне Перечня"
		v.Reason = "ни одна строка Перечня не подтвердилась: обычный порядок"
		return
	}
	t := &c.topics[first.topic]
	v.Topic = t.id
	v.Category, v.Subcategory = t.title, ""
	if t.category != nil {
		v.Category, v.Subcategory = t.category.Category, t.category.Subcategory
	}
	v.Evidence = append(v.Evidence, c.evidence(s.match, doc, groupID(first.topic), c.why(t))...)
	v.Reason = c.reason(ranked)
}

func withoutOrdinary(ranked []candidate) []candidate {
	var kept []candidate
	for _, r := range ranked {
		if r.row != 0 {
			kept = append(kept, r)
		}
	}
	return kept
}

// unnamedConfidence is that of ordinary order for want of any topic.
const unnamedConfidence = 0.3

func (c *Classifier) alternatives(ranked []candidate) []domain.Alternative {
	ranked = ranked[:min(maxAlternatives, len(ranked))]
	list := make([]domain.Alternative, 0, len(ranked))
	for i, r := range ranked {
		rival := 0.0
		if i > 0 {
			rival = ranked[0].score
		} else if len(ranked) > 1 {
			rival = ranked[1].score
		}
		a := domain.Alternative{Row: r.row, Confidence: confidence(r.score, r.score-rival)}
		if r.topic >= 0 {
			a.Topic = c.topics[r.topic].id
		} else {
			a.Confidence = unnamedConfidence
		}
		if i > 0 {
			a.Confidence = min(a.Confidence, list[i-1].Confidence)
		}
		list = append(list, a)
	}
	return list
}

func (c *Classifier) why(t *topic) string {
	if t.category == nil {
		return fmt.Sprintf("обычный порядок «%s»", t.title)
	}
	return fmt.Sprintf("стр. %d «%s»", t.row, t.category.Subcategory)
}

func (c *Classifier) reason(ranked []candidate) string {
	first := &c.topics[ranked[0].topic]
	why := c.why(first)
	if len(ranked) == 1 || ranked[1].topic < 0 {
		return why + ": других кандидатов нет"
	}
	second := &c.topics[ranked[1].topic]
	return fmt.Sprintf("%s: %.1f против %.1f у %s", why, ranked[0].score, ranked[1].score, c.why(second))
}

func reasonOther(k kindScore) string {
	if k.other > k.problem {
		return fmt.Sprintf("не обращение: признаков новости, рекламы или разговора %.1f, жалобы %.1f", k.other, k.problem)
	}
	return fmt.Sprintf("не обращение: признаков жалобы мало (%.1f)", k.problem)
}

// kindConfidence is how sure a kind is, given what speaks for it and against.
func kindConfidence(pro, contra float64) float64 {
	lead := pro - contra
	if lead < 0 {
		lead = 0
	}
	return confidence(1+lead, lead)
}
