package analytics_test

import (
	"context"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"github.com/otklik/otklik/desk/analytics"
	"github.com/otklik/otklik/desk/exports"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

type lab struct {
	*pagetest.Desk
	t     *testing.T
	store *storage.Store
	conn  *pgx.Conn
	next  int
	src   domain.Source
}

func pack(string) analytics.Pack {
	return analytics.Pack{FirstReaction: 9 * time.Hour, WorkDay: domain.DefaultWorkDay(), RestrictedRows: []int{23},
		Categories: []analytics.Category{{Key: "row:3", Title: "стр. 3 Дороги / ямы", Short: "Дороги / ямы", Group: "Дороги", Name: "ямы"},
			{Key: "row:7", Title: "стр. 7 Мусор / контейнерные площадки", Short: "Мусор / контейнерные площадки", Group: "Мусор", Name: "контейнерные площадки"}},
		Municipalities: []analytics.Named{{Key: "khv", Title: "Хабаровск"}, {Key: "kms", Title: "Комсомольск-на-Амуре"}}}
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
	clock := &pagetest.Clock{T: pagetest.Noon()}
	work := &exports.Exports{Store: store, Clock: clock, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- work.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	pages := &analytics.Pages{Store: store, Pack: pack, Exports: work}
	styles := page.Section{Name: "terms", Assets: report.Assets()}
	l := &lab{Desk: pagetest.New(t, pages.Section(), work.Section(), styles), t: t, store: store, conn: conn}
	l.As(pagetest.Person("anna", domain.Office{Role: domain.RoleController}))
	l.src, err = store.AddSource(t.Context(), domain.Source{Region: "khabarovsk", Kind: domain.VKWall, Address: "-1", Title: "Хабаровск сегодня"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// found stores n posts of a row in a place, each a case, at a moment.
func (l *lab) found(at time.Time, row int, place, agency string, texts ...string) {
	l.t.Helper()
	b := domain.Batch{Source: l.src, State: domain.SourceActive, Cursor: []byte("1")}
	b.Source.Epoch = 0
	var judged []domain.Judged
	for _, text := range texts {
		l.next++
		j := domain.Judged{Post: domain.Post{ID: domain.NewPostID(domain.VK, "-1", strconv.Itoa(l.next)), Region: "khabarovsk", SourceID: l.src.ID, Kind: domain.WallPost,
			Text: text, PublishedAt: at, URL: "https://vk.ru/wall-1_" + strconv.Itoa(l.next)},
			Verdict: domain.Verdict{Kind: domain.Problem, Row: row, Place: domain.Place{Municipality: place, MunicipalityName: "город", Settlement: "Хабаровск"}, PackHash: "test"}}
		b.Posts, judged = append(b.Posts, j.Post), append(judged, j)
	}
	decide := func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
		d := domain.Decision{Action: domain.ActionOpen, State: domain.Coordination, AgencyID: agency, Reason: "r", Words: "поручено", RegisteredAt: at, Restricted: row == 23,
			Deadline: domain.Deadline{Days: 10, Due: at.AddDate(0, 0, 10), Control: at.AddDate(0, 0, 10), Reason: "строка"}}
		if agency == "" {
			d.State = domain.Moderation
		}
		return d
	}
	if _, err := l.store.Commit(l.t.Context(), at, b, judged, decide); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) fold() {
	l.t.Helper()
	rules := storage.FoldRules{Zone: pagetest.Regions(l.t)[0].Zone, NormTime: func(from, to time.Time, _ []domain.Pause) (time.Duration, error) { return to.Sub(from) / 3, nil }}
	if _, err := l.store.FoldReport(l.t.Context(), "khabarovsk", rules, 100000); err != nil {
		l.t.Fatal(err)
	}
}

func days(n int) time.Time { return pagetest.Noon().AddDate(0, 0, -n) }

func plain(body string) string { return strings.ReplaceAll(html.UnescapeString(body), "\u00a0", " ") }

func shows(t *testing.T, a pagetest.Answer, words ...string) {
	t.Helper()
	text := plain(a.Body)
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("status %d, the page does not say %q:\n%s", a.Status, w, text)
		}
	}
}

func TestPageTellsHowManyOfWhatWhereAndWho(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "city", "яма", "яма", "яма")
	l.found(days(2), 7, "kms", "ministry", "мусор")
	l.found(days(40), 3, "khv", "city", "старая яма", "ещё")
	l.fold()
	shows(t, l.Get("/analytics"), "За 30 дней 4 инцидента, на 100 % больше, чем за 30 дней до них.", "О чём: инцидентов за период", "Дороги / ямы", "Хабаровск",
		"администрация Хабаровска", "Хабаровск сегодня", "Без модерации поручено 4 из 4; потом отменено 0 (0 %)", "Больше всего 27.11.2026: 3.")
	// A bar leads to itself alone.
	a := l.Get("/analytics?category=row:7")
	shows(t, a, "За 30 дней 1 инцидент; за 30 дней до них не было ни одного", "минтранс")
	if strings.Contains(plain(a.Body), ">3<") {
		t.Error("the filter does not narrow")
	}
	shows(t, l.Get("/analytics?agency=city&from=2026-10-01&to=2026-11-28"), "За 59 дней 5 инцидентов")
	shows(t, l.Get("/analytics?municipality=kms&source="+fmt.Sprint(l.src.ID)), "За 30 дней 1 инцидент")
}

// What was assigned without a person's look and turned out wrong is said, and
// under whom; a search that finds too much says so instead of counting on.
func TestPageTellsWhatWasReversed(t *testing.T) {
	l := newLab(t)
	l.found(days(2), 3, "khv", "city", "яма", "яма", "яма")
	l.found(days(1), 3, "khv", "", "яма у школы")
	if _, err := l.conn.Exec(t.Context(), `UPDATE cases SET decree_row = 4, updated_at = $1, changed_by = 'anna', changed_why = 'другая строка'
		WHERE id = (SELECT min(id) FROM cases)`, days(1)); err != nil {
		t.Fatal(err)
	}
	l.fold()
	shows(t, l.Get("/analytics"), "Без модерации поручено 3 из 4; потом отменено 1 (33 %)")
}

func TestSearchSaysWhenItStopsCounting(t *testing.T) {
	l := newLab(t)
	texts := make([]string, 1001)
	for i := range texts {
		texts[i] = "яма " + strconv.Itoa(i)
	}
	l.found(days(1), 3, "khv", "city", texts...)
	shows(t, l.Get("/search?q="+url.QueryEscape("яма")), "Найдено более 1000", "показаны новейшие 50", "Уточните слова или период")
}

func TestSurgesAreSaidInASentence(t *testing.T) {
	l := newLab(t)
	for day := 57; day >= 1; day-- {
		n := 2
		if day == 1 {
			n = 34
		}
		l.found(days(day), 7, "kms", "ministry", make([]string, n)...)
		l.found(days(day), 3, "khv", "city", "яма")
	}
	l.fold()
	a := l.Get("/analytics")
	shows(t, a, "Мусор / контейнерные площадки, Комсомольск-на-Амуре: 34 за сутки при обычных 2", "отрицательное биномиальное", "по 2 парам")
	if strings.Contains(plain(a.Body), "Дороги / ямы, Хабаровск: 1") {
		t.Error("an ordinary day is a surge")
	}
	link := regexp.MustCompile(`<li><a href="([^"]+)"`).FindStringSubmatch(a.Body)
	if link == nil {
		t.Fatal("the surge leads nowhere")
	}
	shows(t, l.Get(html.UnescapeString(link[1])), "стр. 7")
}

func TestEmptyPagesAndWrongFiltersSayWhatToDo(t *testing.T) {
	l := newLab(t)
	shows(t, l.Get("/analytics"), "За этот период инцидентов нет")
	shows(t, l.Get("/search"), "Напишите слова так, как их пишут жители")
	shows(t, l.Get("/search?q=трамвай"), "Ничего не найдено. Слова ищутся в любой форме")
	shows(t, l.Get("/search?q=трамвай&category=row:3"), "снять часть условий")
	shows(t, l.Get("/search?q=и+не"), "Искать нечего")
	for address, status := range map[string]int{"/analytics?from=2026-12-01&to=2026-11-01": 422, "/analytics?from=2020-01-01&to=2026-11-01": 422, "/analytics?from=x": 422,
		"/analytics?agency=nobody": 404, "/analytics?source=x": 422, "/analytics/tables.xlsx?only=x": 404, "/exports/7": 404, "/exports": 200} {
		if a := l.Get(address); a.Status != status {
			t.Errorf("%s: %d, want %d", address, a.Status, status)
		}
	}
}

func TestTablesGoToXLSXAsShown(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "city", "яма", "яма", "яма")
	l.found(days(2), 7, "kms", "ministry", "мусор")
	l.fold()
	f, err := excelize.OpenReader(strings.NewReader(l.Get("/analytics/tables.xlsx").Body))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.GetSheetList()); n != 6 {
		t.Errorf("%d sheets: %v", n, f.GetSheetList())
	}
	f, err = excelize.OpenReader(strings.NewReader(l.Get("/analytics/tables.xlsx?only=category").Body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(f.GetSheetList()[0])
	if err != nil || len(rows) != 3 || rows[1][0] != "стр. 3 Дороги / ямы" || rows[1][1] != "3" || rows[1][2] != "75%" || rows[2][4] != "1" {
		t.Errorf("%v, %v", rows, err)
	}
}

func TestSearchMarksSafelyAndSharesItsAddress(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "city", `<script>alert("яма")</script> & ямы у дома`, strings.Repeat("очень длинный рассказ ", 60)+"про ёлку во дворе "+strings.Repeat("и дальше ", 60))
	l.found(days(2), 23, "khv", "city", "требуют взятку за ёлку")
	l.found(days(3), 7, "kms", "ministry", "ёлка в мусоре")
	l.fold()
	a := l.Get("/search?q=яма")
	if strings.Contains(a.Body, "<script>alert") || !strings.Contains(a.Body, "&lt;script&gt;alert(&#34;<mark>яма</mark>&#34;)&lt;/script&gt; &amp; <mark>ямы</mark> у дома") {
		t.Errorf("marks: %s", a.Body)
	}
	a = l.Get("/search?q=" + url.QueryEscape("елки"))
	shows(t, a, "Найдено 2 сообщения.", "…", "<mark>ёлку</mark>", "VK · Хабаровск сегодня", "27-2026-000002")
	if a.Has("взятку") {
		t.Error("a restricted post is found")
	}
	shows(t, l.Get("/search?q=елки&municipality=kms"), "Найдено 1 сообщение.")
	shows(t, l.Get("/search?q=елки&from=2026-11-26&to=2026-11-28"), "Найдено 1 сообщение.")
	l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleHead, AgencyID: "ministry"}))
	shows(t, l.Get("/search?q=елки"), "Найдено 1 сообщение.")
	named := pagetest.Person("vera", domain.Office{Role: domain.RoleAnalyst})
	named.Restricted = true
	l.As(named)
	shows(t, l.Get("/search?q=елки"), "Найдено 3 сообщения.")
}

var fileLink = regexp.MustCompile(`href="(/exports/\d+/file)"`)

func TestIncidentsInTheLayoutOfToday(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "school", "=яма, звоните 89141234567")
	l.found(days(2), 23, "khv", "city", "взятка")
	for range 3 {
		l.found(days(3), 3, "khv", "city", make([]string, 100)...)
	}
	l.fold()
	a := l.Post("/analytics/incidents", url.Values{})
	if a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	ready := l.wait(a.Location)
	if len(l.Notes) != 1 || !strings.HasPrefix(l.Notes[0].Words, "заказана выгрузка «Инциденты с ") {
		t.Errorf("the journal: %+v", l.Notes)
	}
	file := l.Get(fileLink.FindStringSubmatch(ready.Body)[1])
	f, err := excelize.OpenReader(strings.NewReader(file.Body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Инциденты")
	if err != nil || len(rows) != 302 || len(rows[0]) != 47 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	first := map[string]string{}
	for i, name := range rows[0] {
		if i < len(rows[1]) {
			first[name] = rows[1][i]
		}
	}
	for name, want := range map[string]string{"Регион": "Хабаровский край", "Отдел": "администрация Хабаровска", "Исполнитель": "школа № 1", "Группа тем": "Дороги", "Тема": "ямы",
		"Текст инцидента": "'=яма, звоните [телефон скрыт]", "Дата создания": "27.11.2026 12:00", "Текущий шаг инцидента": "На координации", "Урл блога": "https://vk.ru/club1",
		"Уложились или нет после назн. ПИ": "-", "Есть медиафайл в сообщении": "нет"} {
		if first[name] != want {
			t.Errorf("%s is %q, want %q", name, first[name], want)
		}
	}
	shows(t, l.Get("/exports"), "Инциденты с 30.10.2026 по 28.11.2026", "301 строка")
	l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleController}))
	if a := l.Get(a.Location); a.Status != 404 {
		t.Errorf("somebody else opens it: %d", a.Status)
	}
	if a := l.Get(a.Location + "/file"); a.Status != 404 {
		t.Errorf("somebody else gets the file: %d", a.Status)
	}
}

func (l *lab) wait(address string) pagetest.Answer {
	l.t.Helper()
	for range 1200 {
		if a := l.Get(address); fileLink.MatchString(a.Body) || !a.Has("готовится") {
			return a
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.t.Fatal("the file is never ready")
	return pagetest.Answer{}
}

// Everything keeps to the content policy.
func TestPagesKeepToThePolicy(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "city", "яма")
	l.fold()
	for _, address := range []string{"/analytics", "/search?q=яма", "/exports"} {
		if a := l.Get(address); a.Status != 200 || regexp.MustCompile(`style=|\son\w+="|<style`).MatchString(a.Body) {
			t.Errorf("%s: %d, inline style or handler", address, a.Status)
		}
	}
}

// «Место не названо» is a filter like any other: of pages, of the search, of its file.
func TestSearchFindsWhatNamesNoPlace(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "city", "ёлка упала")
	l.found(days(1), 3, "", "city", "ёлка лежит", "ёлка сгорела")
	address := "/search?q=елка&municipality=-"
	a := l.Get(address)
	shows(t, a, "Найдено 2 сообщения.", `<option value="-" selected>место не названо</option>`, "/search.xlsx?municipality=-&q=")
	if a.Has("упала") {
		t.Error("a place is named, yet found")
	}
	if rows := l.Get(strings.Replace(address, "/search", "/search.xlsx", 1)).Sheet(t); len(rows) != 2 {
		t.Errorf("the file has %v", rows)
	}
}

func TestWhatIsFoundGoesToXLSX(t *testing.T) {
	l := newLab(t)
	l.found(days(2), 3, "khv", "city", "=1+1 яма, звоните 89141234567", strings.Repeat("очень длинная история про яму ", 40))
	texts := make([]string, 60)
	for i := range texts {
		texts[i] = "яма " + strconv.Itoa(i)
	}
	l.found(days(1), 7, "kms", "ministry", texts...)
	l.fold()
	rows := l.Get("/search.xlsx?q=яма").Sheet(t)
	if len(rows) != 62 {
		t.Fatalf("%d rows", len(rows))
	}
	shown := regexp.MustCompile(`27-2026-\d{6}`).FindAllString(l.Get("/search?q=яма").Body, -1)
	for i, number := range shown { // the page shows the newest fifty
		if rows[i][3] != number {
			t.Errorf("line %d: the page says %s, the file %v", i, number, rows[i])
		}
	}
	first := rows[slices.IndexFunc(rows, func(row []string) bool { return strings.HasPrefix(row[2], "=") })]
	want := []string{"26.11.2026 12:00", "VK · Хабаровск сегодня", "=1+1 яма, звоните [телефон скрыт]", "27-2026-000001", "На координации", "06.12.2026", "стр. 3 Дороги / ямы", "Хабаровск", "https://vk.ru/wall-1_1"}
	if len(shown) != 50 || !slices.Equal(first, want) {
		t.Errorf("%d shown; %q", len(shown), first)
	}
	if rows := l.Get("/search.xlsx?q=яма&municipality=khv").Sheet(t); len(rows) != 2 {
		t.Errorf("the filter does not narrow the file: %d", len(rows))
	}
	l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleHead, AgencyID: "city"}))
	if rows := l.Get("/search.xlsx?q=яма").Sheet(t); len(rows) != 2 {
		t.Errorf("a body gets %d rows", len(rows))
	}
	for role, status := range map[domain.Role]int{domain.RoleReader: 403, domain.RoleAdministrator: 403} { // one may not export, the other not search
		l.As(pagetest.Person("vera", domain.Office{Role: role}))
		if a := l.Get("/search.xlsx?q=яма"); a.Status != status {
			t.Errorf("%s: %d", role, a.Status)
		}
	}
}
