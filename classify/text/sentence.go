package text

import (
	"unicode"
	"unicode/utf8"
)

// splitSentences numbers the sentences of the tokens and returns how many.
func splitSentences(d *Doc) int {
	sent := int32(0)
	open := false // the current sentence has a word
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if open && (t.NewLine && breaksLine(d, i) || i > 0 && endsSentence(d, i-1) && t.Kind != Punct) {
			sent++
			open = false
		}
		t.Sent = sent
		open = open || t.Kind != Punct
	}
	if open {
		return int(sent) + 1
	}
	return int(sent)
}

// breaksLine: a line that goes on in lower case goes on with its sentence,
// unless a line was left empty.
func breaksLine(d *Doc, i int) bool {
	t := &d.Tokens[i]
	if t.Kind != Word || t.Upper {
		return true
	}
	gap := d.Text[d.Tokens[i-1].End:t.Start]
	lines := 0
	for _, r := range gap {
		if r == '\n' {
			lines++
		}
	}
	return lines > 1
}

// endsSentence reports whether a sentence ends after the i-th token.
func endsSentence(d *Doc, i int) bool {
	t := &d.Tokens[i]
	if t.Kind != Punct {
		return false
	}
	switch d.Token(i) {
	case "!", "?", "…":
		return true
	case ".":
		return endsWithStop(d, i)
	case ")", "\"":
		return i > 0 && t.Glued && endsSentence(d, i-1)
	}
	return false
}

// endsWithStop tells a full stop from the point of an abbreviation.
func endsWithStop(d *Doc, i int) bool {
	if i == 0 || !d.Tokens[i].Glued {
		return true
	}
	before := d.Token(i - 1)
	capital := i+1 < len(d.Tokens) && (d.Tokens[i+1].Upper || d.Tokens[i+1].NewLine)
	glued := i+1 < len(d.Tokens) && d.Tokens[i+1].Glued
	switch {
	case before == "." || d.Tokens[i-1].Kind == Punct:
		return true
	case isYear(d, i):
		return capital
	case closesPhrase(d, i, before):
		return capital
	case isAbbreviation(before):
		return false
	case utf8.RuneCountInString(before) == 1 && isInitial(d, i):
		return false
	case glued && d.Tokens[i+1].Kind == Number && d.Tokens[i-1].Kind == Number:
		return false
	case glued && !capital && isOneWord(before, d.Token(i+1)):
		return false
	}
	return true
}

// isOneWord: a clipped word («гос.услуги», «мат.капитал») or a site («дневник.ру»),
// where people leave no space; most of those who leave none end a sentence.
func isOneWord(before, after string) bool {
	switch before {
	case "гос", "мат", "тех", "мед", "соц", "спец", "хоз", "сан", "эл", "электр", "физ", "юр", "пед", "дет":
		return true
	}
	switch after {
	case "ру", "рф", "ru", "com", "org", "net":
		return true
	}
	return false
}

// isYear: «в 2022 г.» may end a sentence, «г. Бикин» may not.
func isYear(d *Doc, i int) bool {
	before := d.Token(i - 1)
	return (before == "г" || before == "гг") && i > 1 && d.Tokens[i-2].Kind == Number
}

// closesPhrase: abbreviations that often stand last («и т. д.», «5 тыс. руб.»).
func closesPhrase(d *Doc, i int, before string) bool {
	switch before {
	case "др", "пр", "руб", "коп", "тыс", "млн", "млрд", "чел", "мин", "сек", "час", "шт", "кг", "км", "см", "мм", "экз":
		return true
	case "д", "п", "е", "к", "о":
		return i > 2 && d.Token(i-2) == "." && d.Token(i-3) == "т"
	}
	return false
}

// isAbbreviation: written with a point that ends no sentence.
func isAbbreviation(word string) bool {
	switch word {
	case "ул", "просп", "пр-т", "пр-кт", "пр-д", "пер", "пл", "наб", "ш", "бул", "б-р", "бульв", "мкр", "мкрн", "мк-н", "кв-л",
		"корп", "стр", "кв", "оф", "пом", "лит", "эт", "под", "каб", "к-т",
		"г", "гор", "пос", "дер", "с", "ст", "рп", "пгт", "обл", "р-н", "р-на", "р-не", "респ", "край", "окр", "терр", "тер",
		"им", "св", "гр", "гражд", "уч", "зам", "нач", "зав", "проф", "акад", "ген", "адм",
		"тел", "моб", "доб", "факс", "см", "напр", "рис", "прим", "ок", "около", "ст-ца", "х", "ж", "ж-д", "жд",
		"т", "ч", "п", "пп", "абз", "в", "вв", "н", "э":
		return true
	}
	return false
}

// isInitial: a single capital («А. С. Пушкин») or letter of «т.к.».
func isInitial(d *Doc, i int) bool {
	if d.Tokens[i-1].Kind != Word {
		return false
	}
	if d.Tokens[i-1].Upper {
		return true
	}
	before := d.Token(i - 1)
	if before == "д" || before == "к" { // дом, корпус
		return true
	}
	next, _ := utf8.DecodeRuneInString(d.Text[min(int(d.Tokens[i].End), len(d.Text)):])
	return unicode.IsLetter(next)
}
