package place

import (
	"strings"
	"unicode/utf8"
)

// isThing: types that are also things people complain of: «горячая линия»,
// «дворовый проезд», «детский городок». An adjective before them is a name only
// when it is written so.
func isThing(name string) bool {
	switch name {
	case "улица", "проспект", "переулок", "бульвар", "шоссе", "набережная", "микрорайон", "проулок", "площадь", "аллея":
		return false
	}
	return true
}

// isProperName: «проезд Кирова», not «линия МФЦ», «площадь придомовой …».
func isProperName(w *word) bool {
	if w.number {
		return true
	}
	return w.upper && !w.shout && (isAdjectiveForm(w.text) || isGenitiveName(w.text) || isPluralName(w.text) || strings.HasSuffix(w.text, "ых"))
}

// isFunctionWord: never the beginning of a name, however it is written.
func isFunctionWord(w string) bool {
	switch w {
	case "в", "во", "на", "по", "и", "а", "но", "не", "ни", "нет", "за", "без", "с", "со", "от", "до", "из", "о", "об", "у", "к", "ко", "для",
		"это", "этот", "они", "мы", "вы", "он", "она", "я", "уже", "еще", "все", "всё", "так", "там", "тут", "где", "как", "что", "кто", "когда",
		"кроме", "при", "рядом", "потому", "спасибо", "надо", "можно", "теперь", "слева", "справа", "жители", "живем", "прошу", "просим":
		return true
	}
	return false
}

// takesMore: first words of names that another one follows.
func takesMore(w string) bool {
	switch w {
	case "карла", "розы", "клары", "максима", "павла", "павлика", "лизы", "зои", "николая", "юрия", "льва", "ивана",
		"александра", "алексея", "сергея", "дмитрия", "петра", "михаила", "героя", "героев", "маршала", "генерала", "адмирала",
		"лейтенанта", "капитана", "майора", "полковника", "космонавта", "академика", "профессора", "доктора", "ким", "ю",
		"лет", "летия", "старая", "новая", "большая", "малая", "верхняя", "нижняя", "парижской", "красной", "советской", "имени":
		return true
	}
	return strings.HasSuffix(w, "-летия") || strings.HasSuffix(w, "-я") || strings.HasSuffix(w, "-й")
}

// endsName: a name in -ская is complete.
func endsName(w string) bool {
	return strings.HasSuffix(w, "ская") || strings.HasSuffix(w, "ской")
}

// isStreetName: a word in small letters that looks like a street's name: «ул
// ленина», «на улице школьной»; not «улица разбита», «улица стала».
func isStreetName(w string) bool {
	if isCommonNoun(w) || isDescription(w) || utf8.RuneCountInString(w) < 5 {
		return isGenitiveName(w) && !isCommonNoun(w)
	}
	if isGenitiveName(w) {
		return true
	}
	for _, participle := range []string{"нная", "нной", "нную", "тая", "той", "тую", "щая", "щей", "щую", "шая", "шей", "имая", "емая"} {
		if strings.HasSuffix(w, participle) && utf8.RuneCountInString(w) > 8 {
			return false
		}
	}
	for _, end := range []string{"ая", "ой", "ую", "ый", "ому", "ский", "ском", "цкий", "ых", "иков", "телей"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// isFamiliar: a word that alone, before a house number, can only be a street.
func isFamiliar(w string) bool {
	return !isCommonNoun(w) && (isGenitiveName(w) || strings.HasSuffix(w, "ая") || strings.HasSuffix(w, "ской") || strings.HasSuffix(w, "скую"))
}

// isGenitiveName: the surname of whom the street is called after, or one of the
// names that every town has.
func isGenitiveName(w string) bool {
	switch w {
	case "ленина", "пушкина", "гагарина", "калинина", "мичурина", "мира", "победы", "труда", "маркса", "энгельса", "щорса", "фрунзе",
		"гоголя", "герцена", "карла", "космонавтов", "строителей", "октября", "матросова", "чкалова", "королева", "розы", "космодемьянской",
		"лазо", "гайдара", "тельмана", "блюхера", "баумана", "шмидта", "чапаева", "металлургов", "юбилейная", "согласия", "свободы", "дружбы", "юности":
		return true
	}
	if strings.HasSuffix(w, "ина") && !isFeminineNoun(w) {
		return utf8.RuneCountInString(w) > 5
	}
	for _, end := range []string{"ова", "ева", "ского", "цкого", "енко", "ого"} {
		if strings.HasSuffix(w, end) && utf8.RuneCountInString(w) > 4 {
			return true
		}
	}
	return false
}

// isSurnameOfHer: behind a woman's name in the genitive a word in -овой, -евой, -иной
// is her surname, which does not bend with «улица»: «Анны Бариновой», «Лизы Чайкиной».
func isSurnameOfHer(word, before string) bool {
	named := strings.HasSuffix(before, "ы") || strings.HasSuffix(before, "и")
	for _, end := range []string{"овой", "евой", "иной", "ской", "цкой"} {
		if named && utf8.RuneCountInString(before) > 2 && strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// isFeminineNoun: words in -ина that are nobody's name.
func isFeminineNoun(w string) bool {
	switch w {
	case "машина", "половина", "длина", "глубина", "ширина", "толщина", "величина", "картина", "корзина", "лавина", "причина",
		"вершина", "середина", "плотина", "резина", "витрина", "женщина", "мужчина", "малина", "рябина", "осина", "трясина",
		"перина", "пружина", "кабина", "турбина", "дисциплина", "медицина", "вакцина", "скотина", "древесина", "котловина",
		"штукатурина", "выбоина", "колдобина", "рытвина", "промоина", "трещина", "морщина", "годовщина", "окраина", "украина":
		return true
	}
	return false
}

// isCommonNoun: words that follow «улица» or precede a number and are no name.
func isCommonNoun(w string) bool {
	for _, stem := range []string{"школ", "сад", "поликлин", "больниц", "гимнази", "лице", "автобус", "маршрут", "дом", "подъезд",
		"квартир", "участ", "палат", "кабинет", "останов", "корпус", "этаж", "лет", "рубл", "почт", "аптек", "групп", "город", "посел",
		"район", "стоян", "светофор", "магазин", "площадк", "детск", "дорог", "котор", "полностью", "вся", "такая", "такой", "наша",
		"нашей", "нашу", "нашего", "всей", "этой", "эта", "данной", "данная", "соседн", "друг", "очень", "год", "час", "мин", "раз",
		"недел", "месяц", "человек", "класс", "номер", "вагон", "рейс", "строк", "пункт", "стать", "корп", "общежит", "роддом", "фап", "сош", "мбоу", "больниц", "тоже", "самой"} {
		if strings.HasPrefix(w, stem) {
			return (stem != "школ" && stem != "сад" && stem != "почт") || !isAdjectiveForm(w) // «Школьная»
		}
	}
	return isMonth(w)
}

// isDescription: what people say of a street («по тёмной улице») is not its name.
func isDescription(w string) bool {
	for _, stem := range []string{"темн", "грязн", "разбит", "узк", "широк", "главн", "пешеходн", "убит", "освещ", "неосвещ", "больш", "пуст",
		"тих", "шумн", "родн", "любим", "единственн", "ближайш", "проезж", "жил", "опасн", "стар", "нов", "ужасн", "отвратительн", "известн",
		"сам", "ваш", "какой", "кажд", "люб", "перв", "втор", "третьей", "одн", "цел", "длинн", "скользк", "заснежен", "ледян", "наземн", "нужн",
		"оживленн", "дворов", "городск", "сельск", "поселков", "придомов", "указанн", "смежн", "населенн", "общественн", "параллельн", "многоквартирн", "объединенн", "протяженн", "частн", "посторонн", "ремонтируем", "асфальт", "грунтов", "обычн", "соседск"} {
		if strings.HasPrefix(w, stem) {
			return true
		}
	}
	return false
}

func isMonth(w string) bool {
	switch w {
	case "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря":
		return true
	}
	return false
}

// endsLikeAdjective: for words whose capital says already that they are a name.
func endsLikeAdjective(w string) bool {
	for _, end := range []string{"ое", "ее", "ый", "ий", "ая", "яя", "ой", "ую", "ым", "им", "ом", "ем", "ые", "ых", "их", "ого", "его"} {
		if strings.HasSuffix(w, end) && utf8.RuneCountInString(w) > 4 {
			return true
		}
	}
	return false
}

func isAdjectiveForm(w string) bool {
	for _, end := range []string{"ская", "ской", "скую", "ский", "ском", "скому", "ского",
		"цкая", "цкой", "цкую", "цкий", "цком", "цкому", "цкого", "ным", "ная", "ной", "ную", "ный", "ному", "ном", "вая", "вой", "вую", "вый", "вому", "вом"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// isFeminineForm: «Школьной», «Тихоокеанскую».
func isFeminineForm(w string) bool {
	return utf8.RuneCountInString(w) > 4 && (strings.HasSuffix(w, "ой") || strings.HasSuffix(w, "ую"))
}

// isPluralName: «Геологов», «Строителей».
func isPluralName(w string) bool {
	return utf8.RuneCountInString(w) > 5 && (strings.HasSuffix(w, "ов") || strings.HasSuffix(w, "ей") || strings.HasSuffix(w, "ев"))
}

func feminine(kind string) bool {
	switch kind {
	case "улица", "набережная", "площадь", "аллея", "линия", "просека":
		return true
	}
	return false
}
