package place

import (
	"slices"

	"github.com/otklik/otklik/domain"
)

// resolver makes one place of what the text names.
type resolver struct {
	index *Index
	home  string
	place domain.Place
	used  []int // words of the mentions that count
}

func (r *resolver) take(streets []found, mentions []mention) {
	for _, k := range []kind{settlement, municipality, district} {
		for _, m := range mentions {
			r.takeMention(m, k)
		}
	}
	for _, f := range streets {
		r.takeStreet(f)
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
	r.used = append(r.used, m.word)
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

// takeStreet takes the first street, or a later one that has a house when the
// first has none. A known street gives its town away.
func (r *resolver) takeStreet(f found) {
	if r.place.Street != "" && (r.place.House != "" || f.house == "") {
		return
	}
	r.place.Street, r.place.House = f.canonical, f.house
	if r.place.Municipality == "" && len(r.place.Candidates) == 0 {
		r.townOf(f)
	}
}

func (r *resolver) townOf(f found) {
	for _, t := range f.known {
		if r.home == "" || t.m.ID == r.home || len(f.known) == 1 {
			r.setMunicipality(t)
			r.place.Settlement, r.place.Source = t.s.Name, domain.PlaceText
			return
		}
	}
	if m := r.index.municipalities[r.home]; m != nil {
		r.place.Municipality, r.place.MunicipalityName, r.place.Source = m.ID, m.Name, domain.PlaceHome
	}
}

// spans are the tokens that named the place.
func (r *resolver) spans(words []word, streets []found) []Span {
	var list []Span
	for _, i := range r.used {
		list = append(list, Span{int(words[i].token), int(words[i].token)})
	}
	for _, f := range streets {
		if f.canonical == r.place.Street && f.house == r.place.House {
			list = append(list, Span{int(words[f.first].token), int(words[f.last].token)})
			break
		}
	}
	return list
}
