package storage_test

import (
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// The lists and counters of one body do not read the cases of all others.
func TestTasksReadNoTableWhole(t *testing.T) {
	dsn := storagetest.DSN(t)
	h := newHouseOn(t, dsn)
	mine := h.executed()
	const others = 4000
	h.sql(`INSERT INTO cases (number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency, route_why,
			urgent, restricted, days, due_at, control_at, deadline_reason, posts, reason, registered_at, updated_at, changed_by, changed_why)
		SELECT 'n' || i, $1, 'coordination', 3, '', '', '{}', 'body' || i % 40, '', '', false, false, 10, $2::timestamptz + make_interval(hours => i % 200),
			$2, '', 1, '', $2::timestamptz - interval '1 day', $2, 'test', '' FROM generate_series(1, $3::integer) i`, region, noon().AddDate(0, 0, 9), others)
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			h.sql("ANALYZE")
		}
		before := scanned(t, h.conn)
		s := storagetest.Open(t, dsn, storage.Options{})
		for range 8 { // enough for generic plans
			for _, tab := range domain.Tabs() {
				if _, err := s.Tasks(t.Context(), h.scope("coord"), h.filter("coord", tab)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.CountTasks(t.Context(), h.scope("coord"), h.filter("coord", domain.TabAll), domain.Tabs()...); err != nil {
				t.Fatal(err)
			}
			if _, err := s.BodyTask(t.Context(), h.scope("coord"), mine.ID, h.rules); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Workers(t.Context(), h.scope("coord"), []string{"min-roads"}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.SilentQuestions(t.Context(), region, h.now); err != nil {
				t.Fatal(err)
			}
			if _, err := s.AnsweredQuestions(t.Context(), region); err != nil {
				t.Fatal(err)
			}
			if _, err := s.LateDeferrals(t.Context(), region, h.now); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
		after := scanned(t, h.conn)
		for table, rows := range after {
			if grown := rows - before[table]; grown > others/2 {
				t.Errorf("analyzed=%v: %d rows of %s were read by sequential scans", analyzed, grown, table)
			}
		}
	}
}
