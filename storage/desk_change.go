package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// ChangeCase writes one decision of a person about a case in their scope.
// domain.ErrNotFound when they do not see it; *domain.Stale when it is not at
// the version they saw; *domain.Taken when a colleague has it in hand;
// domain.ErrNoMove when the state table refuses the move.
func (s *Store) ChangeCase(ctx context.Context, sc domain.Scope, ch domain.CaseChange) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("change case %d", ch.CaseID), func(q *db.Queries) error {
		var err error
		out, err = changeCase(ctx, q, sc, ch)
		return err
	})
	return out, err
}

func changeCase(ctx context.Context, q *db.Queries, sc domain.Scope, ch domain.CaseChange) (domain.Changed, error) {
	return changeCaseAnd(ctx, q, sc, ch, func(*undoable) error { return nil })
}

// changeCaseAnd does something more in the same change, to be taken back with it.
func changeCaseAnd(ctx context.Context, q *db.Queries, sc domain.Scope, ch domain.CaseChange, more func(*undoable) error) (domain.Changed, error) {
	row, err := lockVersion(ctx, q, sc, ch.CaseID, ch.Version)
	if err != nil {
		return domain.Changed{}, err
	}
	if err := caseFree(ctx, q, row, ch.Who); err != nil {
		return domain.Changed{}, err
	}
	undo := undoable{scope: sc, who: ch.Who, words: ch.Undo, window: domain.UndoWindow, notices: ch.Notices}
	if err := undo.begin(ctx, q, row.ID, nil); err != nil {
		return domain.Changed{}, err
	}
	if err := leaveDeferral(ctx, q, row, &ch); err != nil {
		return domain.Changed{}, err
	}
	after, err := writeChange(ctx, q, row, ch)
	if err != nil {
		return domain.Changed{}, err
	}
	if err := followChange(ctx, q, row, after, ch, undo.id); err != nil {
		return domain.Changed{}, err
	}
	if err := more(&undo); err != nil {
		return domain.Changed{}, err
	}
	if err := undo.end(ctx, q); err != nil {
		return domain.Changed{}, err
	}
	c, err := toCase(after)
	return domain.Changed{Case: c, UndoID: undo.id}, err
}

// leaveDeferral: what a body has asked of the controller goes with it when its case
// is given to another; the request itself is closed by trigger.
func leaveDeferral(ctx context.Context, q *db.Queries, row db.Case, ch *domain.CaseChange) error {
	if ch.Agency == nil || *ch.Agency == row.AgencyID || row.ForController == "" || ch.ForControl != nil {
		return nil
	}
	d, err := q.OpenDeferral(ctx, row.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		ch.ForControl = withoutDeferral(row.ForController, d)
	}
	return wrap("read what the controller was asked", err)
}

// lockVersion locks a case that its reader sees and that is as they saw it.
func lockVersion(ctx context.Context, q *db.Queries, sc domain.Scope, id, version int64) (db.Case, error) {
	row, err := q.LockSeen(ctx, lockSeen(sc, id))
	if err != nil {
		return row, err
	}
	if row.Version != version {
		return row, stale(ctx, q, row)
	}
	return row, nil
}

// lockCase is lockVersion for whoever needs the case alone.
func lockCase(ctx context.Context, q *db.Queries, sc domain.Scope, seen domain.CaseSeen) (domain.Case, error) {
	row, err := lockVersion(ctx, q, sc, seen.ID, seen.Version)
	if err != nil {
		return domain.Case{}, err
	}
	return toCase(row)
}

// stale tells what happened to a case meanwhile.
func stale(ctx context.Context, q *db.Queries, row db.Case) error {
	last, err := q.LastLine(ctx, row.ID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read what happened: %w", err)
	}
	return &domain.Stale{CaseID: row.ID, Number: row.Number, State: domain.State(row.State),
		Who: last.Who, What: last.What, Why: last.Why, At: moment(last.At)}
}

// writeChange puts the fields named into the row. The trigger does not see a
// move onto the same state, so the state table is asked here too.
func writeChange(ctx context.Context, q *db.Queries, row db.Case, ch domain.CaseChange) (db.Case, error) {
	if ch.To != "" {
		if err := domain.CanMove(domain.State(row.State), ch.To); err != nil {
			return row, err
		}
		row.State = string(ch.To)
	}
	if err := setFields(&row, ch); err != nil {
		return row, err
	}
	row.ChangedBy, row.ChangedWhy, row.UpdatedAt = ch.Who, clean(ch.Why), stamp(ch.At)
	if ch.Why != "" {
		row.Reason = clean(ch.Why)
	}
	after, err := writeRow(ctx, q, row)
	if err == nil && (ch.To == domain.Satisfaction || ch.To == domain.Clarifying) {
		err = wrap("have its posts looked at", q.WatchCase(ctx, stamp(ch.At), row.ID))
	}
	return after, err
}

func setFields(row *db.Case, ch domain.CaseChange) error {
	if ch.Place != nil {
		place, err := toJSON("place", *ch.Place)
		if err != nil {
			return err
		}
		row.Place, row.Municipality = place, ch.Place.Municipality
	}
	if d := ch.Deadline; d != nil {
		row.Days, row.DueAt, row.ControlAt, row.DeadlineReason = small(d.Days), stamp(d.Due), stamp(d.Control), clean(d.Reason)
		row.Overdue = d.Overdue(ch.At)
	}
	if d := ch.Dispute; d != nil {
		row.TermDispute = nil
		if d.Why != "" {
			b, err := toJSON("term dispute", *d)
			if err != nil {
				return err
			}
			row.TermDispute = b
		}
	}
	if ch.Row != nil {
		row.DecreeRow = small(*ch.Row)
	}
	set(&row.Topic, ch.Topic)
	set(&row.AgencyID, ch.Agency)
	set(&row.ProposedAgency, ch.Proposed)
	set(&row.RouteWhy, ch.RouteWhy)
	set(&row.Urgent, ch.Urgent)
	set(&row.Restricted, ch.Restricted)
	set(&row.ForController, ch.ForControl)
	set(&row.KindOfCase, (*string)(ch.Nature))
	set(&row.Outcome, (*string)(ch.Outcome))
	set(&row.ClosingReason, (*string)(ch.Closing))
	set(&row.PosNumber, ch.POS)
	set(&row.SedNumber, ch.SED)
	setTime(&row.RegisteredAt, ch.RegisteredAt)
	setTime(&row.PutAsideUntil, ch.AsideUntil)
	setTime(&row.FirstReactionAt, ch.ReactionAt)
	setID(&row.ExecutorID, ch.ExecutorID)
	setID(&row.StoryID, ch.StoryID)
	return nil
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func setTime(to *pgtype.Timestamptz, from *time.Time) {
	if from != nil {
		*to = stamp(*from)
	}
}

func setID(to *pgtype.Int8, from *int64) {
	if from != nil {
		*to = pgtype.Int8{Int64: *from, Valid: *from != 0}
	}
}

func writeRow(ctx context.Context, q *db.Queries, row db.Case) (db.Case, error) {
	return q.WriteCase(ctx, db.WriteCaseParams{
		ID: row.ID, State: row.State, DecreeRow: row.DecreeRow, Topic: row.Topic, Municipality: row.Municipality, Place: row.Place,
		AgencyID: row.AgencyID, ProposedAgency: row.ProposedAgency, RouteWhy: clean(row.RouteWhy), Urgent: row.Urgent,
		Restricted: row.Restricted, Days: row.Days, DueAt: row.DueAt, ControlAt: row.ControlAt, DeadlineReason: row.DeadlineReason,
		Overdue: row.Overdue, Posts: row.Posts, Reach: row.Reach, Reason: row.Reason, RegisteredAt: row.RegisteredAt,
		KindOfCase: row.KindOfCase, Outcome: row.Outcome, ClosingReason: row.ClosingReason, ExecutorID: row.ExecutorID,
		PutAsideUntil: row.PutAsideUntil, FirstReactionAt: row.FirstReactionAt, PosNumber: clean(row.PosNumber),
		SedNumber: clean(row.SedNumber), StoryID: row.StoryID, JoinedTo: row.JoinedTo, ForController: row.ForController, TermDispute: row.TermDispute,
		UpdatedAt: row.UpdatedAt, ChangedBy: row.ChangedBy, ChangedWhy: row.ChangedWhy,
	})
}

// followChange writes what a change brings along: the example, the decision
// about a send-back, notices that wait the moment out.
func followChange(ctx context.Context, q *db.Queries, before, after db.Case, ch domain.CaseChange, undoID int64) error {
	if ch.Example {
		if err := keepExample(ctx, q, before, after, ch, undoID); err != nil {
			return err
		}
	}
	if before.State == string(domain.Returned) && after.State != before.State {
		if err := decideSendBack(ctx, q, before, after, ch); err != nil {
			return err
		}
	}
	return putWaiting(ctx, q, ch)
}

func keepExample(ctx context.Context, q *db.Queries, before, after db.Case, ch domain.CaseChange, undoID int64) error {
	kind := domain.Problem
	if after.State == string(domain.Rejected) {
		kind = domain.Other
	}
	return wrap("keep an example", q.KeepExample(ctx, db.KeepExampleParams{
		Region: before.Region, CaseID: toInt8(before.ID),
		FromRow: before.DecreeRow, FromTopic: before.Topic, FromMunicipality: before.Municipality, FromAgency: before.ProposedAgency,
		ToKind: string(kind), ToRow: after.DecreeRow, ToTopic: after.Topic, ToMunicipality: after.Municipality, ToAgency: after.ProposedAgency,
		Who: ch.Who, At: stamp(ch.At), UndoID: toInt8(undoID),
	}))
}

func decideSendBack(ctx context.Context, q *db.Queries, before, after db.Case, ch domain.CaseChange) error {
	p := db.DecideSendBackParams{CaseID: before.ID, Decision: "reassigned", ToAgency: after.AgencyID, Who: ch.Who, At: stamp(ch.At)}
	switch {
	case after.State == string(domain.Rejected):
		p.Decision, p.ToAgency = "rejected", ""
	case after.AgencyID == before.AgencyID:
		p.Decision = "kept"
	}
	return wrap("decide the send-back", q.DecideSendBack(ctx, p))
}

// putWaiting queues notices; those of a change that can be taken back wait the
// moment out.
func putWaiting(ctx context.Context, q *db.Queries, ch domain.CaseChange) error {
	if len(ch.Notices) == 0 {
		return nil
	}
	at := ch.At
	if ch.Undo != "" {
		at = at.Add(max(ch.Wait, domain.UndoWindow))
	}
	var p db.PutNoticesParams
	for _, n := range ch.Notices {
		n.At = at
		addNotice(&p, n, at)
	}
	_, err := q.PutNotices(ctx, p)
	return wrap("put notices", err)
}
