package rules

import (
	"fmt"
	"slices"
	"strings"
)

func agencyKinds() []string {
	return []string{"control_center", "ministry", "committee", "department", "inspection",
		kindAdministration, "institution", "operator", "federal"}
}

// kindAdministration answers for a municipality, or for the whole region.
const kindAdministration = "administration"

// ApprovalNone is set for a body whose answers need no second person.
const ApprovalNone = "none"

func (c *checker) agencies() {
	places := c.municipalityIDs()
	known := map[string]Pos{}
	for i := range c.p.Agencies {
		a := &c.p.Agencies[i]
		c.id(a.ID, "орган", Pos{a.File, a.Line}, known)
	}
	for i := range c.p.Agencies {
		a := &c.p.Agencies[i]
		c.agency(a, known, places)
	}
	c.cycles()
}

func (c *checker) agency(a *Agency, known map[string]Pos, places map[string]bool) {
	at := Pos{a.File, a.Line}
	if a.Name == "" {
		c.fault(at, CodeEmpty, fmt.Sprintf("у органа «%s» нет названия", a.ID), "впишите name")
	}
	if a.Basis == "" {
		c.fault(at, CodeEmpty, fmt.Sprintf("у органа «%s» не сказано, откуда он известен", a.ID),
			"впишите basis: источник или assumption")
	}
	if !slices.Contains(agencyKinds(), a.Kind) {
		c.fault(at, CodeBadValue, fmt.Sprintf("вид органа «%s»: «%s»", a.ID, a.Kind), "допустимы: "+strings.Join(agencyKinds(), ", "))
	}
	if _, ok := known[a.Parent]; a.Parent != "" && !ok {
		c.fault(at, CodeAgencyUnknown, fmt.Sprintf("вышестоящего органа «%s» нет", a.Parent), "исправьте parent или заведите орган")
	}
	if a.Approval != "" && a.Approval != ApprovalNone {
		c.fault(at, CodeBadValue, fmt.Sprintf("согласование органа «%s»: «%s»", a.ID, a.Approval),
			"допустимо: none (согласовывать не нужно); иначе уберите approval")
	}
	for _, m := range a.Territory {
		if !places[m] {
			c.unknownMunicipality(at, m)
		}
	}
	c.span(a.ValidFrom, a.ValidTo, at, at)
}

// cycles names every circle in the tree once, at the body that stands first.
func (c *checker) cycles() {
	parent := map[string]string{}
	for _, a := range c.p.Agencies {
		parent[a.ID] = a.Parent
	}
	told := map[string]bool{}
	for i := range c.p.Agencies {
		a := &c.p.Agencies[i]
		circle := circleFrom(a.ID, parent)
		if len(circle) == 0 || told[a.ID] {
			continue
		}
		for _, id := range circle {
			told[id] = true
		}
		c.fault(Pos{a.File, a.Line}, CodeAgencyCycle,
			"подведомственность замкнута в круг: "+strings.Join(append(circle, a.ID), " → "),
			"уберите parent у того, кто стоит выше всех")
	}
}

// circleFrom lists the bodies of the circle a body is part of; none when the
// way up ends, or runs into a circle the body is not in.
func circleFrom(id string, parent map[string]string) []string {
	circle := []string{id}
	for up := parent[id]; up != ""; up = parent[up] {
		if up == id {
			return circle
		}
		if slices.Contains(circle, up) {
			return nil
		}
		circle = append(circle, up)
	}
	return nil
}

func (c *checker) gazetteer() {
	g := &c.p.Gazetteer
	bodies := c.agencyIDs()
	seen := map[string]Pos{}
	for i := range g.Municipalities {
		m := &g.Municipalities[i]
		at := Pos{m.File, m.Line}
		c.id(m.ID, "муниципальное образование", at, seen)
		if !bodies[m.Agency] {
			c.fault(at, CodeMunicipalityBody, fmt.Sprintf("у муниципального образования «%s» нет органа («%s»)", m.ID, m.Agency),
				"впишите agency: id администрации из agencies.yaml")
		}
		if c.outside(m.Agency, m.ID) {
			c.fault(at, CodeTerritory, fmt.Sprintf("«%s» не входит в территорию своего органа «%s»", m.ID, m.Agency),
				"исправьте agency или territory органа")
		}
	}
	if len(g.Municipalities) == 0 {
		c.fault(c.p.at["gazetteer"], CodeEmpty, "в газеттире нет муниципальных образований", "заполните municipalities")
	}
	c.settlements(c.municipalityIDs())
}

// outside reports that a body has a territory and the municipality is not in it.
func (c *checker) outside(agency, municipality string) bool {
	a := c.p.Agency(agency)
	return a != nil && len(a.Territory) > 0 && !slices.Contains(a.Territory, municipality)
}

func (c *checker) settlements(places map[string]bool) {
	names := map[string]bool{}
	for i := range c.p.Gazetteer.Settlements {
		s := &c.p.Gazetteer.Settlements[i]
		names[s.Name] = true
		if s.Name == "" {
			c.fault(Pos{s.File, s.Line}, CodeEmpty, "населённый пункт без названия", "впишите name")
		}
		if !places[s.Municipality] {
			c.unknownMunicipality(Pos{s.File, s.Line}, s.Municipality)
		}
	}
	for i := range c.p.Gazetteer.Streets {
		s := &c.p.Gazetteer.Streets[i]
		if s.Settlement != "" && !names[s.Settlement] {
			c.fault(Pos{s.File, s.Line}, CodeSettlementUnknown,
				fmt.Sprintf("улица «%s»: населённого пункта «%s» нет", s.Name, s.Settlement), "исправьте settlement")
		}
	}
}

func (c *checker) unknownMunicipality(at Pos, id string) {
	c.fault(at, CodeMunicipality, fmt.Sprintf("муниципального образования «%s» нет в газеттире", id), "исправьте имя")
}

func (c *checker) municipalityIDs() map[string]bool {
	out := map[string]bool{}
	for _, m := range c.p.Gazetteer.Municipalities {
		out[m.ID] = true
	}
	return out
}

func (c *checker) agencyIDs() map[string]bool {
	out := map[string]bool{}
	for _, a := range c.p.Agencies {
		out[a.ID] = true
	}
	return out
}
