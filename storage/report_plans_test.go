package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// No page of deadlines, analytics or search reads a table whole, with or without
// statistics; nor does the fold.
func TestReportsReadNoTableWhole(t *testing.T) {
	dsn := storagetest.DSN(t)
	conn := connect(t, dsn)
	const stored = 6000
	fill := storagetest.Open(t, dsn, storage.Options{})
	src := addSource(t, fill, owner)
	for n := 0; n < stored; n += 1000 {
		var judged []domain.Judged
		for i := n; i < n+1000; i++ {
			text := fmt.Sprintf("Жалоба номер %d на дворы", i)
			if i%500 == 0 {
				text += " и дирижабль"
			}
			judged = append(judged, judgedAs(post(i, text), 1+i%90))
		}
		b, judged := batchOf(src, "1", judged...)
		commit(t, fill, b, judged)
	}
	for {
		taken, err := fill.FoldReport(t.Context(), region, foldRules(t), 2000)
		if err != nil {
			t.Fatal(err)
		}
		if taken < 2000 {
			break
		}
	}
	fill.Close() // a session that is idle tells its counters late
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			exec(t, conn, "ANALYZE")
		}
		before := scanned(t, conn)
		reportPaths(t, storagetest.Open(t, dsn, storage.Options{}))
		for table, rows := range scanned(t, conn) {
			if grown := rows - before[table]; grown > stored/2 {
				t.Errorf("analyzed=%v: %d rows of %s were read by sequential scans", analyzed, grown, table)
			}
		}
	}
}

// reportPaths runs often enough for PostgreSQL to settle on generic plans, as a
// controller and as a body, and closes its store, so that the counters are complete.
func reportPaths(t *testing.T, s *storage.Store) {
	t.Helper()
	defer s.Close()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	today := domain.DateOf(noon(), time.UTC)
	for _, scope := range []domain.Scope{everything(), {Region: region, Agencies: []string{"city", "school"}}} {
		for i := range 8 {
			_, err := s.OpenLoad(t.Context(), scope, noon(), noon(), noon())
			must("load", err)
			_, err = s.AgencyWeeks(t.Context(), scope, today.Add(-90), today)
			must("weeks", err)
			for _, list := range []domain.TermList{domain.TermOverdue, domain.TermAnswered, domain.TermSentBack} {
				_, err = s.TermLines(t.Context(), scope, domain.TermQuery{List: list, Limit: 50, DueTo: noon()})
				must("lines", err)
			}
			beside := domain.BesideQuery{Since: noon().AddDate(0, 0, -90), Limit: 50}
			_, err = s.Deferrals(t.Context(), scope, beside)
			must("deferrals", err)
			_, err = s.Escalations(t.Context(), scope, beside)
			must("escalations", err)
			narrow := domain.CaseFilter{From: today.Add(-3), To: today, Category: fmt.Sprintf("row:%d", 1+i), Municipality: "amursk"}
			_, err = s.KeyCounts(t.Context(), scope, narrow, domain.ByAgency)
			must("counts", err)
			for _, word := range []string{"дирижабль", "трамвай"} {
				_, err = s.SearchPosts(t.Context(), scope, domain.PostQuery{Text: word, Limit: 50, CountUpTo: 1000})
				must("search", err)
			}
			_, err = s.FoldReport(t.Context(), region, foldRules(t), 10)
			must("fold", err)
		}
	}
}
