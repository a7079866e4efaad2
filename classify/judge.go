package classify

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// maxAlternatives is how many rows a verdict offers.
const maxAlternatives = 3

func (c *Classifier) judge(s *scratch, post *domain.Post) domain.Verdict {
	v := domain.Verdict{PackHash: c.pack.Hash, Models: c.models, Kind: domain.Other}
	doc, err := s.analyzer.Analyze(post.Text)
	v.Faults = doc.Faults
	if err != nil {
		v.Faults = append(v.Faults, domain.Fault{Code: domain.FaultUnknownShape, Detail: err.Error()})
		v.Reason = "текст не удалось разобрать"
		return v
	}
	v.Language = language(doc)
	v.Fingerprint = s.fingerprint(doc)
	v.Evidence = s.evidence
	c.places.Scan(&s.place, doc)
	c.weigh(s, doc)
	c.decide(s, doc, &v)
	c.locate(s, doc, post, &v)
	quote(post.Text, v.Evidence)
	s.evidence = v.Evidence[:0]
	v.Evidence = append([]domain.Evidence(nil), v.Evidence...) // none is nil
	return v
}

// weigh runs all that has a say over a text.
func (c *Classifier) weigh(s *scratch, doc *text.Doc) {
	c.matched(s, doc)
	if c.rows != nil || c.kindModel != nil {
		s.hints = c.hints.of(s.hints[:0], s)
	}
	c.consult(s, doc)
}

// matched runs the phrases and the likeness over a text.
func (c *Classifier) matched(s *scratch, doc *text.Doc) {
	s.match.run(doc, s.place.Taken)
	if c.like != nil {
		c.like.score(s.likeness, s.match.features, s.alike)
	}
}

// decide fills kind, urgency, row and the reasons for them.
func (c *Classifier) decide(s *scratch, doc *text.Doc, v *domain.Verdict) {
	if v.Language != "ru" {
		v.Reason = "текст не на русском языке"
		v.Confidence = 0.5
		return
	}
	s.praise = oneEachRow(s.praise, c.rank(s, true))
	s.others = oneEachRow(s.others, c.rank(s, false))
	praise, ranked := s.praise, s.others
	sub := c.subject(ranked, praise)
	pet := c.words.petLost(s.match, doc)
	signs := c.signsOf(s.match, doc, &s.learned, sub, pet)
	alarm := c.alarmOf(s.match, doc, &s.learned, &signs, pet)
	kind, score := c.kindOf(s.match, doc, &s.learned, sub, signs, alarm)
	hardly := ""
	if kind == domain.Problem && alarm.danger == nil {
		if hardly = score.hardly(&doc.Shape, &signs); hardly != "" {
			kind = domain.Other
		}
	}
	kind, model, differs := c.joinKind(s, doc, kind, alarm.danger != nil)
	v.Kind = kind
	if kind == domain.Thanks {
		ranked = praise
	}
	if kind == domain.Other {
		v.Confidence = kindConfidence(score.other, score.problem)
		v.Reason = "не обращение: " + c.kindReason(s, doc, kind, &score, &signs) + model
		if v.Doubt = cmp.Or(differs, hardly); v.Doubt != "" {
			v.Reason += "; сомнение: " + v.Doubt
		}
		// None is chosen: that comes first, the rows it might have been follow.
		v.Alternatives = c.alternatives(append([]candidate{{topic: -1}}, withoutOrdinary(ranked)...), maxAlternatives)
		return
	}
	c.choose(s, doc, ranked, v)
	v.Reason += "; " + kindName(kind) + ": " + c.kindReason(s, doc, kind, &score, &signs) + model
	switch kind {
	case domain.Problem:
		v.Doubt = score.doubt(&signs)
	case domain.Thanks:
		v.Doubt = c.mockery(s, doc)
	}
	v.Doubt = cmp.Or(v.Doubt, differs)
	if v.Doubt != "" {
		v.Reason += "; сомнение: " + v.Doubt
	}
	if kind == domain.Problem && alarm.danger != nil {
		v.Urgent = true
		v.Evidence = append(v.Evidence, c.alarmEvidence(s.match, doc, alarm)...)
	}
}

// subject sums up what topics say before the kind is known.
func (c *Classifier) subject(ranked, praise []candidate) subject {
	var sub subject
	for _, r := range ranked {
		sub.topics = max(sub.topics, r.phrases)
		sub.like = max(sub.like, r.like)
	}
	for _, r := range praise {
		sub.praise = max(sub.praise, r.phrases)
	}
	return sub
}

// choose names the row by the best candidate, or ordinary order without topic
// when none is strong enough.
func (c *Classifier) choose(s *scratch, doc *text.Doc, ranked []candidate, v *domain.Verdict) {
	if len(ranked) == 0 || ranked[0].score < nameScore {
		ranked = append([]candidate{{topic: -1}}, withoutOrdinary(ranked)...)
	}
	if c.rows != nil && v.Kind == domain.Problem {
		c.chooseJoined(s, doc, ranked, v)
		return
	}
	ranked = c.secondOpinion(s, doc, ranked)
	v.Alternatives = c.alternatives(ranked, maxAlternatives)
	first := ranked[0]
	if first.topic >= 0 && (first.phrases < nameScore || first.second) {
		// Named with the help of likeness: worth proposing, never worth sending unseen.
		for i := range v.Alternatives {
			v.Alternatives[i].Confidence = min(v.Alternatives[i].Confidence, likenedConfidence)
		}
	}
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
	v.Category, v.Subcategory = t.names()
	v.Evidence = append(v.Evidence, c.evidence(s.match, doc, groupID(first.topic), t.why)...)
	if (first.phrases < nameScore || first.second) && c.like != nil {
		v.Evidence = append(v.Evidence, c.likeEvidence(s.match, doc, first.topic, t.why)...)
	}
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

// likenedConfidence is the most that a row named with the help of likeness gets;
// it lies below every region's threshold of unseen assignment.
const likenedConfidence = 0.6

// unnamedConfidence is that of ordinary order for want of any topic.
const unnamedConfidence = 0.3

// alternatives offers the first rows. The first one's confidence depends on its
// best rival, the others' on how far they are behind the first.
func (c *Classifier) alternatives(ranked []candidate, most int) []domain.Alternative {
	return c.appendAlternatives(make([]domain.Alternative, 0, maxAlternatives), ranked, most)
}

// appendAlternatives is alternatives in memory that is there.
func (c *Classifier) appendAlternatives(list []domain.Alternative, ranked []candidate, most int) []domain.Alternative {
	for i, r := range ranked[:min(most, len(ranked))] {
		lead := r.score - ranked[0].score
		if rival := best(ranked[1:]); i == 0 && rival != nil {
			lead = r.score - rival.score
		} else if i == 0 {
			lead = r.score
		}
		a := domain.Alternative{Row: r.row, Confidence: confidence(max(r.score, hintScore), lead)}
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

// hintScore is what a row that is only hinted at counts for.
const hintScore = 0.2

func (c *Classifier) reason(ranked []candidate) string {
	first := &c.topics[ranked[0].topic]
	why := first.why
	if ranked[0].second {
		return why + ": фразы не дают уверенного ответа, больше всего похоже на примеры этой темы"
	}
	if ranked[0].phrases < nameScore {
		why += ", с учётом сходства с примерами"
	}
	rival := best(ranked[1:])
	if rival == nil || rival.topic < 0 {
		return why + ": других кандидатов нет"
	}
	return fmt.Sprintf("%s: %s против %s (%s)", why, tenths(ranked[0].score), tenths(rival.score), c.topics[rival.topic].why)
}

// best is the candidate with the highest score, nil when none has any.
func best(ranked []candidate) *candidate {
	var found *candidate
	for i := range ranked {
		if r := &ranked[i]; r.score > 0 && (found == nil || r.score > found.score) {
			found = r
		}
	}
	return found
}

// tenths writes a score as Russian does: «3,9».
func tenths(score float64) string {
	return strings.Replace(strconv.FormatFloat(score, 'f', 1, 64), ".", ",", 1)
}

// kindConfidence is how sure a kind is, given what speaks for it and against.
func kindConfidence(pro, contra float64) float64 {
	lead := pro - contra
	if lead < 0 {
		lead = 0
	}
	return confidence(1+lead, lead)
}
