package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

func storedSources(t *testing.T, environ []string) []domain.Source {
	t.Helper()
	got := command(t, environ, "", "source", "list", "--json").want(t, 0)
	var out []domain.Source
	dec := json.NewDecoder(strings.NewReader(got.out))
	for dec.More() {
		var s domain.Source
		if err := dec.Decode(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestSourceIsReallyReadBeforeItIsAdded(t *testing.T) {
	t.Parallel()
	to := newTown(t)
	environ, _ := onDatabase(t)
	environ = append(environ, to.environ...)
	add := func(args ...string) outcome {
		return command(t, environ, "", append([]string{"source", "add", "--region", "khabarovsk"}, args...)...)
	}
	if got := command(t, environ, "", "source", "list").want(t, 0); !strings.Contains(got.out, "Источников нет") {
		t.Errorf("an empty list: %s", got.out)
	}
	got := add("--", "vk_wall", "-424242").want(t, 1)
	if !strings.Contains(got.errout, "источник не читается") || !strings.Contains(got.errout, "--force") || len(storedSources(t, environ)) != 0 {
		t.Errorf("an unreadable wall: %s", got.errout)
	}
	add("--force", "--title", "Будущая стена", "--", "vk_wall", "-424242").want(t, 0)
	got = add("--", "vk_wall", "-100000901").want(t, 0)
	if !strings.Contains(got.out, "Стена 1") {
		t.Errorf("the platform's name of the wall is not taken: %s", got.out)
	}
	got = add("--", "vk_wall", "-100000901").want(t, 1)
	if !strings.Contains(got.errout, "уже есть") {
		t.Errorf("the same wall again: %s", got.errout)
	}
	add("telegram_preview", "otklik_kanal_1").want(t, 0)
	add("telegram_preview", "no_such_channel_here").want(t, 1)

	list := storedSources(t, environ)
	titles := []string{}
	for _, s := range list {
		titles = append(titles, fmt.Sprintf("%s %s %s «%s» %s", s.Region, s.Kind, s.Address, s.Title, s.State))
	}
	want := []string{ // by kind and address
		"khabarovsk telegram_preview otklik_kanal_1 «Канал 1» new",
		"khabarovsk vk_wall -100000901 «Стена 1» new",
		"khabarovsk vk_wall -424242 «Будущая стена» new",
	}
	if strings.Join(titles, "\n") != strings.Join(want, "\n") {
		t.Errorf("sources:\n%s\nwant:\n%s", strings.Join(titles, "\n"), strings.Join(want, "\n"))
	}
	table := command(t, environ, "", "source", "list", "--region", "khabarovsk").want(t, 0)
	if strings.Count(table.out, "\n") != 4 || !strings.Contains(table.out, "-424242") {
		t.Errorf("the table:\n%s", table.out)
	}
	check := func(id int64) outcome { return command(t, environ, "", "source", "check", fmt.Sprint(id)) }
	if got := check(list[1].ID).want(t, 0); !strings.Contains(got.out, "читается: «Стена 1»") {
		t.Errorf("a good source: %s", got.out)
	}
	if got := check(list[2].ID).want(t, 1); !strings.Contains(got.errout, "не читается") {
		t.Errorf("a bad source: %s", got.errout)
	}
}

func TestSourceIsPausedAndResumed(t *testing.T) {
	t.Parallel()
	environ, _ := onDatabase(t)
	command(t, environ, "", "source", "add", "--region", "kaliningrad", "--force", "--", "vk_wall", "-1").want(t, 0)
	id := fmt.Sprint(storedSources(t, environ)[0].ID)
	command(t, environ, "", "source", "pause", id, "--reason", "просьба владельца").want(t, 0)
	if s := storedSources(t, environ)[0]; s.State != domain.SourcePaused || s.Reason != "просьба владельца" {
		t.Errorf("paused: %+v", s)
	}
	command(t, environ, "", "source", "resume", id).want(t, 0)
	if s := storedSources(t, environ)[0]; s.State == domain.SourcePaused {
		t.Errorf("resumed: %+v", s)
	}
	for _, args := range [][]string{{"pause", "77"}, {"resume", "77"}, {"check", "77"}} {
		got := command(t, environ, "", append([]string{"source"}, args...)...).want(t, 1)
		if !strings.Contains(got.errout, "источника 77 нет") {
			t.Errorf("%v: %s", args, got.errout)
		}
	}
}

func TestSourceAddRefusesWhatThePackDoesNotKnow(t *testing.T) {
	t.Parallel()
	environ, _ := onDatabase(t)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"region":   {[]string{"--region", "narnia", "--force", "--", "vk_wall", "-1"}, "«narnia»"},
		"home":     {[]string{"--region", "khabarovsk", "--home", "moscow", "--force", "--", "vk_wall", "-1"}, "«moscow»"},
		"settings": {[]string{"--region", "khabarovsk", "--settings", "{", "--force", "--", "vk_wall", "-1"}, "--settings"},
		"setting":  {[]string{"--region", "khabarovsk", "--settings", `{"zzz":1}`, "--force", "--", "vk_wall", "-1"}, "настройки «zzz» нет, есть: first_days, overlap_minutes,"},
		"chat":     {[]string{"--region", "khabarovsk", "--settings", `{"recheck_days":3}`, "--force", "--", "max_bot", "1"}, "настройки «recheck_days» нет, есть: homes, dialog"},
		"preview":  {[]string{"--region", "khabarovsk", "--settings", `{"first_days":"two"}`, "--force", "--", "telegram_preview", "some_channel"}, "поле first_days: нужно «целое число», а дано «строка»"},
		"range":    {[]string{"--region", "khabarovsk", "--settings", `{"max_pages":500}`, "--force", "--", "vk_wall", "-1"}, "max_pages: 500 — допускается от 1 до 50"},
		"list":     {[]string{"--region", "khabarovsk", "--settings", `[1]`, "--force", "--", "vk_wall", "-1"}, "нужен объект вида"},
		"two":      {[]string{"--region", "khabarovsk", "--settings", `{} {}`, "--force", "--", "vk_wall", "-1"}, "после настроек стоит лишнее"},
		"homes":    {[]string{"--region", "khabarovsk", "--settings", `{"homes":{"-1":"moscow"}}`, "--force", "--", "telegram_bot", "1"}, "«moscow»"},
		"token":    {[]string{"--region", "khabarovsk", "--", "vk_wall", "-1"}, "источник не читается"},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, environ, "", append([]string{"source", "add"}, c.args...)...).want(t, 1)
			if !strings.Contains(got.errout, c.want) || len(storedSources(t, environ)) != 0 {
				t.Errorf("stderr %q does not hold %q", got.errout, c.want)
			}
			russian(t, name, got.errout)
		})
	}
}
