package model

import (
	"math"

	"github.com/otklik/otklik/classify/text"
)

// knownWord is what a model makes of a word wherever it stands. Its scores are those of
// its number among the predictor's.
type knownWord struct {
	some   bool      // training saw its stem or letters
	square float64   // of their length
	pair   text.Hash // what its stem is in pairs
}

// mostKnownScores bounds what one predictor remembers: a word has a score for each
// label. leastKnownWords are remembered however many labels there are.
const (
	mostKnownScores = 1 << 20
	leastKnownWords = 1 << 10
)

// meet looks up the words of a text, and what is made of each.
func (p *Predictor) meet(doc *text.Doc) {
	p.numbers = p.lexicon.Of(p.numbers, doc)
	if p.epoch != p.lexicon.Epoch() || len(p.known) >= max(leastKnownWords, mostKnownScores/p.columns()) {
		p.epoch = p.lexicon.Epoch()
		p.places, p.known, p.scored = p.places[:0], p.known[:0], p.scored[:0]
	}
	p.at = p.at[:0]
	for _, number := range p.numbers {
		for int(number) >= len(p.places) {
			p.places = append(p.places, 0)
		}
		if p.places[number] == 0 {
			p.learn(number)
		}
		p.at = append(p.at, p.places[number]-1)
	}
}

// learn remembers a word: its letters are cut and weighed once.
func (p *Predictor) learn(number int32) {
	columns := p.columns()
	stem := p.lexicon.Stem(number)
	p.ids = p.ids[:0]
	p.alone(p.lexicon.Word(number), stem)
	w := knownWord{pair: inPair(stem)}
	p.scored = append(p.scored, make([]float32, columns)...)
	scores := p.scored[len(p.scored)-columns:]
	for _, id := range p.ids {
		if row := p.words.rows[id]; row >= 0 {
			w.square += p.add(scores, row, 1)
			w.some = true
		}
	}
	p.known = append(p.known, w)
	p.places[number] = int32(len(p.known))
}

// scoresOf are what a known word weighs, by label.
func (p *Predictor) scoresOf(known int32) []float32 {
	columns := p.columns()
	return p.scored[int(known)*columns:][:columns]
}

// add adds what a row weighs to scores, so many times, and gives the square of its
// length.
func (m *Model) add(scores []float32, row int32, times float32) float64 {
	r := &m.sparse.rows[row]
	m.sparse.add(scores, r, r.rarity*times)
	return float64(r.rarity) * float64(r.rarity)
}

// pairRow is the row of the pair that ends with the word at pos, -1 for one that training
// never saw: most are.
func (p *Predictor) pairRow(pos int) int32 {
	id := pairOf(p.known[p.at[pos-1]].pair, p.known[p.at[pos]].pair)
	if !p.words.pairs.Has(id - pairsFrom) {
		return -1
	}
	return p.words.rows[id]
}

// gather puts into p.scores what the features of a text weigh together, with a length of
// one; false when training saw none of them.
func (p *Predictor) gather(doc *text.Doc) bool {
	p.meet(doc)
	clear(p.scores)
	for len(p.counts) < len(p.known) {
		p.counts = append(p.counts, 0)
	}
	for _, at := range p.at {
		p.counts[at]++
	}
	square, some := 0.0, false
	p.pairs = p.pairs[:0]
	for pos, at := range p.at {
		if n := p.counts[at]; n > 0 {
			w := &p.known[at]
			p.counts[at] = 0
			square += p.word(at, p.often(int(n))) * w.square
			some = some || w.some
		}
		row := int32(-1)
		if pos > 0 {
			row = p.pairRow(pos)
		}
		p.pairs = append(p.pairs, row)
		if row >= 0 {
			square += p.add(p.scores, row, 1)
			some = true
		}
	}
	if square > 0 {
		norm := float32(1 / math.Sqrt(square))
		for class := range p.scores {
			p.scores[class] *= norm
		}
	}
	return some
}

// word adds what a word weighs, so many times, and gives the square of that.
func (p *Predictor) word(known int32, times float32) float64 {
	addWhole(p.scores, p.scoresOf(known), times)
	return float64(times) * float64(times)
}

// often is oftenness, remembered.
func (p *Predictor) often(n int) float32 {
	for len(p.logs) <= n && n < mostLogs {
		p.logs = append(p.logs, oftenness(max(1, len(p.logs))))
	}
	if n < len(p.logs) {
		return p.logs[n]
	}
	return oftenness(n)
}

// mostLogs are remembered: few words stand more often in a text.
const mostLogs = 256

// addWhole adds weights so many times, eight side by side: one by one the whole verdict
// took a fifth longer.
func addWhole[T int8 | float32](scores []float32, weights []T, times float32) {
	for len(scores) >= 8 && len(weights) >= 8 {
		s, w := (*[8]float32)(scores), (*[8]T)(weights)
		s[0] += float32(w[0]) * times
		s[1] += float32(w[1]) * times
		s[2] += float32(w[2]) * times
		s[3] += float32(w[3]) * times
		s[4] += float32(w[4]) * times
		s[5] += float32(w[5]) * times
		s[6] += float32(w[6]) * times
		s[7] += float32(w[7]) * times
		scores, weights = scores[8:], weights[8:]
	}
	for i, w := range weights {
		scores[i] += float32(w) * times
	}
}
