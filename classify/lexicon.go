package classify

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/classify/text"
)

// slotID names a set of words («яма|выбоин*»): the smallest unit that terms are
// made of. Equal slots of different phrases share one id.
type slotID int32

// lexicon answers which slots a word fills.
type lexicon struct {
	stems  map[string][]stemSlot
	exact  map[string][]slotID
	prefix map[string][]slotID
	byText map[string]slotID

	sequences []sequence
}

// stemSlot is a slot that a stem fills, and the form the author wrote it in.
type stemSlot struct {
	slot slotID
	form form
}

// sequence is an alternative of several words in a row («без_сознания»): where
// its parts stand side by side, the slot is filled.
type sequence struct {
	parts []slotID
	slot  slotID
}

func newLexicon() *lexicon {
	return &lexicon{
		stems: map[string][]stemSlot{}, exact: map[string][]slotID{},
		prefix: map[string][]slotID{}, byText: map[string]slotID{},
	}
}

func (l *lexicon) size() int { return len(l.byText) }

// slot compiles «а|б*|=в» and returns its id.
func (l *lexicon) slot(pattern string) (slotID, error) {
	pattern = fold(pattern)
	if id, ok := l.byText[pattern]; ok {
		return id, nil
	}
	alternatives := strings.Split(pattern, "|")
	for _, a := range alternatives {
		if err := checkAlternative(a); err != nil {
			return 0, err
		}
	}
	id := slotID(len(l.byText))
	l.byText[pattern] = id
	for _, a := range alternatives {
		switch {
		case strings.Contains(a, "_"):
			if err := l.sequence(a, id); err != nil {
				return 0, err
			}
		case strings.HasPrefix(a, "="):
			l.exact[a[1:]] = append(l.exact[a[1:]], id)
		case strings.HasSuffix(a, "*"):
			p := strings.TrimSuffix(a, "*")
			l.prefix[p] = append(l.prefix[p], id)
		default:
			stem := text.Stem(a)
			l.stems[stem] = append(l.stems[stem], stemSlot{id, formOf(a, stem)})
		}
	}
	return id, nil
}

// sequence compiles «не_едут» as an alternative of slot.
func (l *lexicon) sequence(pattern string, slot slotID) error {
	s := sequence{slot: slot}
	for part := range strings.SplitSeq(pattern, "_") {
		id, err := l.slot(part)
		if err != nil {
			return err
		}
		s.parts = append(s.parts, id)
	}
	l.sequences = append(l.sequences, s)
	return nil
}

// fold is what the normaliser does to a word.
func fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "ё", "е")
}

func checkAlternative(a string) error {
	if strings.Contains(a, "_") {
		return nil // its parts are checked one by one
	}
	word := strings.TrimSuffix(strings.TrimPrefix(a, "="), "*")
	if word == "" {
		return fmt.Errorf("пустой вариант слова")
	}
	if strings.HasPrefix(a, "=") && strings.HasSuffix(a, "*") {
		return fmt.Errorf("«%s»: знаки = и * вместе не имеют смысла", a)
	}
	for _, r := range word {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-№.:'", r) {
			return fmt.Errorf("«%s»: знак «%c» не может быть частью слова", a, r)
		}
	}
	return nil
}

// fill appends the slots that the word (normalised) fills, each once. A
// hyphenated word counts as a whole and by its parts.
func (l *lexicon) fill(dst []slotID, word string) []slotID {
	dst = l.fillPart(dst, word)
	if strings.IndexByte(word, '-') < 0 {
		return dst
	}
	for part := range strings.SplitSeq(word, "-") {
		if utf8.RuneCountInString(part) > 1 {
			dst = l.fillPart(dst, part)
		}
	}
	return dst
}

func (l *lexicon) fillPart(dst []slotID, word string) []slotID {
	dst = l.fillWhole(dst, word)
	for i := range word {
		if i > 0 {
			dst = addSlots(dst, l.prefix[word[:i]])
		}
	}
	return addSlots(dst, l.prefix[word])
}

// fillWhole appends the slots that name the word itself or its stem.
func (l *lexicon) fillWhole(dst []slotID, word string) []slotID {
	dst = addSlots(dst, l.exact[word])
	stem := text.Stem(word)
	form := formOf(word, stem)
	for _, s := range l.stems[stem] {
		if s.form.agrees(form) {
			dst = addSlots(dst, []slotID{s.slot})
		}
	}
	return dst
}

// nameEnding is how much of a town's name a phrase may leave open: «хабаровск*»
// is Хабаровске, «охот*» is not Охотске.
const nameEnding = 1 // letters

// fillNamed appends the slots that a town's name fills: those that name it, not
// those that only begin alike.
func (l *lexicon) fillNamed(dst []slotID, word string) []slotID {
	dst = l.fillWhole(dst, word)
	left := utf8.RuneCountInString(word)
	for i := range word {
		if left--; i > 0 && left < nameEnding {
			dst = addSlots(dst, l.prefix[word[:i]])
		}
	}
	return addSlots(dst, l.prefix[word])
}

func addSlots(dst, more []slotID) []slotID {
next:
	for _, id := range more {
		for _, have := range dst {
			if have == id {
				continue next
			}
		}
		dst = append(dst, id)
	}
	return dst
}
