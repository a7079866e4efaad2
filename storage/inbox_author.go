package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// AskAuthor puts a question to the citizen (R8): the legal clock runs on, the
// working-time norm stands still. A *domain.CannotAsk when no way leads to the author.
func (s *Store) AskAuthor(ctx context.Context, act domain.Act, text string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepAsk, func(ctx context.Context, w *work) error {
		w.change.To, w.change.Why = domain.Clarifying, "вопрос автору: "+text
		a := asking{q: w.q, c: w.c, rules: act.Rules, who: act.Hand.Login, at: act.At, sure: act.Sure}
		return a.ask(ctx, text)
	})
}

// NoteAnswer notes what the author answered; the case goes back where it came from.
func (s *Store) NoteAnswer(ctx context.Context, act domain.Act, text string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepAnswered, func(ctx context.Context, w *work) error {
		if err := domain.CheckText(text); err != nil {
			return err
		}
		w.change.To, w.change.Why = w.c.CameFrom, "автор ответил: "+text
		_, err := w.q.CloseQuestion(ctx, db.CloseQuestionParams{Result: "answered", Answer: clean(text), At: stamp(act.At),
			ClosedBy: act.Hand.Login, CaseID: w.c.ID})
		return err
	})
}

// AskDeferral asks the controller for an «отложенное решение» (R7).
func (s *Store) AskDeferral(ctx context.Context, act domain.Act, d domain.Asked) (domain.Changed, error) {
	d.Who, d.At = act.Hand.Login, act.At
	d.Notice = d.NamesDay(act.Rules.Words)
	return s.step(ctx, act, domain.StepDefer, func(ctx context.Context, w *work) error {
		if err := act.Rules.Almanac.CheckDeferral(w.c.Deadline, w.c.Row == 0, d); err != nil {
			return err
		}
		// Whoever grants it approves what the author is told, in every body.
		if err := w.approvable(ctx, d.Notice, domain.ReplyInterim); err != nil {
			return err
		}
		why := deferralWords(d.Until, d.Reason)
		reasons := why
		if w.c.ForControl != "" {
			reasons = w.c.ForControl + "; " + why
		}
		w.change.ForControl, w.change.Why = &reasons, why
		w.tell(domain.NoticeDeferral, string(domain.RoleController), "",
			fmt.Sprintf("Инцидент %s: орган просит отложенное решение до %s. Решите до окончания срока%s, иначе просьба отклоняется сама.",
				w.c.Number, d.Until.Words(), w.untilWords()))
		return w.q.InsertDeferral(ctx, db.InsertDeferralParams{CaseID: w.c.ID, Round: round(w.c), AskedBy: d.Who, AskedAt: stamp(d.At),
			Reason: clean(d.Reason), Until: dateOf(d.Until), OldDue: stamp(w.c.Deadline.Due), Notice: clean(d.Notice)})
	})
}

// GrantDeferral defers a decision: the due moves to the day that was asked for,
// and what the author is told goes out with the answers.
func (s *Store) GrantDeferral(ctx context.Context, act domain.Act, words string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepGrant, func(ctx context.Context, w *work) error {
		d, err := w.q.OpenDeferral(ctx, w.c.ID)
		if err != nil {
			return fmt.Errorf("find the deferral: %w", err)
		}
		asked := domain.Asked{Who: d.AskedBy, Reason: d.Reason, Until: toDate(d.Until), Notice: d.Notice, At: act.At}
		if err := act.Rules.Almanac.CheckDeferral(w.c.Deadline, w.c.Row == 0, asked); err != nil {
			return err
		}
		confirmed, err := w.checked(ctx, d.Notice, domain.ReplyInterim)
		if err != nil {
			return err
		}
		due, err := act.Rules.Almanac.Defer(w.c.Deadline, domain.Term{Ordinary: w.c.Row == 0},
			domain.Deferral{Person: act.Hand.Login, Reason: d.Reason, Until: asked.Until, Notified: act.At})
		if err != nil && due.Due.IsZero() {
			return err
		}
		w.change.To, w.change.Deadline = domain.Deferred, &due
		w.change.Why = joinWords("отложенное решение до "+asked.Until.Words()+confirmed, words)
		reader, err := w.reader(ctx)
		if err != nil {
			return err
		}
		if err := w.q.InsertApprovedInterim(ctx, db.InsertApprovedInterimParams{CaseID: w.c.ID, Round: round(w.c), Text: d.Notice,
			Author: d.AskedBy, Approver: act.Hand.Login, PrivateOf: reader, AskedAt: d.AskedAt, At: stamp(act.At)}); err != nil {
			return err
		}
		if err := w.decideDeferral(ctx, d, "granted", words, act.At); err != nil {
			return err
		}
		// The controller has decided which term holds, also after a correction (R6).
		w.change.ForControl, w.change.Dispute = new(string), &domain.TermDispute{}
		return nil
	})
}

// RefuseDeferral refuses one, with words; the due stays.
func (s *Store) RefuseDeferral(ctx context.Context, act domain.Act, words string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepRefuse, func(ctx context.Context, w *work) error {
		if err := domain.CheckRework(words); err != nil {
			return err
		}
		d, err := w.q.OpenDeferral(ctx, w.c.ID)
		if err != nil {
			return fmt.Errorf("find the deferral: %w", err)
		}
		w.change.Why = "в отложенном решении отказано: " + words
		return w.decideDeferral(ctx, d, "refused", words, time.Time{})
	})
}

func (w *work) decideDeferral(ctx context.Context, d db.Deferral, decision, words string, notified time.Time) error {
	w.change.ForControl = withoutDeferral(w.c.ForControl, d)
	return w.q.DecideDeferral(ctx, db.DecideDeferralParams{Decision: decision, DecidedBy: w.change.Who, At: stamp(w.change.At),
		Why: clean(words), NotifiedAt: stamp(notified), ID: d.ID})
}

func deferralWords(until domain.Date, reason string) string {
	return fmt.Sprintf("%s%s: %s", domain.WordsDeferral, until.Words(), reason)
}

// withoutDeferral is what else the controller has to decide about a case.
func withoutDeferral(reasons string, d db.Deferral) *string {
	left := strings.TrimSuffix(strings.TrimSuffix(reasons, deferralWords(toDate(d.Until), d.Reason)), "; ")
	return &left
}

func joinWords(a, b string) string {
	if b == "" {
		return a
	}
	return a + ". " + b
}

func toDate(d pgtype.Date) domain.Date { return domain.DateOf(d.Time, time.UTC) }
