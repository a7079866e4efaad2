package reply

import (
	"regexp"
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

// Personal data that has a form.
var (
	snilsForm    = regexp.MustCompile(`\d{3}[-–\s]\d{3}[-–\s]\d{3}[-–\s]{0,3}\d{2}`)
	snilsBare    = regexp.MustCompile(`(?i)снилс\D{0,20}\d{11}`)
	passportForm = regexp.MustCompile(`(?i)(?:паспорт|сери[яиюей]+)[^.!?\n\d]{0,40}\d{2}\s?\d{2}[\s,]*(?:№|номер:?|n)?\s*\d{6}`)
	passportLike = regexp.MustCompile(`\d{2}\s?\d{2}\s*(?:№|номер:?)?\s*\d{6}`)
	phoneForm    = regexp.MustCompile(`(?:\+\s?7|[78])?[\s\-–(]{0,3}\d{3,5}[\s\-–)]{0,3}\d{1,3}(?:[\s\-–]?\d{2}){2}`)
	flatForm     = regexp.MustCompile(`(?i)(?:квартир[а-яё]*|кв\.?)\s*(?:№\s*)?\d+`)
	livesForm    = regexp.MustCompile(`(?i)прожива[а-яё]+\s+по\s+адресу|(?:вашего|её|ее|его)\s+места\s+жительства|адрес[а-яё]*\s+(?:вашей\s+)?регистрации`)
)

// documents: a СНИЛС or a passport has no business in any answer.
func documents(text string) (out []domain.ReplyFault) {
	for _, form := range []*regexp.Regexp{snilsForm, snilsBare} {
		for _, part := range alone(text, form) {
			out = append(out, hard(domain.AnswerSNILS, part, "СНИЛС в открытом ответе: %s. Уберите его."))
		}
	}
	certain := alone(text, passportForm)
	for _, part := range certain {
		out = append(out, hard(domain.AnswerPassport, part, "Номер паспорта в открытом ответе: %s. Уберите его."))
	}
	for _, part := range alone(text, passportLike) {
		if !slices.ContainsFunc(certain, func(c string) bool { return strings.Contains(c, part) }) && len(digitsOf(part)) == 10 && !mobile(digitsOf(part)) {
			out = append(out, soft(domain.AnswerPassport, part, "Похоже на номер паспорта: %s."))
		}
	}
	return out
}

// phones: the author's own is refused; another may be that of a service. Free
// lines, 8-800, are nobody's.
func phones(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	theirs := map[string]bool{}
	for _, text := range r.Authors {
		for _, part := range alone(text, phoneForm) {
			theirs[national(digitsOf(part))] = true
		}
	}
	for _, part := range alone(r.Text, phoneForm) {
		digits := digitsOf(part)
		number := national(digits)
		switch {
		case len(number) != 10 || strings.HasPrefix(number, "800") || !dials(part, digits):
		case theirs[number]:
			out = append(out, hard(domain.AnswerPhone, part, "Телефон автора в открытом ответе: %s. Уберите его."))
		default:
			out = append(out, soft(domain.AnswerPhone, part, "Телефон в открытом ответе: %s. Он должен быть служебным."))
		}
	}
	return out
}

// dials tells a phone from another number: a code in front, a mobile, brackets or
// parts.
func dials(part string, digits string) bool {
	return len(digits) == 11 && (digits[0] == '7' || digits[0] == '8') || mobile(digits) || strings.ContainsAny(part, "()") ||
		strings.ContainsAny(strings.TrimSpace(part), "-–")
}

func mobile(digits string) bool {
	n := national(digits)
	return len(n) == 10 && n[0] == '9'
}

// national is a number without its country or the eight.
func national(digits string) string {
	if len(digits) == 11 && (digits[0] == '7' || digits[0] == '8') {
		return digits[1:]
	}
	return digits
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// addresses: a house is where the trouble is, a flat is where somebody lives.
func addresses(text string) (out []domain.ReplyFault) {
	for _, part := range wordsAlone(text, flatForm) {
		out = append(out, hard(domain.AnswerAddress, part, "Квартира в открытом ответе: %s. Назовите только дом."))
	}
	for _, part := range wordsAlone(text, livesForm) {
		out = append(out, soft(domain.AnswerAddress, part, "Похоже на адрес человека: %s."))
	}
	return out
}

// alone gives what a form finds and is not part of a longer number or a link.
func alone(s string, form *regexp.Regexp) (out []string) {
	for _, m := range form.FindAllStringIndex(s, -1) {
		before, after := byte(' '), byte(' ')
		if m[0] > 0 {
			before = s[m[0]-1]
		}
		if m[1] < len(s) {
			after = s[m[1]]
		}
		if isDigit(before) && isDigit(s[m[0]]) || isDigit(after) || strings.IndexByte("/=_", before) >= 0 {
			continue
		}
		out = append(out, strings.TrimSpace(s[m[0]:m[1]]))
	}
	return out
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// wordsAlone gives what a form finds at the beginning of a word: Go's \b knows
// Latin letters only.
func wordsAlone(s string, form *regexp.Regexp) (out []string) {
	for _, m := range form.FindAllStringIndex(s, -1) {
		if startsWord(s, m[0]) {
			out = append(out, strings.TrimSpace(s[m[0]:m[1]]))
		}
	}
	return out
}
