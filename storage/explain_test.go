package storage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// Every statement of the desk's pages is explained over tables with thousands of
// rows: none reads one of them whole.
func TestDeskStatementsHaveAnIndex(t *testing.T) {
	dsn := storagetest.DSN(t)
	conn := connect(t, dsn)
	fill := storagetest.Open(t, dsn, storage.Options{})
	fillDesk(t, fill, conn)
	cases, err := fill.Queue(t.Context(), analyst(), domain.QueueFilter{}, noon(), 50, 0)
	if err != nil || len(cases) != 50 {
		t.Fatalf("%d lines, %v", len(cases), err)
	}
	fillBeside(t, conn)
	exec(t, conn, "ANALYZE")
	heard := &statements{}
	deskPaths(t, storagetest.Open(t, dsn, storage.Options{Tracer: heard}), cases)
	reportPaths(t, storagetest.Open(t, dsn, storage.Options{Tracer: heard}))
	countPaths(t, storagetest.Open(t, dsn, storage.Options{Tracer: heard}))
	if len(heard.list) < 60 {
		t.Fatalf("only %d statements were heard", len(heard.list))
	}
	large := largeTables(t, conn)
	for _, must := range []string{"cases", "case_history", "case_posts", "case_facts", "review_items"} {
		if !large[must] {
			t.Fatalf("%s is too small to tell", must)
		}
	}
	if whole := scannedWhole(explained(t, conn, statement{sql: "SELECT count(*) FROM cases WHERE deadline_reason = $1", args: []any{"x"}}), large); len(whole) != 1 {
		t.Fatalf("a statement without an index is not noticed: %v", whole)
	}
	for _, s := range heard.list {
		if whole := scannedWhole(explained(t, conn, s), large); len(whole) > 0 {
			t.Errorf("%v are read whole by\n%s", whole, s.sql)
		}
	}
}

// fillDesk puts a case each of thousands of posts before the desk.
func fillDesk(t *testing.T, fill *storage.Store, conn *pgx.Conn) {
	t.Helper()
	src := addSource(t, fill, owner)
	const stored = 6000
	for n := 0; n < stored; n += 1000 {
		posts := make([]domain.Judged, 1000) // a case each
		for i := range posts {
			posts[i] = judgedAs(post(n+i, fmt.Sprint("Во дворе яма номер ", n+i, map[bool]string{true: " и дирижабль"}[i%500 == 0])), 1+i%90, fmt.Sprint("own", n+i))
		}
		b, judged := batchOf(src, "1", posts...)
		if _, err := fill.Commit(t.Context(), noon(), b, judged, toModeration(noon())); err != nil {
			t.Fatal(err)
		}
	}
	// As in life most are closed, and the open ones are due on many days.
	exec(t, conn, "UPDATE cases SET state = 'rejected', closing_reason = 'not_a_problem', changed_by = 'anna', changed_why = '' WHERE id % 10 > 1")
	exec(t, conn, "UPDATE cases SET state = 'coordination', agency_id = 'city', due_at = due_at + make_interval(days => (id % 20)::integer), changed_by = 'anna', changed_why = '' WHERE id % 10 = 1")
	for taken := 2000; taken == 2000; {
		var err error
		if taken, err = fill.FoldReport(t.Context(), region, foldRules(t), 2000); err != nil {
			t.Fatal(err)
		}
	}
}

// countPaths are the numbers in the menu and on tabs, and lists of tasks.
func countPaths(t *testing.T, s *storage.Store) {
	t.Helper()
	for _, sc := range []domain.Scope{analyst(), {Region: region, Agencies: []string{"city", "school"}}} {
		if _, err := s.CountQueue(t.Context(), sc, domain.QueueFilter{}, "anna", noon()); err != nil {
			t.Fatal(err)
		}
		for _, f := range []domain.QueueFilter{{}, {Undecided: true, Municipality: "khabarovsk-city"}, {SourceID: 1}, {Subject: &domain.Subject{Row: 3}}, {Doubtful: 0.6}, {Urgent: true}, {Aside: true}} {
			if _, err := s.Queue(t.Context(), sc, f, noon(), 50, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := s.CountOrdered(t.Context(), sc, f, noon()); err != nil {
				t.Fatal(err)
			}
		}
		order := domain.BulkOrder{Action: domain.BulkAside, Until: noon(), Who: "anna", Words: "x", At: noon(), Scope: sc, Filter: domain.QueueFilter{Municipality: "khabarovsk-city"}}
		if _, err := s.OrderBulk(t.Context(), order); err != nil && !errors.Is(err, domain.ErrNotFound) {
			t.Fatal(err)
		}
		order.Cases, order.Reviews = []domain.CaseSeen{{ID: 1, Version: 1}}, []domain.ReviewSeen{{ID: 1, Version: 1}}
		if _, err := s.OrderBulk(t.Context(), order); err != nil && !errors.Is(err, domain.ErrNotFound) {
			t.Fatal(err)
		}
		f := domain.TaskFilter{Mine: []string{"anna"}, Own: []string{"city"}, Limit: 50}
		if _, err := s.CountTasks(t.Context(), sc, f, domain.Tabs()...); err != nil {
			t.Fatal(err)
		}
		for _, f.Tab = range domain.Tabs() {
			if _, err := s.Tasks(t.Context(), sc, f); err != nil {
				t.Fatal(err)
			}
		}
		today := domain.DateOf(noon(), time.UTC)
		if _, err := s.AgencyIntake(t.Context(), sc, today.Add(-90), today); err != nil {
			t.Fatal(err)
		}
	}
}

type statement struct {
	sql  string
	args []any
}

// statements hears each statement once.
type statements struct {
	mu   sync.Mutex
	seen map[string]bool
	list []statement
}

var explainable = regexp.MustCompile(`(?is)^\s*(--[^\n]*\n\s*)*(select|with|insert|update|delete)\b`)

// TraceQueryStart implements pgx.QueryTracer.
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.seen[d.SQL] && explainable.MatchString(d.SQL) {
		if s.seen == nil {
			s.seen = map[string]bool{}
		}
		s.seen[d.SQL] = true
		s.list = append(s.list, statement{d.SQL, d.Args})
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

type planNode struct {
	Type  string     `json:"Node Type"`
	Table string     `json:"Relation Name"`
	Plans []planNode `json:"Plans"`
}

// explained is the plan of a statement, under the setting it runs with: a search
// has sequential scans turned off for itself.
func explained(t *testing.T, conn *pgx.Conn, s statement) planNode {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if strings.Contains(s.sql, "websearch_to_tsquery") {
		if _, err := tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off"); err != nil {
			t.Fatal(err)
		}
	}
	var plan string
	if err := tx.QueryRow(t.Context(), "EXPLAIN (FORMAT JSON) "+s.sql, s.args...).Scan(&plan); err != nil {
		t.Fatalf("explain %s: %v", s.sql, err)
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(plan), &plans); err != nil {
		t.Fatal(err)
	}
	return plans[0].Plan
}

func scannedWhole(n planNode, large map[string]bool) []string {
	var out []string
	if n.Type == "Seq Scan" && large[n.Table] {
		out = append(out, n.Table)
	}
	for _, p := range n.Plans {
		out = append(out, scannedWhole(p, large)...)
	}
	return out
}

// largeTables have rows enough for an index to be worth it.
func largeTables(t *testing.T, conn *pgx.Conn) map[string]bool {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND reltuples > 2000")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}
