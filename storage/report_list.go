package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// TermLines gives a page of a list behind a number of the deadlines page: open
// cases soonest due first, what happened newest first.
func (s *Store) TermLines(ctx context.Context, scope domain.Scope, q domain.TermQuery) ([]domain.TermLine, error) {
	scope = narrowed(scope, q.Agencies)
	if scope.Region == "" || !scope.Whole && len(scope.Agencies) == 0 {
		return nil, nil
	}
	list, err := lineQuery(scope, q)
	if err != nil {
		return nil, err
	}
	doing := "list " + string(q.List) + " cases"
	rows, err := s.pool.Query(ctx, list.sql, list.args...)
	if err != nil {
		return nil, named(doing, err)
	}
	found, err := pgx.CollectRows(rows, scanLine)
	if err != nil {
		return nil, named(doing, err)
	}
	return withCases(ctx, s.queries(), found)
}

// ForController counts the cases whose term waits for the controller's word, of
// some bodies or of all: the list domain.TermControl.
func (s *Store) ForController(ctx context.Context, scope domain.Scope, agencies []string) (int64, error) {
	scope = narrowed(scope, agencies)
	n, err := s.queries().ForController(ctx, db.ForControllerParams{Region: scope.Region, Whole: scope.Whole,
		Agencies: orNone(scope.Agencies), SeeRestricted: scope.Restricted, Unread: domain.WordsUnread, Unsolved: domain.WordsUnsolved})
	return n, named("count what waits for the controller", err)
}

// composed is a statement with its values.
type composed struct {
	sql  string
	args []any
}

// lineQuery gives id, moment, body, answer and in_time of the lines. With few
// bodies each is walked by its own index and the pages are merged: that of the
// region would be read in vain.
func lineQuery(scope domain.Scope, q domain.TermQuery) (composed, error) {
	c := &clauses{}
	var one, order string
	switch q.List {
	case domain.TermOpen, domain.TermToday, domain.TermSoon, domain.TermOverdue, domain.TermControl:
		one, order = openLines(c, scope, q), "at, id"
	case domain.TermSentBack, domain.TermReopened:
		one, order = markLines(c, scope, q), "at DESC, id DESC"
	case domain.TermAnswered, domain.TermInTime, domain.TermLate, domain.TermSolved, domain.TermExplained:
		one, order = answerLines(c, scope, q), "at DESC, id DESC"
	default:
		return composed{}, fmt.Errorf("list %q: %w", q.List, domain.ErrNotFound)
	}
	limit := c.arg(max(1, q.Limit))
	one = fmt.Sprintf("%s ORDER BY %s LIMIT %s", one, order, limit)
	if scope.Whole {
		return composed{one, c.args}, nil
	}
	each := fmt.Sprintf("SELECT l.* FROM unnest(%s::text[]) AS a (id) CROSS JOIN LATERAL (%s) AS l ORDER BY %s LIMIT %s",
		c.arg(orNone(scope.Agencies)), one, order, limit)
	return composed{each, c.args}, nil
}

// body restricts a line to the scope: one body of the lateral walk, or all.
func body(c *clauses, scope domain.Scope, column string) {
	if !scope.Whole {
		c.add(column + " = a.id")
	}
	if !scope.Restricted {
		c.add("NOT restricted")
	}
}

func openLines(c *clauses, scope domain.Scope, q domain.TermQuery) string {
	if q.List == domain.TermControl { // an author's comment under the answer waits there too
		c.add(`region = ? AND due_at IS NOT NULL AND for_controller <> '' AND state NOT IN ('rejected', 'attached')
			AND (state NOT IN ('satisfaction', 'done') OR state = 'satisfaction' AND strpos(for_controller, ?) > 0 OR strpos(for_controller, ?) > 0)`, scope.Region, domain.WordsUnread, domain.WordsUnsolved)
	} else {
		c.add("region = ? AND due_at IS NOT NULL AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached')", scope.Region)
	}
	body(c, scope, "agency_id")
	if !scope.Whole && !slices.Contains(scope.Agencies, "") {
		c.add("agency_id <> ''") // the index of bodies
	}
	if !q.DueFrom.IsZero() {
		c.add("due_at >= ?", stamp(q.DueFrom))
	}
	if !q.DueTo.IsZero() {
		c.add("due_at < ?", stamp(q.DueTo))
	}
	if !q.AfterAt.IsZero() {
		c.add("(due_at, id) > (?, ?)", stamp(q.AfterAt), q.AfterID)
	}
	return "SELECT id, due_at AS at, agency_id, NULL::integer AS answer, false AS in_time FROM cases WHERE " + c.String()
}

func answerLines(c *clauses, scope domain.Scope, q domain.TermQuery) string {
	c.add("region = ? AND answered_at IS NOT NULL", scope.Region)
	body(c, scope, "agency_id")
	period(c, "answered_at", q)
	if !q.AfterAt.IsZero() {
		c.add("(answered_at, case_id) < (?, ?)", stamp(q.AfterAt), q.AfterID)
	}
	switch q.List {
	case domain.TermInTime:
		c.add("in_time")
	case domain.TermLate:
		c.add("NOT in_time")
	case domain.TermSolved:
		c.add("outcome = 'solved'")
	case domain.TermExplained:
		c.add("outcome = 'explained'")
	}
	return "SELECT case_id AS id, answered_at AS at, agency_id, answer, in_time FROM case_facts WHERE " + c.String()
}

func markLines(c *clauses, scope domain.Scope, q domain.TermQuery) string {
	c.add("region = ? AND what = ?", scope.Region, string(q.List))
	body(c, scope, "agency_id")
	period(c, "at", q)
	if !q.AfterAt.IsZero() {
		c.add("(at, case_id) < (?, ?)", stamp(q.AfterAt), q.AfterID)
	}
	return "SELECT case_id AS id, at, agency_id, NULL::integer AS answer, false AS in_time FROM case_marks WHERE " + c.String()
}

func period(c *clauses, column string, q domain.TermQuery) {
	if !q.From.IsZero() {
		c.add(column+" >= ?", stamp(q.From))
	}
	if !q.To.IsZero() {
		c.add(column+" < ?", stamp(q.To))
	}
}

func scanLine(r pgx.CollectableRow) (domain.TermLine, error) {
	var line domain.TermLine
	var at pgtype.Timestamptz
	var answer pgtype.Int4
	err := r.Scan(&line.Case.ID, &at, &line.AgencyID, &answer, &line.InTime)
	line.At = moment(at)
	line.Answer = time.Duration(answer.Int32) * time.Minute
	return line, err
}

// withCases fills in the cases of lines, keeping their order.
func withCases(ctx context.Context, q *db.Queries, lines []domain.TermLine) ([]domain.TermLine, error) {
	ids := make([]int64, len(lines))
	for i, l := range lines {
		ids[i] = l.Case.ID
	}
	rows, err := q.CasesByID(ctx, ids)
	if err != nil {
		return nil, named("read listed cases", err)
	}
	cases, err := convertAll(rows, toCase)
	if err != nil {
		return nil, err
	}
	byID := map[int64]domain.Case{}
	for _, c := range cases {
		byID[c.ID] = c
	}
	for i := range lines {
		lines[i].Case = byID[lines[i].Case.ID]
	}
	return slices.DeleteFunc(lines, func(l domain.TermLine) bool { return l.Case.ID == 0 }), nil
}
