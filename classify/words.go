package classify

import (
	"strings"

	"github.com/otklik/otklik/rules"
)

// signalWords are the word lists of signals.yaml behind the shape of a text.
type signalWords struct {
	offices  wordSet // who acts in reports
	calls    wordSet // imperatives that demand nothing of a body
	laughter string  // the characters of laughing faces
}

func newSignalWords(w *rules.SignalWords) signalWords {
	return signalWords{
		offices: newWordSet(w.Offices), calls: newWordSet(w.Calls),
		laughter: strings.Join(w.Laughter, ""),
	}
}

// wordSet holds exact words and, written with a final *, beginnings.
type wordSet struct {
	exact      map[string]bool
	beginnings []string
}

func newWordSet(patterns []string) wordSet {
	s := wordSet{exact: map[string]bool{}}
	for _, p := range patterns {
		if beginning, ok := strings.CutSuffix(fold(p), "*"); ok {
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
	return false
}
