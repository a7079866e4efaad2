package inbox_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestAbsencesAndTemplatesGoToXLSX(t *testing.T) {
	o := newOffice(t)
	coord := o.as("coord")
	if coord.Get("/inbox/absences").Has("absences.xlsx") || coord.Get("/inbox/templates").Has("templates.xlsx") {
		t.Error("an empty list is offered as a file")
	}
	o.ok(coord.Post("/inbox/absences", url.Values{"person": {"exec"}, "from": {"2026-11-29"}, "to": {"2026-12-05"}, "why": {"=отпуск"}}))
	o.ok(coord.Post("/inbox/templates", url.Values{"body": {"city"}, "title": {"Яма"}, "text": {"Яма на {адрес} будет засыпана."}, "row": {"3"}}))
	if !coord.Get("/inbox/absences").Has("absences.xlsx") || !coord.Get("/inbox/templates").Has("templates.xlsx") {
		t.Error("the files are not offered")
	}
	away := coord.Get("/inbox/absences.xlsx").Sheet(t)
	if len(away) != 1 || away[0][0] != "Егор Исполнитель" || away[0][3] != "=отпуск" {
		t.Errorf("absences: %q", away)
	}
	texts := coord.Get("/inbox/templates.xlsx").Sheet(t)
	if len(texts) != 1 || texts[0][0] != "Яма" || !strings.Contains(texts[0][3], "{адрес}") {
		t.Errorf("templates: %q", texts)
	}
	exec := o.as("exec") // may not export
	for _, path := range []string{"/inbox/absences", "/inbox/templates"} {
		if exec.Get(path).Has(".xlsx") || exec.Get(path+".xlsx").Status != 403 {
			t.Errorf("an executor is given the file of %s", path)
		}
	}
}

// Nobody stands in for themselves: who enters their own absence is not offered.
func TestNobodyIsTheirOwnDeputy(t *testing.T) {
	o := newOffice(t)
	deputies := func(body string) string {
		_, list, _ := strings.Cut(body, `name="deputy"`)
		list, _, _ = strings.Cut(list, "</select>")
		return list
	}
	if list := deputies(o.as("exec").Get("/inbox/absences").Body); strings.Contains(list, `value="exec"`) || !strings.Contains(list, `value="coord"`) {
		t.Errorf("an executor is offered %s", list)
	}
	if list := deputies(o.as("coord").Get("/inbox/absences").Body); !strings.Contains(list, `value="coord"`) {
		t.Errorf("a coordinator cannot stand in for others: %s", list)
	}
}
