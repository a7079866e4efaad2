package classify

import (
	"math"

	"github.com/otklik/otklik/classify/text"
)

// signs are what speaks for or against a kind or a danger, each a number; the
// weights that join them are fitted to the example sentences (weights.go).
type signs [signCount]float64

const (
	signOne         = iota // of every text
	signOther              // the scales' odds
	signThanks             //
	signDanger             //
	signVoice              // phrases of signals.yaml
	signProblem            //
	signThankful           //
	signReport             //
	signCalm               //
	signNamed              // phrases that name a danger
	signUnnamed            // none does so much as hint at one
	signClear              // one does unmistakably
	signTopic              // a topic's phrases
	signPraise             // those of a topic of thanks
	signLike               // likeness to a topic
	signRefusal            // somebody does not do a thing
	signOrder              // somebody is told to do one
	signOffice             // an office did one
	signOrnament           // links, tags, typesetting
	signQuestion           //
	signExclaim            //
	signWords              // the logarithm of their number
	signMargin             // by how much the phrases make it a problem
	signThankMargin        // the same of thanks; both are known to the kind alone
	signCount
)

// lengthMost bounds the logarithm of the words: who says more, means it, up to a
// point.
const lengthMost = 3.2

// signMost bounds a score: what is said ten times is not ten times as sure.
const signMost = 4.0

func (c *Classifier) signsOf(m *match, d *text.Doc, learned *opinion, sub subject, pet bool) signs {
	_, named := c.namedDanger(m, pet)
	words := learned.pieceWords
	if words == 0 {
		words = len(d.Words)
	}
	return signs{
		signOne:   1,
		signOther: learned.other, signThanks: learned.thanks, signDanger: learned.danger,
		signVoice:    bounded(m.total(c.kinds.voice)),
		signProblem:  bounded(m.total(c.kinds.problem)),
		signThankful: bounded(m.total(c.kinds.thanks)),
		signReport:   bounded(m.total(c.kinds.other)),
		signCalm:     bounded(m.total(c.kinds.calm)),
		signNamed:    bounded(named), signUnnamed: one(named == 0), signClear: one(named >= clearScore),
		signTopic: bounded(sub.topics), signPraise: bounded(sub.praise), signLike: min(sub.like, 0.5) * 10,
		signRefusal: one(hasRefusal(d)), signOrder: one(c.words.hasOrder(d)), signOffice: one(c.words.hasReport(d)),
		signOrnament: bounded(c.words.shapeOfOther(d)),
		signQuestion: one(d.Shape.Questions > 0), signExclaim: one(d.Shape.Exclaims > 0),
		signWords: min(lengthMost, math.Log(float64(words+1))),
	}
}

func bounded(score float64) float64 { return max(-signMost, min(signMost, score)) }

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// weigh joins the signs.
func (s *signs) weigh(weights signs) float64 {
	sum := 0.0
	for i, w := range weights {
		sum += w * s[i]
	}
	return sum
}
