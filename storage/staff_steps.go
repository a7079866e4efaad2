package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// ofLetter is a button under a letter: its number must be that of a letter to the
// chat's own person, so that a payload made by hand reaches nothing else.
func (h *staffHearing) ofLetter(ctx context.Context, ask domain.StaffAsk) (domain.StaffResult, error) {
	letter, err := h.q.StaffLetter(ctx, ask.Letter, h.link.UserID)
	if noRows(err) || err == nil && !letter.CaseID.Valid {
		return result(domain.StaffOldButton), nil
	}
	if err != nil {
		return domain.StaffResult{}, fmt.Errorf("find the letter: %w", err)
	}
	h.forget()
	t, err := h.task(ctx, letter.CaseID.Int64)
	if err != nil {
		return domain.StaffResult{}, err
	}
	if t.c.AgencyID != letter.Agency || t.row.Round != letter.Round {
		return h.stale(ctx, t)
	}
	if ask.Kind == domain.StaffAskAccept {
		return h.take(ctx, t, domain.StepAccept, accept, domain.StaffResult{Outcome: domain.StaffAccepted})
	}
	return h.take(ctx, t, domain.StepSendBack, nil, domain.StaffResult{Outcome: domain.StaffReasonAsked})
}

// staffTask is a case that somebody wants to take a step with.
type staffTask struct {
	row db.Case
	c   domain.Case
	u   domain.User
}

func (h *staffHearing) task(ctx context.Context, caseID int64) (t staffTask, err error) {
	if t.u, err = person(ctx, h.q, h.link.UserID, h.now); err != nil {
		return t, fmt.Errorf("read the person: %w", err)
	}
	if t.row, err = h.q.GetCase(ctx, caseID); err != nil {
		return t, fmt.Errorf("read the case: %w", err)
	}
	t.c, err = toCase(t.row)
	return t, err
}

// take takes a step as the desk does: the same right, the same scope, the same
// rules, in a savepoint so that a refusal leaves nothing behind. Without fn it
// only asks whether the step is free, and remembers what words are to come.
func (h *staffHearing) take(ctx context.Context, t staffTask, step domain.Step, fn func(context.Context, *work) error, done domain.StaffResult) (domain.StaffResult, error) {
	done.CaseID, done.Number = t.c.ID, t.c.Number
	act, refused := h.desk.Act(t.u, step, t.c.ID, t.row.Version, h.now)
	if refused != "" {
		done.Outcome, done.Words = domain.StaffRefused, refused
		return h.seen(t, act, done), nil
	}
	err := pgx.BeginFunc(ctx, h.tx, func(tx pgx.Tx) error {
		q := db.New(tx)
		if fn != nil {
			changed, err := stepIn(ctx, q, act, step, fn)
			done.Due = changed.Case.Deadline.Due
			return err
		}
		w, err := lockWork(ctx, q, act)
		if err == nil {
			_, err = w.task.May(step, act.Hand)
		}
		return err
	})
	if err == nil {
		if fn == nil {
			h.link.Expects, h.link.About, h.link.AskedAt = domain.StaffExpectReason, t.c.ID, h.now
		}
		return done, nil
	}
	return h.refused(ctx, t, act, done, err)
}

// seen hides a case that the person may not see any more.
func (h *staffHearing) seen(t staffTask, act domain.Act, r domain.StaffResult) domain.StaffResult {
	if !act.Scope.Sees(t.c) {
		return result(domain.StaffGone)
	}
	return r
}

// refused words why a step was not taken; what is no refusal is a fault.
func (h *staffHearing) refused(ctx context.Context, t staffTask, act domain.Act, r domain.StaffResult, err error) (domain.StaffResult, error) {
	var refusal domain.Refusal
	err = named("take a step from a chat", err)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return result(domain.StaffGone), nil
	case errors.Is(err, domain.ErrStale), errors.Is(err, domain.ErrNoMove), errors.Is(err, domain.RefuseState):
		return h.stale(ctx, t)
	case errors.As(err, &refusal):
		r.Outcome, r.Words = domain.StaffRefused, refusal.Words()
		return h.seen(t, act, r), nil
	}
	return r, err
}

// stale tells what became of a case, to whom may see it.
func (h *staffHearing) stale(ctx context.Context, t staffTask) (domain.StaffResult, error) {
	h.forget()
	act, _ := h.desk.Act(t.u, domain.StepAccept, t.c.ID, t.row.Version, h.now)
	if !act.Scope.Sees(t.c) {
		return result(domain.StaffGone), nil
	}
	row, err := h.q.GetCase(ctx, t.c.ID)
	if err != nil {
		return domain.StaffResult{}, fmt.Errorf("read the case: %w", err)
	}
	r := domain.StaffResult{Outcome: domain.StaffStale, CaseID: row.ID, Number: row.Number, State: domain.State(row.State)}
	last, err := h.q.LastLine(ctx, row.ID)
	if err != nil && !noRows(err) {
		return r, fmt.Errorf("read what happened: %w", err)
	}
	r.Who, r.Why, r.At = last.Who, last.Why, moment(last.At)
	name, err := h.q.NameOf(ctx, last.Who)
	if noRows(err) { // the system, or the author
		return r, nil
	}
	r.Who = name
	return r, wrap("read who it was", err)
}

// sendingBack goes on with a task that is being sent back: why, then to whom.
func (h *staffHearing) sendingBack(ctx context.Context, ask domain.StaffAsk) (domain.StaffResult, error) {
	l := h.link
	if l.About == 0 || ask.Kind == domain.StaffAskChosen && (l.Expects != domain.StaffExpectBody || l.About != ask.Case) {
		return result(domain.StaffOldButton), nil
	}
	t, err := h.task(ctx, l.About)
	if err != nil {
		return domain.StaffResult{}, err
	}
	r := domain.StaffResult{CaseID: t.c.ID, Number: t.c.Number}
	switch ask.Kind {
	case domain.StaffAskReason:
		if err := domain.CheckText(ask.Text); err != nil {
			var refusal domain.Refusal
			_ = errors.As(err, &refusal) // it always is one
			r.Outcome, r.Words = domain.StaffRefused, refusal.Words()
			return r, nil
		}
		l.Expects, l.Reason, l.AskedAt = domain.StaffExpectBody, ask.Text, h.now
		r.Outcome = domain.StaffBodyAsked
		return r, nil
	case domain.StaffAskBody:
		found := h.desk.Bodies(ask.Text)
		l.AskedAt = h.now
		switch len(found) {
		case 0:
			r.Outcome = domain.StaffBodyUnknown
			return r, nil
		case 1:
			return h.sendBack(ctx, t, found[0].ID)
		}
		r.Outcome, r.Bodies = domain.StaffBodyMany, found
		return r, nil
	}
	return h.sendBack(ctx, t, ask.Body)
}

func (h *staffHearing) sendBack(ctx context.Context, t staffTask, body string) (domain.StaffResult, error) {
	act, _ := h.desk.Act(t.u, domain.StepSendBack, t.c.ID, t.row.Version, h.now)
	if !act.Rules.Tree.Has(body) { // a payload made by hand
		return result(domain.StaffOldButton), nil
	}
	r, err := h.take(ctx, t, domain.StepSendBack, sendBack(body, h.link.Reason), domain.StaffResult{Outcome: domain.StaffSentBack, Body: act.Rules.Name(body)})
	if err == nil && r.Outcome != domain.StaffRefused {
		h.forget()
	}
	return r, err
}
