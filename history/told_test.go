package history_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/otklik/otklik/history"
)

func taken(r history.Reading) string {
	var out []string
	for _, p := range r.Incidents {
		out = append(out, strings.Join([]string{p.Number, p.ExternalID, p.Text, p.Topic}, "/"))
	}
	return strings.Join(out, " ")
}

// A number that Excel has rounded is that of many incidents, and no identity.
func TestNumbersThatExcelHasRounded(t *testing.T) {
	r := read(t, []byte("Номер инцидента;ID;Текст инцидента;Тема\n"+
		"1,23457E+11;;яма;Дороги\n1,23457E+11;;снег;Снег\n1,23457E+11;7;вода;Вода\n1.2E+3;9,9E+15;свет;Свет\n1,23456789012E+11;;газ;Газ\n12.00;;лифт;Лифты\n"))
	if got := taken(r); got != "//яма/Дороги //снег/Снег /7/вода/Вода //свет/Свет 123456789012//газ/Газ 12//лифт/Лифты" || len(r.Skipped) != 0 {
		t.Errorf("%s\n%s", got, words(r.Skipped))
	}
	got := words(r.Doubts)
	if strings.Count(got, "округлён в Excel") != 5 || !strings.Contains(got, "строка 2: «Номер инцидента» округлён в Excel: «1,23457E+11», инцидент узнаётся без него") {
		t.Errorf("%s", got)
	}
	if r.Incidents[0].Key() == r.Incidents[1].Key() {
		t.Error("two incidents under one key")
	}
}

// Of columns that stand twice the first filled cell counts.
func TestAColumnThatStandsTwice(t *testing.T) {
	r := read(t, []byte("Номер инцидента;Тема;Текст инцидента;Тема\n1;;яма;Дороги\n2;Снег;снег;Дворы\n3;-;вода;Вода\n"))
	if got := taken(r); got != "1//яма/Дороги 2//снег/Снег 3//вода/Вода" || words(r.Doubts) != "строка 1: столбцов «Тема» 2: в каждой строке взята первая заполненная ячейка" {
		t.Errorf("%s\n%s", got, words(r.Doubts))
	}
}

// Errors of formulas, totals and headings that come again are told, and not taken.
func TestWhatIsNoIncidentIsToldAsWhatItIs(t *testing.T) {
	r := read(t, []byte("Номер инцидента;Регион;Текст инцидента;Тема\n1;;#N/A;Дороги\n2;;#Н/Д;Дороги\n3;;#НЕТВОДЫ;#Н/Д\n4;;#НЕТВОДЫ;Вода\n"+
		"Итого;;12;\n;;Всего: 12;Итого\nИтого по краю: 5;;пять;Дороги\n5;;Всего 3 дня есть вода;Вода\n"+
		"Номер инцидента;Регион;Текст инцидента;Тема\n6;;снег;Снег\nНомер инцидента;Тема;Регион;Текст инцидента\n7;Свет;;нет света\n"))
	if got := taken(r); got != "4//#НЕТВОДЫ/Вода 5//Всего 3 дня есть вода/Вода 6//снег/Снег 7//нет света/Свет" {
		t.Error(got)
	}
	want := "строка 2: вместо текста ошибка Excel: «#N/A»|строка 3: вместо текста ошибка Excel: «#Н/Д»|строка 4: нет ни темы, ни органа: учиться нечему|" +
		"строка 6: строка итогов|строка 7: строка итогов|строка 8: строка итогов|строка 10: ещё раз заголовок|строка 12: ещё раз заголовок"
	if got := strings.ReplaceAll(words(r.Skipped), "\n", "|"); got != want || r.Lines != 12 {
		t.Errorf("%d: %s", r.Lines, got)
	}
}

// What a filter hides is taken, and so is a hidden sheet; neither in silence.
func TestHiddenLinesAndSheets(t *testing.T) {
	r := read(t, book(t, func(f *excelize.File) {
		put(f, "Sheet1", 1, []any{"ID", "Текст инцидента", "Тема"}, []any{1, "яма", "Дороги"}, []any{2, "снег", "Снег"}, []any{3, "вода", "Вода"})
		for _, line := range []int{3, 4} {
			if err := f.SetRowVisible("Sheet1", line, false); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = f.NewSheet("Старое")
		put(f, "Старое", 1, []any{"ID", "Текст инцидента", "Тема"}, []any{4, "газ", "Газ"})
		if err := f.SetSheetVisible("Старое", false); err != nil {
			t.Fatal(err)
		}
	}))
	want := "лист «Sheet1»: взяты и скрытые строки (фильтром или вручную): 2, первая из них — строка 3\nлист «Старое»: лист скрыт, но прочитан"
	if got := words(r.Doubts); len(r.Incidents) != 4 || got != want {
		t.Errorf("%d: %s", len(r.Incidents), got)
	}
}

// Merged cells reach as far as they do: in their column, on their sheet, down to
// their last line.
func TestMergedCellsReachDown(t *testing.T) {
	r := read(t, book(t, func(f *excelize.File) {
		put(f, "Sheet1", 1, []any{"ID", "Тема", "Текст инцидента"}, []any{1, "Дороги", "яма"}, []any{2, nil, "снег"}, []any{3, nil, "лёд"}, []any{4, nil, "вода"})
		_, _ = f.NewSheet("Второй & <последний>")
		put(f, "Второй & <последний>", 1, []any{"ID", "Тема", "Текст инцидента", "Дата создания"}, []any{5, nil, "свет"}, []any{6, "Газ", "газ > тепло", 46349}, []any{7, nil, "плита"})
		for _, m := range [][3]string{{"Sheet1", "B2", "B4"}, {"Второй & <последний>", "B3", "B4"}, {"Второй & <последний>", "D3", "D4"}} {
			if err := f.MergeCell(m[0], m[1], m[2]); err != nil {
				t.Fatal(err)
			}
		}
	}))
	if got := taken(r); got != "/1/яма/Дороги /2/снег/Дороги /3/лёд/Дороги /6/газ > тепло/Газ /7/плита/Газ" || r.Incidents[4].CreatedAt != r.Incidents[3].CreatedAt {
		t.Errorf("%+v", r.Incidents)
	}
	if got := words(r.Skipped); strings.Count(got, "нет ни темы") != 2 || strings.Count(words(r.Doubts), "из объединённых ячеек") != 4 {
		t.Errorf("%s\n%s", got, words(r.Doubts))
	}
}

// Excel for Mac once ended lines with CR alone, and those inside a cell with LF.
func TestLinesThatEndWithCR(t *testing.T) {
	text := "Номер инцидента;\"Текст\nинцидента\";Тема\r1;яма;Дороги\r2;\"снег\nи лёд\";Снег\r"
	if r := read(t, []byte(text)); taken(r) != "1//яма/Дороги 2//снег\nи лёд/Снег" {
		t.Errorf("%+v", r)
	}
	crlf := strings.ReplaceAll(fmt.Sprint(strings.ReplaceAll(text, "\r", "\r\n")), "яма", "яма\rбольшая")
	if r := read(t, []byte(crlf)); len(r.Incidents) != 2 || r.Incidents[0].Topic != "Дороги" {
		t.Errorf("%+v", r)
	}
}
