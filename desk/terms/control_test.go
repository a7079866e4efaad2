package terms_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

// What waits for the controller has a number on «Сроки», its list, and the list its
// file; what is answered no longer waits, and a body sees its own.
func TestWhatTheControllerDecidesIsListed(t *testing.T) {
	l := filled(t)
	if a := l.Get("/terms"); a.Status != http.StatusOK || !strings.Contains(a.Body, `Ждут решения контролёра <span class="">0</span>`) {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	wait := func(id int64, before string) {
		l.exec(`UPDATE cases SET for_controller = 'категория исправлена; до срока меньше двух дней', changed_by = 'anna', updated_at = now(),
			term_dispute = jsonb_build_object('Why', 'меньше двух дней', 'Before', jsonb_build_object('Due', $2::text)) WHERE id = $1`, id, before)
	}
	mine, other, answered := l.open("school", 29), l.open("ministry", 29), l.open("school", 30)
	wait(mine, "2026-12-19T14:00:00Z")
	wait(other, "2026-12-19T14:00:00Z")
	wait(answered, "2026-12-19T14:00:00Z")
	l.answer(answered, local(11, 26, 12), "solved")
	l.fold()
	if a := l.Get("/terms"); !a.Has(`<a href="/terms/list?list=control">Ждут решения контролёра <span class="due-soon">2</span></a>`) {
		t.Errorf("the number: %s", a.Body)
	}
	if a := l.Get("/terms?agency=city"); !a.Has(`Ждут решения контролёра <span class="due-soon">1</span>`) {
		t.Errorf("of a body with its subordinates: %s", a.Body)
	}
	a := l.Get("/terms/list?list=control")
	for _, text := range []string{"2 инцидента", "Что решить", "до срока меньше двух дней", "19.12.2026", "/terms/list.xlsx?list=control"} {
		if !strings.Contains(strings.ReplaceAll(a.Body, "\u00a0", " "), text) {
			t.Errorf("the list lacks %q: %s", text, a.Body)
		}
	}
	if rows := l.Get("/terms/list.xlsx?list=control").Sheet(t); len(rows) < 2 {
		t.Errorf("the file: %q", rows)
	}
	l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleHead, AgencyID: "school"}))
	if a := l.Get("/terms/list?list=control"); !strings.Contains(strings.ReplaceAll(a.Body, "\u00a0", " "), "1 инцидент<") {
		t.Errorf("of a body: %s", a.Body)
	}
}
