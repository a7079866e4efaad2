package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// journal writes a line of the audit journal in the transaction of what it
// tells about. Changes of cases by people get there by trigger already
// (migration 00005); call this for everything else somebody does at the desk.
func journal(ctx context.Context, q *db.Queries, e domain.Entry) error {
	details := e.Details
	if details == nil {
		details = []byte("{}")
	}
	err := q.InsertJournal(ctx, db.InsertJournalParams{At: stamp(e.At), Region: e.Region, Who: e.Who, Action: e.Action,
		Object: e.Object, ObjectID: clean(e.ObjectID), Words: clean(e.Words), Details: details, Address: clean(e.Address)})
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

// notes writes several lines; methods that commands call without a person at the
// desk are given none.
func notes(ctx context.Context, q *db.Queries, list []domain.Entry) error {
	for _, e := range list {
		if err := journal(ctx, q, e); err != nil {
			return err
		}
	}
	return nil
}

// Note writes a line of the journal about what is not in this database (a pack
// looked at, a table exported). Whatever changes rows writes its line with them.
func (s *Store) Note(ctx context.Context, e domain.Entry) error {
	return named("note", journal(ctx, s.queries(), e))
}

// Journal reads lines of the scope's region, newest first. Only a scope of the
// whole region sees any.
func (s *Store) Journal(ctx context.Context, scope domain.Scope, f domain.JournalFilter) ([]domain.Entry, error) {
	if !scope.Whole || scope.Region == "" {
		return nil, nil
	}
	sql, args := journalQuery(scope.Region, f)
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, named("read the journal", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (domain.Entry, error) {
		var e domain.Entry
		err := row.Scan(&e.ID, &e.At, &e.Region, &e.Who, &e.Action, &e.Object, &e.ObjectID, &e.Words, &e.Details, &e.Address)
		e.At = e.At.UTC()
		return e, err
	})
	return out, named("read the journal", err)
}

// journalQuery names only the filters in use, so that each finds its index.
func journalQuery(region string, f domain.JournalFilter) (string, []any) {
	args := []any{region}
	where := []string{"region = $1"}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, condition)
	}
	for column, value := range map[string]string{"who": f.Who, "action": f.Action, "object": f.Object, "object_id": f.ObjectID} {
		if value != "" {
			add(column+" = ?", value)
		}
	}
	if !f.From.IsZero() {
		add("at >= ?", f.From)
	}
	if !f.To.IsZero() {
		add("at < ?", f.To)
	}
	if f.BeforeID > 0 {
		add("(at, id) < (?, ?)", f.Before, f.BeforeID)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	return "SELECT id, at, region, who, action, object, object_id, words, details, address FROM journal WHERE " +
		strings.Join(where, " AND ") + fmt.Sprintf(" ORDER BY at DESC, id DESC LIMIT %d", limit), args
}
