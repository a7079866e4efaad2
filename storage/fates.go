package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// TellFates tells bodies of answers that were removed or written over at their
// platform, at most limit of them, and notes it in the cases. It returns how many. One
// that cannot be told stops no other, and is tried again.
func (s *Store) TellFates(ctx context.Context, now time.Time, limit int) (int, error) {
	told := 0
	var faults []error
	err := s.inTxRaw(ctx, "tell what became of answers", func(tx pgx.Tx, q *db.Queries) error {
		told, faults = 0, nil
		rows, err := q.FatesToTell(ctx, s.regions(), small(limit))
		if err != nil {
			return err
		}
		for _, r := range rows {
			err := inSavepoint(ctx, tx, func(q *db.Queries) error { return tellFate(ctx, q, r, now) })
			if endsAll(ctx, tx, err) {
				return err
			}
			if err != nil {
				faults = append(faults, fmt.Errorf("delivery %d: %w", r.ID, err))
				continue
			}
			told++
		}
		return nil
	})
	return told, errors.Join(append(faults, err)...)
}

func tellFate(ctx context.Context, q *db.Queries, r db.FatesToTellRow, now time.Time) error {
	fate := domain.Fate(r.Fate)
	why := fate.Words() + " на площадке " + platformWords(r.Platform)
	if err := q.NoteFate(ctx, db.NoteFateParams{CaseID: r.CaseID, At: stamp(now), Who: system, Why: "ответ " + why, Kind: r.Kind,
		Fate: r.Fate, Region: r.Region}); err != nil {
		return fmt.Errorf("note it in case %d: %w", r.CaseID, err)
	}
	if err := q.FateTold(ctx, r.ID); err != nil {
		return fmt.Errorf("mark it: %w", err)
	}
	var p db.PutNoticesParams
	addNotice(&p, domain.Notice{Key: fmt.Sprintf("answer_%s:delivery:%d:%d", fate, r.ID, moment(r.FateAt).Unix()), Kind: domain.NoticeFate,
		Region: r.Region, CaseID: r.CaseID, ToRole: string(domain.RoleCoordinator), ToAgency: r.AgencyID,
		Text: fmt.Sprintf("Ответ по инциденту %s %s. Посмотрите и, если нужно, исправьте ответ.", r.Number, why), At: now}, now)
	_, err := q.PutNotices(ctx, p)
	return wrap("put the notice", err)
}

func platformWords(p string) string {
	return map[string]string{"vk": "ВКонтакте", "telegram": "Telegram", "max": "MAX"}[p]
}

// notCorrected tells the body that a correction did not get through.
func notCorrected(ctx context.Context, q *db.Queries, c db.Case, d db.Delivery, words string, now time.Time) error {
	var p db.PutNoticesParams
	addNotice(&p, domain.Notice{Key: fmt.Sprintf("not_corrected:delivery:%d:%d", d.ID, d.Attempts), Kind: domain.NoticeFate, Region: c.Region, CaseID: c.ID,
		ToRole: string(domain.RoleCoordinator), ToAgency: c.AgencyID, At: now,
		Text: fmt.Sprintf("Исправление ответа по инциденту %s не доставлено: %s. Выбор — в поручении.", c.Number, words)}, now)
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
				replies[i].Corrections = append(replies[i].Corrections, domain.ReplyCorrection{Text: r.Text, Why: r.Why, Author: r.Author, Approver: r.Approver, At: moment(r.At)})
			}
		}
	}
	return nil
}
