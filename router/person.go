package router

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Faults of what a person says of a case.
var (
	ErrNoSuchRow    = errors.New("no such row or topic in the pack")
	ErrNoSuchBody   = errors.New("no such body in force")
	ErrUnknownPlace = errors.New("no such municipality in the pack")
)

// Correct says what follows when a person puts a case right: the body by the
// routes unless one is named, and the term of the row counted from the case's own
// registration (R6). Nothing said keeps what there is.
func (r *Router) Correct(now time.Time, c domain.Case, fix domain.Fix) (domain.Corrected, error) {
	out := domain.Corrected{Subject: domain.Subject{Row: c.Row, Topic: c.Topic}, Place: c.Place,
		AgencyID: c.Proposed, RouteWhy: c.RouteWhy, Deadline: c.Deadline}
	if fix.Subject != nil {
		if err := r.knows(*fix.Subject); err != nil {
			return out, err
		}
		out.Subject = *fix.Subject
	}
	if fix.Place != nil {
		p, err := r.placed(*fix.Place)
		if err != nil {
			return out, err
		}
		out.Place = p
	}
	if row := r.pack.Row(out.Subject.Row); row != nil {
		out.Restricted = row.Restricted != ""
	}
	if out.Subject.Row != c.Row || c.Deadline.Due.IsZero() {
		r.reclock(now, c, &out)
	}
	err := r.rebody(now, c, fix, &out)
	out.Assigned = r.personAssigned(now, c, out)
	return out, err
}

func (r *Router) knows(s domain.Subject) error {
	if s.Row != 0 && r.pack.Row(s.Row) == nil || s.Row == 0 && s.Topic != "" && r.topics[s.Topic] == "" {
		return fmt.Errorf("row %d, topic %q: %w", s.Row, s.Topic, ErrNoSuchRow)
	}
	return nil
}

func (r *Router) placed(p domain.Place) (domain.Place, error) {
	p.Candidates, p.Disputed = nil, false
	if p.Municipality == "" {
		p.MunicipalityName = ""
		return p, nil
	}
	m := r.places[p.Municipality]
	if m == nil {
		return p, fmt.Errorf("municipality %q: %w", p.Municipality, ErrUnknownPlace)
	}
	p.MunicipalityName, p.Source = m.Name, domain.PlaceText
	return p, nil
}

// reclock counts the term of another row from the first registration (R6). A
// calendar that lacks the year still gives the legal due.
func (r *Router) reclock(now time.Time, c domain.Case, out *domain.Corrected) {
	fixed, _ := r.almanac.Correct(c.Deadline, c.RegisteredAt, now, r.pack.Term(out.Subject.Row))
	out.Deadline = fixed.After
	if fixed.Controller {
		out.ForControl = fmt.Sprintf(wordsForControl, r.subjectWords(out.Subject.Row, out.Subject.Topic), r.almanac.LastDay(fixed.After).Words())
	}
}

// rebody finds the body anew when the subject or the municipality is another; a
// body that a person names wins.
func (r *Router) rebody(now time.Time, c domain.Case, fix domain.Fix, out *domain.Corrected) error {
	if fix.AgencyID != "" && fix.AgencyID != c.Proposed {
		a := r.agencies[fix.AgencyID]
		if a == nil || !a.InForce(domain.DateOf(now, r.almanac.Zone)) {
			return fmt.Errorf("body %q: %w", fix.AgencyID, ErrNoSuchBody)
		}
		out.AgencyID, out.RouteWhy = a.ID, wordsChosen
		return nil
	}
	moved := out.Subject != (domain.Subject{Row: c.Row, Topic: c.Topic}) || out.Place.Municipality != c.Place.Municipality
	if !moved && out.AgencyID != "" {
		return nil
	}
	routed, err := r.Route(now, out.Subject.Row, out.Subject.Topic, out.Place)
	out.AgencyID, out.RouteWhy = routed.Agency, routed.Why
	return err
}

// personAssigned is the notice to the body a person gives the case to. The
// version makes it happen again when the case comes back to the same body.
func (r *Router) personAssigned(now time.Time, c domain.Case, out domain.Corrected) domain.Notice {
	last := r.almanac.LastDay(out.Deadline).Words()
	return domain.Notice{
		Key:  fmt.Sprintf("assigned:case:%d:%s:%d", c.ID, out.AgencyID, c.Version),
		Kind: domain.NoticeAssigned, Region: c.Region, CaseID: c.ID,
		ToRole: string(domain.RoleCoordinator), ToAgency: out.AgencyID, At: now,
		Text: strings.TrimSpace(fmt.Sprintf(noticeAssigned, r.subjectWords(out.Subject.Row, out.Subject.Topic),
			r.placeWords(&out.Place), last, c.Number)),
	}
}

// Opened is the case a person makes of a post that the machine left alone, by
// the post's verdict as put right. registered is when the post was first in a
// case; zero when it never was.
func (r *Router) Opened(now, registeredAt time.Time, j domain.Judged, fix domain.Fix) (domain.Decision, error) {
	v := &j.Verdict
	c := domain.Case{Region: r.pack.Region.ID, Row: v.Row, Topic: v.Topic, Place: v.Place, Urgent: v.Urgent,
		RegisteredAt: registeredAt}
	if registeredAt.IsZero() {
		c.RegisteredAt = domain.RegisteredFrom(now, &j.Post)
	}
	fixed, err := r.Correct(now, c, fix)
	if err != nil && !errors.Is(err, ErrNoBody) {
		return domain.Decision{}, err
	}
	d := domain.Decision{Action: domain.ActionOpen, State: domain.Moderation, Reason: string(ByPerson), Words: ByPerson.Words(),
		AgencyID: fixed.AgencyID, RouteWhy: fixed.RouteWhy, Deadline: fixed.Deadline, Restricted: fixed.Restricted,
		Urgent: v.Urgent, RegisteredAt: c.RegisteredAt, Fixed: &fixed}
	return d, nil
}

// InForce lists the bodies a case may be given to on the day of now.
func (r *Router) InForce(now time.Time) []domain.Agency {
	day := domain.DateOf(now, r.almanac.Zone)
	var out []domain.Agency
	for i := range r.pack.Agencies {
		if a := &r.pack.Agencies[i]; a.InForce(day) {
			out = append(out, agency(a))
		}
	}
	return out
}

func agency(a *rules.Agency) domain.Agency {
	return domain.Agency{ID: a.ID, Name: a.Name, Short: a.ShortName(), Parent: a.Parent}
}
