package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// analyst sees the region as an analyst does, without restricted cases.
func analyst() domain.Scope { return domain.Scope{Region: region, Whole: true} }

// moderated commits one problem that waits in moderation.
func moderated(t *testing.T, s *storage.Store, n int, keys ...string) domain.Case {
	t.Helper()
	return moderatedAt(t, s, n, noon(), keys...)
}

func moderatedAt(t *testing.T, s *storage.Store, n int, at time.Time, keys ...string) domain.Case {
	t.Helper()
	src := addSource(t, s, fmt.Sprint("-", 5000+n))
	if len(keys) == 0 {
		keys = []string{fmt.Sprint("m", n)}
	}
	j := judgedAs(post(n, fmt.Sprint("Яма номер ", n)), 3, keys...)
	j.Post.Views = int64(n)
	b, judged := batchOf(src, "", j)
	res, err := s.Commit(t.Context(), at, b, judged, toModeration(at))
	if err != nil {
		t.Fatal(err)
	}
	return seenCase(t, s, res.CaseIDs[0])
}

func toModeration(at time.Time) domain.Decide {
	return func(j domain.Judged, k *domain.Known, open []domain.OpenCase) domain.Decision {
		d := route(j, k, open)
		if d.Action == domain.ActionOpen {
			d.State, d.Notices = domain.Moderation, nil
			d.Deadline.Due = at.AddDate(0, 0, 10)
			d.Deadline.Control = d.Deadline.Due
		}
		return d
	}
}

func seenCase(t *testing.T, s *storage.Store, id int64) domain.Case {
	t.Helper()
	c, err := s.SeenCase(t.Context(), analyst(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func by(who string) domain.By {
	return domain.By{Who: who, Why: "проверка", At: noon().Add(time.Hour), Undo: "Назначено"}
}

// kept is what the machine said, as the router would give it back.
func kept(c domain.Case) domain.Corrected {
	return domain.Corrected{Subject: domain.Subject{Row: c.Row, Topic: c.Topic}, Place: c.Place, AgencyID: c.Proposed, RouteWhy: c.RouteWhy,
		Deadline: c.Deadline, Assigned: domain.Notice{Key: fmt.Sprintf("assigned:case:%d:%d", c.ID, c.Version), Kind: domain.NoticeAssigned,
			Region: c.Region, CaseID: c.ID, ToRole: "coordinator", ToAgency: c.Proposed, Text: "новое"}}
}

func assign(t *testing.T, s *storage.Store, c domain.Case, f domain.Corrected, who string) (domain.Changed, error) {
	t.Helper()
	ch, err := domain.Assign(c, f, by(who))
	if err != nil {
		t.Fatal(err)
	}
	return s.ChangeCase(context.Background(), analyst(), ch)
}

func TestAssigningIsOneChange(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	if c.Version != 1 || c.Reach != 1 || c.Confidence < 0.89 || c.SourceID == 0 {
		t.Fatalf("a new case: %+v", c)
	}
	f := kept(c)
	f.Subject, f.AgencyID = domain.Subject{Row: 5, Topic: "yards"}, "town-hall"
	done, err := assign(t, s, c, f, "anna")
	if err != nil {
		t.Fatal(err)
	}
	if got := done.Case; got.State != domain.Coordination || got.AgencyID != "town-hall" || got.Row != 5 || got.Version != 2 || got.AssignedAt.IsZero() {
		t.Errorf("assigned: %+v", got)
	}
	w, err := s.CaseWhole(t.Context(), analyst(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.History) != 2 || len(w.Holders) != 1 || w.Holders[0].AgencyID != "town-hall" || w.History[1].Who != "anna" {
		t.Errorf("history %+v, holders %+v", w.History, w.Holders)
	}
	if n, err := s.Examples(t.Context(), region, noon()); err != nil || n != 1 {
		t.Errorf("%d examples, %v", n, err)
	}
	due := noon().Add(time.Hour)
	if list, err := s.ClaimNotices(t.Context(), due, 10); err != nil || len(list) != 0 {
		t.Errorf("notices within the moment: %+v, %v", list, err)
	}
	if list, err := s.ClaimNotices(t.Context(), due.Add(domain.UndoWindow), 10); err != nil || len(list) != 1 {
		t.Errorf("notices after the moment: %+v, %v", list, err)
	}
}

func TestTwoPeopleOnOneCase(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	var wg sync.WaitGroup
	results := make([]error, 6)
	for i := range results {
		wg.Go(func() { _, results[i] = assign(t, s, c, kept(c), fmt.Sprint("user", i)) })
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		var st *domain.Stale
		switch {
		case err == nil:
			won++
		case !errors.As(err, &st) || st.State != domain.Coordination || st.Who == "" || !errors.Is(err, domain.ErrStale):
			t.Errorf("refused as %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of 6 changed the same version", won)
	}
	w, err := s.CaseWhole(t.Context(), analyst(), c.ID)
	if err != nil || len(w.History) != 2 || w.Case.Version != 2 {
		t.Errorf("history %+v, version %d, %v", w.History, w.Case.Version, err)
	}
}

func TestPostsThatJoinAreNoDecision(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	src := addSource(t, s, "-77")
	j := judgedAs(post(2, "И ещё одна"), 3, "m1")
	j.Post.Views = 500
	b, judged := batchOf(src, "", j)
	commit(t, s, b, judged)
	if now := seenCase(t, s, c.ID); now.Posts != 2 || now.Reach != 501 || now.Version != c.Version {
		t.Errorf("after a post joined: %+v", now)
	}
	if _, err := assign(t, s, c, kept(c), "anna"); err != nil {
		t.Errorf("a flood keeps an analyst from deciding: %v", err)
	}
}

func TestUndo(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	back := func(id int64, who string) error {
		_, err := s.Undo(context.Background(), analyst(), id, who, noon().Add(2*time.Hour))
		return err
	}
	c := moderated(t, s, 1)
	f := kept(c)
	f.AgencyID = "town-hall"
	done, err := assign(t, s, c, f, "anna")
	if err != nil || done.UndoID == 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	if err := back(done.UndoID, "boris"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("taken back by another: %v", err)
	}
	if _, err := s.Undo(t.Context(), domain.Scope{Region: "kaliningrad", Whole: true}, done.UndoID, "anna", noon()); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("taken back from another region: %v", err)
	}
	if err := back(done.UndoID, "anna"); err != nil {
		t.Fatal(err)
	}
	now := seenCase(t, s, c.ID)
	if now.State != domain.Moderation || now.AgencyID != "" || now.Proposed != c.Proposed || !now.AssignedAt.IsZero() || now.Version != 3 {
		t.Errorf("taken back: %+v", now)
	}
	w, err := s.CaseWhole(t.Context(), analyst(), c.ID)
	if err != nil || len(w.History) != 3 || w.History[2].What != "undone" || !w.Holders[0].Undone {
		t.Errorf("history %+v, holders %+v, %v", w.History, w.Holders, err)
	}
	if n, err := s.Examples(t.Context(), region, noon()); err != nil || n != 0 {
		t.Errorf("%d examples stay, %v", n, err)
	}
	if list, err := s.ClaimNotices(t.Context(), noon().Add(time.Hour*24), 10); err != nil || len(list) != 0 {
		t.Errorf("the body hears of it all the same: %+v, %v", list, err)
	}
	if err := back(done.UndoID, "anna"); !errors.Is(err, domain.ErrTooLate) {
		t.Errorf("a second time: %v", err)
	}

	// Somebody went on: nothing of theirs is overwritten.
	done, err = assign(t, s, now, kept(now), "anna")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.MoveCase(t.Context(), domain.CaseMove{CaseID: c.ID, From: domain.Coordination, To: domain.Execution, Who: "org", At: noon()}); err != nil {
		t.Fatal(err)
	}
	var st *domain.Stale
	if err := back(done.UndoID, "anna"); !errors.As(err, &st) || st.Who != "org" {
		t.Errorf("after somebody went on: %v", err)
	}

	// The moment is over, by the database's clock.
	other := moderated(t, s, 2)
	late, err := assign(t, s, other, kept(other), "anna")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE undos SET until = clock_timestamp() - interval '1 second' WHERE id = $1", late.UndoID); err != nil {
		t.Fatal(err)
	}
	if err := back(late.UndoID, "anna"); !errors.Is(err, domain.ErrTooLate) {
		t.Errorf("after the moment: %v", err)
	}
	// And the schema itself lets nothing but the row as it was through.
	for name, sql := range map[string]string{
		"an undo that is over":      "SELECT otklik_undo_case(%d, %d, 'x', '', now())",
		"an undo of nothing":        "UPDATE cases SET state = 'moderation', agency_id = '', undone = 0 WHERE id = %[2]d",
		"another row than it was":   "UPDATE cases SET state = 'moderation', agency_id = '', topic = 'x', undone = %d WHERE id = %d",
		"a plain move against it":   "UPDATE cases SET state = 'moderation', agency_id = '' WHERE id = %[2]d",
		"a version that goes back ": "UPDATE cases SET state = 'found', version = 1 WHERE id = %[2]d",
	} {
		if _, err := conn.Exec(t.Context(), fmt.Sprintf(sql, late.UndoID, other.ID)); err == nil {
			t.Errorf("%s: let through", name)
		}
	}
}

func TestUndoOfAnotherBodyKeepsTheFirstAssignment(t *testing.T) {
	s := storagetest.New(t)
	id := openCase(t, s, 1)
	c := seenCase(t, s, id)
	other := "institution"
	ch := domain.CaseChange{CaseID: id, Version: c.Version, Who: "org", Why: "ниже", At: noon().Add(time.Hour), To: domain.Coordination, Agency: &other, Undo: "Передано"}
	done, err := s.ChangeCase(t.Context(), analyst(), ch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "org", noon().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w, err := s.CaseWhole(t.Context(), analyst(), id)
	if err != nil || len(w.Holders) != 2 || !w.Holders[0].Until.IsZero() || w.Holders[0].AgencyID != "min-roads" || !w.Holders[1].Undone {
		t.Errorf("holders %+v, %v", w.Holders, err)
	}
	if !w.Case.AssignedAt.Equal(w.Holders[0].Since) {
		t.Errorf("assigned at %s, not %s", w.Case.AssignedAt, w.Holders[0].Since)
	}
}

func TestScopeFiltersInSQL(t *testing.T) {
	s := storagetest.New(t)
	id := openCase(t, s, 1) // of min-roads
	yes := true
	c := seenCase(t, s, id)
	for name, sc := range map[string]domain.Scope{
		"nobody":         {},
		"another region": {Region: "kaliningrad", Whole: true},
		"another body":   {Region: region, Agencies: []string{"min-housing"}},
		"no body":        {Region: region},
	} {
		_, read := s.SeenCase(t.Context(), sc, id)
		_, whole := s.CaseWhole(t.Context(), sc, id)
		_, byNumber := s.CaseByNumber(t.Context(), sc, c.Number)
		_, change := s.ChangeCase(t.Context(), sc, domain.CaseChange{CaseID: id, Version: c.Version, Who: "x", At: noon(), Urgent: &yes})
		note := s.AddNote(t.Context(), sc, id, domain.CaseNote{Text: "x", Author: "x", At: noon()})
		_, file := s.AddFile(t.Context(), sc, domain.CaseFile{CaseID: id, Name: "a", Type: "b", Content: []byte("c"), By: "x", At: noon()})
		_, lease := s.TakeLease(t.Context(), sc, domain.Ref{Object: domain.ObjectCase, ID: id}, "x", time.Minute)
		for what, err := range map[string]error{"read": read, "whole": whole, "by number": byNumber, "change": change, "note": note, "file": file, "lease": lease} {
			if !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
	if _, err := s.SeenCase(t.Context(), domain.Scope{Region: region, Agencies: []string{"min-roads"}}, id); err != nil {
		t.Errorf("its own body: %v", err)
	}
	if _, err := s.ChangeCase(t.Context(), analyst(), domain.CaseChange{CaseID: id, Version: c.Version, Who: "x", At: noon(), Restricted: &yes}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SeenCase(t.Context(), analyst(), id); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a restricted case: %v", err)
	}
	named := analyst()
	named.Restricted = true
	if _, err := s.SeenCase(t.Context(), named, id); err != nil {
		t.Errorf("a restricted case for those named: %v", err)
	}
}
