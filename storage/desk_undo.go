package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// stateTooLate is the SQLSTATE of the guard when a case cannot be taken back.
const stateTooLate = "OT003"

// undoable keeps what a change was made from, so that it can be taken back.
type undoable struct {
	scope   domain.Scope
	who     string
	words   string // "": cannot be taken back
	window  time.Duration
	notices []domain.Notice
	jobID   int64
	id      int64
}

// extra is what an undo must bring back besides the row of the case.
type extra struct {
	Posts []int64  `json:"posts,omitempty"` // moved to case To
	To    int64    `json:"to,omitempty"`
	Keys  []string `json:"keys,omitempty"`  // given to case To
	Split bool     `json:"split,omitempty"` // To was split off: its keys come back
	Tied  []int64  `json:"tied,omitempty"`  // undecided posts that were put into the case

	becomes map[string]any // columns of a case that was only opened
}

// begin writes the row as it is before the change.
func (u *undoable) begin(ctx context.Context, q *db.Queries, caseID int64, x *extra) error {
	if u.words == "" {
		return nil
	}
	if err := u.open(ctx, q); err != nil {
		return err
	}
	if x == nil {
		x = &extra{}
	}
	b, err := toJSON("what an undo brings back", x)
	if err != nil {
		return err
	}
	return wrap("keep the case as it was", q.KeepBefore(ctx, db.KeepBeforeParams{UndoID: u.id, CaseID: caseID, Extra: b, Instead: x.instead()}))
}

// beginReview writes down how an undecided post stands before the change.
func (u *undoable) beginReview(ctx context.Context, q *db.Queries, id int64) error {
	if u.words == "" {
		return nil
	}
	if err := u.open(ctx, q); err != nil {
		return err
	}
	return wrap("keep the review item as it was", q.KeepReview(ctx, u.id, id))
}

// open begins the moment, once for all that a change is about.
func (u *undoable) open(ctx context.Context, q *db.Queries) error {
	if u.id != 0 {
		return nil
	}
	id, err := q.KeepUndo(ctx, db.KeepUndoParams{Region: u.scope.Region, Who: u.who, Words: clean(u.words),
		Seconds: u.window.Seconds(), JobID: toInt8(u.jobID), Notices: noticeKeys(u.notices)})
	if err != nil {
		return fmt.Errorf("keep what can be taken back: %w", err)
	}
	u.id = id
	return nil
}

// instead says what becomes of a case that was only opened by the change.
func (x *extra) instead() []byte {
	if x.becomes == nil {
		return []byte("{}")
	}
	b, err := json.Marshal(x.becomes)
	if err != nil {
		return []byte("{}") // a map of strings and numbers always encodes
	}
	return b
}

// end notes the versions after the change: on another one it is too late.
func (u *undoable) end(ctx context.Context, q *db.Queries) error {
	if u.id == 0 {
		return nil
	}
	if err := q.KeepReviewAfter(ctx, u.id); err != nil {
		return fmt.Errorf("keep the version after the change: %w", err)
	}
	return wrap("keep the version after the change", q.KeepAfter(ctx, u.id))
}

// Undone is what was taken back.
type Undone struct {
	Words   string
	Cases   []int64
	Reviews []int64 // undecided again
}

// Refs are the things of the queue that were taken back.
func (u Undone) Refs() []domain.Ref {
	var out []domain.Ref
	for _, id := range u.Reviews { // of a case that was only opened nothing is left in the queue
		out = append(out, domain.Ref{Object: domain.ObjectReview, ID: id})
	}
	for _, id := range u.Cases {
		out = append(out, domain.Ref{Object: domain.ObjectCase, ID: id})
	}
	return out
}

// Undo takes a change back: by whoever made it, within the moment, once, and
// only while nobody has gone on. domain.ErrTooLate after the moment, domain.ErrUndone
// a second time; *domain.Stale when somebody has gone on; domain.ErrNotFound when it is
// another person's. Of a bulk order what somebody has gone on with stays.
func (s *Store) Undo(ctx context.Context, sc domain.Scope, id int64, who string, at time.Time) (Undone, error) {
	var out Undone
	err := s.inTx(ctx, fmt.Sprintf("take back %d", id), func(q *db.Queries) error {
		u, err := q.LockUndo(ctx, id, sc.Region)
		switch {
		case err != nil:
			return err
		case u.Who != who:
			return domain.ErrNotFound
		case u.UsedAt.Valid:
			return domain.ErrUndone
		case !u.InTime:
			return domain.ErrTooLate
		}
		out.Words = u.Words
		out.Cases, err = undoRows(ctx, q, sc, u, at)
		if err != nil {
			return err
		}
		if out.Reviews, err = undoReviews(ctx, q, u, at); err != nil {
			return err
		}
		return undoRest(ctx, q, u, domain.Doer{Login: who, Region: sc.Region, At: at})
	})
	return out, err
}

func undoRows(ctx context.Context, q *db.Queries, sc domain.Scope, u db.LockUndoRow, at time.Time) ([]int64, error) {
	rows, err := q.UndoRows(ctx, u.ID)
	if err != nil {
		return nil, fmt.Errorf("read what is taken back: %w", err)
	}
	var done []int64
	for _, r := range rows {
		if r.Version != r.NowVersion {
			if u.JobID.Valid {
				continue
			}
			row, err := q.LockSeen(ctx, lockSeen(sc, r.CaseID))
			if err != nil {
				return nil, err
			}
			return nil, stale(ctx, q, row)
		}
		if err := undoCase(ctx, q, u, r, at); err != nil {
			return nil, err
		}
		done = append(done, r.CaseID)
	}
	return done, nil
}

func undoCase(ctx context.Context, q *db.Queries, u db.LockUndoRow, r db.UndoRowsRow, at time.Time) error {
	var x extra
	if err := json.Unmarshal(r.Extra, &x); err != nil {
		return fmt.Errorf("read what is taken back: %w", err)
	}
	err := q.UndoCase(ctx, db.UndoCaseParams{UndoID: u.ID, CaseID: r.CaseID, Who: u.Who, Words: "отменено: " + u.Words, At: stamp(at)})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == stateTooLate {
		return domain.ErrTooLate
	}
	if err != nil {
		return fmt.Errorf("bring case %s back: %w", r.Number, err)
	}
	return undoExtra(ctx, q, r.CaseID, x, u.Who, at)
}

// undoExtra brings posts and keys back to a case that was joined.
func undoExtra(ctx context.Context, q *db.Queries, caseID int64, x extra, who string, at time.Time) error {
	if len(x.Posts) > 0 {
		if err := q.MovePostsBack(ctx, caseID, x.To, x.Posts); err != nil {
			return fmt.Errorf("bring posts back: %w", err)
		}
		for _, id := range []int64{caseID, x.To} {
			if err := countPosts(ctx, q, id, who, "сообщения возвращены", at); err != nil {
				return err
			}
		}
	}
	if len(x.Tied) > 0 {
		if err := q.UntiePosts(ctx, caseID, x.Tied); err != nil {
			return fmt.Errorf("take posts out again: %w", err)
		}
		if err := countPosts(ctx, q, caseID, who, "сообщение вынуто", at); err != nil {
			return err
		}
	}
	if x.Split {
		if _, err := q.CopyKeys(ctx, caseID, x.To); err != nil {
			return fmt.Errorf("bring attach keys back: %w", err)
		}
		if err := q.UnpartCases(ctx, min(caseID, x.To), max(caseID, x.To)); err != nil {
			return fmt.Errorf("forget that the cases were set apart: %w", err)
		}
	}
	if len(x.Keys) > 0 {
		if err := q.DropKeys(ctx, x.To, x.Keys); err != nil {
			return fmt.Errorf("take attach keys back: %w", err)
		}
	}
	return nil
}

// undoReviews opens undecided posts again, put aside or not as they were.
func undoReviews(ctx context.Context, q *db.Queries, u db.LockUndoRow, at time.Time) ([]int64, error) {
	rows, err := q.UndoReviews(ctx, u.ID)
	if err != nil {
		return nil, fmt.Errorf("read what is taken back: %w", err)
	}
	var done []int64
	for _, r := range rows {
		item := r.ReviewItem
		n := int64(0)
		if r.Version == item.Version {
			if n, err = q.UndoReview(ctx, r.PutAsideUntil, item.ID); err != nil {
				return nil, fmt.Errorf("open review item %d again: %w", item.ID, err)
			}
		}
		switch {
		case n == 0 && u.JobID.Valid:
			continue
		case n == 0 && item.ResolvedAt.Valid && r.Version != item.Version:
			return nil, decidedBy(item)
		case n == 0: // it waits anew, or was put aside by somebody else
			return nil, domain.ErrTooLate
		}
		by := domain.By{Who: u.Who, Why: "отменено: " + u.Words, At: at}
		if err := noteUndone(ctx, q, item, by); err != nil {
			return nil, err
		}
		done = append(done, item.ID)
	}
	return done, nil
}

// noteUndone tells of a post that is undecided again, where the case it was in does
// not tell that itself.
func noteUndone(ctx context.Context, q *db.Queries, item db.ReviewItem, by domain.By) error {
	switch {
	case !item.CaseID.Valid:
		return journalReview(ctx, q, item, "review_undone", by)
	case item.ResolvedAt.Valid && item.Resolution != string(domain.ResolvedTakenOver):
		return noteReview(ctx, q, item, "", by)
	}
	return nil
}

func undoRest(ctx context.Context, q *db.Queries, u db.LockUndoRow, by domain.Doer) error {
	if err := q.DropUndoneExamples(ctx, toInt8(u.ID)); err != nil {
		return fmt.Errorf("drop the example: %w", err)
	}
	if err := q.DropUnsentNotices(ctx, u.Notices); err != nil {
		return fmt.Errorf("drop notices that wait: %w", err)
	}
	if u.JobID.Valid {
		if err := q.MarkBulkUndone(ctx, u.JobID.Int64); err != nil {
			return fmt.Errorf("mark the order as taken back: %w", err)
		}
		if err := journal(ctx, q, bulkEntry(by, "bulk_undone", u.JobID.Int64, u.Words)); err != nil {
			return err
		}
	}
	return wrap("mark it as taken back", q.UseUndo(ctx, u.ID))
}

// countPosts makes a case's counters follow posts that were moved by hand.
func countPosts(ctx context.Context, q *db.Queries, caseID int64, who, why string, at time.Time) error {
	n, err := q.CasePostTotals(ctx, caseID)
	if err != nil {
		return fmt.Errorf("count posts of case %d: %w", caseID, err)
	}
	return wrap("count posts", q.SetPosts(ctx, db.SetPostsParams{ID: caseID, Posts: n.Posts, Reach: n.Reach, At: stamp(at), Who: who, Why: why}))
}
