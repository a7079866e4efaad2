package demo

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

func wide(s string, order binary.AppendByteOrder, mark bool) string {
	if mark {
		s = "\uFEFF" + s
	}
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

func in(t *testing.T, m *charmap.Charmap, s string) string {
	t.Helper()
	out, err := m.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever a spreadsheet saves is the same two posts.
func TestFeedsOfASpreadsheetAreRead(t *testing.T) {
	t.Parallel()
	const (
		first  = "Во дворе дома № 5 — «лужа», ёлки; не пройти"
		second = "Нет света\nвторой день"
	)
	comma := "id,text,at\n7,\"" + first + "\",2026-11-23T09:00:00+10:00\n8,\"" + second + "\",\n"
	semicolon := "id;text;at\r\n7;\"" + first + "\";2026-11-23T09:00:00+10:00\r\n8;\"" + second + "\";\r\n"
	tab := "id\ttext\tat\r\n7\t\"" + first + "\"\t2026-11-23T09:00:00+10:00\r\n8\t\"" + second + "\"\t\r\n"
	jsonl := `{"id":7,"text":"` + first + `","at":"2026-11-23T09:00:00+10:00"}` + "\n" + `{"id":8,"text":"Нет света\nвторой день"}` + "\n"
	for name, feed := range map[string]string{
		"utf-8":                     comma,
		"utf-8 with a mark":         "\xef\xbb\xbf" + comma,
		"semicolons":                semicolon,
		"semicolons, said so":       "\xef\xbb\xbfsep=;\r\n" + semicolon,
		"tabs":                      tab,
		"windows-1251":              in(t, charmap.Windows1251, comma),
		"windows-1251, semicolons":  in(t, charmap.Windows1251, semicolon),
		"utf-16 little, tabs":       wide(tab, binary.LittleEndian, true),
		"utf-16 big":                wide(semicolon, binary.BigEndian, true),
		"utf-16 little, no mark":    wide(comma, binary.LittleEndian, false),
		"utf-16 big, no mark":       wide(comma, binary.BigEndian, false),
		"json lines, windows-1251":  in(t, charmap.Windows1251, jsonl),
		"json lines, utf-16":        wide(jsonl, binary.LittleEndian, true),
		"empty cells beside it":     strings.ReplaceAll(semicolon, "\r\n", ";;\r\n"),
		"blank lines before it":     "\n\r\n" + comma,
		"heading in capital":        strings.Replace(comma, "id,text,at", " ID , Text , AT ", 1),
		"single broken bytes apart": comma + "9,\"сло\xffво\",\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(strings.NewReader(feed), time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) < 2 || got[0].ID != "7" || got[0].Text != first || got[0].At.IsZero() {
				t.Fatalf("%+v", got)
			}
			if text := strings.ReplaceAll(got[1].Text, "\r", ""); got[1].ID != "8" || text != second {
				t.Errorf("%q %q", got[1].ID, text)
			}
		})
	}
}

func TestFeedsThatCannotBeReadSayWhy(t *testing.T) {
	t.Parallel()
	const russian = "id,text\n1,во дворе яма и темно\n"
	for name, c := range map[string]struct{ feed, want string }{
		"koi8-r":                          {in(t, charmap.KOI8R, russian), "строка 2 — не UTF-8"},
		"cp866":                           {in(t, charmap.CodePage866, russian), "не распознана"},
		"utf-16 cut":                      {wide(russian, binary.LittleEndian, true) + "a", "обрывается на половине знака"},
		"utf-32":                          {"\xff\xfe\x00\x00i\x00\x00\x00", "UTF-32"},
		"no text, semicolons":             {"id;body\n1;яма\n", "нет столбца text (есть: id, body)"},
		"a comma too many":                {"id,text,at\n1,яма,\n2,яма, лужа, темно\n", "строка 3: столбцов 4, а в заголовке 3"},
		"time behind a text of two lines": {"text,at\n\"яма\nи лужа\",\nсвет,вчера\n", "строка 4: at: «вчера»"},
		"only a mark":                     {"\xef\xbb\xbf", "она пуста"},
		"only a mark, wide":               {"\xff\xfe", "она пуста"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(c.feed), time.UTC)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v does not say %q", err, c.want)
			}
		})
	}
}

// A column text alone, or last, may hold what divides the columns.
func TestTextBehindTheLastDividerIsWhole(t *testing.T) {
	t.Parallel()
	for _, feed := range []string{"text\nЯма, лужа, темно\n", "id;text\n1;Яма, лужа, темно\n", "id,text\n1,Яма, лужа, темно\n"} {
		got, err := Read(bytes.NewReader([]byte(feed)), time.UTC)
		if err != nil || len(got) != 1 || got[0].Text != "Яма, лужа, темно" {
			t.Errorf("%q: %+v %v", feed, got, err)
		}
	}
}
