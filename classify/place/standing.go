package place

import (
	"slices"
	"strings"
)

// standing is how much a name's surroundings say that the problem is there. It is
// asked only where several municipalities are named.
type standing uint8

const (
	beside   standing = iota // only says where another is, or what it is like: «под Бикином», «как в Бикине»
	byTheWay                 // where the writer comes from or goes, whose office is asked to act
	atHome                   // where the writer lives or works: «живу в Бикине, а яма в …»
	plain
	here // «у нас в Бикине», «теперь в Бикине», with a street, as the text's label
)

// standing judges the name, and whether it is set against what was said before:
// «…, а в Бикине».
func (c *context) standing(n *name) (standing, bool) {
	contrast := c.setAgainst() || c.endsInNo()
	in := c.before == "в" || c.before == "во" || c.before == "на"
	switch {
	case c.compared(), c.near():
		return beside, contrast
	case c.ofRoute():
		return byTheWay, contrast
	case c.thereAfter():
		return here, contrast
	case isWayPreposition(c.before), c.before == "к", c.before == "ко":
		return byTheWay, contrast
	case in && !c.locative(n) && c.declines(n) && !slices.ContainsFunc(c.phraseBefore(), isArrival):
		return byTheWay, contrast // «звонила в Хабаровск»
	case in && c.residence():
		return atHome, contrast
	case c.ofOffice(), c.ofPeople():
		return byTheWay, contrast
	case c.address, c.label && (c.end == len(c.words) || !c.words[c.end].dash), in && (c.streetJust() || c.hereBefore()):
		return here, contrast
	}
	return plain, contrast
}

// declines: the form in the accusative tells itself from the one of the place.
func (c *context) declines(n *name) bool {
	last := n.last
	return !strings.HasSuffix(last, "о") && !strings.HasSuffix(last, "и") && !strings.HasSuffix(last, "е")
}

// back is how far before a name its surroundings are looked at, in words.
const back = 5

// phraseBefore are the words before the name back to a mark of punctuation, the
// nearest first, without the preposition and the type of the place.
func (c *context) phraseBefore() []string {
	list := c.phrase[:0]
	for k := c.first - 1; k >= 0 && len(list) < back; k-- {
		w := &c.words[k]
		if c.words[k+1].stop && !c.words[k+1].dot {
			break
		}
		if !isPlacePreposition(w.text) && w.text != "на" && !isSettlementType(w.text) {
			list = append(list, w.text)
		}
	}
	return list
}

// thereAfter: «…, а там», «…, где».
func (c *context) thereAfter() bool {
	for k := c.end; k < len(c.words) && k <= c.end+1 && !c.words[k].start; k++ {
		switch c.words[k].text {
		case "там", "где", "туда":
			return c.words[c.end].stop
		case "а", "и", "но":
		default:
			return false
		}
	}
	return false
}

// ofRoute: «трасса Хабаровск – Находка», whatever the other end is.
func (c *context) ofRoute() bool {
	if c.first > 0 && c.words[c.first].dash && !c.words[c.first].hyphen && c.words[c.first-1].upper && !c.words[c.first-1].consumed {
		return true
	}
	if c.end == len(c.words) || !c.words[c.end].dash || c.words[c.end].start {
		return false
	}
	next := &c.words[c.end]
	return next.upper && !next.shout && !next.consumed && !next.number
}

// endsInNo: «в Балтийске вывозят, в Светлом нет».
func (c *context) endsInNo() bool {
	return c.end < len(c.words) && c.words[c.end].text == "нет" && !c.words[c.end].stop &&
		(c.end+1 == len(c.words) || c.words[c.end+1].stop)
}

// compared: «как в Хабаровске», «чем в Хабаровске», «в отличие от Хабаровска».
func (c *context) compared() bool {
	before := c.phraseBefore()
	if len(before) == 0 {
		return false
	}
	switch before[0] {
	case "как", "чем", "словно", "будто", "отличие", "отличии":
		return true
	}
	return false
}

// near: «под Хабаровском», «недалеко от Светлогорска», «рядом с Гусевом».
func (c *context) near() bool {
	switch c.before {
	case "под", "около", "возле", "близ":
		return true
	case "от", "с", "со", "к":
		before := c.phraseBefore()
		return slices.ContainsFunc(before[:min(2, len(before))], isNearness)
	}
	return false
}

func isNearness(w string) bool {
	switch w {
	case "рядом", "недалеко", "неподалеку", "вблизи", "близко", "ближе", "км":
		return true
	}
	return strings.HasPrefix(w, "километр")
}

// residence: «живу в», «прописан в», «работаю в», and not «живу теперь в»: that is
// where things happen. A relative's home is where the relative's trouble is.
func (c *context) residence() bool {
	for i, w := range c.phraseBefore() {
		if isResidence(w) || i == 0 && (w == "я" || w == "мы") {
			return true
		}
	}
	return false
}

func isResidence(w string) bool {
	switch w {
	case "живу", "живем", "живя", "жил", "жила", "жили", "проживаю", "проживаем", "проживал", "проживала", "проживали",
		"работаю", "работаем", "работал", "работала", "учусь", "учимся", "учился", "училась", "служу", "родился", "родилась",
		"вырос", "выросла", "отдыхал", "отдыхала", "отдыхали", "гостил", "гостила", "гостили", "сижу":
		return true
	}
	return strings.HasPrefix(w, "прописан") || strings.HasPrefix(w, "зарегистрирован")
}

// hereBefore: «у нас в Бикине», «здесь в Бикине», «теперь в Бикине».
func (c *context) hereBefore() bool {
	before := c.phraseBefore()
	for i, w := range before {
		switch w {
		case "тут", "здесь", "теперь":
			return true
		case "нас", "меня":
			if i+1 < len(before) && before[i+1] == "у" {
				return true
			}
		case "наш", "нашем", "нашего", "нашей", "нашему":
			return i == 0
		}
	}
	return false
}

// ofOffice: «администрация Хабаровска», «мэр города Хабаровска».
func (c *context) ofOffice() bool {
	before := c.phraseBefore()
	if len(before) == 0 || isPlacePreposition(c.before) || c.before == "на" {
		return false
	}
	for _, stem := range []string{"администраци", "мэр", "глав", "губернатор", "прокурат", "прокурор", "министерств", "минздрав", "правительств", "управлени", "департамент", "депутат", "дум", "горсовет", "чиновник", "власт", "водоканал", "комитет"} {
		if strings.HasPrefix(before[0], stem) {
			return true
		}
	}
	return false
}

// ofPeople: «житель Хабаровска», «гости из Хабаровска».
func (c *context) ofPeople() bool {
	return isInhabitant(c.before) || c.before == "гость" || c.before == "гости" || c.before == "уроженец" || c.before == "уроженка"
}

// setAgainst: the words before the name are «, а …», «, но …».
func (c *context) setAgainst() bool {
	for k := c.first - 1; k >= 0 && c.first-k <= back; k-- {
		w := &c.words[k]
		if slices.Contains([]string{"а", "но", "зато", "однако"}, w.text) {
			return k > 0 // «А в Москве …» says what is elsewhere
		}
		if c.words[k+1].start {
			return false
		}
	}
	return false
}
