package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// openTask is the condition of every task: somebody still has something to do.
// It reads like the partial indexes of cases.
const openTask = "c.agency_id <> '' AND c.state NOT IN ('satisfaction', 'done', 'rejected', 'attached')"

// tab is what a tab asks of a case. What looks into other tables does so
// once for the list, not once for each case.
func (w *where) tab(sc domain.Scope, f domain.TaskFilter) {
	switch f.Tab {
	case domain.TabDistribute:
		w.parts = append(w.parts, "c.state IN ('coordination', 'execution') AND c.executor_id IS NULL")
		w.unled(sc, f.Own, "'coordinator', 'head'")
	case domain.TabDraft:
		w.add("c.state IN ('execution', 'deferred') AND c.executor_id = ANY (ARRAY(SELECT u.id FROM users u WHERE u.login = ANY (%s)))", f.Mine)
	case domain.TabApprove: // see tasks
		w.unled(sc, f.Own, "'head'")
	case domain.TabPublish: // see tasks
	case domain.TabAsked:
		w.parts = append(w.parts, "c.state = 'clarifying'")
	case domain.TabDeferred:
		w.add("c.id IN (SELECT d.case_id FROM deferrals d WHERE d.decided_at IS NULL UNION ALL SELECT k.id FROM cases k WHERE k.region = %s AND k.state = 'deferred')", sc.Region)
	case domain.TabReturned:
		w.parts = append(w.parts, "c.state = 'returned'")
	case domain.TabWatch:
		w.add("NOT (c.agency_id = ANY (%s))", f.Own)
	case domain.TabAll:
	}
}

// unled restricts to own bodies and those which have nobody of their own in
// these roles, so that the body above leads them.
func (w *where) unled(sc domain.Scope, own []string, roles string) {
	w.add("(c.agency_id = ANY (%s) OR NOT (c.agency_id = ANY (ARRAY(SELECT o.agency_id FROM user_offices o "+
		"JOIN users u ON u.id = o.user_id AND u.active AND u.region = %s WHERE o.agency_id <> '' AND o.role IN ("+roles+")))))", own, sc.Region)
}

// tasks restricts to the tasks of a scope that a filter asks for.
func (w *where) tasks(sc domain.Scope, f domain.TaskFilter) {
	w.scope(sc)
	switch f.Tab {
	case domain.TabApprove: // a correction may wait of what is answered and closed
		w.add("c.agency_id <> '' AND (c.state = 'approval' OR c.state = ANY (%s) AND c.id = ANY (ARRAY(SELECT p.case_id FROM corrections_waiting p WHERE p.region = %s)))",
			givenStates(), sc.Region)
	case domain.TabPublish: // a copy may be lost of what is answered and closed
		w.add("c.agency_id <> '' AND (c.state IN ('publishing', 'send_failed') OR c.id = ANY (ARRAY(SELECT l.case_id FROM lost_copies l WHERE l.region = %s)))", sc.Region)
	default:
		w.parts = append(w.parts, openTask)
	}
	if f.Body != "" {
		w.add("c.agency_id = %s", f.Body)
	}
	if f.Person != 0 {
		w.add("c.executor_id = %s", f.Person)
	}
	w.tab(sc, f)
}

func givenStates() (out []string) {
	for _, s := range domain.GivenStates() {
		out = append(out, string(s))
	}
	return out
}

// Tasks lists tasks of a scope by due, those without one last.
func (s *Store) Tasks(ctx context.Context, sc domain.Scope, f domain.TaskFilter) ([]domain.TaskLine, error) {
	w := &where{}
	w.tasks(sc, f)
	switch {
	case f.After.ID == 0:
	case f.After.Due.IsZero():
		w.add("c.due_at IS NULL AND c.id > %s", f.After.ID)
	default:
		w.add("((c.due_at, c.id) > (%s, %s) OR c.due_at IS NULL)", stamp(f.After.Due), f.After.ID)
	}
	rows, err := s.pool.Query(ctx, fmt.Sprintf("SELECT c.id FROM cases c WHERE %s ORDER BY c.due_at, c.id LIMIT %d", w, max(1, f.Limit)), w.args...)
	if err != nil {
		return nil, named("list tasks", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, named("list tasks", err)
	}
	cards, err := s.queries().TaskCards(ctx, ids)
	if err != nil {
		return nil, named("read tasks", err)
	}
	return convertAll(cards, toLine)
}

// CountTasks counts the tasks of tabs, each no further than one above
// domain.TaskCap: a body with very many need not wait for their exact number.
func (s *Store) CountTasks(ctx context.Context, sc domain.Scope, f domain.TaskFilter, tabs ...domain.Tab) (map[domain.Tab]int, error) {
	if len(tabs) == 0 {
		return map[domain.Tab]int{}, nil
	}
	counts := make([]string, len(tabs))
	var args []any
	for i, tab := range tabs {
		f.Tab = tab
		w := &where{args: args}
		w.tasks(sc, f)
		counts[i] = fmt.Sprintf("(SELECT count(*) FROM (SELECT FROM cases c WHERE %s LIMIT %d) x)", w, domain.TaskCap+1)
		args = w.args
	}
	row := s.pool.QueryRow(ctx, "SELECT "+strings.Join(counts, ", "), args...)
	found := make([]int, len(counts))
	into := make([]any, len(counts))
	for i := range found {
		into[i] = &found[i]
	}
	if err := row.Scan(into...); err != nil {
		return nil, named("count tasks", err)
	}
	out := map[domain.Tab]int{}
	for i, tab := range tabs {
		out[tab] = found[i]
	}
	return out, nil
}

func toLine(r db.TaskCardsRow) (domain.TaskLine, error) {
	c, err := toCase(r.Case)
	l := domain.TaskLine{Case: c, Text: r.Text, Executor: r.Executor, Remark: r.Remark, Drafted: r.Drafted,
		AnswerUntil: moment(r.AnswerUntil), HandedFrom: r.HandedFrom, LostCopies: int(r.LostCopies), Proposed: r.Proposed}
	if r.DeferUntil.Valid {
		l.DeferUntil = toDate(r.DeferUntil)
	}
	return l, err
}
