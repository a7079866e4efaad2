package storage_test

import (
	"errors"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// A post about a restricted row is no case yet and is as hidden as one: from the
// list, its count, the menu, by its number, in hand and in bulk.
func TestUndecidedPostsOfRestrictedRowsAreForNamedPeople(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	hidden, plain := reviewed(t, s, 50, false), reviewed(t, s, 51, false)
	conn := connect(t, dsn)
	if _, err := conn.Exec(t.Context(), "UPDATE review_items SET decree_row = 23 WHERE id = $1", hidden); err != nil {
		t.Fatal(err)
	}
	unnamed := domain.Scope{Region: region, Whole: true, RestrictedRows: []int{23}}
	named := domain.Scope{Region: region, Whole: true, Restricted: true, RestrictedRows: []int{23}}
	for name, tc := range map[string]struct {
		sc   domain.Scope
		want int
	}{"unnamed": {unnamed, 1}, "named": {named, 2}} {
		list, err := s.Queue(t.Context(), tc.sc, domain.QueueFilter{}, noon(), 50, 0)
		if err != nil || len(list) != tc.want {
			t.Errorf("%s: %s, %v", name, ids(list), err)
		}
		if n, err := s.CountQueue(t.Context(), tc.sc, domain.QueueFilter{}, "anna", noon()); err != nil || n.Total != tc.want {
			t.Errorf("%s: counted %+v, %v", name, n, err)
		}
		if n, err := s.DeskCounters(t.Context(), tc.sc, noon()); err != nil || n.Queue != tc.want {
			t.Errorf("%s: in the menu %+v, %v", name, n, err)
		}
		if n, err := s.CountOrdered(t.Context(), tc.sc, domain.QueueFilter{}, noon()); err != nil || n.Reviews != tc.want {
			t.Errorf("%s: of an order %+v, %v", name, n, err)
		}
	}
	ref := domain.Ref{Object: domain.ObjectReview, ID: hidden}
	if _, err := s.Review(t.Context(), unnamed, hidden); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("by its number: %v", err)
	}
	if _, err := s.TakeLease(t.Context(), unnamed, ref, "anna", time.Minute); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("in hand: %v", err)
	}
	if _, err := s.ResolveReview(t.Context(), unnamed, domain.ReviewSeen{ID: hidden, Version: 1}, domain.ReviewChange{How: domain.ResolvedNotCase}, by("anna")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("decided: %v", err)
	}
	if _, err := s.Review(t.Context(), named, hidden); err != nil {
		t.Errorf("whoever is named: %v", err)
	}
	if _, err := s.Review(t.Context(), unnamed, plain); err != nil {
		t.Errorf("another row: %v", err)
	}
}

// That nobody is named for restricted cases is told as a number, until somebody is.
func TestRestrictedCasesThatNobodySeesAreCounted(t *testing.T) {
	h := newHouse(t)
	unseen := func(want int) {
		t.Helper()
		if n, err := h.s.UnseenRestricted(t.Context(), region); err != nil || n != want {
			t.Errorf("%d unseen, want %d (%v)", n, want, err)
		}
	}
	c := moderated(t, h.s, 300)
	unseen(0)
	h.sql("UPDATE cases SET restricted = true WHERE id = $1", c.ID)
	unseen(1)
	h.person("anna", "Анна Аналитик", domain.Office{Role: domain.RoleAnalyst})
	h.sql("UPDATE users SET restricted = true WHERE login = 'head'")
	unseen(1)
	h.sql("UPDATE users SET restricted = true WHERE login = 'anna'")
	unseen(0)
	h.sql("UPDATE users SET active = false WHERE login = 'anna'")
	unseen(1)
}
