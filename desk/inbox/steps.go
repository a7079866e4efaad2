package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// take is the handler of one step: it reads the form, lets storage do it, and
// says what came of it. A refusal shows the page again with what was typed.
func (in *Inbox) take(step domain.Step) func(*page.Request) error {
	return func(r *page.Request) error {
		id, err := r.PathID("id")
		if err != nil {
			return err
		}
		seen, err := strconv.ParseInt(r.Text("seen"), 10, 64)
		if err != nil {
			return page.Invalid("seen", "Форма набрана с ошибкой. Откройте поручение заново.")
		}
		act := in.act(r, id, seen)
		act.Sure = r.Form["sure"]
		changed, err := in.do(r.Context(), r, step, act)
		if err != nil {
			if !refusable(err) {
				return err
			}
			status := http.StatusUnprocessableEntity
			if errors.Is(err, domain.ErrStale) || errors.Is(err, domain.RefuseDraftChanged) || errors.Is(err, domain.RefuseNoProposal) || errors.Is(err, domain.RefuseState) {
				status = http.StatusConflict
			}
			return in.again(r, id, step, status, in.refusalWords(r, err), refusedFor(err)...)
		}
		return in.done(r, step, id, changed)
	}
}

// do hands a step to storage.
func (in *Inbox) do(ctx context.Context, r *page.Request, step domain.Step, act domain.Act) (domain.Changed, error) {
	why := r.Text("why")
	switch step {
	case domain.StepAccept:
		return in.Store.AcceptTask(ctx, act)
	case domain.StepTake:
		return in.Store.TakeTask(ctx, act)
	case domain.StepDistribute:
		person, err := strconv.ParseInt(r.Text("person"), 10, 64)
		if err != nil {
			return domain.Changed{}, domain.RefuseNobodyChosen
		}
		return in.Store.DistributeTask(ctx, act, person)
	case domain.StepHandDown:
		return in.Store.HandDown(ctx, act, r.Text("body"), why)
	case domain.StepHandUp:
		return in.Store.HandUp(ctx, act, why)
	case domain.StepSendBack:
		return in.Store.SendBackTask(ctx, act, r.Text("body"), why)
	case domain.StepDraft:
		_, err := in.Store.SaveDraft(ctx, act, in.typed(r))
		return domain.Changed{}, err
	case domain.StepSubmit:
		return in.Store.SubmitTask(ctx, act, in.typed(r))
	case domain.StepApprove:
		return in.Store.ApproveTask(ctx, act)
	case domain.StepRework:
		return in.Store.ReworkTask(ctx, act, why)
	case domain.StepAsk:
		return in.Store.AskAuthor(ctx, act, why)
	case domain.StepAnswered:
		return in.Store.NoteAnswer(ctx, act, why)
	case domain.StepDefer:
		until, err := r.Date("until")
		if err != nil {
			return domain.Changed{}, err
		}
		return in.Store.AskDeferral(ctx, act, domain.Asked{Reason: why, Until: until, Notice: r.Text("notice")})
	case domain.StepGrant:
		return in.Store.GrantDeferral(ctx, act, why)
	case domain.StepRefuse:
		return in.Store.RefuseDeferral(ctx, act, why)
	case domain.StepResume:
		return in.Store.ResumeTask(ctx, act)
	case domain.StepRemind:
		return in.Store.RemindTask(ctx, act)
	case domain.StepPublished:
		return in.Store.PublishInterim(ctx, act, r.Text("proof"))
	case domain.StepResend:
		return in.Store.ResendReply(ctx, act, r.Text("place"))
	case domain.StepPropose:
		return in.Store.ProposeCorrection(ctx, act, r.Text("text"), why)
	case domain.StepCorrect, domain.StepReturn, domain.StepRecall:
		return in.decideCorrection(ctx, r, step, act)
	case domain.StepCopy:
		id, err := strconv.ParseInt(r.Text("copy"), 10, 64)
		if err != nil {
			return domain.Changed{}, domain.RefuseNoLostCopy
		}
		return in.Store.DecideCopy(ctx, act, domain.CopyDecision{Delivery: id, Choice: domain.CopyChoice(r.Text("choice")), Words: why})
	case domain.StepRewrite:
		return in.Store.RewriteReply(ctx, act, in.typed(r))
	}
	return domain.Changed{}, domain.RefuseUnknownStep
}

// typed is the answer as it stands in the form.
func (in *Inbox) typed(r *page.Request) domain.Draft {
	d := domain.Draft{Kind: domain.ReplyFinal, Outcome: domain.Outcome(r.Text("outcome")), Text: r.Text("text")}
	if r.Text("kind") == string(domain.ReplyInterim) {
		d.Kind, d.Outcome = domain.ReplyInterim, ""
	}
	if d.Outcome != domain.Solved && d.Outcome != domain.Explained {
		d.Outcome = ""
	}
	d.Seen, _ = strconv.ParseInt(r.Text("draft"), 10, 64) // none: a new one
	return d
}

// done says what was done, and goes on: to the task while it is this person's,
// to the list when it has left their hands.
func (in *Inbox) done(r *page.Request, step domain.Step, id int64, changed domain.Changed) error {
	back := page.Local(orElse(r.Text("back"), "/inbox"))
	stay := fmt.Sprintf("/inbox/task/%d?back=%s", id, escape(back))
	c := changed.Case
	if step == domain.StepDraft && r.Text("insert") != "" && r.Text("template") != "" { // what was typed is kept by now
		return r.Redirect(stay + "&template=" + escape(r.Text("template")))
	}
	if step == domain.StepDraft {
		r.Notify(page.Notice{Text: "Черновик сохранён."})
		return r.Redirect(stay)
	}
	person := ""
	if step == domain.StepDistribute {
		if f, err := in.Store.BodyTask(r.Context(), r.Scope, id, in.rules(r)); err == nil {
			person = f.Executor
		}
	}
	n := page.Notice{Text: doneWords(step, c.Number, r, c, person) + "."}
	if alone := in.rules(r).NoApproval; step == domain.StepPropose && alone != nil && alone(c.AgencyID) {
		n.Text = proposedAlone + " · " + c.Number + "."
	}
	if changed.UndoID != 0 {
		n.Undo = fmt.Sprintf("/inbox/undo/%d?back=%s", changed.UndoID, escape(back))
	}
	r.Notify(n)
	switch step {
	case domain.StepAccept, domain.StepTake, domain.StepAnswered, domain.StepResume, domain.StepDefer, domain.StepRemind, domain.StepCopy,
		domain.StepPropose, domain.StepCorrect, domain.StepReturn, domain.StepRecall:
		return r.Redirect(stay)
	}
	return r.Redirect(back)
}

// undo takes a step back within its moment.
func (in *Inbox) undo(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	what, err := in.Store.UndoTask(r.Context(), r.Scope, id, r.User.Login, r.Now)
	back := page.Local(orElse(r.Text("back"), "/inbox"))
	switch {
	case errors.Is(err, domain.ErrTooLate), errors.Is(err, domain.ErrStale):
		r.Notify(page.Notice{Text: "Отменить уже нельзя: прошло больше десяти секунд, или с поручением уже работают.", Bad: true})
	case err != nil:
		return err
	default:
		r.Notify(page.Notice{Text: "Отменено: " + what + "."})
	}
	return r.Redirect(back)
}

// refusable: the person can read why and try something else.
func refusable(err error) bool {
	var refusal domain.Refusal
	var bad page.BadInput
	var none *domain.CannotAsk
	return errors.As(err, &refusal) || errors.As(err, &none) || errors.As(err, &bad) || refusedFor(err) != nil || errors.Is(err, domain.ErrStale) || errors.Is(err, domain.ErrNoMove)
}

func (in *Inbox) refusalWords(r *page.Request, err error) string {
	var refusal domain.Refusal
	var bad page.BadInput
	var stale *domain.Stale
	var none *domain.CannotAsk
	switch {
	case errors.As(err, &none):
		return none.Words()
	case refusedFor(err) != nil:
		return faultsWords(refusedFor(err))
	case errors.As(err, &refusal):
		return refusal.Words()
	case errors.As(err, &bad):
		return bad.Words
	case errors.As(err, &stale):
		return staleWords(stale, r, in.personName(r, stale.Who))
	}
	return domain.RefuseState.Words()
}

// personName is the name of somebody of the bodies in sight.
func (in *Inbox) personName(r *page.Request, login string) string { return in.personNames(r)(login) }

// personNames reads the people of the bodies in sight, to name several of them.
func (in *Inbox) personNames(r *page.Request) func(login string) string {
	workers, err := in.Store.Workers(r.Context(), r.ScopeFor(access.SeeInbox), scopeBodies(r))
	if err != nil {
		workers = nil // logins are shown
	}
	return func(login string) string { return nameOf(workers, login) }
}
