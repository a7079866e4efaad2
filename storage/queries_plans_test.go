package storage_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// namedQueries are all statements of storage/queries, as they are sent.
func namedQueries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("db/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	out := map[string]string{}
	query := regexp.MustCompile("(?s)`-- name: (\\w+) :\\w+\n(.*?)`")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range query.FindAllStringSubmatch(string(text), -1) {
			out[m[1]] = m[2]
		}
	}
	names, err := filepath.Glob("queries/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, f := range names {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		written += strings.Count(string(text), "-- name: ") - strings.Count(string(text), " :copyfrom") // which is no statement
	}
	if len(out) != written {
		t.Fatalf("%d statements of %d are found", len(out), written)
	}
	return out
}

// totals are counts of everything: from the table or from an index of it, whole
// either way; which, depends on whether autovacuum has been there.
const totals = "otklik stats: an administrator asks for the totals"

// readsWhole are the named queries that may read a large table whole, and why.
func readsWhole() map[string]string {
	const kept, lessons = "once, when a kept demonstration starts", "otklik train: reads all there is to learn from"
	return map[string]string{
		"CountCases": totals, "CountPosts": totals, "CountProblems": totals, "CountReplies": totals,
		"KeptSpan": kept, "KeptAnswers": kept,
		"Accepted": lessons, "Dismissed": lessons,
		"EraseEvents":    "somebody asks to be forgotten: rare, and events are kept for a short time",
		"DeliveryCounts": "a metric that counts all answers: as many as were given, a thousand a day at most for an account",
	}
}

// No named query reads a large table whole: each is prepared and planned with
// values of its parameters' types, with and without the whole region in sight. A
// time that takes in everything may do so, if one that takes in little does not.
func TestNamedQueriesHaveAnIndex(t *testing.T) {
	dsn := storagetest.DSN(t)
	conn := connect(t, dsn)
	fillDesk(t, storagetest.Open(t, dsn, storage.Options{}), conn)
	fillBeside(t, conn)
	exec(t, conn, "ANALYZE")
	large := largeTables(t, conn)
	for _, must := range []string{"cases", "case_posts", "post_ids", "case_history", "events", "journal", "deliveries", "review_items"} {
		if !large[must] {
			t.Fatalf("%s is too small to tell", must)
		}
	}
	for _, of := range []string{"posts", "verdicts"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(large)), func(name string) bool { return strings.HasPrefix(name, of+"_") }) {
			t.Fatalf("the parts of %s are too small to tell: %v", of, large)
		}
	}
	excused := readsWhole()
	if whole := plannedWhole(t, conn, "SELECT id FROM cases WHERE deadline_reason = $1", large); len(whole) != 1 {
		t.Fatalf("a statement without an index is not noticed: %v", whole)
	}
	list := namedQueries(t)
	for _, name := range slices.Sorted(maps.Keys(list)) {
		whole := plannedWhole(t, conn, list[name], large)
		if why, ok := excused[name]; ok {
			if len(whole) == 0 && why != totals {
				t.Errorf("%s is excused (%s) and reads by index", name, why)
			}
			continue
		}
		if len(whole) > 0 {
			t.Errorf("%s reads whole: %v", name, whole)
		}
	}
	for name := range excused {
		if list[name] == "" {
			t.Errorf("there is no query %s any more", name)
		}
	}
}

// fillBeside puts rows into the tables that grow beside the cases.
func fillBeside(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	exec(t, conn, `INSERT INTO review_items (region, post_id, stored_at, reason, words, urgent, created_at, resolved_at, resolved_by, resolution)
		SELECT $1::text, post_id, stored_at, 'faults', 'проверка', false, stored_at, CASE WHEN post_id % 10 > 0 THEN stored_at END,
		       CASE WHEN post_id % 10 > 0 THEN 'anna' ELSE '' END, CASE WHEN post_id % 10 > 0 THEN 'not_case' ELSE '' END FROM case_posts`, region)
	exec(t, conn, `INSERT INTO replies (case_id, round, kind, state, text, outcome, author, created_at, updated_at, submitted_at, approver, decided_at, published_at)
		SELECT id, 1, 'final', 'published', 'Готово', 'solved', 'anna', $1, $1, $1, 'boris', $1, $1 FROM cases`, noon())
	exec(t, conn, `INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, main,
			repeatable, why, state, created_at, next_attempt_at, attempts, first_tried_at, tried_at, platform_id, over_at)
		SELECT 'k' || id, $1::text, case_id, id, 'vk', 'public', '1', '-1', id::text, '0', 'c' || id % 100, 't' || id, 0, 'Готово', true,
			true, '', 'delivered', $2, $2, 1, $2, $2, id::text, $2 FROM replies`, region, noon())
	for _, to := range []string{"execution", "approval", "publishing", "satisfaction", "done"} {
		exec(t, conn, "UPDATE cases SET state = $1, changed_by = 'anna', changed_why = '', closing_reason = CASE WHEN $1 = 'done' THEN 'author_silent' ELSE '' END WHERE id % 20 = 1 AND state NOT IN ('rejected', 'moderation')", to)
	}
	exec(t, conn, `INSERT INTO dialogs (region, platform, owner, chat_key, chat, consent, consent_at, created_at, updated_at)
		SELECT $1::text, 'vk', '-1', sha256(n::text::bytea), n::text, '1', $2, $2, $2 FROM generate_series(1, 4000) n`, region, noon())
	exec(t, conn, `INSERT INTO dialog_cases (dialog_id, case_id, since) SELECT d.id, c.id, $1 FROM dialogs d JOIN cases c ON c.id = d.id`, noon())
	// The counter of transactions is the server's, which other tests move on.
	exec(t, conn, "UPDATE events SET xact = id")
	exec(t, conn, `INSERT INTO journal (at, region, who, action, object, object_id, words) SELECT $2::timestamptz + make_interval(secs => n), $1::text, 'anna', 'case_moved', 'case', n::text, 'x'
		FROM generate_series(1, 5000) n`, region, noon())
}

// plannedWhole prepares a statement and tells which large tables its plans read
// whole.
func plannedWhole(t *testing.T, conn *pgx.Conn, sql string, large map[string]bool) []string {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), "PREPARE planned AS "+sql); err != nil {
		t.Fatalf("prepare %s: %v", sql, err)
	}
	defer func() { _, _ = conn.Exec(t.Context(), "DEALLOCATE planned") }()
	var types []string
	if err := tx.QueryRow(t.Context(), "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'planned'").Scan(&types); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, yes := range []bool{true, false} {
		early := scannedWhole(explained(t, conn, statement{sql: executed(types, yes, "2026-11-01")}), large)
		late := scannedWhole(explained(t, conn, statement{sql: executed(types, yes, "2026-12-20")}), large)
		if len(early) > 0 && len(late) > 0 {
			out = append(out, early...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// executed is the call of a prepared statement with samples.
func executed(types []string, yes bool, day string) string {
	values := make([]string, len(types))
	for i, typ := range types {
		values[i] = sample(typ, yes, day)
	}
	if len(values) == 0 {
		return "EXECUTE planned"
	}
	return "EXECUTE planned (" + strings.Join(values, ", ") + ")"
}

// sample is a value of a type: the region where it is a text, the middle of what
// there is where it is a number.
func sample(typ string, yes bool, day string) string {
	value := map[string]string{
		"bigint": "3000", "integer": "50", "smallint": "3", "text": region, "boolean": fmt.Sprint(yes), "double precision": "0.5", "real": "0.5", "numeric": "1",
		"timestamp with time zone": day + "T12:00:00Z", "date": day, "jsonb": "{}", "bytea": `\x00`, "uuid": "00000000-0000-0000-0000-000000000001",
	}
	if of, ok := strings.CutSuffix(typ, "[]"); ok {
		return fmt.Sprintf("ARRAY['%s', '%s']::%s", value[of], value[of], typ)
	}
	return fmt.Sprintf("'%s'::%s", value[typ], typ)
}
