package text

import "strings"

// Lexicon numbers the words that were met, so that what is known of a word is found by
// its number and a word is looked up once in a text, whoever asks. It belongs to one
// goroutine.
type Lexicon struct {
	ids   map[string]int32
	words []string
	stems []string // "" until somebody asks
	epoch uint32
}

// mostWords bounds a Lexicon; a worker meets some 50,000 forms of words a week.
const mostWords = 1 << 16

// NewLexicon gives a Lexicon that knows no word.
func NewLexicon() *Lexicon { return &Lexicon{ids: map[string]int32{}} }

// Epoch changes when the words are forgotten and their numbers given anew.
func (l *Lexicon) Epoch() uint32 { return l.epoch }

// Word is the word of a number.
func (l *Lexicon) Word(id int32) string { return l.words[id] }

// Stem is its stem.
func (l *Lexicon) Stem(id int32) string {
	if l.stems[id] == "" {
		word := l.words[id]
		if l.stems[id] = Stem(word); strings.HasPrefix(word, l.stems[id]) {
			l.stems[id] = word[:len(l.stems[id])] // nearly always: the same memory is read
		}
	}
	return l.stems[id]
}

// Of gives the numbers of a text's words: those of the text itself where this Lexicon
// gave them, else put into dst. They are good until the next text.
func (l *Lexicon) Of(dst []int32, d *Doc) []int32 {
	if d.lexicon == l {
		return d.ids
	}
	return l.number(dst[:0], d)
}

// number looks up all words of a text. Only between texts words are forgotten.
func (l *Lexicon) number(dst []int32, d *Doc) []int32 {
	if len(l.words) >= mostWords {
		clear(l.ids)
		clear(l.words)
		clear(l.stems)
		l.words, l.stems = l.words[:0], l.stems[:0]
		l.epoch++
	}
	for pos := range d.Words {
		dst = append(dst, l.id(d.Word(pos)))
	}
	return dst
}

func (l *Lexicon) id(word string) int32 {
	if id, ok := l.ids[word]; ok {
		return id
	}
	word = strings.Clone(word) // the word itself would keep its whole text alive
	id := int32(len(l.words))
	l.ids[word] = id
	l.words, l.stems = append(l.words, word), append(l.stems, "")
	return id
}
