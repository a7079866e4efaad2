package classify

import (
	"strings"

	"github.com/otklik/otklik/classify/text"
)

// Distances in words between who is lost and the word of the loss, and between the
// sex of an animal and its name («щенок, мальчик», «девочка, йоркширский терьер»).
const (
	lostReach = 6
	sexBehind = 3
	sexBefore = 2
)

// who is what a noun beside a loss stands for.
type who uint8

const (
	nobody who = iota
	person
	sexed // «девочка», of a person or an animal
	pet
)

// petLost reports whether an animal is lost and no person is: what stands nearest
// to each word of the loss is an animal. What stands in its own clause decides,
// before what lies behind a comma.
func (ws *signalWords) petLost(m *match, doc *text.Doc) bool {
	var losses []int
	for pos, info := range m.at {
		if info.state&wordLost != 0 || info.state&wordNotLost != 0 && pos > 0 && doc.Word(pos-1) == "не" {
			losses = append(losses, pos)
		}
	}
	if losses == nil {
		return false
	}
	pets, people := ws.countLost(doc, losses, true)
	if pets+people == 0 {
		pets, people = ws.countLost(doc, losses, false)
	}
	return pets > 0 && people == 0
}

// lossOf tells whether a word is one of a loss.
func (ws *signalWords) lossOf(w string) wordState {
	switch {
	case ws == nil:
		return 0
	case ws.lost.has(w) || ws.sought.has(w):
		return wordLost
	case ws.lost.has("не_" + w):
		return wordNotLost
	}
	return 0
}

// countLost counts who is lost: animals and persons.
func (ws *signalWords) countLost(doc *text.Doc, losses []int, clause bool) (pets, people int) {
	for _, pos := range losses {
		switch at, w := ws.nearest(doc, pos, clause, ws.sought.has(doc.Word(pos))); {
		case w == pet, w == sexed && ws.sexOfPet(doc, at):
			pets++
		case w != nobody:
			people++
		}
	}
	return pets, people
}

// nearest is the person or animal nearest to a word in its sentence; of two equally
// near the one behind it, for that is what was lost.
func (ws *signalWords) nearest(doc *text.Doc, pos int, clause, sought bool) (at int, w who) {
	for d := 1; d <= lostReach; d++ {
		for _, at := range [...]int{pos + d, pos - d} {
			if at < 0 || at >= len(doc.Words) || doc.Sent(at) != doc.Sent(pos) || clause && parted(doc, pos, at) {
				continue
			}
			if w := ws.whoIs(doc, at, sought); w != nobody {
				return at, w
			}
		}
	}
	return 0, nobody
}

// parted: punctuation stands between two words.
func parted(doc *text.Doc, a, b int) bool {
	for i := doc.Words[min(a, b)]; i < doc.Words[max(a, b)]; i++ {
		if doc.Tokens[i].Kind == text.Punct {
			return true
		}
	}
	return false
}

// whoIs tells what the word at pos stands for. An animal somebody went with, or
// after, is not what is lost: «с таксой», «за котом», «искал собаку и пропал».
func (ws *signalWords) whoIs(doc *text.Doc, pos int, sought bool) who {
	switch w := doc.Word(pos); {
	case ws.persons.has(w):
		return person
	case ws.sexes.has(w):
		return sexed
	case !ws.pets.has(w), isInstrumental(w), isCompany(doc, pos), !sought && isAccusative(w):
		return nobody
	}
	return pet
}

func isInstrumental(w string) bool {
	for _, ending := range [...]string{"ом", "ем", "ой", "ами", "ями"} {
		if strings.HasSuffix(w, ending) {
			return true
		}
	}
	return false
}

func isAccusative(w string) bool {
	return (strings.HasSuffix(w, "у") || strings.HasSuffix(w, "ю")) && w != "какаду" && w != "ши-тцу" && w != "шитцу"
}

// isCompany: «с таксой», «с нашей таксой».
func isCompany(doc *text.Doc, pos int) bool {
	for at := pos - 1; at >= 0 && pos-at <= 2 && doc.Sent(at) == doc.Sent(pos); at-- {
		if w := doc.Word(at); w == "с" || w == "со" {
			return true
		}
	}
	return false
}

// sexOfPet: the boy or girl at pos is an animal, named beside it or told by what
// only animals have, where none goes with a child.
func (ws *signalWords) sexOfPet(doc *text.Doc, pos int) bool {
	marked := false
	for at := range doc.Words {
		w := doc.Word(at)
		near := at >= pos-sexBefore && at <= pos+sexBehind && doc.Sent(at) == doc.Sent(pos)
		switch {
		case ws.pets.has(w) && (isInstrumental(w) || isCompany(doc, at)):
			return false
		case near && ws.pets.has(w) && (!isAccusative(w) || isAccusative(doc.Word(pos))):
			return true
		}
		marked = marked || ws.petMarks.has(w)
	}
	return marked
}
