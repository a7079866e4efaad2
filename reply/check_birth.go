package reply

import (
	"regexp"
	"strings"

	"github.com/otklik/otklik/domain"
)

const fullDate = `(?:\d{1,2}[./]\d{1,2}[./](?:(?:19|20)\d{2}|\d{2})|\d{1,2}\s+(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)\s+(?:19|20)\d{2})`

var (
	birthSaid = regexp.MustCompile(`(?i)дат[а-яё]+\s+рождения[^.!?\n\d]{0,40}` + fullDate + `|` + fullDate + `,?\s*(?:года\s+рожд|г\.?\s?р\.|рожд)`)
	bornForm  = regexp.MustCompile(`(?i)рожд[её]н[а-яё]?\s+` + fullDate + `|родил(?:ся|ась|ись)[^.!?\n\d]{0,20}` + fullDate)
	yearForm  = regexp.MustCompile(`(?i)(?:19|20)\d{2}\s*(?:года\s+рожд|г\.?\s?р\.)`)
	// of a town, or of all of an age
	placeBorn = regexp.MustCompile(`(?i)рождения\s+(?:наш[а-яё]+\s+)?(?:город|пос[её]л|сел|район|кра[йя]|област|организац|предприят|школ)`)
	ofAnAge   = regexp.MustCompile(`(?i)(?:^|[^а-яё])(?:дет[а-яё]+|мальчик[а-яё]+|девоч[а-яё]+|юнош[а-яё]+|девуш[а-яё]+|ребят[а-яё]*|граждан(?:е|ам|ами)?|пенсионер(?:ы|ов|ам)|лиц[а-яё]*|мужчин|женщин|команд[а-яё]*|набор[а-яё]*|секци[а-яё]+|родивш[а-яё]+|школьник(?:и|ов|ам)|спортсмен[а-яё]*|участник(?:и|ов|ам))(?:[^а-яё]|$)|\d{4}\s*(?:[-–—,]|и|по)\s*$`)
)

// births: when somebody was born. A year alone may be that of many.
func births(text string) (out []domain.ReplyFault) {
	said := func(part string) {
		out = append(out, hard(domain.AnswerBirth, part, "Дата рождения в открытом ответе: %s. Уберите её."))
	}
	certain := birthSaid.FindAllStringIndex(text, -1)
	for _, m := range certain {
		if part := text[m[0]:m[1]]; startsWord(text, m[0]) && !placeBorn.MatchString(part) {
			said(part)
		}
	}
	for _, m := range bornForm.FindAllStringIndex(text, -1) {
		if startsWord(text, m[0]) && personForm.MatchString(strings.ToLower(tail(text[:m[0]], 80))) {
			said(text[m[0]:m[1]])
		}
	}
	for _, m := range yearForm.FindAllStringIndex(text, -1) {
		inside := false
		for _, c := range certain {
			inside = inside || c[0] <= m[0] && m[1] <= c[1]
		}
		if !inside && startsWord(text, m[0]) && !ofAnAge.MatchString(tail(text[:m[0]], 80)) {
			out = append(out, soft(domain.AnswerBirth, text[m[0]:m[1]], "Похоже на год рождения человека: %s."))
		}
	}
	return out
}
