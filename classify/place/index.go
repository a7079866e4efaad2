package place

import (
	"slices"
	"strings"

	"github.com/otklik/otklik/rules"
)

// bigTown is the population from which a name is known to all and written
// without a capital.
const bigTown = 3000

// Index is a gazetteer made ready for searching. It is immutable.
type Index struct {
	gazetteer      *rules.Gazetteer
	names          *names
	municipalities map[string]*rules.Municipality
	types          map[string]streetType // by form
}

// streetType is what a form of a street type stands for.
type streetType struct {
	name string
	full bool // no abbreviation
}

// NewIndex compiles a gazetteer.
func NewIndex(g *rules.Gazetteer) *Index {
	x := &Index{
		gazetteer: g, names: newNames(),
		municipalities: map[string]*rules.Municipality{}, types: map[string]streetType{},
	}
	for _, t := range g.StreetTypes {
		x.addStreetType(t)
	}
	for i := range g.Municipalities {
		x.addMunicipality(&g.Municipalities[i])
	}
	towns := map[string]*rules.Settlement{}
	for i := range g.Settlements {
		s := &g.Settlements[i]
		x.addSettlement(s)
		if have := towns[s.Name]; have == nil || have.Pop < s.Pop {
			towns[s.Name] = s
		}
	}
	for i := range g.Streets {
		x.addKnownStreet(&g.Streets[i], towns[g.Streets[i].Settlement])
	}
	for _, e := range g.Elsewhere {
		x.names.add(e, target{kind: elsewhere, canonical: e})
	}
	for _, e := range g.ElsewhereAmbiguous {
		x.names.add(e, target{kind: elsewhere, canonical: e, ambiguous: true})
	}
	return x
}

func (x *Index) addStreetType(t rules.StreetType) {
	for _, form := range slices.Concat(forms(fold(t.Name)), plurals(t.Name)) {
		x.types[form] = streetType{t.Name, true}
	}
	for _, form := range t.Forms {
		form = strings.TrimSuffix(fold(form), ".")
		if !strings.ContainsAny(form, " ./") {
			x.types[form] = streetType{t.Name, false}
		}
	}
}

// plurals: «на пересечении улиц», «между проспектами»; «на улицах города» names none.
func plurals(name string) []string {
	switch name {
	case "улица":
		return []string{"улиц", "улицами"}
	case "проспект", "переулок":
		stem := strings.TrimSuffix(name, "ок")
		if stem != name {
			stem += "к"
		}
		return []string{stem + "ов", stem + "ами"}
	}
	return nil
}

func (x *Index) addMunicipality(m *rules.Municipality) {
	x.municipalities[m.ID] = m
	for _, n := range slices.Concat([]string{m.Name}, m.Forms, byCenter(m)) {
		if words := parts(n); len(words) > 1 && words[0] != "город" { // «город Хабаровск» is the settlement
			x.names.add(n, target{kind: municipality, m: m, canonical: m.Name, colloquial: true})
		}
	}
	for _, d := range m.Districts {
		for _, n := range append([]string{d.Name}, d.Forms...) {
			if words := parts(n); len(words) == 1 && isAdjective(words[0]) {
				continue // «Центральный» alone says nothing
			}
			x.names.add(n, target{
				kind: district, m: m, canonical: d.Name,
				ambiguous: d.Ambiguous && !isSettlementType(parts(n)[0]) && !isTerritory(parts(n)[0]) && x.types[parts(n)[0]].name == "",
			})
		}
	}
}

// byCenter: «г.о. Светлый», «МО Светлый»; a district round a city of its own is
// not called so.
func byCenter(m *rules.Municipality) []string {
	if !strings.HasSuffix(m.Kind, "округ") {
		return nil
	}
	var list []string
	for _, kind := range []string{"г.о.", "го", "м.о.", "мо", "городской округ", "муниципальный округ"} {
		list = append(list, kind+" "+m.Center)
	}
	return list
}

func (x *Index) addSettlement(s *rules.Settlement) {
	m := x.municipalities[s.Municipality]
	if m == nil {
		return
	}
	for _, n := range asOneWord(append([]string{s.Name}, s.Forms...)) {
		x.names.add(n, target{
			kind: settlement, m: m, s: s, canonical: s.Name, ambiguous: s.Ambiguous,
			colloquial: s.Pop >= bigTown && !s.Ambiguous || len(parts(n)) > 1 && !s.Ambiguous,
		})
	}
}

// asOneWord adds to names in two halves how they are written without the hyphen:
// «Князеволконское».
func asOneWord(names []string) []string {
	list := slices.Clone(names)
	for _, n := range names {
		if words := parts(n); len(words) == 2 && isLetters(words[0]) && isLetters(words[1]) && strings.Count(n, "-") == 1 {
			list = append(list, strings.Replace(n, "-", "", 1))
		}
	}
	return list
}

func (x *Index) addKnownStreet(k *rules.KnownStreet, s *rules.Settlement) {
	if s == nil || x.municipalities[s.Municipality] == nil {
		return
	}
	m := x.municipalities[s.Municipality]
	bare, kind := x.withoutType(k.Name)
	if kind == "" {
		kind = street
	}
	t := target{kind: knownStreet, m: m, s: s, canonical: bare + " " + kind, bare: bare, streetType: kind}
	x.names.add(bare, t)
	for _, n := range k.Forms {
		x.names.add(n, t)
		if bare, _ := x.withoutType(n); bare != "" {
			x.names.add(bare, t)
		}
	}
}

// withoutType parts «Амурский бульвар» into «Амурский» and «бульвар».
func (x *Index) withoutType(n string) (bare, streetType string) {
	var kept []string
	for _, w := range strings.Fields(n) {
		if t := x.types[fold(w)].name; t != "" && streetType == "" {
			streetType = t
			continue
		}
		kept = append(kept, w)
	}
	return strings.Join(kept, " "), streetType
}

func isAdjective(word string) bool {
	for _, end := range []string{"ый", "ий", "ой", "ая", "ое"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}
