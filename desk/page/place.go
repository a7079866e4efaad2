package page

import (
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

// Place is a place as people write it: «Хабаровск, улица Карла Маркса, 12».
func Place(p domain.Place) string {
	words := p.Settlement
	if words == "" {
		words = townOf(p.MunicipalityName)
	}
	for _, part := range []string{streetWords(p.Street), p.House} {
		if part == "" {
			continue
		}
		if words != "" {
			words += ", "
		}
		words += part
	}
	if words == "" {
		return "место не названо"
	}
	return words
}

// townOf is the town a district consists of, «Хабаровск» of «городской округ
// «Город Хабаровск»»; other districts keep their name.
func townOf(municipality string) string {
	_, rest, ok := strings.Cut(municipality, "«Город ")
	if town, _, closed := strings.Cut(rest, "»"); ok && closed {
		return town
	}
	return municipality
}

// Endings of adjectives by the gender of the type they stand before: «Лесной
// переулок» is one, «Крупской улица» is not.
func feminine() []string  { return []string{"ая", "яя", "-я"} }
func masculine() []string { return []string{"ий", "ый", "ой", "-й"} }
func neuter() []string    { return []string{"ое", "ее", "-е"} }

// streetTypes are what a street's name ends with where it is kept: «Карла Маркса
// улица», as the State Address Register has it; with the endings of adjectives
// that agree with it.
func streetTypes() map[string][]string {
	return map[string][]string{"улица": feminine(), "аллея": feminine(), "площадь": feminine(), "набережная": feminine(), "линия": feminine(),
		"дорога": feminine(), "переулок": masculine(), "проспект": masculine(), "бульвар": masculine(), "проезд": masculine(), "тупик": masculine(),
		"тракт": masculine(), "микрорайон": masculine(), "квартал": masculine(), "проулок": masculine(), "спуск": masculine(),
		"городок": masculine(), "шоссе": neuter()}
}

// streetWords puts the type before a name in the genitive or a number, «улица Карла
// Маркса», «проспект 60-летия Октября», and leaves it after an adjective:
// «Ленинградская улица».
func streetWords(street string) string {
	at := strings.LastIndexByte(street, ' ')
	if at <= 0 {
		return street
	}
	name, kind := street[:at], street[at+1:]
	endings, known := streetTypes()[kind]
	if !known || adjectives(name, endings) {
		return street
	}
	return kind + " " + name
}

// adjectives reports that every word of a name has one of the endings.
func adjectives(name string, endings []string) bool {
	for word := range strings.FieldsSeq(name) {
		if !slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(word, e) }) {
			return false
		}
	}
	return true
}
