package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
)

// What the bench writes past the triggers is what the triggers, and the fold
// after them, make of the same lives of cases.
func TestFilledArchiveIsWhatTriggersMake(t *testing.T) {
	server, err := localpg.Start(t.Context(), localpg.Options{Ephemeral: true, Unsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	a, err := newArchive(t.Context(), server.DSN(), 1200)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.store.Close)
	conn, err := pgx.Connect(t.Context(), a.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	replay, err := os.ReadFile("testdata/replay.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), string(replay)); err != nil {
		t.Fatal(err)
	}
	fold(t, a)
	for table, key := range map[string]string{"cases": "", "assignments": "id", "case_history": "id", "case_keys": "", "replies": "",
		"case_facts": "", "case_load": "", "case_days": "", "agency_weeks": ""} {
		same(t, conn, table, key)
	}
	states := map[string]int{}
	var state string
	var n int
	rows, err := conn.Query(t.Context(), "SELECT state, count(*) FROM filled.cases GROUP BY 1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error { states[state] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"moderation", "coordination", "execution", "satisfaction", "done", "rejected"} {
		if states[want] == 0 {
			t.Errorf("no case is %s: %v", want, states)
		}
	}
	if states["done"] < 1200/2 {
		t.Errorf("most cases should be closed: %v", states)
	}
}

// fold brings the counters up to date from what the triggers noted.
func fold(t *testing.T, a *archive) {
	t.Helper()
	rules := storage.FoldRules{Zone: a.zone, NormTime: func(from, to time.Time, _ []domain.Pause) (time.Duration, error) {
		return to.Sub(from) / 3, nil
	}}
	for {
		taken, err := a.store.FoldReport(t.Context(), region, rules, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if taken < 1000 {
			return
		}
	}
}

// same compares a table with what was filled, but for a key that is drawn.
func same(t *testing.T, conn *pgx.Conn, table, key string) {
	t.Helper()
	row := func(alias string) string { return fmt.Sprintf("(to_jsonb(%s) - '%s')::text", alias, key) }
	side := func(from, to, words string) string {
		return fmt.Sprintf("SELECT '%s: ' || d.row FROM ((SELECT %s AS row FROM %s.%s a) EXCEPT ALL (SELECT %s FROM %s.%s b)) d", words, row("a"), from, table, row("b"), to, table)
	}
	rows, err := conn.Query(t.Context(), side("filled", "public", "filled only")+" UNION ALL "+side("public", "filled", "triggers only")+" ORDER BY 1 LIMIT 6")
	if err != nil {
		t.Fatal(err)
	}
	differing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var filled int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM filled."+table).Scan(&filled); err != nil {
		t.Fatal(err)
	}
	if len(differing) > 0 || filled == 0 {
		t.Errorf("%s, %d rows:\n%s", table, filled, strings.Join(differing, "\n"))
	}
}
