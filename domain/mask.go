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
	callForm  = regexp.MustCompile(`(?i)(?:^|[^а-яёa-z])(?:т|тел|телефон[а-яё]{0,3})[.:\s]{0,3}(?:[\d` + gap + `]{5,12}(?:,|или|и)\s?)?$`)
)

// gap is what stands between the digits of a number.
const gap = `\s\x{a0}\x{202f}\-\x{2010}\x{2011}–`

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
func MaskNumbers(s string) string {
	if strings.Contains(s, "@") {
		s = replaceAlone(s, emailForm, emailMask)
	}
	n := digits(s)
	if n < shortestDigits {
		return s
	}
	s = replaceShort(s)
	if n < fewestDigits {
		return s
	}
	s = chatForm.ReplaceAllString(s, "${1}"+phoneMask)
	s = replace(s, snilsForm, snilsMaskOf(s))
	s = replaceAlone(s, phoneForm, phoneMask)
	s = replaceAlone(s, cityForm, phoneMask)
	s = replaceAlone(s, dashForm, phoneMask)
	s = replaceAlone(s, dotForm, phoneMask)
	s = replaceBare(s)
	return replacePassports(s)
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

// replaceAlone replaces what is not part of a longer number: a case's number or
// a link is no phone.
func replaceAlone(s string, form *regexp.Regexp, with string) string {
	return replace(s, form, func(from, to int) string {
		if runsOn(s, from, to) {
			return ""
		}
		return with
	})
}

// replace puts a mask in the place of what a form finds; "" leaves it.
func replace(s string, form *regexp.Regexp, mask func(from, to int) string) string {
	var b strings.Builder
	end := 0
	for _, m := range form.FindAllStringIndex(s, -1) {
		with := mask(m[0], m[1])
		if with == "" {
			continue
		}
		b.WriteString(s[end:m[0]])
		b.WriteString(with)
		end = m[1]
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

// replaceShort hides the numbers of a town, which only the word before tells.
func replaceShort(s string) string {
	return replace(s, shortForm, func(from, to int) string {
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

// replacePassports hides numbers of passports. What may be a year with a number, or
// numbers in a row, is one only where a passport is spoken of.
func replacePassports(s string) string {
	return replace(s, passportForm, func(from, to int) string {
		if runsOn(s, from, to) {
			return ""
		}
		m := s[from:to]
		whole := digit(m[len(m)-4]) // its six digits
		year := strings.HasPrefix(m, "19") || strings.HasPrefix(m, "20")
		hyphen := strings.ContainsAny(m, "-‐‑–")
		plain := whole && (!year || !hyphen)
		if !digit(m[0]) || plain || passportWord.MatchString(before(s, from)) {
			return passportMask
		}
		return ""
	})
}

var passportWord = regexp.MustCompile(`(?i)паспорт|сери[яиюей]`)

func digit(c byte) bool { return c >= '0' && c <= '9' }

// replaceBare looks at ten or eleven digits in a row: a mobile or a passport.
func replaceBare(s string) string {
	return replace(s, bareForm, func(from, to int) string {
		if runsOn(s, from, to) {
			return ""
		}
		return bareMask(s[from:to])
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
