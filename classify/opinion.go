package classify

import (
	"math"

	"github.com/otklik/otklik/classify/text"
)

// opinion is what the scales say of a text, as logarithms of odds.
type opinion struct {
	danger     float64 // of the piece that sounds most like danger
	pieceWords int     // of that piece, 0 when the scales were not asked
	other      float64 // the mean of the pieces, by their words
	thanks     float64 // the same
}

// neutralOdds stand where the scales are silent.
const neutralOdds = -3.0

// pieceWords is the length from which a text speaks through its phrases alone.
const pieceWords = 150

// consult asks the scales: danger may stand in one sentence of a long story.
func (c *Classifier) consult(s *scratch, d *text.Doc) {
	s.learned = opinion{danger: neutralOdds, other: neutralOdds, thanks: neutralOdds}
	if c.lesson == nil || len(d.Words) > pieceWords {
		return
	}
	o := opinion{danger: math.Inf(-1)}
	asked := 0
	pieces(d, func(from, to int) {
		var odds [scales]float64
		if !c.odds(s, d, from, to, odds[:]) {
			return
		}
		words := to - from
		if odds[scaleDanger] > o.danger {
			o.danger, o.pieceWords = odds[scaleDanger], words
		}
		o.other += odds[scaleOther] * float64(words)
		o.thanks += odds[scaleThanks] * float64(words)
		asked += words
	})
	if asked > 0 {
		o.other /= float64(asked)
		o.thanks /= float64(asked)
		s.learned = o
	}
}

// dangerOfWord is what one word weighs on the scale of danger.
func (l *lesson) dangerOfWord(w string) float64 {
	if l == nil {
		return 0
	}
	return l.scales.Weight(scaleDanger, appendWord(nil, w, text.Stem(w)))
}
