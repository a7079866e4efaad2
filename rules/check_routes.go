package rules

import (
	"fmt"
	"slices"
	"strings"
)

// cell is one question a route can be asked: a row or an ordinary topic, and a
// municipality ("" = the place is unknown).
type cell struct {
	row          int
	topic        string
	municipality string
}

// compiled is a route with the cells it takes, by number.
type compiled struct {
	route *Route
	Matcher
	cells map[int]bool
}

func (c *checker) routes() {
	cells := c.cells()
	var routes []compiled
	for i := range c.p.Routes {
		r := &c.p.Routes[i]
		c.route(r)
		m, err := r.Matcher()
		if err != nil {
			c.fault(Pos{r.File, r.Line}, CodeBadValue, fmt.Sprintf("маршрут «%s»: %v", r.ID, err),
				"запишите номер или промежуток в кавычках: \"3\", \"17-33\"")
			c.unreadFiles[r.File] = true
			continue
		}
		routes = append(routes, compiled{route: r, Matcher: m, cells: taken(m, cells)})
	}
	seen := map[string]Pos{}
	for i := range c.p.Routes {
		c.id(c.p.Routes[i].ID, "маршрут", Pos{c.p.Routes[i].File, c.p.Routes[i].Line}, seen)
	}
	c.defaultRoute(routes)
	if c.unreadFiles[c.p.at["routes"].File] {
		return // a route half read would make others look unreachable, and rows lost
	}
	c.order(routes)
	c.coverage(routes)
}

// cells lists every question: rows, ordinary topics and fields × municipalities
// and the unknown place.
func (c *checker) cells() []cell {
	owned := map[string]bool{}
	var kinds []cell
	for _, row := range c.p.Categories {
		kinds = append(kinds, cell{row: row.Row})
		for _, t := range row.Topics {
			owned[t] = true
		}
	}
	kinds = append(kinds, cell{row: OrdinaryRow})
	for _, t := range c.p.Topics {
		if !owned[t.ID] {
			kinds = append(kinds, cell{row: OrdinaryRow, topic: t.ID})
		}
	}
	for _, field := range c.fields() {
		kinds = append(kinds, cell{row: OrdinaryRow, topic: field})
	}
	var out []cell
	for _, k := range kinds {
		out = append(out, k)
		for _, m := range c.p.Gazetteer.Municipalities {
			k.municipality = m.ID
			out = append(out, k)
		}
	}
	return out
}

// fields are the patterns of routes ("biz.*"), each standing for the topics a
// field may yet get: a route for them is of use even while all there are now
// belong to rows or to an exception above.
func (c *checker) fields() []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range c.p.Routes {
		for _, pattern := range r.Topics {
			if strings.HasSuffix(pattern, "*") && !seen[pattern] {
				seen[pattern] = true
				out = append(out, pattern)
			}
		}
	}
	return out
}

func taken(m Matcher, cells []cell) map[int]bool {
	out := map[int]bool{}
	for i, q := range cells {
		if m.Takes(q.row, q.topic, q.municipality) {
			out[i] = true
		}
	}
	return out
}

// route checks what can be told of one route by itself.
func (c *checker) route(r *Route) {
	at := Pos{r.File, r.Line}
	bodies, places := c.agencyIDs(), c.municipalityIDs()
	if r.To != ToMunicipality && !bodies[r.To] {
		c.fault(at, CodeAgencyUnknown, fmt.Sprintf("маршрут «%s»: органа «%s» нет", r.ID, r.To), "исправьте to или заведите орган")
	}
	if r.To == ToMunicipality && r.Otherwise == "" {
		c.fault(at, CodeRouteNoOtherwise, fmt.Sprintf("маршрут «%s»: не сказано, кому поручать, когда место неизвестно", r.ID),
			"впишите otherwise: id органа")
	}
	if r.Otherwise != "" && !bodies[r.Otherwise] {
		c.fault(at, CodeAgencyUnknown, fmt.Sprintf("маршрут «%s»: органа «%s» нет", r.ID, r.Otherwise), "исправьте otherwise или заведите орган")
	}
	if r.Outcome != "" && r.Outcome != OutcomeExplained {
		c.fault(at, CodeBadValue, fmt.Sprintf("маршрут «%s»: outcome «%s»", r.ID, r.Outcome), "допустимо только explained")
	}
	if r.Basis == "" {
		c.fault(at, CodeEmpty, fmt.Sprintf("маршрут «%s»: не сказано, на чём он основан", r.ID), "впишите basis: пункт акта, источник или assumption")
	}
	for _, m := range r.Municipalities {
		if !places[m] {
			c.unknownMunicipality(at, m)
		} else if c.outside(r.To, m) {
			c.fault(at, CodeTerritory, fmt.Sprintf("маршрут «%s»: «%s» не входит в территорию органа «%s»", r.ID, m, r.To),
				"исправьте municipalities или territory органа")
		}
	}
	c.routeNames(r, at)
}

// routeNames: topics that exist and rows the decree has. A field such as
// "sport.*" may have all its topics in rows of this decree and none to route.
func (c *checker) routeNames(r *Route, at Pos) {
	for _, pattern := range r.Topics {
		if !slices.ContainsFunc(c.p.Topics, func(t Topic) bool { return topicFits(pattern, t.ID) }) {
			c.fault(at, CodeTopicUnknown, fmt.Sprintf("маршрут «%s»: темы «%s» нет", r.ID, pattern), "исправьте имя или удалите его")
		}
	}
	for _, s := range r.Rows {
		if span, err := parseRows(s); err == nil && (span.from < OrdinaryRow || span.to > len(c.p.Categories)) {
			c.fault(at, CodeBadValue, fmt.Sprintf("маршрут «%s»: строки «%s» в перечне нет", r.ID, s),
				fmt.Sprintf("в перечне строки 1–%d; 0 — общий порядок", len(c.p.Categories)))
		}
	}
}

// defaultRoute: the last route takes all that others left. A default that is
// not last makes those after it unreachable, which order reports.
func (c *checker) defaultRoute(routes []compiled) {
	if slices.ContainsFunc(routes, func(r compiled) bool { return r.Default() && len(r.route.Municipalities) == 0 }) {
		return
	}
	at := c.p.at["routes"]
	if n := len(c.p.Routes); n > 0 {
		at = Pos{c.p.Routes[n-1].File, c.p.Routes[n-1].Line}
	}
	c.fault(at, CodeRouteNoDefault, "нет маршрута по умолчанию",
		"последним поставьте маршрут без rows, topics и municipalities: он берёт всё, что не взяли другие")
}

// order finds routes that nothing reaches, and pairs that take a part of each
// other: whichever stands first would win by accident. A narrow route before a
// wider one is how exceptions are written and is in order.
func (c *checker) order(routes []compiled) {
	before := map[int]bool{}
	for i, r := range routes {
		at := Pos{r.route.File, r.route.Line}
		if len(r.cells) > 0 && subset(r.cells, before) {
			c.fault(at, CodeRouteUnreachable, fmt.Sprintf("маршрут «%s» недостижим: всё его берут маршруты выше", r.route.ID),
				"поставьте его выше или удалите")
		} else if other := crossing(routes[:i], r); other != nil {
			c.fault(at, CodeRouteOverlap, fmt.Sprintf("маршруты «%s» и «%s» пересекаются, и ни один не уже другого", other.ID, r.route.ID),
				"разделите строки или территории так, чтобы исключение целиком лежало внутри общего правила")
		}
		for q := range r.cells {
			before[q] = true
		}
	}
}

func crossing(earlier []compiled, r compiled) *Route {
	for _, e := range earlier {
		shared := slices.ContainsFunc(keysOf(e.cells), func(q int) bool { return r.cells[q] })
		if shared && !subset(e.cells, r.cells) {
			return e.route
		}
	}
	return nil
}

func subset(a, b map[int]bool) bool {
	for q := range a {
		if !b[q] {
			return false
		}
	}
	return true
}

func keysOf(m map[int]bool) []int {
	out := make([]int, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// coverage: every row must be taken by a route that names it, everywhere; the
// default is there for what nobody foresaw.
func (c *checker) coverage(routes []compiled) {
	var named []compiled
	for _, r := range routes {
		if !r.Default() {
			named = append(named, r)
		}
	}
	lost := map[int][]string{}
	for i, q := range c.cells() {
		if q.row != OrdinaryRow && !slices.ContainsFunc(named, func(r compiled) bool { return r.cells[i] }) {
			lost[q.row] = append(lost[q.row], q.municipality)
		}
	}
	for i := range c.p.Categories {
		row := &c.p.Categories[i]
		if places := lost[row.Row]; len(places) > 0 {
			c.fault(Pos{row.File, row.Line}, CodeRouteMissing,
				fmt.Sprintf("строка %d: нет маршрута%s", row.Row, inPlaces(places, len(c.p.Gazetteer.Municipalities)+1)),
				"впишите её номер в rows маршрута (routing.yaml)")
		}
	}
}

func inPlaces(places []string, all int) string {
	if len(places) == all {
		return ""
	}
	named := make([]string, 0, len(places))
	for _, p := range places {
		if p == "" {
			p = "место неизвестно"
		}
		named = append(named, p)
	}
	return " для: " + strings.Join(named, ", ")
}
