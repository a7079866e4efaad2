package domain

import (
	"errors"
	"fmt"
	"testing"
)

func TestCover(t *testing.T) {
	r := Roster{
		{Login: "ivanov", From: date(t, "2026-11-23"), To: date(t, "2026-11-27"), Deputy: "petrov"},
		{Login: "sidorov", From: date(t, "2026-11-20"), To: date(t, "2026-11-25"), Deputy: ""},
		{Login: "orlov", From: date(t, "2026-11-24"), To: date(t, "2026-11-30"), Deputy: "ivanov"},
		{Login: "orlov", From: date(t, "2026-11-30"), To: date(t, "2026-12-04"), Deputy: "petrov"},
		{Login: "zuev", From: date(t, "2026-11-25"), To: date(t, "2026-11-25"), Deputy: "orlov"},
	}
	for _, c := range []struct{ login, day, want string }{
		{"petrov", "2026-11-24", "petrov present"},
		{"ivanov", "2026-11-22", "ivanov present"},
		{"ivanov", "2026-11-23", "petrov deputy"},
		{"ivanov", "2026-11-27", "petrov deputy"},
		{"ivanov", "2026-11-28", "ivanov present"},
		{"sidorov", "2026-11-24", " no_deputy"},
		{"orlov", "2026-11-25", " deputy_away"},
		{"orlov", "2026-11-29", "ivanov deputy"},
		{"orlov", "2026-11-30", "petrov deputy"}, // the absence that ends last counts
		{"zuev", "2026-11-25", " deputy_away"},   // and not Ivanov, Petrov in a chain
	} {
		got := r.Cover(c.login, date(t, c.day))
		if s := fmt.Sprintf("%s %s", got.Login, got.Why); s != c.want {
			t.Errorf("%s on %s: %q, want %q", c.login, c.day, s, c.want)
		}
		if got.Why == CoverPresent != (got.Until == Date{}) {
			t.Errorf("%s on %s: until %v", c.login, c.day, got.Until)
		}
	}
	for _, c := range []struct{ login, day, want string }{
		{"petrov", "2026-11-24", "[ivanov]"},
		{"petrov", "2026-12-01", "[orlov]"},
		{"ivanov", "2026-11-25", "[]"}, // away themselves
		{"ivanov", "2026-11-29", "[orlov]"},
	} {
		if got := fmt.Sprint(r.StandsFor(c.login, date(t, c.day))); got != c.want {
			t.Errorf("%s on %s stands in for %s, want %s", c.login, c.day, got, c.want)
		}
	}
}

func TestCheckAbsence(t *testing.T) {
	today := date(t, "2026-11-23")
	for _, c := range []struct {
		absence Absence
		want    error
	}{
		{Absence{Login: "a", From: today, To: today}, nil},
		{Absence{Login: "a", From: date(t, "2026-11-20"), To: today, Deputy: "b"}, nil},
		{Absence{Login: "a", From: today, To: date(t, "2026-11-22")}, RefuseBackwards},
		{Absence{Login: "a", From: date(t, "2026-11-20"), To: date(t, "2026-11-22")}, RefusePastAbsence},
		{Absence{Login: "a", From: today, To: today, Deputy: "a"}, RefuseOwnDeputy},
	} {
		if err := c.absence.Check(today); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.absence, err, c.want)
		}
	}
}
