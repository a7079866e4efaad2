package place

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// street is the type of a street named without one.
const street = "улица"

// found is a street in the text.
type found struct {
	canonical   string
	house       string
	first, last int // words
	known       []target
}

// streets finds streets, the ones with a type first: their words must not be
// taken for settlements («ул. Хабаровская»).
func (x *Index) streets(words []word) []found {
	var list []found
	for i := range words {
		if words[i].consumed || x.types[words[i].text] == "" {
			continue
		}
		f, ok := x.typed(words, i)
		if !ok {
			continue
		}
		list = append(list, x.withHouse(words, f))
	}
	for i := range words {
		if f, ok := x.bare(words, i); ok {
			list = append(list, x.withHouse(words, f))
		}
	}
	return list
}

// typed reads «улица Ленина» or «Амурский бульвар» around the type at i.
func (x *Index) typed(words []word, i int) (found, bool) {
	kind := x.types[words[i].text]
	full := fold(kind)[:2] == words[i].text[:min(2, len(words[i].text))] && utf8.RuneCountInString(words[i].text) > 3
	if end := x.nameAfter(words, i+1); end > i+1 && !x.isDistrict(words[i:end]) {
		return x.compose(words, kind, words[i].text, i+1, end, i, end-1), true
	}
	if w := &words[i]; w.upper && kind == "набережная" && x.houseFollows(words, i+1) {
		return x.compose(words, street, "", i, i+1, i, i), true
	}
	if begin := nameBefore(words, i); full && begin < i && !x.isDistrict(words[begin:i+1]) {
		return x.compose(words, kind, words[i].text, begin, i, begin, i), true
	}
	return found{}, false
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
	case x.types[w.text] != "" || isSettlementType(w.text) && !w.upper:
		return false
	case k == i:
		return w.upper || isStreetName(w.text)
	case words[k-1].number || takesMore(words[k-1].text) || isInitial(&words[k-1]):
		return true
	}
	return w.upper && words[k-1].upper && !endsName(words[k-1].text)
}

// isNumeral: «60-летия Октября», «50 лет Октября», «2-я Садовая», but not a house.
func isNumeral(words []word, i, k int) bool {
	if k > i {
		return false
	}
	if strings.Contains(words[k].text, "-") {
		return true
	}
	return k+1 < len(words) && !words[k+1].stop && (words[k+1].text == "лет" || words[k+1].text == "я" || words[k+1].text == "й")
}

// isInitial: «К. Маркса».
func isInitial(w *word) bool { return w.upper && utf8.RuneCountInString(w.text) == 1 }

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

// isStreetName: a word in small letters that looks like a street's name.
func isStreetName(w string) bool {
	if isCommonNoun(w) {
		return false
	}
	for _, end := range []string{"ая", "ой", "ую", "ова", "ева", "ина", "ына", "ого", "его", "ский", "ского", "ском", "ому", "на", "ла", "ва", "са", "ма", "ра", "ко", "ых", "их", "ия", "ов", "ев", "ей", "ый", "ий", "ом"} {
		if strings.HasSuffix(w, end) && utf8.RuneCountInString(w) > 4 {
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
		"гоголя", "герцена", "карла", "космонавтов", "строителей", "октября", "матросова", "чкалова", "королева", "розы", "космодемьянской":
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
			return true
		}
	}
	return isMonth(w)
}

func isMonth(w string) bool {
	switch w {
	case "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря":
		return true
	}
	return false
}

// nameBefore is where the name that ends before the type at i begins.
func nameBefore(words []word, i int) int {
	k := i
	for k > 0 && i-k < 2 && !words[k].stop && !words[k-1].consumed {
		w := &words[k-1]
		if isCommonNoun(w.text) || w.number && !strings.Contains(w.text, "-") {
			break
		}
		adjective := k == i && isAdjectiveForm(w.text)
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

func isAdjectiveForm(w string) bool {
	for _, end := range []string{"ская", "ской", "скую", "ский", "ском", "скому", "ского", "ным", "ная", "ной", "ную", "ный", "ному", "ном", "вая", "вой", "вую", "вый", "вому", "вом"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// bare reads a street without type: a known one after «на» or «по», or any name
// with a house number («Ленина 37»).
func (x *Index) bare(words []word, i int) (found, bool) {
	w := &words[i]
	if w.consumed || w.number || w.sign {
		return found{}, false
	}
	end, known := x.knownAt(words, i)
	if !known && !w.upper || isCommonNoun(w.text) || x.types[w.text] != "" || isHouseWord(w) {
		return found{}, false
	}
	if end == i {
		if !w.upper || !isFamiliar(w.text) {
			return found{}, false
		}
		end = i + 1
		if takesMore(w.text) && end < len(words) && words[end].upper && !words[end].stop {
			end++
		}
	}
	after := i > 0 && (words[i-1].text == "на" || words[i-1].text == "по") && w.upper && !w.stop
	if after && (known || isGenitiveName(w.text)) || x.houseFollows(words, end) {
		return x.compose(words, street, "", i, end, i, end-1), true
	}
	return found{}, false
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
	if i >= len(words) || !isHouseNumber(words[i].text) || words[i].start {
		return false
	}
	return i+1 >= len(words) || words[i+1].stop || !isCounted(words[i+1].text)
}

// isCounted: «Ленина 5 лет ждёт» is no house.
func isCounted(w string) bool {
	for _, stem := range []string{"лет", "год", "час", "мин", "руб", "раз", "дн", "ден", "недел", "месяц", "человек", "метр", "машин", "автобус", "процент", "тыс"} {
		if strings.HasPrefix(w, stem) {
			return true
		}
	}
	return isMonth(w)
}

// compose names the street words[begin:end] with its type; first..last are the
// words it covers.
func (x *Index) compose(words []word, kind, typeForm string, begin, end, first, last int) found {
	f := found{first: first, last: last}
	var title []string
	for k := begin; k < end; k++ {
		title = append(title, titled(nominative(words[k].text, kind, typeForm)))
	}
	f.canonical = strings.Join(title, " ") + " " + kind
	if n := x.names.longest(words[begin:end]); n != nil && len(n.words) == end-begin {
		for _, t := range n.targets {
			if t.kind == knownStreet {
				f.known = append(f.known, t)
			}
		}
	}
	if len(f.known) == 1 {
		f.canonical = f.known[0].canonical
	}
	for k := first; k <= last; k++ {
		words[k].consumed = true
	}
	return f
}

// nominative makes «Садовому (переулку)» «Садовый» and «Советской (улице)»
// «Советская»; names in the genitive stay.
func nominative(word, kind, typeForm string) string {
	if feminine(kind) {
		for _, end := range []string{"ой", "ую"} {
			if stem, ok := strings.CutSuffix(word, end); ok && utf8.RuneCountInString(stem) > 2 {
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

func feminine(kind string) bool {
	switch kind {
	case "улица", "набережная", "площадь", "аллея", "линия", "просека":
		return true
	}
	return false
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
