package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rowTable is a small table of rows and kinds in words of no pack.
func rowTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("text,row,kind,topic\n")
	for i := range 24 {
		fmt.Fprintf(&b, "\"Примите меры, чмонька у дома %d\",98,problem,свет\n\"Примите меры, шмяга у дома %d\",3,other,дороги\n", i, i)
	}
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestClassifyWithModels(t *testing.T) {
	t.Parallel()
	in, dir := rowTable(t), t.TempDir()
	path := func(column string) string { return filepath.Join(dir, column+".model") }
	for _, column := range []string{"row", "kind", "topic"} {
		command(t, nil, "", "train", "--in", in, "--text", "text", "--label", column, "--out", path(column)).want(t, 0)
	}
	const line = `{"id":1,"text":"Примите меры, чмонька у дома"}` + "\n"
	got := command(t, nil, line, "classify", "--region", "khabarovsk", "--model", path("row"), "--model", path("kind")).want(t, 0)
	var v struct {
		Kind, Reason string
		Row          int
		Evidence     []struct{ Text, Why string }
	}
	if err := json.Unmarshal([]byte(got.out), &v); err != nil {
		t.Fatal(err)
	}
	if v.Kind != "problem" || v.Row != 98 || !strings.Contains(v.Reason, "фразы 0,00, модель ") || !strings.Contains(v.Reason, "модель: жалобы") {
		t.Errorf("%+v", v)
	}
	broken := filepath.Join(dir, "broken.model")
	whole, err := os.ReadFile(path("row"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, whole[:len(whole)-7], 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"a topic's":  {[]string{"--model", path("topic")}, "учился столбцу «topic»"},
		"two of one": {[]string{"--model", path("row"), "--model", path("row")}, "такая модель уже названа"},
		"cut short":  {[]string{"--model", broken}, "повреждён"},
		"no model":   {[]string{"--model", in}, "не файл модели"},
	} {
		got := command(t, nil, line, append([]string{"classify", "--region", "khabarovsk"}, tc.args...)...).want(t, 1)
		if got.out != "" || !strings.Contains(got.errout, tc.want) {
			t.Errorf("%s: %q, %q", name, got.out, got.errout)
		}
	}
}
