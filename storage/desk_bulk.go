package storage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// OrderBulk writes an order down: which cases and undecided posts, at which
// versions. domain.ErrNotFound when there are none. RunBulk does it.
func (s *Store) OrderBulk(ctx context.Context, o domain.BulkOrder) (domain.BulkJob, error) {
	var out domain.BulkJob
	err := s.inTxRaw(ctx, "order a change of many cases", func(tx pgx.Tx, q *db.Queries) error {
		of, err := ordered(ctx, tx, o)
		if err != nil {
			return err
		}
		if of.len() == 0 {
			return domain.ErrNotFound
		}
		row, err := addBulkJob(ctx, q, o, of)
		if err != nil {
			return err
		}
		if err := of.add(ctx, q, row.ID); err != nil {
			return err
		}
		if out, err = toBulkJob(row); err != nil {
			return err
		}
		return journal(ctx, q, bulkEntry(domain.Doer{Login: o.Who, Region: o.Scope.Region, Address: o.Address, At: o.At}, "bulk_begun", row.ID,
			o.Words+"; "+of.words()))
	})
	return out, err
}

// bulkEntry is a line of the journal about an order.
func bulkEntry(by domain.Doer, action string, id int64, words string) domain.Entry {
	return domain.EntryOf(by, action, "bulk", strconv.FormatInt(id, 10), words)
}

func addBulkJob(ctx context.Context, q *db.Queries, o domain.BulkOrder, of things) (db.BulkJob, error) {
	filter, err := toJSON("filter", o.Filter)
	if err != nil {
		return db.BulkJob{}, err
	}
	scope, err := toJSON("scope", o.Scope)
	if err != nil {
		return db.BulkJob{}, err
	}
	change, err := toJSON("order", bulkChange{o.Closing, o.Until, o.StoryID, o.Into, of.found, len(of.reviews)})
	if err != nil {
		return db.BulkJob{}, err
	}
	return q.AddBulkJob(ctx, db.AddBulkJobParams{Region: o.Scope.Region, What: string(o.Action), Words: clean(o.Words), Filter: filter,
		Change: change, Scope: scope, Total: small(of.len()), Who: o.Who, CreatedAt: stamp(o.At)})
}

// bulkChange is how an order's change is kept.
type bulkChange struct {
	Closing domain.ClosingReason `json:"closing,omitempty"`
	Until   time.Time            `json:"until,omitzero"`
	StoryID int64                `json:"story,omitempty"`
	Into    int64                `json:"into,omitempty"`
	Found   int                  `json:"found,omitempty"` // orders of before have none
	Reviews int                  `json:"reviews,omitempty"`
}

func toBulkJob(r db.BulkJob) (domain.BulkJob, error) {
	var ch bulkChange
	j := domain.BulkJob{ID: r.ID, Total: int(r.Total), Done: int(r.Done), Passed: int(r.Passed), State: r.State,
		UndoID: r.UndoID.Int64, FinishedAt: moment(r.FinishedAt),
		Order: domain.BulkOrder{Region: r.Region, Action: domain.BulkAction(r.What), Who: r.Who, Words: r.Words, At: moment(r.CreatedAt)}}
	err := decodeAll(jsonColumn{"order", r.Change, &ch}, jsonColumn{"filter", r.Filter, &j.Order.Filter}, jsonColumn{"scope", r.Scope, &j.Order.Scope})
	j.Order.Closing, j.Order.Until, j.Order.StoryID, j.Order.Into = ch.Closing, ch.Until, ch.StoryID, ch.Into
	j.Found, j.Reviews = max(ch.Found, j.Total), ch.Reviews
	return j, err
}

// Bulk reads how far an order has come; only who gave it sees it.
func (s *Store) Bulk(ctx context.Context, sc domain.Scope, id int64, who string) (domain.BulkJob, error) {
	var out domain.BulkJob
	err := s.inTx(ctx, fmt.Sprintf("read order %d", id), func(q *db.Queries) error {
		row, err := q.GetBulkJob(ctx, id, sc.Region)
		if err == nil && row.Who != who {
			err = domain.ErrNotFound
		}
		if err != nil {
			return err
		}
		if out, err = toBulkJob(row); err != nil {
			return err
		}
		if out.Stopping, err = q.BulkStopping(ctx, id); err != nil {
			return err
		}
		left, err := q.BulkPassed(ctx, id)
		for _, l := range left {
			out.Left = append(out.Left, domain.BulkLeft{CaseID: l.CaseID, Number: l.Number, ReviewID: l.ReviewID, Text: l.PostText, Words: l.Words})
		}
		return err
	})
	return out, err
}

// StopBulk asks an order to stop after the case in hand; what is done stays done
// until it is taken back.
func (s *Store) StopBulk(ctx context.Context, sc domain.Scope, id int64, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("stop order %d", id), func(q *db.Queries) error {
		n, err := q.StopBulk(ctx, id, sc.Region)
		if err != nil || n == 0 { // it has ended, or was asked to already
			return err
		}
		row, err := q.GetBulkJob(ctx, id, sc.Region)
		if err != nil {
			return err
		}
		return journal(ctx, q, bulkEntry(by, "bulk_stopped", id, row.Words))
	})
}

// DecideBulk says what an order does to one case as it is now. Pure.
type DecideBulk func(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error)

// DecideReviews says what an order does to one undecided post as it is now. Pure.
type DecideReviews func(o domain.BulkOrder, item domain.ReviewWhole) (domain.ReviewChange, error)

// bulkStep is how many cases of an order are changed in one transaction: few
// enough that nobody waits for them, and that stopping is quick.
const bulkStep = 20

// RunBulk does the next piece of the oldest order that nobody is doing; false
// when there is none. A process that dies in the middle leaves an order that
// another takes up after half a minute, and no case is changed twice.
func (s *Store) RunBulk(ctx context.Context, now time.Time, decide DecideBulk, reviews DecideReviews, redue domain.Redue) (bool, error) {
	row, err := s.queries().ClaimBulkJob(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, named("claim an order", err)
	}
	job, err := toBulkJob(row)
	if err != nil {
		return false, err
	}
	for {
		more, err := s.bulkPiece(ctx, job, now, decide, reviews, redue)
		if err != nil || !more {
			return true, err
		}
	}
}

func (s *Store) bulkPiece(ctx context.Context, job domain.BulkJob, now time.Time, decide DecideBulk, reviews DecideReviews, redue domain.Redue) (more bool, err error) {
	err = s.inTx(ctx, fmt.Sprintf("do a piece of order %d", job.ID), func(q *db.Queries) error {
		more = false
		stop, err := q.RenewBulkJob(ctx, job.ID)
		if err != nil {
			return err
		}
		items, err := q.BulkItemsLeft(ctx, job.ID, bulkStep)
		if err != nil {
			return err
		}
		if stop || len(items) == 0 {
			return finishBulk(ctx, q, job, stop && len(items) > 0, now)
		}
		more = true
		return bulkItems(ctx, q, job, items, now, decide, reviews, redue)
	})
	return more, err
}

func finishBulk(ctx context.Context, q *db.Queries, job domain.BulkJob, stopped bool, now time.Time) error {
	row, err := q.GetBulkJob(ctx, job.ID, job.Order.Scope.Region)
	if err != nil {
		return err
	}
	if row.UndoID.Valid {
		if err := q.ProlongUndo(ctx, domain.BulkUndoWindow.Seconds(), row.UndoID.Int64); err != nil {
			return err
		}
	}
	state := "done"
	if stopped {
		state = "stopped"
	}
	return q.FinishBulk(ctx, state, stamp(now), job.ID)
}

func bulkItems(ctx context.Context, q *db.Queries, job domain.BulkJob, items []db.BulkItem, now time.Time, decide DecideBulk, reviews DecideReviews, redue domain.Redue) error {
	row, err := q.GetBulkJob(ctx, job.ID, job.Order.Scope.Region)
	if err != nil {
		return err
	}
	u := &undoable{scope: job.Order.Scope, who: job.Order.Who, words: job.Order.Words, window: time.Hour, jobID: job.ID, id: row.UndoID.Int64}
	var done, passed int32
	for _, it := range items {
		o, one := job.Order, bulkItem
		o.At = now
		if it.ReviewID.Valid {
			one = bulkReview(reviews)
		} else if o.Action == domain.BulkJoin {
			one = bulkJoin(redue)
		}
		result, words, err := one(ctx, q, o, it, decide, u)
		if err != nil {
			return err
		}
		if result == "done" {
			done++
		} else {
			passed++
		}
		if err := q.SetBulkItem(ctx, db.SetBulkItemParams{JobID: job.ID, N: it.N, Result: result, Words: clean(words)}); err != nil {
			return err
		}
	}
	if err := u.end(ctx, q); err != nil {
		return err
	}
	if err := q.SetBulkUndo(ctx, toInt8(u.id), job.ID); err != nil {
		return err
	}
	return q.CountBulk(ctx, done, passed, job.ID)
}

// bulkItem changes one case, or says why not. Only a fault of the database ends
// the order.
func bulkItem(ctx context.Context, q *db.Queries, o domain.BulkOrder, it db.BulkItem, decide DecideBulk, u *undoable) (result, words string, err error) {
	row, err := lockVersion(ctx, q, o.Scope, it.CaseID.Int64, it.Version)
	switch {
	case errors.Is(err, domain.ErrStale), errors.Is(err, pgx.ErrNoRows):
		return "stale", wordsBulkStale, nil
	case err != nil:
		return "", "", err
	}
	if words, err = inHand(ctx, q, domain.Ref{Object: domain.ObjectCase, ID: row.ID}, o.Who); err != nil || words != "" {
		return "refused", words, err
	}
	c, err := toCase(row)
	if err != nil {
		return "", "", err
	}
	ch, err := decide(o, c)
	if err != nil {
		return "refused", err.Error(), nil //nolint:nilerr // that it cannot be done is the result
	}
	if err := u.begin(ctx, q, row.ID, nil); err != nil {
		return "", "", err
	}
	ch.Undo, ch.Wait = o.Words, domain.BulkUndoWindow
	after, err := writeChange(ctx, q, row, ch)
	if err != nil {
		return "", "", err
	}
	if err := followChange(ctx, q, row, after, ch, u.id); err != nil {
		return "", "", err
	}
	return "done", "", q.AddUndoNotices(ctx, noticeKeys(ch.Notices), u.id)
}

// inHand says which colleague has a thing now, "" for nobody.
func inHand(ctx context.Context, q *db.Queries, ref domain.Ref, who string) (words string, err error) {
	other, err := q.InHandOf(ctx, string(ref.Object), ref.ID, who)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return fmt.Sprintf(wordsBulkInHand, other), err
}

func noticeKeys(notices []domain.Notice) []string {
	keys := make([]string, len(notices))
	for i, n := range notices {
		keys[i] = n.Key
	}
	return keys
}

// Why a case or a post was passed over.
const (
	wordsBulkStale  = "изменён кем-то ещё, пока шла обработка"
	wordsBulkInHand = "сейчас у коллеги: %s"
)
