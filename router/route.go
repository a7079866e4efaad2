package router

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// ErrNoBody means that no route leads to a body in force.
var ErrNoBody = errors.New("no route leads to a body in force")

// Routed is the body a problem belongs to.
type Routed struct {
	Agency     string
	Why        string // Russian: what the route is, and what was passed over
	Explained  bool   // beyond the region's power: answered «разъяснено»
	NeedsPlace bool   // another place would have led to another body
}

// Route finds the body for a row (0 = ordinary order, then by topic) at a
// place on the day of now: the first route that takes it and whose body is in
// force. The error is ErrNoBody; Why then tells what was tried.
func (r *Router) Route(now time.Time, row int, topic string, place domain.Place) (Routed, error) {
	day := domain.DateOf(now, r.almanac.Zone)
	var out Routed
	var passed []string
	for _, route := range r.routes {
		if !route.Takes(row, topic, place.Municipality) {
			out.NeedsPlace = out.NeedsPlace || r.takesElsewhere(route, row, topic)
			continue
		}
		body, skipped := r.body(route, place, day)
		passed = append(passed, skipped...)
		out.NeedsPlace = out.NeedsPlace || route.To == rules.ToMunicipality
		if body == nil {
			continue
		}
		out.Agency = body.ID
		out.Explained = route.Outcome == rules.OutcomeExplained
		out.Why = r.why(route, body, row, topic, place, passed)
		return out, nil
	}
	out.Why = strings.Join(append(passed, wordsNoBody), "; ")
	return out, fmt.Errorf("row %d, topic %q, municipality %q: %w", row, topic, place.Municipality, ErrNoBody)
}

// takesElsewhere reports that a route is passed over for its territory alone.
func (r *Router) takesElsewhere(route route, row int, topic string) bool {
	for _, m := range route.Municipalities {
		if route.Takes(row, topic, m) {
			return true
		}
	}
	return false
}

// body resolves a route to its body, nil when none of those it names is in
// force; skipped tells of each in words.
func (r *Router) body(route route, place domain.Place, day domain.Date) (body *rules.Agency, skipped []string) {
	ids := []string{route.To}
	if route.To == rules.ToMunicipality {
		ids = []string{route.Otherwise}
		if m := r.places[place.Municipality]; m != nil {
			ids = []string{m.Agency, route.Otherwise}
		}
	}
	for _, id := range ids {
		a := r.agencies[id]
		switch {
		case a == nil:
			skipped = append(skipped, fmt.Sprintf(wordsBodyUnknown, id))
		case !a.InForce(day):
			skipped = append(skipped, fmt.Sprintf(wordsBodyNotInForce, a.ShortName(), day.Words()))
		default:
			return a, skipped
		}
	}
	return nil, skipped
}

func (r *Router) why(route route, body *rules.Agency, row int, topic string, place domain.Place, passed []string) string {
	what := r.subjectWords(row, topic)
	where := wordsPlaceUnknown
	if place.Source == domain.PlaceElsewhere {
		where = fmt.Sprintf(wordsPlaceElsewhere, place.Elsewhere)
	}
	if m := r.places[place.Municipality]; m != nil {
		where = m.Name
		if place.Source == domain.PlaceHome {
			where += wordsPlaceHome
		}
	}
	why := fmt.Sprintf(wordsRoute, what, where, body.ShortName(), r.routeWords(route, body, place))
	if route.Outcome == rules.OutcomeExplained {
		why += wordsExplained
	}
	if len(passed) > 0 {
		why += "; " + strings.Join(passed, "; ")
	}
	return why
}

// routeWords is what a route is, for people who do not read routing.yaml: whom it
// asks over which territory.
func (r *Router) routeWords(route route, body *rules.Agency, place domain.Place) string {
	switch {
	case route.To == rules.ToMunicipality:
		if m := r.places[place.Municipality]; m != nil && m.Agency == body.ID {
			return wordsRoutePlace
		}
		return wordsRouteNoPlace
	case len(route.Municipalities) > 0:
		return wordsRouteHere
	case len(route.Rows) == 0 && len(route.Topics) == 0:
		return wordsRouteDefault
	default:
		return wordsRouteWhole
	}
}

// subjectWords is «строка 3 (ямы, выбоины)» or the topic's title.
func (r *Router) subjectWords(row int, topic string) string {
	if c := r.pack.Row(row); c != nil {
		return fmt.Sprintf(wordsRow, row, c.Subcategory)
	}
	if title := r.topics[topic]; title != "" {
		return fmt.Sprintf(wordsOrdinary, title)
	}
	return wordsOrdinaryPlain
}
