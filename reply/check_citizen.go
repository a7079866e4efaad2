package reply

import (
	"regexp"
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

var (
	// A citizen by what they are, in the singular, with a surname behind: «заявителю Петрову».
	roleForm = regexp.MustCompile(`(?i:заявител(?:ь|я|ю|ем|е|ьниц(?:а|ы|е|у|ей))|гражданин(?:а|у|ом|е)?|гражданк(?:а|и|е|у|ой)|гр\.|гр-(?:н|на|ну|ном|ка|ки|ке|ку|кой)|жител(?:ь|я|ю|ем|е|ьниц(?:а|ы|е|у|ей))|жил(?:ец|ьца|ьцу|ьцом)|пенсионер(?:а|у|ом|ка|ки|ке|ку|кой)?|инвалид(?:а|у|ом)?|собственни(?:к|ка|ку|ком|ца|цы|це|цу|цей)|нанимател(?:ь|я|ю|ем|ьниц[а-яё]+)|пациент(?:а|у|ом|ка|ки|ке|ку|кой)?|абонент(?:а|у|ом)?|потребител(?:ь|я|ю|ем)|должни(?:к|ка|ку|ком|ца|це|цы)|сосед(?:а|у|ом|ка|ки|ке|ку|кой)?|учени(?:к|ка|ку|ком|ца|цы|це|цу|цей)|воспитанни(?:к|ка|ку|ком|ца|цы|це|цу|цей)|ветеран(?:а|у|ом)?|пострадавш(?:ий|его|ему|им|ая|ей|ую)|обративш(?:ийся|егося|емуся|имся|аяся|ейся|уюся))(?:\s+\d+\s+класса|\s+дома(?:\s+(?:№\s*)?\d+)?)?\s*\s([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)`)
	// Said of officials too.
	misterForm = regexp.MustCompile(`(?i:господин(?:а|у|ом)?|госпож(?:а|и|е|у|ой)|г-(?:н|на|ну|ном|жа|жи|же|жу|жой))\s+([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)`)
	familyForm = regexp.MustCompile(`(?i:семь(?:я|и|е|ю|ёй|ей)|супруг(?:и|ов|ам|ами))\s+([А-ЯЁ][а-яё]+(?:[оеё]в|ин|ын|ск|цк)(?:ыми|ими|ых|их|ым|им|ы|и))`)
	initialEnd = regexp.MustCompile(`([А-ЯЁ][а-яё]{2,})\s[А-ЯЁ]\.(?:\s*[^А-ЯЁ\s]|\s*$)`)
	// Surnames that end as other words do: after a role only, and a person looks.
	otherSurname = regexp.MustCompile(`^(?:(?:Ким|Пак|Цой|Тен|Тян|Ли|Хан|Кан|Нам|Юн|Шин|Хегай|Огай)(?:а|у|ом|ем|ым|е|я|ю)?|[А-ЯЁ][а-яё]+(?:ич|ец|ник|аль|арь|ман|берг|штейн|дюк|рук|чук|ак)(?:а|у|ом|ем|е|я|ю)?)$`)
	// жителю Хабаровска, Иваново: a town, by how its name ends
	townEnd = regexp.MustCompile(`(?:ск|ска|ску|ске|ском|ово|ево|ино|ыно)$`)
	// жителю Кировского района; собственник Ленина, 5
	placeNext   = regexp.MustCompile(`^(?:[\s\x{a0}]+(?i:район|округ|област|кра[йяею]|город|улиц|ул\.|площад|бульвар|проспект|переулк|набережн|сельск|пос[её]л|сел[аоуе]|деревн|станиц|слобод|микрорайон|мкр|муниципальн|республик)|,?[\s\x{a0}]*\d)`)
	adjective   = regexp.MustCompile(`(?:ого|ой|ая|ий)$`)
	capitalNext = regexp.MustCompile(`^[\s\x{a0}]+[А-ЯЁ][а-яё]`)
)

// agrees: «жителю Пионерского» is a place, «жителю Пионерскому» would be a person.
func agrees(role, surname string) bool {
	role = strings.ToLower(strings.Fields(role)[0])
	ends := func(endings ...string) bool {
		return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(role, e) })
	}
	switch {
	case strings.HasSuffix(surname, "ого"):
		return ends("а", "я", "его", "егося", "гр.") && !ends("ка", "ца")
	case strings.HasSuffix(surname, "ской"), strings.HasSuffix(surname, "цкой"):
		return ends("ки", "ке", "кой", "цы", "це", "цей", "ей", "ейся", "гр.")
	}
	return true
}

// citizens finds people called by what they are and their surname alone.
func citizens(text string) (out []domain.ReplyFault) {
	each := func(form *regexp.Regexp, found func(part, surname string, at int)) {
		for _, m := range form.FindAllStringSubmatchIndex(text, -1) {
			surname, after := text[m[2]:m[3]], text[m[3]:min(len(text), m[3]+80)]
			if adjective.MatchString(surname) && capitalNext.MatchString(after) {
				continue // жителю Советской Гавани
			}
			if startsWord(text, m[0]) && wordEnds(text, m[3]) && !townEnd.MatchString(surname) && !placeNext.MatchString(after) &&
				!firstName(surname) && !patronymicForm.MatchString(surname) {
				found(text[m[0]:m[3]], surname, m[0])
			}
		}
	}
	someone := func(part string) {
		out = append(out, soft(domain.AnswerSomeName, part, "Похоже на фамилию человека в открытом ответе: %s."))
	}
	each(roleForm, func(part, surname string, _ int) {
		switch {
		case !agrees(strings.TrimSuffix(part, surname), surname):
		case surnameForm.MatchString(surname):
			out = append(out, hard(domain.AnswerFullName, part, "Фамилия человека в открытом ответе: %s. Уберите её."))
		case otherSurname.MatchString(surname):
			someone(part)
		}
	})
	each(misterForm, func(part, surname string, at int) {
		if (surnameForm.MatchString(surname) || otherSurname.MatchString(surname)) && !office(text[:at]) {
			someone(part)
		}
	})
	each(familyForm, func(part, _ string, at int) {
		if !office(text[:at]) {
			someone(part)
		}
	})
	each(initialEnd, func(part, surname string, at int) {
		if surnameForm.MatchString(surname) && !office(text[:at]) {
			someone(strings.TrimSpace(part))
		}
	})
	return out
}
