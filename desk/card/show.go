package card

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// cardView is the whole card.
type cardView struct {
	Case     domain.Case
	Said     []saidView
	Watch    page.Watch
	More     casework.MoreView // posts beyond those read
	Steps    []Step
	Can      mayView
	Due      page.Chip
	DueWords string // «03.12.2026, 23:59»
	Control  string
	Before   string // last day of the term that a correction has replaced
	Clocks   []clockView
	Norm     string
	Agency   string
	RouteWhy string // why the body has it
	Fits     string // the body that answers for it as it was put right, when another has it
	FitsWhy  string
	Proposed string
	Executor string
	Subject  string
	Place    string
	PlaceOf  domain.Place
	Nature   string
	Outcome  string
	Closing  string
	Created  string
	Holders  []holderView
	History  []lineView
	Files    []fileView
	Related  []relatedView
	Story    domain.Story
	Stories  []domain.Story
	Asked    []deferralView
	Rounds   []roundView
	Busy     string
	Reviews  []domain.ReviewLine
	Posts    []saidView // that can be split off
	// Unanswered are those whose authors the answer did not reach.
	Unanswered []saidView

	Subjects []casework.Subject
	Code     string
	Places   []casework.Choice
	Agencies []domain.Agency
	Closes   []casework.Choice
	MaxFile  string
}

// mayView says what of the card's own the person may do now.
type mayView struct {
	Note, Correct, Queue, Restore, Unjoin, Split, Answered, Author, Reopen, Again, Withdraw, Term, Voice, Press bool
}

// saidView is one thing of the conversation.
type saidView struct {
	Kind     string // post, reply, note, question
	Number   int64
	Who      string
	Meta     string
	When     string
	Exact    string
	Segments []casework.Segment
	Text     string
	URL      string
	Media    []casework.AttachedView
	Mark     string // «удалено на площадке», «на согласовании»
	Bad      bool   // the mark is trouble
	Tries    []string
	Above    []casework.AboveView
	at       time.Time
}

// clockView is a row of the two clocks.
type clockView struct{ From, Wall, Work string }

type holderView struct {
	Agency, Since, Until, For, By, Why string
	Undone                             bool
}

type lineView struct {
	When, Exact, Who, What, Why string
	Changes                     []string
}

type fileView struct {
	ID                   int64
	Name, Size, By, When string
}

type relatedView struct {
	ID                        int64
	Number, How, Words, State string
	Due                       page.Chip
	Linked                    bool
}

type deferralView struct{ Words, Decision string }

type roundView struct{ Words string }

func notSeen(err error, number string) error {
	if errors.Is(err, domain.ErrNotFound) {
		if number != "" {
			return page.NotFound("Инцидента «" + number + "» нет, или он не в вашем ведении.")
		}
		return page.NotFound("Такого инцидента нет, или он не в вашем ведении.")
	}
	return err
}

func (c *Card) show(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	pack, err := c.Packs.Of(r)
	if err != nil {
		return err
	}
	w, err := c.Store.CaseWhole(r.Context(), r.Scope, id)
	if err != nil {
		return notSeen(err, "")
	}
	v := c.view(r, pack, w)
	v.Watch = page.Watching(id, fmt.Sprintf("/case/%d", id), w.Case.Version, len(w.History), v.Said, v.Files)
	if r.Asked(v.Watch) {
		return nil
	}
	if c.Work != nil && w.Case.AgencyID != "" {
		work, err := c.Work(r, w.Case)
		if err != nil {
			return err
		}
		v.Steps, v.Executor = work.Steps, work.Executor
	}
	if v.Can.Correct {
		if v.Stories, err = c.Store.Stories(r.Context(), r.Scope); err != nil {
			return err
		}
	}
	return r.Render("card", v)
}

func (c *Card) view(r *page.Request, pack casework.Pack, w domain.CaseWhole) cardView {
	k := w.Case
	s := casework.FindSubject(pack, domain.Subject{Row: k.Row, Topic: k.Topic})
	v := cardView{Case: k, Said: c.said(r, w), More: casework.More(k, w.Posts), Can: may(r, w), Due: r.Due(k), Agency: r.Region.Agency(k.AgencyID),
		Subject: s.Words(), Code: s.Code(), Place: page.Place(k.Place), PlaceOf: k.Place, Nature: casework.Nature(k.Nature),
		Outcome: casework.Outcome(k.Outcome), Closing: casework.Closing(k.Closing), Created: r.Exact(w.Created()), Story: w.Story,
		Reviews: w.Reviews, Subjects: pack.Subjects(), Places: casework.NamedFirst(pack.Municipalities(), k.Place.Candidates), Agencies: pack.InForce(r.Now),
		MaxFile: casework.Size(domain.MaxFile)}
	if k.AgencyID == "" && k.Proposed != "" {
		v.Proposed = r.Region.Agency(k.Proposed)
	}
	route(r, &v)
	if w.Lease.Who != "" && w.Lease.Who != r.User.Login {
		v.Busy = c.Names.Of(w.Lease.Who)
	}
	for _, said := range v.Said {
		if said.Kind == "post" {
			v.Posts = append(v.Posts, said)
		}
	}
	for _, p := range w.Unanswered() {
		v.Unanswered = append(v.Unanswered, c.post(r, p, domain.PostAbove{}))
	}
	c.due(r, &v)
	c.clocks(r, pack, w, &v)
	c.lists(r, pack, w, &v)
	return v
}

// route says why the body has the case. The reason of a case that was put right is
// about the body that would answer for it now: it stands by that one's name.
func route(r *page.Request, v *cardView) {
	k := v.Case
	switch {
	case k.AgencyID == "" || k.Proposed == k.AgencyID:
		v.RouteWhy = k.RouteWhy
	case k.Proposed != "" && k.State.Withdrawable() && !slices.Contains(r.Region.Tree.Under(k.Proposed), k.AgencyID):
		v.Fits, v.FitsWhy = r.Region.Agency(k.Proposed), k.RouteWhy
	}
}

func (c *Card) due(r *page.Request, v *cardView) {
	d := v.Case.Deadline
	if d.Due.IsZero() {
		return
	}
	local := r.Region.Almanac()
	v.DueWords = local.LastDay(d).Words() + ", 23:59"
	if before := v.Case.Dispute.Before; !before.Due.IsZero() {
		v.Before = local.LastDay(before).Words()
	}
	if !d.Control.Equal(d.Due) {
		v.Control = local.ControlDay(d).Words()
	}
}

// clocks are wall and working time, from the beginning and from the last
// assignment, up to the answer. Working time rests while the author is asked (R8).
func (c *Card) clocks(r *page.Request, pack casework.Pack, w domain.CaseWhole, v *cardView) {
	k := w.Case
	until := r.Now
	for _, end := range []time.Time{k.AnsweredAt, k.ClosedAt} {
		if !end.IsZero() {
			until = end
			break
		}
	}
	var pauses []domain.Pause
	for _, q := range w.Questions {
		pauses = append(pauses, domain.Pause{From: q.AskedAt, To: q.ClosedAt})
	}
	almanac := r.Region.Almanac()
	row := func(from string, since time.Time) {
		if since.IsZero() {
			return
		}
		work, err := almanac.NormTime(since, until, pauses, pack.WorkDay())
		words := hours(work)
		if err != nil {
			words = "нет календаря года"
		}
		v.Clocks = append(v.Clocks, clockView{From: from, Wall: page.Duration(until.Sub(since)), Work: words})
	}
	row("с создания", w.Created())
	row("с назначения", k.AssignedAt)
	v.Norm = norm(r, pack, k, pauses)
}

// norm is the first reaction beside its norm in working hours.
func norm(r *page.Request, pack casework.Pack, k domain.Case, pauses []domain.Pause) string {
	if k.AssignedAt.IsZero() || pack.ReactionHours() == 0 {
		return ""
	}
	until, done := r.Now, "реакции нет уже"
	if !k.ReactionAt.IsZero() {
		until, done = k.ReactionAt, "реакция через"
	}
	took, err := r.Region.Almanac().NormTime(k.AssignedAt, until, pauses, pack.WorkDay())
	if err != nil {
		return ""
	}
	limit := time.Duration(pack.ReactionHours()) * time.Hour
	words := fmt.Sprintf("норма %d рабочих ч, %s %s", pack.ReactionHours(), done, hours(took))
	if took > limit {
		words += " — норма превышена"
	}
	return words
}

// hours words working time: it has no days.
func hours(d time.Duration) string {
	minutes := int(d.Minutes())
	if minutes < 60 {
		return fmt.Sprintf("%d\u00a0мин", minutes)
	}
	return fmt.Sprintf("%d\u00a0ч %02d\u00a0мин", minutes/60, minutes%60)
}

func may(r *page.Request, w domain.CaseWhole) mayView {
	k := w.Case
	of := access.OfCase(k)
	moderate := r.Can(access.Moderate, of)
	approved := slices.ContainsFunc(w.Replies, func(a domain.CaseReply) bool {
		return a.Final && a.State == "approved" && a.Round == k.Round
	})
	reopen := r.Can(access.Reopen, of)
	return mayView{
		Note:    r.Can(access.Note, of),
		Correct: moderate && k.State.Open(),
		Queue:   moderate && k.State.Queued(),
		Restore: moderate && k.State == domain.Rejected,
		Unjoin:  moderate && k.State == domain.Attached,
		Split:   moderate && k.State.Open() && k.Posts > 1,
		Answered: r.Can(access.RecordAnswer, of) && approved &&
			(k.State == domain.Publishing || k.State == domain.SendFailed),
		Author: moderate && k.State == domain.Clarifying && k.CameFrom == domain.Moderation,
		Reopen: reopen && (k.State == domain.Done || k.State == domain.Satisfaction),
		Again:  reopen && k.State == domain.Reopened,
		Voice:  reopen && k.State == domain.Satisfaction && domain.Unread(k.ForControl),
		Press:  reopen && (k.State == domain.Satisfaction || k.State == domain.Done) && domain.PressedUnsolved(k.ForControl),
		// The table of access knows the states.
		Term:     k.Dispute.Why != "" && r.Can(access.DecideTerm, of),
		Withdraw: k.AgencyID != "" && r.Can(access.Withdraw, of),
	}
}

// said is the conversation, oldest first.
func (c *Card) said(r *page.Request, w domain.CaseWhole) []saidView {
	var out []saidView
	var last domain.PostAbove
	for _, p := range w.Posts {
		said := c.post(r, p, last)
		if said.Mark == "" {
			said.Mark = w.Voices[p.Number].Words()
		}
		out = append(out, said)
		last = p.Under
	}
	for _, a := range w.Replies {
		out = append(out, c.reply(r, a))
	}
	for _, n := range w.Notes {
		out = append(out, saidView{Kind: "note", Who: c.Names.Of(n.Author), Meta: "заметка, снаружи не видна", Text: n.Text, at: n.At})
	}
	for _, q := range w.Questions {
		out = append(out, c.question(r, q)...)
	}
	slices.SortStableFunc(out, func(a, b saidView) int { return a.at.Compare(b.at) })
	for i := range out {
		out[i].When, out[i].Exact = r.When(out[i].at), r.Exact(out[i].at)
	}
	return out
}

func (c *Card) post(r *page.Request, p domain.CasePost, last domain.PostAbove) saidView {
	v := saidView{Kind: "post", Number: p.Number, Who: p.Post.Author.Name, Meta: casework.Channel(p.Post), URL: p.Post.URL,
		Segments: casework.Segments(p.Post.Text, p.Verdict.Evidence), at: p.Post.PublishedAt, Above: casework.Above(p, last)}
	if v.Who == "" {
		v.Who = "автор не показан"
	}
	if v.at.IsZero() {
		v.at = p.StoredAt
	}
	if p.Post.Views > 0 {
		v.Meta += " · " + page.Counted(int(p.Post.Views), "просмотр", "просмотра", "просмотров")
	}
	v.Media = casework.Attached(p.Post)
	switch {
	case !p.Deleted.IsZero():
		v.Mark, v.Bad = "удалено на площадке "+r.When(p.Deleted), true
	case !p.Post.EditedAt.IsZero():
		v.Mark = "изменено автором " + r.When(p.Post.EditedAt)
	}
	return v
}

func (c *Card) reply(r *page.Request, a domain.CaseReply) saidView {
	kind := "промежуточный ответ"
	if a.Final {
		kind = "ответ"
	}
	if o := casework.Outcome(a.Outcome); o != "" {
		kind += ", " + o
	}
	v := saidView{Kind: "reply", Who: c.Names.Of(a.Author), Meta: kind, Text: a.Says(), at: a.CreatedAt, URL: a.ProofURL}
	v.Tries = casework.AnswerLines(r, a)
	for _, d := range a.Deliveries {
		if v.URL == "" && d.Main {
			v.URL = d.URL()
		}
	}
	for i := range a.Corrections {
		v.Tries = append(v.Tries, casework.CorrectionLine(r, a, i, c.Names.Of))
	}
	v.Tries = append(v.Tries, casework.ProposalLines(r, a, c.Names.Of)...)
	if len(a.Deliveries) == 0 && a.PlanWords != "" {
		v.Tries = append(v.Tries, a.PlanWords)
	}
	switch a.State {
	case "draft":
		v.Mark = "черновик"
	case "approval":
		v.Mark = "на согласовании"
	case "approved":
		v.Mark = "согласовал " + c.Names.Of(a.Approver) + ", ждёт отправки"
	case "returned":
		v.Mark, v.Bad = "на доработку: "+a.Remark, true
	case "withdrawn":
		v.Mark = "не отправлен: инцидент передан другому органу"
	case "published":
		v.Mark, v.at = "опубликован", a.PublishedAt
	case "by_hand":
		v.Mark, v.at = "дан вручную, записал "+c.Names.Of(a.PublishedBy), a.PublishedAt
	}
	return v
}

func (c *Card) question(r *page.Request, q domain.CaseQuestion) []saidView {
	v := saidView{Kind: "question", Who: c.Names.Of(q.AskedBy), Meta: "вопрос автору, ждём до " + r.When(q.DueAt.Add(-time.Second)), Text: q.Text, at: q.AskedAt}
	for _, d := range q.Deliveries {
		v.Tries = append(v.Tries, casework.DeliveryLines(r, d)...)
		if v.URL == "" {
			v.URL = d.URL()
		}
	}
	if q.Result == "" && q.DeliveredAt.IsZero() {
		v.Mark = "ещё не доставлен: время автора пойдёт с доставки"
	}
	switch q.Result {
	case "undelivered":
		v.Mark, v.Bad = "не дошёл до автора: "+q.Undelivered, true
	case "answered":
		v.Mark = "автор ответил"
		return []saidView{v, {Kind: "post", Who: "Автор", Meta: "ответ на вопрос", Text: q.Answer, at: q.ClosedAt}}
	case "silent":
		v.Mark = "автор не ответил"
	case "withdrawn":
		v.Mark = "вопрос снят"
	}
	return []saidView{v}
}
