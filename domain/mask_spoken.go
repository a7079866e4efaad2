package domain

import "regexp"

// Forms of numbers that are rarer, or that only the word before them tells.
var (
	// +7-914-12-34-567, 8/914/1234567, 8_914_123_45_67
	oddForm = regexp.MustCompile(`(?:\+\s?7|\b[78])[_/` + gap + `]{1,2}\(?9\d{2}\)?(?:[_/` + gap + `]?\d){7}`)
	// +375 29 123-45-67: neighbours of Russia
	abroadForm = regexp.MustCompile(`\+\s?(?:37[1-5]|380|99[2-68])[` + gap + `(]{0,3}\d{2,3}[` + gap + `)]{0,3}\d(?:[` + gap + `]?\d){5,6}`)
	snilsHalf  = regexp.MustCompile(`\d{9}[` + gap + `]\d{2}`) // 123456789 01
	snilsWord  = regexp.MustCompile(`(?i)снилс[а-яё]*[:№\s]{0,4}$`)
	// серия 0812 выдан … номер 345678
	apartForm  = regexp.MustCompile(`(?i)(сери[яиюей]{1,2}\s*:?\s*)\d{2}\s?\d{2}(\s[^\n]{1,160}?номер[а-яё]{0,2}:?\s*№?\s*)\d{3}\s?\d{3}`)
	abroadPass = regexp.MustCompile(`\d{2}\s?№?\s?\d{7}`) // 75 1234567
	// ten digits that are no passport
	accountWord = regexp.MustCompile(`(?i)(?:сч[её]т[а-яё]*|л/с|инцидент[а-яё]*|обращени[а-яё]*|заявк[а-яё]*|договор[а-яё]*|инн)[\s:.]{0,3}(?:(?:№|n|номер[а-яё]{0,2})[\s:.]{0,3})?$`)
)

// spoken hides numbers by the words before them.
func (m *masker) spoken(s string) string {
	s = m.replace(s, apartForm, func(from, to int) string {
		if runsOn(s, from, to) {
			return ""
		}
		parts := apartForm.FindStringSubmatch(s[from:to])
		return parts[1] + passportMask + parts[2] + passportMask
	})
	said := func(word *regexp.Regexp, with string) func(from, to int) string {
		return func(from, to int) string {
			if runsOn(s, from, to) || !word.MatchString(before(s, from)) {
				return ""
			}
			return with
		}
	}
	s = m.replace(s, snilsHalf, said(snilsWord, snilsMask))
	return m.replace(s, abroadPass, said(abroadWord, passportMask))
}

var abroadWord = regexp.MustCompile(`(?i)паспорт[а-яё]*[:№\s]{0,4}$`)
