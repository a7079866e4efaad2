package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// TellSoonSilent tells whoever has a case whose author was asked in the open and has not
// answered, once, within a time of its end: in private the bot reminds the author. It
// returns how many were told.
func (s *Store) TellSoonSilent(ctx context.Context, region string, within time.Duration, now time.Time) (int, error) {
	told := 0
	err := s.inTx(ctx, "tell of questions whose time is nearly over in "+region, func(q *db.Queries) error {
		told = 0
		rows, err := q.QuestionsSoonSilent(ctx, db.QuestionsSoonSilentParams{Now: stamp(now), Soon: stamp(now.Add(within)), Region: region, Most: cronAtOnce})
		if err != nil {
			return fmt.Errorf("find them: %w", err)
		}
		var p db.PutNoticesParams
		for _, r := range rows {
			if !moment(r.DeliveredAt).Before(moment(r.DueAt).Add(-within)) {
				continue // they had no longer from the first
			}
			told++
			n := domain.Notice{Key: fmt.Sprintf("still_asked:question:%d", r.ID), Kind: domain.NoticeStillAsked, Region: region, CaseID: r.CaseID,
				ToRole: string(domain.RoleCoordinator), ToAgency: r.AgencyID, At: now,
				Text: fmt.Sprintf("Инцидент %s: автор ещё не ответил на вопрос. Ждём %s, потом поручение вернётся в работу. Срок прежний.", r.Number, untilDay(r))}
			if r.AgencyID == "" {
				n.ToRole = string(domain.RoleAnalyst)
				n.Text = fmt.Sprintf("Инцидент %s: автор ещё не ответил на вопрос. Ждём %s, потом инцидент закроется: мало сведений.", r.Number, untilDay(r))
			}
			addNotice(&p, n, now)
		}
		return putSome(ctx, q, p, told)
	})
	return told, err
}

// untilDay names the last day on which an author may answer.
func untilDay(r db.QuestionsSoonSilentRow) string {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	return "до " + domain.DateOf(moment(r.DueAt).Add(-time.Second), zone).Words() + " включительно"
}

// RemindProposals tells heads, and whoever proposed it, of corrections that have waited
// since before a moment, once a day of the zone. One that nobody could decide any
// more for as long ends, and its author is told. It returns how many of each.
func (s *Store) RemindProposals(ctx context.Context, region string, before, now time.Time, zone *time.Location) (waiting, ended int, err error) {
	err = s.inTx(ctx, "remind of corrections in "+region, func(q *db.Queries) error {
		rows, err := q.ProposalsUndecided(ctx, db.ProposalsUndecidedParams{Region: region, Before: stamp(before), States: givenStates(), Most: cronAtOnce})
		if err != nil {
			return fmt.Errorf("find them: %w", err)
		}
		gone, err := q.EndStaleProposals(ctx, db.EndStaleProposalsParams{Who: system, At: stamp(now), Region: region, Before: stamp(before)})
		if err != nil {
			return fmt.Errorf("end those that nobody can decide: %w", err)
		}
		var p db.PutNoticesParams
		tell := func(key string, kind domain.NoticeKind, caseID int64, role, agency, text string) {
			addNotice(&p, domain.Notice{Key: key, Kind: kind, Region: region, CaseID: caseID, ToRole: role, ToAgency: agency, Text: text, At: now}, now)
		}
		for _, r := range rows {
			since := domain.DateOf(moment(r.At), zone)
			key := fmt.Sprintf("proposal_waits:%d:%s", r.ID, domain.DateOf(now, zone))
			tell(key+":head", domain.NoticeApproval, r.CaseID, string(domain.RoleHead), r.AgencyID,
				fmt.Sprintf("Инцидент %s: исправление ответа всё ещё ждёт согласования, с %s.", r.Number, since.Words()))
			tell(key+":author", domain.NoticeApproval, r.CaseID, domain.ToPerson(r.Author), r.AgencyID,
				fmt.Sprintf("Инцидент %s: Ваше исправление ответа ещё не согласовано. Руководителю напомнили; отозвать исправление можно в поручении.", r.Number))
		}
		for _, r := range gone {
			tell(fmt.Sprintf("proposal_stale:%d", r.ID), domain.NoticeRework, r.CaseID, domain.ToPerson(r.Author), r.AgencyID, staleWords(r.Number))
		}
		waiting, ended = len(rows), len(gone)
		return putSome(ctx, q, p, waiting+ended)
	})
	return waiting, ended, err
}

// staleWords are for who proposed a correction that nobody can decide any more.
func staleWords(number string) string {
	return fmt.Sprintf("Инцидент %s: Ваше исправление ответа устарело: его не успели согласовать. Если оно ещё нужно, предложите снова.", number)
}

func putSome(ctx context.Context, q *db.Queries, p db.PutNoticesParams, n int) error {
	if n == 0 {
		return nil
	}
	_, err := q.PutNotices(ctx, p)
	return wrap("put notices", err)
}
