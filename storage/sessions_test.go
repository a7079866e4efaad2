package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/storagetest"
)

// One session ends and stays ended, whatever a request under way still writes; the
// others go on.
func TestOneSessionEnds(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	u, other := addUser(t, s, "anna", domain.Office{Role: domain.RoleAnalyst}), addUser(t, s, "boris", domain.Office{Role: domain.RoleAnalyst})
	for _, hash := range []string{"one", "two"} {
		if err := s.SaveSession(ctx, session(hash, u, 1)); err != nil {
			t.Fatal(err)
		}
	}
	key := domain.SessionInfo{ID: "one"}.Key()
	for name, end := range map[string]func() error{
		"of another person": func() error { return s.EndSession(ctx, "khabarovsk", other.ID, key, doer("root")) },
		"of another region": func() error { return s.EndSession(ctx, "kaliningrad", u.ID, key, doer("root")) },
		"by its hash":       func() error { return s.EndSession(ctx, "khabarovsk", u.ID, "one", doer("root")) },
		"by nothing":        func() error { return s.EndSession(ctx, "khabarovsk", u.ID, "", doer("root")) },
	} {
		if err := end(); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.EndSession(ctx, "khabarovsk", u.ID, key, doer("root")); err != nil {
		t.Fatal(err)
	}
	late := session("one", u, 1)
	late.Data = []byte("written by a request that was running")
	if err := s.SaveSession(ctx, late); err != nil {
		t.Fatal(err)
	}
	if _, there, err := s.FindSession(ctx, "one"); err != nil || there {
		t.Errorf("the ended session is there: %v", err)
	}
	if _, there, err := s.FindSession(ctx, "two"); err != nil || !there {
		t.Errorf("the other session is gone: %v", err)
	}
	if list, err := s.SessionsOf(ctx, "khabarovsk", u.ID); err != nil || len(list) != 1 || list[0].ID != "two" {
		t.Errorf("listed: %+v, %v", list, err)
	}
	if err := s.EndSession(ctx, "khabarovsk", u.ID, key, doer("root")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	lines, err := s.Journal(ctx, domain.Scope{Region: "khabarovsk", Whole: true}, domain.JournalFilter{Action: "session_ended"})
	if err != nil || len(lines) != 1 || lines[0].Who != "root" || lines[0].ObjectID != "anna" {
		t.Errorf("the journal: %+v, %v", lines, err)
	}
	if err := s.DeleteSession(ctx, "two"); err != nil { // a logout
		t.Fatal(err)
	}
	if err := s.SaveSession(ctx, session("two", u, 1)); err != nil {
		t.Fatal(err)
	}
	if _, there, _ := s.FindSession(ctx, "two"); there {
		t.Error("a request under way undoes a logout")
	}
}
