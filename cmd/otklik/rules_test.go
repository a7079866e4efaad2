package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestRulesCheckOfTheEmbeddedPacks(t *testing.T) {
	t.Parallel()
	got := command(t, nil, "", "rules", "check").want(t, 0)
	for _, want := range []string{"Хабаровский край: строк 102,", "Калининградская область: строк 39,"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is missing:\n%s", want, got.out)
		}
	}
}

// Every bad pack is refused with the place of each fault and how to mend it.
func TestRulesCheckNamesThePlaceOfEveryFault(t *testing.T) {
	t.Parallel()
	dir := repository("rules", "testdata", "bad")
	packs, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(packs) < 40 {
		t.Fatalf("only %d bad packs", len(packs))
	}
	fault := regexp.MustCompile(`^[\w/.-]+\.yaml(:\d+)?: .+ Как исправить: .+$`)
	for _, pack := range packs {
		t.Run(pack.Name(), func(t *testing.T) {
			t.Parallel()
			got := command(t, nil, "", "rules", "check", dir+"/"+pack.Name()).want(t, 1)
			lines := strings.Split(strings.TrimSpace(got.out), "\n")
			if end := lines[len(lines)-1]; !strings.HasPrefix(end, "Ошибок: ") || len(lines) < 2 {
				t.Errorf("it ends with %q", end)
			}
			for _, line := range lines[:len(lines)-1] {
				if !fault.MatchString(line) {
					t.Errorf("no place or no mend: %s", line)
				}
			}
		})
	}
}

func TestRulesCheckGoesOnAfterABadPack(t *testing.T) {
	t.Parallel()
	bad := repository("rules", "testdata", "bad", "cron")
	got := command(t, nil, "", "rules", "check", bad, "kaliningrad").want(t, 1)
	if !strings.Contains(got.out, "cron/region.yaml:30: ") || !strings.Contains(got.out, "Калининградская область: строк 39,") {
		t.Errorf("stdout:\n%s", got.out)
	}
	got = command(t, nil, "", "rules", "check", "khabarovsk").want(t, 0)
	if !strings.Contains(got.out, "\nВнимание: khabarovsk/region.yaml:") || !strings.Contains(got.out, "valid_to 2023-12-31") {
		t.Errorf("nobody hears that the decree's day is past:\n%s", got.out)
	}
	got = command(t, nil, "", "rules", "check", "narnia").want(t, 1)
	if !strings.Contains(got.errout, "«narnia»") {
		t.Errorf("stderr: %s", got.errout)
	}
}

func TestRulesTableIsTheDecree(t *testing.T) {
	t.Parallel()
	for region, decree := range map[string]string{"khabarovsk": "khabarovsk-232-rp.csv", "kaliningrad": "kaliningrad-544-p.csv"} {
		want, err := os.ReadFile(repository("rules", "testdata", "decree", decree))
		if err != nil {
			t.Fatal(err)
		}
		got := command(t, nil, "", "rules", "table", "--region", region).want(t, 0)
		if !bytes.Equal([]byte(got.out), want) {
			t.Errorf("%s: the table is not the decree's CSV byte for byte", region)
		}
	}
}

func TestRulesVersionsAreKeptAndRolledBack(t *testing.T) {
	t.Parallel()
	environ, _ := onDatabase(t)
	got := command(t, environ, "", "rules", "list", "--region", "kaliningrad").want(t, 0)
	if !strings.Contains(got.out, "нет") {
		t.Errorf("an empty database lists %q", got.out)
	}
	command(t, environ, "", "rules", "activate", "kaliningrad", "--region", "kaliningrad", "--by", "Иванов").want(t, 0)
	edited := editedPack(t, "kaliningrad", "name: Калининградская область", "name: Янтарный край")
	got = command(t, environ, "", "rules", "activate", edited, "--region", "kaliningrad", "--by", "Петров").want(t, 0)
	if !strings.HasPrefix(got.out, "Янтарный край: версия ") {
		t.Errorf("activated: %q", got.out)
	}
	list := func() string {
		return command(t, environ, "", "rules", "list", "--region", "kaliningrad").want(t, 0).out
	}
	if lines := strings.Split(list(), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "* ") || !strings.HasSuffix(lines[0], "Петров") {
		t.Errorf("versions:\n%s", list())
	}
	command(t, environ, "", "rules", "rollback", "--region", "kaliningrad").want(t, 0)
	if lines := strings.Split(list(), "\n"); !strings.HasPrefix(lines[1], "* ") || !strings.HasSuffix(lines[1], "Иванов") {
		t.Errorf("versions after the rollback:\n%s", list())
	}
	got = command(t, environ, "", "rules", "rollback", "--region", "kaliningrad").want(t, 1)
	if !strings.Contains(got.errout, "нет предыдущей версии") {
		t.Errorf("stderr: %s", got.errout)
	}
}

func TestBadPackIsNotActivated(t *testing.T) {
	t.Parallel()
	environ, dsn := onDatabase(t)
	got := command(t, environ, "", "rules", "activate", repository("rules", "testdata", "bad", "cron"), "--region", "base").want(t, 1)
	if !strings.Contains(got.out, "region.yaml:30: ") {
		t.Errorf("stdout: %s", got.out)
	}
	got = command(t, environ, "", "rules", "activate", "kaliningrad", "--region", "khabarovsk").want(t, 1)
	if !strings.Contains(got.errout, "«kaliningrad»") {
		t.Errorf("stderr: %s", got.errout)
	}
	if n := query[int](t, dsn, "SELECT count(*) FROM pack_versions"); n != 0 {
		t.Errorf("%d versions are kept", n)
	}
}

// A decree whose day is past goes in, and whoever puts it in hears of it.
func TestExpiredDecreeIsToldWhenActivated(t *testing.T) {
	t.Parallel()
	environ, _ := onDatabase(t)
	expired := editedPack(t, "kaliningrad", `valid_to: ""`, `valid_to: "2025-12-31"`)
	got := command(t, environ, "", "rules", "activate", expired, "--region", "kaliningrad").want(t, 0)
	if !strings.Contains(got.out, "\nВнимание: kaliningrad/region.yaml:27: ") {
		t.Errorf("nobody hears that the decree's day is past:\n%s", got.out)
	}
}

// Shared topics beside a pack count, and are told of; a folder without topics is none.
func TestSharedTopicsBesideAPack(t *testing.T) {
	t.Parallel()
	dir := editedPack(t, "kaliningrad", "name: Калининградская область", "name: Янтарный край")
	beside := filepath.Join(filepath.Dir(dir), "topics")
	if err := os.MkdirAll(beside, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := topicsBeside(dir); got != "" {
		t.Errorf("an empty folder counts: %s", got)
	}
	if err := os.CopyFS(beside, os.DirFS(repository("rules", "topics"))); err != nil {
		t.Fatal(err)
	}
	more := "topics:\n  - {id: moon.dust, title: Лунная пыль, phrases: [{all: [\"лунн*\", \"пыл*\"], weight: 2}], match: [Почему везде лунная пыль?], miss: [Луна красивая.]}\n"
	if err := os.WriteFile(filepath.Join(beside, "moon.yaml"), []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := packFiles(dir)
	if err != nil || string(files["topics/moon.yaml"]) != more {
		t.Errorf("the topics beside are not in the pack: %v", err)
	}
	got := command(t, nil, "", "rules", "check", dir)
	if want := "общие темы взяты из папки рядом, " + beside; !strings.Contains(got.out, want) {
		t.Errorf("%q is missing:\n%s", want, got.out)
	}
	if topicsBeside("kaliningrad") != "" {
		t.Error("an embedded pack has its own topics")
	}
}

// editedPack is a folder with a copy of an embedded pack, one word replaced in
// region.yaml.
func editedPack(t *testing.T, region, from, to string) string {
	t.Helper()
	dir := t.TempDir() + "/" + region
	if err := os.CopyFS(dir, os.DirFS(repository("rules", region))); err != nil {
		t.Fatal(err)
	}
	name := dir + "/region.yaml"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(from)) {
		t.Fatalf("%s does not hold %q", name, from)
	}
	if err := os.WriteFile(name, bytes.Replace(text, []byte(from), []byte(to), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
