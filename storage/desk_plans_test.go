package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// The queue and the card read by index, however many cases there are, with and
// without statistics.
func TestDeskReadsNoTableWhole(t *testing.T) {
	dsn := storagetest.DSN(t)
	conn := connect(t, dsn)
	const stored = 6000
	fill := storagetest.Open(t, dsn, storage.Options{})
	src := addSource(t, fill, owner)
	for n := 0; n < stored; n += 1000 {
		posts := make([]domain.Judged, 1000) // a case each
		for i := range posts {
			posts[i] = judgedAs(post(n+i, fmt.Sprint("Яма ", n+i)), 3, fmt.Sprint("own", n+i))
		}
		b, judged := batchOf(src, "1", posts...)
		if _, err := fill.Commit(t.Context(), noon(), b, judged, toModeration(noon())); err != nil {
			t.Fatal(err)
		}
	}
	cases, err := fill.Queue(t.Context(), analyst(), domain.QueueFilter{}, noon(), 50, 0)
	if err != nil || len(cases) != 50 {
		t.Fatalf("%d lines, %v", len(cases), err)
	}
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			if _, err := conn.Exec(t.Context(), "ANALYZE"); err != nil {
				t.Fatal(err)
			}
		}
		before := scanned(t, conn)
		deskPaths(t, storagetest.Open(t, dsn, storage.Options{}), cases)
		after := scanned(t, conn)
		for table, rows := range after {
			if grown := rows - before[table]; grown > stored/2 {
				t.Errorf("analyzed=%v: %d rows of %s were read by sequential scans", analyzed, grown, table)
			}
		}
	}
}

// deskPaths runs often enough for PostgreSQL to settle on generic plans.
func deskPaths(t *testing.T, s *storage.Store, cases []domain.QueueItem) {
	t.Helper()
	defer s.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		c := cases[i].Case
		for _, f := range []domain.QueueFilter{{}, {Urgent: true}, {Municipality: "khabarovsk-city"}, {SourceID: c.SourceID},
			{Subject: &domain.Subject{Row: 3}}, {Returned: true}, {Undecided: true}} {
			_, err := s.Queue(t.Context(), analyst(), f, noon(), 50, 0)
			must(err)
		}
		body := domain.Scope{Region: region, Agencies: []string{"min-roads"}}
		_, err := s.Queue(t.Context(), body, domain.QueueFilter{}, noon(), 50, 0)
		must(err)
		_, err = s.CaseWhole(t.Context(), analyst(), c.ID)
		must(err)
		_, err = s.CasePosts(t.Context(), analyst(), c.ID, domain.PostMark{At: noon().Add(-time.Hour), ID: 1}, 200)
		must(err)
		_, err = s.CaseByNumber(t.Context(), analyst(), c.Number)
		must(err)
		_, err = s.NearCases(t.Context(), analyst(), c)
		must(err)
		_, err = s.TakeFirst(t.Context(), analyst(), []domain.Ref{cases[i].Ref}, "anna", time.Minute)
		must(err)
		now, err := s.SeenCase(t.Context(), analyst(), c.ID)
		must(err)
		ch, err := domain.PutAside(now, noon().Add(time.Hour), by("anna"))
		must(err)
		done, err := s.ChangeCase(t.Context(), analyst(), ch)
		must(err)
		_, err = s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon())
		must(err)
	}
}
