package place

import (
	"strings"
	"unicode/utf8"
)

// elsewhere judges the name of another region or one of its towns. It gives the
// mention when the author is there: with its type («г. Курск»), as a label
// («Курск: …»), with a street, as where «мы живём», or as where the text begins
// («В Курске …»), or after an address («Мира 5, Курск»). Being told of in passing («поезд до Москвы», «в Москве чисто,
// а у нас») is not enough. regionOf: it tells whose the town before it is.
func (c *context) elsewhere(n *name) (m *mention, regionOf bool) {
	var known *target
	for i := range n.targets {
		if n.targets[i].kind == elsewhere {
			known = &n.targets[i]
		}
	}
	if known == nil || c.belongsToMore(n) {
		return nil, false
	}
	regionOf = c.isRegionOf(n)
	if !regionOf && !c.isThere(n, known.ambiguous) {
		return nil, false
	}
	return &mention{targets: []target{*known}, first: c.first, last: c.end - 1}, regionOf
}

// isThere reports whether the author is in the place named.
func (c *context) isThere(n *name, ambiguous bool) bool {
	if c.before == "в" || c.before == "во" {
		if !c.locative(n) {
			return false // «ушли в Москву» is the way there
		}
		long := utf8.RuneCountInString(c.words[c.first].text) > 4
		if (c.capital || long && !ambiguous) && c.lives(c.first-1) {
			return true
		}
		return c.capital && (c.address || c.streetSoon() || c.streetJust() || c.atBeginning() && !c.contrasted())
	}
	switch {
	case !c.capital && !c.words[c.first].hash:
		return false
	case c.typed:
		return !c.typeInPassing()
	case isOurs(c.before): // «в нашем Омске», but «наш Владимир» may be a person
		return !ambiguous
	case c.before == "из":
		return c.first > 1 && isWe(c.words[c.first-2].text)
	case isInhabitant(c.before):
		return true
	case ambiguous:
		return c.address && c.label
	case c.address:
		return !isWayPreposition(c.before)
	}
	return (c.label || c.endsAddress(n)) && !c.routeToOurs()
}

// atBeginning: «В Курске …», «Почему в Курске …».
func (c *context) atBeginning() bool {
	return c.first == 1 || c.first == 2 && isQuestion(c.words[0].text)
}

// streetJust: «на улице Садовой в Курске».
func (c *context) streetJust() bool {
	return c.first > 1 && c.words[c.first-2].consumed && !c.words[c.first-1].stop
}

// endsAddress: «Садовая 5, Курск», the name as it is and nothing after it.
func (c *context) endsAddress(n *name) bool {
	w := &c.words[c.first]
	alone := c.end == len(c.words) || c.words[c.end].stop && !c.words[c.end].dash
	return alone && c.first > 0 && w.comma && c.words[c.first-1].consumed && w.text == n.first
}

// isRegionOf: «село Ивановка Амурской области».
func (c *context) isRegionOf(n *name) bool {
	if len(n.words) < 2 || c.first == 0 || c.words[c.first].stop || !c.words[c.first-1].upper || c.words[c.first].text == n.first {
		return false
	}
	last := c.words[c.end-1].text
	return strings.HasPrefix(last, "област") || strings.HasPrefix(last, "кра") || strings.HasPrefix(last, "округ")
}

// locative: the form that says where one is; names that do not decline and those
// in -ье have one form for all.
func (c *context) locative(n *name) bool {
	w := c.words[c.end-1].text
	if c.words[c.first].text == n.first && w == n.last {
		for _, end := range []string{"и", "о", "у", "э", "ье", "ы"} {
			if strings.HasSuffix(w, end) {
				return true
			}
		}
		return len(n.words) == 1 && utf8.RuneCountInString(w) < shortest // ЕАО, ДНР
	}
	for _, end := range []string{"е", "и", "м", "х", "ой", "ей", "у"} {
		if strings.HasSuffix(w, end) {
			return end != "у" || strings.HasSuffix(w, "ску") && !strings.HasSuffix(n.last, "а") || w == "крыму"
		}
	}
	return false
}

// lives reports whether the words before i tell that the author lives there: «у
// нас (тут)», «живу», «нахожусь».
func (c *context) lives(i int) bool {
	for k := i - 1; k >= 0 && i-k <= 3 && !c.words[k+1].start; k-- {
		switch w := c.words[k].text; w {
		case "как", "чем", "будто", "словно":
			return false // «у нас не как в Москве»
		case "нас", "меня":
			if k > 0 && c.words[k-1].text == "у" {
				return true
			}
		case "живу", "живем", "проживаю", "проживаем", "нахожусь", "находимся", "живущие", "проживающие", "дома":
			return true
		}
	}
	return false
}

// streetSoon: «в Курске у нас на улице Садовой».
func (c *context) streetSoon() bool {
	for k := c.end; k < len(c.words) && k < c.end+4 && !c.words[k].start; k++ {
		if c.words[k].consumed {
			return true
		}
	}
	return false
}

// contrasted: «в Москве чисто, а у нас …».
func (c *context) contrasted() bool {
	for k := c.end; k+1 < len(c.words); k++ {
		w, next := c.words[k].text, c.words[k+1].text
		here := w == "у" && next == "нас" || (w == "а" || w == "но") && (next == "тут" || next == "здесь" || next == "мы" || next == "я")
		if here {
			return true
		}
	}
	return false
}

// typeInPassing: «до города Москвы», «из г. Киров».
func (c *context) typeInPassing() bool {
	return c.first > 1 && isWayPreposition(c.words[c.first-2].text) && (c.first <= 2 || !isWe(c.words[c.first-3].text))
}

// routeToOurs: «Москва – Хабаровск».
func (c *context) routeToOurs() bool {
	if c.end == len(c.words) || !c.words[c.end].dash {
		return false
	}
	n := c.index.names.longest(c.words[c.end:])
	if n == nil {
		return false
	}
	for _, t := range n.targets {
		if t.kind == settlement {
			return true
		}
	}
	return false
}

func isWe(w string) bool {
	switch w {
	case "мы", "я", "пишу", "пишем", "сам", "сама", "сами", "родом":
		return true
	}
	return false
}

func isOurs(w string) bool {
	switch w {
	case "наш", "нашем", "нашего", "нашему", "нашим", "наша", "нашей", "нашу":
		return true
	}
	return false
}

func isQuestion(w string) bool {
	switch w {
	case "почему", "зачем", "когда", "кто", "сколько", "где", "опять", "снова", "сегодня", "вчера":
		return true
	}
	return false
}

func isInhabitant(w string) bool {
	return strings.HasPrefix(w, "жител") || strings.HasPrefix(w, "жительниц")
}
