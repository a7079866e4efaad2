package storage_test

import (
	"errors"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// What a colleague has in hand nobody else decides, whatever the decision; the
// colleague does, and a lease that has lapsed keeps nobody away.
func TestWhatAColleagueHasInHandIsTheirs(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	noKeys := func(domain.Judged) []string { return nil }
	ofCase := func(id int64) domain.Ref { return domain.Ref{Object: domain.ObjectCase, ID: id} }
	other := moderated(t, s, 90)
	decisions := map[string]func(n int) (domain.Ref, func(who string) error){
		"assign": func(n int) (domain.Ref, func(string) error) {
			c := moderated(t, s, n)
			return ofCase(c.ID), func(who string) error { _, err := assign(t, s, c, kept(c), who); return err }
		},
		"join": func(n int) (domain.Ref, func(string) error) {
			c := moderated(t, s, n)
			return ofCase(c.ID), func(who string) error {
				_, err := s.JoinCase(t.Context(), analyst(), domain.Join{From: domain.CaseSeen{ID: c.ID, Version: c.Version}, Into: other.ID, By: by(who)},
					func(c domain.Case, _ time.Time) domain.Deadline { return c.Deadline })
				return err
			}
		},
		"ask": func(n int) (domain.Ref, func(string) error) {
			c := moderated(t, s, n)
			return ofCase(c.ID), func(who string) error {
				_, err := s.AskFromModeration(t.Context(), analyst(), domain.AnalystAsks{Case: domain.CaseSeen{ID: c.ID, Version: c.Version},
					By: by(who), Text: "Какой дом?", Rules: domain.BodyRules{ClarifyDays: 3, Almanac: domain.Almanac{Zone: time.UTC}}})
				return err
			}
		},
		"open": func(n int) (domain.Ref, func(string) error) {
			id := reviewed(t, s, n, false)
			return domain.Ref{Object: domain.ObjectReview, ID: id}, func(who string) error {
				_, err := s.OpenFromReview(t.Context(), analyst(), asSeen(t, s, id), by(who), opening, noKeys)
				return err
			}
		},
		"dismiss": func(n int) (domain.Ref, func(string) error) {
			id := reviewed(t, s, n, false)
			return domain.Ref{Object: domain.ObjectReview, ID: id}, func(who string) error {
				_, err := s.ResolveReview(t.Context(), analyst(), asSeen(t, s, id), domain.ReviewChange{How: domain.ResolvedNotCase}, by(who))
				return err
			}
		},
	}
	n := 10
	for name, prepare := range decisions {
		n++
		t.Run(name, func(t *testing.T) {
			ref, decide := prepare(n)
			if _, err := s.TakeLease(t.Context(), analyst(), ref, "anna", time.Minute); err != nil {
				t.Fatal(err)
			}
			var taken *domain.Taken
			if err := decide("boris"); !errors.As(err, &taken) || taken.Who != "anna" || taken.Until.IsZero() {
				t.Fatalf("decided over a colleague: %v", err)
			}
			// Anna has left her page open for too long, Boris has taken it up.
			if _, err := conn.Exec(t.Context(), "UPDATE desk_leases SET until = clock_timestamp() - interval '1 second' WHERE who = 'anna'"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.TakeLease(t.Context(), analyst(), ref, "boris", time.Minute); err != nil {
				t.Fatal(err)
			}
			if err := decide("anna"); !errors.As(err, &taken) || taken.Who != "boris" {
				t.Fatalf("decided with a lease that went to another: %v", err)
			}
			if err := decide("boris"); err != nil {
				t.Fatalf("the one who has it: %v", err)
			}
		})
	}
}

// Whoever decided takes it back, though a colleague looks at the thing by then.
func TestUndoIsNotHeldUpByALease(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	ch, err := domain.PutAside(c, noon().Add(24*time.Hour), by("anna"))
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.ChangeCase(t.Context(), analyst(), ch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeLease(t.Context(), analyst(), domain.Ref{Object: domain.ObjectCase, ID: c.ID}, "boris", time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon()); err != nil {
		t.Errorf("taking back: %v", err)
	}
}

// What a body has is in nobody's hand at the control centre.
func TestOnlyTheQueueIsTakenInHand(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	if _, err := assign(t, s, c, kept(c), "anna"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeLease(t.Context(), analyst(), domain.Ref{Object: domain.ObjectCase, ID: c.ID}, "anna", time.Minute); !errors.Is(err, domain.ErrNotQueued) {
		t.Errorf("taken in hand: %v", err)
	}
	if _, err := domain.Assign(seenCase(t, s, c.ID), kept(c), by("anna")); !errors.Is(err, domain.ErrNoMove) {
		t.Errorf("assigned over a body: %v", err)
	}
}
