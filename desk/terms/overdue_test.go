package terms_test

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// A body that answers one in time and lets the rest lie is not a hundred per cent in time.
func TestOverdueWithoutAnswerIsNotInTime(t *testing.T) {
	l := newLab(t)
	l.answer(l.open("ministry", 30), local(11, 24, 12), "solved")
	l.fold()
	inTime := func() (value, link string) {
		values, links := cells(t, l.Get("/terms?agency=ministry").Body)
		return values[1][7], links[1][7]
	}
	if v, link := inTime(); v != "100 %" || link != "" {
		t.Fatalf("one answer in time: %q, %q", v, link)
	}
	for range 3 {
		l.open("ministry", 20)
	}
	l.fold()
	v, link := inTime()
	if lines, _ := cells(t, l.Get(link).Body); v != "25 %" || !strings.Contains(link, "list=overdue") || len(lines) != 4 {
		t.Errorf("beside three overdue: %q, %q leads to %d lines", v, link, len(lines)-1)
	}
}

// The notices of controller and curator about one case are one line.
func TestEscalationOfACaseStandsOnce(t *testing.T) {
	l := newLab(t)
	for i := range 60 {
		id := l.open("city", 20)
		for _, to := range []string{"controller", "curator"} {
			body := map[string]string{"curator": "city"}[to]
			l.exec(`INSERT INTO notices (key, kind, region, case_id, to_role, to_agency, text, at, next_attempt_at) VALUES ($1, 'escalation', 'khabarovsk', $2, $3, $4, 'x', $5, $5)`,
				to+strconv.Itoa(i), id, to, body, local(11, 21, 0)) // all at one tick
		}
	}
	l.exec(`INSERT INTO notices (key, kind, region, case_id, to_role, to_agency, text, at, next_attempt_at) SELECT 'again', 'escalation', region, case_id, 'controller', '', 'x', at + interval '1 day', at FROM notices LIMIT 1`)
	lines, times := 0, map[string]int{}
	for address := "/terms/escalations"; address != ""; {
		a := l.Get(address)
		values, _ := cells(t, a.Body)
		for i, row := range values[1:] {
			want := "контролёр; куратор: администрация Хабаровска"
			if lines+i == 0 {
				want = "контролёр" // of another moment
			}
			if to := row[len(row)-1]; to != want {
				t.Errorf("line %d, %s: told to %q, want %q", lines+i, row[0], to, want)
			}
			times[row[0]+" "+row[6]]++
		}
		lines += len(values) - 1
		address = ""
		if m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(a.Body); m != nil {
			address = html.UnescapeString(m[1])
		}
		if lines > 200 {
			t.Fatal("no end")
		}
	}
	f, err := excelize.OpenReader(strings.NewReader(l.Get("/terms/escalations.xlsx").Body))
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := f.GetRows(f.GetSheetList()[0]); lines != 61 || len(times) != 61 || len(rows) != 62 {
		t.Errorf("%d lines of %d cases and moments, %d in the file, want 61 of each", lines, len(times), len(rows)-1)
	}
}
