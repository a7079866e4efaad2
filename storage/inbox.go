package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// work is a case under lock while somebody of a body takes a step with it. The
// step fills change; everything beside the case is written by its queries.
type work struct {
	q      *db.Queries
	act    domain.Act
	c      domain.Case
	facts  db.TaskFactsRow
	task   domain.Task
	duty   domain.Duty // in whose name
	change domain.CaseChange
	// stands is what was confirmed of an answer that may have got through.
	stands []domain.ReplyFault
}

// step lets somebody take a step with a task: the case is found in their scope
// and locked, must be as they saw it, and the rules must allow the step. fn
// writes what belongs to the step. One transaction.
//
// Errors: domain.ErrNotFound out of scope, a *domain.Stale when somebody went on
// meanwhile, a domain.Refusal when the rules do not allow it.
func (s *Store) step(ctx context.Context, act domain.Act, step domain.Step, fn func(ctx context.Context, w *work) error) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("%s, case %d", step, act.CaseID), func(q *db.Queries) error {
		var err error
		out, err = stepIn(ctx, q, act, step, fn)
		return err
	})
	return out, err
}

// stepIn is step in a transaction under way.
func stepIn(ctx context.Context, q *db.Queries, act domain.Act, step domain.Step, fn func(ctx context.Context, w *work) error) (domain.Changed, error) {
	w, err := lockWork(ctx, q, act)
	if err != nil {
		return domain.Changed{}, err
	}
	if w.duty, err = w.task.May(step, act.Hand); err != nil {
		return domain.Changed{}, err
	}
	w.change = domain.CaseChange{CaseID: act.CaseID, Version: act.Seen, Who: act.Hand.Login, At: act.At}
	if err := fn(ctx, w); err != nil {
		return domain.Changed{}, err
	}
	w.change.Why = w.inWhoseName(w.change.Why)
	return changeCase(ctx, q, act.Scope, w.change)
}

func lockWork(ctx context.Context, q *db.Queries, act domain.Act) (*work, error) {
	row, err := lockVersion(ctx, q, act.Scope, act.CaseID, act.Seen)
	if err != nil {
		return nil, err
	}
	w := &work{q: q, act: act}
	if w.c, err = toCase(row); err != nil {
		return nil, err
	}
	if w.facts, err = q.TaskFacts(ctx, act.CaseID); err != nil {
		return nil, err
	}
	w.task = taskOf(w.c, w.facts, act.Rules)
	return w, nil
}

func taskOf(c domain.Case, f db.TaskFactsRow, rules domain.BodyRules) domain.Task {
	return domain.Task{
		State: c.State, Body: c.AgencyID, Executor: f.Executor, Writers: f.Writers,
		HandedDown: len(f.Above) > 0, SendBacks: c.SentBack, DeferralBy: f.DeferralBy, Interim: f.Interims > 0,
		Answered: f.Given != 0, ProposedBy: f.ProposedBy, Removed: f.Removed, LostCopies: f.LostCopies > 0,
		NoApproval:  rules.NoApproval != nil && rules.NoApproval(c.AgencyID),
		ControlRoom: c.State == domain.Clarifying && c.CameFrom == domain.Moderation,
	}
}

// inWhoseName adds to the reason for whom somebody stood in.
func (w *work) inWhoseName(why string) string {
	if w.duty.Login == w.act.Hand.Login {
		return why
	}
	return why + " (замещает: " + w.duty.Login + ")"
}

// AcceptTask: the body agrees that the case is its own.
func (s *Store) AcceptTask(ctx context.Context, act domain.Act) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepAccept, accept)
}

func accept(_ context.Context, w *work) error {
	w.change.To, w.change.Why, w.change.Undo = domain.Execution, "принято органом", "Принято"
	return nil
}

// TakeTask puts a task on the person who takes it.
func (s *Store) TakeTask(ctx context.Context, act domain.Act) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepTake, func(_ context.Context, w *work) error {
		w.executor(act.UserID, "взято в работу", "Взято себе")
		return nil
	})
}

// executor names who has the task; a task that was not accepted yet is by that.
func (w *work) executor(userID int64, why, undo string) {
	w.change.ExecutorID, w.change.Why, w.change.Undo = &userID, why, undo
	if w.c.State == domain.Coordination {
		w.change.To = domain.Execution
	}
}

// DistributeTask gives a task to a person of the body that has it. Nothing lands
// on somebody who is away: domain.RefuseAbsent.
func (s *Store) DistributeTask(ctx context.Context, act domain.Act, userID int64) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepDistribute, func(ctx context.Context, w *work) error {
		person, err := w.worker(ctx, userID)
		if err != nil {
			return err
		}
		if userID == w.c.ExecutorID {
			return domain.RefuseAlreadyTheirs
		}
		w.executor(userID, "исполнитель: "+person.Name, "Назначено: "+person.Name)
		if userID != act.UserID {
			w.tell(domain.NoticeAssigned, domain.ToPerson(person.Login), w.c.AgencyID, fmt.Sprintf("Инцидент %s назначен вам%s.", w.c.Number, w.untilWords()))
		}
		return nil
	})
}

// untilWords names the last day of the task, when it has one.
func (w *work) untilWords() string {
	if w.c.Deadline.Due.IsZero() || w.act.Rules.Almanac.Zone == nil {
		return ""
	}
	return ", срок — по " + w.act.Rules.Almanac.LastDay(w.c.Deadline).Words() + " включительно"
}

// HandDown gives a task to a body below; the due stays (R5).
func (s *Store) HandDown(ctx context.Context, act domain.Act, to, why string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepHandDown, func(ctx context.Context, w *work) error {
		if err := domain.CheckHandDown(act.Rules.Tree, w.c.AgencyID, to); err != nil {
			return err
		}
		above := append(append([]string{}, w.facts.Above...), w.c.AgencyID)
		return w.handOver(ctx, to, above, "передано подведомственному органу: "+act.Rules.Name(to), why)
	})
}

// HandUp gives a task back to the body above that handed it down.
func (s *Store) HandUp(ctx context.Context, act domain.Act, why string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepHandUp, func(ctx context.Context, w *work) error {
		if why == "" {
			return domain.RefuseNoReason
		}
		last := len(w.facts.Above) - 1
		to := w.facts.Above[last]
		return w.handOver(ctx, to, w.facts.Above[:last], "возвращено вышестоящему органу: "+act.Rules.Name(to), why)
	})
}

func (w *work) handOver(ctx context.Context, to string, above []string, words, why string) error {
	if why != "" {
		words += ". " + why
	}
	w.change.To, w.change.Agency, w.change.Why = domain.Coordination, &to, words
	w.change.Notices = []domain.Notice{{
		Key:  fmt.Sprintf("assigned:case:%d:round:%d:version:%d", w.c.ID, w.c.Round, w.c.Version),
		Kind: domain.NoticeAssigned, Region: w.c.Region, CaseID: w.c.ID, ToRole: string(domain.RoleCoordinator), ToAgency: to,
		Text: fmt.Sprintf("Инцидент %s: %s.", w.c.Number, words), At: w.act.At,
	}}
	if above == nil {
		above = []string{}
	}
	return w.q.InsertHandover(ctx, db.InsertHandoverParams{CaseID: w.c.ID, FromAgency: w.c.AgencyID, ToAgency: to, Above: above,
		ByWhom: w.act.Hand.Login, At: stamp(w.act.At), Why: clean(why)})
}

// SendBackTask says that a case is not the body's own (R5). After the last time
// allowed the analyst reads every reason there was, and decides for good.
func (s *Store) SendBackTask(ctx context.Context, act domain.Act, proposed, reason string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepSendBack, sendBack(proposed, reason))
}

func sendBack(proposed, reason string) func(context.Context, *work) error {
	return func(ctx context.Context, w *work) error {
		rules := w.act.Rules
		back := domain.SentBack{Body: w.c.AgencyID, Proposed: proposed, Reason: reason, Who: w.act.Hand.Login, At: w.act.At}
		if err := rules.Almanac.CheckSendBack(back, w.c.AssignedAt, w.c.SentBack, rules.SendBackLimit); err != nil {
			return err
		}
		before, err := w.q.SendBacksOf(ctx, w.c.ID)
		if err != nil {
			return err
		}
		all := make([]domain.SentBack, 0, len(before)+1)
		for _, b := range before {
			all = append(all, domain.SentBack{Body: b.FromAgency, Proposed: b.ProposedAgency, Reason: b.Reason, Who: b.ByWhom, At: moment(b.At)})
		}
		all = append(all, back)
		w.change.To, w.change.Proposed = domain.Returned, &proposed
		w.change.Why = domain.SendBackWords(all, rules.SendBackLimit, rules.Name)
		w.change.ExecutorID = new(int64)
		w.tell(domain.NoticeSentBack, string(domain.RoleAnalyst), "",
			fmt.Sprintf("Инцидент %s вернул орган: %s. Предлагает: %s.", w.c.Number, rules.Name(w.c.AgencyID), rules.Name(proposed)))
		return w.q.InsertSendBack(ctx, db.InsertSendBackParams{CaseID: w.c.ID, FromAgency: w.c.AgencyID, ProposedAgency: proposed,
			Reason: clean(reason), ByWhom: w.act.Hand.Login, At: stamp(w.act.At)})
	}
}

// tell adds a notice about the step.
func (w *work) tell(kind domain.NoticeKind, role, agency, text string) {
	w.change.Notices = append(w.change.Notices, domain.Notice{
		Key:  fmt.Sprintf("%s:case:%d:version:%d:%s", kind, w.c.ID, w.c.Version, role),
		Kind: kind, Region: w.c.Region, CaseID: w.c.ID, ToRole: role, ToAgency: agency, Text: text, At: w.act.At,
	})
}

// ResumeTask takes a deferred task into work again.
func (s *Store) ResumeTask(ctx context.Context, act domain.Act) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepResume, func(_ context.Context, w *work) error {
		w.change.To, w.change.Why = domain.Execution, "снова в работе"
		return nil
	})
}

// noRows: the query found nothing.
func noRows(err error) bool { return errors.Is(named("", err), domain.ErrNotFound) }
