package people_test

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

func TestUsersGoToXLSXAsShown(t *testing.T) {
	o := newOffice(t)
	o.add("khabarovsk", "anna", domain.RoleHead, "city")
	o.add("khabarovsk", "boris", domain.RoleExecutor, "school")
	o.add("kaliningrad", "kolya", domain.RoleAnalyst, "")
	rows := o.Get("/users.xlsx").Sheet(t)
	if len(rows) != 3 || !o.Get("/users").Has(`href="/users.xlsx"`) {
		t.Fatalf("%v", rows)
	}
	at := slices.IndexFunc(rows, func(row []string) bool { return row[2] == "anna" })
	if at < 0 || rows[at][0] != "Имя anna" || !strings.Contains(rows[at][3], "администрация Хабаровска") {
		t.Errorf("%v", rows)
	}
	find := "?find=" + url.QueryEscape("школа")
	if rows := o.Get("/users.xlsx" + find).Sheet(t); len(rows) != 1 || rows[0][2] != "boris" || !o.Get("/users"+find).Has("/users.xlsx"+find) {
		t.Errorf("the words of the page: %v", rows)
	}
	o.As(pagetest.Person("vera", domain.Office{Role: domain.RoleController}))
	if a := o.Get("/users.xlsx"); a.Status != 403 {
		t.Errorf("a controller: %d", a.Status)
	}
}

func TestJournalGoesToXLSXWhole(t *testing.T) {
	o := newOffice(t)
	const lines = 2100 // more than are read at a time
	for i := range lines {
		d := domain.Doer{Login: "boss", Region: "khabarovsk", At: pagetest.Noon().Add(time.Duration(i) * time.Second)}
		if err := o.store.Note(context.Background(), domain.EntryOf(d, "export", "export", strconv.Itoa(i), "=строка "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	rows := o.Get("/journal.xlsx?action=export&before=1-1").Sheet(t)
	if len(rows) != lines {
		t.Fatalf("%d lines of %d", len(rows), lines)
	}
	if want := []string{"28.11.2026 12:34", "Имя boss", "выгрузка", "выгрузка 2099", "=строка 2099", ""}; !slices.Equal(rows[0], want) {
		t.Errorf("%q", rows[0])
	}
	for i, row := range rows[:50] {
		if !o.journalSays(row[4]) {
			t.Errorf("line %d is not on the page: %q", i, row)
		}
	}
	if !o.Get("/journal?action=export").Has("/journal.xlsx?action=export") {
		t.Error("the filter is not kept")
	}
	if rows := o.Get("/journal.xlsx?action=user_added").Sheet(t); len(rows) != 1 {
		t.Errorf("another filter: %d", len(rows))
	}
	o.As(pagetest.Person("vera", domain.Office{Role: domain.RoleController}))
	if a := o.Get("/journal.xlsx"); a.Status != 403 {
		t.Errorf("a controller: %d", a.Status)
	}
}

func (o *office) journalSays(words string) bool {
	return o.Get("/journal?action=export").Has(words + "<")
}
