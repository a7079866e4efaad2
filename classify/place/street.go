package place

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// street is the type of a street named without one.
const street = "улица"

// found is a street in the text.
type found struct {
	kind        string
	typeForm    string // "" where the text has no type
	begin, end  int    // words of the name
	ordinal     bool   // the first word is one: «1-й переулок Грига»
	full        string // how the gazetteer has the name, "" where it is the text's
	house       string
	first, last int // words
	known       []target
}

// streets finds streets, the ones with a type first: their words must not be
// taken for settlements («ул. Хабаровская»).
func (x *Index) streets(list []found, words []word) []found {
	for i := range words {
		if words[i].consumed || words[i].street.name == "" {
			continue
		}
		f, ok := x.typed(words, i)
		if !ok {
			continue
		}
		list = append(list, x.withHouse(words, f))
	}
	for i := range words {
		if words[i].is(crossingWord) {
			list = x.crossing(list, words, i)
		}
	}
	for i := range words {
		if f, ok := x.bare(words, i); ok {
			list = append(list, x.withHouse(words, f))
		}
	}
	for i := range list {
		list = x.met(list, words, &list[i])
	}
	return list
}

// typed reads «улица Ленина» or «Амурский бульвар» around the type at i.
func (x *Index) typed(words []word, i int) (found, bool) {
	t := words[i].street
	end := x.nameAfter(words, i+1)
	if begin := nameBefore(words, i); begin < i && end > i+1 && x.isTown(words[i+1:end]) { // «Южный микрорайон Калининграда»
		if x.isDistrict(words[begin:i]) {
			return found{}, false
		}
		end = i + 1
	}
	if end > i+1 && !x.isDistrict(words[i:end]) && (!isThing(t.name) || isProperName(&words[i+1])) {
		f := x.compose(words, t.name, words[i].text, i+1, end, i, end-1)
		if i > 0 && !words[i].stop && isOrdinal(&words[i-1]) && !words[i-1].consumed { // «1-й переулок Грига»
			f.first--
			words[i-1].consumed, words[i-1].hidden = true, true
			f.ordinal, f.known = true, nil
		}
		return f, true
	}
	if w := &words[i]; w.upper && t.name == "набережная" && x.houseFollows(words, i+1) {
		return x.compose(words, street, "", i, i+1, i, i), true
	}
	abbreviated := !t.full && (i == 0 || words[i].stop || !words[i-1].upper || !endsLikeAdjective(words[i-1].text) && !isGenitiveName(words[i-1].text))
	if isThing(t.name) && (i == 0 || words[i-1].start || !words[i-1].upper) && !x.houseFollows(words, i+1) {
		return found{}, false
	}
	begin := nameBefore(words, i)
	if i-begin == 2 && begin > 0 && isPlacePreposition(words[begin-1].text) && x.isTown(words[begin:begin+1]) {
		begin++ // «в Хабаровске Южный микрорайон»
	}
	if !abbreviated && begin < i && !x.isDistrict(words[begin:i+1]) {
		return x.compose(words, t.name, words[i].text, begin, i, begin, i), true
	}
	return found{}, false
}

// isOrdinal: «1-й», «2-я».
func isOrdinal(w *word) bool {
	return w.number && (strings.HasSuffix(w.text, "-й") || strings.HasSuffix(w.text, "-я") || strings.HasSuffix(w.text, "-м"))
}

// isDistrict: «микрорайон Южный» is a district when the gazetteer has it so.
func (x *Index) isDistrict(words []word) bool {
	n := x.names.longest(words)
	if n == nil || len(n.words) != len(words) {
		return false
	}
	for _, t := range n.targets {
		if t.kind == district {
			return true
		}
	}
	return false
}

// nameAfter is where the street's name that begins at i ends.
func (x *Index) nameAfter(words []word, i int) int {
	k := i
	for k < len(words) && k-i < 4 && !words[k].consumed {
		w := &words[k]
		joined := k == i && w.dot || k > i && afterInitial(words, k)
		if w.stop && !joined {
			break
		}
		if !x.continues(words, i, k) {
			break
		}
		k++
	}
	return k
}

// continues reports whether the word at k belongs to the name begun at i.
func (x *Index) continues(words []word, i, k int) bool {
	w := &words[k]
	switch {
	case w.sign || isHouseWord(w) && k > i:
		return false
	case w.number:
		return isNumeral(words, i, k)
	case w.street.name != "" || isSettlementType(w.text) && !w.upper:
		return false
	case k == i:
		return w.upper && !w.shout && !w.start && (!isFunctionWord(w.text) || isInitial(w)) && !w.is(commonNoun) || isStreetName(w.text) || w.is(nameGoesOn) && k+1 < len(words) && words[k+1].upper
	case words[k-1].number || words[k-1].is(nameGoesOn) || isInitial(&words[k-1]):
		return true
	}
	return w.upper && words[k-1].upper && !w.shout && !endsName(words[k-1].text) && !isFunctionWord(w.text)
}

// isNumeral: «60-летия Октября», «50 лет Октября», «2-я Садовая», but not a house.
func isNumeral(words []word, i, k int) bool {
	if k > i {
		return false
	}
	if strings.Contains(words[k].text, "-") {
		return true
	}
	if k+1 < len(words) && !words[k+1].stop && isMonth(words[k+1].text) { // «9 Апреля»
		return words[k+1].upper
	}
	if k+1 < len(words) && !words[k+1].stop && words[k+1].text == "года" { // «1812 года»
		return len(words[k].text) == 4 && words[k].text < "1950"
	}
	return k+1 < len(words) && !words[k+1].stop && (words[k+1].text == "лет" || words[k+1].text == "я" || words[k+1].text == "й")
}

// isInitial: «К. Маркса».
func isInitial(w *word) bool { return w.upper && utf8.RuneCountInString(w.text) == 1 }

// nameBefore is where the name that ends before the type at i begins.
func nameBefore(words []word, i int) int {
	k := i
	for k > 0 && i-k < 2 && !words[k].stop && !words[k-1].consumed {
		w := &words[k-1]
		if w.is(commonNoun) || w.number && !strings.Contains(w.text, "-") || (!w.upper || w.start) && isDescription(w.text) {
			break
		}
		adjective := k == i && (isAdjectiveForm(w.text) || w.upper && endsLikeAdjective(w.text))
		if k == i && !adjective && !isGenitiveName(w.text) && !w.number && !strings.Contains(w.text, "-") {
			break // «УК Набережная»
		}
		if !w.upper && !adjective && !strings.Contains(w.text, "-") {
			break
		}
		if w.start && !isAdjectiveForm(w.text) && !w.number {
			break
		}
		k--
	}
	return k
}

// bare reads a street without type: a known one after «на» or «по», or any name
// with a house number («Ленина 37»).
func (x *Index) bare(words []word, i int) (found, bool) {
	w := &words[i]
	if w.consumed || w.number || w.sign {
		return found{}, false
	}
	end, known := x.knownAt(words, i)
	if !known {
		if from, to, ok := x.small(words, i); ok {
			return x.compose(words, street, "", from, to, from, to-1), true
		}
	}
	if !known && !w.upper || w.is(commonNoun) || w.street.name != "" || isHouseWord(w) {
		return found{}, false
	}
	if !known {
		end = i + 1
		if w.is(nameGoesOn) && end < len(words) && words[end].upper && !words[end].stop {
			end++
		}
	}
	if x.afterOn(words, i, end, known) || x.numbered(words, i, end, known) {
		return x.compose(words, street, "", i, end, i, end-1), true
	}
	return found{}, false
}

// afterOn: «на Ленина», «по Школьной».
func (x *Index) afterOn(words []word, i, end int, known bool) bool {
	w := &words[i]
	if i == 0 || !w.upper || w.stop || words[i-1].text != "на" && words[i-1].text != "по" {
		return false
	}
	return known || isGenitiveName(w.text) || isFeminineForm(w.text) && strings.HasSuffix(w.text, "ой") && !describesNext(words, end)
}

// describesNext: «на Центральной площадке» is the platform's adjective.
func describesNext(words []word, end int) bool {
	if end == len(words) || words[end].stop {
		return false
	}
	next := words[end].text
	if words[end].upper {
		return true
	}
	if utf8.RuneCountInString(next) < 4 || next == "вообще" || next == "тоже" || next == "даже" || next == "после" || next == "опять" {
		return false
	}
	return strings.HasSuffix(next, "е") || strings.HasSuffix(next, "и") || strings.HasSuffix(next, "у")
}

// numbered: a house number follows, and the name looks like a street's or stands
// apart, as in an address.
func (x *Index) numbered(words []word, i, end int, known bool) bool {
	if !x.houseFollows(words, end) {
		return false
	}
	w := &words[i]
	if !w.upper && noAddress(words, i, end) { // «инвалид труда 2 группы»
		return false
	}
	if known || isFamiliar(w.text) {
		return true
	}
	if !w.upper || !endsAddress(words, end) || x.isTown(words[i:end]) {
		return false
	}
	return isPluralName(w.text) || w.comma && i > 0 && words[i-1].upper && !w.start
}

// endsAddress: after the house's number the address is over, so that it counts
// nothing («Врачей 2 на район»).
func endsAddress(words []word, i int) bool {
	if i < len(words) && isHouseWord(&words[i]) {
		return true
	}
	_, next := readHouse(words, i)
	return next >= len(words) || words[next].stop
}

func (x *Index) isTown(words []word) bool {
	n := x.names.longest(words)
	if n == nil {
		return false
	}
	for _, t := range n.targets {
		if t.kind == settlement || t.kind == elsewhere {
			return true
		}
	}
	return false
}

func (x *Index) knownAt(words []word, i int) (end int, known bool) {
	n := x.names.longest(words[i:])
	if n == nil {
		return i, false
	}
	for _, t := range n.targets {
		if t.kind == knownStreet {
			return i + len(n.words), true
		}
	}
	return i, false
}

// houseFollows: a number that can only be a house stands right after the name.
func (x *Index) houseFollows(words []word, i int) bool {
	if i < len(words) && isHouseWord(&words[i]) && !words[i].start {
		i++
	} else if i < len(words) && words[i].stop && !words[i].comma {
		return false
	}
	if i >= len(words) || !words[i].is(houseNumber) || words[i].start {
		return false
	}
	return !isCount(words, i, i+1)
}

// compose names the street words[begin:end] with its type; first..last are the
// words it covers.
func (x *Index) compose(words []word, kind, typeForm string, begin, end, first, last int) found {
	f := found{first: first, last: last, kind: kind, typeForm: typeForm, begin: begin, end: end}
	for k := begin; k < end; k++ {
		words[k].hidden = true
	}
	f.known = x.bearers(words[first : last+1]) // «Литовский вал» is a улица
	if len(f.known) == 0 {
		f.known = x.bearers(words[begin:end])
		for i := range f.known {
			if t := &f.known[i]; strings.Contains(t.bare, " ") {
				f.full = t.bare // «К. Маркса» in full
			}
		}
		others := func(t target) bool { return t.streetType != kind } // «улица Мира» is not «проспект Мира»
		if one := f.onlyOne(words); one != "" {
			f.kind = one
		} else if typeForm != "" && slices.ContainsFunc(f.known, others) {
			f.known = slices.DeleteFunc(slices.Clone(f.known), others)
		}
	}
	for k := first; k <= last; k++ {
		words[k].consumed = true
	}
	return f
}

// onlyOne is the type of the street that alone bears a name that begins with a number:
// of these a town has one, whatever type people give it («улица 60 лет Октября» is the
// проспект).
func (f *found) onlyOne(words []word) string {
	if len(f.known) != 1 || !words[f.begin].number {
		return ""
	}
	return f.known[0].streetType
}

// canonical is the name with its type, as maps have it; the hyphens of compound names
// («Бойко-Павлова») are put back. Of a text's streets one is told.
func (f *found) canonical(words []word) string {
	name := f.full
	for k := f.begin; k < f.end && f.full == ""; k++ {
		switch {
		case k == f.begin:
		case words[k].token == words[k-1].token || words[k].hyphen:
			name += "-"
		default:
			name += " "
		}
		if k > f.begin && isSurnameOfHer(words[k].text, words[k-1].text) { // «Анны Бариновой» stays
			name += titled(words[k].text)
			continue
		}
		name += titled(nominative(words[k].text, f.kind, f.typeForm))
	}
	name += " " + f.kind
	if f.ordinal {
		name = words[f.begin-2].text + " " + name
	}
	return name
}

// bearers are the known streets of exactly this name.
func (x *Index) bearers(words []word) []target {
	n := x.names.longest(words)
	if n == nil || len(n.words) != len(words) {
		return nil
	}
	return n.streets
}

// nominative makes «Садовому (переулку)» «Садовый» and «Советской (улице)»
// «Советская»; names in the genitive stay.
func nominative(word, kind, typeForm string) string {
	if feminine(kind) {
		for _, end := range []string{"ой", "ую"} {
			if stem, ok := strings.CutSuffix(word, end); ok && !strings.HasSuffix(word, "иной") && utf8.RuneCountInString(stem) > 2 {
				return stem + "ая"
			}
		}
		return word
	}
	oblique := typeForm != fold(kind)
	for _, end := range []string{"ому", "ым", "ом", "ого"} {
		stem, ok := strings.CutSuffix(word, end)
		if !ok || !oblique || end == "ого" && !strings.HasSuffix(typeForm, "а") {
			continue
		}
		if strings.HasSuffix(stem, "к") || strings.HasSuffix(stem, "г") || strings.HasSuffix(stem, "х") {
			return stem + "ий"
		}
		return stem + "ый"
	}
	return word
}

func titled(w string) string {
	r, size := utf8.DecodeRuneInString(w)
	if w == "лет" || w == "летия" {
		return w
	}
	if head, tail, ok := strings.Cut(w, "-"); ok && isLetters(head) && isLetters(tail) && tail != "я" {
		return titled(head) + "-" + titled(tail)
	}
	return string(unicode.ToUpper(r)) + w[size:]
}
