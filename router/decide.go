package router

import (
	"errors"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
)

// Decide says what becomes of a judged post at the moment of its commit. known
// is what was stored of the post before, nil for a new one; open are the cases
// that carry any of its keys. See domain.Decide.
//
// Keys of notices about a case that is only being opened name it "case:0":
// storage puts the new number in its place.
func (r *Router) Decide(now time.Time, j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
	v := &j.Verdict
	if v.Kind == domain.Own { // whatever is wrong with it, nobody waits for an answer
		return decision(domain.ActionKeep, OwnAnswer)
	}
	if c, voice, why := r.heard(now, &j, known, open); c != nil {
		return r.voiced(now, &j, c, voice, why)
	}
	if c := r.spokenOf(&j, open); c != nil {
		return r.join(now, &j, c, AuthorInDialog)
	}
	if known != nil && known.CaseID != 0 {
		return r.edited(now, &j, known)
	}
	if !r.opensCase(v) && !promised(&j) {
		return r.noCase(now, &j)
	}
	d := r.filed(now, &j, open)
	d.Apart = r.apart(&j, open)
	if c := r.beside(now, &j, open); c != nil && c.ID != d.CaseID {
		r.tellBeside(now, &j, c, &d)
	}
	return d
}

// filed finds the case a problem belongs to, or opens one.
func (r *Router) filed(now time.Time, j *domain.Judged, open []domain.OpenCase) domain.Decision {
	if c, why := r.attach(j, open); c != nil {
		d := r.join(now, j, c, why)
		if c.State == domain.Satisfaction { // nobody works on it: the body hears that more is said
			d.Voice = domain.VoiceStranger
			if sameSubject(j, c) {
				d.Voice = domain.VoiceNeighbour
			}
		}
		return d
	}
	kin := r.kindred(j, open)
	if c := surest(kin); c != nil {
		return r.join(now, j, c, AttachedParaphrase)
	}
	d := r.open(now, j, likely(kin))
	if c := twin(j, open); c != nil {
		d.Words += twinWords(c)
	}
	if len(d.Like) > 0 {
		d.Words += likeCaseWords(open, d.Like[0].CaseID)
	}
	return d
}

// likeCaseWords name the likest case; one that the same commit opens has no number yet.
func likeCaseWords(open []domain.OpenCase, id int64) string {
	for i := range open {
		if open[i].ID == id && open[i].Number != "" {
			return fmt.Sprintf(wordsLikeCase, open[i].Number)
		}
	}
	return wordsLike
}

// twinWords name the case; one that the same commit opens has no number yet.
func twinWords(c *domain.OpenCase) string {
	if c.Number == "" {
		return wordsTwin
	}
	return wordsTwin + fmt.Sprintf(wordsTwinCase, c.Number)
}

// edited: once it has a case, a post never moves it by itself.
func (r *Router) edited(now time.Time, j *domain.Judged, known *domain.Known) domain.Decision {
	v := &j.Verdict
	d := decision(domain.ActionKeep, EditedSame)
	switch {
	case v.Urgent && !known.Urgent:
		d = decision(domain.ActionReview, EditedNowUrgent)
		d.Urgent = true
		d.Notices = []domain.Notice{r.urgentNotice(now, j, known.CaseID)}
	case len(v.Faults) > 0:
		d = decision(domain.ActionReview, Faults)
	case v.Row != known.Row || v.Kind != known.Kind:
		d = decision(domain.ActionReview, EditedChanged)
	}
	d.CaseID = known.CaseID
	return d
}

// promised: the author of a message to the bot was told of a number, whatever the
// machine thinks of their words. Thanks that are surely meant need none.
func promised(j *domain.Judged) bool {
	p := j.Post.Private
	v := &j.Verdict
	return p != nil && p.Numbered && (v.Kind != domain.Thanks || v.Urgent || v.Doubt != "")
}

func (r *Router) noCase(now time.Time, j *domain.Judged) domain.Decision {
	switch v := &j.Verdict; {
	case v.Urgent: // rather a false alarm than a lost one
		d := decision(domain.ActionReview, UrgentUnclear)
		d.Urgent = true
		d.Notices = []domain.Notice{r.urgentNotice(now, j, 0)}
		d.Notices[0].Key = "urgent:post:" + j.Post.ID.String()
		return d
	case len(v.Faults) > 0:
		return decision(domain.ActionReview, Faults)
	case v.Kind == domain.Thanks && v.Doubt != "":
		d := decision(domain.ActionReview, ThanksDoubtful)
		d.Words += because(v)
		return d
	case v.Kind == domain.Thanks:
		return decision(domain.ActionKeep, ThanksKept)
	case v.Doubt != "":
		d := decision(domain.ActionReview, OtherDoubtful)
		d.Words += because(v)
		return d
	}
	return decision(domain.ActionKeep, NotAProblem)
}

// join adds a post to an open case. Its term stays: later posts never extend
// it (R9). The duty person hears of an urgent post in a case that was not.
func (r *Router) join(now time.Time, j *domain.Judged, c *domain.OpenCase, why Reason) domain.Decision {
	d := decision(domain.ActionAttach, why)
	d.CaseID, d.State, d.AgencyID = c.ID, c.State, c.AgencyID
	d.Urgent = j.Verdict.Urgent
	if row := r.pack.Row(c.Row); row != nil {
		d.Restricted = row.Restricted != ""
	}
	if d.Urgent && !c.Urgent {
		d.Notices = []domain.Notice{r.urgentNotice(now, j, c.ID)}
	}
	return d
}

// open makes a new case: assigned unseen, or proposed to a person. One that may be
// the same as an open case is seen by a person first: a body must not get a problem
// twice.
func (r *Router) open(now time.Time, j *domain.Judged, like []domain.Likely) domain.Decision {
	v := &j.Verdict
	routed, err := r.Route(now, v.Row, v.Topic, v.Place)
	reason := r.reason(v, routed, err)
	if reason == AssignedUnseen && !r.opensCase(v) {
		reason = Promised
	}
	if reason == AssignedUnseen && len(like) > 0 {
		reason = LikelySame
	}
	d := decision(domain.ActionOpen, reason)
	d.Like = like
	d.State = domain.Moderation
	if reason == AssignedUnseen {
		d.State = domain.Coordination
	}
	d.AgencyID, d.RouteWhy = routed.Agency, routed.Why
	if v.Place.Source == domain.PlaceElsewhere { // no body of ours is proposed, even where place does not matter
		d.AgencyID = ""
	}
	d.Urgent = v.Urgent
	if row := r.pack.Row(v.Row); row != nil {
		d.Restricted = row.Restricted != ""
	}
	if body := r.agencies[d.AgencyID]; body != nil && d.State == domain.Moderation {
		d.Words += fmt.Sprintf(wordsProposed, body.ShortName())
	}
	d.Words += because(v)
	r.clock(now, j, &d)
	d.Notices = append(r.notices(now, j, &d, err), d.Notices...)
	return d
}

// because quotes what in the post decided: the verdict's reason and the first
// words that spoke for it.
func because(v *domain.Verdict) string {
	words := v.Reason
	for _, e := range v.Evidence {
		if !e.Against && e.Why != domain.WhyPlace && e.Text != "" {
			words += fmt.Sprintf(wordsEvidence, e.Text)
			break
		}
	}
	if words == "" {
		return ""
	}
	return ". " + words
}

// MayGoUnseen reports whether a verdict would go to a body unseen if it were sure
// enough and its place and body were known: what a bound of confidence decides on.
func (r *Router) MayGoUnseen(v *domain.Verdict) bool {
	sure := *v
	sure.Confidence, sure.Place = 1, domain.Place{}
	return r.opensCase(v) && r.reason(&sure, Routed{}, nil) == AssignedUnseen
}

// reason tells why a new case may go unseen, or what keeps it back; the
// gravest first.
func (r *Router) reason(v *domain.Verdict, routed Routed, err error) Reason {
	t := &r.pack.Region.Thresholds
	row := r.pack.Row(v.Row)
	switch {
	case v.Urgent:
		return UrgentToPerson
	case len(v.Faults) > 0:
		return Faults
	case row != nil && row.Restricted != "":
		return RestrictedRow
	case v.Place.Source == domain.PlaceElsewhere:
		return PlaceElsewhere
	case err != nil:
		return NoBody
	case row == nil && v.Topic == "":
		return NoTopic
	case v.Doubt != "" && v.Kind == domain.Thanks:
		return ThanksDoubtful
	case v.Doubt != "":
		return DoubtfulKind
	case !(v.Confidence >= r.sureFrom): // none at all is not sure
		return LowConfidence
	case v.Margin < t.AssignMargin:
		return LowMargin
	case routed.NeedsPlace && v.Place.Disputed:
		return PlaceDisputed
	case routed.NeedsPlace && v.Place.Municipality == "":
		return PlaceUnknown
	}
	return AssignedUnseen
}

// clock sets registration and deadline (R1, R2). A calendar that lacks the
// year does not hold the case up: the administrator is told, and the control
// date is the legal one.
func (r *Router) clock(now time.Time, j *domain.Judged, d *domain.Decision) {
	d.RegisteredAt = domain.RegisteredFrom(now, &j.Post)
	deadline, err := r.almanac.Deadline(d.RegisteredAt, r.pack.Term(j.Verdict.Row))
	d.Deadline = deadline
	if domain.LateRegistration(j.Post.PublishedAt, d.RegisteredAt) {
		d.Words += wordsLate
	}
	var missing *domain.CalendarYearError
	if errors.As(err, &missing) {
		words := fmt.Sprintf(wordsCalendarYear, missing.Year)
		d.Words += fmt.Sprintf(wordsNoCalendar, words)
		d.Notices = append(d.Notices, r.calendarNotice(now, missing.Year, words))
	}
}

func decision(a domain.Action, why Reason) domain.Decision {
	return domain.Decision{Action: a, Reason: string(why), Words: why.Words()}
}
