package domain

import (
	"regexp"
	"strings"
)

// Personal data are masked in what leaves the system: law.md §4. What is looked
// for has a form of its own; names and addresses have none and stay.
var (
	emailForm = regexp.MustCompile(`[\pL\pN._%+\-]+@[\pL\pN\-]+(?:\.[\pL\pN\-]+)+`)
	// 8 (914) 123-45-67, +7 914 123 45 67, 89141234567, (4212) 12-34-56
	phoneForm = regexp.MustCompile(`(?:\+\s?7|\b[78])[\s\-–(]{0,3}\d{3,5}[\s\-–)]{0,3}\d{1,3}(?:[\s\-–]?\d{2}){2}`)
	cityForm  = regexp.MustCompile(`\(\d{3,5}\)[\s\-–]?\d{1,3}[\s\-–]?\d{2}[\s\-–]?\d{2}`)
	bareForm  = regexp.MustCompile(`\d{10,11}`)
	dashForm  = regexp.MustCompile(`9\d{2}[\s\-–]\d{3}[\s\-–]\d{2}[\s\-–]\d{2}`)
	snilsForm = regexp.MustCompile(`\d{3}[\-–\s]\d{3}[\-–\s]\d{3}[\s\-–]{0,3}\d{2}`)
	// 08 10 123456, 0810 № 123456, серия 0810 номер 123456
	passportForm = regexp.MustCompile(`(?i)(?:сери[яи]\s*:?\s*)?\d{2}\s?\d{2}\s*,?\s*(?:№|номер:?|n)?\s*\d{6}`)
)

const (
	emailMask    = "[почта скрыта]"
	phoneMask    = "[телефон скрыт]"
	snilsMask    = "[СНИЛС скрыт]"
	passportMask = "[паспорт скрыт]"
)

// Mask hides phones, e-mails, СНИЛС, passport numbers and diagnoses in a text: in
// whatever leaves the system, and in what is learned from.
func Mask(s string) string {
	s = maskIllness(s)
	if strings.Contains(s, "@") {
		s = replaceAlone(s, emailForm, emailMask)
	}
	if digits(s) < fewestDigits {
		return s
	}
	s = replaceAlone(s, snilsForm, snilsMask)
	s = replaceAlone(s, phoneForm, phoneMask)
	s = replaceAlone(s, cityForm, phoneMask)
	s = replaceAlone(s, dashForm, phoneMask)
	s = replaceBare(s)
	return replaceAlone(s, passportForm, passportMask)
}

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
	if digit(after) || digit(before) {
		return true
	}
	return strings.ContainsRune("_/=-", rune(before)) && from > 1 && s[from-2] > ' ' || after == '_'
}

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
