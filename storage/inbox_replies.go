package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// SaveDraft keeps an answer being written; the case itself does not change, so
// that colleagues' pages stay good. domain.RefuseDraftChanged when somebody
// else has written meanwhile: nothing is overwritten. It returns the draft's new
// version.
func (s *Store) SaveDraft(ctx context.Context, act domain.Act, d domain.Draft) (int64, error) {
	var version int64
	err := s.inTx(ctx, fmt.Sprintf("save draft of case %d", act.CaseID), func(q *db.Queries) error {
		w, err := lockWork(ctx, q, act)
		if err != nil {
			return err
		}
		if w.duty, err = w.task.May(domain.StepDraft, act.Hand); err != nil {
			return err
		}
		if err := domain.CheckLength(d.Text); err != nil {
			return err
		}
		row, err := w.write(ctx, d)
		version = row.Version
		return err
	})
	return version, err
}

// write stores a draft over the one its author saw.
func (w *work) write(ctx context.Context, d domain.Draft) (db.Reply, error) {
	old, err := w.q.DraftOf(ctx, w.c.ID, round(w.c), string(d.Kind))
	switch {
	case noRows(err) && d.Seen == 0:
		return w.q.InsertDraft(ctx, db.InsertDraftParams{CaseID: w.c.ID, Round: round(w.c), Kind: string(d.Kind),
			Text: clean(d.Text), Outcome: string(outcomeOf(d)), Author: w.act.Hand.Login, At: stamp(w.act.At)})
	case noRows(err):
		return old, domain.RefuseDraftChanged
	case err != nil:
		return old, err
	case old.Version != d.Seen || old.State == "approval":
		return old, domain.RefuseDraftChanged
	case old.Text == clean(d.Text) && old.Outcome == string(outcomeOf(d)):
		return old, nil // nothing new: whoever pressed the button wrote nothing
	}
	return w.q.UpdateDraft(ctx, db.UpdateDraftParams{Text: clean(d.Text), Outcome: string(outcomeOf(d)), Author: w.act.Hand.Login,
		At: stamp(w.act.At), ID: old.ID})
}

func outcomeOf(d domain.Draft) domain.Outcome {
	if d.Kind == domain.ReplyInterim {
		return "" // only a final answer has one
	}
	return d.Outcome
}

// tellHead: an answer waits for approval.
func (w *work) tellHead(kind domain.ReplyKind) {
	w.tell(domain.NoticeApproval, string(domain.RoleHead), w.c.AgencyID, fmt.Sprintf("Инцидент %s: %s ждёт согласования.", w.c.Number, replyWords(kind)))
}

// SubmitTask sends an answer for approval, as it stands on the page. Where the
// body needs no approval it is approved by that, and its author named as such.
func (s *Store) SubmitTask(ctx context.Context, act domain.Act, d domain.Draft) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepSubmit, func(ctx context.Context, w *work) error {
		if err := d.Check(); err != nil {
			return err
		}
		if err := w.submittable(ctx, d.Text, d.Kind); err != nil {
			return err
		}
		row, err := w.write(ctx, d)
		if err != nil {
			return err
		}
		w.change.To, w.change.Why = domain.Approval, "на согласование: "+replyWords(d.Kind)
		if err := w.q.SubmitDraft(ctx, stamp(act.At), row.ID); err != nil {
			return err
		}
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

// apply writes the change so far; another one begins on top of it.
func (w *work) apply(ctx context.Context) error {
	done, err := changeCase(ctx, w.q, w.act.Scope, w.change)
	if err != nil {
		return err
	}
	w.c = done.Case
	w.change = domain.CaseChange{CaseID: w.c.ID, Version: w.c.Version, Who: w.act.Hand.Login, At: w.act.At}
	return nil
}

// approve lets an answer out, once it has been looked at.
func (w *work) approve(ctx context.Context, reply db.Reply, why string) error {
	confirmed, err := w.checked(ctx, reply.Text, domain.ReplyKind(reply.Kind))
	if err != nil {
		return err
	}
	reader, err := w.reader(ctx)
	if err != nil {
		return err
	}
	w.change.To, w.change.Why = domain.Publishing, why+confirmed
	return w.q.DecideReply(ctx, db.DecideReplyParams{State: "approved", Approver: w.act.Hand.Login, PrivateOf: reader, At: stamp(w.act.At), ID: reply.ID})
}

// ApproveTask approves the answer that waits: what was approved is what goes out.
func (s *Store) ApproveTask(ctx context.Context, act domain.Act) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepApprove, func(ctx context.Context, w *work) error {
		reply, err := w.q.ReplyInApproval(ctx, w.c.ID, round(w.c))
		if err != nil {
			return fmt.Errorf("find the answer: %w", err)
		}
		return w.approve(ctx, reply, "согласовано: "+replyWords(domain.ReplyKind(reply.Kind)))
	})
}

// ReworkTask returns an answer to whoever wrote it, with words.
func (s *Store) ReworkTask(ctx context.Context, act domain.Act, words string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepRework, func(ctx context.Context, w *work) error {
		if err := domain.CheckRework(words); err != nil {
			return err
		}
		reply, err := w.q.ReplyInApproval(ctx, w.c.ID, round(w.c))
		if err != nil {
			return fmt.Errorf("find the answer: %w", err)
		}
		w.change.To, w.change.Why = domain.Execution, "на доработку: "+words
		for _, login := range w.writing(reply.Author) {
			w.tell(domain.NoticeRework, domain.ToPerson(login), w.c.AgencyID, fmt.Sprintf("Инцидент %s: ответ вернули на доработку, замечание — в поручении.", w.c.Number))
		}
		return w.q.DecideReply(ctx, db.DecideReplyParams{State: "returned", Approver: act.Hand.Login, Remark: clean(words),
			At: stamp(act.At), ID: reply.ID})
	})
}

// writing are those an answer comes back to: who wrote it last, and who has the
// task; not whoever sends it back.
func (w *work) writing(author string) []string {
	var out []string
	for _, login := range []string{author, w.task.Executor} {
		if login != "" && login != w.act.Hand.Login && !slices.Contains(out, login) {
			out = append(out, login)
		}
	}
	return out
}

// PublishInterim records that an approved interim answer was given by hand, with
// the address where it stands. From publishing the case goes on to execution: the
// final answer is still due (R4).
func (s *Store) PublishInterim(ctx context.Context, act domain.Act, proofURL string) (domain.Changed, error) {
	return s.step(ctx, act, domain.StepPublished, func(ctx context.Context, w *work) error {
		if !domain.IsWebAddress(proofURL) {
			return domain.RefuseNoProof
		}
		reply, err := w.q.InterimToDeliver(ctx, w.c.ID, round(w.c))
		if err != nil {
			return fmt.Errorf("find the answer: %w", err)
		}
		w.change.Why = "промежуточный ответ дан вручную: " + proofURL
		if w.c.State == domain.SendFailed { // the state table knows no shorter way
			words := w.change.Why
			w.change.To, w.change.Why = domain.Publishing, "ответ даётся вручную"
			if err := w.apply(ctx); err != nil {
				return err
			}
			w.change.Why = words
		}
		if w.c.State == domain.Publishing {
			w.change.To = domain.Execution
		}
		if w.c.ReactionAt.IsZero() {
			w.change.ReactionAt = &act.At
		}
		return w.q.InterimByHand(ctx, db.InterimByHandParams{At: stamp(act.At), Who: act.Hand.Login, ProofUrl: clean(proofURL), ID: reply.ID})
	})
}

func replyWords(k domain.ReplyKind) string {
	if k == domain.ReplyInterim {
		return "промежуточный ответ"
	}
	return "окончательный ответ"
}

func round(c domain.Case) int32 { return small(c.Round) }
