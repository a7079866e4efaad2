package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// exported is a workbook as «Инцидент Менеджмент» might save it.
func exported(t *testing.T, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	head := []any{"Номер инцидента", "Текст инцидента", "Группа тем", "Тема", "Отдел", "Муниципалитет", "Дата создания", "Регион"}
	for i, row := range append([][]any{head}, rows...) {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "выгрузка.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportTwiceDoublesNothing(t *testing.T) {
	t.Parallel()
	environ, dsn := onDatabase(t)
	rows := [][]any{
		{"100", "'Яма на дороге, звоните 89141234567", "Дороги", "Ямы", "Минтранс", "Хабаровск", 46349.5, "Хабаровский край"},
		{"101", "'У сына диабет, нет инсулина", "Здоровье", "Лекарства", "Минздрав", "Хабаровск", "23.11.2026 10:00", ""},
		{"102", "", "Дороги", "Ямы", "Минтранс", "Хабаровск", "", ""},
		{"103", "Снег", "Дороги", "Уборка", "Мэрия", "Омск", "вчера", "Омская область"},
		{"104", "Снег не чистят", "Дороги", "Уборка", "Мэрия", "Хабаровск", "вчера", ""},
	}
	file := exported(t, rows...)
	got := command(t, environ, "", "import", "--region", "khabarovsk", file).want(t, 0)
	if !strings.Contains(got.out, "строк 5, взято 3 (новых 3, изменённых 0, без перемен 0), пропущено 2") {
		t.Errorf("%s", got.out)
	}
	for _, want := range []string{"пропущено: лист «Sheet1», строка 4: нет текста", "строка 5: другой регион: «Омская область»", "с оговоркой: лист «Sheet1», строка 6: «Дата создания» не прочитана: «вчера»"} {
		if !strings.Contains(got.errout, want) {
			t.Errorf("not said: %q in\n%s", want, got.errout)
		}
	}
	again := command(t, environ, "", "import", "--region", "khabarovsk", file).want(t, 0)
	if !strings.Contains(again.out, "(новых 0, изменённых 0, без перемен 3)") {
		t.Errorf("%s", again.out)
	}
	rows[0][3] = "Ямочный ремонт"
	third := command(t, environ, "", "import", "--region", "khabarovsk", exported(t, rows...)).want(t, 0)
	if !strings.Contains(third.out, "(новых 0, изменённых 1, без перемен 2)") {
		t.Errorf("%s", third.out)
	}
	if n := query[int](t, dsn, "SELECT count(*) FROM past_incidents WHERE region = 'khabarovsk'"); n != 3 {
		t.Errorf("%d incidents", n)
	}
	if s := query[string](t, dsn, "SELECT text || ' ' || topic || ' ' || (created_at AT TIME ZONE 'UTC')::text FROM past_incidents WHERE number = '100'"); s != "Яма на дороге, звоните [телефон скрыт] Ямочный ремонт 2026-11-23 02:00:00" {
		t.Errorf("%s", s)
	}
	if s := query[string](t, dsn, "SELECT text FROM past_incidents WHERE number = '101'"); s != "У сына [диагноз скрыт], нет инсулина" {
		t.Errorf("%s", s)
	}
	if n := query[int](t, dsn, "SELECT count(*) FROM journal WHERE action = 'history_imported'"); n != 3 {
		t.Errorf("%d lines in the journal", n)
	}
}

func TestImportRefusesWhatIsNoExport(t *testing.T) {
	t.Parallel()
	environ, _ := onDatabase(t)
	path := filepath.Join(t.TempDir(), "письмо.xlsx")
	if err := os.WriteFile(path, []byte("Уважаемые коллеги"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := command(t, environ, "", "import", "--region", "khabarovsk", path).want(t, 1); !strings.Contains(got.errout, "нет строки заголовка") {
		t.Errorf("%s", got.errout)
	}
	if got := command(t, environ, "", "import", "--region", "narnia", path).want(t, 1); got.errout == "" {
		t.Error("an unknown region is not said")
	}
}
