package router

import (
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

// attach finds the case a post joins: by the surest key, and of several cases
// the one registered first. A case of another row or topic is joined only by
// an exact copy or a repost.
func (r *Router) attach(j *domain.Judged, open []domain.OpenCase) (*domain.OpenCase, Reason) {
	for _, class := range []struct {
		prefix string
		why    Reason
		same   bool // row, topic and territory must agree
	}{
		{keyCopy, AttachedCopy, false},
		{keyOrigin, AttachedOrigin, false},
		{keyThread, AttachedThread, true},
		{keyPlace, AttachedPlace, true},
	} {
		var found *domain.OpenCase
		for i := range open {
			c := &open[i]
			if c.State.Open() && shares(j.Keys, c.Keys, class.prefix) &&
				(!class.same || sameSubject(&j.Verdict, c)) && earlier(c, found) {
				found = c
			}
		}
		if found != nil {
			return found, class.why
		}
	}
	return nil, ""
}

func shares(mine, theirs []string, prefix string) bool {
	return slices.ContainsFunc(mine, func(k string) bool {
		return strings.HasPrefix(k, prefix) && slices.Contains(theirs, k)
	})
}

// sameSubject compares with the case as it is now, which an analyst may have
// corrected since its keys were made. A post that names another municipality
// than the case's is about something else, whatever talk it stands in.
func sameSubject(v *domain.Verdict, c *domain.OpenCase) bool {
	if v.Row != c.Row || v.Row == 0 && v.Topic != c.Topic {
		return false
	}
	named := v.Place.Source == domain.PlaceText || v.Place.Source == domain.PlaceGeo
	return !named || c.Municipality == "" || v.Place.Municipality == "" || v.Place.Municipality == c.Municipality
}

func earlier(c, found *domain.OpenCase) bool {
	if found == nil {
		return true
	}
	if !c.RegisteredAt.Equal(found.RegisteredAt) {
		return c.RegisteredAt.Before(found.RegisteredAt)
	}
	return c.ID < found.ID
}
