package storage_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

const insertEvent = `INSERT INTO events (at, region, kind, case_id, details) VALUES (now(), 'khabarovsk', $1, NULL, '{}')`

func wholeRegion() domain.Scope { return domain.Scope{Region: region, Whole: true, Restricted: true} }

func eventsAfter(t *testing.T, s *storage.Store, scope domain.Scope, after domain.EventPoint) []domain.Event {
	t.Helper()
	got, err := s.EventsAfter(t.Context(), scope, after, 100)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// awaitEvents reads until n events are there. Transactions of the other tests'
// databases hold the horizon back too: one server counts them all.
func awaitEvents(t *testing.T, s *storage.Store, after domain.EventPoint, n int) []domain.Event {
	t.Helper()
	for range 6000 {
		if got := eventsAfter(t, s, wholeRegion(), after); len(got) >= n {
			return got
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %d events after a minute", n)
	return nil
}

// An event that is committed late is seen late, never passed over: a reader that
// went by ids alone would have moved past it.
func TestEventsCommittedLateAreNotMissed(t *testing.T) {
	t.Parallel()
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	slow, quick := connect(t, dsn), connect(t, dsn)
	tx, err := slow.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), insertEvent, "late"); err != nil {
		t.Fatal(err)
	}
	if _, err := quick.Exec(t.Context(), insertEvent, "quick"); err != nil {
		t.Fatal(err)
	}
	before := eventsAfter(t, s, wholeRegion(), domain.EventPoint{})
	point := domain.EventPoint{}
	if len(before) > 0 {
		point = before[len(before)-1].Point
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range append(before, awaitEvents(t, s, point, 2-len(before))...) {
		seen[e.Kind]++
	}
	if seen["late"] != 1 || seen["quick"] != 1 {
		t.Errorf("seen %v, want each once", seen)
	}
}

func TestEventsOfOneTransactionComeInOrderAndPages(t *testing.T) {
	t.Parallel()
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	want := []string{"a", "b", "c", "d", "e"}
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		for _, kind := range want {
			if _, err := tx.Exec(t.Context(), insertEvent, kind); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	awaitEvents(t, s, domain.EventPoint{}, len(want))
	var got []string
	for point := (domain.EventPoint{}); ; {
		page, err := s.EventsAfter(t.Context(), wholeRegion(), point, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			got = append(got, e.Kind)
		}
		point = page[len(page)-1].Point
	}
	if compare(want, got) != "" {
		t.Errorf("read %v, want %v", got, want)
	}
	last, err := s.LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rest := eventsAfter(t, s, wholeRegion(), last); len(rest) != 0 {
		t.Errorf("behind the last event there is %v", rest)
	}
}

// Whoever sees nothing hears nothing either.
func TestEventsKeepToTheScope(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	addSource(t, s, owner)
	batch, judged := batchOf(lease(t, s, "w", time.Minute)[0], `{}`, judgedAs(post(1, "яма"), 3, "place:1"))
	commit(t, s, batch, judged)
	awaitEvents(t, s, domain.EventPoint{}, 1)
	for name, c := range map[string]struct {
		scope domain.Scope
		want  bool
	}{
		"nothing":        {domain.Scope{}, false},
		"region only":    {domain.Scope{Region: region}, false},
		"its body":       {domain.Scope{Region: region, Agencies: []string{"min-roads"}}, true},
		"another body":   {domain.Scope{Region: region, Agencies: []string{"min-health"}}, false},
		"another region": {domain.Scope{Region: "kaliningrad", Whole: true, Restricted: true}, false},
		"whole":          {wholeRegion(), true},
	} {
		if got := len(eventsAfter(t, s, c.scope, domain.EventPoint{})) > 0; got != c.want {
			t.Errorf("%s: hears %v, want %v", name, got, c.want)
		}
	}
}

func TestEventsKeptUntilPruned(t *testing.T) {
	t.Parallel()
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	for _, kind := range []string{"old", "new"} {
		if _, err := conn.Exec(t.Context(), insertEvent, kind); err != nil {
			t.Fatal(err)
		}
	}
	events := awaitEvents(t, s, domain.EventPoint{}, 2)
	kept, err := s.EventsKept(t.Context(), events[0].Point)
	if err != nil || !kept {
		t.Errorf("kept %v, %v before anything was pruned", kept, err)
	}
	if _, err := conn.Exec(t.Context(), `DELETE FROM events WHERE kind = 'old'`); err != nil {
		t.Fatal(err)
	}
	if kept, err = s.EventsKept(t.Context(), events[0].Point); err != nil || kept {
		t.Errorf("kept %v, %v: what stood behind that point may be gone", kept, err)
	}
}

func TestEventPointReadsWhatItWrites(t *testing.T) {
	t.Parallel()
	p := domain.EventPoint{Transaction: 812, ID: 34}
	if got, err := domain.ParseEventPoint(p.String()); err != nil || got != p {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "-", "12", "a-b", "1-", "-1-2", "1-2-3", "99999999999999999999-1"} {
		if _, err := domain.ParseEventPoint(bad); !errors.Is(err, domain.ErrEventPoint) {
			t.Errorf("%q was read: %v", bad, err)
		}
	}
}

// Whatever the history of a case tells, open desks hear of: an edit and a deletion
// of its posts too, once for each case.
func TestEditsAndDeletionsOfPostsAreEvents(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", judgedAs(post(1, "Яма"), 3, "a"), judgedAs(post(2, "Яма"), 3, "a"))
	opened := commit(t, s, b, judged).CaseIDs[0]
	await := func(kind string) {
		t.Helper()
		var last []domain.Event
		for range 6000 {
			last = eventsAfter(t, s, wholeRegion(), domain.EventPoint{})
			n := 0
			for _, e := range last {
				if e.Kind == kind && e.CaseID == opened {
					n++
				}
			}
			if n == 1 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("not one %s within a minute: %+v", kind, last)
	}
	one, two := post(1, "Яма и провал"), post(2, "Яма и провал")
	one.EditedAt, two.EditedAt = noon(), noon()
	b, judged = batchOf(src, "", judgedAs(one, 3, "a"), judgedAs(two, 3, "a"))
	commit(t, s, b, judged)
	await("case_post_edited")
	commit(t, s, domain.Batch{Source: src, Deletions: []domain.Deletion{{ID: one.ID, At: noon()}, {ID: two.ID, At: noon()}}}, nil)
	await("case_post_deleted")
}

// A body whose case goes to another is told so, and not whose it is now.
func TestTheOldBodyHearsThatACaseHasLeft(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.open()
	heard := func(login string, after domain.EventPoint) (kinds []string, last domain.EventPoint) {
		t.Helper()
		awaitEvents(t, h.s, after, 1)
		last = after
		for _, e := range eventsAfter(t, h.s, h.scope(login), after) {
			last = e.Point
			if e.CaseID == c.ID {
				kinds = append(kinds, e.Kind)
			}
			if e.Kind == "case_left" && (e.AgencyID != "" || string(e.Details) != "{}") {
				t.Errorf("%s reads of a case that left: %+v", login, e)
			}
		}
		return kinds, last
	}
	_, start := heard("coord", domain.EventPoint{})
	h.now = h.now.Add(time.Hour)
	c = h.must(h.s.SendBackTask(ctx, h.act("coord", c), "town-hall", "дорога городская"))
	h.now = h.now.Add(time.Hour)
	c = h.give(c, "town-hall")
	for login, left := range map[string]bool{"coord": true, "below": false, "far": false, "watch": false} {
		if kinds, _ := heard(login, start); slices.Contains(kinds, "case_left") != left {
			t.Errorf("%s hears %v", login, kinds)
		}
	}
	if kinds, _ := heard("far", start); !slices.Contains(kinds, "case_assigned") && !slices.Contains(kinds, "case_moved") {
		t.Errorf("the new body hears %v", kinds)
	}
}
