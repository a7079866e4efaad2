package domain

import (
	"net"
	"regexp"
	"strings"
)

// Personal data are masked in what leaves the system: law.md §4. What is looked
// for has a form of its own; names and addresses have none and stay.
var (
	emailForm = regexp.MustCompile(`[\pL\pN._%+\-]+@[\pL\pN\-]+(?:\.[\pL\pN\-]+)+`)
	// 8 (914) 123-45-67, +7 914 123 45 67, 89141234567; between digits also what a
	// telephone or a word processor puts there: hyphens and blanks that do not break
	phoneForm = regexp.MustCompile(`(?:\+\s?7|\b[78])[` + gap + `(]{0,3}\d{3,5}[` + gap + `)]{0,3}\d{1,3}(?:[` + gap + `]?\d{2}){2}`)
	cityForm  = regexp.MustCompile(`\(\d{3,5}\)[` + gap + `]?\d{1,3}[` + gap + `]?\d{2}[` + gap + `]?\d{2}`) // (4212) 12-34-56
	bareForm  = regexp.MustCompile(`\d{10,11}`)
	dashForm  = regexp.MustCompile(`9\d{2}[` + gap + `]\d{3}[` + gap + `]?\d{2}[` + gap + `]?\d{2}`)
	dotForm   = regexp.MustCompile(`(?:(?:\+7|\b[78])[.` + gap + `]?\d{3,4}|9\d{2})\.\d{2,3}\.\d{2}\.\d{2}`)
	chatForm  = regexp.MustCompile(`(?i)((?:wa\.me/|phone=|t\.me/|tel:|number=)(?:\+|%2B)?)\d{10,12}`)
	snilsForm = regexp.MustCompile(`\d{3}[.` + gap + `]\d{3}[.` + gap + `]\d{3}[.` + gap + `]{0,3}\d{2}`)
	// 08 10 123456, 0810 № 123456, 08-10-123456, серия 0810 номер 123 456
	passportForm = regexp.MustCompile(`(?i)(?:сери[яиюей]{1,2}\s*:?\s*)?\d{2}[` + gap + `]?\d{2}[,` + gap + `]{0,3}(?:(?:№|номер[а-яё]{0,2}:?|n)\s*)?\d{3}[` + gap + `]?\d{3}`)
	// 45-67-89, where a telephone is spoken of
	shortForm = regexp.MustCompile(`\d{1,3}[` + gap + `]\d{2}[` + gap + `]\d{2}|\d{5,7}`)
	callForm  = regexp.MustCompile(`(?i)(?:^|[^а-яёa-z])(?:т|тел|телефон[а-яё]{0,3})(?:[.:\s]{0,3}(?:для\s+связи|дом[а-яё]*|раб[а-яё]*|моб[а-яё]*|сот[а-яё]*))?[.:\s]{0,3}(?:[\d` + gap + `]{5,12}(?:,|или|и)\s?)?$`)
)

// What stands between the digits of a number, inside the brackets of a form: DigitDash
// are the strokes, DigitGap also the blanks.
const (
	DigitDash = `\-\x{2010}\x{2011}–`
	DigitGap  = `\s\x{a0}\x{202f}` + DigitDash
	gap       = DigitGap
)

const (
	emailMask    = "[почта скрыта]"
	phoneMask    = "[телефон скрыт]"
	snilsMask    = "[СНИЛС скрыт]"
	passportMask = "[паспорт скрыт]"
)

// Mails are the addresses of mail in a text.
func Mails(s string) []string { return emailForm.FindAllString(s, -1) }

// Mask hides phones, e-mails, СНИЛС, passport numbers and diagnoses in a text: in
// whatever leaves the system, and in what is learned from.
func Mask(s string) string {
	return MaskNumbers(maskIllness(s))
}

// MaskNumbers is Mask without diagnoses: of names of bodies and topics.
func MaskNumbers(s string) string { return new(masker).numbers(s) }

// Phones are the telephones in a text, as Mask knows them.
func Phones(s string) []string { return hidden(s, phoneMask) }

// SNILS are the numbers in a text that Mask takes for a СНИЛС, also bare ones: eleven
// digits in a row, which may be another number.
func SNILS(s string) []string { return hidden(s, snilsMask) }

// hidden is what gets a mask.
func hidden(s, mask string) (out []string) {
	m := &masker{note: func(with, part string) {
		if strings.HasSuffix(with, mask) {
			out = append(out, part)
		}
	}}
	m.numbers(s)
	return out
}

// masker puts masks into a text; note, when set, hears of each and of what it hides.
type masker struct {
	note func(with, part string)
}

func (m *masker) numbers(s string) string {
	if strings.Contains(s, "@") {
		s = m.alone(s, emailForm, emailMask)
	}
	n := digits(s)
	if n < shortestDigits {
		return s
	}
	s = m.short(s)
	if n < fewestDigits {
		return s
	}
	s = m.replace(s, chatForm, func(from, to int) string { return chatForm.FindStringSubmatch(s[from:to])[1] + phoneMask })
	s = m.spoken(s)
	s = m.replace(s, snilsForm, snilsMaskOf(s))
	for _, form := range [...]*regexp.Regexp{oddForm, abroadForm, phoneForm, cityForm, dashForm, dotForm} {
		s = m.alone(s, form, phoneMask)
	}
	return m.passports(m.bare(s))
}

// shortestDigits are those of a telephone inside a town.
const shortestDigits = 5

// fewestDigits: no phone, passport or СНИЛС has fewer. Most texts end here, and the
// forms below cost a hundred times as much.
const fewestDigits = 8

func digits(s string) (n int) {
	for i := range len(s) {
		if digit(s[i]) {
			n++
		}
	}
	return n
}

// alone replaces what is not part of a longer number: a case's number or
// a link is no phone.
func (m *masker) alone(s string, form *regexp.Regexp, with string) string {
	return m.replace(s, form, func(from, to int) string {
		if runsOn(s, from, to) {
			return ""
		}
		return with
	})
}

// replace puts a mask in the place of what a form finds; "" leaves it.
func (m *masker) replace(s string, form *regexp.Regexp, mask func(from, to int) string) string {
	var b strings.Builder
	end := 0
	for _, at := range form.FindAllStringIndex(s, -1) {
		with := mask(at[0], at[1])
		if with == "" {
			continue
		}
		if m.note != nil {
			m.note(with, s[at[0]:at[1]])
		}
		b.WriteString(s[end:at[0]])
		b.WriteString(with)
		end = at[1]
	}
	b.WriteString(s[end:])
	return b.String()
}

// runsOn reports that the match goes on as a number, an identifier or an address.
func runsOn(s string, from, to int) bool {
	before, after := byte(' '), byte(' ')
	if from > 0 {
		before = s[from-1]
	}
	if to < len(s) {
		after = s[to]
	}
	if digit(after) || digit(before) || after == '_' {
		return true
	}
	if before == '/' && ofDigits(s[:from-1]) { // one telephone and another
		return false
	}
	return strings.ContainsRune("_/=-", rune(before)) && from > 1 && s[from-2] > ' '
}

// ofDigits: what stands before, up to a blank, is a number as telephones are written.
func ofDigits(s string) bool {
	const far = 24 // longer than a telephone
	s = s[max(0, len(s)-far):]
	s = s[strings.LastIndexAny(s, " \t\n,;:")+1:]
	return digits(s) >= fewestDigits && strings.Trim(s, "0123456789+-()/") == ""
}

// short hides the numbers of a town, which only the word before tells.
func (m *masker) short(s string) string {
	return m.replace(s, shortForm, func(from, to int) string {
		if runsOn(s, from, to) || to+1 < len(s) && (s[to] == '-' || s[to] == '.') && digit(s[to+1]) || !callForm.MatchString(before(s, from)) {
			return ""
		}
		return phoneMask
	})
}

// before is as much of what stands before as can tell what a number is.
func before(s string, from int) string {
	const far = 60
	return s[max(0, from-far):from]
}

// snilsMaskOf leaves addresses of computers: 192.168.100.10.
func snilsMaskOf(s string) func(from, to int) string {
	return func(from, to int) string {
		if runsOn(s, from, to) || net.ParseIP(s[from:to]) != nil {
			return ""
		}
		return snilsMask
	}
}

// passports hides numbers of passports. What may be a year with a number, or
// numbers in a row, is one only where a passport is spoken of.
func (m *masker) passports(s string) string {
	return m.replace(s, passportForm, func(from, to int) string {
		if runsOn(s, from, to) {
			return ""
		}
		part := s[from:to]
		if digits(part) == len(part) && accountWord.MatchString(before(s, from)) {
			return ""
		}
		whole := digit(part[len(part)-4]) // its six digits
		year := strings.HasPrefix(part, "19") || strings.HasPrefix(part, "20")
		hyphen := strings.ContainsAny(part, "-‐‑–")
		plain := whole && (!year || !hyphen)
		if !digit(part[0]) || plain || passportWord.MatchString(before(s, from)) {
			return passportMask
		}
		return ""
	})
}

var passportWord = regexp.MustCompile(`(?i)паспорт|сери[яиюей]`)

func digit(c byte) bool { return c >= '0' && c <= '9' }

// bare looks at ten or eleven digits in a row: a mobile or a passport.
func (m *masker) bare(s string) string {
	return m.replace(s, bareForm, func(from, to int) string {
		if runsOn(s, from, to) {
			return ""
		}
		with := bareMask(s[from:to])
		if with == passportMask && accountWord.MatchString(before(s, from)) {
			return ""
		}
		return with
	})
}

func bareMask(digits string) string {
	switch {
	case len(digits) == 11 && (digits[0] == '7' || digits[0] == '8'):
		return phoneMask
	case len(digits) == 11:
		return snilsMask
	case digits[0] == '9':
		return phoneMask
	}
	return passportMask
}
