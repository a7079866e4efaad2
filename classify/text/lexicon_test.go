package text

import (
	"fmt"
	"strings"
	"testing"
)

// A text of another analyser is read by its words, not by their numbers there.
func TestLexiconNumbersWords(t *testing.T) {
	ours, theirs := NewAnalyzer(nil), NewAnalyzer(nil)
	if _, err := theirs.Analyze("Вчера на дороге"); err != nil {
		t.Fatal(err)
	}
	d, err := theirs.Analyze("На дороге ямы, ямы на дороге")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []*Lexicon{ours.Lexicon(), theirs.Lexicon()} {
		ids := l.Of(nil, d)
		if len(ids) != len(d.Words) {
			t.Fatalf("%d numbers of %d words", len(ids), len(d.Words))
		}
		for pos, id := range ids {
			if l.Word(id) != d.Word(pos) || l.Stem(id) != Stem(d.Word(pos)) {
				t.Errorf("%s is %s with the stem %s", d.Word(pos), l.Word(id), l.Stem(id))
			}
		}
	}
}

// However many words are met, the lexicon stays within its bound, and the words of a text
// keep their numbers while it is read.
func TestLexiconForgets(t *testing.T) {
	a := NewAnalyzer(nil)
	for i := 0; a.Lexicon().Epoch() < 2; i++ {
		if i > 2*mostWords {
			t.Fatal("nothing is ever forgotten")
		}
		var words strings.Builder
		for k := range 1000 {
			fmt.Fprintf(&words, "слово%d ", 1000*i+k)
		}
		d, err := a.Analyze(words.String())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(a.lexicon.words); n > mostWords+MaxRunes {
			t.Fatalf("%d words are remembered", n)
		}
		for pos := range d.Words {
			if d.Stem(pos) != Stem(d.Word(pos)) {
				t.Fatalf("the stem of %s is %s", d.Word(pos), d.Stem(pos))
			}
		}
	}
}
