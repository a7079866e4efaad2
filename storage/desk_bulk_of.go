package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// things are what an order takes, and of how many they are the first.
type things struct {
	cases   []domain.CaseSeen
	reviews []domain.ReviewSeen
	found   int
}

func (t things) len() int { return len(t.cases) + len(t.reviews) }

// words counts the things for the journal.
func (t things) words() string {
	words := fmt.Sprintf("инцидентов: %d", len(t.cases))
	if len(t.reviews) == 0 {
		return words
	}
	return words + fmt.Sprintf(", сообщений без инцидента: %d", len(t.reviews))
}

// capped keeps the first domain.MaxBulk.
func (t things) capped() things {
	t.cases = t.cases[:min(len(t.cases), domain.MaxBulk)]
	t.reviews = t.reviews[:min(len(t.reviews), domain.MaxBulk-len(t.cases))]
	return t
}

// add writes the things down as an order's, by their numbers: orders that share
// some lock them in the same order.
func (t things) add(ctx context.Context, q *db.Queries, job int64) error {
	slices.SortFunc(t.cases, func(a, b domain.CaseSeen) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(t.reviews, func(a, b domain.ReviewSeen) int { return cmp.Compare(a.ID, b.ID) })
	var ids, versions []int64
	for _, c := range t.cases {
		ids, versions = append(ids, c.ID), append(versions, c.Version)
	}
	if err := q.AddBulkItems(ctx, job, ids, versions); err != nil {
		return fmt.Errorf("write the cases of an order down: %w", err)
	}
	ids, versions = nil, nil
	for _, r := range t.reviews {
		ids, versions = append(ids, r.ID), append(versions, r.Version)
	}
	return wrap("write the posts of an order down", q.AddBulkReviews(ctx, job, ids, versions))
}

// ordered are the things an order takes.
func ordered(ctx context.Context, tx pgx.Tx, o domain.BulkOrder) (things, error) {
	if len(o.Cases)+len(o.Reviews) > 0 {
		t, err := markedThings(ctx, tx, o)
		t.found = t.len()
		return t.capped(), err
	}
	t, err := filteredThings(ctx, tx, o)
	t.found = t.len()
	if err != nil || t.len() < domain.MaxBulk {
		return t, err
	}
	t.found, err = countThings(ctx, tx, o)
	return t.capped(), err
}

// markedThings leaves out what whoever marked them may not see: an order tells the
// numbers of its cases.
func markedThings(ctx context.Context, tx pgx.Tx, o domain.BulkOrder) (things, error) {
	w := inScope(o.Scope)
	w.add("c.id = ANY (%s)", seenIDs(o.Cases))
	cases, err := visibleIDs(ctx, tx, "cases c", "c.id", w)
	if err != nil {
		return things{}, err
	}
	w = &where{}
	reviewsInScope(w, o.Scope)
	w.add("r.id = ANY (%s)", seenIDs(o.Reviews))
	reviews, err := visibleIDs(ctx, tx, "review_items r", "r.id", w)
	return things{
		cases:   slices.DeleteFunc(slices.Clone(o.Cases), func(c domain.CaseSeen) bool { return !cases[c.ID] }),
		reviews: slices.DeleteFunc(slices.Clone(o.Reviews), func(r domain.ReviewSeen) bool { return !reviews[r.ID] }),
	}, err
}

func seenIDs[T domain.CaseSeen | domain.ReviewSeen](list []T) []int64 {
	ids := make([]int64, len(list))
	for i, s := range list {
		ids[i] = domain.CaseSeen(s).ID
	}
	return ids
}

func visibleIDs(ctx context.Context, tx pgx.Tx, from, id string, w *where) (map[int64]bool, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s", id, from, w), w.args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	out := map[int64]bool{}
	for _, n := range list {
		out[n] = true
	}
	return out, err
}

// filteredThings are the first of each kind that the order's filter gives.
func filteredThings(ctx context.Context, tx pgx.Tx, o domain.BulkOrder) (t things, err error) {
	if !o.Filter.Undecided {
		t.cases, err = seenThings[domain.CaseSeen](ctx, tx, "SELECT c.id, c.version FROM cases c WHERE %s ORDER BY c.urgent DESC, c.due_at, c.reach_rank DESC, c.id LIMIT %d",
			queueCases(o.Scope, o.Filter, o.At))
	}
	if err == nil && o.Action.OfReviews() && withReviews(o.Scope, o.Filter) {
		t.reviews, err = seenThings[domain.ReviewSeen](ctx, tx, "SELECT r.id, r.version FROM review_items r WHERE %s ORDER BY r.urgent DESC, r.created_at, r.id LIMIT %d",
			queueReviews(&where{}, o.Scope, o.Filter, o.At))
	}
	return t, err
}

func seenThings[T any](ctx context.Context, tx pgx.Tx, sql string, w *where) ([]T, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(sql, w, domain.MaxBulk), w.args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

// countThings counts without a limit, once per order that did not take all.
func countThings(ctx context.Context, tx pgx.Tx, o domain.BulkOrder) (int, error) {
	cases, reviews := 0, 0
	if !o.Filter.Undecided {
		w := queueCases(o.Scope, o.Filter, o.At)
		if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM cases c WHERE %s", w), w.args...).Scan(&cases); err != nil {
			return 0, err
		}
	}
	if o.Action.OfReviews() && withReviews(o.Scope, o.Filter) {
		w := queueReviews(&where{}, o.Scope, o.Filter, o.At)
		if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM review_items r WHERE %s", w), w.args...).Scan(&reviews); err != nil {
			return 0, err
		}
	}
	return cases + reviews, nil
}

// bulkReview decides one undecided post, or says why not. Only a fault of the
// database ends the order.
func bulkReview(decide DecideReviews) func(context.Context, *db.Queries, domain.BulkOrder, db.BulkItem, DecideBulk, *undoable) (string, string, error) {
	return func(ctx context.Context, q *db.Queries, o domain.BulkOrder, it db.BulkItem, _ DecideBulk, u *undoable) (result, words string, err error) {
		item, err := openReview(ctx, q, o.Scope, it.ReviewID.Int64)
		switch {
		case errors.Is(err, domain.ErrStale), errors.Is(err, pgx.ErrNoRows), errors.Is(err, domain.ErrNotFound), err == nil && item.Version != it.Version:
			return "stale", wordsBulkStale, nil
		case err != nil:
			return "", "", err
		}
		if words, err = inHand(ctx, q, domain.Ref{Object: domain.ObjectReview, ID: item.ID}, o.Who); err != nil || words != "" {
			return "refused", words, err
		}
		ch, err := decide(o, toReview(item))
		if err != nil {
			return "refused", err.Error(), nil //nolint:nilerr // that it cannot be done is the result
		}
		if err := u.beginReview(ctx, q, item.ID); err != nil {
			return "", "", err
		}
		return "done", "", writeReview(ctx, q, item, ch, domain.By{Who: o.Who, Why: o.Words, At: o.At})
	}
}

func toReview(item db.ReviewItem) domain.ReviewWhole {
	return domain.ReviewWhole{Version: item.Version, CaseID: item.CaseID.Int64, Decided: item.ResolvedAt.Valid, ReviewLine: domain.ReviewLine{
		ID: item.ID, Reason: item.Reason, Words: item.Words, Urgent: item.Urgent, At: moment(item.CreatedAt)}}
}
