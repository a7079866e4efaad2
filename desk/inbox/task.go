package inbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// entry is a line of the conversation: a post, an answer, a question.
type entry struct {
	Who, When, Text string
	Class           string // citizen, ours, note
	Link            string // the original
	Files           []casework.AttachedView
	Remark          string
	Above           []casework.AboveView
}

type taskData struct {
	ID, Version   int64
	Watch         page.Watch
	Number, Back  string
	State, Body   string
	Executor      string
	Category      string
	Place         string
	Due           page.Chip
	DueExact, Why string // of the deadline
	Urgent        bool
	Card          string // address of the card, "" when the person may not open it
	Reason        string
	Marks         []string
	Talk          []entry
	More          casework.MoreView // posts beyond those in Talk

	May       map[string]string // step → address
	Side      bool              // some of them stand beside the conversation
	Draft     draftView
	Pending   *entry // the answer that waits for approval
	Checks    []faultView
	Stuck     *stuckView
	Correct   *correctView
	Proposal  *proposalView
	Lost      []lostView
	MoreLost  int      // beyond those shown
	Left      []string // whom a private answer did not reach
	Templates []choice // beginnings of an answer that fit
	People    []choice
	Below     []choice
	Bodies    []choice
	Up        string
	// SendBack says until when, or why not any more.
	SendBack  string
	SendLate  bool
	Clarify   string
	DeferMin  string
	DeferMax  string
	Deferral  *deferralView
	Limit     limitView
	NoApprove bool

	Fault     string // what was wrong with the last step
	FaultStep domain.Step
	Form      url.Values // what was typed
}

type draftView struct {
	Final   bool
	Outcome domain.Outcome
	Text    string
	Seen    int64
	Remark  string
	Author  string
	When    string
}

// stuckView is an answer that did not get through, and what may be done about it.
type stuckView struct {
	Words  string
	Text   string
	Tries  []string
	Others []domain.WayChoice
}

// stuck finds the answer that waits for a choice.
func stuck(r *page.Request, f domain.TaskFile) *stuckView {
	if f.Case.State != domain.SendFailed {
		return nil
	}
	for i := len(f.Replies) - 1; i >= 0; i-- {
		rep := f.Replies[i]
		if rep.State != "approved" || rep.Round != f.Case.Round {
			continue
		}
		v := &stuckView{Words: f.Case.Reason, Text: rep.Text, Others: rep.Others}
		v.Tries = casework.AnswerLines(r, rep)
		return v
	}
	return nil
}

type deferralView struct {
	Who, Until, Reason, Notice, When string
	Checks                           []faultView
}

func (in *Inbox) task(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	d, err := in.taskData(r, id)
	if err != nil || r.Asked(d.Watch) {
		return err
	}
	return r.Render("task", d)
}

// taskData reads a task as this person sees it.
func (in *Inbox) taskData(r *page.Request, id int64) (taskData, error) {
	rules := in.rules(r)
	file, err := in.Store.BodyTask(r.Context(), r.ScopeFor(access.SeeInbox), id, rules)
	if err != nil {
		return taskData{}, err
	}
	workers, err := in.Store.Workers(r.Context(), r.ScopeFor(access.SeeInbox), []string{file.Case.AgencyID})
	if err != nil {
		return taskData{}, err
	}
	c := file.Case
	d := taskData{ID: c.ID, Version: c.Version, Number: c.Number, Back: page.Local(orElse(r.Text("back"), "/inbox")),
		State: domain.StateTitle(c.State), Body: r.Region.Agency(c.AgencyID), Executor: file.Executor,
		Category: r.Region.Category(c), Place: page.Place(c.Place), Due: r.Due(c), Why: c.Deadline.Reason, Urgent: c.Urgent,
		Reason: c.Reason, Marks: marks(r, lineOf(file)), Limit: limitOf(file.Posts), NoApprove: file.Task.NoApproval}
	if !c.Deadline.Due.IsZero() {
		d.DueExact = r.Exact(c.Deadline.Due.Add(-time.Second))
	}
	if r.Can(access.SeeCase, access.OfCase(c)) {
		d.Card, d.More = fmt.Sprintf("/case/%d", c.ID), casework.More(c, file.Posts)
	}
	name := names(workers, r.User)
	d.Talk, d.Pending, d.Draft = talk(r, file, name)
	d.Stuck, d.Checks = stuck(r, file), faultViews(file.Faults, nil)
	d.Correct, d.Proposal = toCorrect(r, file), proposal(r, file, name)
	d.Lost, d.MoreLost = lost(r, file)
	for _, p := range file.Unanswered() {
		d.Left = append(d.Left, fmt.Sprintf("%s (%s)", orElse(p.Post.Author.Name, "автор без имени"), casework.Channel(p.Post)))
	}
	d.Watch = page.Watching(id, fmt.Sprintf("/inbox/task/%d?back=%s", id, escape(d.Back)), c.Version, len(file.History), d.Executor, d.Marks, d.Talk, d.Pending, d.Draft, d.Stuck, d.Lost, d.Proposal)
	in.may(r, &d, file)
	if err := in.fillTemplate(r, &d, c); err != nil {
		return d, err
	}
	if err := in.choices(r, &d, file, workers, rules); err != nil {
		return d, err
	}
	return d, nil
}

func orElse(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func lineOf(f domain.TaskFile) domain.TaskLine {
	l := domain.TaskLine{Case: f.Case, HandedFrom: f.HandedFrom}
	for _, q := range f.Questions {
		if q.Result == "" {
			l.AnswerUntil = q.DueAt
		}
	}
	for _, d := range f.Deferrals {
		if d.Decision == "" {
			l.DeferUntil = d.Until
		}
	}
	_, _, l.Proposed = f.Proposal()
	for _, a := range f.Replies {
		for _, d := range a.Deliveries {
			if d.Lost() {
				l.LostCopies++
			}
		}
	}
	return l
}

// may keeps the steps whose route the person may call and whose rule they meet.
func (in *Inbox) may(r *page.Request, d *taskData, f domain.TaskFile) {
	d.May = map[string]string{}
	hand := r.User.Hand(r.Region.Tree)
	for _, step := range f.Task.Steps(hand) {
		if r.Can(stepActions()[step], access.Object{}) {
			d.May[string(step)] = fmt.Sprintf("/inbox/task/%d/%s", f.Case.ID, step)
		}
	}
}

// choices fills what the forms of the allowed steps offer.
func (in *Inbox) choices(r *page.Request, d *taskData, f domain.TaskFile, workers []domain.Worker, rules domain.BodyRules) error {
	c := f.Case
	if d.May[string(domain.StepDistribute)] != "" {
		others := slices.DeleteFunc(slices.Clone(workers), func(w domain.Worker) bool { return w.ID == c.ExecutorID })
		var err error
		if d.People, err = in.offer(r, others, false); err != nil {
			return err
		}
	}
	for _, a := range r.Region.Agencies {
		switch {
		case a.ID == c.AgencyID:
		case slices.Contains(r.Region.Tree.Under(c.AgencyID), a.ID):
			d.Below = append(d.Below, choice{Value: a.ID, Title: r.Region.Agency(a.ID)})
			fallthrough
		default:
			d.Bodies = append(d.Bodies, choice{Value: a.ID, Title: r.Region.Agency(a.ID)})
		}
	}
	if len(d.Below) == 0 {
		delete(d.May, string(domain.StepHandDown))
	}
	for _, step := range []domain.Step{domain.StepAccept, domain.StepTake, domain.StepResume, domain.StepDistribute, domain.StepHandDown,
		domain.StepHandUp, domain.StepRemind, domain.StepAsk, domain.StepDefer, domain.StepSendBack} {
		d.Side = d.Side || d.May[string(step)] != ""
	}
	if f.HandedFrom != "" {
		d.Up = r.Region.Agency(f.HandedFrom)
	}
	d.SendBack, d.SendLate = sendBackWords(r, c, rules)
	d.Clarify = page.Days(rules.ClarifyDays)
	if !c.Deadline.Due.IsZero() {
		last := rules.Almanac.LastDay(c.Deadline)
		d.DeferMin = last.Add(1).String()
		if c.Row == 0 {
			d.DeferMax = last.Add(30).String() // R7: the ordinary order
		}
	}
	for _, df := range f.Deferrals {
		if df.Decision == "" {
			d.Deferral = &deferralView{Who: names(workers, r.User)(df.AskedBy), Until: df.Until.Words(), Reason: df.Reason,
				Notice: f.Notice, When: r.When(df.AskedAt), Checks: faultViews(f.NoticeFaults, nil)}
		}
	}
	return nil
}

// sendBackWords says until when a task may be sent back (R5), or why it may not.
func sendBackWords(r *page.Request, c domain.Case, rules domain.BodyRules) (words string, late bool) {
	until := rules.Almanac.SendBackUntil(c.AssignedAt)
	switch {
	case c.SentBack >= rules.SendBackLimit:
		return domain.RefuseSendBackLimit.Words(), true
	case !r.Now.Before(until):
		return domain.RefuseSendBackLate.Words(), true
	}
	words = "Вернуть можно до " + r.Exact(until.Add(-time.Second)) + ": до конца рабочего дня после назначения."
	if c.SentBack+1 == rules.SendBackLimit {
		words += " Это последний раз: после него решает ЦУР."
	}
	return words, false
}

// talk is the case as a conversation, the answer that waits, and the draft.
func talk(r *page.Request, f domain.TaskFile, name func(string) string) ([]entry, *entry, draftView) {
	type dated struct {
		at time.Time
		entry
	}
	var all []dated
	var last domain.PostAbove
	for _, p := range f.Posts {
		e := postEntry(r, p)
		e.Above = casework.Above(p, last)
		last = p.Under
		all = append(all, dated{p.Post.PublishedAt, e})
	}
	for _, q := range f.Questions {
		all = append(all, dated{q.AskedAt, entry{Who: "Вопрос автору, " + name(q.AskedBy), When: r.When(q.AskedAt), Text: q.Text,
			Class: "ours", Remark: questionWords(q.Result)}})
		if q.Answer != "" {
			all = append(all, dated{q.ClosedAt, entry{Who: "Ответ автора", When: r.When(q.ClosedAt), Text: q.Answer, Class: "citizen"}})
		}
	}
	for _, s := range f.SendBacks {
		all = append(all, dated{s.At, entry{Who: "Возвращено в ЦУР: " + r.Region.Agency(s.Body), When: r.When(s.At), Text: s.Reason,
			Class: "note", Remark: "предложен орган: " + r.Region.Agency(s.Proposed)}})
	}
	var pending *entry
	draft := draftView{Final: true}
	found := time.Time{}
	for _, rep := range f.Replies {
		earlier := ""
		if rep.Round != f.Case.Round {
			switch {
			case rep.ID == f.Given: // what the author read last is put right here
				earlier = " (до повторной работы)"
			case rep.PublishedAt.IsZero():
				continue
			}
			earlier += fmt.Sprintf(" (круг %d)", rep.Round)
		}
		e := entry{Who: replyTitle(rep) + earlier + ", " + name(rep.Author), When: r.When(replyTime(rep)), Text: rep.Says(), Class: "ours",
			Remark: strings.Join(nonEmpty(outcomeWords(rep.Outcome), rep.Remark, since(r, rep, name)), " · ")}
		switch rep.State {
		case "draft", "returned":
			if replyTime(rep).Before(found) {
				continue
			}
			found = replyTime(rep)
			draft = draftView{Final: rep.Final, Outcome: rep.Outcome, Text: rep.Text, Seen: rep.Version, Remark: rep.Remark,
				Author: name(rep.Author), When: r.When(replyTime(rep))}
		case "approval":
			e.Remark = outcomeWords(rep.Outcome)
			if rep.Remark != "" {
				e.Remark = strings.Join(nonEmpty(e.Remark, "прежнее замечание: "+rep.Remark), " · ")
			}
			pending = &e
		default:
			all = append(all, dated{replyTime(rep), e})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	out := make([]entry, len(all))
	for i, d := range all {
		out[i] = d.entry
	}
	return out, pending, draft
}

func replyTime(rep domain.CaseReply) time.Time {
	for _, t := range []time.Time{rep.PublishedAt, rep.DecidedAt, rep.SubmittedAt} {
		if !t.IsZero() {
			return t
		}
	}
	return rep.CreatedAt
}

func nonEmpty(words ...string) []string {
	return slices.DeleteFunc(words, func(s string) bool { return s == "" })
}

func postEntry(r *page.Request, p domain.CasePost) entry {
	e := entry{Who: orElse(p.Post.Author.Name, "Житель"), When: r.When(p.Post.PublishedAt), Text: p.Post.Text, Class: "citizen"}
	if strings.HasPrefix(p.Post.URL, "https://") || strings.HasPrefix(p.Post.URL, "http://") {
		e.Link = p.Post.URL
	}
	if !p.Deleted.IsZero() {
		e.Remark = "удалено автором, " + r.When(p.Deleted)
	}
	e.Files = casework.Attached(p.Post)
	return e
}

// again shows the page once more with what went wrong and what was typed.
func (in *Inbox) again(r *page.Request, id int64, step domain.Step, status int, words string, faults ...domain.ReplyFault) error {
	d, err := in.taskData(r, id)
	if err != nil {
		if status == http.StatusConflict {
			return page.Stale(words) // the task is out of sight by now
		}
		return err
	}
	d.Fault, d.FaultStep, d.Form = words, step, r.Form
	if len(faults) > 0 {
		d.Checks = faultViews(faults, r.Form["sure"])
	}
	if step == domain.StepPropose && d.Correct != nil {
		d.Correct.Text = r.Text("text")
	}
	if step == domain.StepCorrect && d.Proposal != nil && len(faults) > 0 {
		d.Proposal.Checks = faultViews(faults, r.Form["sure"])
	}
	if step == domain.StepGrant && d.Deferral != nil && len(faults) > 0 {
		d.Deferral.Checks = faultViews(faults, r.Form["sure"])
	}
	if step == domain.StepRewrite && d.Stuck != nil {
		d.Stuck.Text = r.Text("text")
	}
	if step == domain.StepDraft || step == domain.StepSubmit {
		if d.May[string(domain.StepDraft)] != "" {
			typed := in.typed(r)
			d.Draft.Text, d.Draft.Final, d.Draft.Outcome = typed.Text, typed.Kind == domain.ReplyFinal, typed.Outcome
		}
	}
	return r.RenderStatus(status, "task", d)
}
