package classify

import (
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// kindGroups are the matcher's groups of signals.yaml.
type kindGroups struct {
	problem, thanks, other groupID
}

// kindScore is what speaks for each kind.
type kindScore struct {
	problem, thanks, other float64
}

// kindOf tells problem, thanks and other apart; topics is the best topic score,
// urgent whether a danger was named.
func (c *Classifier) kindOf(m *match, d *text.Doc, topics float64, urgent bool) (domain.Kind, kindScore) {
	k := kindScore{
		problem: m.total(c.kinds.problem) + min(topics, 3)*0.7,
		thanks:  m.total(c.kinds.thanks),
		other:   m.total(c.kinds.other) + shapeOfOther(&d.Shape),
	}
	if urgent {
		k.problem += 3
	}
	switch {
	case k.thanks > k.problem && k.thanks >= 2 && k.thanks > k.other:
		return domain.Thanks, k
	case k.problem-k.other >= c.problemScore():
		return domain.Problem, k
	}
	return domain.Other, k
}

func (c *Classifier) problemScore() float64 {
	if t := c.pack.Region.Thresholds.ProblemScore; t > 0 {
		return t
	}
	return 1
}

// shapeOfOther: news and advertising link, tag and decorate; complaints hardly.
func shapeOfOther(s *text.Shape) float64 {
	score := 0.0
	if s.Links > 0 {
		score++
	}
	if s.Hashtags > 1 {
		score += 0.5
	}
	return score
}
