package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestConfigNamesWhatCannotStart(t *testing.T) {
	folder := repository("rules", "khabarovsk")
	for _, c := range []struct {
		environ string
		roles   []string
		want    string // "" for none
	}{
		{"", allRoles(), ""},
		{"OTKLIK_REGIONS=" + folder, allRoles(), ""},
		{"OTKLIK_REGIONS=khabarovsk,tula", allRoles(), "OTKLIK_REGIONS: пакета «tula» нет: ни среди встроенных (kaliningrad, khabarovsk), ни папки"},
		{"OTKLIK_REGIONS=khabarovsk,khabarovsk", allRoles(), "OTKLIK_REGIONS: «khabarovsk» назван дважды"},
		{"OTKLIK_DESK_LISTEN=127.0.0.1:9090", allRoles(), "OTKLIK_DESK_LISTEN и OTKLIK_METRICS_LISTEN: оба слушали бы один порт (127.0.0.1:9090 и 127.0.0.1:9090)"},
		{"OTKLIK_DESK_LISTEN=:8081", allRoles(), "OTKLIK_DESK_LISTEN и OTKLIK_HOOKS_LISTEN"},
		{"OTKLIK_DESK_LISTEN=:8081", []string{roleDesk}, ""}, // nobody listens for hooks
		{"OTKLIK_DESK_LISTEN=[::]:9090", []string{roleDesk}, "OTKLIK_METRICS_LISTEN"},
		{"OTKLIK_DESK_LISTEN=localhost:9090", []string{roleDesk}, "OTKLIK_METRICS_LISTEN"},
		{"OTKLIK_DESK_LISTEN=10.0.0.5:9090", []string{roleDesk}, ""},
		{"OTKLIK_DESK_LISTEN=127.0.0.1:0 OTKLIK_HOOKS_LISTEN=127.0.0.1:0 OTKLIK_METRICS_LISTEN=127.0.0.1:0", allRoles(), ""},
	} {
		cfg, err := LoadConfig(strings.Fields(c.environ))
		if err != nil {
			t.Fatalf("%s: %v", c.environ, err)
		}
		err = cfg.startFaults(c.roles)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %v: %v, want %q", c.environ, c.roles, err, c.want)
		}
	}
}

// A second region of one subject code would draw the first one's case numbers: it
// is refused by the configuration, by «rules check» of both, and at the start.
func TestTwoRegionsOfOneCode(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "primorye")
	if err := os.CopyFS(folder, os.DirFS(repository("rules", "khabarovsk"))); err != nil {
		t.Fatal(err)
	}
	region := filepath.Join(folder, "region.yaml")
	content, err := os.ReadFile(region)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(region, bytes.Replace(content, []byte("id: khabarovsk"), []byte("id: primorye"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	const want = "код субъекта «27» региона «primorye» уже у региона «khabarovsk»"
	cfg, err := LoadConfig([]string{"OTKLIK_REGIONS=khabarovsk," + folder})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(cfg.regionFaults()...); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the configuration: %v", err)
	}
	got := command(t, nil, "", "rules", "check", "khabarovsk", folder).want(t, 1)
	if !strings.Contains(got.out, want) {
		t.Errorf("rules check:\n%s", got.out)
	}
	store, log := storagetest.New(t), slog.New(slog.DiscardHandler)
	if _, err := preparePacks(t.Context(), cfg, store, nil, time.Now(), log); err == nil || !strings.Contains(russianFault(err), want) {
		t.Errorf("at the start: %v", err)
	}
}

func TestConfigWarns(t *testing.T) {
	for _, c := range []struct {
		environ string
		want    []string
	}{
		{"OTKLIK_PUBLIC_URL=https://otklik.example.ru OTKLIK_TEST_ANYTHING=1 PATH=/bin OTKLIK_SECRET_KEY=", nil},
		{"OTKLIK_PUBLIC_URL=http://127.0.0.1:8081", nil}, // stand-ins of the platforms
		{"OTKLIK_PUBLIC_URL=http://otklik.example.ru", []string{"OTKLIK_PUBLIC_URL: «http://otklik.example.ru» — площадки шлют события только на адрес вида https://сервер"}},
		{"OTKLIK_VK_TOKEN=hunter2", []string{"переменной OTKLIK_VK_TOKEN нет, может быть, OTKLIK_VK_TOKENS; она ни на что не влияет"}},
		{"OTKLIK_DESK_LISEN=:1 OTKLIK_REGIONS_FILE=/x", []string{
			"переменной OTKLIK_DESK_LISEN нет, может быть, OTKLIK_DESK_LISTEN; она ни на что не влияет",
			"переменной OTKLIK_REGIONS_FILE нет, может быть, OTKLIK_REGIONS; она ни на что не влияет"}},
	} {
		cfg, err := LoadConfig(strings.Fields(c.environ))
		if err != nil {
			t.Fatalf("%s: %v", c.environ, err)
		}
		if got := cfg.warnings(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.environ, got, c.want)
		}
	}
}

// config shows the values, warns of what is hardly meant and ends with what serve
// would refuse; serve refuses it before it looks for a database.
func TestConfigAndServeRefuseAlike(t *testing.T) {
	environ := append(emptyState(t), "OTKLIK_REGIONS=tula", "OTKLIK_DESK_LISTEN=:9090", "OTKLIK_VK_TOKEN=hunter2", "OTKLIK_PUBLIC_URL=http://otklik.example.ru")
	for _, args := range []string{"config", "serve"} {
		got := command(t, environ, "", args).want(t, 1)
		for _, want := range []string{"«tula»", "OTKLIK_DESK_LISTEN и OTKLIK_METRICS_LISTEN", "Внимание: переменной OTKLIK_VK_TOKEN нет", "Внимание: OTKLIK_PUBLIC_URL"} {
			if !strings.Contains(got.errout, want) {
				t.Errorf("%s: %q is missing:\n%s", args, want, got.errout)
			}
		}
		if strings.Contains(got.errout+got.out, "hunter2") {
			t.Errorf("%s shows a value:\n%s", args, got.errout)
		}
		russian(t, args, got.errout)
		if shown := strings.Contains(got.out, "OTKLIK_REGIONS=tula"); shown != (args == "config") {
			t.Errorf("%s: values shown: %v", args, shown)
		}
	}
	command(t, append(emptyState(t), "OTKLIK_REGIONS=tula"), "", "demo", "--once").want(t, 1)
}

func TestTelegramWebhookWantsHTTPS(t *testing.T) {
	_, _, pl, _ := newMAX(t)
	pl.bots = map[string]*telegram.Client{"5": nil}
	for public, want := range map[string]string{"": "задайте OTKLIK_PUBLIC_URL", "http://otklik.example": "OTKLIK_PUBLIC_URL: «http://otklik.example»"} {
		g := &registrar{bots: pl.bots, public: public, store: fixedSources{{ID: 4, Kind: domain.TelegramWebhook, Address: "5"}}}
		err := g.check(t.Context())
		if err == nil || !strings.Contains(err.Error(), "источник 4 — вебхук Telegram: "+want) {
			t.Errorf("%q: %v", public, err)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"VK_TOKEN", "VK_TOKENS", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
