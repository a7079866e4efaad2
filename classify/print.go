package classify

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/otklik/otklik/classify/place"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

const (
	// leastRarity keeps words out of prints that every other text has.
	leastRarity = 2.0
	// mostRarity is the most a word weighs: one that stands in one sentence of the
	// authors is not rarer than one that stands in none.
	mostRarity = unknownRarity
	// printScale makes a byte of a rarity.
	printScale = 250 / mostRarity
	// topicWeightInPrint: that two texts are about one topic is worth one rare word.
	topicWeightInPrint = 250
)

// Sorts of marks.
const (
	markHouse  = "house"
	markDate   = "date"
	markBeside = "beside"
	markWater  = "water"
	markName   = "name"
	markSide   = "side" // of a street
	markPart   = "part" // of a street
)

// printer knows the words by which prints are marked. They are of the language, not
// of a region.
type printer struct {
	objects   map[string]string // beginnings of words that bear numbers → one word for each thing
	months    []string          // beginnings
	beside    map[string]bool   // what stands before a landmark
	nobody    map[string]bool   // what is no landmark after them
	ordinals  map[string]string // beginning → number
	names     map[string]bool   // of the objects: those that a number names in a municipality
	waterAxes []string          // beginnings: of a pair one at most is meant
	sides     []string          // beginnings
	parts     map[string]string // of a street

	none, unheard *wordMarks // what nearly all words mark
}

func newPrinter() *printer {
	set := func(words string) map[string]bool {
		m := map[string]bool{}
		for w := range strings.FieldsSeq(words) {
			m[w] = true
		}
		return m
	}
	return &printer{
		objects: map[string]string{"школ": "школа", "сад": "сад", "детсад": "сад", "маршрут": "маршрут", "автобус": "маршрут", "рейс": "маршрут",
			"трамва": "трамвай", "троллейбус": "троллейбус", "поликлиник": "поликлиника", "больниц": "больница", "подъезд": "подъезд",
			"лице": "лицей", "гимнази": "гимназия", "остановк": "остановка", "кабинет": "кабинет", "квартал": "квартал", "корпус": "корпус",
			"общежити": "общежитие", "участ": "участок", "котельн": "котельная", "аптек": "аптека", "этаж": "этаж", "квартир": "квартира",
			"лифт": "лифт", "микрорайон": "микрорайон", "мкр": "микрорайон"},
		months: strings.Fields("январ феврал март апрел мая июн июл август сентябр октябр ноябр декабр"),
		beside: set("возле около напротив у перед между позади"),
		nobody: set("нас меня вас тебя него нее ней них кого всех людей жителей соседей детей ребенка бабушки мамы дома домом дому " +
			"подъезда подъездом самого самой этого этой нашего нашей моего моей двора"),
		ordinals: map[string]string{"перв": "1", "второ": "2", "втора": "2", "третий": "3", "третьей": "3", "третьем": "3", "четверт": "4",
			"пято": "5", "пятый": "5", "пятая": "5", "шесто": "6", "шестая": "6", "седьм": "7", "восьм": "8", "девят": "9", "десят": "10"},
		names:     set("школа сад маршрут трамвай троллейбус поликлиника больница лицей гимназия котельная аптека общежитие"),
		waterAxes: []string{"горяч", "холодн", "жарк"},
		sides:     []string{"четн", "нечетн"},
		parts:     map[string]string{"начале": "начало", "конце": "конец", "середине": "середина"},
		none:      &wordMarks{}, unheard: &wordMarks{name: true},
	}
}

// print is what a text says apart from its place; spans are the tokens of the place.
func (c *Classifier) print(s *scratch, doc *text.Doc, spans []place.Span, v *domain.Verdict) domain.Print {
	if c.like == nil {
		return domain.Print{}
	}
	s.mute(doc, c, spans)
	words := s.printed[:0]
	for pos, token := range doc.Words {
		if s.muted[pos] || doc.Tokens[token].Link || doc.Tokens[token].Kind != text.Word {
			continue
		}
		if w := s.match.at[pos].print; w.Weight > 0 {
			words = append(words, w)
		}
	}
	if v.Topic != "" {
		words = append(words, domain.PrintWord{Hash: uint32(text.NewHash('t').Text(v.Topic)), Weight: topicWeightInPrint})
	}
	s.printed = words
	words = heaviest(words)
	p := domain.Print{Words: append(make([]domain.PrintWord, 0, len(words)), words...)}
	s.marks = s.match.printer.marks(s.marks, s.match.at, doc, s.muted, &v.Place)
	if len(s.marks) > 0 {
		p.Marks = slices.Clone(s.marks[:min(len(s.marks), domain.MostPrintMarks)])
	}
	return p
}

// mute marks the words that say nothing of the problem: names of places, and the
// writer's own voice, «здравствуйте, подскажите, пожалуйста».
func (s *scratch) mute(doc *text.Doc, c *Classifier, spans []place.Span) {
	s.muted = append(s.muted[:0], make([]bool, len(doc.Words))...)
	for pos, token := range doc.Words {
		s.muted[pos] = s.place.Taken[token] != place.Free ||
			slices.ContainsFunc(spans, func(sp place.Span) bool { return sp.First <= int(token) && int(token) <= sp.Last })
	}
	for _, id := range s.match.fired {
		p := &c.matcher.phrases[id]
		if p.group != c.kinds.voice {
			continue
		}
		for _, at := range s.match.support(p) {
			for pos := at.first; pos <= at.last; pos++ {
				s.muted[pos] = true
			}
		}
	}
}

// heaviest sorts words by hash, each once, and of many keeps those that weigh most.
func heaviest(words []domain.PrintWord) []domain.PrintWord {
	byHash := func(a, b domain.PrintWord) int { return cmp.Compare(a.Hash, b.Hash) }
	slices.SortFunc(words, byHash)
	words = slices.CompactFunc(words, func(a, b domain.PrintWord) bool { return a.Hash == b.Hash })
	if len(words) > domain.MostPrintWords {
		slices.SortFunc(words, func(a, b domain.PrintWord) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), byHash(a, b)) })
		words = words[:domain.MostPrintWords]
		slices.SortFunc(words, byHash)
	}
	return words
}

// printWord is a word's part of a print, whatever text it stands in.
func (l *likeness) printWord(word string) domain.PrintWord {
	if utf8.RuneCountInString(word) < 3 {
		return domain.PrintWord{}
	}
	stem := text.Stem(word)
	rarity := unknownRarity
	if id, ok := l.ids[stem]; ok {
		rarity = l.rarity[id]
	}
	if rarity < leastRarity {
		return domain.PrintWord{}
	}
	return domain.PrintWord{Hash: hashOf(stem), Weight: uint8(math.Round(min(rarity, mostRarity) * printScale))}
}

// names: no author wrote such a word, so that with a capital it may be a name.
func (l *likeness) names(word string) bool {
	if utf8.RuneCountInString(word) < 4 {
		return false
	}
	_, known := l.ids[text.Stem(word)]
	return !known
}

func hashOf(s string) uint32 { return uint32(text.NewHash('p').Text(s)) }

// wordMarks is what a word may mark wherever it stands; most mark nothing.
type wordMarks struct {
	object  string // what it names that bears a number
	ordinal string // its number
	month   string
	water   string
	part    string // «в начале», «в конце» of a street
	side    string
	beside  bool // a landmark follows
	nobody  bool // no landmark, and nothing that follows is
	name    bool // no author wrote such a word: with a capital it may be a name
}

func (p *printer) marksOf(word string, like *likeness) *wordMarks {
	marks := wordMarks{object: value(p.objects, word), ordinal: value(p.ordinals, word), month: begins(p.months, word), water: begins(p.waterAxes, word), part: p.parts[word], side: begins(p.sides, word),
		beside: p.beside[word], nobody: p.nobody[word], name: like.names(word)}
	switch marks {
	case wordMarks{}:
		return p.none
	case wordMarks{name: true}:
		return p.unheard
	}
	return &marks
}

// value is that of the beginning a word has, "" for none. No beginning begins another.
func value(beginnings map[string]string, word string) string {
	for start, v := range beginnings {
		if strings.HasPrefix(word, start) {
			return v
		}
	}
	return ""
}

// marking gathers the marks of a text.
type marking struct {
	*printer
	at    []*wordInfo
	doc   *text.Doc
	muted []bool
	marks []domain.PrintMark
}

func (m *marking) add(of, is string) {
	m.marks = append(m.marks, domain.MarkOf(hashOf(of), hashOf(is), m.names[of]))
}

// marks finds what sets problems apart. dst is memory for them.
func (p *printer) marks(dst []domain.PrintMark, at []*wordInfo, doc *text.Doc, muted []bool, place *domain.Place) []domain.PrintMark {
	m := marking{printer: p, at: at, doc: doc, muted: muted, marks: dst[:0]}
	if place.House != "" {
		m.add(markHouse, strings.ToLower(place.House))
	}
	for pos := range doc.Words {
		token, known := &doc.Tokens[doc.Words[pos]], at[pos].marks
		switch {
		case muted[pos]:
		case token.Kind == text.Number:
			m.number(pos)
		case token.Kind != text.Word:
		case known.ordinal != "":
			if of := m.numbered(pos); of != "" {
				m.add(of, known.ordinal)
			}
		case known.beside:
			m.landmark(pos)
		case known.side != "":
			m.add(markSide, known.side)
		case known.part != "" && place.Street != "":
			m.add(markPart, known.part)
		case known.object == "остановка" || known.object == "микрорайон":
			m.named(known.object, pos)
		case known.water != "":
			m.add(markWater, known.water)
		case known.name && token.Upper:
			m.add(markName, doc.Stem(pos))
		}
	}
	slices.SortFunc(m.marks, func(a, b domain.PrintMark) int { return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Is, b.Is)) })
	return slices.Compact(m.marks)
}

// number: of a date, of something that bears numbers, or none that matters.
func (m *marking) number(pos int) {
	word := m.doc.Word(pos)
	if pos+1 < len(m.at) {
		if month := m.at[pos+1].marks.month; month != "" {
			m.add(markDate, digitsOf(word)+month)
			return
		}
	}
	if day, month, ok := strings.Cut(word, "."); ok && len(day) <= 2 {
		m.add(markDate, strings.TrimLeft(day, "0")+"."+month)
		return
	}
	if pos > 0 && slices.Contains([]string{"д", "дом", "дома", "доме", "дому"}, m.doc.Word(pos-1)) { // of a street that is not known
		m.add(markHouse, strings.ToLower(word))
		return
	}
	if of := m.numbered(pos); of != "" {
		m.add(of, digitsOf(word))
	}
}

// numbered is what beside a number bears it: «школа № 5», «29 автобус»; "" for nothing.
func (m *marking) numbered(pos int) string {
	for before := pos - 1; before >= 0; before-- {
		if m.doc.Tokens[m.doc.Words[before]].Kind == text.Sign {
			continue
		}
		if of := m.at[before].marks.object; of != "" {
			return of
		}
		break
	}
	if pos+1 < len(m.at) {
		return m.at[pos+1].marks.object
	}
	return ""
}

// named marks the name that follows: «на остановке Центральный рынок».
func (m *marking) named(of string, pos int) {
	if at := pos + 1; at < len(m.at) && m.doc.Sent(at) == m.doc.Sent(pos) {
		if t := &m.doc.Tokens[m.doc.Words[at]]; t.Kind == text.Word && t.Upper {
			m.add(of, m.doc.Stem(at))
		}
	}
}

// landmark takes the words after «возле» up to the second that may name one.
func (m *marking) landmark(pos int) {
	found := 0
	for at := pos + 1; at < len(m.at) && at <= pos+3 && found < 2 && m.doc.Sent(at) == m.doc.Sent(pos); at++ {
		token := m.doc.Words[at]
		if token != m.doc.Words[at-1]+1 && m.doc.Tokens[token-1].Kind == text.Punct {
			return // a comma ends it
		}
		if m.muted[at] || m.at[at].marks.nobody {
			return
		}
		if m.doc.Tokens[token].Kind == text.Word && utf8.RuneCountInString(m.doc.Word(at)) > 3 {
			m.add(markBeside, m.doc.Stem(at))
			found++
		}
	}
}

// begins is the beginning that a word has, "" for none.
func begins(beginnings []string, word string) string {
	for _, b := range beginnings {
		if strings.HasPrefix(word, b) {
			return b
		}
	}
	return ""
}

// digitsOf is the number without its ending: «5-й» is 5.
func digitsOf(word string) string {
	end := strings.IndexFunc(word, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return word
	}
	return word[:end]
}
