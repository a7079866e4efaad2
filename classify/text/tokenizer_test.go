package text

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func plain(word string) bool {
	n, is := stretch(word)
	return is && n == len(word)
}

// asking is prose asked about every stretch.
type asking struct{}

func (asking) Tokenize(dst []Span, text string) ([]Span, error) {
	for start := 0; start < len(text); start++ {
		n, _ := stretch(text[start:])
		spans, err := split(text[start : start+n])
		if err != nil {
			return nil, err
		}
		for _, s := range spans {
			dst = append(dst, Span{start + s.Start, start + s.End})
		}
		start += n
	}
	return dst, nil
}

// Of what prose is not asked about, Analyze makes the same as if it were.
func TestPlainStretchesNeedNoProse(t *testing.T) {
	asked, ours := NewAnalyzer(asking{}), NewAnalyzer(nil)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOfN(rapid.RuneFrom([]rune("абвгдежзийклмнопрстуфхцчшщъыьэюяёхдs'.,!?:;()\"-8D  ")), 1, 40, -1).Draw(t, "words")
		want, err := asked.Analyze(words)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.Analyze(words)
		if err != nil {
			t.Fatal(err)
		}
		if want.Text != got.Text || !slices.Equal(want.Tokens, got.Tokens) {
			t.Fatalf("%q: prose cuts into %v, we into %v", words, want.Tokens, got.Tokens)
		}
	})
}

func TestPlainIsCyrillicLettersAndPunctuation(t *testing.T) {
	for word, want := range map[string]bool{"яма": true, "ёлка": true, "(яма),": true, "яма.": true, "т.к.": true, "кто-то": false, "xd": false, "5а": false, "яма\u0301": false} {
		if plain(word) != want {
			t.Errorf("plain(%q) = %v", word, !want)
		}
	}
}
