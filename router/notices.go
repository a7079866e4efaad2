package router

import (
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// notices of a case being opened. The duty person hears of danger, the body's
// coordinator of an assignment, the administrator of a hole in the pack.
func (r *Router) notices(now time.Time, j *domain.Judged, d *domain.Decision, routing error) []domain.Notice {
	var out []domain.Notice
	if d.Urgent {
		out = append(out, r.urgentNotice(now, j, 0))
	}
	if d.State == domain.Coordination {
		out = append(out, r.assignedNotice(now, j, d))
	}
	if routing != nil {
		out = append(out, domain.Notice{
			Key:  fmt.Sprintf("no_body:%s:%s:%s:%s", r.pack.Region.ID, subject(j.Verdict.Row, j.Verdict.Topic), j.Verdict.Place.Municipality, r.pack.Hash),
			Kind: domain.NoticePartition, Region: r.pack.Region.ID, ToRole: string(domain.RoleAdministrator), At: now,
			Text: fmt.Sprintf(noticeNoBody, d.RouteWhy),
		})
	}
	return out
}

// urgentNotice goes to the duty person once a case; case 0 is the one being opened.
func (r *Router) urgentNotice(now time.Time, j *domain.Judged, caseID int64) domain.Notice {
	v := &j.Verdict
	return domain.Notice{
		Key:  fmt.Sprintf("urgent:case:%d", caseID),
		Kind: domain.NoticeUrgent, Region: r.pack.Region.ID, CaseID: caseID, ToRole: "duty", At: now,
		Text: strings.TrimSpace(fmt.Sprintf(noticeUrgent, r.subjectWords(v.Row, v.Topic), r.placeWords(&v.Place), link(&j.Post))),
	}
}

func (r *Router) assignedNotice(now time.Time, j *domain.Judged, d *domain.Decision) domain.Notice {
	v := &j.Verdict
	last := r.almanac.LastDay(d.Deadline).Words()
	return domain.Notice{
		Key:  "assigned:case:0:" + d.AgencyID,
		Kind: domain.NoticeAssigned, Region: r.pack.Region.ID,
		ToRole: string(domain.RoleCoordinator), ToAgency: d.AgencyID, At: now,
		Text: strings.TrimSpace(fmt.Sprintf(noticeAssigned, r.subjectWords(v.Row, v.Topic), r.placeWords(&v.Place), last, link(&j.Post))),
	}
}

// calendarNotice is sent once for a year and a version of the pack.
func (r *Router) calendarNotice(now time.Time, year int, words string) domain.Notice {
	return domain.Notice{
		Key:  fmt.Sprintf("calendar:%s:%d:%s", r.pack.Region.ID, year, r.pack.Hash),
		Kind: domain.NoticePartition, Region: r.pack.Region.ID, ToRole: string(domain.RoleAdministrator), At: now,
		Text: fmt.Sprintf(noticeCalendar, words),
	}
}

// placeWords names the place down to the settlement: a notice is read aloud
// and forwarded, the address stays in the case.
func (r *Router) placeWords(p *domain.Place) string {
	m := r.places[p.Municipality]
	switch {
	case m == nil:
		return wordsPlaceUnknown
	case p.Settlement != "" && p.Settlement != m.Center:
		return m.Name + ", " + p.Settlement
	}
	return m.Name
}

// link is where a post stands; a private message stands nowhere, and its address
// names who wrote it.
func link(p *domain.Post) string {
	if p.Kind == domain.Message {
		return ""
	}
	return p.URL
}
