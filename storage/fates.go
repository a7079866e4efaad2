package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// TellFates tells bodies of answers that were removed or written over at their
// platform, at most limit of them, and notes it in the cases. It returns how many.
func (s *Store) TellFates(ctx context.Context, now time.Time, limit int) (int, error) {
	told := 0
	err := s.inTx(ctx, "tell what became of answers", func(q *db.Queries) error {
		rows, err := q.FatesToTell(ctx, s.regions(), small(limit))
		if err != nil {
			return err
		}
		told = len(rows)
		var p db.PutNoticesParams
		for _, r := range rows {
			fate := domain.Fate(r.Fate)
			why := fate.Words() + " на площадке " + platformWords(r.Platform)
			addNotice(&p, domain.Notice{Key: fmt.Sprintf("answer_%s:delivery:%d:%d", fate, r.ID, moment(r.FateAt).Unix()), Kind: domain.NoticeFate,
				Region: r.Region, CaseID: r.CaseID, ToRole: string(domain.RoleCoordinator), ToAgency: r.AgencyID,
				Text: fmt.Sprintf("Ответ по инциденту %s %s. Посмотрите и, если нужно, исправьте ответ.", r.Number, why), At: now}, now)
			if err := q.NoteFate(ctx, db.NoteFateParams{CaseID: r.CaseID, At: stamp(now), Who: system, Why: "ответ " + why, Kind: r.Kind,
				Fate: r.Fate, Region: r.Region}); err != nil {
				return fmt.Errorf("note it in case %d: %w", r.CaseID, err)
			}
			if err := q.FateTold(ctx, r.ID); err != nil {
				return fmt.Errorf("mark delivery %d: %w", r.ID, err)
			}
		}
		if told == 0 {
			return nil
		}
		_, err = q.PutNotices(ctx, p)
		return wrap("put notices", err)
	})
	return told, err
}

func platformWords(p string) string {
	return map[string]string{"vk": "ВКонтакте", "telegram": "Telegram", "max": "MAX"}[p]
}

// CorrectReply changes what was answered last, wherever the whole answer stands:
// by an edit where the platform lets us, else in words under it. The answer that
// was approved stays in the history; the case and its version do not move.
func (s *Store) CorrectReply(ctx context.Context, act domain.Act, text, why string) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("correct the answer of case %d", act.CaseID), func(q *db.Queries) error {
		w, err := lockWork(ctx, q, act)
		if err != nil {
			return err
		}
		if w.duty, err = w.task.May(domain.StepCorrect, act.Hand); err != nil {
			return err
		}
		out = domain.Changed{Case: w.c}
		return w.correct(ctx, text, why)
	})
	return out, err
}

func (w *work) correct(ctx context.Context, text, why string) error {
	if err := domain.CheckRework(why); err != nil {
		return err
	}
	reply, err := w.q.ReplyToCorrect(ctx, w.c.ID, round(w.c))
	if noRows(err) {
		return domain.RefuseNothingToCorrect
	}
	if err != nil {
		return fmt.Errorf("find the answer: %w", err)
	}
	kind := domain.ReplyKind(reply.Kind)
	if err := (domain.Draft{Kind: kind, Outcome: domain.Outcome(reply.Outcome), Text: text}).Check(); err != nil {
		return err
	}
	if clean(text) == reply.NowSays && !w.task.Removed {
		return domain.RefuseSameText
	}
	confirmed, err := w.checked(ctx, domain.CorrectionLead+text, kind)
	if err != nil {
		return err
	}
	id, err := w.q.InsertCorrection(ctx, db.InsertCorrectionParams{ReplyID: reply.ID, Text: clean(text), Why: w.inWhoseName(clean(why) + confirmed),
		Author: w.act.Hand.Login, At: stamp(w.act.At)})
	if err != nil {
		return fmt.Errorf("keep the correction: %w", err)
	}
	n, err := w.q.PutCorrections(ctx, db.PutCorrectionsParams{CorrectionID: id, Lead: domain.CorrectionLead, Text: clean(text), At: stamp(w.act.At),
		ReplyID: toInt8(reply.ID)})
	if err != nil {
		return fmt.Errorf("put it on its way: %w", err)
	}
	if n == 0 {
		return domain.RefuseNothingToCorrect
	}
	return nil
}

// notCorrected tells the body that a correction did not get through.
func notCorrected(ctx context.Context, q *db.Queries, c db.Case, d db.Delivery, words string, now time.Time) error {
	var p db.PutNoticesParams
	addNotice(&p, domain.Notice{Key: fmt.Sprintf("not_corrected:delivery:%d:%d", d.ID, d.Attempts), Kind: domain.NoticeFate, Region: c.Region, CaseID: c.ID,
		ToRole: string(domain.RoleCoordinator), ToAgency: c.AgencyID, At: now,
		Text: fmt.Sprintf("Исправление ответа по инциденту %s не доставлено: %s.", c.Number, words)}, now)
	_, err := q.PutNotices(ctx, p)
	return wrap("put the notice", err)
}

// readCorrections puts beside each answer what was corrected in it since.
func readCorrections(ctx context.Context, q *db.Queries, caseID int64, replies []domain.CaseReply) error {
	if len(replies) == 0 {
		return nil
	}
	rows, err := q.CorrectionsOf(ctx, caseID)
	if err != nil {
		return fmt.Errorf("read corrections: %w", err)
	}
	for _, r := range rows {
		for i := range replies {
			if replies[i].ID == r.ReplyID {
				replies[i].Corrections = append(replies[i].Corrections, domain.ReplyCorrection{Text: r.Text, Why: r.Why, Author: r.Author, At: moment(r.At)})
			}
		}
	}
	return nil
}
