package classify

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"github.com/otklik/otklik/classify/text"
)

// language guesses "ru" unless the letters clearly say otherwise: "en" for
// Latin script, "uk" and "kk" by their own letters. A text with hardly any
// letter is taken for Russian: its kind decides.
func language(d *text.Doc) string {
	s := &d.Shape
	if s.Latin > 12 && s.Latin > 3*s.Cyrillic {
		return "en"
	}
	if s.Cyrillic < 20 {
		return "ru"
	}
	uk, kk := 0, 0
	for i := 0; i+1 < len(d.Text); i++ {
		if b := d.Text[i]; b < 0xd1 || b > 0xd3 || b == 0xd1 && d.Text[i+1] < 0x94 { // nothing beside а–ё
			continue
		}
		switch r, _ := utf8.DecodeRuneInString(d.Text[i:]); r {
		case 'і', 'ї', 'є', 'ґ':
			uk++
		case 'ә', 'қ', 'ң', 'ө', 'ұ', 'ү', 'һ', 'ғ':
			kk++
		}
	}
	switch {
	case kk*33 > s.Cyrillic: // Kazakh writes і too
		return "kk"
	case uk*33 > s.Cyrillic:
		return "uk"
	}
	return "ru"
}

const (
	fingerprintWords   = 5  // shorter texts («когда уже?») are equal by chance
	fingerprintLetters = 25 //
)

// fingerprint is equal for copies of a text whatever their markup, case,
// punctuation, emoji and links; "" when the text is too short to tell.
func (s *scratch) fingerprint(d *text.Doc) string {
	if len(d.Words) < fingerprintWords || d.Shape.Cyrillic+d.Shape.Latin < fingerprintLetters {
		return ""
	}
	s.said = s.said[:0]
	for pos, i := range d.Words {
		if d.Tokens[i].Link {
			continue
		}
		s.said = append(append(s.said, d.Word(pos)...), ' ')
	}
	sum := sha256.Sum256(s.said)
	return hex.EncodeToString(sum[:16])
}
