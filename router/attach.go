package router

import (
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

// attach finds the case a post joins: by the surest key, and of several cases
// the one registered first. A case of another row or topic is joined only by
// an exact copy, a repost, or a comment that says nothing sure of its own. What tells
// the same in other words comes last: it is the least sure.
func (r *Router) attach(j *domain.Judged, open []domain.OpenCase) (*domain.OpenCase, Reason) {
	for _, class := range []struct {
		prefix string
		why    Reason
		fits   func(*domain.Judged, *domain.OpenCase) bool
	}{
		{keyCopy, AttachedCopy, whatever},
		{keyOrigin, AttachedOrigin, whatever},
		{keyThread, AttachedThread, sameSubject},
		{keyPlace, AttachedPlace, r.sameAtPlace},
		{keyTalk, AttachedTalk, r.leansOn},
	} {
		var found *domain.OpenCase
		for i := range open {
			c := &open[i]
			if c.State.Open() && shares(j.Keys, c.Keys, class.prefix) && class.fits(j, c) && earlier(c, found) {
				found = c
			}
		}
		if found != nil {
			return found, class.why
		}
	}
	return nil, ""
}

// twin is the first case that tells the same in the same words of another place,
// nil when there is none.
func twin(j *domain.Judged, open []domain.OpenCase) *domain.OpenCase {
	var found *domain.OpenCase
	for i := range open {
		if c := &open[i]; c.State.Open() && shares(j.Keys, c.Keys, keyTwin) && earlier(c, found) {
			found = c
		}
	}
	return found
}

func whatever(*domain.Judged, *domain.OpenCase) bool { return true }

// leansOn: a comment in a flood («у нас тоже, дом 7») is understood by what it
// stands under. One that is sure of another subject, tells of a danger, or names
// another municipality is a problem of its own. A kindred subject without a place
// («тоже сидим без воды» under «нет горячей воды») is no other subject.
func (r *Router) leansOn(j *domain.Judged, c *domain.OpenCase) bool {
	comment := !j.Post.Thread.IsZero() || j.Post.ID.IsComment()
	return comment && r.leans(&j.Verdict, c)
}

func (r *Router) leans(v *domain.Verdict, c *domain.OpenCase) bool {
	return (!r.sure(v) || kindred(v, c)) && !v.Urgent && sameTerritory(v, c)
}

// sure: of what it is about.
func (r *Router) sure(v *domain.Verdict) bool {
	return v.Topic != "" && v.Confidence >= r.sureFrom && v.Margin >= r.pack.Region.Thresholds.AssignMargin
}

// kindred: the topics are of one group, «water.hot» and «water.outage», and the
// post names no place of its own that could set it apart.
func kindred(v *domain.Verdict, c *domain.OpenCase) bool {
	group, _, _ := strings.Cut(v.Topic, ".")
	of, _, _ := strings.Cut(c.Topic, ".")
	return group != "" && group == of && !namesPlace(v)
}

func namesPlace(v *domain.Verdict) bool {
	p := &v.Place
	return p.Source == domain.PlaceText || p.Source == domain.PlaceGeo || p.Street != ""
}

func shares(mine, theirs []string, prefix string) bool {
	return slices.ContainsFunc(mine, func(k string) bool {
		return strings.HasPrefix(k, prefix) && slices.Contains(theirs, k)
	})
}

// sameSubject compares with the case as it is now, which an analyst may have
// corrected since its keys were made, and the territory: a post that names
// another municipality is about something else, whatever talk it stands in.
func sameSubject(j *domain.Judged, c *domain.OpenCase) bool {
	v := &j.Verdict
	if v.Row != c.Row || v.Row == 0 && v.Topic != c.Topic {
		return false
	}
	return sameTerritory(v, c)
}

// sameUnanswered: what was answered may have come again, and nobody works on a case
// that waits for its author's word. A person sees the new post beside it.
func sameUnanswered(j *domain.Judged, c *domain.OpenCase) bool {
	return c.State != domain.Satisfaction && sameSubject(j, c)
}

// sameAtPlace: nor does the address join what speaks against one another.
func (r *Router) sameAtPlace(j *domain.Judged, c *domain.OpenCase) bool {
	how, _ := r.atOnePlace(j, c)
	return how == surelySame && sameUnanswered(j, c)
}

func sameTerritory(v *domain.Verdict, c *domain.OpenCase) bool {
	if v.Place.Source == domain.PlaceElsewhere {
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
