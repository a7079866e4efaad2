package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// ClaimDelivery takes one delivery that is due; its attempt is written before it
// returns. The claim ends within the time given, by the database's clock: a
// sender that dies leaves it to LapseDeliveries. ok false: nothing is due.
func (s *Store) ClaimDelivery(ctx context.Context, within time.Duration) (d domain.Delivery, ok bool, err error) {
	return s.claim(ctx, within, []int64{})
}

func (s *Store) claim(ctx context.Context, within time.Duration, held []int64) (d domain.Delivery, ok bool, err error) {
	err = s.inTx(ctx, "claim a delivery", func(q *db.Queries) error {
		ok = false
		id, err := s.dueDelivery(ctx, q, held)
		if err != nil || id == 0 {
			return err
		}
		row, err := q.ClaimDelivery(ctx, within.Seconds(), id)
		if err != nil {
			return err
		}
		d, ok = toDelivery(row), true
		if d.Repeatable && d.Attempt > 1 {
			d.Known, err = q.SameWords(ctx, row.Chat, row.ID, row.Text)
		}
		return err
	})
	return d, ok, err
}

// kindStaff are deliveries to people of the desk.
const kindStaff = "staff"

func toDelivery(r db.Delivery) domain.Delivery {
	return domain.Delivery{Staff: r.Kind == kindStaff, ID: r.ID, Key: r.Key, Region: r.Region, CaseID: r.CaseID.Int64, ReplyID: r.ReplyID.Int64, DialogID: r.DialogID.Int64,
		Platform: domain.Platform(r.Platform), Way: domain.Way(r.Way), Account: r.Account, SpeakID: r.AccountID.Int64,
		To: deliveryTo(r), Chat: r.Chat, Text: r.Text, GUID: r.Guid.String(), RandomID: r.RandomID,
		Attempt: int(r.Attempts), Tries: int(r.Attempts - r.TriesBefore), Since: moment(r.CreatedAt), Repeatable: r.Repeatable, Edits: r.Edits}
}

func deliveryTo(r db.Delivery) domain.PostID {
	return domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}
}

// FinishDelivery notes how a try went, and when the answer's main delivery is
// over, what that means for the answer and its case. domain.ErrLeaseLost when the
// claim has lapsed and somebody else has dealt with it.
func (s *Store) FinishDelivery(ctx context.Context, end domain.DeliveryEnd, now time.Time) error {
	return s.inTx(ctx, fmt.Sprintf("note the try of delivery %d", end.ID), func(q *db.Queries) error {
		return s.endTry(ctx, q, end, string(end.State), now)
	})
}

// LapseDeliveries ends what nobody has an address for any more, and tries that were never heard of again: repeatable ones are
// tried again, the others are unclear and go to a person. It returns how many.
func (s *Store) LapseDeliveries(ctx context.Context, now time.Time, limit int) (int, error) {
	if _, err := s.queries().EndUnheld(ctx, stamp(now), stamp(now.Add(-recallWithin)), s.regions()); err != nil {
		return 0, named("end words that have no address", err)
	}
	rows, err := s.queries().LapsedDeliveries(ctx, s.regions(), small(limit))
	if err != nil {
		return 0, named("find lapsed tries", err)
	}
	var faults []error
	for _, r := range rows {
		err := s.inTx(ctx, fmt.Sprintf("end the lapsed try of delivery %d", r.ID), func(q *db.Queries) error {
			return s.endTry(ctx, q, domain.DeliveryEnd{ID: r.ID, Attempt: int(r.Attempts), State: domain.DeliveryWaiting, Reason: "lapsed",
				Words: "отправка прервалась", Perhaps: true}, "lapsed", now)
		})
		if err != nil && !errors.Is(err, domain.ErrLeaseLost) {
			faults = append(faults, err) // the others' tries end all the same
		}
	}
	return len(rows), errors.Join(faults...)
}

// endTry locks the case first, as whoever works on it does.
func (s *Store) endTry(ctx context.Context, q *db.Queries, end domain.DeliveryEnd, outcome string, now time.Time) error {
	if end.Blocked {
		if err := q.StopBlocked(ctx, end.ID); err != nil {
			return fmt.Errorf("stop the dialog: %w", err)
		}
	}
	of, err := q.DeliveryCase(ctx, end.ID)
	if err != nil {
		return err
	}
	if of.QuestionID.Valid {
		return s.questionTried(ctx, q, of.QuestionID.Int64, end, outcome, now)
	}
	if !of.ReplyID.Valid {
		row, end, err := noteTry(ctx, q, end, outcome, now, settledWord)
		if err == nil && row.Kind == kindStaff {
			return s.staffEnded(ctx, q, row, end, now)
		}
		if err == nil && questionLost(row, end) {
			err = wrap("let consent be asked for again", q.AskAgain(ctx, row.DialogID.Int64))
		}
		if err != nil || end.State != domain.DeliveryFailed || !end.Blocked {
			return err
		}
		// The author lets the bot write no more: nothing is said of its own accord until
		// they write again.
		if row.AnnouncementID.Valid { // nor is it to be asked about again
			if err := q.DropSubscriptions(ctx, row.DialogID.Int64, ""); err != nil {
				return fmt.Errorf("end the subscriptions: %w", err)
			}
		}
		return wrap("stop the dialog", q.StopDialog(ctx, row.DialogID.Int64))
	}
	c, err := q.LockCase(ctx, of.CaseID.Int64)
	if err != nil {
		return fmt.Errorf("lock the case: %w", err)
	}
	reply, err := q.LockReply(ctx, of.ReplyID.Int64)
	if err != nil {
		return fmt.Errorf("lock the answer: %w", err)
	}
	row, end, err := noteTry(ctx, q, end, outcome, now, func(end domain.DeliveryEnd, row db.Delivery) domain.DeliveryEnd {
		return settled(end, row, reply)
	})
	if err != nil {
		return err
	}
	return concludeReply(ctx, q, c, reply, row, end, now)
}

// settledWord: a word of the bot that cannot be repeated is not repeated.
func settledWord(end domain.DeliveryEnd, row db.Delivery) domain.DeliveryEnd {
	return settled(end, row, db.Reply{State: "approved"})
}

// noteTry writes how a try went; count says how it counts.
func noteTry(ctx context.Context, q *db.Queries, end domain.DeliveryEnd, outcome string, now time.Time,
	count func(domain.DeliveryEnd, db.Delivery) domain.DeliveryEnd,
) (db.Delivery, domain.DeliveryEnd, error) {
	row, err := q.LockTrying(ctx, end.ID, small(end.Attempt))
	if errors.Is(err, pgx.ErrNoRows) {
		return row, end, domain.ErrLeaseLost
	}
	if err != nil {
		return row, end, fmt.Errorf("lock the delivery: %w", err)
	}
	end = count(end, row)
	why := end.Words
	if row.InHand { // platforms name the chat in their refusals and in the ids of messages
		end = inHandEnd(end)
	}
	if outcome != "lapsed" {
		outcome = string(end.State)
	}
	if err := q.EndAttempt(ctx, db.EndAttemptParams{Outcome: outcome, Code: small(end.Code), Words: clean(end.Words), DeliveryID: row.ID, N: row.Attempts}); err != nil {
		return row, end, fmt.Errorf("end the attempt: %w", err)
	}
	p := db.EndDeliveryParams{ID: row.ID, State: string(end.State), PlatformID: clean(end.Message), Reason: end.Reason, Words: clean(end.Words),
		WaitSeconds: end.Wait.Seconds(), Perhaps: end.Perhaps}
	if end.State != domain.DeliveryWaiting {
		p.OverAt = stamp(now)
	}
	if _, err := q.EndDelivery(ctx, p); err != nil {
		return row, end, fmt.Errorf("end the delivery: %w", err)
	}
	if end.Broken != "" && row.AccountID.Valid {
		if err := q.BreakAccount(ctx, clean(end.Broken), row.AccountID.Int64); err != nil {
			return row, end, fmt.Errorf("mark the account: %w", err)
		}
	}
	if end.PauseFor > 0 {
		account := domain.AccountKey(domain.Platform(row.Platform), row.Account)
		if end.PauseWay {
			account += ":" + row.Way
		}
		if err := q.PauseAccount(ctx, db.PauseAccountParams{Account: account, Seconds: end.PauseFor.Seconds(),
			Why: clean(why), Reason: end.Reason}); err != nil {
			return row, end, fmt.Errorf("pause the account: %w", err)
		}
	}
	if end.Reason == domain.ReasonCaptcha {
		return row, end, tellCaptcha(ctx, q, row, why, now)
	}
	return row, end, nil
}

// tellCaptcha tells the administrators what only a person can do, once an hour: so long
// the account writes nothing.
func tellCaptcha(ctx context.Context, q *db.Queries, d db.Delivery, why string, now time.Time) error {
	account := domain.AccountKey(domain.Platform(d.Platform), d.Account)
	var p db.PutNoticesParams
	addNotice(&p, domain.Notice{Key: fmt.Sprintf("captcha:%s:%d", account, now.Truncate(time.Hour).Unix()), Kind: domain.NoticePartition,
		Region: d.Region, ToRole: string(domain.RoleAdministrator), At: now,
		Text: fmt.Sprintf("Сообщество %s на площадке %s ничего не пишет: %s. Откройте ссылку под его учётной записью; следующая попытка — через час.",
			d.Account, platformWords(d.Platform), clean(why))}, now)
	_, err := q.PutNotices(ctx, p)
	return wrap("tell of the captcha", err)
}

// settled is the end as it counts: what is not approved any more is not tried
// again, what cannot be repeated is not repeated, and what may have been said is not
// said again by another account.
func settled(end domain.DeliveryEnd, row db.Delivery, reply db.Reply) domain.DeliveryEnd {
	if end.Another && row.Perhaps && row.Main {
		end.Another, end.Reason = false, domain.ReasonPerhaps
		end.Words = strings.TrimSuffix(end.Words, ".") + "; " + domain.PerhapsWords
	}
	if end.State == domain.DeliveryFailed && row.Main && end.Reason != domain.ReasonPerhaps && (row.Perhaps || end.Perhaps) {
		end.Words = strings.TrimSuffix(end.Words, ".") + "; " + domain.MayStandWords
	}
	if end.State != domain.DeliveryWaiting {
		return end
	}
	if end.Reason == "lapsed" && !row.Repeatable && row.Edits == "" { // an edit may be made twice
		end.State, end.Reason = domain.DeliveryUnclear, "unclear_lapsed"
		end.Words = "неизвестно, дошло ли сообщение: отправка прервалась. Посмотрите на площадке, прежде чем отправлять ещё раз"
		return end
	}
	// A short copy to one of several authors goes on after the public answer was given.
	if reply.State != "approved" && (row.Main || reply.State != "published") {
		end.State, end.Reason, end.Words = domain.DeliveryCancelled, "recalled", "ответ дан вручную или взят обратно"
	}
	return end
}

// concludeReply: the main delivery has reached its author, or will not.
func concludeReply(ctx context.Context, q *db.Queries, c db.Case, reply db.Reply, d db.Delivery, end domain.DeliveryEnd, now time.Time) error {
	if d.Copy {
		return copyEnded(ctx, q, c, d, end, now)
	}
	if !d.Main || reply.State != "approved" {
		return nil
	}
	switch end.State {
	case domain.Delivered:
		return published(ctx, q, c, reply, now)
	case domain.DeliveryFailed, domain.DeliveryUnclear:
		if end.Another && d.AccountID.Valid { // the region's account may speak there: planned anew, for the same place
			return wrap("plan the answer anew", q.PlanAgain(ctx, d.Key, stamp(now), reply.ID))
		}
		return notDelivered(ctx, q, c, end.Words, now)
	}
	return nil
}

// published brings the case on: a final answer to the satisfaction step, an
// interim one back to execution, where the final one is still due (R4).
func published(ctx context.Context, q *db.Queries, c db.Case, reply db.Reply, now time.Time) error {
	if err := q.PublishReply(ctx, stamp(now), reply.ID); err != nil {
		return fmt.Errorf("publish the answer: %w", err)
	}
	ch := domain.CaseChange{Who: domain.DoerSystem, At: now, Why: "ответ доставлен автору"}
	if err := tellUnanswered(ctx, q, c, reply, now); err != nil {
		return err
	}
	if !c.FirstReactionAt.Valid {
		ch.ReactionAt = &now
	}
	if reply.Kind == string(domain.ReplyInterim) {
		ch.Why = "промежуточный ответ доставлен автору"
		waits, err := q.FinalWaits(ctx, c.ID, c.Round)
		if err != nil {
			return fmt.Errorf("look for a final answer: %w", err)
		}
		if c.State == string(domain.Publishing) && !waits {
			ch.To = domain.Execution
		}
	} else if c.State == string(domain.Publishing) && reply.Round == c.Round {
		outcome := domain.Outcome(reply.Outcome)
		ch.To, ch.Outcome = domain.Satisfaction, &outcome
	}
	_, err := writeChange(ctx, q, c, ch)
	return wrap("move the case", err)
}

// DeliveryCount is how many deliveries of a platform are in a state.
type DeliveryCount struct {
	Region   string
	Platform domain.Platform
	State    domain.DeliveryState
	Staff    bool // to people of the desk
	N        int64
}

// DeliveryCounts counts deliveries, for metrics.
func (s *Store) DeliveryCounts(ctx context.Context) ([]DeliveryCount, error) {
	rows, err := s.queries().DeliveryCounts(ctx)
	if err != nil {
		return nil, named("count deliveries", err)
	}
	out := make([]DeliveryCount, len(rows))
	for i, r := range rows {
		out[i] = DeliveryCount{Region: r.Region, Platform: domain.Platform(r.Platform), State: domain.DeliveryState(r.State), Staff: r.Staff, N: r.N}
	}
	return out, nil
}
