package text

import (
	"unicode"
	"unicode/utf8"
)

// Marks of a normalised byte, taken over by the token it belongs to.
const (
	markUpper   uint8 = 1 << iota // the original letter was a capital
	markHashtag                   // inside #hashtag
	markLink                      // host name of a link
)

const (
	// maxRun is the longest stretch without a space handed to the tokenizer:
	// its work grows with the square of it.
	maxRun = 120
	// maxRepeat is how many equal punctuation marks in a row are kept.
	maxRepeat = 3
	// maxMarks is how many combining marks one letter may carry before the
	// text is called a combining bomb.
	maxMarks = 4
)

// normalizer builds the normalised text and remembers where each byte of it
// came from. It is reused between texts.
type normalizer struct {
	src  string
	pos  int   // byte offset of the next rune to read
	rune int32 // rune offset of the same

	out  []byte
	from []int32 // per byte of out: first original rune
	to   []int32 // per byte of out: rune after the last original one
	mark []uint8

	run      int // bytes of out since the last white space
	repeat   int // equal punctuation marks in a row
	last     rune
	word     int // start in out of the letter run being written, -1 outside
	cyr      int // letters of the run
	lat      int
	odd      int // Latin letters of the run that look like no Cyrillic one
	marks    int // combining marks on the current letter
	hashtag  bool
	nullSeen bool
	badUTF8  bool
	bomb     bool
	shape    Shape
	entities map[string]string // as they were decoded before
}

func (n *normalizer) reset(src string) {
	*n = normalizer{
		src: src, word: -1,
		entities: n.entities,
		out:      n.out[:0], from: n.from[:0], to: n.to[:0], mark: n.mark[:0],
	}
}

// normalize reads at most limit runes and reports whether all were read.
func (n *normalizer) normalize(src string, limit int) bool {
	n.reset(src)
	for n.pos < len(n.src) {
		if int(n.rune) >= limit {
			n.endWord()
			return false
		}
		if !n.plain(limit) {
			n.step()
		}
	}
	n.endWord()
	return true
}

// plain consumes letters а–я and А–Я as long as they follow one another: most of a text
// is nothing else. What letter and emit do to them is done here at once.
func (n *normalizer) plain(limit int) bool {
	pos := n.pos
	for pos+1 < len(n.src) && int(n.rune) < limit && n.run < maxRun {
		first, second := n.src[pos], n.src[pos+1]
		var mark uint8
		switch {
		case isPlainPair(first, second):
		case first == 0xd0 && second >= 0x90 && second < 0xa0: // А–П
			second, mark = second+0x20, markUpper
		case first == 0xd0 && second >= 0xa0 && second < 0xb0: // Р–Я
			first, second, mark = 0xd1, second-0x20, markUpper
		default:
			limit = 0
			continue
		}
		if n.word < 0 {
			n.word, n.cyr, n.lat, n.odd = len(n.out), 0, 0, 0
		}
		n.cyr++
		if n.hashtag {
			mark |= markHashtag
		}
		n.last = rune(first&0x1f)<<6 | rune(second&0x3f)
		n.out = append(n.out, first, second)
		n.from = append(n.from, n.rune, n.rune)
		n.to = append(n.to, n.rune+1, n.rune+1)
		n.mark = append(n.mark, mark, mark)
		n.run += 2
		n.rune++
		pos += 2
	}
	if pos == n.pos {
		return false
	}
	n.pos, n.marks = pos, 0
	return true
}

// step consumes one rune, entity, tag, mention or link.
func (n *normalizer) step() {
	r, size := utf8.DecodeRuneInString(n.src[n.pos:])
	switch {
	case r == '&' && n.entity():
		return
	case r == '<' && n.tag():
		return
	case r == '[' && n.mention():
		return
	case r == '@' && n.account():
		return
	case isASCIILetter(r) && n.word < 0 && n.link():
		return
	}
	if r == utf8.RuneError && size == 1 {
		n.badUTF8 = true
	}
	n.write(r, n.rune, n.rune+1)
	n.pos += size
	n.rune++
}

// write adds one decoded rune that stands for the original runes [from, to).
func (n *normalizer) write(r rune, from, to int32) {
	switch {
	case r < utf8.RuneSelf: // ask no tables
		n.ascii(r, from, to)
	case isPlainCyrillic(r):
		n.letter(r, from, to)
	case unicode.IsLetter(r):
		n.letter(r, from, to)
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		n.combining(r, to)
	case isInvisible(r):
	case r == '\u2028' || r == '\u2029':
		n.space('\n', from, to)
	case unicode.IsSpace(r) || unicode.IsControl(r):
		n.space(' ', from, to)
	case unicode.IsDigit(r):
		n.endWord()
		n.emit(r, from, to, 0)
	case isPictogram(r):
		n.shape.Emoji++
		n.shape.Heading = n.shape.Heading || len(n.out) == 0
		n.space('\n', from, to)
	default:
		n.punct(r, from, to)
	}
}

// ascii is write of the first 128 runes.
func (n *normalizer) ascii(r rune, from, to int32) {
	switch {
	case isASCIILetter(r):
		n.letter(r, from, to)
	case r >= '0' && r <= '9':
		n.endWord()
		n.emit(r, from, to, 0)
	case r == '\n' || r == '\r':
		n.space('\n', from, to)
	case r <= ' ' || r == 0x7f:
		n.nullSeen = n.nullSeen || r == 0
		n.space(' ', from, to)
	default:
		n.punct(r, from, to)
	}
}

func (n *normalizer) letter(r rune, from, to int32) {
	if n.word < 0 {
		n.word, n.cyr, n.lat, n.odd = len(n.out), 0, 0, 0
	}
	n.marks = 0
	var mark uint8
	low := lower(r)
	if low != r {
		mark = markUpper
	}
	switch {
	case isASCIILetter(low):
		n.lat++
		if lookAlike(low, mark != 0) == 0 {
			n.odd++
		}
	case isPlainCyrillic(low) || unicode.Is(unicode.Cyrillic, low):
		n.cyr++
	}
	n.emit(foldLetter(low), from, to, mark)
}

// combining puts й together again and drops every other mark (stress, ё's
// dots, decoration).
func (n *normalizer) combining(r rune, to int32) {
	n.marks++
	if n.marks > maxMarks {
		n.bomb = true
	}
	k := len(n.out)
	if k < 2 || n.word < 0 || n.marks > 1 {
		return
	}
	n.to[k-1] = to
	n.to[k-2] = to
	if r == '\u0306' && string(n.out[k-2:]) == "и" {
		copy(n.out[k-2:], "й")
	}
}

func (n *normalizer) space(r rune, from, to int32) {
	n.endWord()
	n.hashtag = false
	if k := len(n.out); k > 0 && n.out[k-1] == '\n' && r == ' ' {
		return
	} else if k > 1 && n.out[k-1] == byte(r) && (r == ' ' || n.out[k-2] == '\n') {
		return
	}
	n.emit(r, from, to, 0)
}

func (n *normalizer) punct(r rune, from, to int32) {
	if r == '_' && n.hashtag {
		n.endWord()
		n.emit(' ', from, to, 0)
		return
	}
	r = foldPunct(r)
	n.endWord()
	n.hashtag = false
	if r == n.last {
		n.repeat++
	} else {
		n.repeat = 1
	}
	if r == '#' {
		n.startHashtag()
		n.space(' ', from, to)
		n.hashtag = true
		return
	}
	if n.repeat <= maxRepeat {
		n.emit(r, from, to, 0)
	}
}

func (n *normalizer) startHashtag() {
	next, _ := utf8.DecodeRuneInString(n.src[min(n.pos+1, len(n.src)):])
	if unicode.IsLetter(next) {
		n.shape.Hashtags++
	}
}

// emit appends r and what is known of it.
func (n *normalizer) emit(r rune, from, to int32, mark uint8) {
	if r == ' ' || r == '\n' {
		n.run = 0
	} else if n.run >= maxRun {
		n.append(' ', from, from, 0)
		n.run = 0
		if n.word >= 0 {
			n.word = len(n.out)
		}
	}
	if n.hashtag {
		mark |= markHashtag
	}
	n.last = r
	n.append(r, from, to, mark)
}

func (n *normalizer) append(r rune, from, to int32, mark uint8) {
	before := len(n.out)
	n.out = utf8.AppendRune(n.out, r)
	for range len(n.out) - before {
		n.from = append(n.from, from)
		n.to = append(n.to, to)
		n.mark = append(n.mark, mark)
	}
	n.run += len(n.out) - before
}

// endWord closes a letter run: Latin letters in a Cyrillic word, and single
// Latin letters that look like Russian prepositions, become Cyrillic.
func (n *normalizer) endWord() {
	if n.word < 0 {
		return
	}
	start := n.word
	n.word = -1
	mixed := n.cyr > 0 || n.lat == 1 && n.shape.Cyrillic > 0
	if mixed && n.lat > 0 && n.odd == 0 {
		n.recode(start)
		n.cyr += n.lat
		n.lat = 0
	}
	n.shape.Cyrillic += n.cyr
	n.shape.Latin += n.lat
}

// recode rewrites the run from start with Cyrillic letters for Latin ones.
func (n *normalizer) recode(start int) {
	word := append([]byte(nil), n.out[start:]...)
	from := append([]int32(nil), n.from[start:]...)
	to := append([]int32(nil), n.to[start:]...)
	mark := append([]uint8(nil), n.mark[start:]...)
	n.out, n.from, n.to, n.mark = n.out[:start], n.from[:start], n.to[:start], n.mark[:start]
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRune(word[i:])
		if isASCIILetter(r) {
			r = lookAlike(r, mark[i]&markUpper != 0)
		}
		n.append(r, from[i], to[i], mark[i])
		i += size
	}
}
