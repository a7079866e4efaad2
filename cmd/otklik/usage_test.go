package main

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// commandNames are all commands as one types them, from the program itself.
func commandNames(t *testing.T) [][]string {
	t.Helper()
	var cli commands
	parser, err := kong.New(&cli, kong.Vars{"source_kinds": sourceKinds})
	if err != nil {
		t.Fatal(err)
	}
	names := [][]string{nil}
	var walk func(n *kong.Node, path []string)
	walk = func(n *kong.Node, path []string) {
		for _, child := range n.Children {
			if child.Type != kong.CommandNode {
				continue
			}
			own := append(append([]string{}, path...), child.Name)
			names = append(names, own)
			walk(child, own)
		}
	}
	walk(parser.Model.Node, nil)
	return names
}

func TestEveryCommandHelps(t *testing.T) {
	names := commandNames(t)
	if len(names) < 18 {
		t.Fatalf("only %d commands are found", len(names))
	}
	for _, name := range names {
		t.Run(strings.Join(name, " "), func(t *testing.T) {
			got := command(t, nil, "", append(name, "--help")...).want(t, 0)
			if got.errout != "" || !strings.Contains(got.out, strings.Join(append([]string{"otklik"}, name...), " ")) {
				t.Errorf("help: %q, stderr %q", got.out, got.errout)
			}
			if english := regexp.MustCompile(`(Usage|Flags|Arguments|Commands):|[Ss]how context|<command>|STRING`).FindString(got.out); english != "" {
				t.Errorf("%q is not Russian:\n%s", english, got.out)
			}
		})
	}
}

func TestNoArgumentsShowTheHelp(t *testing.T) {
	got := command(t, nil, "").want(t, 0)
	for _, want := range []string{"demo", "serve", "source add", "rules check"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("the help does not name %s:\n%s", want, got.out)
		}
	}
}

func TestWrongUsageEndsWithTwo(t *testing.T) {
	for _, c := range []struct{ args, says, help string }{
		{"cook", "нет такой команды «cook»\n", ""},
		{"serv", "нет такой команды «serv», может быть, одно из \"serve\", \"user\"", ""},
		{"clasify --region khabarovsk", "нет такой команды «clasify», может быть, \"classify\"", ""},
		{"-", "нет такой команды «-»", ""},
		{"--", "ожидается одно из", ""},
		{"--json", "неизвестный ключ --json", ""},
		{"-x", "неизвестный ключ -x", ""},
		{"source", `ожидается одно из "add", "check",`, "source"},
		{"source chek 1", `нет такой команды «chek», может быть, "check"`, "source"},
		{"source add", "не хватает ключей: --region=СТРОКА", "source add"},
		{"source add --region", "--region: нужно значение", "source add"},
		{"source add --region khabarovsk", `ожидается "<kind> <address>"`, "source add"},
		{"source add --region khabarovsk vk_wall", `ожидается "<address>"`, "source add"},
		{"source add --region khabarovsk fax 1", "допускает только", "source add"},
		{"source add --region khabarovsk vk_wall -123", "перед адресом с минусом ставится «--»", "source add"},
		{"source check", `ожидается "<id>"`, "source check"},
		{"source check first", `ожидается целое число, а дано "first"`, "source check"},
		{"source check 99999999999999999999", "ожидается целое число", "source check"},
		{"source pause 1 2", "лишний аргумент 2", "source pause"},
		{"stats --yaml", "неизвестный ключ --yaml", "stats"},
		{"stats --jsn", `может быть, "--json"`, "stats"},
		{"stats --json=maybe", `--json: ожидается true или false, а дано "maybe"`, "stats"},
		{"demo --once=perhaps", "--once: ожидается true или false", "demo"},
		{"serve --roles cook", `а дано "cook"`, "serve"},
		{"serve --roles", "нужно значение, можно несколько через запятую", "serve"},
		{"classify", "не хватает ключей: --region", "classify"},
		{"classify one two --region x", "лишний аргумент two", "classify"},
		{"rules dry-run", `ожидается "<dir>"`, "rules dry-run"},
		{"rules dry-run x --show many", "--show: ожидается целое число", "rules dry-run"},
		{"rules dry-run x --show", "--show: нужно число", "rules dry-run"},
		{"rules rollback", "не хватает ключей", "rules rollback"},
		{"fakes --feed x", "не хватает ключей: --ledger", "fakes"},
		{"retention", `ожидается "run"`, "retention"},
		{"config now", "лишний аргумент now", "config"},
	} {
		got := command(t, nil, "", strings.Fields(c.args)...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.errout, c.says) {
			t.Errorf("%s: code %d, stdout %q, stderr %q, want %q", c.args, got.code, got.out, got.errout, c.says)
		}
		if help := strings.Join(append([]string{"Справка: otklik"}, append(strings.Fields(c.help), "--help")...), " "); !strings.Contains(got.errout, help+"\n") {
			t.Errorf("%s: stderr %q does not point to %q", c.args, got.errout, help)
		}
		russian(t, c.args, got.errout)
	}
}

func TestFailuresAreWordedForPeople(t *testing.T) {
	nowhere := []string{"DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/o?connect_timeout=1", "REDIS_URL=redis://127.0.0.1:1", "OTKLIK_STATE_DIR=" + t.TempDir()}
	folder := filepath.Join(t.TempDir(), "file", "state")
	if err := os.WriteFile(filepath.Dir(folder), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	fresh, _ := onDatabase(t)
	taken := append(slices.Clone(fresh), "OTKLIK_METRICS_LISTEN="+busy.Addr().String())
	empty, old, ahead := schemas(t)
	for _, c := range []struct {
		environ     []string
		stdin, args string
		says        string
	}{
		{nowhere, "", "stats", "база данных не отвечает"},
		{nowhere, "", "serve", "база данных не отвечает"},
		{nowhere, "", "migrate", "база данных не отвечает"},
		{[]string{"OTKLIK_STATE_DIR=" + folder}, "", "serve", "папка состояния " + folder + " недоступна"},
		{[]string{"OTKLIK_STATE_DIR=" + folder}, "", "demo", "папка состояния " + folder + " недоступна"},
		{[]string{"OTKLIK_STATE_DIR=" + folder}, "", "stats", "папка состояния " + folder + " недоступна"},
		{taken, "", "serve", "адрес " + busy.Addr().String() + " (OTKLIK_METRICS_LISTEN) занят другой программой"},
		{nil, "", "fakes --feed /nowhere.csv --ledger /tmp/x", "файл /nowhere.csv: такого файла или папки нет"},
		{nil, "text\nЯма\n", "fakes --feed - --ledger /nowhere/ledger --region tula", "нет встроенного пакета «tula»"},
		{nil, "text\nЯма\n", "fakes --feed - --ledger /nowhere/ledger", "файл /nowhere/ledger: такого файла или папки нет"},
		{nil, "text\nЯма\n", "fakes --feed - --ledger /dev/null --vk " + busy.Addr().String(), "занят другой программой"},
		{nil, "", "classify --region tula", "пакета «tula» нет"},
		{nil, "", "classify --region khabarovsk /nowhere.jsonl", "файл /nowhere.jsonl: такого файла или папки нет"},
		{nil, "", "classify --region khabarovsk /", "/: это папка, а нужен файл"},
		{nil, "{", "classify --region khabarovsk", "строка 1: не JSON: обрывается на полуслове, нужен вид"},
		{nil, "яма", "classify --region khabarovsk", "строка 1: не JSON: знак 1, «я», здесь не годится"},
		{nil, `{"id":1,"text":7}`, "classify --region khabarovsk", "строка 1: поле text: нужно «строка в кавычках», а дано «число»"},
		{nil, `["яма"]`, "classify --region khabarovsk", "строка 1: нужен объект вида"},
		{empty, "", "serve", "база пуста: выполните «otklik migrate»"},
		{empty, "", "stats", "база пуста: выполните «otklik migrate»"},
		{old, "", "serve", "схема базы старая: версия 1, а нужна хотя бы"},
		{ahead, "", "serve", "база новее программы"},
		{nil, `{"id":1}`, "classify --region khabarovsk", "нет поля text"},
		{nil, "", "rules check /nowhere", "пакета «/nowhere» нет"},
		{nil, "", "rules table --region tula", "пакета «tula» нет"},
		{nil, "", "rules activate khabarovsk --region kaliningrad", "а не «kaliningrad»"},
		{nil, "", "source add --region khabarovsk --settings { -- vk_wall -1", "--settings: не JSON: обрывается"},
		{fresh, "", "source check 7", "источника 7 нет"},
		{fresh, "", "source add --region tula -- vk_wall -1", "региона «tula» нет"},
		{fresh, "", "rules rollback --region tula", "нет предыдущей версии"},
		{append(slices.Clone(fresh), "OTKLIK_REGIONS=tula"), "", "serve", "пакета «tula» нет"},
	} {
		got := commandFrom(t, c.environ, strings.NewReader(c.stdin), strings.Fields(c.args)...)
		if got.code != 1 || !strings.Contains(got.errout, c.says) || strings.Contains(got.errout, "hunter2") {
			t.Errorf("%s: code %d, stderr %q, want %q", c.args, got.code, got.errout, c.says)
		}
		russian(t, c.args, got.errout)
	}
}

// schemas are databases that this program refuses.
func schemas(t *testing.T) (empty, old, ahead []string) {
	t.Helper()
	empty, dsn := onDatabase(t)
	execute(t, dsn, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	old, dsn = onDatabase(t)
	execute(t, dsn, "DELETE FROM goose_db_version WHERE version_id > 1")
	ahead, dsn = onDatabase(t)
	execute(t, dsn, "UPDATE schema_compat SET oldest_supported = 9999")
	return empty, old, ahead
}

// russian: what people are told is in their language. What stands in quotes is
// the machine's or their own; lines of the log begin with a time.
func russian(t *testing.T, args, said string) {
	t.Helper()
	prose := regexp.MustCompile(`(?i)\b(the|is|not|no|expected|unknown|missing|must|cannot|invalid|failed|error|such|and|to|of|with|argument|value|parse|read|open|dial|connect|another|did you)\b`)
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "time=") {
			continue
		}
		plain := regexp.MustCompile(`«[^»]*»|"[^"]*"|--[a-z-]+|/[^ ]*`).ReplaceAllString(line, "")
		if word := prose.FindString(plain); word != "" || !hasRussian(line) {
			t.Errorf("%s: not in Russian (%q): %s", args, word, line)
		}
	}
}

func TestConfigCommandMasksSecrets(t *testing.T) {
	got := command(t, []string{
		"DATABASE_URL=postgres://u:hunter2@db/o", "OTKLIK_MIGRATE_URL=postgres://m:hunter2@db/o", "REDIS_URL=redis://:hunter2@r",
		"OTKLIK_SECRET_KEY=aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnQ=", "OTKLIK_VK_TOKENS=hunter2", "OTKLIK_VK_COMMUNITIES=1:hunter2",
		"OTKLIK_VK_PROXY=http://u:hunter2@p:1", "OTKLIK_TELEGRAM_TOKEN=1:hunter2", "OTKLIK_TELEGRAM_PROXY=http://u:hunter2@p:1",
		"OTKLIK_MAX_TOKEN=hunter2", "OTKLIK_MAX_PROXY=http://u:hunter2@p:1", "OTKLIK_PUBLIC_URL=https://hooks.example.org",
	}, "", "config").want(t, 0)
	if strings.Contains(got.out, "hunter2") || strings.Contains(got.out, "aHVudGVy") {
		t.Errorf("a secret is shown:\n%s", got.out)
	}
	if n := strings.Count(got.out, "=***"); n != 11 {
		t.Errorf("%d values are masked, want 11:\n%s", n, got.out)
	}
	if !strings.Contains(got.out, "OTKLIK_PUBLIC_URL=https://hooks.example.org ") {
		t.Errorf("what is no secret is hidden:\n%s", got.out)
	}
}

func TestBadEnvironmentIsNamed(t *testing.T) {
	got := command(t, []string{"OTKLIK_VK_URL=nowhere"}, "", "config").want(t, 1)
	if !strings.Contains(got.errout, "OTKLIK_VK_URL") || got.out != "" {
		t.Errorf("stderr %q, stdout %q", got.errout, got.out)
	}
}
