package place

import (
	"slices"
	"strings"
	"unicode"
)

// withHouse adds the house number that follows the street, or that the same
// sentence names («у дома 14 по улице Мира»).
func (x *Index) withHouse(words []word, f found) found {
	i := f.last + 1
	if i < len(words) && !words[i].start && isHouseWord(&words[i]) {
		i++
		if i < len(words) && words[i].sign {
			i++
		}
	}
	called := i > f.last+1
	if i < len(words) && (!words[i].start || standsAlone(words, i)) && (called || !words[i].stop || words[i].comma || words[i].dot) {
		if house, next := readHouse(words, i); house != "" && (called || !isCount(words, i, next) && (isAddress(words, &f) || !namesPart(words, i, next))) {
			f.house = house
			for k := f.last + 1; k < next; k++ {
				words[k].consumed = true
				words[k].hidden = !isHouseWord(&words[k])
			}
			f.last = next - 1
			return f
		}
		if called && isLongHouse(words[i].text) {
			f.house, f.last = words[i].text, i
			words[i].consumed, words[i].hidden = true, true
			return f
		}
	}
	f.house = houseBefore(words, f.first)
	return f
}

// isAddress: the street stands by itself, as in an address («Дзержинского 8 подъезд
// грязный»): its house comes next.
func isAddress(words []word, f *found) bool {
	return f.typeForm == "" && (f.first == 0 || words[f.first].start || words[f.first-1].text != "на" && words[f.first-1].text != "по")
}

// houseBefore reads «дом 5 по улице …»: a house a few words before the street.
func houseBefore(words []word, first int) string {
	for k := first - 1; k > 0 && first-k < 6 && !words[k+1].start; k-- {
		if !words[k].is(houseNumber) || words[k].consumed {
			continue
		}
		before := &words[k-1]
		if before.sign && k > 1 {
			before = &words[k-2]
		}
		if isHouseWord(before) && !before.sign {
			house, next := readHouse(words, k)
			for i := k; i < next; i++ {
				words[i].consumed, words[i].hidden = true, true
			}
			return house
		}
	}
	return ""
}

// standsAlone: a number that is all of its sentence is the house of the street before
// it: «ул. Ленина. 5.»
func standsAlone(words []word, i int) bool {
	return words[i].dot && words[i].is(houseNumber) && (i+1 == len(words) || words[i+1].start)
}

// readHouse reads a house number at i with what tells its buildings apart: «12», «12а»,
// «12/3», «12 корп. 2», «12к2с1», «12 лит. А», «63-67».
func readHouse(words []word, i int) (house string, next int) {
	if !words[i].is(houseNumber) {
		return "", i
	}
	house = strings.ReplaceAll(words[i].text, "-", "")
	next = i + 1
	if next < len(words) && words[next].slash && words[next].is(houseNumber) {
		if isFraction(words, i) {
			return "", i
		}
		house += "/" + words[next].text
		next++
	} else if end, ok := isRange(words, i); ok {
		return house + end, i + 2
	}
	for next < len(words) && words[next].glued && words[next].number { // «95к1с2»
		head, part := cutPart(house)
		if part == "" {
			break
		}
		house = head + part + words[next].text
		next++
	}
	if next < len(words) && words[next].upper && isSingleLetter(words[next].text) && !words[next].stop {
		house += words[next].text
		next++
	}
	for next+1 < len(words) {
		part := buildingPart(words[next].text)
		if part == "" || words[next].start || words[next+1].start && !words[next+1].dot || !isPartName(words, next+1) {
			break
		}
		house += part + words[next+1].text
		next += 2
	}
	return house, next
}

// isRange: «63-67» is one building or a row of them, and none of its ends; what ends
// lower or much higher names a block («12-3») or a flat («12-45»).
func isRange(words []word, i int) (string, bool) {
	if i+1 >= len(words) || !words[i+1].dash || !words[i+1].number || i+2 < len(words) && isCount(words, i+1, i+2) {
		return "", false
	}
	from, to := leadingNumber(words[i].text), leadingNumber(words[i+1].text)
	switch {
	case to > from && to-from <= longestRange:
		return "-" + words[i+1].text, true
	case to > 0 && to < from && words[i+1].hyphen:
		return "/" + words[i+1].text, true
	}
	return "", false
}

// longestRange is how far the ends of a range lie apart at most.
const longestRange = 20

func leadingNumber(w string) int {
	n := 0
	for _, r := range w {
		if r < '0' || r > '9' {
			break
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// cutPart splits «95к» and «95 корп. 1с» before the number that is glued to it.
func cutPart(house string) (head, part string) {
	for _, p := range [][2]string{{"к", " корп. "}, {"с", " стр. "}} {
		if head, ok := strings.CutSuffix(house, p[0]); ok {
			return head, p[1]
		}
	}
	return house, ""
}

// buildingPart are the words for a building of a house.
func buildingPart(w string) string {
	switch w {
	case "корп", "корпус", "к", "корпуса":
		return " корп. "
	case "стр", "строение", "строения":
		return " стр. "
	case "лит", "литер", "литера", "литеры":
		return " лит. "
	}
	return ""
}

// isPartName: a number, or the letter of a block: «корп. А». «к А» is no block.
func isPartName(words []word, i int) bool {
	w := &words[i]
	if w.number {
		return !w.stop || w.dot
	}
	return words[i-1].text != "к" && isSingleLetter(w.text) && (w.upper || w.dot) && (!w.stop || w.dot)
}

// isFraction: «1/2 доли» and «2/3 подъездов» are a part of something, no house and its
// block: what follows tells, of a house nothing is counted.
func isFraction(words []word, i int) bool {
	after := i + 2
	if after >= len(words) || words[after].start || words[after].stop {
		return false
	}
	w := words[after].text
	if strings.HasPrefix(w, "дол") && (w == "доли" || w == "доля" || w == "долю" || w == "долей" || w == "долям" || w == "долевой") {
		return true
	}
	proper := len(words[i].text) == 1 && len(words[i+1].text) == 1 && words[i].text < words[i+1].text
	return proper && slices.Contains(countedInParts(), w)
}

// countedInParts are words for what people tell parts of.
func countedInParts() []string {
	return []string{"части", "дома", "домов", "подъезда", "подъездов", "квартир", "квартиры", "жителей", "жильцов", "улицы", "двора", "собственников", "фонарей"}
}

func isSingleLetter(w string) bool { return len([]rune(w)) == 1 && isLetters(w) }

// isHouseNumber: at most three digits, perhaps a letter; no date, no year.
func isHouseNumber(w string) bool {
	digits := 0
	for i, r := range w {
		switch {
		case unicode.IsDigit(r):
			if digits++; digits != len([]rune(w[:i]))+1 {
				return false
			}
		case r == '-' || isLetters(string(r)):
		default:
			return false
		}
	}
	letters := len([]rune(strings.ReplaceAll(w, "-", ""))) - digits
	return digits > 0 && digits < 4 && letters <= 1
}

// isLongHouse: four digits are a house where they are called one, and could not be
// the year it was built in.
func isLongHouse(w string) bool {
	if len(w) != 4 || strings.ContainsFunc(w, func(r rune) bool { return r < '0' || r > '9' }) {
		return false
	}
	return w < "1700" || w > "2100"
}
