package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// planPosts is a page of a flood that is read to answer it.
const planPosts = 1000

// PlanReplies asks decide where the approved answers of a region go, at most
// limit of them in the order of their approval, and writes the deliveries. An
// answer that has no way brings its case to «Не доставлено» with the reason. It
// returns how many were planned; while another process plans the region, none.
// decide must be pure. One transaction.
func (s *Store) PlanReplies(ctx context.Context, region string, now time.Time, limit int, decide func(domain.ReplyToPlan) domain.DeliveryPlan) (int, error) {
	planned := 0
	var faults []error
	err := s.inTxRaw(ctx, "plan replies of "+region, func(tx pgx.Tx, q *db.Queries) error {
		planned, faults = 0, nil
		mine, err := q.LockPlanning(ctx, region)
		if err != nil || !mine {
			return err
		}
		rows, err := q.RepliesToPlan(ctx, region, small(limit))
		if err != nil {
			return err
		}
		for _, r := range rows {
			done, err := planApart(ctx, tx, r, now, decide)
			if endsAll(ctx, tx, err) {
				return err
			}
			if err != nil { // the others' answers do not wait for it
				faults = append(faults, fmt.Errorf("reply %d: %w", r.ID, err))
				done, err = true, planFailed(ctx, q, r, now)
			}
			if err != nil {
				return fmt.Errorf("reply %d: %w", r.ID, err)
			}
			if done {
				planned++
			}
		}
		return nil
	})
	return planned, errors.Join(append(faults, err)...)
}

// planApart plans one answer in a savepoint.
func planApart(ctx context.Context, tx pgx.Tx, r db.RepliesToPlanRow, now time.Time, decide func(domain.ReplyToPlan) domain.DeliveryPlan) (done bool, err error) {
	err = inSavepoint(ctx, tx, func(q *db.Queries) error {
		done, err = planReply(ctx, q, r, now, decide)
		return err
	})
	return done, err
}

// planFailed gives an answer that cannot be planned to a person.
func planFailed(ctx context.Context, q *db.Queries, of db.RepliesToPlanRow, now time.Time) error {
	c, err := q.LockCase(ctx, of.CaseID)
	if err != nil {
		return fmt.Errorf("lock the case: %w", err)
	}
	if err := q.MarkPlanned(ctx, db.MarkPlannedParams{At: stamp(now), Words: wordsPlanFailed, LeftOut: []byte("[]"), Others: []byte("[]"), ID: of.ID}); err != nil {
		return fmt.Errorf("note that it cannot be planned: %w", err)
	}
	return notDelivered(ctx, q, c, wordsPlanFailed, now)
}

const wordsPlanFailed = "внутренняя ошибка: не удалось решить, куда отправить ответ; подробности в журнале процесса"

// planReply locks the case first, as whoever works on it does.
func planReply(ctx context.Context, q *db.Queries, of db.RepliesToPlanRow, now time.Time, decide func(domain.ReplyToPlan) domain.DeliveryPlan) (bool, error) {
	c, err := q.LockCase(ctx, of.CaseID)
	if err != nil {
		return false, fmt.Errorf("lock the case: %w", err)
	}
	r, err := q.LockReply(ctx, of.ID)
	if err != nil {
		return false, fmt.Errorf("lock the answer: %w", err)
	}
	if r.State != "approved" || r.PlannedAt.Valid {
		return false, nil // given by hand or taken back meanwhile
	}
	in := domain.ReplyToPlan{ReplyID: r.ID, CaseID: c.ID, Number: c.Number, Region: c.Region, Body: c.AgencyID,
		Kind: domain.ReplyKind(r.Kind), Text: r.Text, Wanted: r.WantedPlace, Approved: moment(r.DecidedAt)}
	if in.Dead, err = q.DeadAccounts(ctx, c.Region); err != nil {
		return false, fmt.Errorf("read which accounts are dead: %w", err)
	}
	if in.Posts, err = conversation(ctx, q, c.ID); err != nil {
		return false, fmt.Errorf("read the conversation: %w", err)
	}
	if in.Private = r.PrivateOf.Valid; in.Private {
		reader, err := q.ReaderOf(ctx, r.PrivateOf.Int64)
		if err != nil && !noRows(err) {
			return false, fmt.Errorf("read whom the answer was looked at for: %w", err)
		}
		in.Reader, in.ReaderOn = reader.AuthorID, domain.Platform(reader.Platform)
	}
	return true, writePlan(ctx, q, c, r, decide(in), now)
}

// conversation is all of a case: whoever wrote last in a flood is answered too.
func conversation(ctx context.Context, q *db.Queries, caseID int64) ([]domain.PlanPost, error) {
	var all []domain.PlanPost
	p := db.PlanPostsParams{CaseID: caseID, After: pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, Most: planPosts}
	for {
		rows, err := q.PlanPosts(ctx, p)
		if err != nil {
			return nil, err
		}
		page, err := convertAll(rows, toPlanPost)
		if all = append(all, page...); err != nil || len(rows) < planPosts {
			return all, err
		}
		last := rows[len(rows)-1]
		p.After, p.AfterPost = last.AttachedAt, last.PostID
	}
}

func toPlanPost(r db.PlanPostsRow) (domain.PlanPost, error) {
	p := domain.PlanPost{ID: domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment},
		Kind: domain.PostKind(r.Kind), Author: domain.Author{ID: r.AuthorID, Name: r.AuthorName, Org: r.AuthorOrg},
		Source: domain.SourceKind(r.SourceKind), Address: r.Address, Gone: r.Gone, Silent: r.Silent}
	if len(r.ChatKey) > 0 {
		p.Chat = chatName(r.ChatKey)
	}
	var known refs
	if err := fromJSON("refs", r.Refs, &known); err != nil {
		return p, err
	}
	if known.Thread != nil {
		p.Thread = *known.Thread
	}
	return p, nil
}

func writePlan(ctx context.Context, q *db.Queries, c db.Case, r db.Reply, plan domain.DeliveryPlan, now time.Time) error {
	left, err := listJSON("places left out", plan.Left)
	if err != nil {
		return err
	}
	others, err := listJSON("other ways", plan.Others)
	if err != nil {
		return err
	}
	if err := q.UnmainDeliveries(ctx, toInt8(r.ID)); err != nil {
		return fmt.Errorf("set old deliveries aside: %w", err)
	}
	perhaps := false
	for _, d := range plan.Deliveries {
		if d.Main {
			n, err := q.PerhapsSaid(ctx, db.PerhapsSaidParams{Reason: domain.ReasonPerhaps, Words: domain.PerhapsWords, Key: d.Key, Account: d.Account})
			if err != nil {
				return fmt.Errorf("look at earlier tries of answer %d: %w", r.ID, err)
			}
			if perhaps = n > 0; perhaps {
				plan.Words = domain.PerhapsWords
				continue
			}
		}
		if _, err := q.PutDelivery(ctx, db.PutDeliveryParams{Key: d.Key, Region: c.Region, CaseID: toInt8(c.ID), ReplyID: toInt8(r.ID),
			Platform: string(d.Platform), Way: string(d.Way), Account: d.Account, AccountID: toInt8(d.SpeakID),
			Owner: d.To.Owner, Post: d.To.Post, Comment: commentOf(d.To), Chat: d.Chat, Thread: d.Thread,
			GapMs: small(int(d.Gap.Milliseconds())), Text: clean(d.Text), Main: d.Main, Repeatable: d.Repeatable,
			Why: clean(d.Words), At: stamp(now)}); err != nil {
			return fmt.Errorf("write a delivery of answer %d: %w", r.ID, err)
		}
	}
	if err := q.MarkPlanned(ctx, db.MarkPlannedParams{At: stamp(now), Words: clean(plan.Words), LeftOut: left, Others: others, ID: r.ID}); err != nil {
		return fmt.Errorf("note the plan: %w", err)
	}
	if len(plan.Deliveries) > 0 && !perhaps {
		return nil
	}
	return notDelivered(ctx, q, c, plan.Words, now)
}

// tellUnanswered tells the body and the control centre of authors whom a private answer
// did not reach: somebody who joined after it was approved for another alone.
func tellUnanswered(ctx context.Context, q *db.Queries, c db.Case, r db.Reply, now time.Time) error {
	var left []domain.LeftOut
	if err := fromJSON("places left out", r.PlanLeft, &left); err != nil {
		return err
	}
	if !slices.ContainsFunc(left, func(l domain.LeftOut) bool { return l.Reason == domain.ReasonPrivate }) {
		return nil
	}
	var p db.PutNoticesParams
	for _, role := range [...]domain.Role{domain.RoleCoordinator, domain.RoleAnalyst, domain.RoleController} {
		n := domain.Notice{Key: fmt.Sprintf("unanswered:reply:%d:%s", r.ID, role), Kind: domain.NoticeSendFailed, Region: c.Region, CaseID: c.ID,
			ToRole: string(role), At: now,
			Text: fmt.Sprintf("Инцидент %s: ответ согласован как личный и дошёл до одного автора. Другие, кто написал о том же, ответа не получили: их сообщения можно отделить в новый инцидент на карточке.", c.Number)}
		if role == domain.RoleCoordinator {
			n.ToAgency = c.AgencyID
		}
		addNotice(&p, n, now)
	}
	_, err := q.PutNotices(ctx, p)
	return wrap("tell who was not answered", err)
}

// notDelivered brings a case that waits for its answer to a person. Elsewhere
// (a deferred task whose author was to be told) the answer itself shows it.
func notDelivered(ctx context.Context, q *db.Queries, c db.Case, words string, now time.Time) error {
	text := fmt.Sprintf("Ответ по инциденту %s не доставлен: %s.", c.Number, words)
	notice := domain.Notice{Key: fmt.Sprintf("send_failed:case:%d:round:%d:version:%d", c.ID, c.Round, c.Version), Kind: domain.NoticeSendFailed,
		Region: c.Region, CaseID: c.ID, ToRole: string(domain.RoleCoordinator), ToAgency: c.AgencyID, Text: clean(text), At: now}
	var p db.PutNoticesParams
	addNotice(&p, notice, now)
	if _, err := q.PutNotices(ctx, p); err != nil {
		return fmt.Errorf("put the notice: %w", err)
	}
	if c.State != string(domain.Publishing) {
		return nil
	}
	_, err := writeChange(ctx, q, c, domain.CaseChange{To: domain.SendFailed, Who: domain.DoerSystem, Why: words, At: now})
	return wrap("move the case", err)
}
