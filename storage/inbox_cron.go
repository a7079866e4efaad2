package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// cronAtOnce bounds one run of a calendar job; what is left waits for the next.
const cronAtOnce = 500

// AnsweredQuestions lists the cases of a region whose author was asked and has
// written into the case since.
func (s *Store) AnsweredQuestions(ctx context.Context, region string) ([]int64, error) {
	ids, err := s.queries().AnsweredQuestions(ctx, region, cronAtOnce)
	return ids, named("find answered questions", err)
}

// CloseAnswered takes the author's new post for the answer: the case goes back
// where it came from. false when somebody was quicker.
func (s *Store) CloseAnswered(ctx context.Context, caseID int64, now time.Time) (bool, error) {
	return s.bySystem(ctx, "close answered question", caseID, now, func(ctx context.Context, w *work) (bool, error) {
		post, err := w.q.AnswerPost(ctx, caseID)
		if noRows(err) || w.c.State != domain.Clarifying {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		w.change.To, w.change.Why = w.c.CameFrom, "автор ответил новым сообщением"
		w.notify(domain.NoticeAnswered, fmt.Sprintf("Инцидент %s: автор ответил на вопрос, поручение снова в работе.", w.c.Number))
		n, err := w.q.CloseQuestion(ctx, db.CloseQuestionParams{Result: "answered", Answer: post.Text, AnswerPost: post.ID,
			At: stamp(now), ClosedBy: system, CaseID: caseID})
		return n == 1, err
	})
}

// SilentQuestions lists the cases of a region whose author was asked and has not
// answered in time.
func (s *Store) SilentQuestions(ctx context.Context, region string, now time.Time) ([]int64, error) {
	ids, err := s.queries().SilentQuestions(ctx, stamp(now), region, cronAtOnce)
	return ids, named("find unanswered questions", err)
}

// CloseSilence ends the wait for an author: the case goes back where it came
// from, or is rejected when no body had it yet. false when somebody was quicker.
func (s *Store) CloseSilence(ctx context.Context, caseID int64, now time.Time) (bool, error) {
	return s.bySystem(ctx, "close unanswered question", caseID, now, func(ctx context.Context, w *work) (bool, error) {
		if w.c.State != domain.Clarifying {
			return false, nil
		}
		asked, err := w.q.OpenQuestion(ctx, caseID)
		if noRows(err) || err == nil && (!asked.DeliveredAt.Valid || moment(asked.DueAt).After(now)) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("find the question: %w", err)
		}
		to := domain.AfterSilence(w.c.CameFrom)
		w.change.To, w.change.Why = to, "автор не ответил в срок"
		if to == domain.Rejected {
			why := domain.NoDetails
			w.change.Closing = &why
		}
		w.notify(domain.NoticeSilent, fmt.Sprintf("Инцидент %s: автор не ответил на вопрос, поручение снова в работе. Срок прежний.", w.c.Number))
		n, err := w.q.CloseQuestion(ctx, db.CloseQuestionParams{Result: "silent", At: stamp(now), ClosedBy: system, CaseID: caseID})
		return n == 1, err
	})
}

// Unrated lists the cases of a region whose author has not said whether the
// answer helped, answered before a moment.
func (s *Store) Unrated(ctx context.Context, region string, before time.Time) ([]int64, error) {
	ids, err := s.queries().Unrated(ctx, db.UnratedParams{Region: region, Unsolved: domain.WordsUnsolved, Before: stamp(before), Most: cronAtOnce})
	return ids, named("find cases nobody rated", err)
}

// CloseUnrated closes a case whose author was silent after the answer; of one who
// pressed «Не решено» the controller decides. false when somebody was quicker, or the
// answer is a later one.
func (s *Store) CloseUnrated(ctx context.Context, caseID int64, before, now time.Time) (bool, error) {
	return s.bySystem(ctx, "close a case nobody rated", caseID, now, func(ctx context.Context, w *work) (bool, error) {
		if w.c.State != domain.Satisfaction {
			return false, nil
		}
		unrated, err := w.q.UnratedSince(ctx, caseID, stamp(before))
		if err != nil || !unrated {
			return false, err
		}
		heard, err := heardOf(ctx, w.q, w.c)
		if err != nil {
			return false, err
		}
		closing, reason := heard.AfterSilence()
		if reason == domain.HeardPressed {
			return w.pressedUnsolved(), nil
		}
		if closing == "" {
			return false, nil
		}
		w.change, err = domain.Close(w.c, closing, domain.By{Who: system, Why: domain.HeardWords(reason), At: now})
		return err == nil, err
	})
}

// pressedUnsolved hands a case over to the controller whose author pressed «Не решено»
// and wrote nothing; false when they have it.
func (w *work) pressedUnsolved() bool {
	if domain.PressedUnsolved(w.c.ForControl) {
		return false
	}
	words := domain.WithUnsolved(w.c.ForControl)
	w.change.ForControl, w.change.Why = &words, domain.HeardWords(domain.HeardPressed)
	w.change.Notices = append(w.change.Notices, domain.Notice{
		Key: fmt.Sprintf("pressed:case:%d:round:%d", w.c.ID, w.c.Round), Kind: domain.NoticeWrote, Region: w.c.Region, CaseID: w.c.ID,
		ToRole: string(domain.RoleController), At: w.change.At,
		Text: fmt.Sprintf("Инцидент %s: %s, и срок оценки истёк. Верните инцидент в работу или закройте.", w.c.Number, domain.WordsUnsolved),
	})
	return true
}

// LateDeferrals lists the cases of a region whose deferral was asked for and not
// decided before the due.
func (s *Store) LateDeferrals(ctx context.Context, region string, now time.Time) ([]int64, error) {
	ids, err := s.queries().LateDeferrals(ctx, stamp(now), region, cronAtOnce)
	return ids, named("find undecided deferrals", err)
}

// LapseDeferral refuses a deferral whose old due has passed: the notice to the
// author would come too late (R7). false when somebody was quicker.
func (s *Store) LapseDeferral(ctx context.Context, caseID int64, now time.Time) (bool, error) {
	return s.bySystem(ctx, "lapse deferral", caseID, now, func(ctx context.Context, w *work) (bool, error) {
		d, err := w.q.OpenDeferral(ctx, caseID)
		if noRows(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		const words = "не рассмотрено до окончания срока"
		w.change.Why = "в отложенном решении отказано: " + words
		w.notify(domain.NoticeLapsed, fmt.Sprintf("Инцидент %s: просьба об отложенном решении не рассмотрена до окончания срока, срок не продлён.", w.c.Number))
		return true, w.decideDeferral(ctx, d, "refused", words, time.Time{})
	})
}

// bySystem changes a case that nobody looks at, whatever its version. fn answers
// false when there is nothing left to do.
func (s *Store) bySystem(ctx context.Context, doing string, caseID int64, now time.Time,
	fn func(ctx context.Context, w *work) (bool, error),
) (bool, error) {
	done := false
	err := s.inTx(ctx, fmt.Sprintf("%s, case %d", doing, caseID), func(q *db.Queries) error {
		row, err := q.LockCase(ctx, caseID)
		if err != nil {
			return err
		}
		w := &work{q: q}
		if w.c, err = toCase(row); err != nil {
			return err
		}
		w.change = domain.CaseChange{CaseID: caseID, Version: w.c.Version, Who: system, At: now}
		if done, err = fn(ctx, w); err != nil || !done {
			return err
		}
		_, err = changeCase(ctx, q, wholeScope(w.c), w.change)
		return err
	})
	return done && err == nil, err
}

// notify tells the body's coordinator, or the analysts of a case nobody has.
func (w *work) notify(kind domain.NoticeKind, text string) {
	role := string(domain.RoleCoordinator)
	if w.c.AgencyID == "" {
		role = string(domain.RoleAnalyst)
	}
	w.change.Notices = append(w.change.Notices, domain.Notice{
		Key:  fmt.Sprintf("%s:case:%d:version:%d", kind, w.c.ID, w.c.Version),
		Kind: kind, Region: w.c.Region, CaseID: w.c.ID, ToRole: role, ToAgency: w.c.AgencyID, Text: text, At: w.change.At,
	})
}
