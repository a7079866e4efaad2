package domain

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// Print is what a text says of a problem, so far as texts are compared by it: the
// same problem told in other words has a print like it. It holds no words, only
// their hashes.
type Print struct {
	// Words by hash, each once; the rarer a word, the more it weighs. Names of places
	// are no words: places are compared for themselves.
	Words []PrintWord
	// Marks set problems apart: a house, the number of a school or a route, a date,
	// what something stands beside.
	Marks []PrintMark
	At    time.Time // when it was written
}

// PrintWord is a word of a print.
type PrintWord struct {
	Hash   uint32
	Weight uint8
}

// PrintMark is a value of some sort: «5» of «school». Both are hashes.
type PrintMark struct{ Of, Is uint32 }

// MarkOf makes a mark. one: the value names one thing, as the number of a school does.
func MarkOf(of, is uint32, one bool) PrintMark {
	m := PrintMark{Of: of &^ 1, Is: is}
	if one {
		m.Of |= 1
	}
	return m
}

// One reports whether whoever shares the mark means the same thing.
func (m PrintMark) One() bool { return m.Of&1 == 1 }

// IsZero: nothing was said that could be compared.
func (p *Print) IsZero() bool { return len(p.Words) == 0 }

// Likeness is which share of what both say, by weight, they say alike: 0 to 1.
func (p *Print) Likeness(o *Print) float64 {
	var shared, all int
	i, j := 0, 0
	for i < len(p.Words) || j < len(o.Words) {
		switch {
		case j == len(o.Words) || i < len(p.Words) && p.Words[i].Hash < o.Words[j].Hash:
			all += int(p.Words[i].Weight)
			i++
		case i == len(p.Words) || o.Words[j].Hash < p.Words[i].Hash:
			all += int(o.Words[j].Weight)
			j++
		default:
			w := int(min(p.Words[i].Weight, o.Words[j].Weight))
			shared, all = shared+w, all+w
			i++
			j++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(shared) / float64(all)
}

// Within is which share of the shorter of two texts, by weight, the other says too.
func (p *Print) Within(o *Print) float64 {
	var shared, mine, theirs int
	for _, w := range p.Words {
		mine += int(w.Weight)
		if i, ok := slices.BinarySearchFunc(o.Words, w.Hash, byHash); ok {
			shared += int(min(w.Weight, o.Words[i].Weight))
		}
	}
	for _, w := range o.Words {
		theirs += int(w.Weight)
	}
	if least := min(mine, theirs); least > 0 {
		return float64(shared) / float64(least)
	}
	return 0
}

// Left is the heaviest word that only p has.
func (p *Print) Left(o *Print) uint8 {
	var most uint8
	for _, w := range p.Words {
		if _, ok := slices.BinarySearchFunc(o.Words, w.Hash, byHash); !ok {
			most = max(most, w.Weight)
		}
	}
	return most
}

func byHash(w PrintWord, hash uint32) int {
	return cmp.Compare(w.Hash, hash)
}

// Agreement is what the marks of two prints say to each other.
type Agreement struct {
	Shared  int // marks that both have
	Same    int // of these, marks that name one thing
	Against int // sorts of which both have marks, and none in common
	Alone   int // sorts of which only one has marks
}

// Compare holds the marks of two prints against each other. Both are sorted.
func (p *Print) Compare(o *Print) Agreement {
	var a Agreement
	for i := 0; i < len(p.Marks); {
		of := p.Marks[i].Of
		end := i
		common := 0
		for ; end < len(p.Marks) && p.Marks[end].Of == of; end++ {
			if slices.Contains(o.Marks, p.Marks[end]) {
				common++
				if p.Marks[end].One() {
					a.Same++
				}
			}
		}
		a.Shared += common
		switch has := slices.ContainsFunc(o.Marks, func(m PrintMark) bool { return m.Of == of }); {
		case !has:
			a.Alone++
		case common == 0:
			a.Against++
		}
		i = end
	}
	for i, m := range o.Marks {
		if (i == 0 || o.Marks[i-1].Of != m.Of) && !slices.ContainsFunc(p.Marks, func(x PrintMark) bool { return x.Of == m.Of }) {
			a.Alone++
		}
	}
	return a
}

// printFormat is the first byte of a stored print: one of another format is none.
const printFormat = 1

// Encode writes a print for storage; nil for one that says nothing.
func (p *Print) Encode() []byte {
	if p.IsZero() {
		return nil
	}
	b := []byte{printFormat, byte(len(p.Words)), byte(len(p.Marks))}
	b = binary.BigEndian.AppendUint64(b, uint64(p.At.UnixMicro())) //nolint:gosec // read back the same way
	for _, w := range p.Words {
		b = append(binary.BigEndian.AppendUint32(b, w.Hash), w.Weight)
	}
	for _, m := range p.Marks {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, m.Of), m.Is)
	}
	return b
}

// ErrPrint: stored bytes are no print of this version.
var ErrPrint = errors.New("no print")

// DecodePrint reads what Encode wrote.
func DecodePrint(b []byte) (Print, error) {
	const head = 11
	if len(b) < head || b[0] != printFormat || len(b) != head+5*int(b[1])+8*int(b[2]) {
		return Print{}, ErrPrint
	}
	p := Print{Words: make([]PrintWord, b[1]), Marks: make([]PrintMark, b[2])}
	p.At = time.UnixMicro(int64(binary.BigEndian.Uint64(b[3:]))).UTC() //nolint:gosec // written the same way
	b = b[head:]
	for i := range p.Words {
		p.Words[i] = PrintWord{binary.BigEndian.Uint32(b), b[4]}
		b = b[5:]
	}
	for i := range p.Marks {
		p.Marks[i] = PrintMark{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
		b = b[8:]
	}
	return p, nil
}

// Most of what a print holds; each fits a byte.
const (
	MostPrintWords = 40
	MostPrintMarks = 12
)

// KeyLike begins the attach keys by which the like is found: beside them the print of
// the post is kept.
const KeyLike = "like:"

// LikeLeast is how like a post must be to the print of a case before the case is
// looked at: what lies below is neither joined nor offered.
const LikeLeast = 0.12
