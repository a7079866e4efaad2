package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// connect opens a plain connection, to look behind the store's back.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestTheSchemaHoldsTheStateTable(t *testing.T) {
	conn := connect(t, storagetest.DSN(t))
	var moves []domain.Move
	rows, err := conn.Query(t.Context(), "SELECT from_state, to_state FROM case_moves")
	if err != nil {
		t.Fatal(err)
	}
	moves, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (m domain.Move, err error) {
		err = r.Scan(&m.From, &m.To)
		return m, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sortedMoves(moves), sortedMoves(domain.Moves()); !slices.Equal(got, want) {
		t.Errorf("moves\n in the schema %v\n in domain     %v", got, want)
	}
	for _, stage := range domain.Stages() {
		var open, runs bool
		err := conn.QueryRow(t.Context(), "SELECT is_open, clock_runs FROM case_states WHERE state = $1", stage.State).Scan(&open, &runs)
		if err != nil || open != stage.State.Open() || runs != stage.State.ClockRuns() {
			t.Errorf("%s: open %v, clock %v, %v", stage.State, open, runs, err)
		}
	}
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM case_states").Scan(&n); err != nil || n != len(domain.Stages()) {
		t.Errorf("%d states in the schema, %d in domain (%v)", n, len(domain.Stages()), err)
	}
}

func sortedMoves(moves []domain.Move) []string {
	out := make([]string, len(moves))
	for i, m := range moves {
		out[i] = string(m.From) + " → " + string(m.To)
	}
	slices.Sort(out)
	return out
}

// openCase commits one problem and returns its case.
func openCase(t *testing.T, s *storage.Store, n int) int64 {
	t.Helper()
	src := addSource(t, s, fmt.Sprint("-", 1000+n))
	b, judged := batchOf(src, "", judgedAs(post(n, fmt.Sprint("Яма ", n)), 3, fmt.Sprint("k", n)))
	return commit(t, s, b, judged).CaseIDs[0]
}

func move(s *storage.Store, id int64, from, to domain.State, agency string) (domain.Case, error) {
	return s.MoveCase(context.Background(), domain.CaseMove{CaseID: id, From: from, To: to, AgencyID: agency, Who: "ivanova", Why: "проверка", At: noon().Add(time.Hour)})
}

func TestMovesAreWrittenDown(t *testing.T) {
	s := storagetest.New(t)
	id := openCase(t, s, 1)
	steps := []struct {
		from, to domain.State
		agency   string
	}{
		{domain.Coordination, domain.Coordination, "institution"},
		{domain.Coordination, domain.Returned, ""},
		{domain.Returned, domain.Coordination, "min-housing"},
		{domain.Coordination, domain.Execution, ""},
		{domain.Execution, domain.Clarifying, ""},
		{domain.Clarifying, domain.Execution, ""},
	}
	for _, st := range steps {
		if _, err := move(s, id, st.from, st.to, st.agency); err != nil {
			t.Fatalf("%s → %s: %v", st.from, st.to, err)
		}
	}
	file, err := s.CaseFile(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(file.History) != 1+len(steps) || len(file.Assignments) != 3 {
		t.Fatalf("history %d, assignments %+v", len(file.History), file.Assignments)
	}
	last := file.History[len(file.History)-1]
	if last.Who != "ivanova" || last.From != domain.Clarifying || last.To != domain.Execution || !last.At.Equal(noon().Add(time.Hour)) {
		t.Errorf("last line = %+v", last)
	}
	current := 0
	for _, a := range file.Assignments {
		if a.Until.IsZero() {
			current++
			if a.AgencyID != "min-housing" {
				t.Errorf("current = %+v", a)
			}
		}
	}
	if current != 1 {
		t.Errorf("%d current assignments", current)
	}
}

func TestWrongMovesAreImpossible(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	id := openCase(t, s, 1)
	if _, err := move(s, id, domain.Coordination, domain.Done, ""); !errors.Is(err, domain.ErrNoMove) {
		t.Errorf("coordination → done: %v", err)
	}
	if _, err := move(s, id, domain.Execution, domain.Approval, ""); !errors.Is(err, storage.ErrStale) {
		t.Errorf("a move from a state it is not in: %v", err)
	}
	if _, err := move(s, 999, domain.Execution, domain.Approval, ""); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a case that is not there: %v", err)
	}
	// Whoever writes: the schema refuses by itself.
	const check, unique, reference = "23514", "23505", "23503"
	for name, try := range map[string]struct{ sql, state string }{
		"a move the table lacks":     {"UPDATE cases SET state = 'done'", "OT001"},
		"an unknown state":           {"UPDATE cases SET state = 'lost'", "OT001"},
		"a case born done":           {"INSERT INTO cases SELECT (jsonb_populate_record(c, '{\"id\": 77, \"number\": \"x\", \"state\": \"done\"}')).* FROM cases c", "OT001"},
		"a body taken away":          {"UPDATE cases SET agency_id = ''", check},
		"a due before registration":  {"UPDATE cases SET due_at = registered_at - interval '1 day', control_at = NULL", check},
		"a control date past due":    {"UPDATE cases SET control_at = due_at + interval '1 day'", check},
		"a second current assignee":  {"INSERT INTO assignments (case_id, agency_id, since, by_whom, why) SELECT id, 'x', now(), 'x', '' FROM cases", unique},
		"a post in two cases":        {"INSERT INTO case_posts SELECT * FROM case_posts", unique},
		"history rewritten":          {"UPDATE case_history SET who = 'nobody'", "OT002"},
		"history deleted":            {"DELETE FROM case_history", "OT002"},
		"a case deleted":             {"DELETE FROM cases", reference},
		"an identity with a blank":   {"UPDATE post_ids SET comment = ''", check},
		"two verdicts that count":    {"INSERT INTO verdicts SELECT (jsonb_populate_record(v, '{\"id\": 777}')).* FROM verdicts v", unique},
		"a source in an odd state":   {"UPDATE sources SET state = 'tired'", check},
		"a lease without an end":     {"UPDATE sources SET lease_owner = 'x'", check},
		"a notice sent without time": {"UPDATE notices SET state = 'sent'", check},
	} {
		_, err := conn.Exec(t.Context(), try.sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != try.state {
			t.Errorf("%s: %v, want SQLSTATE %s", name, err, try.state)
		}
	}
}

func TestClarifyingReturnsWhereItCameFrom(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	id := openCase(t, s, 1)
	for _, to := range []domain.State{domain.Execution, domain.Clarifying} {
		from := domain.Coordination
		if to == domain.Clarifying {
			from = domain.Execution
		}
		if _, err := move(s, id, from, to, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, to := range []domain.State{domain.Moderation, domain.Rejected} {
		if _, err := move(s, id, domain.Clarifying, to, ""); !errors.Is(err, domain.ErrNoMove) {
			t.Errorf("asked from execution, moved to %s: %v", to, err)
		}
	}
	if _, err := move(s, id, domain.Clarifying, domain.Execution, ""); err != nil {
		t.Error(err)
	}
}

func TestAClosedCaseIsNoLongerOffered(t *testing.T) {
	s := storagetest.New(t)
	id := openCase(t, s, 1)
	for _, st := range [][2]domain.State{{domain.Coordination, domain.Returned}, {domain.Returned, domain.Rejected}} {
		if _, err := move(s, id, st[0], st[1], ""); err != nil {
			t.Fatal(err)
		}
	}
	src := addSource(t, s, "-5")
	b, judged := batchOf(src, "", judgedAs(post(50, "Та же яма"), 3, "k1"))
	res := commit(t, s, b, judged)
	if res.Opened != 1 || res.CaseIDs[0] == id {
		t.Fatalf("result = %+v", res)
	}
	if _, err := move(s, id, domain.Rejected, domain.Moderation, ""); err != nil {
		t.Fatal(err)
	}
	b, judged = batchOf(src, "", judgedAs(post(51, "И снова она"), 3, "k1"))
	_, err := s.Commit(t.Context(), noon(), b, judged, func(j domain.Judged, k *domain.Known, open []domain.OpenCase) domain.Decision {
		if len(open) != 2 || open[0].ID != id || open[0].Keys[0] != "k1" {
			t.Errorf("offered %+v", open)
		}
		return route(j, k, open)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCaseNumbersFollowTheLocalYear(t *testing.T) {
	s := storagetest.New(t)
	// 2026-12-31 20:00 UTC is 1 January in Khabarovsk and 31 December in Kaliningrad.
	now := time.Date(2026, 12, 31, 20, 0, 0, 0, time.UTC)
	numbers := map[string]string{}
	for _, r := range []string{"khabarovsk", "kaliningrad"} {
		src, err := s.AddSource(t.Context(), domain.Source{Region: r, Kind: domain.VKWall, Address: "-1"})
		if err != nil {
			t.Fatal(err)
		}
		p := post(1, "Яма")
		p.ID.Owner, p.Region = "-"+r, r
		b, judged := batchOf(src, "", judgedAs(p, 3, "a"))
		_, err = s.Commit(t.Context(), now, b, judged, func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
			d := route(j, k, o)
			d.Deadline.Due, d.Deadline.Control = now.AddDate(0, 0, 10), now.AddDate(0, 0, 10)
			return d
		})
		if err != nil {
			t.Fatal(err)
		}
		cases, err := s.RecentCases(t.Context(), r, 1)
		if err != nil {
			t.Fatal(err)
		}
		numbers[r] = cases[0].Number
	}
	if numbers["khabarovsk"] != "27-2027-000001" || numbers["kaliningrad"] != "39-2026-000001" {
		t.Errorf("numbers = %v", numbers)
	}
}

func TestOverdueIsMarkedOnce(t *testing.T) {
	s := storagetest.New(t)
	id := openCase(t, s, 1)
	other := openCase(t, s, 2)
	for _, st := range []domain.State{domain.Execution, domain.Approval, domain.Publishing, domain.Satisfaction} {
		from := map[domain.State]domain.State{domain.Execution: domain.Coordination, domain.Approval: domain.Execution,
			domain.Publishing: domain.Approval, domain.Satisfaction: domain.Publishing}[st]
		if _, err := move(s, other, from, st, ""); err != nil {
			t.Fatal(err)
		}
	}
	due := deadline().Due
	if list, err := s.CasesDue(t.Context(), region, due, due.Add(time.Second)); err != nil || len(list) != 1 || list[0].ID != id {
		t.Errorf("due = %+v, %v", list, err)
	}
	if list, err := s.CasesLate(t.Context(), region, due.Add(-time.Second)); err != nil || len(list) != 0 {
		t.Errorf("late a second before due: %+v, %v", list, err)
	}
	if list, err := s.CasesLate(t.Context(), region, due); err != nil || len(list) != 1 || list[0].ID != id {
		t.Errorf("late = %+v, %v", list, err)
	}
	if list, err := s.MarkOverdue(t.Context(), region, due.Add(-time.Second)); err != nil || len(list) != 0 {
		t.Errorf("a second before due: %+v, %v", list, err)
	}
	list, err := s.MarkOverdue(t.Context(), region, due) // due is exclusive
	if err != nil || len(list) != 1 || list[0].ID != id || !list[0].Overdue {
		t.Errorf("overdue = %+v, %v", list, err)
	}
	if list, err := s.MarkOverdue(t.Context(), region, due); err != nil || len(list) != 0 {
		t.Errorf("marked twice: %+v, %v", list, err)
	}
	if list, err := s.CasesLate(t.Context(), region, due); err != nil || len(list) != 0 {
		t.Errorf("late though marked: %+v, %v", list, err)
	}
	counts, err := s.OverdueByAgency(t.Context())
	if err != nil || len(counts) != 1 || counts[0].AgencyID != "min-roads" || counts[0].Cases != 1 {
		t.Errorf("by body = %+v, %v", counts, err)
	}
	loads, err := s.OpenCasesByAgency(t.Context(), region, due.AddDate(0, 0, 3))
	if err != nil || len(loads) != 1 || loads[0].Open != 1 || loads[0].Overdue != 1 || loads[0].DueSoon != 0 {
		t.Errorf("loads = %+v, %v", loads, err)
	}
	if st := stats(t, s); st.Overdue != 1 || st.Replies != 1 {
		t.Errorf("stats = %+v", st)
	}
}

func TestReviewItemsAreQueuedOnce(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	review := func(j domain.Judged, _ *domain.Known, _ []domain.OpenCase) domain.Decision {
		return domain.Decision{Action: domain.ActionReview, Reason: "faults", Words: "нужен человек", Urgent: j.Post.ID.Post == "2"}
	}
	for n, text := range []string{"", "один", "два", "три"} {
		if n == 0 {
			continue
		}
		b, judged := batchOf(src, "", judgedAs(post(n, text), 0))
		if res, err := s.Commit(t.Context(), noon(), b, judged, review); err != nil || res.Review != 1 {
			t.Fatalf("%+v, %v", res, err)
		}
	}
	edit := post(1, "один и ещё")
	b, judged := batchOf(src, "", judgedAs(edit, 0))
	if res, err := s.Commit(t.Context(), noon(), b, judged, review); err != nil || res.Review != 0 || res.Changed != 1 {
		t.Errorf("the same question twice: %+v, %v", res, err)
	}
	items, err := s.ReviewItems(t.Context(), region, 10)
	if err != nil || len(items) != 3 || items[0].Post.Post != "2" || !items[0].Urgent {
		t.Errorf("items = %+v, %v", items, err)
	}
	if st := stats(t, s); st.Review != 3 || st.Cases != 0 {
		t.Errorf("stats = %+v", st)
	}
}
