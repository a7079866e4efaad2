package reply

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// Personal data that has a form; those of a СНИЛС and of telephones are in domain, with
// what masks them.
var (
	snilsBare    = regexp.MustCompile(`(?i)снилс\D{0,20}\d{11}`)
	passportForm = regexp.MustCompile(`(?i)(?:паспорт|сери[яиюей]+)[^.!?\n\d]{0,40}\d{2}\s?\d{2}[\s,]*(?:№|номер:?|n)?\s*\d{6}`)
	passportLike = regexp.MustCompile(`\d{2}\s?\d{2}\s*(?:№|номер:?)?\s*\d{6}`)
	// wider than a mask's: an answer is read by all, and its author looks once more
	phoneForm  = regexp.MustCompile(`(?:\+\s?7|[78])?[` + gap + `(]{0,3}\d{3,5}[` + gap + `)]{0,3}\d{1,3}(?:[` + gap + `]?\d{2}){2}`)
	policyForm = regexp.MustCompile(`(?i)(?:полис[а-яё]*|омс|енп)[^.!?\n\d]{0,30}\d{4}[\s-]?\d{4}[\s-]?\d{4}[\s-]?\d{4}`)
	innForm    = regexp.MustCompile(`(?i)инн[^.!?\n\d]{0,15}\d{12}`)
	// т. 45-67-89, тел.: 456-78-90, звоните 5-67-89
	shortForm = regexp.MustCompile(`(?i)(?:т\.|тел\.?|телефон[а-яё]*|номер[а-яё]*|звон[а-яё]+|моб\.?|дом\.)(?:\s+[а-яё]+)?\s*[:—–-]?\s*(\d{1,3}[` + gap + `]\d{2}[` + gap + `]\d{2})`)
	localForm = regexp.MustCompile(`\d{3}[` + domain.DigitDash + `]\d{2}[` + domain.DigitDash + `]\d{2}`)
	bareLocal = regexp.MustCompile(`\d{1,3}[` + gap + `]?\d{2}[` + gap + `]?\d{2}`)
)

const gap = domain.DigitGap

// documents: a СНИЛС or a passport has no business in any answer.
func documents(text string) (out []domain.ReplyFault) {
	for _, part := range append(alone(text, snilsBare), domain.SNILS(text)...) {
		digits := digitsOf(part)
		bare := part == digits // eleven in a row: by its last two, which follow from the others
		known := slices.ContainsFunc(out, func(f domain.ReplyFault) bool { return strings.HasSuffix(digitsOf(f.Part), digits) })
		if !known && (!bare || isSNILS(digits) && digits[0] != '7' && digits[0] != '8') {
			out = append(out, hard(domain.AnswerSNILS, part, "СНИЛС в открытом ответе: %s. Уберите его."))
		}
	}
	for _, part := range wordsAlone(text, policyForm) {
		out = append(out, hard(domain.AnswerPolicy, part, "Полис ОМС в открытом ответе: %s. Уберите его."))
	}
	for _, part := range wordsAlone(text, innForm) {
		out = append(out, hard(domain.AnswerINN, part, "ИНН человека в открытом ответе: %s. Уберите его."))
	}
	certain := alone(text, passportForm)
	for _, part := range certain {
		out = append(out, hard(domain.AnswerPassport, part, "Номер паспорта в открытом ответе: %s. Уберите его."))
	}
	for _, part := range alone(text, passportLike) {
		if !slices.ContainsFunc(certain, func(c string) bool { return strings.Contains(c, part) }) && len(digitsOf(part)) == 10 && !mobile(digitsOf(part)) && !ofFirm(text, part) {
			out = append(out, soft(domain.AnswerPassport, part, "Похоже на номер паспорта: %s."))
		}
	}
	return out
}

// isSNILS: the last two of eleven digits follow from the others.
func isSNILS(digits string) bool {
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (9 - i)
	}
	return sum > 0 && sum%101%100 == int(digits[9]-'0')*10+int(digits[10]-'0')
}

// ofFirm reports a number that is said to be an organisation's: ten digits of its ИНН.
func ofFirm(text, part string) bool {
	before := strings.ToLower(text[:max(0, strings.Index(text, part))])
	r := []rune(before)
	return strings.Contains(string(r[max(0, len(r)-20):]), "инн")
}

// phones: the author's own is refused; another may be that of a service. Free
// lines, 8-800, are nobody's.
func phones(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	theirs := map[string]bool{}
	for _, text := range r.Authors {
		for _, p := range phonesIn(text) {
			theirs[p.number] = true
		}
	}
	for _, p := range phonesIn(r.Text) {
		part, number := p.part, p.number
		switch {
		case len(number) != 10 || strings.HasPrefix(number, "800") || !p.dials:
		case theirs[number]:
			out = append(out, hard(domain.AnswerPhone, part, "Телефон автора в открытом ответе: %s. Уберите его."))
		default:
			out = append(out, soft(domain.AnswerPhone, part, "Телефон в открытом ответе: %s. Он должен быть служебным."))
		}
	}
	return append(out, short(r)...)
}

// phone is a number that may be a telephone.
type phone struct {
	part, number string
	dials        bool // it is one
}

// phonesIn finds them: by the wide form, and, in other ways of writing, by those of the
// masks.
func phonesIn(text string) (out []phone) {
	for _, part := range alone(text, phoneForm) {
		digits := digitsOf(part)
		out = append(out, phone{part, national(digits), dials(part, digits)})
	}
	for _, part := range domain.Phones(text) {
		number := national(digitsOf(part))
		i := slices.IndexFunc(out, func(p phone) bool { return p.number == number })
		if i < 0 {
			out = append(out, phone{strings.TrimSpace(part), number, true})
		} else {
			out[i].dials = true
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

// short finds phones of a town, as people write them: «т. 45-67-89». Without a word
// before it a number of six digits is as soon a date, and only the author's own is
// known; of seven a person looks.
func short(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	theirs := map[string]bool{}
	for _, text := range r.Authors {
		for _, part := range alone(text, bareLocal) {
			theirs[digitsOf(part)] = true
		}
	}
	seen := map[string]bool{}
	add := func(part string, said bool) {
		number := digitsOf(part)
		switch {
		case seen[number]:
		case theirs[number] && len(number) >= 5:
			out = append(out, hard(domain.AnswerPhone, part, "Телефон автора в открытом ответе: %s. Уберите его."))
		case said:
			out = append(out, soft(domain.AnswerPhone, part, "Телефон в открытом ответе: %s. Он должен быть служебным."))
		default:
			return
		}
		seen[number] = true
	}
	for _, part := range domain.Phones(r.Text) {
		if len(digitsOf(part)) <= 7 {
			add(part, true)
		}
	}
	for _, m := range shortForm.FindAllStringSubmatchIndex(r.Text, -1) {
		if startsWord(r.Text, m[0]) && !isDigitAt(r.Text, m[3]) && !strings.HasPrefix(r.Text[m[3]:], "-") {
			add(r.Text[m[2]:m[3]], true)
		}
	}
	for _, m := range localForm.FindAllStringIndex(r.Text, -1) {
		if lone(r.Text, m[0], m[1]) && !strings.HasSuffix(strings.TrimRight(r.Text[:m[0]], blanks), "№") && !strings.HasPrefix(r.Text[m[1]:], "-") {
			add(r.Text[m[0]:m[1]], true)
		}
	}
	for _, part := range alone(r.Text, bareLocal) {
		add(part, false)
	}
	return out
}

// blanks stand between the parts of a number, with or without a break.
const blanks = " \u00a0\u202f"

// lone: no longer number ends in this one.
func lone(s string, from, to int) bool {
	prev, size := utf8.DecodeLastRuneInString(s[:from])
	between := strings.ContainsRune(blanks+"‐‑–", prev)
	before, _ := utf8.DecodeLastRuneInString(s[:from-size])
	switch {
	case isDigitAt(s, to), prev >= '0' && prev <= '9', strings.ContainsRune("-/.)+", prev):
		return false
	case between:
		return before != ')' && (before < '0' || before > '9')
	}
	return true
}

func isDigitAt(s string, i int) bool { return i < len(s) && isDigit(s[i]) }

// mails: the author's own is refused, one of a mail service is perhaps somebody's;
// those of bodies have domains of their own.
func mails(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	theirs := map[string]bool{}
	for _, text := range r.Authors {
		for _, m := range domain.Mails(text) {
			theirs[strings.ToLower(m)] = true
		}
	}
	for _, m := range domain.Mails(r.Text) {
		_, host, _ := strings.Cut(strings.ToLower(m), "@")
		switch {
		case theirs[strings.ToLower(m)]:
			out = append(out, hard(domain.AnswerMail, m, "Почта автора в открытом ответе: %s. Уберите её."))
		case slices.Contains([]string{"mail.ru", "bk.ru", "list.ru", "inbox.ru", "internet.ru", "vk.com", "yandex.ru", "ya.ru", "gmail.com", "rambler.ru", "outlook.com", "icloud.com", "hotmail.com"}, host):
			out = append(out, soft(domain.AnswerMail, m, "Похоже на личную почту: %s. Она должна быть служебной."))
		}
	}
	return out
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

// wordEnds: no letter and no digit follows.
func wordEnds(s string, at int) bool {
	r, _ := utf8.DecodeRuneInString(s[at:])
	return at == len(s) || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// tail is the end of what stands before, at most so many bytes: what tells stands near,
// and a long answer is looked through once.
func tail(s string, most int) string { return s[max(0, len(s)-most):] }
