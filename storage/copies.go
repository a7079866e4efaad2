package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// copyEnded: an author's own copy, or a correction, has arrived, or will not. The answer
// stands as it is; one that was lost is written into the history and told to the body.
func copyEnded(ctx context.Context, q *db.Queries, c db.Case, d db.Delivery, end domain.DeliveryEnd, now time.Time) error {
	if end.State == domain.DeliveryWaiting {
		return nil
	}
	if err := q.LookAfterCopy(ctx, stamp(now), c.ID, d.Chat); err != nil {
		return fmt.Errorf("look at its author's dialog: %w", err)
	}
	if end.State != domain.DeliveryFailed && end.State != domain.DeliveryUnclear {
		return nil
	}
	if end.Gone { // no platform tells of it in time, Telegram never; the body hears by the correction
		if err := q.MessageGone(ctx, db.MessageGoneParams{At: stamp(now), ReplyID: d.ReplyID, Platform: d.Platform, Owner: d.Owner, Message: d.Edits}); err != nil {
			return fmt.Errorf("note that the answer is gone: %w", err)
		}
	}
	what, err := copyName(ctx, q, d)
	if err != nil {
		return err
	}
	failed := " не доставлена автору в личные сообщения: "
	if d.CorrectionID.Valid {
		failed = " не доставлено: "
	}
	why := what + failed + end.Words
	if err := noteCopy(ctx, q, db.NoteFateParams{CaseID: c.ID, Region: c.Region, At: stamp(now), Who: system, Why: why, Fate: string(end.State)}); err != nil {
		return err
	}
	if d.CorrectionID.Valid {
		return notCorrected(ctx, q, c, d, end.Words, now)
	}
	return tellLost(ctx, q, c, d, now)
}

// copyName is what a copy or a correction is called in the history.
func copyName(ctx context.Context, q *db.Queries, d db.Delivery) (string, error) {
	if d.Way == string(domain.WayPublic) {
		return "исправление ответа под сообщением", nil
	}
	n, err := q.CopyNumber(ctx, d.ReplyID, d.ID)
	if err != nil {
		return "", fmt.Errorf("number the copy: %w", err)
	}
	if d.CorrectionID.Valid {
		return fmt.Sprintf("исправление ответа в личных сообщениях (копия %d)", n), nil
	}
	return fmt.Sprintf("копия %d ответа", n), nil
}

// tellLost tells the body once a day and answer, however many copies a dead token
// loses; of one that a person sent again in any case.
func tellLost(ctx context.Context, q *db.Queries, c db.Case, d db.Delivery, now time.Time) error {
	key := fmt.Sprintf("copy_lost:reply:%d:%s", d.ReplyID.Int64, now.UTC().Format(time.DateOnly))
	if d.TriesBefore > 0 {
		key = fmt.Sprintf("copy_lost:delivery:%d:%d", d.ID, d.TriesBefore)
	}
	var p db.PutNoticesParams
	addNotice(&p, domain.Notice{Key: key, Kind: domain.NoticeFate, Region: c.Region, CaseID: c.ID, ToRole: string(domain.RoleCoordinator), ToAgency: c.AgencyID, At: now,
		Text: fmt.Sprintf("Инцидент %s: копия ответа не дошла до автора, который писал в личные сообщения. Причина и выбор — в поручении.", c.Number)}, now)
	_, err := q.PutNotices(ctx, p)
	return wrap("put the notice", err)
}

func noteCopy(ctx context.Context, q *db.Queries, p db.NoteFateParams) error {
	p.Kind, p.Why = "copy", clean(p.Why)
	return wrap("note it in the case", q.NoteFate(ctx, p))
}

// DecideCopy is what a person does about a copy that did not reach its author: it is
// sent again, noted as told another way, or let be. The case and its version do not
// move.
func (s *Store) DecideCopy(ctx context.Context, act domain.Act, d domain.CopyDecision) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("decide about copy %d of case %d", d.Delivery, act.CaseID), func(q *db.Queries) error {
		w, err := lockWork(ctx, q, act)
		if err != nil {
			return err
		}
		if w.duty, err = w.task.May(domain.StepCopy, act.Hand); err != nil {
			return err
		}
		lost, err := q.LockCopy(ctx, stamp(act.At.Add(-domain.EditableInDialog)), d.Delivery, toInt8(act.CaseID))
		if noRows(err) {
			return domain.RefuseNoLostCopy
		}
		if err != nil {
			return fmt.Errorf("find the copy: %w", err)
		}
		out = domain.Changed{Case: w.c}
		what, err := copyName(ctx, q, lost.Delivery)
		if err != nil {
			return err
		}
		words, state, err := w.decideCopy(ctx, lost, d)
		if err != nil {
			return err
		}
		return noteCopy(ctx, q, db.NoteFateParams{CaseID: w.c.ID, Region: w.c.Region, At: stamp(act.At), Who: act.Hand.Login,
			Why: w.inWhoseName(what + ": " + words), Fate: string(state)})
	})
	return out, err
}

// decideCopy returns what was decided, in words, and how the copy stands then.
func (w *work) decideCopy(ctx context.Context, lost db.LockCopyRow, d domain.CopyDecision) (string, domain.DeliveryState, error) {
	letBe := func(why string) error {
		return w.q.LetCopyBe(ctx, stamp(w.act.At), clean(why), lost.Delivery.ID)
	}
	now := domain.DeliveryState(lost.Delivery.State)
	switch d.Choice {
	case domain.CopyTold:
		if err := domain.CheckRework(d.Words); err != nil {
			return "", now, err
		}
		return "автору сообщили иначе: " + d.Words, now, letBe("сообщили иначе: " + d.Words)
	case domain.CopyLeave:
		return "оставлена недоставленной", now, letBe("решено оставить так")
	case domain.CopyAgain:
	default:
		return "", now, domain.RefuseUnknownStep
	}
	if lost.Silent {
		return "", now, domain.RefuseAuthorShut
	}
	if !lost.Late && !lost.Gone && (lost.Newest || !lost.Delivery.CorrectionID.Valid && lost.NowSays == lost.Reply.Text) {
		return "отправляется ещё раз", domain.DeliveryWaiting, w.q.CopyAgain(ctx, lost.Delivery.ID)
	}
	text, edits, err := w.copyAnew(lost)
	if err != nil {
		return "", now, err
	}
	if err := w.q.CopyAnew(ctx, db.CopyAnewParams{Text: clean(text), At: stamp(w.act.At), Edits: edits, ID: lost.Delivery.ID}); err != nil {
		return "", now, fmt.Errorf("write the copy anew: %w", err)
	}
	if lost.Gone {
		return "отправляется новым сообщением вместо удалённого", domain.DeliveryWaiting, letBe("прежнее сообщение удалено на площадке: отправлено новое")
	}
	if lost.Late {
		return "отправляется новым сообщением", domain.DeliveryWaiting, letBe("править прежнее сообщение площадка уже не даёт: отправлено новое")
	}
	return "отправляется исправленная", domain.DeliveryWaiting, letBe("вместо неё отправлена исправленная")
}

// copyAnew is what a copy says that goes out as its answer reads now, and the message
// that it edits, "" for one of its own.
func (w *work) copyAnew(lost db.LockCopyRow) (text, edits string, err error) {
	words := w.act.Rules.Words
	text = lost.NowSays
	if strings.Contains(lost.Delivery.Key, ":short") {
		if words.Short == nil {
			return "", "", errNoWords
		}
		text = words.Short(domain.ReplyKind(lost.Reply.Kind), w.c.Number, lost.NowSays)
	}
	if lost.Gone { // nothing stands there that it would correct
		return text, "", nil
	}
	if lost.Late || strings.HasPrefix(lost.Delivery.Text, words.CorrectionLead) {
		return words.CorrectionLead + text, "", nil
	}
	return text, lost.Delivery.Edits, nil
}
