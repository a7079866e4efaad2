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
	for _, want := range []string{"примеров 60, пропущено строк 60 (без текста 20, без метки 20, с меткой «не оценивать» 20)", "6 из 6"} {
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
	in, out := labelledTable(t), filepath.Join(t.TempDir(), "нет.model")
	for args, want := range map[string]string{
		"train --in IN --text слова --label Тема --out OUT":          "нет столбца слова (есть: №, Текст, Тема)",
		"train --in IN --text Текст --label метка --out OUT":         "нет столбца метка (есть: №, Текст, Тема)",
		"train --in IN --text Тема --label № --skip 0 --out NOWHERE": "записать модель",
		"score --model IN --in IN --text Текст --label Тема":         "не файл модели",
	} {
		var list []string
		for _, a := range strings.Fields(args) {
			list = append(list, strings.NewReplacer("IN", in, "OUT", out, "NOWHERE", filepath.Join(out, "нет", "папки")).Replace(a))
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
