package router

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// heard finds the case under whose question or answer a comment stands, and what it
// says to it; nil when it is a post like any other. Of several cases the one that is
// replied to counts, then the one answered last.
func (r *Router) heard(now time.Time, j *domain.Judged, known *domain.Known, open []domain.OpenCase) (*domain.OpenCase, domain.Voice, Reason) {
	var found *domain.OpenCase
	var voice domain.Voice
	var why Reason
	for i := range open {
		c := &open[i]
		if c.Ours == nil || c.Ours.Dialog || known != nil && known.CaseID != 0 && known.CaseID != c.ID {
			continue
		}
		v, because := r.says(now, j, c)
		if v != "" && (found == nil || c.Ours.Direct && !found.Ours.Direct || c.Ours.Direct == found.Ours.Direct && c.Ours.At.After(found.Ours.At)) {
			found, voice, why = c, v, because
		}
	}
	return found, voice, why
}

// says: authors decide, in reply to us or in the same talk afterwards; strangers are
// seen when they reply to us and tell of nothing that is a case of its own. Platforms
// date what is written by whole seconds.
func (r *Router) says(now time.Time, j *domain.Judged, c *domain.OpenCase) (domain.Voice, Reason) {
	o, v := c.Ours, &j.Verdict
	if !o.Direct && (j.Post.PublishedAt.Before(o.At.Truncate(time.Second)) || !o.Author) {
		return "", ""
	}
	other := r.opensCase(v) && !r.about(j, c)
	own := r.tellsAnother(j, c)
	switch {
	case !o.Author && !r.opensCase(v) && !v.Urgent && c.State != domain.Done:
		return domain.VoiceStranger, StrangerUnderOurs
	case !o.Author:
		return "", ""
	case own && v.Urgent:
		return "", ""
	case o.Question && c.State == domain.Clarifying && (o.Direct || !other && !toAnother(j, o) && !chat(j.Post.Text)):
		return domain.VoiceAnswers, AuthorAnswered
	case c.State != domain.Satisfaction && !r.mayObject(c, now):
		return "", ""
	case own:
		return "", ""
	case objects(j, o) && (o.Direct || !other):
		return domain.VoiceObjects, AuthorObjects
	case other:
		return "", ""
	case o.Direct && v.Kind == domain.Problem:
		return domain.VoiceObjects, AuthorSaysAgain
	case c.State == domain.Done:
		return "", ""
	case v.Kind != domain.Problem && !v.Urgent && v.Doubt == "" && domain.SaysSolved(j.Post.Text) && !toAnother(j, o):
		return domain.VoiceSolved, AuthorThanks
	}
	if o.Group && (chat(j.Post.Text) || j.Post.PublishedAt.Sub(o.At) > groupWindow) {
		return "", ""
	}
	return domain.VoiceUnclear, AuthorUnclear
}

// spokenOf is the case that the bot takes a message to speak of, unless it tells of
// something else; nil for none.
func (r *Router) spokenOf(j *domain.Judged, open []domain.OpenCase) *domain.OpenCase {
	for i := range open {
		if c := &open[i]; c.Ours != nil && c.Ours.Dialog && !r.tellsElse(j, c) {
			return c
		}
	}
	return nil
}

// apart: the bot took the message to speak of a case that it does not speak of.
func (r *Router) apart(j *domain.Judged, open []domain.OpenCase) bool {
	return slices.ContainsFunc(open, func(c domain.OpenCase) bool { return c.Ours != nil && c.Ours.Dialog && r.tellsElse(j, &c) })
}

// tellsElse: who was asked for nothing may say «так и не починили» of anything; who was
// asked speaks of what they were asked, unless it is clearly something else.
func (r *Router) tellsElse(j *domain.Judged, c *domain.OpenCase) bool {
	return r.tellsAnother(j, c) || !c.Ours.Direct && r.opensCase(&j.Verdict) && !r.about(j, c)
}

// groupWindow is how long after our words the next message of an author in a group, in
// reply to nobody, is thought to speak to them whatever it says.
const groupWindow = 24 * time.Hour

// chat: a greeting, agreement with somebody or a question tells whoever asked nothing.
func chat(text string) bool {
	if strings.HasSuffix(strings.TrimSpace(text), "?") || domain.SaysNothing(text) {
		return true
	}
	switch domain.Plain(text) {
	case "+1", "+ 1", "да уж", "ужас", "кошмар", "согласен", "согласна", "поддерживаю", "плюсую", "аналогично":
		return true
	}
	return false
}

// tellsAnother: a danger, or a problem that is clearly not the answered one, is a case
// of its own, also in reply to us: of another subject that is sure, or at another place.
func (r *Router) tellsAnother(j *domain.Judged, c *domain.OpenCase) bool {
	v := &j.Verdict
	if !r.opensCase(v) || sameSubject(j, c) {
		return false
	}
	if v.Urgent || r.sure(v) && !kindred(v, c) {
		return true
	}
	return v.Topic != "" && (v.Row != c.Row || v.Topic != c.Topic) && !sameTerritory(v, c)
}

// beside is the case to whose answer an author replied with another problem, or to
// whose question with a danger that is one; nil for none. The words may be an objection,
// or an answer, too.
func (r *Router) beside(now time.Time, j *domain.Judged, open []domain.OpenCase) *domain.OpenCase {
	for i := range open {
		c := &open[i]
		o := c.Ours
		if o == nil || !o.Direct && !o.Dialog || !o.Author || !r.tellsAnother(j, c) && (!o.Dialog || !r.tellsElse(j, c)) {
			continue
		}
		if asked(c) && j.Verdict.Urgent || !o.Question && (c.State == domain.Satisfaction || r.mayObject(c, now)) {
			return c
		}
	}
	return nil
}

// asked: the author replies to a question that waits for them.
func asked(c *domain.OpenCase) bool { return c.Ours.Question && c.State == domain.Clarifying }

// tellBeside lets whoever waits for the author read what they wrote: the controller
// beside an answer; whoever asked gets their case back with the words, so that it does
// not end as unanswered.
func (r *Router) tellBeside(now time.Time, j *domain.Judged, c *domain.OpenCase, d *domain.Decision) {
	if asked(c) {
		d.Answers = c.ID
		d.Words += fmt.Sprintf(wordsBesideAsked, c.Number)
		return
	}
	d.Words += fmt.Sprintf(wordsBeside, c.Number)
	d.Notices = append(d.Notices, r.besideNotice(now, j, c))
}

// besideNotice tells the controller, once a post and case.
func (r *Router) besideNotice(now time.Time, j *domain.Judged, c *domain.OpenCase) domain.Notice {
	return domain.Notice{
		Key: fmt.Sprintf("beside:case:%d:post:%s", c.ID, j.Post.ID), Kind: domain.NoticeWrote, Region: r.pack.Region.ID, CaseID: c.ID,
		ToRole: string(domain.RoleController), At: now, Text: fmt.Sprintf(noticeBeside, c.Number),
	}
}

// objects: in reply to us with words that elsewhere may be a complaint of anything, in
// the talk with those that can mean only the answer.
func objects(j *domain.Judged, o *domain.OurWords) bool {
	if o.Direct {
		return domain.SaysStillBad(j.Post.Text)
	}
	return domain.SaysUnsolved(j.Post.Text) && (!toAnother(j, o) || !strings.Contains(j.Post.Text, "?"))
}

// toAnother: the comment replies to a comment that is not ours. «Спасибо, Мария!» and
// «у вас тоже не решили?» say nothing to us.
func toAnother(j *domain.Judged, o *domain.OurWords) bool {
	return !o.Direct && !j.Post.ReplyTo.IsZero() && j.Post.ReplyTo != j.Post.Talk()
}

// about: the comment tells of what the case is about, or is sure of nothing else. It
// stands under our words, whether or not its platform knows threads.
func (r *Router) about(j *domain.Judged, c *domain.OpenCase) bool {
	return sameSubject(j, c) || r.leans(&j.Verdict, c)
}

// mayObject: after the end of the case as long as before it.
func (r *Router) mayObject(c *domain.OpenCase, now time.Time) bool {
	return c.State == domain.Done && now.Sub(c.Ours.ClosedAt) < time.Duration(r.pack.Region.Norms.SatisfactionDays)*24*time.Hour
}

// voiced attaches the comment to the case it speaks to.
func (r *Router) voiced(now time.Time, j *domain.Judged, c *domain.OpenCase, voice domain.Voice, why Reason) domain.Decision {
	d := r.join(now, j, c, why)
	d.Voice = voice
	if voice == domain.VoiceObjects {
		d.NewRound = r.Redue(domain.Case{Row: c.Row}, now)
	}
	return d
}
