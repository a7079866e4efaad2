package sheet_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// numbers are a table of n rows that is read a hundred at a time.
func numbers(n int, fault error) report.Sheet {
	at := 0
	next := func() ([]int, error) {
		var out []int
		for ; at < n && len(out) < 100; at++ {
			out = append(out, at)
		}
		if len(out) == 0 && fault != nil {
			return nil, fault
		}
		return out, nil
	}
	return report.Sheet{Title: "Числа", Columns: []report.Column{{Title: "Число", Kind: report.Number}, {Title: "Слова"}},
		Rows: sheet.Rows(next, func(i int) report.Row {
			return report.Row{Cells: []report.Cell{report.Num(i), report.Str("=" + strconv.Itoa(i))}}
		})}
}

func desk(t *testing.T, role domain.Role, s func() report.Sheet) *pagetest.Desk {
	t.Helper()
	d := pagetest.New(t, page.Section{Name: "numbers", Routes: []page.Route{
		{Pattern: "GET /numbers", Action: access.SeeAnalytics, Handler: func(r *page.Request) error {
			_, err := r.W.Write([]byte(sheet.Path(r, "/numbers.xlsx", "after")))
			return err
		}},
		{Pattern: "GET /numbers.xlsx", Action: access.SeeAnalytics, Also: access.Export, Handler: func(r *page.Request) error { return sheet.Send(r, "Числа", s()) }},
	}})
	d.As(pagetest.Person("anna", domain.Office{Role: role}))
	return d
}

func TestAFileIsReadPageByPageAndStaysText(t *testing.T) {
	d := desk(t, domain.RoleAnalyst, func() report.Sheet { return numbers(250, nil) })
	a := d.Get("/numbers.xlsx")
	if len(d.Notes) != 1 || d.Notes[0].Action != "export" || d.Notes[0].Who != "anna" || d.Notes[0].Words != "выгружена таблица «Числа», строк: 250" {
		t.Errorf("the journal: %+v", d.Notes)
	}
	f, err := excelize.OpenReader(strings.NewReader(a.Body))
	if err != nil {
		t.Fatalf("%d: %v", a.Status, err)
	}
	rows, err := f.GetRows("Числа")
	if err != nil || len(rows) != 251 || rows[250][0] != "249" || rows[250][1] != "=249" {
		t.Errorf("%d rows, %v, %v", len(rows), rows[len(rows)-1], err)
	}
	if formula, err := f.GetCellFormula("Числа", "B2"); err != nil || formula != "" {
		t.Errorf("a text became a formula: %q, %v", formula, err)
	}
	if panes, err := f.GetPanes("Числа"); err != nil || !panes.Freeze {
		t.Errorf("the head is not frozen: %+v, %v", panes, err)
	}
}

func TestAFileThatIsTooLongOrFailsIsAPageThatSaysSo(t *testing.T) {
	if a := desk(t, domain.RoleAnalyst, func() report.Sheet { return numbers(sheet.Most+1, nil) }).Get("/numbers.xlsx"); a.Status != http.StatusUnprocessableEntity ||
		!a.Has("больше 50\u00a0000 строк") || a.Header.Get("Content-Disposition") != "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	d := desk(t, domain.RoleAnalyst, func() report.Sheet { return numbers(150, errors.New("the disk is full")) })
	if a := d.Get("/numbers.xlsx"); a.Status != http.StatusInternalServerError || a.Header.Get("Content-Disposition") != "" || len(d.Notes) != 0 {
		t.Errorf("%d %s, %v", a.Status, a.Body, d.Notes)
	}
}

func TestAFileKeepsTheFilterAndNeedsBothRights(t *testing.T) {
	one := func() report.Sheet { return numbers(1, nil) }
	d := desk(t, domain.RoleAnalyst, one)
	if got := d.Get("/numbers?place=-&after=12").Body; got != "/numbers.xlsx?place=-" {
		t.Errorf("the address of the file: %q", got)
	}
	for role, status := range map[domain.Role]int{domain.RoleAnalyst: 200, domain.RoleReader: 403, domain.RoleExecutor: 403} {
		d.As(pagetest.Person("boris", domain.Office{Role: role, AgencyID: map[bool]string{true: "city"}[access.NeedsBody(role)]}))
		if got := d.Get("/numbers.xlsx"); got.Status != status {
			t.Errorf("%s: %d, want %d", role, got.Status, status)
		}
		if got := d.Get("/numbers"); status == 403 && strings.Contains(got.Body, "xlsx") {
			t.Errorf("%s is offered a file they may not have", role)
		}
	}
}

// Somebody who may see one body and export another gets what both reach: nothing.
func TestTheScopeOfAFileIsWhatBothRightsReach(t *testing.T) {
	var got domain.Scope
	d := pagetest.New(t, page.Section{Name: "scope", Routes: []page.Route{{Pattern: "GET /scope", Action: access.SeeCase, Also: access.Export, Handler: func(r *page.Request) error {
		got = r.Scope
		return nil
	}}}})
	d.As(pagetest.Person("anna", domain.Office{Role: domain.RoleExecutor, AgencyID: "ministry"}, domain.Office{Role: domain.RoleHead, AgencyID: "school"}))
	if a := d.Get("/scope"); a.Status != 200 || got.Whole || len(got.Agencies) != 1 || got.Agencies[0] != "school" {
		t.Errorf("%d %+v", a.Status, got)
	}
	d.As(pagetest.Person("boss", domain.Office{Role: domain.RoleAdministrator}, domain.Office{Role: domain.RoleExecutor, AgencyID: "ministry"}))
	if a := d.Get("/scope"); a.Status != 200 || got.Whole || len(got.Agencies) != 1 || got.Agencies[0] != "ministry" {
		t.Errorf("an administrator with an office in a body: %d %+v", a.Status, got)
	}
}
