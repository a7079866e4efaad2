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
	if i < len(words) && !words[i].start && (i > f.last+1 || !words[i].stop || words[i].comma || words[i].dot) {
		if house, next := readHouse(words, i); house != "" {
			f.house = house
			for k := f.last + 1; k < next; k++ {
				words[k].consumed = true
				words[k].hidden = !isHouseWord(&words[k])
			}
			f.last = next - 1
			return f
		}
		if i > f.last+1 && isLongHouse(words[i].text) {
			f.house, f.last = words[i].text, i
			words[i].consumed, words[i].hidden = true, true
			return f
		}
	}
	f.house = houseBefore(words, f.first)
	return f
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

// readHouse reads a house number at i: «12», «12а», «12/3», «12 корп. 2», «12к2».
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
	}
	if head, ok := strings.CutSuffix(house, "к"); ok && next < len(words) && words[next].glued && words[next].number {
		return head + " корп. " + words[next].text, next + 1
	}
	if next < len(words) && words[next].upper && isSingleLetter(words[next].text) && !words[next].stop {
		house += words[next].text
		next++
	}
	if next+1 < len(words) && isBlockWord(words[next].text) && words[next+1].number && !words[next+1].start {
		return house + " корп. " + words[next+1].text, next + 2
	}
	return house, next
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

func isBlockWord(w string) bool {
	return w == "корп" || w == "корпус" || w == "к" || w == "корпуса"
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
