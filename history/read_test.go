package history_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/history"
	"github.com/otklik/otklik/report"
)

func khabarovsk(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// book is a workbook with what fill puts into it.
func book(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// put writes rows from a line on.
func put(f *excelize.File, sheet string, line int, rows ...[]any) {
	for i, row := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", line+i), &row); err != nil {
			panic(err)
		}
	}
}

func read(t *testing.T, raw []byte) history.Reading {
	t.Helper()
	r, err := history.Read(raw, history.Options{Region: "Хабаровский край", Zone: khabarovsk(t)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func words(list []history.Remark) string {
	var lines []string
	for _, r := range list {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, "\n")
}

// Our own export has the 47 columns of that product, and is read as one.
func TestAllColumnsAsTheyAreExported(t *testing.T) {
	created := time.Date(2026, 11, 23, 6, 42, 0, 0, time.UTC)
	row := report.Incident{Region: "Хабаровский край", ID: 12, Number: "27-2026-000012", CreatedAt: created, EndedAt: created.Add(48 * time.Hour),
		Department: "Администрация города", Executor: "Управление дорог", TopicGroup: "Дороги", Topic: "Ямы", Place: domain.Place{MunicipalityName: "Хабаровск", Settlement: "Хабаровск"},
		Text: "Яма у дома 5, звоните 89141234567", Type: "Решаемый", Outcome: "Разъяснено", Step: "Готово"}.Row()
	var b bytes.Buffer
	sheet := report.Table{Title: "Инциденты", Columns: report.IncidentColumns(), Rows: []report.Row{row}, Zone: khabarovsk(t)}.Sheet()
	if err := report.WriteXLSX(t.Context(), &b, []report.Sheet{sheet}, nil); err != nil {
		t.Fatal(err)
	}
	r := read(t, b.Bytes())
	want := domain.PastIncident{Number: "27-2026-000012", ExternalID: "12", Text: "Яма у дома 5, звоните [телефон скрыт]", TopicGroup: "Дороги", Topic: "Ямы",
		Department: "Администрация города", Executor: "Управление дорог", Municipality: "Хабаровск", Settlement: "Хабаровск",
		Nature: "Решаемый", Step: "Готово", Outcome: "Разъяснено", CreatedAt: created, EndedAt: created.Add(48 * time.Hour)}
	if len(r.Incidents) != 1 || r.Lines != 1 {
		t.Fatalf("%+v", r)
	}
	got := r.Incidents[0]
	got.CreatedAt, got.EndedAt = got.CreatedAt.UTC(), got.EndedAt.UTC()
	if got != want {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if !strings.Contains(words(r.Skipped), "лист «О выгрузке»: лист пропущен") || len(r.Doubts) != 0 {
		t.Errorf("skipped %s, doubts %s", words(r.Skipped), words(r.Doubts))
	}
}

// Fewer columns in another order, headings as people retype them, in line 3 of the
// second sheet; dates as Excel leaves them; every line that is not taken is named.
func TestColumnsOrderDatesAndWhatIsSkipped(t *testing.T) {
	serial := 46349.695833333 // 23.11.2026 16:42
	raw := book(t, func(f *excelize.File) {
		put(f, "Sheet1", 1, []any{"Справка"}, []any{"составил отдел"})
		_, _ = f.NewSheet("Выгрузка")
		put(f, "Выгрузка", 1, []any{"Инциденты за месяц"}, []any{})
		put(f, "Выгрузка", 3,
			[]any{"тема ", "Лишний столбец", "текст  инцидента", "НОМЕР ИНЦИДЕНТА", "Дата\nсоздания", "Регион", "Дата окончания"},
			[]any{"Ямы", 1, "'Яма на дороге", 1234567890123.0, serial, "Хабаровский край", "'24.11.2026 10:00"},
			[]any{"'Мусор", nil, "Не вывозят мусор", "'A-2", "2026-11-23T16:42:00", "", "когда-нибудь"},
			[]any{"Ямы", nil, "  ", "3"},
			[]any{"#Н/Д", nil, "Без темы", "4"},
			[]any{"-", nil, "Тема — прочерк", "5"},
			[]any{"Ямы", nil, "Чужая яма", "6", nil, "Омская область"},
			[]any{},
			[]any{"Ямы", nil, "Яма, ещё раз", "1234567890123"},
			[]any{"Ямы", nil, "<br>123<br>", "'8"})
		if err := f.MergeCell("Выгрузка", "A1", "C1"); err != nil {
			t.Fatal(err)
		}
	})
	r := read(t, raw)
	if len(r.Incidents) != 3 || r.Lines != 8 {
		t.Fatalf("%d of %d lines taken: %+v\n%s", len(r.Incidents), r.Lines, r.Incidents, words(r.Skipped))
	}
	at := time.Date(2026, 11, 23, 6, 42, 0, 0, time.UTC)
	first, second := r.Incidents[0], r.Incidents[1]
	if first.Number != "1234567890123" || first.Text != "Яма на дороге" || !first.CreatedAt.Equal(at) || !first.EndedAt.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", first)
	}
	if second.Number != "A-2" || second.Topic != "Мусор" || !second.CreatedAt.Equal(at) || !second.EndedAt.IsZero() {
		t.Errorf("%+v", second)
	}
	for _, want := range []string{
		"лист «Sheet1»: лист пропущен", "лист «Выгрузка», строка 6: нет текста", "строка 7: нет ни темы, ни органа", "строка 8: нет ни темы",
		"строка 9: другой регион: «Омская область»", "строка 11: повтор: этот инцидент уже есть (лист «Выгрузка», строка 4)",
	} {
		if !strings.Contains(words(r.Skipped), want) {
			t.Errorf("not said: %q in\n%s", want, words(r.Skipped))
		}
	}
	if got := words(r.Doubts); got != "лист «Выгрузка», строка 5: «Дата окончания» не прочитана: «когда-нибудь»" {
		t.Errorf("doubts %s", got)
	}
}

// Of a formula the saved value is read, merged cells reach down, and a
// book may count its days from 1904.
func TestFormulasMergedCellsAndDaysOf1904(t *testing.T) {
	raw := book(t, func(f *excelize.File) {
		yes := true
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
		put(f, "Sheet1", 1, []any{"ID", "Текст инцидента", "Тема", "Дата создания"}, []any{1, "Нет света", "Свет", 44887.5}, []any{2, "Нет воды", "", nil})
		if err := f.MergeCell("Sheet1", "C2", "C3"); err != nil {
			t.Fatal(err)
		}
		put(f, "Sheet1", 4, []any{3, nil, "Свет"})
		if err := f.SetCellFormula("Sheet1", "B4", `HYPERLINK("http://example.org","нажмите")`); err != nil {
			t.Fatal(err)
		}
	})
	r := read(t, raw)
	if len(r.Incidents) != 2 || !r.Incidents[0].CreatedAt.Equal(time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)) || r.Incidents[1].Topic != "Свет" {
		t.Fatalf("%+v", r.Incidents)
	}
	if got := words(r.Skipped); got != "лист «Sheet1», строка 4: нет текста" {
		t.Errorf("%s", got)
	}
	if got := words(r.Doubts); got != "лист «Sheet1», строка 3: «Тема» из объединённых ячеек выше: «Свет»" {
		t.Errorf("%s", got)
	}
}

func TestCSVOfAnExport(t *testing.T) {
	text, err := charmap.Windows1251.NewEncoder().String("Выгрузка;;;\r\nНомер инцидента;Текст инцидента;Группа тем;Отдел\r\n" +
		"1;\"'Яма; глубокая\r\nна дороге\";Дороги;Мэрия\r\n;Мусор во дворе;;Мэрия\r\n;Мусор во дворе;;Мэрия\r\n")
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, []byte(text))
	if len(r.Incidents) != 2 || r.Incidents[0].Text != "Яма; глубокая\nна дороге" || !strings.Contains(words(r.Skipped), "строка 6: повтор") {
		t.Errorf("%+v\n%s", r.Incidents, words(r.Skipped))
	}
}

// A quote that is not doubled costs no other line of the export, and none its topic.
func TestAQuoteInATextOfAnExport(t *testing.T) {
	r := read(t, []byte("Номер инцидента;Текст инцидента;Тема\n1;яма;Дороги\n2;\"Рога и копыта\" не чистят снег;Снег\n3;вода;Вода\n"+
		"4;\"Свет; и газ\" нет;Свет\n5;\"пятый\";Вода\n6;шестой;\"Вода\n7;седьмой;Вода\n"))
	var got []string
	for _, p := range r.Incidents {
		got = append(got, p.Number+" "+p.Text+" "+p.Topic)
	}
	if s := strings.Join(got, "|"); s != `1 яма Дороги|2 "Рога и копыта" не чистят снег Снег|3 вода Вода|5 пятый Вода|6 шестой "Вода|7 седьмой Вода` || r.Lines != 7 {
		t.Errorf("%d lines: %s", r.Lines, s)
	}
	if s := words(r.Skipped); !strings.HasPrefix(s, "строка 5: кавычки внутри текста не удвоены") {
		t.Errorf("%s", s)
	}
}

// Whoever writes a phone beside a body's name is not kept with it; a topic keeps its
// disease.
func TestNumbersAreHiddenInEveryColumn(t *testing.T) {
	r := read(t, []byte("Номер инцидента;Текст инцидента;Тема;Отдел;Исполнитель;Итог\n"+
		"1;вода;Онкология у детей;Минздрав a@mail.ru;Иванов И.И., 8 914 123-45-67;звонили 89141234567\n"))
	if len(r.Incidents) != 1 {
		t.Fatalf("%+v", r)
	}
	p := r.Incidents[0]
	if p.Topic != "Онкология у детей" || p.Department != "Минздрав [почта скрыта]" || p.Executor != "Иванов И.И., [телефон скрыт]" || p.Outcome != "звонили [телефон скрыт]" {
		t.Errorf("%+v", p)
	}
}

// Two sheets of one book, one of them without numbers, hold an incident once.
func TestAnIncidentIsKnownByItsNumberOrItsID(t *testing.T) {
	r := read(t, []byte("Номер инцидента;ID;Текст инцидента;Тема\n;1;вода;Вода\n27-1;1;вода!;Вода\n27-2;2;снег;Снег\n;2;снег.;Снег\n27-3;2;снег на крыше;Снег\n"))
	if s := words(r.Skipped); len(r.Incidents) != 3 || s != "строка 3: повтор: этот инцидент уже есть (строка 2)\nстрока 5: повтор: этот инцидент уже есть (строка 4)" {
		t.Errorf("%+v\n%s", r.Incidents, s)
	}
}

// What is no export is refused by name, whatever was put into it.
func TestHostileFiles(t *testing.T) {
	bomb := func(t *testing.T) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("xl/worksheets/sheet1.xml")
		if err != nil {
			t.Fatal(err)
		}
		zeros := make([]byte, 1<<20)
		for range 600 {
			if _, err := w.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	many := func(t *testing.T) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := range 3000 {
			if _, err := z.Create(fmt.Sprintf("xl/%d.xml", i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	good := book(t, func(f *excelize.File) {
		put(f, "Sheet1", 1, []any{"ID", "Текст инцидента", "Тема"}, []any{1, "Нет света", "Свет"})
	})
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"nothing":            {nil, "файл пуст"},
		"spaces":             {[]byte(" \r\n "), "файл пуст"},
		"an old book":        {append([]byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, make([]byte, 600)...), "без пароля"},
		"half a book":        {good[:len(good)/2], "книга не читается"},
		"a picture":          {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00"), "не книга Excel"},
		"a book of nothing":  {book(t, func(*excelize.File) {}), "нет строки заголовка"},
		"a letter":           {[]byte("Уважаемые коллеги!\nВыгрузка, как просили."), "нет строки заголовка"},
		"a bomb":             {bomb(t), "больше чем в 512 МБ"},
		"thousands of parts": {many(t), "так много"},
		"a changed byte":     {flipped(good), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := history.Read(c.raw, history.Options{})
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// flipped breaks the middle of a book; any answer but a panic will do.
func flipped(raw []byte) []byte {
	out := bytes.Clone(raw)
	for i := len(out) / 3; i < len(out)/3+40; i++ {
		out[i] ^= 0x5a
	}
	return out
}

// A sheet filled down to the last line that Excel has, with nothing in it.
func TestAMillionEmptyLines(t *testing.T) {
	var sheet bytes.Buffer
	sheet.WriteString(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` +
		`<row r="1"><c r="A1" t="inlineStr"><is><t>Текст инцидента</t></is></c><c r="B1" t="inlineStr"><is><t>Тема</t></is></c></row>` +
		`<row r="2"><c r="A2" t="inlineStr"><is><t>Нет света</t></is></c><c r="B2" t="inlineStr"><is><t>Свет</t></is></c></row>`)
	for i := 3; i <= 1_048_576; i++ {
		fmt.Fprintf(&sheet, `<row r="%d"><c r="A%d"/></row>`, i, i)
	}
	sheet.WriteString(`</sheetData></worksheet>`)
	empty := book(t, func(*excelize.File) {})
	r := read(t, replaced(t, empty, "xl/worksheets/sheet1.xml", sheet.Bytes()))
	if len(r.Incidents) != 1 || r.Lines != 1 || len(r.Skipped) != 0 {
		t.Errorf("%d incidents of %d lines, %s", len(r.Incidents), r.Lines, words(r.Skipped))
	}
}

// replaced is a book with another part.
func replaced(t *testing.T, raw []byte, name string, with []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, part := range z.File {
		if part.Name != name {
			if err := w.Copy(part); err != nil {
				t.Fatal(err)
			}
		}
	}
	part, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(with); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The real export, where it lies beside the checkout.
func TestRealExport(t *testing.T) {
	path := filepath.Join("..", "..", "shared", "data", "omsk_incidents.csv")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the labelled data are not beside the checkout")
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	r, err := history.Read(raw, history.Options{Region: "Омская область", Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	if r.Lines != len(rows)-1 || len(r.Incidents) != r.Lines || len(r.Skipped) != 0 {
		t.Errorf("%d of %d lines taken: %s", len(r.Incidents), r.Lines, words(r.Skipped))
	}
	for _, p := range r.Incidents {
		if p.Topic == "" || p.TopicGroup == "" || p.Department == "" || p.Municipality == "" || p.CreatedAt.IsZero() {
			t.Errorf("something is missing: %+v", p)
		}
	}
}

// Whatever is brought is read or refused, and of what is read every line is either
// taken or named.
func FuzzRead(f *testing.F) {
	f.Add([]byte("Номер инцидента;Текст инцидента;Тема\n1;Яма;Дороги\n2;;\n"))
	f.Add([]byte("sep=,\nID,Текст инцидента,Отдел\n\"1\n,'Яма\",\n"))
	f.Add([]byte("PK\x03\x04"))
	book := excelize.NewFile()
	put(book, "Sheet1", 1, []any{"ID", "Текст инцидента", "Тема", "Дата создания"}, []any{1e15, "'Нет света", "Свет", 46349.5}, []any{-2, "", "#Н/Д", 1e300})
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := history.Read(raw, history.Options{Zone: time.UTC})
		if err != nil {
			return
		}
		lines := 0
		for _, s := range r.Skipped {
			if s.Line > 0 {
				lines++
			}
		}
		if len(r.Incidents)+lines != r.Lines {
			t.Errorf("%d taken and %d named of %d lines", len(r.Incidents), lines, r.Lines)
		}
		for _, p := range r.Incidents {
			if p.Text == "" || p.Key() == "" || !utf8.ValidString(p.Text) || strings.ContainsRune(p.Text, 0) {
				t.Errorf("%+v", p)
			}
		}
	})
}
