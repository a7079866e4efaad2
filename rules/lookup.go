package rules

import (
	"fmt"

	"github.com/otklik/otklik/domain"
)

// Row gives the decree's row by its number; nil when there is none (ordinary order).
func (p *Pack) Row(row int) *Category {
	if row < 1 || row > len(p.Categories) {
		return nil
	}
	return &p.Categories[row-1] // rows are 1..n without gap: Load has seen to it
}

// RowOf gives the row that names a topic, 0 when it is ordinary order.
func (p *Pack) RowOf(topic string) int {
	for i := range p.Categories {
		for _, t := range p.Categories[i].Topics {
			if t == topic {
				return p.Categories[i].Row
			}
		}
	}
	return OrdinaryRow
}

// Agency gives a body by its id, nil when there is none.
func (p *Pack) Agency(id string) *Agency {
	for i := range p.Agencies {
		if p.Agencies[i].ID == id {
			return &p.Agencies[i]
		}
	}
	return nil
}

// Municipality gives a municipality by its id, nil when there is none.
func (g *Gazetteer) Municipality(id string) *Municipality {
	for i := range g.Municipalities {
		if g.Municipalities[i].ID == id {
			return &g.Municipalities[i]
		}
	}
	return nil
}

// ReadKey is the switch that lets a platform be read, and where it was written.
func (p *Pack) ReadKey(platform domain.Platform) (key string, at Pos) {
	key = "channels." + string(platform) + ".read"
	return key, p.keyAt(key)
}

// keyAt is where a key of region.yaml was written, the file's top when it was not.
func (p *Pack) keyAt(key string) Pos {
	if at, ok := p.at["region."+key]; ok {
		return at
	}
	return p.at["region"]
}

// Term is what the decree allows for a row, or the region's ordinary norm (R11).
func (p *Pack) Term(row int) domain.Term {
	norms := &p.Region.Norms
	rule := domain.NonWorking(norms.NonWorking)
	if c := p.Row(row); c != nil {
		return domain.Term{Days: c.Days, NonWorking: rule, Cite: fmt.Sprintf(p.Region.Decree.RowCite, row)}
	}
	return domain.Term{Days: norms.OrdinaryDays, NonWorking: rule, Cite: norms.OrdinaryCite, Ordinary: true}
}

// Almanac is where the region's terms are counted.
func (p *Pack) Almanac() domain.Almanac {
	return domain.Almanac{Zone: p.Region.Location, Calendar: p.Calendar}
}

// ShortName is the name for lists and notices.
func (a *Agency) ShortName() string {
	if a.Short != "" {
		return a.Short
	}
	return a.Name
}

// InForce tells whether the body answers on a day: valid_from and valid_to are
// inclusive, empty is open.
func (a *Agency) InForce(day domain.Date) bool {
	d := day.String() // YYYY-MM-DD sorts as days do
	return (a.ValidFrom == "" || a.ValidFrom <= d) && (a.ValidTo == "" || d <= a.ValidTo)
}
