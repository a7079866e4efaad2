package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// questionTried notes a try to put a question: delivered, the author's time begins;
// failed for good by every way, the case comes back to a person with the reason. The
// case is locked first, as whoever works on it does.
func (s *Store) questionTried(ctx context.Context, q *db.Queries, id int64, end domain.DeliveryEnd, outcome string, now time.Time) error {
	asked, err := q.QuestionByID(ctx, id)
	if err != nil {
		return fmt.Errorf("find the question: %w", err)
	}
	c, err := q.LockCase(ctx, asked.CaseID)
	if err != nil {
		return fmt.Errorf("lock the case: %w", err)
	}
	if asked, err = q.QuestionByID(ctx, id); err != nil { // as it is under the lock
		return fmt.Errorf("read the question: %w", err)
	}
	row, end, err := noteTry(ctx, q, end, outcome, now, func(end domain.DeliveryEnd, row db.Delivery) domain.DeliveryEnd {
		return settledQuestion(end, row, asked)
	})
	if err != nil {
		return err
	}
	if end.State == domain.DeliveryFailed && end.Blocked && row.DialogID.Valid {
		if err := q.StopDialog(ctx, row.DialogID.Int64); err != nil {
			return fmt.Errorf("stop the dialog: %w", err)
		}
	}
	switch end.State {
	case domain.Delivered:
		return wrap("start the author's time", q.QuestionDelivered(ctx, stamp(now), stamp(answerUntil(asked, now)), id))
	case domain.DeliveryFailed, domain.DeliveryUnclear:
		return notAsked(ctx, q, c, asked, end.Words, now)
	}
	return nil
}

// settledQuestion: what is closed is not asked any more.
func settledQuestion(end domain.DeliveryEnd, row db.Delivery, asked db.Question) domain.DeliveryEnd {
	end = settledWord(end, row)
	if end.State == domain.DeliveryWaiting && asked.AnsweredAt.Valid {
		end.State, end.Reason, end.Words = domain.DeliveryCancelled, "recalled", "вопрос уже закрыт"
	}
	return end
}

// answerUntil is the end of the author's time when the question came then.
func answerUntil(asked db.Question, came time.Time) time.Time {
	zone, err := time.LoadLocation(asked.Zone)
	if asked.WaitDays == 0 || err != nil {
		return moment(asked.DueAt)
	}
	return domain.Almanac{Zone: zone}.ClarifyUntil(came, int(asked.WaitDays))
}

// notAsked brings a case whose question reaches nobody back where it came from.
func notAsked(ctx context.Context, q *db.Queries, c db.Case, asked db.Question, why string, now time.Time) error {
	if asked.AnsweredAt.Valid || asked.DeliveredAt.Valid || c.State != string(domain.Clarifying) {
		return nil
	}
	goes, err := q.QuestionOnItsWay(ctx, asked.ID)
	if err != nil || goes {
		return wrap("look for other ways of the question", err)
	}
	w := &work{q: q}
	if w.c, err = toCase(c); err != nil {
		return err
	}
	w.change = domain.CaseChange{CaseID: c.ID, Version: c.Version, Who: system, At: now}
	if _, err := w.undelivered(ctx, asked.ID, why); err != nil {
		return err
	}
	_, err = changeCase(ctx, q, wholeScope(w.c), w.change)
	return wrap("bring the case back", err)
}

func (w *work) undelivered(ctx context.Context, id int64, why string) (bool, error) {
	if err := w.q.QuestionUndelivered(ctx, clean(why), id); err != nil {
		return false, fmt.Errorf("note why the question did not arrive: %w", err)
	}
	n, err := w.q.CloseQuestion(ctx, db.CloseQuestionParams{Result: "undelivered", At: stamp(w.change.At), ClosedBy: system, CaseID: w.c.ID})
	if err != nil {
		return false, fmt.Errorf("close the question: %w", err)
	}
	w.change.To, w.change.Why = w.c.CameFrom, "вопрос не дошёл до автора: "+why
	w.notify(domain.NoticeNotAsked, fmt.Sprintf("Инцидент %s: вопрос не дошёл до автора: %s. Поручение снова у вас, срок прежний.", w.c.Number, why))
	return n == 1, nil
}

// UnsentQuestions lists the cases of a region whose question was asked before a moment,
// has not reached its author and is not on its way, or still waits though its time is over.
func (s *Store) UnsentQuestions(ctx context.Context, region string, before, now time.Time) ([]int64, error) {
	ids, err := s.queries().UnsentQuestions(ctx, db.UnsentQuestionsParams{Before: stamp(before), Region: region, Now: stamp(now), Most: cronAtOnce})
	return ids, named("find questions that reached nobody", err)
}

// ReturnUnsent brings such a case back to a person. false when somebody was quicker.
func (s *Store) ReturnUnsent(ctx context.Context, caseID int64, now time.Time) (bool, error) {
	return s.bySystem(ctx, "return an unsent question", caseID, now, func(ctx context.Context, w *work) (bool, error) {
		asked, err := w.q.OpenQuestion(ctx, caseID)
		if noRows(err) || err == nil && (asked.DeliveredAt.Valid || w.c.State != domain.Clarifying) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("find the question: %w", err)
		}
		shut, err := w.q.AuthorsShut(ctx, caseID)
		if err != nil {
			return false, fmt.Errorf("look who may be written to: %w", err)
		}
		why := "он не был отправлен"
		if shut {
			why = "автор отозвал согласие, запретил писать ему или удалил переписку"
		}
		return w.undelivered(ctx, asked.ID, why)
	})
}
