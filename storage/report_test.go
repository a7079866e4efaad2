package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func foldRules(t testing.TB) storage.FoldRules {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	return storage.FoldRules{Zone: zone, NormTime: func(from, to time.Time, _ []domain.Pause) (time.Duration, error) { return to.Sub(from) / 3, nil }}
}

// fold brings the counters up to date.
func fold(t testing.TB, s *storage.Store) {
	t.Helper()
	for {
		n, err := s.FoldReport(t.Context(), region, foldRules(t), 7)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// openCases stores n cases of various rows and places and returns their ids.
func openCases(t *testing.T, s *storage.Store, n int) []int64 {
	t.Helper()
	src := addSource(t, s, owner)
	var judged []domain.Judged
	for i := range n {
		j := judgedAs(post(i, fmt.Sprintf("Яма номер %d на дороге", i)), 3+i%4)
		j.Verdict.Place.Municipality = []string{"khabarovsk-city", "amursk", ""}[i%3]
		judged = append(judged, j)
	}
	b, judged := batchOf(src, "1", judged...)
	return commit(t, s, b, judged).CaseIDs
}

func exec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// wander moves cases at random along the state table, changes rows and bodies.
func wander(t *testing.T, conn *pgx.Conn, rnd *rand.Rand, ids []int64, at time.Time) {
	t.Helper()
	id := ids[rnd.IntN(len(ids))]
	stamp := "updated_at = $2, changed_by = 'test', changed_why = 'проверка'"
	switch rnd.IntN(8) {
	case 0:
		exec(t, conn, "UPDATE cases SET decree_row = $3, "+stamp+" WHERE id = $1", id, at, 1+rnd.IntN(9))
	case 1:
		exec(t, conn, "UPDATE cases SET restricted = NOT restricted, "+stamp+" WHERE id = $1", id, at)
	case 2:
		exec(t, conn, "UPDATE cases SET agency_id = $3, "+stamp+" WHERE id = $1 AND agency_id <> ''", id, at, []string{"min-roads", "city", "school"}[rnd.IntN(3)])
	default:
		var state, came string
		if err := conn.QueryRow(t.Context(), "SELECT state, coalesce(came_from, '') FROM cases WHERE id = $1", id).Scan(&state, &came); err != nil {
			t.Fatal(err)
		}
		var next []domain.State
		for _, m := range domain.Moves() {
			if m.From == domain.State(state) && m.To != domain.Attached && (m.From != domain.Clarifying || m.To == domain.State(came)) {
				next = append(next, m.To)
			}
		}
		if len(next) == 0 {
			return
		}
		to := next[rnd.IntN(len(next))]
		if to == domain.Rejected && rnd.IntN(10) > 0 { // else all end there
			return
		}
		outcome := ""
		if to == domain.Satisfaction || to == domain.Done {
			outcome = []string{"solved", "explained"}[rnd.IntN(2)]
		}
		closing := ""
		exec(t, conn, "UPDATE cases SET state = $3, outcome = $4, closing_reason = $5, "+stamp+" WHERE id = $1", id, at, string(to), outcome, closing)
	}
}

// The counters say what the rows say, whatever happened in whatever order and
// however it was folded.
func TestCountersEqualTheRows(t *testing.T) {
	dsn := storagetest.DSN(t)
	s, conn := storagetest.Open(t, dsn, storage.Options{}), connect(t, dsn)
	ids := openCases(t, s, 40)
	rnd := rand.New(rand.NewPCG(3, 5))
	for i := range 1500 {
		wander(t, conn, rnd, ids, noon().Add(time.Duration(i)*time.Hour))
		if rnd.IntN(9) == 0 {
			if _, err := s.FoldReport(t.Context(), region, foldRules(t), 1+rnd.IntN(5)); err != nil {
				t.Fatal(err)
			}
		}
	}
	fold(t, s)
	for name, sql := range map[string]string{
		"open by body and due": `
SELECT agency_id, restricted, due_at, cases FROM case_load
EXCEPT SELECT agency_id, restricted, due_at, count(*) FROM cases WHERE state NOT IN ('satisfaction', 'done', 'rejected', 'attached') GROUP BY 1, 2, 3`,
		"cases by row and place": `
SELECT key, sum(cases) FROM case_days WHERE dimension = 'pair' GROUP BY key HAVING sum(cases) <> 0
EXCEPT SELECT 'row:' || decree_row || '|' || municipality, count(*) FROM cases WHERE state <> 'rejected' GROUP BY 1`,
		"answers by outcome": `
SELECT sum(answered), sum(solved), sum(explained), sum(in_time) FROM agency_weeks
EXCEPT SELECT count(*), count(*) FILTER (WHERE outcome = 'solved'), count(*) FILTER (WHERE outcome = 'explained'), count(*) FILTER (WHERE answered_at < due_at)
  FROM (SELECT outcome, answered_at, due_at FROM cases UNION ALL SELECT outcome, answered_at, due_at FROM case_rounds) x WHERE answered_at IS NOT NULL`,
		"assigned unseen and reversed": `
SELECT sum(unseen), sum(reversed) FROM case_days WHERE dimension = 'place'
EXCEPT SELECT count(*), count(*) FILTER (WHERE c.sent_back > 0 OR c.state = 'rejected' OR c.decree_row <> c.was)
  FROM (SELECT c.*, (h.details ->> 'row')::integer AS was FROM cases c JOIN case_history h ON h.case_id = c.id AND h.from_state IS NULL AND h.to_state = 'coordination') c`,
		"sent back": `SELECT sum(sent_back) FROM agency_weeks EXCEPT SELECT sum(sent_back) FROM cases`,
		"reopened":  `SELECT sum(reopened) FROM agency_weeks EXCEPT SELECT sum(round - 1) FROM cases`,
		"histogram": `SELECT sum(n) FROM agency_weeks, unnest(answer) n EXCEPT SELECT sum(answered) FROM agency_weeks`,
	} {
		rows, err := conn.Query(t.Context(), sql)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for rows.Next() {
			values, _ := rows.Values()
			t.Errorf("%s: the counters say %v", name, values)
		}
	}
	// Every case is counted once, unless rejected, and at least one of each kind happened.
	var counted, cases, answered, reopened, reversed int64
	err := conn.QueryRow(t.Context(), `SELECT (SELECT sum(cases) FROM case_days WHERE dimension = 'place'),
		(SELECT count(*) FROM cases WHERE state <> 'rejected'), (SELECT sum(answered) FROM agency_weeks), (SELECT sum(reopened) FROM agency_weeks),
		(SELECT sum(reversed) FROM case_days WHERE dimension = 'place')`).Scan(&counted, &cases, &answered, &reopened, &reversed)
	if err != nil || counted != cases || answered == 0 || reopened == 0 || reversed == 0 {
		t.Errorf("counted %d of %d cases, %d answers, %d reopened, %d reversed, %v", counted, cases, answered, reopened, reversed, err)
	}
}

// Two processes that fold at once count everything once.
func TestFoldingTwiceAtOnceCountsOnce(t *testing.T) {
	dsn := storagetest.DSN(t)
	a, b := storagetest.Open(t, dsn, storage.Options{}), storagetest.Open(t, dsn, storage.Options{})
	openCases(t, a, 60)
	done := make(chan error, 2)
	for _, s := range []*storage.Store{a, b} {
		go func() {
			var err error
			for range 40 {
				if _, e := s.FoldReport(context.Background(), region, foldRules(t), 5); e != nil {
					err = e
				}
			}
			done <- err
		}()
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	fold(t, a)
	due := deadline().Due
	load, err := a.OpenLoad(t.Context(), everything(), due.Add(-time.Hour), due, due.Add(time.Hour))
	if err != nil || len(load) != 1 || load[0] != (domain.LoadCount{AgencyID: "min-roads", Open: 60, Today: 60}) {
		t.Errorf("%+v, %v", load, err)
	}
}

func everything() domain.Scope { return domain.Scope{Region: region, Whole: true} }

func TestReadersSeeTheirScopeOnly(t *testing.T) {
	dsn := storagetest.DSN(t)
	s, conn := storagetest.Open(t, dsn, storage.Options{}), connect(t, dsn)
	ids := openCases(t, s, 12)
	exec(t, conn, "UPDATE cases SET agency_id = 'city', updated_at = now() WHERE id = ANY ($1)", ids[:5])
	exec(t, conn, "UPDATE cases SET restricted = true, updated_at = now() WHERE id = ANY ($1)", ids[4:6])
	fold(t, s)
	filter := domain.CaseFilter{From: domain.Date{Year: 2026, Month: 11, Day: 1}, To: domain.Date{Year: 2026, Month: 12, Day: 31}}
	for name, tc := range map[string]struct {
		scope domain.Scope
		want  int64
	}{
		"nobody":         {domain.Scope{}, 0},
		"another region": {domain.Scope{Region: "kaliningrad", Whole: true, Restricted: true}, 0},
		"whole":          {everything(), 10},
		"named people":   {domain.Scope{Region: region, Whole: true, Restricted: true}, 12},
		"a body":         {domain.Scope{Region: region, Agencies: []string{"city"}}, 4},
		"a body, named":  {domain.Scope{Region: region, Agencies: []string{"city"}, Restricted: true}, 5},
		"no body":        {domain.Scope{Region: region}, 0},
	} {
		load, err := s.OpenLoad(t.Context(), tc.scope, noon(), noon(), noon())
		if err != nil {
			t.Fatal(err)
		}
		var open int64
		for _, l := range load {
			open += l.Open
		}
		counts := map[string]int64{"open": open}
		days, err := s.DayCounts(t.Context(), tc.scope, filter)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range days {
			counts["days"] += d.Cases
		}
		for _, by := range []domain.Group{domain.ByAgency, domain.ByCategory, domain.ByMunicipality, domain.BySource} {
			keys, err := s.KeyCounts(t.Context(), tc.scope, filter, by)
			if err != nil {
				t.Fatal(err)
			}
			counts[string(by)] = 0
			for _, k := range keys {
				counts[string(by)] += k.Cases
			}
			// The same through the rows instead of the counters.
			narrow := filter
			for _, row := range []int{3, 4, 5, 6} {
				narrow.Category = fmt.Sprintf("row:%d", row)
				keys, err := s.KeyCounts(t.Context(), tc.scope, narrow, by)
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range keys {
					counts["narrow "+string(by)] += k.Cases
				}
			}
		}
		lines, err := s.TermLines(t.Context(), tc.scope, domain.TermQuery{List: domain.TermOpen, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		counts["lines"] = int64(len(lines))
		hits, err := s.SearchPosts(t.Context(), tc.scope, domain.PostQuery{Text: "яма", Limit: 50, CountUpTo: 1000})
		if err != nil {
			t.Fatal(err)
		}
		counts["hits"] = int64(hits.Count)
		for what, got := range counts {
			if got != tc.want {
				t.Errorf("%s: %s is %d, want %d", name, what, got, tc.want)
			}
		}
	}
	// A body that is asked for outside of the scope shows nothing.
	mine := domain.Scope{Region: region, Agencies: []string{"city"}}
	lines, err := s.TermLines(t.Context(), mine, domain.TermQuery{List: domain.TermOpen, Agencies: []string{"min-roads"}, Limit: 10})
	if err != nil || len(lines) != 0 {
		t.Errorf("another body's cases: %v, %v", lines, err)
	}
}

// Every list has the length of its number, and its pages come one after another.
func TestListsAreAsLongAsTheirNumbers(t *testing.T) {
	dsn := storagetest.DSN(t)
	s, conn := storagetest.Open(t, dsn, storage.Options{}), connect(t, dsn)
	ids := openCases(t, s, 30)
	rnd := rand.New(rand.NewPCG(1, 8))
	for i := range 1200 {
		wander(t, conn, rnd, ids, noon().Add(time.Duration(i)*time.Hour))
	}
	fold(t, s)
	scope := domain.Scope{Region: region, Whole: true, Restricted: true}
	weeks, err := s.AgencyWeeks(t.Context(), scope, domain.Date{Year: 2026, Month: 1, Day: 5}, domain.Date{Year: 2027, Month: 12, Day: 27})
	if err != nil {
		t.Fatal(err)
	}
	want := map[domain.TermList]int64{}
	byBody := map[string]int64{}
	for _, w := range weeks {
		want[domain.TermAnswered] += w.Answered
		want[domain.TermInTime] += w.InTime
		want[domain.TermLate] += w.Answered - w.InTime
		want[domain.TermSolved] += w.Solved
		want[domain.TermExplained] += w.Explained
		want[domain.TermSentBack] += w.SentBack
		want[domain.TermReopened] += w.Reopened
		byBody[w.AgencyID] += w.Answered
	}
	for list, n := range want {
		if got := walkLines(t, s, scope, domain.TermQuery{List: list, Limit: 3}); int64(got) != n {
			t.Errorf("%s: %d lines, the number is %d", list, got, n)
		}
	}
	for agency, n := range byBody {
		if got := walkLines(t, s, scope, domain.TermQuery{List: domain.TermAnswered, Limit: 2, Agencies: []string{agency, "nobody"}}); int64(got) != n {
			t.Errorf("answered by %s: %d lines, the number is %d", agency, got, n)
		}
	}
	if want[domain.TermLate] == 0 || want[domain.TermSentBack] == 0 || want[domain.TermReopened] == 0 {
		t.Errorf("nothing to compare: %v", want)
	}
}

func walkLines(t *testing.T, s *storage.Store, scope domain.Scope, q domain.TermQuery) int {
	t.Helper()
	n := 0
	for {
		lines, err := s.TermLines(t.Context(), scope, q)
		if err != nil {
			t.Fatal(err)
		}
		n += len(lines)
		if len(lines) < q.Limit || n > 10000 {
			return n
		}
		last := lines[len(lines)-1]
		q.AfterAt, q.AfterID = last.At, last.Case.ID
	}
}

func TestSearchFindsRussianWords(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	texts := []string{"Ёлку не убрали до сих пор", "Елки стоят во дворах", "На дороге <b>ямы</b> & лужи", "Вода ушла", "Яма у дома, яма у школы"}
	var judged []domain.Judged
	for i, text := range texts {
		judged = append(judged, judgedAs(post(i, text), 3))
	}
	b, judged := batchOf(src, "1", judged...)
	commit(t, s, b, judged)
	search := func(text string) domain.PostHits {
		hits, err := s.SearchPosts(t.Context(), everything(), domain.PostQuery{Text: text, Limit: 50, CountUpTo: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return hits
	}
	for query, want := range map[string]int{"елка": 2, "ЁЛКИ": 2, "ямами": 2, "яма -школа": 1, `"яма у школы"`: 1, "вода or лужа": 2, "трамвай": 0} {
		if got := search(query); got.Count != want || len(got.Hits) != want || got.Words == "" {
			t.Errorf("%s: %d found", query, got.Count)
		}
	}
	for _, query := range []string{"", "и не на", "-яма", "!!!", "\x00"} {
		if got := search(query); got.Words != "" || len(got.Hits) != 0 {
			t.Errorf("%q looks for %q", query, got.Words)
		}
	}
	for _, h := range search("яма").Hits {
		var words []string
		text := []rune(h.Post.Text)
		for _, m := range h.Marks {
			words = append(words, string(text[m[0]:m[1]]))
		}
		if !slices.Equal(words, []string{"ямы"}) && !slices.Equal(words, []string{"Яма", "яма"}) {
			t.Errorf("%q is marked at %q", h.Post.Text, words)
		}
	}
}

// The count stops, the newest come first, and a filter narrows.
func TestSearchShowsTheNewestAndStopsCounting(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	for n := 0; n < 300; n += 100 {
		var judged []domain.Judged
		for i := range 100 {
			judged = append(judged, judgedAs(post(n+i, fmt.Sprintf("Яма %d", n+i)), 3+i%2))
		}
		b, judged := batchOf(src, "1", judged...)
		at := noon().AddDate(0, n/100, 0)
		later := func(j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
			d := route(j, known, open)
			d.RegisteredAt, d.Deadline.Due, d.Deadline.Control = at, at.AddDate(0, 0, 10), at.AddDate(0, 0, 10)
			return d
		}
		if _, err := s.Commit(t.Context(), at, b, judged, later); err != nil {
			t.Fatal(err)
		}
	}
	q := domain.PostQuery{Text: "яма", Limit: 20, CountUpTo: 150}
	hits, err := s.SearchPosts(t.Context(), everything(), q)
	if err != nil || len(hits.Hits) != 20 || hits.Count != 150 || !hits.More || hits.Hits[0].Post.Text != "Яма 299" {
		t.Fatalf("%d hits, count %d, more %v, %v", len(hits.Hits), hits.Count, hits.More, err)
	}
	q.Category, q.CountUpTo = "row:4", 1000
	if hits, err = s.SearchPosts(t.Context(), everything(), q); err != nil || hits.Count != 150 || hits.More || hits.Hits[0].Category != "row:4" {
		t.Errorf("row 4: %d, %v", hits.Count, err)
	}
	q.To = noon().AddDate(0, 1, 0)
	if hits, err = s.SearchPosts(t.Context(), everything(), q); err != nil || hits.Count != 50 || hits.Hits[0].Post.Text != "Яма 99" {
		t.Errorf("row 4 of the first month: %d, %v", hits.Count, err)
	}
	q.Municipality = "amursk"
	if hits, err = s.SearchPosts(t.Context(), everything(), q); err != nil || hits.Count != 0 {
		t.Errorf("another place: %d, %v", hits.Count, err)
	}
}

// What the decree restricts is hidden before it is a case.
func TestSearchHidesRestrictedRowsWithoutACase(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	j := judgedAs(post(1, "Требуют взятку"), 23)
	j.Verdict.Kind = domain.Other // no case is opened
	b, judged := batchOf(src, "1", j)
	commit(t, s, b, judged)
	q := domain.PostQuery{Text: "взятка", RestrictedRows: []int{23}, Limit: 50, CountUpTo: 1000}
	if hits, err := s.SearchPosts(t.Context(), everything(), q); err != nil || hits.Count != 0 {
		t.Errorf("found %d, %v", hits.Count, err)
	}
	named := domain.Scope{Region: region, Whole: true, Restricted: true}
	if hits, err := s.SearchPosts(t.Context(), named, q); err != nil || hits.Count != 1 {
		t.Errorf("named people find %d, %v", hits.Count, err)
	}
}

// The norm of the first reaction stands still while the author is asked (R8).
func TestWaitForTheAuthorIsNoReactionTime(t *testing.T) {
	dsn := storagetest.DSN(t)
	s, conn := storagetest.Open(t, dsn, storage.Options{}), connect(t, dsn)
	id := openCases(t, s, 1)[0]
	exec(t, conn, "UPDATE cases SET first_reaction_at = assigned_at + interval '9 hours', updated_at = now(), changed_by = 'test' WHERE id = $1", id)
	exec(t, conn, `INSERT INTO questions (case_id, asked_by, asked_at, text, due_at, answered_at, result, closed_by)
		SELECT id, 'exec', assigned_at + interval '2 hours', 'Где?', assigned_at + interval '3 days', assigned_at + interval '6 hours', 'silent', 'система' FROM cases WHERE id = $1`, id)
	rules := foldRules(t)
	rules.NormTime = func(from, to time.Time, pauses []domain.Pause) (time.Duration, error) {
		took := to.Sub(from)
		for _, p := range pauses {
			took -= p.To.Sub(p.From)
		}
		return took, nil
	}
	if _, err := s.FoldReport(t.Context(), region, rules, 100); err != nil {
		t.Fatal(err)
	}
	var minutes int
	if err := conn.QueryRow(t.Context(), "SELECT reaction FROM case_facts WHERE case_id = $1", id).Scan(&minutes); err != nil || minutes != 5*60 {
		t.Errorf("a reaction after nine hours, four of them waiting: %d minutes, %v", minutes, err)
	}
}
