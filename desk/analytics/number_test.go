package analytics_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

func TestSearchKnowsNumbersOfCases(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "city", "яма у дома 1")
	l.found(days(1), 23, "khv", "school", "взятка")
	var number, secret, path string
	if err := l.conn.QueryRow(t.Context(), "SELECT min(number), max(number), '/case/' || min(id) FROM cases").Scan(&number, &secret, &path); err != nil {
		t.Fatal(err)
	}
	l.exec("UPDATE cases SET pos_number = 'ПОС-77/1' WHERE number = $1", number)
	short := strings.TrimLeft(number[8:], "0")
	leads := func(words string) string { return l.Get("/search?q=" + url.QueryEscape(words)).Location }
	for _, words := range []string{number, " " + number, "№ " + number, number[3:], "2026-" + short, "2026–" + short, number[8:], "№" + short, "27-2026-" + short, "ПОС-77/1"} {
		if got := leads(words); got != path {
			t.Errorf("%q leads to %q, want %s", words, got, path)
		}
	}
	if a := l.Get("/search?q=" + short); a.Location != "" || !a.Has(number) || !a.Has("яма у дома") {
		t.Errorf("a bare number is a word too, and the case is offered: %d %s", a.Status, a.Body)
	}
	for _, words := range []string{secret, "2025-" + short, "39-2026-" + short, "27-2026-999999"} {
		if a := l.Get("/search?q=" + url.QueryEscape(words)); a.Location != "" || !a.Has("не в вашем ведении") || a.Has("/case/") {
			t.Errorf("%q: %d to %q", words, a.Status, a.Location)
		}
	}
	for _, words := range []string{"яма", "дом 12 корпус 2", "000000"} {
		if a := l.Get("/search?q=" + url.QueryEscape(words)); a.Status != 200 || a.Has("не в вашем ведении") {
			t.Errorf("%q is no number: %d", words, a.Status)
		}
	}
	l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleHead, AgencyID: "school"}))
	if got := leads(number); got != "" {
		t.Errorf("another body is led to %s", got)
	}
}
