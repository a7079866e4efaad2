package place

import (
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// Work is the reusable memory of Find.
type Work struct{ words []word }

// Span is a stretch of tokens, ends included.
type Span struct{ First, Last int }

// mention is a name in the text and what it may stand for.
type mention struct {
	targets []target
	word    int
	firm    bool // with its type, or beyond doubt
}

// Find tells where the text's problem is. home is the municipality of the
// source, taken when the text names no place. The spans are those of the words
// that named the place.
func (x *Index) Find(w *Work, d *text.Doc, home string) (domain.Place, []Span) {
	w.words = collect(w.words[:0], d)
	words := w.words
	streets := x.streets(words)
	mentions, away := x.mentions(words, len(streets) > 0)
	if away {
		home = ""
	}
	r := resolver{index: x, home: home}
	r.take(streets, mentions)
	spans := r.spans(words, streets)
	if r.place.Source == domain.PlaceNone {
		x.atHome(&r.place, home)
	}
	return r.place, spans
}

func (x *Index) atHome(p *domain.Place, home string) {
	m := x.municipalities[home]
	if m == nil {
		return
	}
	p.Municipality, p.MunicipalityName, p.Source = m.ID, m.Name, domain.PlaceHome
}

// mentions finds the names of municipalities, settlements and districts; away
// tells that another region's town is named as the place: with its type («г.
// Курск»), or first of all or with a street («В Курске на ул. Садовой»). Being
// told of in passing («в Москве чисто, а у нас») is not enough.
func (x *Index) mentions(words []word, street bool) (list []mention, away bool) {
	for i := 0; i < len(words); i++ {
		if words[i].consumed {
			continue
		}
		n := x.names.longest(words[i:])
		if n == nil {
			continue
		}
		m, elsewhere := x.weigh(words, i, n, street)
		away = away || elsewhere
		if len(m.targets) > 0 {
			list = append(list, m)
			i += len(n.words) - 1
		}
	}
	return list, away
}

// weigh keeps what the name at i may stand for in its context.
func (x *Index) weigh(words []word, i int, n *name, street bool) (mention, bool) {
	m := mention{word: i}
	typed := i > 0 && !words[i].start && isSettlementType(words[i-1].text)
	in := i > 0 && !words[i].start && isPlacePreposition(words[i-1].text)
	capital := words[i].upper
	clear := capital && !words[i].start // at a sentence's start a capital says nothing
	if end := i + len(n.words); end < len(words) && !words[end].stop && x.belongsToMore(words[end].text, n) {
		return m, false
	}
	away := false
	for _, t := range n.targets {
		switch t.kind {
		case elsewhere:
			away = away || capital && (typed || i == 0 || in && (i == 1 || street))
		case settlement:
			if typed && (capital || !t.ambiguous) || t.ambiguous && in && capital || !t.ambiguous && (t.colloquial || clear || in && capital) {
				m.targets = append(m.targets, t)
				m.firm = m.firm || typed
			}
		case municipality:
			m.targets = append(m.targets, t)
			m.firm = true
		case district:
			if t.colloquial || clear {
				m.targets = append(m.targets, t)
			}
		}
	}
	return m, away
}

// belongsToMore: the name is only the adjective of something larger («Амурской
// области», «Вяземский район» when the gazetteer has no such name, «… край»).
func (x *Index) belongsToMore(next string, n *name) bool {
	for _, t := range n.targets {
		if t.kind == municipality {
			return false
		}
	}
	switch next {
	case "край", "края", "крае", "краю", "область", "области", "областью", "район", "района", "районе", "району", "р-н", "р-на", "р-не", "округ", "округа", "округе":
		return len(n.words) == 1
	}
	return x.types[next] != "" && len(n.words) == 1 && len(next) > 6
}
