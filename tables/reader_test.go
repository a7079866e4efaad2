package tables_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/tables"
)

// rowsOf reads «ID;Текст;Тема» as train and as import do: a row in words, or what
// is wrong with it.
func rowsOf(t *testing.T, body string) (out []string) {
	t.Helper()
	if err := tables.EachLine([]byte("ID;Текст;Тема\n"+body), "Текст", func(l tables.Line) error {
		if l.Number == 1 {
			return nil
		}
		if l.Fault != "" {
			out = append(out, fmt.Sprintf("%d: %s", l.Number, l.Fault))
		} else {
			out = append(out, strings.Join(l.Cells, "|"))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAQuoteInATextTakesNoOtherRowAlong(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"begins with a name in quotes":      {"2;\"Рога\" не чистят;Снег\n3;вода;Вода\n4;\"пятый\";Вода", []string{`2|"Рога" не чистят|Снег`, "3|вода|Вода", "4|пятый|Вода"}},
		"never closed":                      {"2;дом;\"Снег\n3;вода;Вода\r\n4;свет;Свет\r\n", []string{`2|дом|"Снег`, "3|вода|Вода", "4|свет|Свет"}},
		"never closed before quoted rows":   {"2;\"дом;Снег\n3;\"вода\";Вода\n", []string{`2|"дом|Снег`, "3|вода|Вода"}},
		"never closed before an empty cell": {"2;\"дом;Снег\n3;\"\";Вода\n4;\"\"\"Заря\"\" спит\";Вода\n", []string{`2|"дом|Снег`, "3||Вода", `4|"Заря" спит|Вода`}},
		"closed by another row":             {"2;дом;\"Снег\n3;вода;дом 5\"\n4;свет;Свет", []string{"2: кавычка, открытая в столбце 3, закрыта только в строке 3, а между ними, похоже, другие строки таблицы: закройте её", "4|свет|Свет"}},
		"quotes and a divider":              {"2;\"Рога; и копыта\" спят;Снег\n3;вода;Вода", []string{"2: кавычки внутри текста не удвоены, и столбцов вышло 4, а в заголовке 3: удвойте их", "3|вода|Вода"}},
		"a divider too many":                {"2;вода; и свет;Вода\n", []string{"2: столбцов 4, а в заголовке 3: текст с «;» внутри возьмите в кавычки"}},
		"as Excel writes it":                {"2;\"Здравствуйте!\r\n\r\n\"\"Заря\"\"; дом 5,\nводы нет; света нет\";\"Вода\"\r\n\r\n3;;\r\n", []string{"2|Здравствуйте!\n\n\"Заря\"; дом 5,\nводы нет; света нет|Вода", "3||"}},
		"blanks behind the quote":           {"2;\"вода; свет\" ;Вода\n", []string{"2|вода; свет|Вода"}},
		"a quote inside":                    {"2;дом 5\" и \"Заря\";Вода\n", []string{`2|дом 5" и "Заря"|Вода`}},
	} {
		if got := rowsOf(t, c.body); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
		}
	}
}

// A table to learn from is refused by line rather than learned askew.
func TestATableIsRefusedByLine(t *testing.T) {
	table, err := tables.Open([]byte("sep=;\nID;text;label\n1;\"Рога\" спят;a\n2;\"Рога; и\" спят;b\n"), "text")
	if err != nil {
		t.Fatal(err)
	}
	row, err := table.Next()
	if err != nil || row.Get("text") != `"Рога" спят` || row.Get("label") != "a" || row.Line != 3 {
		t.Errorf("%+v %v", row, err)
	}
	if _, err := table.Next(); err == nil || !strings.HasPrefix(err.Error(), "строка 4: кавычки внутри текста не удвоены") {
		t.Error(err)
	}
	if _, err := table.Next(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// A fault shows no more of what may be a citizen's words than names of columns are.
func TestAFaultNamesColumnsAndQuotesNobody(t *testing.T) {
	_, err := tables.Open([]byte("ID;У дома пять на Ленина живёт Иванов, он стар и болен;Тема"+strings.Repeat(";x", 100)+"\n"), "text")
	if err == nil || strings.Contains(err.Error(), "Иванов") || !strings.Contains(err.Error(), "ID, … (51 знаков), Тема") || !strings.HasSuffix(err.Error(), "и ещё 43)") {
		t.Error(err)
	}
	table, err := tables.Open([]byte("text;label\rвода;Вода\r"), "text")
	if err != nil {
		t.Fatal(err)
	}
	if row, err := table.Next(); err != nil || row.Get("text") != "вода" || row.Get("label") != "Вода" || row.Line != 2 {
		t.Errorf("%+v %v", row, err)
	}
}

// Whatever is written as CSV should be is read as it was.
func TestWellFormedCSVIsReadAsItIs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"вода", `"`, ",", " ", "\n", "5", `""`, ";", "я"}
	for range 2000 {
		var want [][]string
		for range 1 + rng.IntN(4) {
			row := []string{"x"} // a row of one empty cell is an empty line
			for range rng.IntN(4) {
				var cell strings.Builder
				for range rng.IntN(6) {
					cell.WriteString(pieces[rng.IntN(len(pieces))])
				}
				row = append(row, cell.String())
			}
			want = append(want, row)
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = rng.IntN(2) == 0
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\n,\"\",") || strings.Contains(b.String(), ",\"\",") || strings.Contains(b.String(), ",\"\"\r") || strings.Contains(b.String(), ",\"\"\n") {
			continue // what looks like an empty cell on a later line, see quoted
		}
		var got [][]string
		if err := tables.EachLine(b.Bytes(), "no such column", func(l tables.Line) error { got = append(got, l.Cells); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("%q\nread as %q\nwant %q", b.String(), got, want)
		}
	}
}

func TestReadingIsLinearWhateverTheQuotes(t *testing.T) {
	for _, line := range []string{"\"\n", "\"\";\"a\n", "\"\"\"\";\"\"\"\"\n", "a;\"b\nc;\"\";d\n", "\"a\"\"\n", "\";\n\"\"\n"} {
		raw := []byte("ID;Текст;Тема\n" + strings.Repeat(line, 1<<20/len(line)))
		began := time.Now()
		if err := tables.EachLine(raw, "Текст", func(tables.Line) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q: %s", line, took)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add("2;\"Рога\" не чистят;Снег\n")
	f.Add("\"a\r\n\"\"b\"\n")
	f.Fuzz(func(t *testing.T, body string) {
		last := 0
		_ = tables.EachLine([]byte("ID;Текст;Тема\n"+body), "Текст", func(l tables.Line) error {
			if l.Number <= last || len(l.Cells) == 0 {
				t.Fatalf("line %d after %d: %q", l.Number, last, l.Cells)
			}
			last = l.Number
			return nil
		})
	})
}
