package demo

import (
	"context"
	"errors"
	"time"

	"github.com/otklik/otklik/domain"
)

// bodyStep does one thing to a task.
type bodyStep func(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, c crew) error

// nextStep is what a body does with a task now and who does it; nil for nothing
// yet. once tells the first time a step of a case is asked about. Where a
// visitor can log in, half is left to them.
func nextStep(l domain.TaskLine, f fate, c crew, now time.Time, once func(int64, string) bool) (bodyStep, string) {
	since := now.Sub(l.Case.UpdatedAt)
	left := func(n, of int64) bool { return c.visited && l.Case.ID%of == n }
	switch l.Case.State {
	case domain.Coordination:
		if f.kind == fateIgnore || left(0, 2) || now.Sub(l.Case.AssignedAt) < f.accept {
			return nil, ""
		}
		return coordinate(l, f), "head"
	case domain.Execution:
		if left(1, 4) || l.Executor == "" {
			return nil, ""
		}
		return execute(l, f, since, now, once)
	case domain.Approval:
		if left(0, 3) || since < f.decide {
			return nil, ""
		}
		if f.kind == fateRework && once(l.Case.ID, fateRework) {
			return rework, "head"
		}
		return approve, "head"
	case domain.SendFailed:
		if since < f.accept || l.Case.ID%2 == 0 { // half wait, so that the page shows them
			return nil, ""
		}
		return publish, "executor"
	}
	return nil, ""
}

func coordinate(l domain.TaskLine, f fate) bodyStep {
	switch {
	case f.kind == fateSendBack && l.Case.SentBack == 0:
		return sendBack
	case f.kind == fateHandDown && l.HandedFrom == "":
		return handDown
	}
	return distribute
}

// execute is what an executor does with a task: first what is special about its
// fate, then the answer.
func execute(l domain.TaskLine, f fate, since time.Duration, now time.Time, once func(int64, string) bool) (bodyStep, string) {
	id := l.Case.ID
	if l.DeferUntil != (domain.Date{}) { // the controller has a third of the requests left for visitors
		if since < f.decide || id%3 == 0 {
			return nil, ""
		}
		if id%3 == 1 {
			return grant, "controller"
		}
		return refuseDeferral, "controller"
	}
	switch {
	case f.kind == fateAsk && since >= f.accept && once(id, fateAsk):
		return ask, "executor"
	case f.kind == fateDefer && since >= f.accept && once(id, fateDefer):
		return deferral, "executor"
	case f.kind == fateInterim && since >= f.accept && once(id, fateInterim):
		return interim, "executor"
	case f.kind == fateSlow && since >= f.answer && once(id, fateSlow):
		return draft, "executor"
	case f.kind == fateSlow && now.Before(l.Case.Deadline.Due.Add(f.decide)):
		return nil, "" // late by some hours
	case f.kind == fateInterim && since < 2*f.answer, since < f.answer:
		return nil, ""
	}
	return submit, "executor"
}

func distribute(ctx context.Context, s BodyStore, act domain.Act, _ domain.TaskLine, c crew) error {
	return second(s.DistributeTask(ctx, act, c.executor.ID))
}

func sendBack(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	return second(s.SendBackTask(ctx, act, another(act.Rules.Tree, l.Case), pick(sendBackWords(), l.Case.ID)))
}

// another is a body beside the one that has the case: its parent, or the control
// centre.
func another(tree domain.Tree, c domain.Case) string {
	if up := tree.Above(c.AgencyID); up != "" {
		return up
	}
	return "cur"
}

// handDown gives a task to a body below where there is one, else to a person.
func handDown(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, c crew) error {
	below := act.Rules.Tree.Under(l.Case.AgencyID)[1:]
	if len(below) == 0 {
		return distribute(ctx, s, act, l, c)
	}
	return second(s.HandDown(ctx, act, below[int(l.Case.ID)%len(below)], "Прошу исполнить и доложить."+invented))
}

func draft(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	_, err := s.SaveDraft(ctx, act, domain.Draft{Kind: domain.ReplyFinal, Text: pick(beginnings(), l.Case.ID)})
	return err
}

func interim(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	return second(s.SubmitTask(ctx, act, domain.Draft{Kind: domain.ReplyInterim, Text: pick(interims(), l.Case.ID)}))
}

// submit sends the final answer; over a draft that is there already it is told
// the version by the refusal only, so it is tried with both.
func submit(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	d := domain.Draft{Kind: domain.ReplyFinal, Outcome: domain.Explained, Text: pick(explanations(), l.Case.ID)}
	if l.Case.ID%4 == 0 { // one in four is solved, the others are explained: as in practice
		d.Outcome, d.Text = domain.Solved, pick(solutions(), l.Case.ID)
	}
	var err error
	for d.Seen = range int64(4) { // a draft here has few versions
		if err = second(s.SubmitTask(ctx, act, d)); !errors.Is(err, domain.RefuseDraftChanged) {
			return err
		}
	}
	return err
}

func rework(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	return second(s.ReworkTask(ctx, act, pick(remarks(), l.Case.ID)))
}

func approve(ctx context.Context, s BodyStore, act domain.Act, _ domain.TaskLine, _ crew) error {
	return second(s.ApproveTask(ctx, act))
}

// publish records that an answer that could not be sent was given by hand.
func publish(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	err := second(s.PublishInterim(ctx, act, proof))
	if !errors.Is(err, domain.RefuseNoInterim) {
		return err
	}
	return second(s.AnswerByHand(ctx, act.Scope, domain.ByHand{Case: domain.CaseSeen{ID: l.Case.ID, Version: l.Case.Version},
		By: domain.By{Who: act.Hand.Login, Why: "ответ опубликован вручную", At: act.At}, ProofURL: proof}))
}

func ask(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	return second(s.AskAuthor(ctx, act, pick(questions(), l.Case.ID)))
}

func deferral(ctx context.Context, s BodyStore, act domain.Act, l domain.TaskLine, _ crew) error {
	until := act.Rules.Almanac.LastDay(l.Case.Deadline).Add(5 + int(l.Case.ID%20))
	return second(s.AskDeferral(ctx, act, domain.Asked{Reason: pick(deferReasons(), l.Case.ID), Until: until, Notice: pick(deferNotices(), l.Case.ID)}))
}

func grant(ctx context.Context, s BodyStore, act domain.Act, _ domain.TaskLine, _ crew) error {
	return second(s.GrantDeferral(ctx, act, "Причина уважительная."))
}

func refuseDeferral(ctx context.Context, s BodyStore, act domain.Act, _ domain.TaskLine, _ crew) error {
	return second(s.RefuseDeferral(ctx, act, "Срока достаточно: ответьте в установленный срок."))
}

func second[T any](_ T, err error) error { return err }
