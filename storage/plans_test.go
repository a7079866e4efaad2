package storage_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// No hot path reads a table whole, with or without statistics: PostgreSQL's own
// counters of rows read by sequential scans must not grow with the table.
func TestHotPathsReadNoTableWhole(t *testing.T) {
	dsn := storagetest.DSN(t)
	conn := connect(t, dsn)
	const stored = 6000
	fill := storagetest.Open(t, dsn, storage.Options{})
	src := addSource(t, fill, owner)
	for n := 0; n < stored; n += 1000 {
		b, judged := batchOf(src, "1", benchPosts(n, 1000)...)
		commit(t, fill, b, judged)
	}
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			if _, err := conn.Exec(t.Context(), "ANALYZE"); err != nil {
				t.Fatal(err)
			}
		}
		before := scanned(t, conn)
		hotPaths(t, storagetest.Open(t, dsn, storage.Options{}), src)
		after := scanned(t, conn)
		for table, rows := range after {
			if grown := rows - before[table]; grown > stored/2 {
				t.Errorf("analyzed=%v: %d rows of %s were read by sequential scans", analyzed, grown, table)
			}
		}
	}
}

// hotPaths runs often enough for PostgreSQL to settle on generic plans, and
// closes its store, so that the counters are complete.
func hotPaths(t *testing.T, s *storage.Store, src domain.Source) {
	t.Helper()
	defer s.Close()
	for i := range 12 {
		b, judged := batchOf(src, "1", benchPosts(i*100, 100)...) // a replay
		commit(t, s, b, judged)
		edit := judgedAs(post(i, "Исправленный текст"), 3, "place:3:7")
		edit.Post.EditedAt = time.Now()
		fresh := judgedAs(post(1_000_000+int(time.Now().UnixNano()%1_000_000), "Новое"), 3, "place:3:7", "copy:4")
		b, judged = batchOf(src, "1", edit, fresh)
		b.Deletions = []domain.Deletion{{ID: post(i+50, "").ID}}
		commit(t, s, b, judged)
		if _, err := s.Post(t.Context(), post(i, "").ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CasesDue(t.Context(), region, noon(), noon().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CasesLate(t.Context(), region, noon()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.MarkOverdue(t.Context(), region, noon()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RecentCases(t.Context(), region, 10); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ClaimNotices(t.Context(), noon().Add(-time.Hour), 10); err != nil {
			t.Fatal(err)
		}
	}
}

func scanned(t *testing.T, conn *pgx.Conn) map[string]int64 {
	t.Helper()
	time.Sleep(1200 * time.Millisecond) // sessions report at most once a second
	rows, err := conn.Query(t.Context(), "SELECT relname, seq_tup_read FROM pg_stat_user_tables")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	var table string
	var n int64
	if _, err := pgx.ForEachRow(rows, []any{&table, &n}, func() error { out[table] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}
