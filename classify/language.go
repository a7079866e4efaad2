package classify

import (
	"crypto/sha256"
	"encoding/hex"

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
	for _, r := range d.Text {
		switch r {
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
func fingerprint(d *text.Doc) string {
	if len(d.Words) < fingerprintWords || d.Shape.Cyrillic+d.Shape.Latin < fingerprintLetters {
		return ""
	}
	h := sha256.New()
	for pos, i := range d.Words {
		if d.Tokens[i].Link {
			continue
		}
		h.Write([]byte(d.Word(pos)))
		h.Write([]byte{' '})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
