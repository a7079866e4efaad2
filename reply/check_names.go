package reply

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

var (
	wordForm       = regexp.MustCompile(`[А-ЯЁа-яё]+(?:-[А-ЯЁ][а-яё]+)?`)
	patronymicForm = regexp.MustCompile(`^[А-ЯЁ][а-яё]+(?:[оеё]вич|[оеё]вн|ьич|инич|ничн|ьиничн)(?:а|у|ем|ом|е|ы|ой|ою)?$`)
	initialsForm   = regexp.MustCompile(`[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?[А-ЯЁ][а-яё]{2,}|[А-ЯЁ][а-яё]{2,}\s[А-ЯЁ]\.\s?[А-ЯЁ]\.`)
)

// names finds people called by name and patronymic. With the surname beside it is
// a person in full, and refused unless an office stands before it: the name of a
// minister is no personal matter, but a person looks.
func names(text string) (out []domain.ReplyFault) {
	at := wordForm.FindAllStringIndex(text, -1)
	word := func(i int) string { return text[at[i][0]:at[i][1]] }
	beside := func(i, j int) bool {
		return i >= 0 && j < len(at) && strings.Trim(text[at[i][1]:at[j][0]], " \u00a0") == ""
	}
	for i := 1; i < len(at); i++ {
		if !patronymicForm.MatchString(word(i)) || !beside(i-1, i) || !capital(word(i-1)) || courtesy(word(i-1)) {
			continue
		}
		from, to := i-1, i
		if beside(i-2, i-1) && capital(word(i-2)) && !courtesy(word(i-2)) {
			from = i - 2
		} else if beside(i, i+1) && capital(word(i+1)) {
			to = i + 1
		}
		part := text[at[from][0]:at[to][1]]
		switch {
		case to-from < 2:
			out = append(out, soft(domain.AnswerSomeName, part, "Имя и отчество в открытом ответе: %s."))
		case office(text[:at[from][0]]):
			out = append(out, soft(domain.AnswerFullName, part, "Полное имя в открытом ответе: %s. Это должно быть должностное лицо."))
		default:
			out = append(out, hard(domain.AnswerFullName, part, "Полное имя человека в открытом ответе: %s. Уберите его."))
		}
	}
	for _, part := range wordsAlone(text, initialsForm) {
		out = append(out, soft(domain.AnswerSomeName, part, "Фамилия с инициалами в открытом ответе: %s."))
	}
	return out
}

func capital(word string) bool {
	r, size := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r) && size < len(word)
}

// courtesy are words with which a sentence begins before a name.
func courtesy(word string) bool {
	word = strings.ToLower(word)
	return slices.ContainsFunc([]string{"уважаем", "спасибо", "здравствуй", "добр", "господин", "госпож", "граждан", "заявител", "благодар"},
		func(begin string) bool { return strings.HasPrefix(word, begin) })
}

// office reports that the words before a name say what the person is, or that it
// is the name of a street.
func office(before string) bool {
	words := wordForm.FindAllString(before, -1)
	for _, w := range words[max(0, len(words)-6):] {
		w = strings.ToLower(w)
		for _, begin := range []string{"министр", "глав", "губернатор", "мэр", "директор", "начальник", "заместител", "руководител", "председател",
			"специалист", "депутат", "исполнител", "имени", "улиц", "ул", "памятник", "инженер"} {
			if w == begin || len(begin) > 4 && strings.HasPrefix(w, begin) {
				return true
			}
		}
	}
	return false
}

func startsWord(s string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return at == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
