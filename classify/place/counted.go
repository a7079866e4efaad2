package place

import "strings"

// isCount: the number at i, read up to next, counts or orders what follows («2 недели»,
// «30 ноября», «2-й день») and is no house. A count that the grammar forbids is none:
// «Ленина 5 неделю нет воды» has a house.
func isCount(words []word, i, next int) bool {
	w := &words[i]
	if strings.HasSuffix(w.text, "й") { // no house bears this letter
		return true
	}
	if next >= len(words) || words[next].stop {
		return false
	}
	if last, _, ok := strings.Cut(w.text, "-"); ok && strings.ContainsAny(w.text, "яхме") { // «3-я неделя», «2-х лет»
		return counts(last, words[next].text) || isMonth(words[next].text) || isTime(words[next].text)
	}
	return counts(w.text, words[next].text)
}

// namesPart: the number at i, read up to next, is of an entrance or a route («по Ленина, 5
// подъезд»), unless that bears one of its own («5 подъезд 2»).
func namesPart(words []word, i, next int) bool {
	if next >= len(words) || words[next].stop || !isNumbered(words[next].text) {
		return false
	}
	own := next + 1
	if own < len(words) && words[own].sign {
		own++
	}
	return own >= len(words) || !words[own].number || words[own].comma
}

// isNumbered: parts of a house and other things that a number before them names.
func isNumbered(w string) bool {
	for _, stem := range []string{"подъезд", "этаж", "маршрут", "квартир", "автобус", "троллейбус", "трамва", "кабинет", "палат"} {
		if strings.HasPrefix(w, stem) {
			return true
		}
	}
	return false
}

// counts: the form of the word is the one that the number asks for.
func counts(number, w string) bool {
	if isMonth(w) {
		return true
	}
	digits := strings.TrimRightFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	last, teen := digits[len(digits)-1], len(digits) > 1 && digits[len(digits)-2] == '1'
	switch {
	case ofAny(w):
		return true
	case teen || last == '0' || last >= '5':
		return ofMany(w)
	case last == '1':
		return ofOne(w)
	}
	return ofFew(w)
}

// ofAny: units that do not tell by their form what number they ask for.
func ofAny(w string) bool {
	switch w {
	case "человек", "раз", "чел", "мин", "мес", "км", "м", "кг", "га", "шт", "руб", "тыс", "млн", "дн", "день", "процентов", "см":
		return true
	}
	return false
}

// isTime: words that stand behind ordinals: «3-я неделя», «5-е сутки».
func isTime(w string) bool {
	switch w {
	case "неделя", "неделю", "сутки", "суток", "дней", "недель", "месяцев", "лет", "часов", "подъездов", "этажей", "домов":
		return true
	}
	return false
}

// ofOne, ofFew and ofMany are what people count: «1 неделю», «2 недели», «5 недель».
func ofOne(w string) bool {
	switch w {
	case "час", "сутки", "неделю", "неделя", "месяц", "год", "минуту", "минута", "метр", "раз", "фонарь", "столб":
		return true
	}
	return false
}

func ofFew(w string) bool {
	switch w {
	case "часа", "сутки", "суток", "дня", "недели", "месяца", "года", "минуты", "секунды", "раза", "человека", "людей", "жителя", "семьи", "ребенка",
		"машины", "дома", "двора", "фонаря", "столба", "дерева", "ямы", "люка", "контейнера", "бака", "урны", "собаки", "пса", "метра", "километра",
		"процента", "рубля", "тысячи", "остановки", "светофора", "лавочки", "скамейки", "магазина", "двери", "лифта", "крыши", "лампы", "лампочки", "опоры",
		"трубы", "аварии", "провода", "светильника", "киоска", "ларька", "гаража", "литра", "ведра", "группы", "класса", "этапа", "полосы", "перехода",
		"бригады", "заявки", "обращения", "звонка", "урока", "стаи", "щенка", "детей", "сотки", "степени":
		return true
	}
	return false
}

func ofMany(w string) bool {
	switch w {
	case "часов", "суток", "дней", "недель", "месяцев", "лет", "минут", "секунд", "человек", "людей", "жителей", "семей", "детей", "машин", "автомобилей",
		"домов", "дворов", "фонарей", "столбов", "деревьев", "ям", "люков", "контейнеров", "баков", "урн", "собак", "псов", "метров", "километров",
		"процентов", "рублей", "тысяч", "остановок", "светофоров", "лавочек", "скамеек", "магазинов", "дверей", "лифтов", "крыш", "ламп", "лампочек", "опор",
		"труб", "аварий", "проводов", "светильников", "киосков", "ларьков", "гаражей", "литров", "ведер", "групп", "классов", "этапов", "полос", "переходов",
		"бригад", "заявок", "обращений", "звонков", "уроков", "стай", "щенков", "соток", "градусов":
		return true
	}
	return false
}
