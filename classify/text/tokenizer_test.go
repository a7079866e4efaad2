package text

import (
	"testing"

	"pgregory.net/rapid"
)

// What prose is not asked about, it would have left whole.
func TestPlainStretchesAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("абвгдежзийклмнопрстуфхцчшщъыьэюяёs'.:D8(")), 1, 30, -1).Draw(t, "word")
		spans, err := split(word)
		if err != nil {
			t.Fatal(err)
		}
		if whole := len(spans) == 1 && spans[0] == (Span{0, len(word)}); plain(word) && !whole {
			t.Fatalf("prose cuts %q into %v", word, spans)
		}
	})
}

func TestPlainIsCyrillicLettersOnly(t *testing.T) {
	for word, want := range map[string]bool{"яма": true, "ёлка": true, "кто-то": false, "яма.": false, "xd": false, "5а": false, "яма\u0301": false} {
		if plain(word) != want {
			t.Errorf("plain(%q) = %v", word, !want)
		}
	}
}
