package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// MaxRunes is how much of a text is judged; a complaint that has not said what
// it is about by then will be read by a person.
const MaxRunes = 20_000

// Kind is what a token is.
type Kind uint8

// Kinds of token.
const (
	Punct  Kind = iota // punctuation and other signs
	Word               // letters, hyphens inside
	Number             // begins with a digit: 12, 12а, 60-летия, 8:30
	Sign               // №
)

// Token is a word, number, № or punctuation mark. Positions (Pos) count all
// but punctuation; the phrase grammar measures distance in them.
type Token struct {
	Start, End int32 // bytes of Doc.Text
	Pos        int32 // index among words, -1 for punctuation
	Sent       int32 // sentence number
	Kind       Kind
	Glued      bool // no white space before it
	NewLine    bool // a line break or an emoji before it
	Upper      bool // began with a capital in the original
	Hashtag    bool // part of a hashtag
	Link       bool // host name of a link
}

// Shape is what the text looks like, apart from its words.
type Shape struct {
	Runes     int // judged, of the original
	Cyrillic  int // letters
	Latin     int // letters, after look-alikes were mended
	Emoji     int
	Links     int
	Hashtags  int
	Accounts  int // @name, [club1|…]
	Sentences int

	LatinWords int  // words of three Latin letters or more, links apart
	Dashes     int  // typeset dashes between words
	Bold       int  // bold marks (**) of Telegram markup
	Questions  int  // question marks
	Exclaims   int  // exclamation marks
	Paragraphs int  // set off by an empty line
	Heading    bool // begins with a pictogram
}

// Doc is an analysed text. It belongs to its Analyzer and lives until the next
// Analyze.
type Doc struct {
	Source string // as it was written
	Text   string // normalised, lower case
	Tokens []Token
	Words  []int32 // index into Tokens by position
	Shape  Shape
	Faults []domain.Fault

	from, to []int32
	lexicon  *Lexicon
	ids      []int32 // of the words, in the lexicon
}

// Word is the text of the word at a position.
func (d *Doc) Word(pos int) string { return d.Token(int(d.Words[pos])) }

// Stem is the stem of the word at a position, remembered by the Analyzer.
func (d *Doc) Stem(pos int) string { return d.lexicon.Stem(d.ids[pos]) }

// Token is the text of the i-th token.
func (d *Doc) Token(i int) string {
	t := &d.Tokens[i]
	return d.Text[t.Start:t.End]
}

// Sent is the sentence of the word at a position.
func (d *Doc) Sent(pos int) int32 { return d.Tokens[d.Words[pos]].Sent }

// Span is where the tokens first..last stand in the original: rune offsets,
// half-open.
func (d *Doc) Span(first, last int) (start, end int) {
	return int(d.from[d.Tokens[first].Start]), int(d.to[d.Tokens[last].End-1])
}

// Analyzer analyses one text at a time and keeps its buffers between texts.
type Analyzer struct {
	tokenizer Tokenizer
	norm      normalizer
	spans     []Span
	doc       Doc
	lexicon   *Lexicon
}

// NewAnalyzer returns an Analyzer that cuts with t, a new Prose when nil.
func NewAnalyzer(t Tokenizer) *Analyzer {
	if t == nil {
		t = NewProse()
	}
	return &Analyzer{tokenizer: t, lexicon: NewLexicon()}
}

// Lexicon is that of the words of all texts analysed.
func (a *Analyzer) Lexicon() *Lexicon { return a.lexicon }

// Analyze never fails on any text: what it could not take is a named fault of
// the Doc. The error is the tokenizer's.
func (a *Analyzer) Analyze(src string) (*Doc, error) {
	whole := a.norm.normalize(src, MaxRunes)
	d := &a.doc
	*d = Doc{
		Source: src, Text: string(a.norm.out), from: a.norm.from, to: a.norm.to,
		Tokens: d.Tokens[:0], Words: d.Words[:0], Shape: a.norm.shape, lexicon: a.lexicon, ids: d.ids[:0],
	}
	d.Shape.Runes = int(a.norm.rune)
	d.Faults = a.faults(whole)
	var err error
	if a.spans, err = a.tokenizer.Tokenize(a.spans[:0], d.Text); err != nil {
		return d, err
	}
	c := cutter{doc: d, mark: a.norm.mark}
	for _, span := range a.spans {
		c.cut(span)
	}
	d.Shape.Sentences = splitSentences(d)
	d.countSigns()
	d.ids = a.lexicon.number(d.ids, d)
	return d, nil
}

// countSigns fills in what of the shape only tokens tell.
func (d *Doc) countSigns() {
	for i := range d.Tokens {
		t := &d.Tokens[i]
		switch word := d.Token(i); {
		case t.Kind == Word:
			if !t.Link && len(word) > 2 && isASCIILetter(rune(word[0])) {
				d.Shape.LatinWords++
			}
		case word == "—" && !t.Glued && i > 0:
			d.Shape.Dashes++
		case word == "?":
			d.Shape.Questions++
		case word == "!":
			d.Shape.Exclaims++
		case word == "*" && t.Glued && d.Token(i-1) == "*":
			d.Shape.Bold++
		}
		if i == 0 || t.NewLine && strings.Contains(d.Text[d.Tokens[i-1].End:t.Start], "\n\n") {
			d.Shape.Paragraphs++
		}
	}
}

func (a *Analyzer) faults(whole bool) []domain.Fault {
	var faults []domain.Fault
	add := func(is bool, code domain.FaultCode, detail string) {
		if is {
			faults = append(faults, domain.Fault{Code: code, Detail: detail})
		}
	}
	add(!whole, domain.FaultTooLong, "оценено только начало текста")
	add(a.norm.badUTF8, domain.FaultInvalidUTF8, "в тексте есть неверные байты")
	add(a.norm.nullSeen, domain.FaultNUL, "в тексте есть нулевые байты")
	add(a.norm.bomb, domain.FaultCombining, "множество надстрочных знаков")
	return faults
}

// cutter turns rough spans into tokens.
type cutter struct {
	doc  *Doc
	mark []uint8
	end  int // where the last token ended
}

func (c *cutter) cut(span Span) {
	text := c.doc.Text
	for i := span.Start; i < span.End; {
		r, size := utf8.DecodeRuneInString(text[i:span.End])
		if c.mark[i]&markLink != 0 {
			end := c.markedEnd(i, span.End)
			c.add(i, end, Word)
			i = end
			continue
		}
		switch {
		case isLetter(r):
			end := wordEnd(text, i, span.End)
			c.add(i, end, Word)
			i = end
		case unicode.IsDigit(r):
			end := numberEnd(text, i, span.End)
			c.add(i, end, Number)
			i = end
		case r == '№':
			c.add(i, i+size, Sign)
			i += size
		case unicode.IsSpace(r):
			i += size
		default:
			c.add(i, i+size, Punct)
			i += size
		}
	}
}

func (c *cutter) markedEnd(i, limit int) int {
	for i < limit && c.mark[i]&markLink != 0 {
		i++
	}
	return i
}

func (c *cutter) add(start, end int, kind Kind) {
	d := c.doc
	t := Token{
		Start: int32(start), End: int32(end), Pos: -1, Kind: kind,
		Glued:   start == c.end && start > 0,
		Upper:   c.mark[start]&markUpper != 0,
		Hashtag: c.mark[start]&markHashtag != 0,
		Link:    c.mark[start]&markLink != 0,
	}
	for i := c.end; i < start; i++ {
		t.NewLine = t.NewLine || d.Text[i] == '\n'
	}
	c.end = end
	if kind != Punct {
		t.Pos = int32(len(d.Words))
		d.Words = append(d.Words, int32(len(d.Tokens)))
	}
	d.Tokens = append(d.Tokens, t)
}

// wordEnd: letters, with single hyphens and apostrophes between them («пр-т»).
func wordEnd(s string, i, limit int) int {
	for i < limit {
		if i+1 < limit && isPlainPair(s[i], s[i+1]) {
			i += 2
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:limit])
		if isLetter(r) {
			i += size
			continue
		}
		if r != '-' && r != '\'' {
			return i
		}
		next, _ := utf8.DecodeRuneInString(s[i+size : limit])
		if !isLetter(next) {
			return i
		}
		i += size
	}
	return i
}

// numberEnd: digits, parts of a date or time, one letter of a house («12а»),
// an ending («60-летия», «5-го»).
func numberEnd(s string, i, limit int) int {
	i = digitsEnd(s, i, limit)
	for i+1 < limit && (s[i] == '.' || s[i] == ':') && isDigit(s[i+1]) {
		i = digitsEnd(s, i+1, limit)
	}
	if i < limit && s[i] == '-' {
		if end := wordEnd(s, i+1, limit); end > i+1 {
			return end
		}
		return i
	}
	end := wordEnd(s, i, limit)
	if _, size := utf8.DecodeRuneInString(s[i:limit]); end-i == size {
		return end
	}
	return i
}

func digitsEnd(s string, i, limit int) int {
	for i < limit {
		r, size := utf8.DecodeRuneInString(s[i:limit])
		if !unicode.IsDigit(r) {
			return i
		}
		i += size
	}
	return i
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
