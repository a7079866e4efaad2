package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// ResendReply sends an answer again that did not get through: the same way, or,
// when place is not "", by one of the ways the plan named. What the platform can
// tell from a second message keeps its key.
func (s *Store) ResendReply(ctx context.Context, act domain.Act, place string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepResend, func(ctx context.Context, w *work) error {
		reply, err := w.notDelivered(ctx)
		if err != nil {
			return err
		}
		w.change.To, w.change.Why = domain.Publishing, "ответ отправляется ещё раз"
		if place == "" {
			if place, err = w.oldPlace(ctx, reply); err != nil {
				return err
			}
		} else {
			var others []domain.WayChoice
			if err := fromJSON("other ways", reply.PlanOthers, &others); err != nil {
				return err
			}
			i := slices.IndexFunc(others, func(c domain.WayChoice) bool { return c.Key == place })
			if i < 0 {
				return domain.RefuseNoWay
			}
			w.change.Why = "ответ отправляется другим путём: " + others[i].Words
			if err := w.looked(ctx, reply.ID); err != nil {
				return err
			}
		}
		return w.q.PlanAgain(ctx, place, stamp(act.At), reply.ID)
	})
}

// oldPlace is where an answer went that goes there again, and nowhere else by itself.
func (w *work) oldPlace(ctx context.Context, reply db.Reply) (string, error) {
	if reply.WantedPlace != "" {
		return reply.WantedPlace, nil
	}
	place, err := w.q.MainPlace(ctx, toInt8(reply.ID))
	if noRows(err) { // there was no way
		return "", nil
	}
	return place, wrap("find where the answer went", err)
}

// notDelivered is the answer of the round that waits for a person's choice.
func (w *work) notDelivered(ctx context.Context) (db.Reply, error) {
	reply, err := w.q.ReplyToSend(ctx, w.c.ID, round(w.c))
	if errors.Is(err, pgx.ErrNoRows) {
		return reply, domain.RefuseNothingToSend
	}
	if err != nil {
		return reply, fmt.Errorf("find the answer: %w", err)
	}
	return reply, nil
}

// RewriteReply takes back an answer that did not get through and sends another
// text for approval. Its deliveries stay as they ended.
func (s *Store) RewriteReply(ctx context.Context, act domain.Act, d domain.Draft) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepRewrite, func(ctx context.Context, w *work) error {
		reply, err := w.notDelivered(ctx)
		if err != nil {
			return err
		}
		d.Kind = domain.ReplyKind(reply.Kind)
		if d.Outcome == "" {
			d.Outcome = domain.Outcome(reply.Outcome)
		}
		if err := d.Check(); err != nil {
			return err
		}
		if err := w.looked(ctx, reply.ID); err != nil {
			return err
		}
		if err := w.submittable(ctx, d.Text, d.Kind); err != nil {
			return err
		}
		if err := w.q.TakeBackReply(ctx, "не доставлен: "+w.c.Reason, stamp(act.At), reply.ID); err != nil {
			return fmt.Errorf("take the answer back: %w", err)
		}
		row, err := w.q.UpdateDraft(ctx, db.UpdateDraftParams{Text: clean(d.Text), Outcome: string(outcomeOf(d)), Author: act.Hand.Login,
			At: stamp(act.At), ID: reply.ID})
		if err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		if err := w.q.SubmitDraft(ctx, stamp(act.At), row.ID); err != nil {
			return fmt.Errorf("submit the answer: %w", err)
		}
		w.change.To, w.change.Why = domain.Approval, "написано иначе, на согласование: "+replyWords(d.Kind)+w.change.Why
		if !w.task.NoApproval {
			w.tellHead(d.Kind)
			return nil
		}
		if err := w.apply(ctx); err != nil {
			return err
		}
		return w.approve(ctx, row, "согласование не требуется: так установлено для органа")
	})
}

// looked refuses to say an answer anew that may stand, until the person says that they
// have looked: another text, or another place, has no key by which a platform knows it.
func (w *work) looked(ctx context.Context, replyID int64) error {
	may, err := w.q.MayStand(ctx, toInt8(replyID))
	if err != nil {
		return fmt.Errorf("look whether the answer may stand: %w", err)
	}
	if !may {
		return nil
	}
	fault := []domain.ReplyFault{domain.MayStandFault()}
	if len(domain.Standing(fault, w.act.Sure)) > 0 {
		return &domain.ReplyFaults{Faults: fault}
	}
	w.stands = fault
	w.change.Why += "; просмотрено, прежний ответ не стоит"
	return nil
}

// readDeliveries puts beside each answer where it went and how each try ended.
func readDeliveries(ctx context.Context, q *db.Queries, caseID int64, replies []domain.CaseReply) error {
	if len(replies) == 0 {
		return nil
	}
	return eachDelivery(ctx, q, caseID, func(r db.Delivery, d domain.CaseDelivery) {
		i := slices.IndexFunc(replies, func(c domain.CaseReply) bool { return c.ID == r.ReplyID.Int64 })
		if i >= 0 {
			replies[i].Deliveries = append(replies[i].Deliveries, d)
		}
	})
}

// eachDelivery gives the deliveries of a case with their tries, the oldest first.
func eachDelivery(ctx context.Context, q *db.Queries, caseID int64, take func(db.Delivery, domain.CaseDelivery)) error {
	rows, err := q.DeliveriesOf(ctx, toInt8(caseID))
	if err != nil {
		return fmt.Errorf("read deliveries: %w", err)
	}
	tries, err := q.AttemptsOf(ctx, toInt8(caseID))
	if err != nil {
		return fmt.Errorf("read attempts: %w", err)
	}
	pauses, err := q.PausesOf(ctx, toInt8(caseID))
	if err != nil {
		return fmt.Errorf("read pauses: %w", err)
	}
	copies := map[int64]int{}
	for _, row := range rows {
		r := row.Delivery
		d := domain.CaseDelivery{Copy: r.Copy, Corrects: r.CorrectionID.Valid, Author: row.Author, Silent: row.Silent, Void: row.Void, ID: r.ID, Platform: domain.Platform(r.Platform), Way: domain.Way(r.Way), Account: r.Account, To: deliveryTo(r),
			Main: r.Main, State: domain.DeliveryState(r.State), Why: r.Why, Words: r.Words, Message: r.PlatformID, OverAt: moment(r.OverAt),
			Fate: domain.Fate(r.Fate), FateAt: moment(r.FateAt), FateText: r.FateText}
		if r.LetBeAt.Valid {
			d.LetBe = r.Why
		}
		if d.Copy && d.Way == domain.WayDialog {
			copies[r.ReplyID.Int64]++
			d.N = copies[r.ReplyID.Int64]
		}
		if d.State == domain.DeliveryWaiting {
			d.NextAt = moment(r.NextAttemptAt)
		}
		for _, p := range pauses {
			if p.ID == r.ID {
				d.HeldTo, d.Held = moment(p.Until), p.Why
			}
		}
		for _, a := range tries {
			if a.DeliveryID == r.ID {
				d.Attempts = append(d.Attempts, domain.CaseAttempt{N: int(a.N), Began: moment(a.BeganAt), Ended: moment(a.EndedAt),
					Outcome: a.Outcome, Code: int(a.Code), Words: a.Words})
			}
		}
		take(r, d)
	}
	return nil
}

// planned fills in what was decided about where an answer goes.
func planned(c *domain.CaseReply, r db.Reply) {
	c.PlannedAt, c.PlanWords = moment(r.PlannedAt), r.PlanWords
	_ = json.Unmarshal(r.PlanOthers, &c.Others) // our own list, or nothing
	_ = json.Unmarshal(r.PlanLeft, &c.Left)
}
