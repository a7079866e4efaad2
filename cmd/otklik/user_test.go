package main

import (
	"os"
	"strings"
	"testing"
)

func TestUsersByCommand(t *testing.T) {
	t.Parallel()
	environ, dsn := onDatabase(t)
	got := command(t, environ, "", "user", "add", "--region", "khabarovsk", "--name", "Анна", "--role", "administrator", "Anna").want(t, 0)
	_, rest, found := strings.Cut(got.out, "Пароль: ")
	if password, _, _ := strings.Cut(rest, "\n"); !found || len(password) != 23 || strings.Contains(query[string](t, dsn, "SELECT password_hash FROM users"), password) {
		t.Errorf("password %q: %s", password, got.out)
	}
	command(t, environ, "довольно длинный пароль\n", "user", "add", "--region", "khabarovsk", "--name", "Олег", "--stdin",
		"--role", "head:min-transport,coordinator:min-transport", "oleg").want(t, 0)
	for name, c := range map[string]struct {
		stdin, words string
		args         []string
	}{
		"taken":       {"", "уже заняты", []string{"--name", "А", "--role", "analyst", "anna"}},
		"weak":        {"123\n", "короче", []string{"--name", "А", "--role", "analyst", "--stdin", "petr"}},
		"no such":     {"", "такой роли нет", []string{"--name", "А", "--role", "king", "petr"}},
		"without one": {"", "назовите его", []string{"--name", "А", "--role", "head", "petr"}},
		"bad login":   {"", "строчных букв", []string{"--name", "А", "--role", "analyst", "a b"}},
	} {
		args := append([]string{"user", "add", "--region", "khabarovsk"}, c.args...)
		if got := command(t, environ, c.stdin, args...).want(t, 1); !strings.Contains(got.errout, strings.TrimSuffix(c.words, "ы")) {
			t.Errorf("%s: %s", name, got.errout)
		}
	}
	if got := command(t, environ, "", "user", "list").want(t, 0); !strings.Contains(got.out, "head:min-transport") || strings.Count(got.out, "\n") != 3 {
		t.Errorf("list: %s", got.out)
	}
	if got := command(t, environ, "", "user", "deactivate", "anna").want(t, 1); !strings.Contains(got.errout, "последний администратор") {
		t.Errorf("the last administrator: %s", got.errout)
	}
	command(t, environ, "", "user", "deactivate", "oleg").want(t, 0)
	command(t, environ, "", "user", "activate", "oleg").want(t, 0)
	command(t, environ, "", "user", "password", "oleg").want(t, 0)
	command(t, environ, "", "user", "drop-factor", "oleg").want(t, 0)
	if got := command(t, environ, "", "user", "password", "who").want(t, 1); !strings.Contains(got.errout, "нет") {
		t.Errorf("nobody: %s", got.errout)
	}
	if n := query[int](t, dsn, "SELECT count(*) FROM journal WHERE who = 'командная строка'"); n != 6 {
		t.Errorf("%d lines in the journal", n)
	}
}

func TestSecretKeyOfTheStateFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := 0
	first, err := secretKeyIn(dir, func(string) { made++ })
	if err != nil {
		t.Fatal(err)
	}
	second, err := secretKeyIn(dir, func(string) { made++ })
	if err != nil || first != second || made != 1 || len(first) != 44 {
		t.Errorf("keys %q and %q, made %d times, %v", first, second, made, err)
	}
	info, err := os.Stat(dir + "/" + secretKeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// A demonstration keeps its key only with its database.
func TestKeyOfTheDemonstration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := make([]string, 0, 4)
	for _, keep := range []bool{true, true, false, false} {
		key, err := demoKey(dir, keep)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	if keys[0] != keys[1] || keys[1] == keys[2] || keys[2] == keys[3] {
		t.Errorf("with --keep one key, without always another: %q", keys)
	}
	info, err := os.Stat(dir + "/" + secretKeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
