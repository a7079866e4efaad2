package storage

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// bulkJoin gives the posts of one case of an order to the case that it names, or says
// why not. Only a fault of the database ends the order.
func bulkJoin(redue domain.Redue) func(context.Context, *db.Queries, domain.BulkOrder, db.BulkItem, DecideBulk, *undoable) (string, string, error) {
	return func(ctx context.Context, q *db.Queries, o domain.BulkOrder, it db.BulkItem, decide DecideBulk, u *undoable) (result, words string, err error) {
		if it.CaseID.Int64 == o.Into {
			return "refused", wordsBulkItself, nil
		}
		from, into, err := lockPair(ctx, q, o.Scope, domain.CaseSeen{ID: it.CaseID.Int64, Version: it.Version}, o.Into)
		switch {
		case errors.Is(err, domain.ErrStale), errors.Is(err, pgx.ErrNoRows):
			return "stale", wordsBulkStale, nil
		case err != nil:
			return "", "", err
		}
		if words, err = inHand(ctx, q, domain.Ref{Object: domain.ObjectCase, ID: from.ID}, o.Who); err != nil || words != "" {
			return "refused", words, err
		}
		c, err := toCase(from)
		if err != nil {
			return "", "", err
		}
		if _, err := decide(o, c); err != nil {
			return "refused", err.Error(), nil //nolint:nilerr // that it cannot be done is the result
		}
		_, err = joinCase(ctx, q, from, into, domain.By{Who: o.Who, Why: o.Words, At: o.At}, redue, u)
		switch {
		case errors.Is(err, domain.ErrClosedCase):
			return "refused", wordsBulkClosed, nil
		case errors.Is(err, domain.ErrNoMove):
			return "refused", wordsBulkNoMove, nil
		case err != nil:
			return "", "", err
		}
		return "done", "", nil
	}
}

// Why a case was not joined.
const (
	wordsBulkItself = "это он сам"
	wordsBulkClosed = "тот, к кому присоединяют, уже закрыт"
	wordsBulkNoMove = "на этом шаге не присоединяют"
)
