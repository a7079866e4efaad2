package inbox_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestTasksGoToXLSXAsShown(t *testing.T) {
	o := newOffice(t)
	mine := o.open("=Яма у дома 5, звоните 89141234567")
	for i := range 60 { // more than a page
		o.open(fmt.Sprint("Яма ", i))
	}
	o.ok(o.do("coord", mine.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)))
	d := o.as("coord")
	all := d.Get("/inbox/list.xlsx?tab=all&after=1-1").Sheet(t)
	if len(all) != 61 {
		t.Fatalf("%d rows", len(all))
	}
	if rows := d.Get("/inbox/list.xlsx").Sheet(t); len(rows) != 60 { // the first tab with work: to distribute
		t.Errorf("the tab that the page chooses: %d rows", len(rows))
	}
	who := fmt.Sprint("tab=all&who=", o.users["exec"].ID)
	rows := d.Get("/inbox/list.xlsx?" + who).Sheet(t)
	want := []string{mine.Number, "=Яма у дома 5, звоните [телефон скрыт]", "", "место не названо", "08.12.2026", "осталось 10\u00a0дн.", "администрация Хабаровска", "Егор Исполнитель", "На исполнении", ""}
	if len(rows) != 1 || !slices.Equal(rows[0], want) {
		t.Errorf("%q", rows)
	}
	page := d.Get("/inbox?" + who)
	if !page.Has("/inbox/list.xlsx?tab=all&amp;who=") || !page.Has(mine.Number) {
		t.Errorf("the filter is not kept: %s", text(page.Body))
	}
	if rows := o.as("school").Get("/inbox/list.xlsx?tab=all").Sheet(t); len(rows) != 0 {
		t.Errorf("the body below gets %d rows", len(rows))
	}
	if rows := o.as("far").Get("/inbox/list.xlsx?tab=all").Sheet(t); len(rows) != 0 {
		t.Errorf("another body gets %d rows", len(rows))
	}
	exec := o.as("exec") // an executor may not export
	if exec.Get("/inbox?tab=all").Has("xlsx") || exec.Get("/inbox/list.xlsx").Status != 403 {
		t.Error("an executor is given a file")
	}
}
