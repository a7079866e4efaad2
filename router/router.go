// Package router decides what becomes of a judged post: which case it joins or
// opens, which body answers and by when, and why. It is pure: the same pack,
// time, post and open cases give the same decision.
package router

import (
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Router decides by one region's pack. It is immutable and safe for
// concurrent use.
type Router struct {
	pack     *rules.Pack
	almanac  domain.Almanac
	routes   []route
	agencies map[string]*rules.Agency
	places   map[string]*rules.Municipality
	topics   map[string]string // id → title
	sureFrom float64           // confidence from which a verdict may go unseen
}

type route struct {
	*rules.Route
	rules.Matcher
}

// New makes the router of a pack that rules.Load has accepted.
func New(pack *rules.Pack) *Router {
	r := &Router{
		pack:     pack,
		almanac:  pack.Almanac(),
		agencies: map[string]*rules.Agency{},
		places:   map[string]*rules.Municipality{},
		topics:   map[string]string{},
		sureFrom: pack.Region.Thresholds.AssignConfidence,
	}
	for i := range pack.Routes {
		m, err := pack.Routes[i].Matcher()
		if err != nil {
			continue // Load refuses such a route
		}
		r.routes = append(r.routes, route{&pack.Routes[i], m})
	}
	for i := range pack.Agencies {
		r.agencies[pack.Agencies[i].ID] = &pack.Agencies[i]
	}
	for i := range pack.Gazetteer.Municipalities {
		r.places[pack.Gazetteer.Municipalities[i].ID] = &pack.Gazetteer.Municipalities[i]
	}
	for i := range pack.Topics {
		r.topics[pack.Topics[i].ID] = pack.Topics[i].Title
	}
	return r
}

// Unseen is the same router with the bound that a region's own examples have chosen
// in place of the pack's.
func (r *Router) Unseen(b domain.UnseenBound) *Router {
	other := *r
	other.sureFrom = b.Confidence(r.pack.Region.Thresholds.AssignConfidence)
	return &other
}

// opensCase reports whether a verdict is somebody's task: a problem, or thanks
// where a row of the decree asks for an answer to them (row 99 of 232-рп).
func (r *Router) opensCase(v *domain.Verdict) bool {
	if v.Kind == domain.Problem {
		return true
	}
	row := r.pack.Row(v.Row)
	return v.Kind == domain.Thanks && row != nil && row.Praise
}
