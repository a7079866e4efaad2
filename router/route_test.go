package router

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

func at(municipality string) domain.Place {
	return domain.Place{Municipality: municipality, Source: domain.PlaceText}
}

func TestRoute(t *testing.T) {
	r := New(basePack(t))
	for _, c := range []struct {
		row        int
		topic      string
		place      domain.Place
		agency     string
		needsPlace bool
	}{
		{1, "road.holes", at("town"), "town-hall", true},
		{1, "road.holes", at("country"), "country-hall", true},
		{1, "road.holes", at(""), "roads-ministry", true},
		{1, "road.holes", at("another-region"), "roads-ministry", true},
		{2, "clinic.queue", at("town"), "clinic", false},
		{2, "clinic.queue", at("country"), "health-ministry", true},
		{0, "noise.night", at("country"), "country-hall", true},
		{0, "noise.day", at("country"), "country-hall", true},
		{0, "", at(""), "center", true},
	} {
		got, err := r.Route(now, c.row, c.topic, c.place)
		if err != nil || got.Agency != c.agency || got.NeedsPlace != c.needsPlace || got.Why == "" {
			t.Errorf("row %d %q in %q: %+v, %v; want %s, needs place %v", c.row, c.topic, c.place.Municipality, got, err, c.agency, c.needsPlace)
		}
	}
}

// Why a body is told in words alone: ids of the pack say nothing to people.
func TestRouteWords(t *testing.T) {
	pack := basePack(t)
	last := &pack.Routes[len(pack.Routes)-1]
	last.To, last.Otherwise = "center", ""
	r := New(pack)
	home := domain.Place{Municipality: "town", Source: domain.PlaceHome}
	for _, c := range []struct {
		row   int
		topic string
		place domain.Place
		want  string
	}{
		{1, "", home, "строка 1 («ямы»), город Город (по территории источника) → Администрация города (за такое отвечает администрация места)"},
		{1, "", at(""), "(место не определено, отвечает орган региона)"},
		{2, "clinic.queue", at("town"), "(у этого муниципалитета для такого свой орган)"},
		{2, "clinic.queue", at("country"), "(один орган на весь регион)"},
		{0, "", at("another-region"), "(общее правило: другие не подошли)"},
	} {
		got, err := r.Route(now, c.row, c.topic, c.place)
		if err != nil || !strings.HasSuffix(got.Why, c.want) {
			t.Errorf("row %d %q in %q: why %q, %v; want %q", c.row, c.topic, c.place.Municipality, got.Why, err, c.want)
		}
		for i := range pack.Routes {
			if strings.Contains(got.Why, pack.Routes[i].ID) {
				t.Errorf("%q holds the id %q", got.Why, pack.Routes[i].ID)
			}
		}
	}
}

func TestExplainedRoute(t *testing.T) {
	pack := basePack(t)
	pack.Routes[0].Outcome = rules.OutcomeExplained
	got, err := New(pack).Route(now, 1, "", at("town"))
	if err != nil || !got.Explained || !strings.Contains(got.Why, "разъяснено") {
		t.Errorf("%+v, %v", got, err)
	}
}

// A body that is no longer, or not yet, is passed over and the reason says so.
func TestBodiesOutOfForce(t *testing.T) {
	set := func(from, to string, ids ...string) *Router {
		pack := basePack(t)
		for i := range pack.Agencies {
			for _, id := range ids {
				if pack.Agencies[i].ID == id {
					pack.Agencies[i].ValidFrom, pack.Agencies[i].ValidTo = from, to
				}
			}
		}
		return New(pack)
	}
	for _, c := range []struct {
		name     string
		router   *Router
		row      int
		agency   string
		mentions string
	}{
		{"last day", set("", "2026-11-23", "town-hall"), 1, "town-hall", ""},
		{"first day", set("2026-11-23", "", "town-hall"), 1, "town-hall", ""},
		{"yesterday was the last", set("", "2026-11-22", "town-hall"), 1, "roads-ministry", "Администрация города не действует на 23.11.2026"},
		{"not yet", set("2026-11-24", "", "town-hall"), 1, "roads-ministry", "не действует"},
		{"the next route goes on", set("", "2026-11-22", "clinic"), 2, "health-ministry", "Поликлиника не действует"},
	} {
		got, err := c.router.Route(now, c.row, "", at("town"))
		if err != nil || got.Agency != c.agency || !strings.Contains(got.Why, c.mentions) {
			t.Errorf("%s: %+v, %v; want %s, %q", c.name, got, err, c.agency, c.mentions)
		}
	}
	none := set("", "2026-11-22", "town-hall", "roads-ministry", "center")
	got, err := none.Route(now, 1, "", at("town"))
	if !errors.Is(err, ErrNoBody) || !strings.Contains(got.Why, "не действует") {
		t.Errorf("%+v, %v; want ErrNoBody with what was tried", got, err)
	}
	d := none.Decide(now, sure(), nil, nil)
	if d.State != domain.Moderation || d.Reason != string(NoBody) || noticeRoles(d) != "administrator" {
		t.Errorf("without a body: %+v", d)
	}
}

// TestEveryRowEverywhere walks every row and ordinary topic of the packs that
// come with the program through every municipality, and the unknown place, to
// a body with a reason.
func TestEveryRowEverywhere(t *testing.T) {
	for _, region := range rules.EmbeddedRegions() {
		t.Run(region, func(t *testing.T) {
			pack, err := rules.LoadEmbedded(region)
			if err != nil {
				t.Fatal(err)
			}
			r := New(pack)
			walked := 0
			walk := func(row int, topic string) {
				for _, place := range places(pack) {
					walked++
					r.walkTo(t, row, topic, place)
				}
			}
			for _, c := range pack.Categories {
				walk(c.Row, c.Topics[0])
			}
			for _, topic := range pack.Topics {
				if pack.RowOf(topic.ID) == rules.OrdinaryRow {
					walk(rules.OrdinaryRow, topic.ID)
				}
			}
			walk(rules.OrdinaryRow, "")
			if want := len(pack.Categories) * (len(pack.Gazetteer.Municipalities) + 1); walked <= want {
				t.Errorf("walked %d cells, the rows alone have %d", walked, want)
			}
		})
	}
}

func places(pack *rules.Pack) []domain.Place {
	out := []domain.Place{{}}
	for _, m := range pack.Gazetteer.Municipalities {
		out = append(out, at(m.ID))
	}
	return out
}

func (r *Router) walkTo(t *testing.T, row int, topic string, place domain.Place) {
	t.Helper()
	got, err := r.Route(now, row, topic, place)
	if err != nil {
		t.Error(err)
		return
	}
	body := r.agencies[got.Agency]
	if body == nil || !strings.Contains(got.Why, body.ShortName()) {
		t.Errorf("row %d %q in %q: body %q, why %q", row, topic, place.Municipality, got.Agency, got.Why)
		return
	}
	if len(body.Territory) > 0 && place.Municipality != "" && !slices.Contains(body.Territory, place.Municipality) {
		t.Errorf("row %d %q in %q goes to %s, whose territory is %v", row, topic, place.Municipality, body.ID, body.Territory)
	}
}
