package main

import (
	"regexp"
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
			if english := regexp.MustCompile(`(Usage|Flags|Arguments|Commands):|[Ss]how |<command>|STRING`).FindString(got.out); english != "" {
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
	for _, c := range []struct{ args, says string }{
		{"cook", "лишний аргумент cook"},
		{"source", `ожидается одно из "add", "check",`},
		{"source add", "не хватает ключей: --region=СТРОКА"},
		{"source add --region khabarovsk", `ожидается "<kind> <address>"`},
		{"source add --region khabarovsk fax 1", "допускает только"},
		{"source check first", `ожидается целое число, а дано "first"`},
		{"stats --yaml", "неизвестный ключ --yaml"},
		{"stats --jsn", `может быть, "--json"`},
		{"serve --roles cook", `а дано "cook"`},
		{"classify", "не хватает ключей: --region"},
	} {
		got := command(t, nil, "", strings.Fields(c.args)...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.errout, "Справка: otklik --help") || !strings.Contains(got.errout, c.says) {
			t.Errorf("%s: code %d, stdout %q, stderr %q, want %q", c.args, got.code, got.out, got.errout, c.says)
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
