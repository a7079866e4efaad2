package domain

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Traces are what tells in other people's words who an author was and what they
// wrote: their name in any case, numbers and addresses of mail, runs of their own
// words, and the streets they named.
type Traces struct {
	names   []string // stems, as they are written
	streets []string // stems, small letters
	numbers []*regexp.Regexp
	mails   []string
	runs    map[string]bool
}

// Hidden stands where something was taken out.
const Hidden = "[удалено]"

// quoted is how many words in a row are a quotation of the author.
const quoted = 4

// NewTraces finds the traces of an author. Without streets those stay: others have
// named them too.
func NewTraces(names, texts, streets []string) Traces {
	t := Traces{runs: map[string]bool{}}
	for _, n := range names {
		for _, w := range wordsOf(n) {
			if stem := stemOf(n[w.from:w.to]); stem != "" {
				t.names = append(t.names, stem)
			}
		}
	}
	for _, s := range streets {
		for _, w := range wordsOf(s) {
			if stem := stemOf(strings.ToLower(s[w.from:w.to])); stem != "" && !streetKind(stem) {
				t.streets = append(t.streets, stem)
			}
		}
	}
	for _, text := range texts {
		t.learn(text)
	}
	return t
}

func (t *Traces) learn(text string) {
	t.mails = append(t.mails, emailForm.FindAllString(text, -1)...)
	for _, n := range numberForm.FindAllString(text, -1) {
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, n)
		if len(digits) == 11 && (digits[0] == '7' || digits[0] == '8') {
			digits = digits[1:]
		}
		if len(digits) >= 6 {
			t.numbers = append(t.numbers, regexp.MustCompile(`(?:\+?[78][\s()\-–]{0,3})?`+strings.Join(strings.Split(digits, ""), `[\s()\-–]{0,3}`)))
		}
	}
	words := wordsOf(text)
	for i := 0; i+quoted <= len(words); i++ {
		t.runs[runOf(text, words[i:i+quoted])] = true
	}
}

// numberForm is anything that may be a number of somebody's: a phone, a document.
var numberForm = regexp.MustCompile(`\+?\d(?:[\s()\-–]{0,3}\d){5,}`)

// Found are the places where a text names the author: words side by side are one.
func (t Traces) Found(s string) (out []string) {
	words := wordsOf(s)
	for i := 0; i < len(words); i++ {
		if !t.tells(s[words[i].from:words[i].to]) {
			continue
		}
		from := words[i].from
		for i+1 < len(words) && t.tells(s[words[i+1].from:words[i+1].to]) && strings.Trim(s[words[i].to:words[i+1].from], " \u00a0-") == "" {
			i++
		}
		out = append(out, s[from:words[i].to])
	}
	return out
}

// Hide takes the traces out of a text.
func (t Traces) Hide(s string) string {
	for _, m := range t.mails {
		s = strings.ReplaceAll(s, m, Hidden)
	}
	for _, n := range t.numbers {
		s = new(masker).alone(s, n, Hidden)
	}
	words := wordsOf(s)
	hide := make([]bool, len(words))
	for i := range words {
		hide[i] = hide[i] || t.tells(s[words[i].from:words[i].to])
		if i+quoted <= len(words) && t.runs[runOf(s, words[i:i+quoted])] {
			for k := range quoted {
				hide[i+k] = true
			}
		}
		if i > 0 && hide[i-1] && houseOf(s, words[i-1], words[i]) {
			hide[i] = true
		}
	}
	return without(s, words, hide)
}

func (t Traces) tells(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	for _, stem := range t.names {
		if unicode.IsUpper(first) && formOf(word, stem) || strings.ToUpper(word) == word && formOf(strings.ToLower(word), strings.ToLower(stem)) {
			return true
		}
	}
	low := strings.ToLower(word)
	for _, stem := range t.streets {
		if formOf(low, stem) {
			return true
		}
	}
	return false
}

// formOf reports a form of the word with a stem: an ending of at most three letters.
func formOf(word, stem string) bool {
	rest, ok := strings.CutPrefix(word, stem)
	return ok && utf8.RuneCountInString(rest) <= 3
}

// houseOf reports a number, or «д.», «дом», right behind what is hidden.
func houseOf(s string, before, w wordAt) bool {
	gap, word, last := s[before.to:w.from], strings.ToLower(s[w.from:w.to]), strings.ToLower(s[before.from:before.to])
	end := ".!?;\n"
	if housePart(last) {
		end = "!?;\n"
	}
	return len(gap) <= 3 && !strings.ContainsAny(gap, end) && (housePart(word) || digit(word[0]) && len(word) <= 8)
}

func housePart(word string) bool {
	switch word {
	case "д", "дом", "кв", "квартира", "к", "корп", "корпус":
		return true
	}
	return false
}

type wordAt struct{ from, to int }

// wordsOf finds runs of letters and digits; [удалено] is none.
func wordsOf(s string) (out []wordAt) {
	from := -1
	for i, r := range s + " " {
		in := unicode.IsLetter(r) || unicode.IsDigit(r)
		switch {
		case in && from < 0:
			from = i
		case !in && from >= 0:
			if s[from:i] != "удалено" {
				out = append(out, wordAt{from, i})
			}
			from = -1
		}
	}
	return out
}

func runOf(s string, words []wordAt) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(strings.ReplaceAll(strings.ToLower(s[w.from:w.to]), "ё", "е"))
		b.WriteByte(' ')
	}
	return b.String()
}

// stemOf is a word without its ending; "" when it is too short to know anybody by.
func stemOf(word string) string {
	stem := strings.TrimRight(word, "аеёиоуыэюяйьАЕЁИОУЫЭЮЯЙЬ")
	if utf8.RuneCountInString(stem) < 2 || utf8.RuneCountInString(word) < 3 {
		return ""
	}
	return stem
}

func streetKind(stem string) bool {
	switch stem {
	case "улиц", "переул", "переулок", "проспект", "площад", "бульвар", "шосс", "проезд", "набережн", "тупик", "микрорайон", "квартал", "имен":
		return true
	}
	return false
}

// without puts one mark in the place of hidden words that stand side by side.
func without(s string, words []wordAt, hide []bool) string {
	var b strings.Builder
	end := 0
	for i := 0; i < len(words); i++ {
		if !hide[i] {
			continue
		}
		b.WriteString(s[end:words[i].from])
		for i+1 < len(words) && hide[i+1] {
			i++
		}
		b.WriteString(Hidden)
		end = words[i].to
	}
	b.WriteString(s[end:])
	return b.String()
}
