package model

import (
	"math"

	"github.com/otklik/otklik/classify/bitset"
	"github.com/otklik/otklik/classify/text"
)

// knownWord is what a model makes of a word wherever it stands, if each of its features
// stood in the text once: most do. What stands more often is put right afterwards. Its
// scores are those of its number among the predictor's.
type knownWord struct {
	rows   stretch   // of Predictor.rows: of its stem and letters
	square float64   // of their length
	pair   text.Hash // how the feature of its pair begins
}

// stretch is a part of a longer list.
type stretch struct{ from, n uint32 }

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
		p.places, p.known, p.scored, p.rows = p.places[:0], p.known[:0], p.scored[:0], p.rows[:0]
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
	w := knownWord{rows: stretch{from: uint32(len(p.rows))}, pair: pairOf(stem)}
	p.scored = append(p.scored, make([]float32, columns)...)
	scores := p.scored[len(p.scored)-columns:]
	for _, id := range p.ids {
		if row := p.words.rows[id]; row >= 0 {
			p.rows = append(p.rows, row)
			w.square += p.add(scores, row, 1)
		}
	}
	w.rows.n = uint32(len(p.rows)) - w.rows.from
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
	id := pairID(p.known[p.at[pos-1]].pair.Text(p.lexicon.Stem(p.numbers[pos])))
	if !p.words.pairs.Has(id - pairsFrom) {
		return -1
	}
	return p.words.rows[id]
}

// gather puts into p.scores what the features of a text weigh together, with a length of
// one; false when training saw none of them.
func (p *Predictor) gather(doc *text.Doc) bool {
	p.meet(doc)
	if p.seen == nil {
		p.seen, p.counts = bitset.New(len(p.words.weights)), make([]int32, len(p.words.weights))
	}
	clear(p.seen)
	clear(p.scores)
	square, some := 0.0, false
	for pos, at := range p.at {
		w := &p.known[at]
		square += w.square
		for class, s := range p.scoresOf(at) {
			p.scores[class] += s
		}
		for _, row := range p.rows[w.rows.from : w.rows.from+w.rows.n] {
			p.hit(row)
		}
		some = some || w.rows.n > 0
		if pos == 0 {
			p.pairs = append(p.pairs[:0], -1)
			continue
		}
		row := p.pairRow(pos)
		p.pairs = append(p.pairs, row)
		if row >= 0 {
			p.hit(row)
			square += p.add(p.scores, row, 1)
			some = true
		}
	}
	square += p.mend()
	if square > 0 {
		norm := float32(1 / math.Sqrt(square))
		for class := range p.scores {
			p.scores[class] *= norm
		}
	}
	return some
}

// hit counts a row once more, where it was met before.
func (p *Predictor) hit(row int32) {
	if p.seen.Add(uint32(row)) {
		return
	}
	if p.counts[row] == 0 {
		p.counts[row] = 1
		p.repeated = append(p.repeated, row)
	}
	p.counts[row]++
}

// mend puts right what stands more than once: it counts by the logarithm. It gives what
// that changes in the square of the length.
func (p *Predictor) mend() float64 {
	square := 0.0
	for _, row := range p.repeated {
		n := p.counts[row]
		p.counts[row] = 0
		value := p.value(int(n))
		length := p.add(p.scores, row, value-float32(n))
		square += (float64(value)*float64(value) - float64(n)) * length
	}
	p.repeated = p.repeated[:0]
	return square
}

// value is what a feature counts for that stands so often in a text: a logarithm.
func (p *Predictor) value(n int) float32 {
	for len(p.logs) <= n && n < mostLogs {
		p.logs = append(p.logs, float32(1+math.Log(float64(len(p.logs)))))
	}
	if n < len(p.logs) {
		return p.logs[n]
	}
	return float32(1 + math.Log(float64(n)))
}

// mostLogs are remembered: few features stand more often in a text.
const mostLogs = 256
