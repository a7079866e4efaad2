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
	oglyForm       = regexp.MustCompile(`[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+[\s-]+(?:[Оо]глы|[Кк]ызы|[Гг]ызы)`)
	initialsForm   = regexp.MustCompile(`[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?[А-ЯЁ][а-яё]{2,}|[А-ЯЁ][а-яё]{2,}\s[А-ЯЁ]\.\s?[А-ЯЁ]\.`)
)

// names finds people called by name and patronymic. With the surname beside it is
// a person in full, and refused unless an office stands before it: the name of a
// minister is no personal matter, but a person looks.
func names(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	text := r.Text
	out = append(ofAuthors(r), called(text)...)
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
		if beside(i-2, i-1) && capital(word(i-2)) && !courtesy(word(i-2)) && (surnameForm.MatchString(word(i-2)) || !opensSentence(text, at[i-2][0])) {
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
	for _, m := range oglyForm.FindAllStringIndex(text, -1) {
		if part := text[m[0]:m[1]]; !startsWord(text, m[0]) {
			continue
		} else if office(text[:m[0]]) {
			out = append(out, soft(domain.AnswerFullName, part, "Полное имя в открытом ответе: %s. Это должно быть должностное лицо."))
		} else {
			out = append(out, hard(domain.AnswerFullName, part, "Полное имя человека в открытом ответе: %s. Уберите его."))
		}
	}
	for _, m := range initialsForm.FindAllStringIndex(text, -1) {
		part, before := text[m[0]:m[1]], text[:m[0]]
		switch {
		case !startsWord(text, m[0]):
		case citizen(before):
			out = append(out, hard(domain.AnswerFullName, part, "Фамилия человека в открытом ответе: %s. Уберите её."))
		case !office(before): // an office before it is a signature
			out = append(out, soft(domain.AnswerSomeName, part, "Фамилия с инициалами в открытом ответе: %s."))
		}
	}
	return append(out, citizens(text)...)
}

// ofAuthors finds the authors of the case by what they are called there, in any form:
// first name and surname side by side are refused, a surname alone a person looks at.
// A first name alone is how one is spoken to.
func ofAuthors(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	for _, name := range r.Names {
		if len(strings.Fields(name)) < 2 {
			continue // a nickname
		}
		for _, part := range domain.NewTraces([]string{name}, nil, nil).Found(r.Text) {
			before := r.Text[:max(0, strings.Index(r.Text, part))]
			switch {
			case len(strings.Fields(part)) > 1:
				out = append(out, hard(domain.AnswerFullName, part, "Имя автора в открытом ответе: %s. Уберите его."))
			case !firstName(part) && !office(before):
				out = append(out, soft(domain.AnswerSomeName, part, "Похоже на фамилию автора: %s."))
			}
		}
	}
	return out
}

var surnameForm = regexp.MustCompile(`^[А-ЯЁ][а-яё]*(?:[оеё]в|ин|ын|ск|цк|енк|[уюч]к|ян|дзе|швили|ых|их)(?:а|у|ым|ом|е|ой|ою|ий|ого|ому|им|ая|ую|о)?$`)

// called finds people called by first name and surname whom nobody here knows.
func called(text string) (out []domain.ReplyFault) {
	at := wordForm.FindAllStringIndex(text, -1)
	for i := 0; i+1 < len(at); i++ {
		a, b := text[at[i][0]:at[i][1]], text[at[i+1][0]:at[i+1][1]]
		if strings.Trim(text[at[i][1]:at[i+1][0]], " \u00a0") != "" || patronymicForm.MatchString(b) || patronymicForm.MatchString(a) {
			continue
		}
		if i+2 < len(at) && patronymicForm.MatchString(text[at[i+2][0]:at[i+2][1]]) {
			continue // in full: told of above
		}
		named := firstName(a) && surnameForm.MatchString(b) && !firstName(b) || firstName(b) && surnameForm.MatchString(a) && !firstName(a)
		if !named || office(text[:at[i][0]]) {
			continue
		}
		out = append(out, hard(domain.AnswerFullName, text[at[i][0]:at[i+1][1]], "Имя и фамилия человека в открытом ответе: %s. Уберите их."))
	}
	return out
}

// firstName reports a form of one of the names that most people have.
func firstName(word string) bool {
	if !capital(word) {
		return false
	}
	for _, stem := range strings.Fields(`Александр Алексе Алекс Али Алл Альбин Анастаси Анатоли Андре Анжел Анн Антон Антонин Аркади Арсени Артем Артём Артур Богдан Борис Вадим Валентин Валери Василис Васили Вер Вероник Виктор Виктори Виталин Витали Владимир Владислав Вячеслав Галин Геннади Георги Глеб Григори Дарь Денис Дин Дмитри Евгени Егор Екатерин Елен Елизавет Жанн Зо Иван Игор Ильдар Иль Инн Ирин Камил Карин Кирилл Константин Кристин Ксени Ларис Лев Леонид Лиди Люб Любов Людмил Макар Максим Маргарит Марин Мари Матве Михаил Надежд Натали Наталь Никит Никола Нин Оксан Олег Ольг Павел Павл Пётр Петр Полин Раис Рамиль Регин Роман Руслан Рустам Савели Светлан Семён Семен Серге Софи Соф Станислав Степан Тамар Татьян Тимофе Тимур Федор Фёдор Эдуард Элеонор Эльвир Эмм Юли Юри Яков Ян Ярослав Ав Айгул Алён Ален Алин Алис Алёш Алеш Амин Ан Арин Аслан Ахмед Вал Ван Варвар Вар Вас Василис Вит Влад Вов Волод Гал Герман Григор Гриш Гульнар Давид Данил Даниил Данил Даш Демьян Диан Дим Ев Евдоки Елис Жен Захар Зинаид Зин Ир Кат Кир Клавди Кол Кост Ксюш Лен Лер Лён Лёш Леш Лил Лили Лиз Люд Люс Магомед Марат Марк Мат Маш Милан Мирон Миш Над Назар Наст Наташ Нелл Ол Пет Платон Паш Радик Раш Ренат Ринат Рит Родион Роз Ром Ростислав Саш Свет Святослав Серёж Сереж Слав Снежан Сон Стас Стеш Таис Таиси Тан Тём Тихон Тол Улья Ульян Филипп Фатим Шамил Эмил Эмили Юл Ян`) {
		rest, ok := strings.CutPrefix(word, stem)
		if !ok {
			continue
		}
		switch rest {
		case "", "а", "я", "й", "ь", "ы", "и", "е", "у", "ю", "ой", "ей", "ою", "ею", "ом", "ем", "ём", "ия", "ии", "ию", "ием", "ией":
			return true
		}
	}
	return false
}

// citizen reports that whoever is named next is the one who wrote, or lives there.
func citizen(before string) bool {
	words := wordForm.FindAllString(tail(before, nearBytes), -1)
	if len(words) == 0 {
		return false
	}
	last := strings.ToLower(words[len(words)-1])
	return slices.ContainsFunc([]string{"заявител", "граждан", "жител", "жильц", "пенсионер", "инвалид", "собственник", "нанимател", "пациент", "абонент", "должник"},
		func(begin string) bool { return strings.HasPrefix(last, begin) })
}

// opensSentence: the capital of «Заявление Анны Сергеевны» says nothing.
func opensSentence(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \u00a0«\"")
	return before == "" || strings.ContainsAny(before[len(before)-1:], ".!?\n")
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

// nearBytes hold six words, as long as they get.
const nearBytes = 400

// office reports that the words before a name say what the person is, or that it
// is the name of a street.
func office(before string) bool {
	words := wordForm.FindAllString(tail(before, nearBytes), -1)
	for _, w := range words[max(0, len(words)-6):] {
		w = strings.ToLower(w)
		for _, begin := range []string{"министр", "глав", "губернатор", "мэр", "директор", "начальник", "заместител", "руководител", "председател",
			"специалист", "депутат", "исполнител", "имени", "улиц", "ул", "памятник", "инженер", "площад", "проспект", "переул", "бульвар", "набережн",
			"школ", "лице", "гимнази", "парк", "сквер", "музе", "театр", "мастер", "диспетчер", "врач", "секретар"} {
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
