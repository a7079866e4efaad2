package place

import (
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// Taken says what a place has taken of a token.
type Taken uint8

// Free tokens belong to no place, or are words like «улица» and «дом» that keep
// their meaning. A Named one is a name that means nothing else («Хабаровск»). A
// Hidden one reads like another word («Дорожная», «Больничный», «Светлый») and
// says nothing about the problem.
const (
	Free Taken = iota
	Named
	Hidden
)

// Work is the reusable memory of Scan and Resolve.
type Work struct {
	Taken []Taken // by token of the last text
	memory
	words    []word
	streets  []found
	mentions []mention
	away     *mention
}

// Span is a stretch of tokens, ends included.
type Span struct{ First, Last int }

// Find is Scan and Resolve of a text whose problem is not known.
func (x *Index) Find(w *Work, d *text.Doc, home string) (domain.Place, []Span) {
	x.Scan(w, d)
	return x.Resolve(w, home, nil)
}

// Scan finds the names of places in a text; w.Taken tells of all of them.
func (x *Index) Scan(w *Work, d *text.Doc) {
	x.collect(w, d)
	w.streets = x.streets(w.streets[:0], w.words)
	w.mentions, w.away = x.mentions(w.mentions[:0], w.words)
	w.note(len(d.Tokens), w.mentions, w.away)
}

// Resolve tells where the problem of the text last scanned is. home is the
// municipality of the source, taken when the text names no place; problem gives
// the tokens that told the problem, nil for none: of several municipalities the
// one by which they stand is meant. The spans are those of the words that named
// the place.
func (x *Index) Resolve(w *Work, home string, problem func() []int) (domain.Place, []Span) {
	r := resolver{index: x, home: home, words: w.words}
	if w.away != nil {
		r.takeElsewhere(w.away, w.streets)
	} else {
		streets, mentions := r.settle(w, problem)
		r.take(streets, mentions)
		r.putRivals()
	}
	spans := r.spans(w.words)
	if r.place.Source == domain.PlaceNone {
		x.atHome(&r.place, home)
	}
	return r.place, spans
}

// note fills Taken: what streets took is marked in the words already.
func (w *Work) note(tokens int, mentions []mention, away *mention) {
	w.Taken = append(w.Taken[:0], make([]Taken, tokens)...)
	for i := range mentions {
		w.noteMention(&mentions[i])
	}
	if away != nil {
		w.noteMention(away)
	}
	for i := range w.words {
		if w.words[i].hidden {
			w.Taken[w.words[i].token] = Hidden
		}
	}
}

func (w *Work) noteMention(m *mention) {
	taken := Hidden
	if m.plainName() {
		taken = Named
	}
	for i := m.first; i <= m.last; i++ {
		if !isTerritory(w.words[i].text) && !isSettlementType(w.words[i].text) {
			w.Taken[w.words[i].token] = taken
		}
	}
}

func (x *Index) atHome(p *domain.Place, home string) {
	m := x.municipalities[home]
	if m == nil {
		return
	}
	p.Municipality, p.MunicipalityName, p.Source = m.ID, m.Name, domain.PlaceHome
}
