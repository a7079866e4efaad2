package rules

import (
	"fmt"
	"slices"
	"strings"
)

// bodies: routes have a word of their own, and a place is answered for by its own
// administration.
func (c *checker) bodies() {
	for i := range c.p.Agencies {
		if a := &c.p.Agencies[i]; a.ID == ToMunicipality {
			c.fault(Pos{a.File, a.Line}, CodeBadValue, fmt.Sprintf("имя органа «%s» занято: в маршрутах оно значит администрацию места", a.ID),
				"дайте органу другой id")
		}
	}
	for i := range c.p.Gazetteer.Municipalities {
		m := &c.p.Gazetteer.Municipalities[i]
		a := c.p.Agency(m.Agency)
		if a != nil && (a.Kind != kindAdministration || !slices.Contains(a.Territory, m.ID)) {
			c.fault(Pos{m.File, m.Line}, CodeMunicipalityBody, fmt.Sprintf("орган «%s» — не администрация «%s»", a.ID, m.ID),
				fmt.Sprintf("впишите в agency орган вида administration, в territory которого есть %s", m.ID))
		}
	}
}

// leads finds routes that lead a place to a body that does not answer for it: the
// whole region to one town, or what is left when the place is unknown.
func (c *checker) leads() {
	var all []string
	for _, m := range c.p.Gazetteer.Municipalities {
		all = append(all, m.ID)
	}
	for i := range c.p.Routes {
		r := &c.p.Routes[i]
		places := r.Municipalities
		if len(places) == 0 {
			places = all
		}
		for _, to := range []struct{ key, id string }{{"to", r.To}, {"otherwise", r.Otherwise}} {
			if to.key == "to" && len(r.Municipalities) > 0 {
				continue // Load has looked at each of them
			}
			if stranger := c.firstOutside(to.id, places); stranger != "" {
				c.fault(Pos{r.File, r.Line}, CodeTerritory,
					fmt.Sprintf("маршрут «%s»: %s ведёт к «%s» и из «%s», которое не входит в его территорию", r.ID, to.key, to.id, stranger),
					"впишите municipalities маршрута или орган, который отвечает за весь регион")
			}
		}
	}
}

func (c *checker) firstOutside(agency string, places []string) string {
	for _, m := range places {
		if c.outside(agency, m) {
			return m
		}
	}
	return ""
}

// praise: the row that thanks open a case in and its topics say so alike.
func (c *checker) praise() {
	topics := map[string]bool{}
	for i := range c.p.Topics {
		topics[c.p.Topics[i].ID] = c.p.Topics[i].Praise
	}
	for i := range c.p.Categories {
		row := &c.p.Categories[i]
		thanks := slices.ContainsFunc(row.Topics, func(id string) bool { return topics[id] })
		at := Pos{row.File, row.Line}
		switch {
		case thanks && !row.Praise:
			c.fault(at, CodePraise, fmt.Sprintf("строка %d: её тема — благодарность, а praise у строки нет: инцидент не откроется никогда", row.Row),
				"впишите praise: true или уберите тему из строки")
		case !thanks && row.Praise:
			c.fault(at, CodePraise, fmt.Sprintf("строка %d: praise: true, а среди её тем нет благодарности", row.Row),
				"уберите praise или впишите тему с praise: true")
		}
	}
}

// partly begins the beyond of a row that is the region's too.
const partly = "частично"

// beyond: what is not in the region's power is explained, and nothing else is. A
// row that is beyond in part may be routed either way.
func (c *checker) beyond() {
	for i := range c.p.Routes {
		r := &c.p.Routes[i]
		m, err := r.Matcher()
		if err != nil {
			continue
		}
		for j := range c.p.Categories {
			if row := &c.p.Categories[j]; m.takesRow(row.Row) {
				c.explained(r, row)
			}
		}
	}
}

func (c *checker) explained(r *Route, row *Category) {
	at := Pos{r.File, r.Line}
	explains := r.Outcome == OutcomeExplained
	switch {
	case explains && row.Beyond == "":
		c.fault(at, CodeBeyond, fmt.Sprintf("маршрут «%s» отвечает «разъяснено», а у строки %d не сказано, чьё это полномочие", r.ID, row.Row),
			"впишите beyond строки в categories.yaml или уберите outcome")
	case !explains && row.Beyond != "" && !strings.HasPrefix(strings.ToLower(row.Beyond), partly):
		c.fault(at, CodeBeyond, fmt.Sprintf("строка %d не в полномочиях региона (%s), а маршрут «%s» поручает её как свою", row.Row, row.Beyond, r.ID),
			"впишите outcome: explained; если полномочие регион делит с другими, начните beyond словом «частично»")
	}
}
