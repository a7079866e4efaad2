package classify

import (
	"strings"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/rules"
)

// signalWords are the word lists of signals.yaml behind the shape of a text.
type signalWords struct {
	offices  wordSet // who acts in reports
	calls    wordSet // imperatives that demand nothing of a body
	laughter string  // the characters of laughing faces

	lost, sought, persons, sexes, pets, petMarks wordSet // lost.go
}

func newSignalWords(w *rules.SignalWords) signalWords {
	return signalWords{
		offices: newWordSet(w.Offices), calls: newWordSet(w.Calls),
		laughter: strings.Join(w.Laughter, ""),
		lost:     newWordSet(w.Lost), sought: newWordSet(w.Sought), persons: newWordSet(w.Persons), sexes: newWordSet(w.Sexes),
		pets: newWordSet(w.Pets), petMarks: newWordSet(w.PetMarks),
	}
}

// laughs: some face in the text is a laughing one.
func (ws *signalWords) laughs(d *text.Doc) bool {
	return d.Shape.Emoji > 0 && ws.laughter != "" && strings.ContainsAny(d.Source, ws.laughter)
}

// wordSet holds exact words and, written with a final *, beginnings, with one at
// both ends parts.
type wordSet struct {
	exact      map[string]bool
	beginnings []string
	parts      []string
}

func newWordSet(patterns []string) wordSet {
	s := wordSet{exact: map[string]bool{}}
	for _, p := range patterns {
		if part, ok := strings.CutPrefix(fold(p), "*"); ok {
			s.parts = append(s.parts, strings.TrimSuffix(part, "*"))
		} else if beginning, ok := strings.CutSuffix(fold(p), "*"); ok {
			s.beginnings = append(s.beginnings, beginning)
		} else {
			s.exact[fold(p)] = true
		}
	}
	return s
}

func (s wordSet) has(w string) bool {
	if s.exact[w] {
		return true
	}
	for _, b := range s.beginnings {
		if strings.HasPrefix(w, b) {
			return true
		}
	}
	for _, part := range s.parts {
		if strings.Contains(w, part) {
			return true
		}
	}
	return false
}
