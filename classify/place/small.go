package place

import "strings"

// small reads a street that is written in small letters and without its type
// («ленина 45 нет света», «на карла маркса 12»). Only a name that streets alone
// have, or one behind «на» and «по», is taken, and only with a house's number: what
// else is in small letters is a word like others.
func (x *Index) small(words []word, i int) (begin, end int, ok bool) {
	if words[i].upper || noAddress(words, i, i) {
		return i, i, false
	}
	begin, end = i, i+1
	sure := words[i].is(patron)
	if end < len(words) && !words[end].stop && (!words[end].upper || words[i].text == "лет") && words[i].is(nameGoesOn) && isGenitiveName(words[end].text) {
		sure, end = true, end+1 // «карла маркса», «юрия гагарина»
	}
	if words[i].text == "лет" { // «50 лет октября»
		if !sure || i == 0 || !words[i-1].number || words[i-1].consumed || words[i].stop {
			return i, i, false
		}
		begin = i - 1
	}
	there := i > 0 && !words[i].stop && (words[i-1].text == "на" || words[i-1].text == "по")
	if !sure && (!there || !words[i].is(likelyStreet)) {
		return i, i, false
	}
	return begin, end, x.houseFollows(words, end) && !noAddress(words, i, end)
}

// noAddress: what stands around the small letters words[i:end] and the number behind
// them makes no address of them.
func noAddress(words []word, i, end int) bool {
	return words[i].is(awayWord) || i > 0 && words[i-1].is(awayWord) || end > i && measured(words, end)
}

// isLikelyStreet: behind «на» and before a number it is a street: «на мира 5», «на
// советской 12».
func isLikelyStreet(w string) bool {
	if isDescription(w) || isCommonNoun(w) || isHuman(w) {
		return false
	}
	return isGenitiveName(w) && !strings.HasSuffix(w, "ого") || strings.HasSuffix(w, "ской") || strings.HasSuffix(w, "цкой")
}

// isHuman: adjectives of people and their things, which stand before numbers too
// («на женской 5 мест»).
func isHuman(w string) bool {
	switch w {
	case "женской", "мужской", "русской", "российской", "материнской", "отцовской", "человеческой":
		return true
	}
	return false
}

// isPatron: whom streets are called after everywhere, in the one form that names of
// streets have; in small letters it is no longer a surname.
func isPatron(w string) bool {
	switch w {
	case "ленина", "пушкина", "гагарина", "калинина", "мичурина", "маркса", "энгельса", "щорса", "фрунзе", "гоголя", "герцена", "матросова", "чкалова",
		"космодемьянской", "гайдара", "тельмана", "блюхера", "баумана", "чапаева", "кирова", "суворова", "кутузова", "нахимова", "ушакова",
		"лермонтова", "некрасова", "чехова", "тургенева", "островского", "маяковского", "чайковского", "дзержинского", "орджоникидзе", "куйбышева",
		"свердлова", "кошевого", "карбышева", "котовского", "буденного", "ворошилова", "циолковского", "менделеева", "ломоносова", "шевченко",
		"белинского", "добролюбова", "чернышевского", "грибоедова", "радищева", "крупской", "луначарского", "урицкого", "толстого":
		return true
	}
	return false
}

// leadsAway: behind these a name is no address: «до кирова 300 км», «имени ленина».
func leadsAway(w string) bool {
	switch w {
	case "из", "до", "от", "в", "во", "к", "ко", "имени", "им", "о", "об", "про", "памятник", "памятника", "памятнику", "бюст", "портрет", "том", "тома", "стихи", "сказки":
		return true
	}
	return false
}

// measured: after the number comes what it counts or measures («300 км», «2 группы»).
func measured(words []word, i int) bool {
	if i < len(words) && isHouseWord(&words[i]) {
		return false
	}
	_, next := readHouse(words, i)
	if next >= len(words) || words[next].stop {
		return false
	}
	w := words[next].text
	switch w {
	case "км", "м", "кг", "га", "шт", "штук", "штуки", "руб", "тыс", "млн":
		return true
	}
	for _, stem := range []string{"километр", "степен", "групп", "категори", "класс", "разряд", "страниц", "глав", "том", "част", "мест", "этап", "тур", "смен"} {
		if strings.HasPrefix(w, stem) {
			return true
		}
	}
	return false
}
