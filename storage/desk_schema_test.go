package storage_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// Whoever writes: what must not be at the desk is refused by the schema.
func TestWrongThingsBesideACaseAreImpossible(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	id := openCase(t, s, 1)
	reply := "INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at, published_at, published_by)" +
		" SELECT id, 1, "
	const check, unique, guard, never = "23514", "23505", "OT001", "OT002"
	if _, err := conn.Exec(t.Context(), reply+"'final', 'approved', 'Ответ', 'solved', 'a', 'b', now(), now(), now(), now(), NULL, '' FROM cases"); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct{ sql, state string }{
		"an outcome before an answer":         {"UPDATE cases SET outcome = 'solved'", check},
		"answered while in work":              {"UPDATE cases SET answered_at = now()", check},
		"closed while in work":                {"UPDATE cases SET closed_at = now()", check},
		"joined to itself":                    {"UPDATE cases SET joined_to = id", check},
		"put aside by its body":               {"UPDATE cases SET put_aside_until = now()", check},
		"an odd nature":                       {"UPDATE cases SET kind_of_case = 'odd'", check},
		"a second final answer":               {reply + "'final', 'approved', 'Ещё', 'solved', 'a', 'b', now(), now(), now(), now(), NULL, '' FROM cases", unique},
		"an approved answer without approver": {reply + "'interim', 'approved', 'Ответ', '', 'a', '', now(), now(), now(), now(), NULL, '' FROM cases", check},
		"a final answer without outcome":      {reply + "'final', 'approval', 'Ответ', '', 'a', '', now(), now(), now(), NULL, NULL, '' FROM cases", check},
		"an answer by hand without proof":     {"UPDATE replies SET state = 'by_hand', published_at = now(), published_by = 'x'", check},
		"an approved text changed":            {"UPDATE replies SET text = 'другой'", never},
		"an answer sent before approval":      {"UPDATE replies SET state = 'draft'", guard},
		"a file of another size":              {"INSERT INTO case_files (case_id, name, type, size, content, sha256, uploaded_by, uploaded_at) SELECT id, 'a', 'b', 5, 'x', sha256('x'), 'u', now() FROM cases", check},
		"a question without end":              {"INSERT INTO questions (case_id, asked_by, asked_at, text, due_at) SELECT id, 'a', now(), 't', now() FROM cases", check},
		"a deferral granted too late":         {"INSERT INTO deferrals (case_id, round, asked_by, asked_at, reason, until, old_due, notified_at, decision, decided_by, decided_at) SELECT id, 1, 'a', now(), 'r', now(), due_at, due_at, 'granted', 'c', now() FROM cases", check},
		"a send-back without reason":          {"INSERT INTO send_backs (case_id, from_agency, reason, by_whom, at) SELECT id, agency_id, '', 'a', now() FROM cases", check},
		"a link the wrong way round":          {"INSERT INTO case_links (case_id, other_id, by_whom, at) SELECT id + 1, id, 'a', now() FROM cases", check},
		"an order that did more than it had":  {"INSERT INTO bulk_jobs (region, what, words, filter, change, scope, total, done, who, created_at) VALUES ('khabarovsk', 'assign', '', '{}', '{}', '{}', 1, 2, 'a', now())", check},
	} {
		_, err := conn.Exec(t.Context(), try.sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != try.state {
			t.Errorf("%s: %v, want SQLSTATE %s", name, err, try.state)
		}
	}
	if c := seenCase(t, s, id); c.Version != 1 {
		t.Errorf("a refused change left version %d", c.Version)
	}
}
