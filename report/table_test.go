package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones of the regions on machines that have none

	"github.com/xuri/excelize/v2"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// sample has every kind of column, a tree, a total, an empty cell and texts that
// spreadsheets take for formulas.
func sample(t testing.TB) report.Table {
	t.Helper()
	row := func(level int, total bool, name string, n int64) report.Row {
		return report.Row{Level: level, Total: total, Cells: []report.Cell{report.Str(name), report.Num(n), report.Part(n, 8),
			report.On(domain.Date{Year: 2026, Month: 12, Day: 3}), report.At(time.Date(2026, 12, 3, 6, 42, 0, 0, time.UTC)), report.Lasting(135 * time.Minute)}}
	}
	t1 := report.Table{Title: "Сроки по органам", Note: "на 03.12.2026 & далее", Zone: zone(t), Columns: []report.Column{
		{Title: "Орган"}, {Title: "Открыто", Kind: report.Number, Hint: "поручено и не отвечено"}, {Title: "В срок", Kind: report.Share},
		{Title: "Срок", Kind: report.Day}, {Title: "Когда", Kind: report.Moment}, {Title: "Реакция", Kind: report.Duration}}}
	t1.Rows = []report.Row{row(0, true, "минЖКХ края", 1234567), row(1, false, "=HYPERLINK(\"http://x\")", 4), row(2, false, "+7", 2), row(1, false, "-1", 0)}
	t1.Rows = append(t1.Rows, report.Row{Cells: []report.Cell{report.Str("\tтаб\x00\x01"), {}, report.Part(0, 0)}})
	return t1
}

func workbook(t *testing.T, sheets ...report.Sheet) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteXLSX(t.Context(), &b, sheets, nil); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func value(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	v, err := f.GetCellValue(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestXLSXHasValuesOfTheirOwnType(t *testing.T) {
	f := workbook(t, sample(t).Sheet())
	const sheet = "Сроки по органам"
	for cell, want := range map[string]string{
		"A1": "Орган", "B2": "1,234,567", "C3": "50%", "D2": "03.12.2026", "E2": "03.12.2026 16:42", "F2": "2:15",
		"A3": `=HYPERLINK("http://x")`, "A4": "+7", "A5": "-1", "B5": "0", "A6": "\tтаб", "B6": "", "C6": "",
	} {
		if got := value(t, f, sheet, cell); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]excelize.CellType{"A3": excelize.CellTypeInlineString, "A4": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "E2": excelize.CellTypeUnset} {
		if got, _ := f.GetCellType(sheet, cell); got != want {
			t.Errorf("%s is of type %v, want %v", cell, got, want)
		}
	}
	raw, _ := f.GetCellValue(sheet, "E2", excelize.Options{RawCellValue: true})
	if !strings.HasPrefix(raw, "46359.69583") { // 03.12.2026 16:42 as Excel counts days
		t.Errorf("the moment is stored as %s", raw)
	}
	if formula, _ := f.GetCellFormula(sheet, "A3"); formula != "" {
		t.Errorf("a text became the formula %q", formula)
	}
}

func TestXLSXIsSetUpForReadingAndPrint(t *testing.T) {
	f := workbook(t, sample(t).Sheet(), sample(t).Sheet())
	if got := f.GetSheetList(); len(got) != 3 || got[1] != "Сроки по органам 2" || got[2] != "О выгрузке" {
		t.Fatalf("sheets %v", got)
	}
	const sheet = "Сроки по органам"
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the head is not frozen: %+v, %v", panes, err)
	}
	layout, err := f.GetPageLayout(sheet)
	if err != nil || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
		t.Errorf("print: %+v, %v", layout, err)
	}
	if props, err := f.GetSheetProps(sheet); err != nil || props.FitToPage == nil || !*props.FitToPage {
		t.Errorf("fit to page is off: %v", err)
	}
	names := map[string]string{}
	for _, n := range f.GetDefinedName() {
		names[n.Name+" "+n.Scope] = n.RefersTo
	}
	if names["_xlnm.Print_Titles "+sheet] != "'Сроки по органам'!$1:$1" || names["_xlnm._FilterDatabase "+sheet] != "'Сроки по органам'!$A$1:$F$6" {
		t.Errorf("names %v", names)
	}
	if w, _ := f.GetColWidth(sheet, "A"); w != 32 {
		t.Errorf("width %v", w)
	}
	if v := value(t, f, "О выгрузке", "B3"); v != "на 03.12.2026 & далее" {
		t.Errorf("about: %q", v)
	}
}

// What the page shows is what the file holds.
func TestHTMLAndCSVShowTheSameValues(t *testing.T) {
	table := sample(t)
	var b bytes.Buffer
	if err := report.WriteCSV(t.Context(), &b, table.Sheet(), nil); err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(b.Bytes(), []byte("\r\n"))
	if string(head) != "\ufeffОрган;Открыто;В срок;Срок;Когда;Реакция" {
		t.Errorf("head %q", head)
	}
	r := csv.NewReader(bytes.NewReader(rest))
	r.Comma = ';'
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"минЖКХ края", "1234567", "154320,875", "03.12.2026", "03.12.2026 16:42", "2:15"}, {`'=HYPERLINK("http://x")`, "4", "0,5"}, {"'+7", "2"}, {"'-1", "0"}}
	for i, line := range want {
		for j, v := range line {
			if records[i][j] != v {
				t.Errorf("CSV %d:%d is %q, want %q", i, j, records[i][j], v)
			}
		}
	}
	page := strings.ReplaceAll(string(table.HTML()), "\u00a0", " ")
	for _, want := range []string{">1 234 567<", ">50 %<", ">03.12.2026 16:42<", ">2 ч 15 мин<", `=HYPERLINK(&#34;http://x&#34;)`, `class="level-1"`, `title="поручено и не отвечено"`, `<tr class="total">`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %q:\n%s", want, page)
		}
	}
}

func TestHTMLIsSafe(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	table := report.Table{Title: evil, Note: evil, Columns: []report.Column{{Title: evil, Hint: evil}}, Rows: []report.Row{
		{Cells: []report.Cell{report.Str(evil).To("javascript:alert(1)").Toned(evil)}}, {Cells: []report.Cell{report.Str("x").To("/cases?q=" + evil)}}}}
	page := string(table.HTML()) + string(report.Line([]report.Point{{Label: evil, Value: 1}}, report.LineOptions{ID: evil, Title: evil, Text: evil, Series: evil, Ghost: evil})) +
		string(report.Bars([]report.Point{{Label: evil, Value: 1, Link: "javascript:x"}}, report.BarOptions{ID: evil, Title: evil})) + string(report.Spark([]float64{1}, evil))
	if strings.Contains(page, "<script") || strings.Contains(page, "javascript:") || regexp.MustCompile(`style=|\son\w+=`).MatchString(page) {
		t.Errorf("unsafe:\n%s", page)
	}
}

func TestLongSheetTellsProgressAndStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var told []int
	long := func(rows int) report.Sheet {
		return report.Sheet{Title: "Длинный", Columns: []report.Column{{Title: "№", Kind: report.Number}}, Rows: func(yield func(report.Row, error) bool) {
			for i := range rows {
				if !yield(report.Row{Cells: []report.Cell{report.Num(i)}}, nil) {
					return
				}
			}
		}}
	}
	err := report.WriteXLSX(ctx, &bytes.Buffer{}, []report.Sheet{long(1_000_000)}, func(done int) {
		told = append(told, done)
		if done >= 1000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || len(told) == 0 || told[len(told)-1] != 1000 {
		t.Errorf("stopped with %v after %v", err, told)
	}
	broken := errors.New("the store is away")
	failing := report.Sheet{Title: "Сбой", Rows: func(yield func(report.Row, error) bool) { yield(report.Row{}, broken) }}
	if err := report.WriteXLSX(t.Context(), &bytes.Buffer{}, []report.Sheet{failing}, nil); !errors.Is(err, broken) {
		t.Errorf("a failing source gives %v", err)
	}
	if err := report.WriteCSV(t.Context(), &bytes.Buffer{}, failing, nil); !errors.Is(err, broken) {
		t.Errorf("a failing source gives %v", err)
	}
}

func TestSheetNamesAreLegalAndUnique(t *testing.T) {
	title := "'По категориям: [дороги/ямы]* и очень длинное имя листа?'"
	f := workbook(t, report.Table{Title: title}.Sheet(), report.Table{Title: title}.Sheet(), report.Table{Title: "///"}.Sheet())
	got := fmt.Sprint(f.GetSheetList())
	if got != "[По категориям дороги ямы… По категориям дороги ямы… 2 Лист О выгрузке]" {
		t.Errorf("sheets %s", got)
	}
}

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"0": report.NumberWords(0), "1234": report.NumberWords(1234), "12 345": report.NumberWords(12345), "1 234 567": report.NumberWords(1234567),
		"6,5": report.NumberWords(6.5), "−3": report.NumberWords(-3), "45 мин": report.DurationWords(45 * time.Minute),
		"2 ч": report.DurationWords(2 * time.Hour), "11 дн. 12 ч": report.DurationWords(11*24*time.Hour + 12*time.Hour + 10*time.Minute),
		"30 ч": report.WorkedWords(30*time.Hour + 10*time.Minute), "2 ч 15 мин": report.WorkedWords(135 * time.Minute), "9 мин": report.WorkedWords(9 * time.Minute),
		"1 день": report.Count(1, "день", "дня", "дней"), "12 дней": report.Count(12, "день", "дня", "дней"), "22 дня": report.Count(22, "день", "дня", "дней"),
	} {
		if got := strings.ReplaceAll(got, "\u00a0", " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The layout is a fact about somebody else's product: the order and the names.
func TestIncidentLayout(t *testing.T) {
	columns := report.IncidentColumns()
	created := time.Date(2026, 11, 23, 6, 42, 0, 0, time.UTC)
	row := report.Incident{Region: "Хабаровский край", ID: 12, Number: "27-2026-000012", CreatedAt: created, EndedAt: created.Add(11*24*time.Hour + 12*time.Hour + 10*time.Minute + 25*time.Second),
		Text: "Яма, звоните 89141234567", InNorm: "-", Type: "Решаемый", Outcome: "Разъяснено"}.Row()
	if len(columns) != 47 || len(row.Cells) != 47 {
		t.Fatalf("%d columns, %d cells", len(columns), len(row.Cells))
	}
	f := workbook(t, report.Table{Title: "Инциденты", Columns: columns, Rows: []report.Row{row}, Zone: zone(t)}.Sheet())
	for cell, want := range map[string]string{"A1": "Кабинет", "N1": "Время с начала создания инцидента до окончания", "AU1": "Опрос отправлен", "AI1": "Текст инцидента",
		"N2": "11 days 12:10:25", "M2": "-", "R2": "23.11.2026 16:42", "AI2": "'Яма, звоните [телефон скрыт]", "AF2": "нет", "AN2": ""} {
		if got := value(t, f, "Инциденты", cell); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
}
