package place

import "strings"

// isCrossing: words that two streets follow: «угол Ленина и Победы».
func isCrossing(w string) bool {
	return w == "угол" || w == "углу" || w == "угла" || strings.HasPrefix(w, "перекрест") || strings.HasPrefix(w, "пересечени")
}

// crossing adds the streets that meet at the crossing told of at i and that have
// no type of their own: «угол Ленина и Победы», «пересечение Истомина/Калараша»,
// «на пересечении улиц Серышева и Гоголя».
func (x *Index) crossing(list []found, words []word, i int) []found {
	k := i + 1
	for n := 0; n < 2 && k < len(words) && !words[k].start; n++ {
		if words[k].consumed {
			for k < len(words) && words[k].consumed {
				k++
			}
		} else {
			end := x.crossingName(words, k)
			if end == k {
				return list
			}
			list = append(list, x.withHouse(words, x.compose(words, street, "", k, end, k, end-1)))
			k = end
		}
		if k < len(words) && (words[k].text == "и" || words[k].text == "с" || words[k].text == "со") {
			k++
		} else if k == len(words) || !words[k].slash && !words[k].dash {
			return list
		}
	}
	return list
}

// meet: only «и», «с» or a stroke stands between the two streets.
func meet(words []word, a, b *found) bool {
	switch b.first - a.last {
	case 1:
		return words[b.first].slash || words[b.first].dash
	case 2:
		w := &words[a.last+1]
		return !w.stop && (w.text == "и" || w.text == "с" || w.text == "со")
	}
	return false
}

// met adds the street that meets f and has no type of its own: «на Ленина и Пушкина».
func (x *Index) met(list []found, words []word, f *found) []found {
	k := f.last + 1
	if f.house != "" || k >= len(words) || words[k].start {
		return list
	}
	if words[k].text == "и" && !words[k].stop {
		k++
	} else if !words[k].slash {
		return list
	}
	if k >= len(words) || words[k].consumed || words[k].stop && !words[k].slash {
		return list
	}
	end := x.crossingName(words, k)
	if _, known := x.knownAt(words, k); end == k || !known && !isGenitiveName(words[end-1].text) && !isFeminineForm(words[k].text) {
		return list
	}
	return append(list, x.withHouse(words, x.compose(words, street, "", k, end, k, end-1)))
}

// crossingName is where the street's name that begins at i ends.
func (x *Index) crossingName(words []word, i int) int {
	w := &words[i]
	if !w.upper || w.number || w.is(commonNoun) || isHouseWord(w) || w.street.name != "" {
		return i
	}
	if end, known := x.knownAt(words, i); known {
		return end
	}
	if i+1 < len(words) && w.is(nameGoesOn) && words[i+1].upper && (!words[i+1].stop || afterInitial(words, i+1)) {
		return i + 2
	}
	return i + 1
}
