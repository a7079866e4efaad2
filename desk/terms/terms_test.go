package terms_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/desk/terms"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// lab is a desk over a database with cases.
type lab struct {
	*pagetest.Desk
	t     *testing.T
	store *storage.Store
	conn  *pgx.Conn
	next  int
}

func newLab(t *testing.T) *lab {
	t.Helper()
	dsn := storagetest.DSN(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	store := storagetest.Open(t, dsn, storage.Options{})
	pages := &terms.Pages{Store: store, Norms: func(string) terms.Norms {
		return terms.Norms{FirstReaction: 9 * time.Hour, Answer: "10 дней по Перечню"}
	}}
	l := &lab{Desk: pagetest.New(t, pages.Section()), t: t, store: store, conn: conn}
	l.As(controller())
	return l
}

func controller() domain.User {
	return pagetest.Person("anna", domain.Office{Role: domain.RoleController})
}

func (l *lab) exec(sql string, args ...any) {
	l.t.Helper()
	if _, err := l.conn.Exec(l.t.Context(), sql, args...); err != nil {
		l.t.Fatalf("%s: %v", sql, err)
	}
}

// local is an instant of November or December 2026 in Khabarovsk.
func local(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour-10, 0, 0, 0, time.UTC)
}

// open stores a case of a body whose last day is a day of November (beyond 30: of December).
func (l *lab) open(agency string, lastDay int) int64 {
	l.t.Helper()
	l.next++
	var id int64
	err := l.conn.QueryRow(l.t.Context(), `INSERT INTO cases (number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency,
		route_why, urgent, restricted, days, due_at, control_at, deadline_reason, posts, reason, registered_at, updated_at, changed_by, changed_why, assigned_at)
		VALUES ($1, 'khabarovsk', CASE WHEN $2::text = '' THEN 'moderation' ELSE 'coordination' END, 3, 'ямы', 'm', '{}', $2, '', '', false, false, 10, $3, $3, 'строка 3', 1, 'r', $4, $4, 'система', '', $5) RETURNING id`,
		"27-2026-"+strconv.Itoa(l.next), agency, local(11, lastDay+1, 0), local(11, lastDay-10, 12), nilIf(agency == "", local(11, lastDay-10, 12))).Scan(&id)
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

func nilIf(none bool, t time.Time) any {
	if none {
		return nil
	}
	return t
}

// answer takes a case to its final answer.
func (l *lab) answer(id int64, at time.Time, outcome string) {
	l.t.Helper()
	for _, state := range []string{"execution", "approval", "publishing"} {
		l.exec("UPDATE cases SET state = $2, updated_at = $3 WHERE id = $1", id, state, at)
	}
	l.exec("UPDATE cases SET state = 'satisfaction', outcome = $3, first_reaction_at = $2, updated_at = $2 WHERE id = $1", id, at, outcome)
}

func (l *lab) fold() {
	l.t.Helper()
	rules := storage.FoldRules{Zone: pagetest.Regions(l.t)[0].Zone, NormTime: func(from, to time.Time, _ []domain.Pause) (time.Duration, error) { return to.Sub(from) / 3, nil }}
	if _, err := l.store.FoldReport(l.t.Context(), "khabarovsk", rules, 10000); err != nil {
		l.t.Fatal(err)
	}
}

// filled is a region with something in every column; today is Saturday 28.11.
func filled(t *testing.T) *lab {
	l := newLab(t)
	l.open("city", 28)
	l.open("city", 29)
	l.open("school", 27)
	l.open("school", 20)
	l.open("ministry", 35)
	l.open("", 30)
	l.answer(l.open("school", 30), local(11, 24, 12), "solved")
	l.answer(l.open("school", 22), local(11, 25, 12), "explained")
	l.answer(l.open("ministry", 24), local(11, 20, 12), "explained")
	back := l.open("ministry", 36)
	l.exec("UPDATE cases SET state = 'returned', updated_at = $2 WHERE id = $1", back, local(11, 26, 15))
	again := l.open("city", 33)
	l.answer(again, local(11, 26, 12), "explained")
	l.exec("UPDATE cases SET state = 'reopened', updated_at = $2 WHERE id = $1", again, local(11, 27, 12))
	l.fold()
	return l
}

var (
	rowForm  = regexp.MustCompile(`(?s)<tr[^>]*>(.*?)</tr>`)
	cellForm = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	linkForm = regexp.MustCompile(`href="([^"]*)"`)
	tagForm  = regexp.MustCompile(`<[^>]*>`)
)

// cells reads the table of a page: values and links.
func cells(t *testing.T, body string) (values, links [][]string) {
	t.Helper()
	_, table, _ := strings.Cut(body, `<table class="report`)
	table, _, _ = strings.Cut(table, "</table>")
	for _, row := range rowForm.FindAllStringSubmatch(table, -1) {
		var v, l []string
		for _, c := range cellForm.FindAllStringSubmatch(row[1], -1) {
			link := ""
			if m := linkForm.FindStringSubmatch(c[1]); m != nil {
				link = html.UnescapeString(m[1])
			}
			text := regexp.MustCompile(`(?s)<title>.*?</title>`).ReplaceAllString(c[1], "")
			v = append(v, strings.ReplaceAll(html.UnescapeString(strings.TrimSpace(tagForm.ReplaceAllString(text, ""))), "\u00a0", " "))
			l = append(l, link)
		}
		values, links = append(values, v), append(links, l)
	}
	return values, links
}

func TestTableRollsSubordinatesUp(t *testing.T) {
	l := filled(t)
	body := l.Get("/terms").Body
	values, _ := cells(t, body)
	want := [][]string{
		{"Орган", "Открыто", "Сегодня", "1–3 дня", "Просрочено", "Первая реакция, норма 9 ч"},
		{"Всего", "8", "1", "2", "2"},
		{"администрация Хабаровска", "5", "1", "1", "2"},
		{"школа № 1", "2", "0", "0", "2"},
		{"минтранс", "2", "0", "0", "0"},
		{"Ещё не поручено", "1", "0", "1", "0"},
	}
	if len(values) != len(want) {
		t.Fatalf("%d rows:\n%v\n%s", len(values), values, body)
	}
	for i, row := range want {
		for j, v := range row {
			if values[i][j] != v {
				t.Errorf("row %d, column %d is %q, want %q", i, j, values[i][j], v)
			}
		}
	}
	// В срок (3 of 4 answers and 2 overdue), дано, решено, разъяснено, возвращено, повторно of everything.
	for j, v := range map[int]string{7: "50 %", 8: "4", 9: "1", 10: "3", 11: "1", 12: "1"} {
		if values[1][j] != v {
			t.Errorf("the whole, column %d (%s): %q, want %q", j, values[0][j], values[1][j], v)
		}
	}
	if !strings.Contains(body, "Открыто 8, просрочено 2, сегодня срок у 1, в ближайшие три дня") {
		t.Error("the sentence is missing")
	}
}

// A list has as many lines as its number says.
func TestEveryNumberOpensItsList(t *testing.T) {
	l := filled(t)
	followed := 0
	for _, address := range []string{"/terms", "/terms?weeks=12&all=1", "/terms?agency=city", "/terms?weeks=1"} {
		values, links := cells(t, l.Get(address).Body)
		for i := range values {
			for j, link := range links[i] {
				if !strings.HasPrefix(link, "/terms/list") || values[0][j] == "В срок" {
					continue
				}
				lines, _ := cells(t, l.Get(link).Body)
				if got := strconv.Itoa(len(lines) - 1); got != values[i][j] {
					t.Errorf("%s: %s of %s is %s, its list %s has %s", address, values[0][j], values[i][0], values[i][j], link, got)
				}
				followed++
			}
		}
	}
	if followed < 40 {
		t.Errorf("only %d numbers have a list", followed)
	}
}

// What is printed and what is written to the file are the same numbers.
func TestXLSXHasTheNumbersOfThePage(t *testing.T) {
	l := filled(t)
	l.beside(l.open("city", 31), 1)
	for page, file := range map[string]string{"/terms": "/terms/table.xlsx", "/terms?weeks=12&agency=city": "/terms/table.xlsx?weeks=12&agency=city",
		"/terms/list?list=open": "/terms/list.xlsx?list=open", "/terms/list?list=answered": "/terms/list.xlsx?list=answered", "/terms/list?list=sent_back": "/terms/list.xlsx?list=sent_back",
		"/terms/deferrals": "/terms/deferrals.xlsx", "/terms/escalations": "/terms/escalations.xlsx"} {
		values, _ := cells(t, l.Get(page).Body)
		answer := l.Get(file)
		if answer.Status != 200 || !strings.HasPrefix(answer.Header.Get("Content-Disposition"), "attachment; filename*=UTF-8''") {
			t.Fatalf("%s: %d %v", file, answer.Status, answer.Header)
		}
		f, err := excelize.OpenReader(strings.NewReader(answer.Body))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows(f.GetSheetList()[0])
		if err != nil || len(rows) != len(values) {
			t.Fatalf("%s: %d rows in the file, %d on the page, %v", file, len(rows), len(values), err)
		}
		for i := range rows {
			for j := range values[i] {
				got := ""
				if j < len(rows[i]) {
					got = strings.ReplaceAll(rows[i][j], "\u00a0", " ")
				}
				if drawn := i > 0 && values[0][j] == "12 недель"; !drawn && !same(values[i][j], got) {
					t.Errorf("%s, row %d, %s: the page says %q, the file %q", page, i, values[0][j], values[i][j], got)
				}
			}
		}
	}
}

// same compares what the page says with what the spreadsheet shows: «2 ч 15 мин»
// and 2:15, «75 %» and 75%.
func same(page, file string) bool {
	if page == file || strings.ReplaceAll(page, " ", "") == file {
		return true
	}
	h, m, ok := strings.Cut(file, ":")
	if !ok {
		return false
	}
	hours, _ := strconv.Atoi(h)
	minutes, _ := strconv.Atoi(m)
	var total, n int
	for _, word := range strings.Fields(page) {
		switch word {
		case "дн.":
			total += n * 24 * 60
		case "ч":
			total += n * 60
		case "мин":
			total += n
		default:
			n, _ = strconv.Atoi(word)
		}
	}
	shown := hours*60 + minutes
	return shown == total || total >= 10*60 && shown-total < 60 && total-shown < 60 // long ones are said to the hour
}

func TestBodiesSeeTheirSubtree(t *testing.T) {
	l := filled(t)
	l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleHead, AgencyID: "school"}))
	values, _ := cells(t, l.Get("/terms").Body)
	if len(values) != 2 || values[1][0] != "школа № 1" || values[1][1] != "2" {
		t.Errorf("the school sees %v", values)
	}
	for _, address := range []string{"/terms?agency=ministry", "/terms/list?list=open&agency=ministry", "/terms/list?list=answered&agency=ministry"} {
		if a := l.Get(address); a.Has("27-2026-") || a.Has("минтранс</a>") {
			t.Errorf("%s shows another body's cases", address)
		}
	}
	if a := l.Get("/terms/list?list=open"); strings.Count(a.Body, "data-item") != 2 {
		t.Errorf("the school's list: %s", a.Body)
	}
	l.As(pagetest.Person("vera", domain.Office{Role: domain.RoleReader}))
	if a := l.Get("/terms/table.xlsx"); a.Status != 403 {
		t.Errorf("a reader gets a file: %d", a.Status)
	}
	if a := l.Get("/terms"); a.Status != 200 || a.Has("XLSX") {
		t.Error("a reader is offered a file they may not have")
	}
}

func TestRestrictedCasesAreCountedForNamedPeopleOnly(t *testing.T) {
	l := filled(t)
	l.exec("UPDATE cases SET restricted = true, updated_at = now() WHERE agency_id = 'school'")
	l.fold()
	values, _ := cells(t, l.Get("/terms").Body)
	if values[1][1] != "6" {
		t.Errorf("without the right: %v", values[1])
	}
	named := controller()
	named.Restricted = true
	l.As(named)
	if values, _ := cells(t, l.Get("/terms").Body); values[1][1] != "8" {
		t.Errorf("named people: %v", values[1])
	}
}

func TestEmptyAndWrongAddressesSayWhatToDo(t *testing.T) {
	l := newLab(t)
	if a := l.Get("/terms"); a.Status != 200 || !a.Has("Инцидентов пока нет") {
		t.Errorf("empty: %d %s", a.Status, a.Body)
	}
	if a := l.Get("/terms?all=1"); !a.Has("минтранс") {
		t.Error("all bodies are not shown")
	}
	for address, status := range map[string]int{"/terms?weeks=5": 422, "/terms?weeks=x": 422, "/terms?agency=nobody": 404, "/terms/list?list=x": 404,
		"/terms/list?list=open&agency=nobody": 404, "/terms/list?list=open&after=x": 404, "/terms/list?list=late&from=x": 422, "/terms/list?list=late": 200,
		"/terms/deferrals": 200, "/terms/escalations": 200} {
		if a := l.Get(address); a.Status != status {
			t.Errorf("%s: %d, want %d", address, a.Status, status)
		}
	}
}

// beside asks for n deferrals of a case, refused but the last, and tells of n escalations.
func (l *lab) beside(id int64, n int) {
	l.t.Helper()
	for i := range n {
		at := local(11, 20, 0).Add(time.Duration(i) * time.Minute)
		l.exec(`INSERT INTO deferrals (case_id, round, asked_by, asked_at, reason, until, old_due) VALUES ($1, 1, 'boris', $2, $3, '2026-12-20', $4)`, id, at, "=причина "+strconv.Itoa(i), local(12, 2, 0))
		if i < n-1 {
			l.exec("UPDATE deferrals SET decision = 'refused', decided_by = 'anna', decided_at = $2, why = 'нет оснований' WHERE case_id = $1 AND decided_at IS NULL", id, at)
		}
		l.exec(`INSERT INTO notices (key, kind, region, case_id, to_role, to_agency, text, at, next_attempt_at) VALUES ($1, 'escalation', 'khabarovsk', $2, 'controller', '', 'x', $3, $3)`, "k"+strconv.Itoa(i), id, at)
	}
}

// No list ends silently: what is beyond a page is behind «Дальше», and in the file.
func TestDeferralsAndEscalationsHavePages(t *testing.T) {
	l := newLab(t)
	l.beside(l.open("city", 31), 130)
	_, err := l.store.AddUser(t.Context(), domain.User{Region: "khabarovsk", Login: "boris", Name: "Борис Смирнов", Offices: []domain.Office{{Role: domain.RoleExecutor, AgencyID: "city"}}}, "", domain.Doer{Login: "test", At: pagetest.Noon()})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/terms/deferrals", "/terms/escalations"} {
		lines, pages := 0, 0
		for address := path; address != ""; pages++ {
			a := l.Get(address)
			values, _ := cells(t, a.Body)
			lines += len(values) - 1
			if path == "/terms/deferrals" && (values[1][3] != "Борис Смирнов" || pages == 0 && values[1][5] != "=причина 129") {
				t.Errorf("%s: %v", address, values[1])
			}
			address = ""
			if m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(a.Body); m != nil {
				address = html.UnescapeString(m[1])
			}
			if pages > 5 {
				t.Fatal("no end")
			}
		}
		f, err := excelize.OpenReader(strings.NewReader(l.Get(path + ".xlsx").Body))
		if err != nil {
			t.Fatal(err)
		}
		if rows, _ := f.GetRows(f.GetSheetList()[0]); lines != 130 || pages != 3 || len(rows) != 131 {
			t.Errorf("%s: %d lines on %d pages, %d in the file", path, lines, pages, len(rows)-1)
		}
	}
}

func TestFilesOfDeferralsKeepToOnesBodies(t *testing.T) {
	l := newLab(t)
	l.beside(l.open("city", 31), 1)
	for login, want := range map[string]int{"city": 2, "school": 1} {
		l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleHead, AgencyID: login}))
		for _, path := range []string{"/terms/deferrals.xlsx", "/terms/escalations.xlsx"} {
			f, err := excelize.OpenReader(strings.NewReader(l.Get(path).Body))
			if err != nil {
				t.Fatal(err)
			}
			if rows, _ := f.GetRows(f.GetSheetList()[0]); len(rows) != want {
				t.Errorf("%s for %s: %d rows, want %d", path, login, len(rows), want)
			}
		}
	}
	l.As(pagetest.Person("vera", domain.Office{Role: domain.RoleReader}))
	if a := l.Get("/terms/deferrals"); a.Status != 200 || a.Has("xlsx") || l.Get("/terms/deferrals.xlsx").Status != 403 {
		t.Error("a reader is given a file")
	}
}

func TestDeferralsAndEscalationsAreListed(t *testing.T) {
	l := filled(t)
	id := l.open("city", 31)
	l.exec(`INSERT INTO deferrals (case_id, round, asked_by, asked_at, reason, until, old_due) VALUES ($1, 1, 'boris', $2, 'ждём оборудование', '2026-12-20', $3)`, id, local(11, 26, 10), local(12, 2, 0))
	l.exec(`INSERT INTO notices (key, kind, region, case_id, to_role, to_agency, text, at, next_attempt_at) VALUES ('k', 'escalation', 'khabarovsk', $1, 'controller', '', 'x', $2, $2)`, id, local(11, 27, 10))
	if a := l.Get("/terms/deferrals"); !a.Has("ждём оборудование") || !a.Has("01.12.2026") || !a.Has("20.12.2026") || !a.Has("ждёт контролёра") {
		t.Errorf("deferrals: %s", a.Body)
	}
	if a := l.Get("/terms/escalations"); !a.Has("27.11.2026 10:00") {
		t.Errorf("escalations: %s", a.Body)
	}
}

func TestLongListsHavePages(t *testing.T) {
	l := newLab(t)
	for range 120 {
		l.open("city", 35)
	}
	seen := map[string]bool{}
	address := "/terms/list?list=open"
	for pages := 0; address != ""; pages++ {
		a := l.Get(address)
		values, _ := cells(t, a.Body)
		for _, row := range values[1:] {
			if seen[row[0]] {
				t.Fatalf("%s stands twice", row[0])
			}
			seen[row[0]] = true
		}
		address = ""
		if m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(a.Body); m != nil {
			address = html.UnescapeString(m[1])
		}
		if pages > 5 {
			t.Fatal("no end")
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d of 120 on the pages", len(seen))
	}
	f, err := excelize.OpenReader(strings.NewReader(l.Get("/terms/list.xlsx?list=open").Body))
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := f.GetRows("Открытые"); len(rows) != 121 {
		t.Errorf("%d rows in the file", len(rows))
	}
}

// The page is well-formed where it holds pictures, and keeps to the content policy.
func TestPageKeepsToThePolicy(t *testing.T) {
	body := filled(t).Get("/terms").Body
	if regexp.MustCompile(`style=|\son\w+=|<style`).MatchString(body) {
		t.Error("inline style or handler")
	}
	_, svg, _ := strings.Cut(body, "<svg")
	svg, _, _ = strings.Cut("<svg"+svg, "</svg>")
	d := xml.NewDecoder(bytes.NewReader([]byte(svg + "</svg>")))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
