package domain

import "time"

// OutageNews is what there is to say of something that does not answer.
type OutageNews string

// News of an outage.
const (
	OutageSilent OutageNews = ""       // nothing new
	OutageBegins OutageNews = "begins" // it has stopped answering
	OutageLasts  OutageNews = "lasts"  // a minute later, and every minute
	OutageEnds   OutageNews = "ends"   // it answers again
)

// outageEvery is how often an outage that lasts is worth a line.
const outageEvery = time.Minute

// Outage decides when to speak of something that does not answer: once when it
// begins, once a minute while it lasts, once when it ends. The zero value is no
// outage. It is not safe for concurrent use.
type Outage struct {
	began, said time.Time
}

// On reports whether an outage is under way.
func (o *Outage) On() bool { return !o.began.IsZero() }

// Failed notes a call that was not answered; length is how long it has lasted.
func (o *Outage) Failed(now time.Time) (news OutageNews, length time.Duration) {
	switch {
	case !o.On():
		o.began, o.said = now, now
		return OutageBegins, 0
	case now.Sub(o.said) < outageEvery:
		return OutageSilent, now.Sub(o.began)
	}
	o.said = now
	return OutageLasts, now.Sub(o.began)
}

// Answered notes a call that was answered; length is how long the outage was.
func (o *Outage) Answered(now time.Time) (news OutageNews, length time.Duration) {
	if !o.On() {
		return OutageSilent, 0
	}
	length = now.Sub(o.began)
	*o = Outage{}
	return OutageEnds, length
}
