package place

import (
	"slices"

	"github.com/otklik/otklik/domain"
)

// resolver makes one place of what the text names.
type resolver struct {
	index *Index
	home  string
	words []word
	place domain.Place
	used  []mention // those that count
	found *found    // the street that counts

	rivals   []string // municipalities named, the one taken first
	disputed bool     // between them
}

// takeElsewhere: the place is another region's; nothing of ours is taken for it.
func (r *resolver) takeElsewhere(away *mention, streets []found) {
	r.place.Source, r.place.Elsewhere = domain.PlaceElsewhere, away.targets[0].canonical
	r.used = append(r.used, *away)
	for i := range streets {
		if r.better(&streets[i]) {
			r.found, r.place.Street, r.place.House = &streets[i], streets[i].canonical(r.words), streets[i].house
		}
	}
}

func (r *resolver) take(streets []found, mentions []mention) {
	for _, k := range []kind{settlement, municipality, district} {
		for _, m := range mentions {
			r.takeMention(m, k)
		}
	}
	for i := range streets {
		r.takeStreet(&streets[i])
	}
	r.takeCrossing(streets)
	r.cityOfDistrict()
}

// cityOfDistrict: districts are those of the municipality's main town.
func (r *resolver) cityOfDistrict() {
	m := r.index.municipalities[r.place.Municipality]
	if m != nil && r.place.District != "" && r.place.Settlement == "" {
		r.place.Settlement = m.Center
	}
}

// takeMention fills in what is still open; the first mention of a kind counts,
// and must agree with the municipality already found.
func (r *resolver) takeMention(m mention, k kind) {
	var fit []target
	for _, t := range m.targets {
		if t.kind == k && (r.place.Municipality == "" || r.place.Municipality == t.m.ID) {
			fit = append(fit, t)
		}
	}
	if len(fit) == 0 {
		return
	}
	if k == settlement && r.place.Settlement != "" || k == district && r.place.District != "" {
		return
	}
	chosen, sure := r.choose(fit)
	r.used = append(r.used, m)
	r.place.Source = domain.PlaceText
	switch k {
	case settlement:
		r.place.Settlement = chosen.canonical
	case district:
		r.place.District = chosen.canonical
	}
	if sure {
		r.setMunicipality(chosen)
		return
	}
	for _, t := range fit {
		if !slices.Contains(r.place.Candidates, t.m.ID) {
			r.place.Candidates = append(r.place.Candidates, t.m.ID)
		}
	}
}

// choose: of several bearers of a name the one of the source's home; otherwise
// it stays open.
func (r *resolver) choose(fit []target) (target, bool) {
	same := true
	for _, t := range fit {
		if t.m.ID == r.home {
			return t, true
		}
		same = same && t.m == fit[0].m
	}
	return fit[0], same
}

func (r *resolver) setMunicipality(t target) {
	r.place.Municipality, r.place.MunicipalityName = t.m.ID, t.m.Name
	r.place.Candidates = nil
}

// better: the first street counts, or a later one that has a house when the
// first has none.
func (r *resolver) better(f *found) bool {
	return r.place.Street == "" || r.place.House == "" && f.house != ""
}

// takeStreet takes a street; a known one gives its town away.
func (r *resolver) takeStreet(f *found) {
	if !r.better(f) {
		return
	}
	r.found, r.place.Street, r.place.House = f, f.canonical(r.words), f.house
	t := r.bearer(f)
	if t != nil {
		r.place.Street = t.canonical
	}
	if r.place.Municipality != "" {
		return
	}
	if t != nil {
		r.setMunicipality(*t)
		r.place.Settlement, r.place.Source = t.s.Name, domain.PlaceText
		return
	}
	if m := r.index.municipalities[r.home]; m != nil && len(r.place.Candidates) == 0 {
		r.place.Municipality, r.place.MunicipalityName, r.place.Source = m.ID, m.Name, domain.PlaceHome
	}
}

// takeCrossing names the street that the one taken meets: «Ленина и Пушкина».
func (r *resolver) takeCrossing(streets []found) {
	if r.found == nil || r.found.house != "" {
		return
	}
	for i := range streets {
		f := &streets[i]
		if f.house != "" || !meet(r.words, r.found, f) && !meet(r.words, f, r.found) {
			continue
		}
		r.place.Crossing = f.canonical(r.words)
		if t := r.bearer(f); t != nil {
			r.place.Crossing = t.canonical
			if r.place.Settlement == "" && t.m.ID == r.place.Municipality {
				r.place.Settlement, r.place.Source = t.s.Name, domain.PlaceText // whichever is named first
			}
		}
		return
	}
}

// bearer is the known street meant: that of the place named, else of the
// source's home, else the only one of its name.
func (r *resolver) bearer(f *found) *target {
	for i := range f.known {
		t := &f.known[i]
		switch {
		case r.place.Municipality != "":
			if t.m.ID == r.place.Municipality {
				return t
			}
		case len(r.place.Candidates) > 0:
			if slices.Contains(r.place.Candidates, t.m.ID) {
				return t
			}
		case t.m.ID == r.home, r.home == "" && len(f.known) == 1:
			return t
		}
	}
	return nil
}

// spans are the tokens that named the place.
func (r *resolver) spans(words []word) []Span {
	var list []Span
	for _, m := range r.used {
		list = append(list, Span{int(words[m.first].token), int(words[m.last].token)})
	}
	if r.found != nil {
		list = append(list, Span{int(words[r.found.first].token), int(words[r.found.last].token)})
	}
	return list
}

// MunicipalityName is the name of a municipality of the gazetteer, its id when it
// is none.
func (x *Index) MunicipalityName(id string) string {
	if m := x.municipalities[id]; m != nil {
		return m.Name
	}
	return id
}
