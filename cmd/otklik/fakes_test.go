package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFakesRefuseABadFeed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct{ feed, want string }{
		"empty":             {"", "она пуста"},
		"only blank":        {"\n \n\r\n", "она пуста"},
		"no column text":    {"id,body\n1,яма\n", "нет столбца text (есть: id, body)"},
		"broken JSON":       {`{"text":"яма"}` + "\n" + `{"text":`, "строка 2: не JSON"},
		"bad time in CSV":   {"text,at\nяма,2026-11-23T09:00:00Z\nяма,вчера\n", "строка 3: at: «вчера»"},
		"bad time in JSON":  {`{"text":"яма","at":"вчера"}`, "строка 1: at: «вчера» — не время"},
		"a text of numbers": {`{"text":"яма"}` + "\n" + `{"text":7}`, "строка 2: поле text: нужно «строка в кавычках», а дано «число»"},
		"no object":         {`{"text":"яма"}` + "\n" + `["яма"]`, "строка 2: нужен объект вида"},
		"broken JSON after": {"\xef\xbb\xbf" + `{"text":"яма"}` + "\nнет\n", "строка 2"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, "feed")
			if err := os.WriteFile(path, []byte(c.feed), 0o600); err != nil {
				t.Fatal(err)
			}
			ledger := filepath.Join(dir, "ledger-of-"+filepath.Base(t.Name()))
			got := command(t, nil, "", "fakes", "--feed", path, "--ledger", ledger).want(t, 1)
			if !strings.Contains(got.errout, c.want) || !strings.Contains(got.errout, path) {
				t.Errorf("stderr %q does not hold %q and the path", got.errout, c.want)
			}
			russian(t, name, got.errout)
			if _, err := os.Stat(ledger); err == nil {
				t.Error("a ledger was made for nothing")
			}
		})
	}
}

func TestFakesRefuseWrongArguments(t *testing.T) {
	t.Parallel()
	ledger := filepath.Join(t.TempDir(), "ledger")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no file":     {[]string{"--feed", "/nowhere/feed.csv", "--ledger", ledger}, "/nowhere/feed.csv"},
		"no region":   {[]string{"--feed", "-", "--ledger", ledger, "--region", "narnia"}, "«narnia»"},
		"no folder":   {[]string{"--feed", "-", "--ledger", "/nowhere/ledger"}, "/nowhere/ledger"},
		"bad address": {[]string{"--feed", "-", "--ledger", ledger, "--vk", "nowhere:port"}, "nowhere:port"},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, nil, `{"text":"яма"}`, append([]string{"fakes"}, c.args...)...).want(t, 1)
			if !strings.Contains(got.errout, c.want) {
				t.Errorf("stderr %q does not name %q", got.errout, c.want)
			}
		})
	}
}
