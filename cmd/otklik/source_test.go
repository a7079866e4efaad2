package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
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

// A bot of Telegram is read one way: the other can be added once the first is stopped,
// and the first does not go on beside it. The desk asks the same question.
func TestABotIsReadOneWay(t *testing.T) {
	t.Parallel()
	environ, dsn := onDatabase(t)
	source := func(args ...string) outcome {
		return command(t, environ, "", append([]string{"source"}, args...)...)
	}
	add := func(kind, address string) outcome {
		return source("add", "--region", "kaliningrad", "--force", kind, address)
	}
	add("telegram_bot", "5").want(t, 0)
	if got := add("telegram_webhook", "5").want(t, 1); !strings.Contains(got.errout, "бот 5 уже читается как telegram_bot (источник 1)") {
		t.Errorf("pushed too: %s", got.errout)
	}
	desk := deskPlatforms{infra: &infra{store: storagetest.Open(t, dsn, storage.Options{})}, pack: func(string) *rules.Pack { return nil }}
	if err := desk.Clean(t.Context(), &domain.Source{Region: "kaliningrad", Kind: domain.TelegramWebhook, Address: "5"}); err == nil || !strings.Contains(err.Error(), "уже читается") {
		t.Errorf("on the desk: %v", err)
	}
	add("telegram_webhook", "6").want(t, 0) // another bot
	source("pause", "1").want(t, 0)
	add("telegram_webhook", "5").want(t, 0)
	if got := source("resume", "1").want(t, 1); !strings.Contains(got.errout, "уже читается как telegram_webhook") {
		t.Errorf("polled again beside the webhook: %s", got.errout)
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

// channels.vk.read of the pack holds for what is added, for what is polled, and both
// ways: the source says why it waits, and is read from where it stood once the pack
// lets it be read again.
func TestThePackDecidesWhatIsRead(t *testing.T) {
	t.Parallel()
	to := newTown(t)
	environ, dsn := onDatabase(t)
	environ = append(environ, to.environ...)
	for _, line := range to.adds {
		paste(t, environ, line)
	}
	silent := editedPack(t, "khabarovsk", "vk: {read: true,", "vk: {read: false,")
	command(t, environ, "", "rules", "activate", silent, "--region", "khabarovsk").want(t, 0)
	const why = "пакет региона не разрешает читать ВКонтакте: channels.vk.read — false (khabarovsk/region.yaml:"
	for _, args := range [][]string{{"add", "--region", "khabarovsk", "--", "vk_wall", "-100000902"},
		{"add", "--region", "khabarovsk", "--force", "--", "vk_callback", "100000903"}} {
		if got := command(t, environ, "", append([]string{"source"}, args...)...).want(t, 1); !strings.Contains(got.errout, why) {
			t.Errorf("%v: %s", args, got.errout)
		}
	}
	ofVK := func(states ...domain.SourceState) (all bool) {
		all = true
		for _, s := range storedSources(t, environ) {
			if s.Kind.Platform() == domain.VK {
				all = all && slices.Contains(states, s.State) && strings.HasPrefix(s.Reason, why) == (s.State == domain.SourceParked)
			}
		}
		return all
	}
	stored := func(compare string) int {
		return query[int](t, dsn, "SELECT count(*)::int FROM post_ids WHERE platform "+compare+" 'vk'")
	}
	serve := start(t, environ, "serve")
	await(t, serve, func() bool { return ofVK(domain.SourceParked) && stored("<>") > 0 })
	id := query[int64](t, dsn, "SELECT min(id) FROM sources WHERE kind = 'vk_wall'")
	if got := command(t, environ, "", "source", "check", fmt.Sprint(id)).want(t, 1); !strings.Contains(got.errout, why) {
		t.Errorf("checked: %s", got.errout)
	}
	if n := stored("="); n != 0 {
		t.Errorf("%d posts of VK are stored", n)
	}
	command(t, environ, "", "rules", "rollback", "--region", "khabarovsk").want(t, 0)
	await(t, serve, func() bool {
		return countersOf(t, environ).Posts == complaintsFed && ofVK(domain.SourceActive, domain.SourceUnchanged, domain.SourceEmpty)
	})
	if stored("=") == 0 {
		t.Error("nothing of VK is among what was fed: the test shows nothing")
	}
}

// The page «Источники» refuses it the same way: before the platform is asked, so that
// «Добавить всё равно» does not help.
func TestTheDeskAddsNothingThePackDoesNotLetBeRead(t *testing.T) {
	t.Parallel()
	pack, err := rules.LoadEmbedded("kaliningrad")
	if err != nil {
		t.Fatal(err)
	}
	pack.Region.Channels.MAX.Read = false
	d := deskPlatforms{infra: &infra{}, pack: func(string) *rules.Pack { return pack }}
	src := domain.Source{Region: "kaliningrad", Kind: domain.MAXWebhook, Address: "77"}
	const why = "читать MAX: channels.max.read — false (kaliningrad/region.yaml:"
	if err := d.Clean(t.Context(), &src); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("added: %v", err)
	}
	if _, err := d.Check(t.Context(), src); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("checked: %v", err)
	}
	if err := d.Clean(t.Context(), &domain.Source{Region: "kaliningrad", Kind: domain.VKWall, Address: "-1"}); err != nil {
		t.Errorf("another platform: %v", err)
	}
}

// await waits until something is so that a process brings about.
func await(t *testing.T, p *process, so func() bool) {
	t.Helper()
	for limit := time.Now().Add(3 * time.Minute); !so(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("never came about\n%s", p.out.String())
		}
	}
}
