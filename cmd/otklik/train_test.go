package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// labelledTable is a table as Excel saves it: Windows-1251, semicolons.
func labelledTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("№;Текст;Тема\r\n")
	words := map[string][]string{
		"дороги":        {"яма на дороге", "асфальт провалился", "разбитая дорога"},
		"мусор; дворы":  {"не вывозят мусор", "контейнер полный", "свалка во дворе"},
		"вода|горячая":  {"нет горячей воды", "холодные краны", "ржавая вода из крана"},
		"не оценивать":  {"просто слова", "ещё слова", "и это"},
		"":              {"без метки", "без метки", "без метки"},
		"пустые тексты": {"", " ", ""},
	}
	for i := range 20 {
		for _, label := range []string{"дороги", "мусор; дворы", "вода|горячая", "не оценивать", "", "пустые тексты"} {
			fmt.Fprintf(&b, "%d;\"%s\";\"%s\"\r\n", i, words[label][i%3], label)
		}
	}
	text, err := charmap.Windows1251.NewEncoder().String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "таблица.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTrainAndScore(t *testing.T) {
	t.Parallel()
	in, out := labelledTable(t), filepath.Join(t.TempDir(), "тема.model")
	got := command(t, nil, "", "train", "--in", in, "--text", "текст", "--label", "Тема", "--skip", "не оценивать", "--out", out).want(t, 0)
	for _, want := range []string{"примеров 60, пропущено строк 60 (без текста 20, без метки 20, с меткой «не оценивать» 20)", "100 %"} {
		if !strings.Contains(got.errout, want) {
			t.Errorf("stderr %q does not hold %q", got.errout, want)
		}
	}
	if !strings.Contains(got.out, "столбец Тема: примеров 60, меток 3") || !strings.Contains(got.out, out) {
		t.Errorf("stdout %q", got.out)
	}
	scored := command(t, nil, "", "score", "--model", out, "--in", in, "--text", "текст", "--label", "тема", "--skip", "не оценивать", "--report", "3").want(t, 0)
	var figures struct {
		N         int
		Accuracy  float64
		MacroF1   float64 `json:"macro_f1"`
		Top3      float64 `json:"top3"`
		PerSecond float64 `json:"texts_per_second"`
	}
	last := scored.out[strings.LastIndexByte(strings.TrimSpace(scored.out), '\n')+1:]
	if err := json.Unmarshal([]byte(last), &figures); err != nil {
		t.Fatalf("%v: %s", err, scored.out)
	}
	if figures.N != 60 || figures.Accuracy < 0.95 || figures.MacroF1 < 0.95 || figures.Top3 != 1 || figures.PerSecond <= 0 {
		t.Errorf("%+v", figures)
	}
	// A label that training never saw is an error, not a fault of the command.
	strange := command(t, nil, "", "score", "--model", out, "--in", in, "--text", "текст", "--label", "тема").want(t, 0)
	if !strings.Contains(strange.out, `"n":80,`) {
		t.Errorf("%s", strange.out)
	}
}

func TestTrainSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	in, out, book := labelledTable(t), filepath.Join(t.TempDir(), "нет.model"), exported(t)
	for args, want := range map[string]string{
		"train --in IN --text слова --label Тема --out OUT":          "нет столбца слова (есть: №, Текст, Тема)",
		"train --in IN --text Текст --label метка --out OUT":         "нет столбца метка (есть: №, Текст, Тема)",
		"train --in IN.no --text Текст --label Тема --out OUT":       "no such file", // main words it (TestFailuresAreWordedForPeople)
		"train --from-db --region khabarovsk --label row --out IN/m": "записать нельзя",
		"train --in IN --text Тема --label № --skip 0 --out NOWHERE": "записать модель",
		"train --in BOOK --text Текст --label Тема --out OUT":        "это книга Excel, а здесь читается только CSV",
		"score --model IN --in IN --text Текст --label Тема":         "не файл модели",
	} {
		var list []string
		for _, a := range strings.Fields(args) {
			list = append(list, strings.NewReplacer("BOOK", book, "IN", in, "OUT", out, "NOWHERE", filepath.Join(out, "нет", "папки")).Replace(a))
		}
		got := command(t, nil, "", list...).want(t, 1)
		if !strings.Contains(got.errout, want) {
			t.Errorf("%s: stderr %q does not hold %q", args, got.errout, want)
		}
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

// A doubt among alternatives is no label; what is nothing but doubt teaches nothing.
func TestADoubtAmongAlternativesIsNoLabel(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(path, []byte("text,label\nяма,2|?\nснег,?\nвода,?|?\nсвет,3|2\nгаз,\nтепло,|\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	examples, skipped, err := labelled{In: path, Text: "text", Label: "label", Skip: "?", Alternatives: "|"}.read()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(examples); len(examples) != 2 || strings.Contains(got, "?") || skipped != (left{asked: 2, noLabel: 2}) {
		t.Errorf("%s %+v", got, skipped)
	}
	m := mapping{}
	m.put([]string{"Ямы", "2|?"}, map[string]int{"тема": 0, "row": 1}, "row")
	if got := m["Тема"]["ямы"]; len(got) != 1 || got[0] != "2" {
		t.Errorf("of a table of correspondences: %q", got)
	}
}

// Of a table whose categories consist of topics the model learns the topics too,
// unless it is told not to.
func TestTrainFindsFinerColumn(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("номер,текст,тема,группа\n")
	for i := range 15 {
		fmt.Fprintf(&b, "%d,Яма на дороге у дома %d,ямы,дороги\n", 4*i, i)
		fmt.Fprintf(&b, "%d,Упал дорожный знак у дома %d,знаки,дороги\n", 4*i+1, i)
		fmt.Fprintf(&b, "%d,Переполнен контейнер у дома %d,баки,мусор\n", 4*i+2, i)
		fmt.Fprintf(&b, "%d,Свалка за домом %d,свалки,мусор\n", 4*i+3, i)
	}
	folder := t.TempDir()
	in, out := filepath.Join(folder, "таблица.csv"), filepath.Join(folder, "группа.model")
	if err := os.WriteFile(in, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"train", "--in", in, "--text", "текст", "--label", "группа", "--out", out}
	for with, told := range map[string]bool{"": true, "тема": true, "-": false} {
		got := command(t, nil, "", append(args, "--with", with)...).want(t, 0)
		if strings.Contains(got.errout, "столбца «тема»") != told || !strings.Contains(got.out, "меток 2") {
			t.Errorf("--with %q: %s%s", with, got.errout, got.out)
		}
	}
	command(t, nil, "", args...).want(t, 0)
	scored := command(t, nil, "", "score", "--model", out, "--in", in, "--text", "текст", "--label", "группа").want(t, 0)
	if !strings.Contains(scored.out, `"n":60,"accuracy":1,`) {
		t.Error(scored.out)
	}
	if got := command(t, nil, "", append(args, "--with", "подтема")...).want(t, 1); !strings.Contains(got.errout, "нет столбца подтема (есть: номер, текст, тема, группа)") {
		t.Error(got.errout)
	}
}

// What could not be used is said before the learning.
func TestTrainRefusesBeforeLearning(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	in := filepath.Join(folder, "t.csv")
	if err := os.WriteFile(in, []byte("text,row,kind,kaliningrad_rows\nяма,2.0,problem,1\nснег,3,spam,2\nвода,—,other,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(folder, "m.model")
	for label, c := range map[string]struct{ out, want string }{
		"row":              {out, "а в таблице есть «2.0», «—»"},
		"kind":             {out, "а в таблице есть «spam»"},
		"kaliningrad_rows": {folder, "папка, а нужен файл"},
	} {
		got := command(t, nil, "", "train", "--in", in, "--text", "text", "--label", label, "--out", c.out).want(t, 1)
		if !strings.Contains(got.errout, c.want) || strings.Contains(got.errout, "обучение [") {
			t.Errorf("%s: %s", label, got.errout)
		}
	}
	twice := filepath.Join(folder, "twice.csv")
	if err := os.WriteFile(twice, []byte("Текст,row,текст\nяма,2,снег\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := command(t, nil, "", "train", "--in", twice, "--text", "текст", "--label", "row", "--out", out).want(t, 1); !strings.Contains(got.errout, "столбец текст стоит в таблице 2 раза") {
		t.Error(got.errout)
	}
	if got := command(t, nil, "", "train", "--in", in, "--text", "text", "--label", "row", "--region", "-", "--out", out).want(t, 1); !strings.Contains(got.errout, "чьи это строки") {
		t.Error(got.errout)
	}
	if got := command(t, nil, "", "train", "--in", in, "--text", "text", "--label", "kaliningrad_rows", "--out", out).want(t, 0); !strings.Contains(got.errout, "строки перечня: пакет «kaliningrad»") {
		t.Error(got.errout)
	}
}
