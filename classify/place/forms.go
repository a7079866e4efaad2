package place

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// ending pairs the nominative ending of a word with the endings of its other
// cases. The first that fits counts.
type ending struct {
	of    string
	cases []string
}

// endings of place names. Soft and hard variants are not told apart: a form too
// many («Гусевом») harms nobody.
func endings() []ending {
	return []ending{
		{"ская", []string{"ская", "ской", "скую", "скою"}},
		{"ский", []string{"ский", "ского", "скому", "ским", "ском"}},
		{"ское", []string{"ское", "ского", "скому", "ским", "ском"}},
		{"ские", []string{"ские", "ских", "ским", "скими"}},
		{"ая", []string{"ая", "ой", "ую", "ою"}},
		{"яя", []string{"яя", "ей", "юю", "ею"}},
		{"ый", []string{"ый", "ого", "ому", "ым", "ом"}},
		{"ий", []string{"ий", "его", "ему", "им", "ем", "ого", "ому", "ом", "ия", "ии", "ию", "ием"}},
		{"ой", []string{"ой", "ого", "ому", "ым", "ом"}},
		{"ое", []string{"ое", "ого", "ому", "ым", "ом"}},
		{"ее", []string{"ее", "его", "ему", "им", "ем"}},
		{"ые", []string{"ые", "ых", "ым", "ыми"}},
		{"ие", []string{"ие", "их", "им", "ими", "ия", "ию", "ием", "ии"}},
		{"ия", []string{"ия", "ии", "ию", "ией"}},
		{"ец", []string{"ец", "ца", "цу", "цом", "це"}},
		{"сток", []string{"сток", "стока", "стоку", "стоком", "стоке"}}, // Владивосток
		{"ок", []string{"ок", "ка", "ку", "ком", "ке"}},
		{"а", []string{"а", "ы", "и", "е", "у", "ой", "ою"}},
		{"я", []string{"я", "и", "е", "ю", "ей", "ею"}},
		{"о", []string{"о", "а", "у", "ом", "е"}},
		{"е", []string{"е", "я", "ю", "ем", "а", "у"}},
		{"ь", []string{"ь", "и", "ю", "ью", "я", "е", "ем"}},
		{"й", []string{"й", "я", "ю", "ем", "е"}},
		{"ы", []string{"ы", "ов", "ам", "ами", "ах", ""}},
		{"и", []string{"и", "ов", "ам", "ами", "ах", "ей", "ям", "ях", ""}},
		{"", []string{"", "а", "у", "ом", "е", "ым"}},
	}
}

// shortest is the least number of letters that decline; shorter words
// («на», «ДОС») stay as they are.
const shortest = 4

// forms are the case forms of a word in lower case with ё made е, itself first.
func forms(word string) []string {
	if utf8.RuneCountInString(word) < shortest || !isLetters(word) {
		return []string{word}
	}
	for _, e := range endings() {
		stem, ok := strings.CutSuffix(word, e.of)
		if !ok || utf8.RuneCountInString(stem) < 2 {
			continue
		}
		list := []string{word}
		for _, c := range e.cases {
			if form := stem + c; form != word && utf8.RuneCountInString(form) > 2 {
				list = append(list, form)
			}
		}
		return list
	}
	return []string{word}
}

func isLetters(s string) bool {
	for _, r := range s {
		if r < 'а' || r > 'я' {
			return false
		}
	}
	return true
}

// fold is the normaliser's lower case.
func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "ё", "е") }

// parts are the words of a name: «Комсомольск-на-Амуре» has three, «р-н» one.
func parts(name string) []string {
	var list []string
	for _, field := range strings.FieldsFunc(fold(name), isSeparator) {
		list = slices.AppendSeq(list, hyphenParts(field))
	}
	return list
}

func isSeparator(r rune) bool { return strings.ContainsRune(" \t«»\"().,", r) }

// hyphenParts splits a compound name; abbreviations and numerals keep their
// hyphen.
func hyphenParts(word string) iter.Seq[string] {
	return func(yield func(string) bool) {
		head, _, ok := strings.Cut(word, "-")
		if !ok || utf8.RuneCountInString(head) <= 2 || !isLetters(head) {
			yield(word)
			return
		}
		for part := range strings.SplitSeq(word, "-") {
			if !yield(part) {
				return
			}
		}
	}
}
