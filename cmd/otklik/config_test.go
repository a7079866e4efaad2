package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigDefaultsAreValid(t *testing.T) {
	cfg, err := LoadConfig([]string{"HOME=/home/someone"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.VKURL != "https://api.vk.ru/method/" || len(cfg.Regions) != 2 {
		t.Fatalf("unexpected defaults: %+v", cfg)
	}
}

func TestConfigMasksSecrets(t *testing.T) {
	cfg, err := LoadConfig([]string{"DATABASE_URL=postgres://u:hunter2@db/o", "OTKLIK_VK_TOKENS=vk1.a.hunter2,vk1.a.b", "REDIS_URL=redis://:hunter2@r"})
	if err != nil {
		t.Fatal(err)
	}
	out := strings.Join(cfg.Lines(), "\n")
	if strings.Contains(out, "hunter2") {
		t.Fatalf("a secret is shown:\n%s", out)
	}
	if !strings.Contains(out, "DATABASE_URL=***") || !strings.Contains(out, "OTKLIK_HOOKS_LISTEN=127.0.0.1:8081") {
		t.Fatalf("variables are missing:\n%s", out)
	}
}

func TestConfigReadsSecretsFromFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("123:abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := LoadConfig([]string{"OTKLIK_TELEGRAM_TOKEN_FILE=" + path})
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.TelegramTokens) != 1 || cfg.TelegramTokens[0] != "123:abc" {
		t.Fatalf("tokens = %q", cfg.TelegramTokens)
	}
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ environ, want string }{
		{"OTKLIK_VK_URL=api.vk.ru", "OTKLIK_VK_URL: «api.vk.ru/» — не адрес вида https://сервер"},
		{"OTKLIK_PUBLIC_URL=otklik.example.ru", "OTKLIK_PUBLIC_URL: «otklik.example.ru» — не адрес"},
		{"OTKLIK_VK_PROXY=hunter2:3128", "OTKLIK_VK_PROXY: это не адрес прокси"},
		{"DATABASE_URL=postgres://u:hunter2@db:port/o", "DATABASE_URL: это не адрес PostgreSQL"},
		{"OTKLIK_MIGRATE_URL=mysql:hunter2", "OTKLIK_MIGRATE_URL: это не адрес PostgreSQL"},
		{"REDIS_URL=hunter2:6379", "REDIS_URL: это не адрес Redis"},
		{"OTKLIK_SECRET_KEY=hunter2", "OTKLIK_SECRET_KEY: каждый ключ — 32 байта"},
		{"OTKLIK_VK_COMMUNITIES=club1:hunter2", "OTKLIK_VK_COMMUNITIES: номер сообщества"},
		{"OTKLIK_VK_COMMUNITIES=hunter2", "OTKLIK_VK_COMMUNITIES: сообщество задаётся"},
		{"OTKLIK_VK_TOKENS=a,hunter2,b,hunter2", "OTKLIK_VK_TOKENS: токен на месте 4 повторяет прежний"},
		{"OTKLIK_TELEGRAM_TOKEN=77:hunter2,78:b,77:hunter22", "OTKLIK_TELEGRAM_TOKEN: токен на месте 3 — того же бота"},
		{"OTKLIK_TELEGRAM_TOKEN=hunter2", "OTKLIK_TELEGRAM_TOKEN: это не токен бота"},
		{"OTKLIK_POLL_SLOTS=0", "OTKLIK_POLL_SLOTS: 0 — не от 1 до 1000"},
		{"OTKLIK_POLL_SLOTS=many", "OTKLIK_POLL_SLOTS: ожидается целое число, а дано «many»"},
		{"OTKLIK_SEND_PER_DAY=vk_public", "OTKLIK_SEND_PER_DAY: «vk_public» — не вид vk_public:300"},
		{"OTKLIK_SEND_PER_DAY=vk_public:5,ok_public:3", "OTKLIK_SEND_PER_DAY: «ok_public:3» — не вид"},
		{"OTKLIK_SMTP_URL=mail.example.ru:587", "OTKLIK_SMTP_URL: это не адрес почтового сервера"},
		{"OTKLIK_SMTP_URL=smtp://mail.example.ru", "OTKLIK_SMTP_FROM: «» — не адрес"},
		{"OTKLIK_SMTP_PASSWORD=hunter2", "OTKLIK_SMTP_PASSWORD: задана без OTKLIK_SMTP_URL"},
		{"OTKLIK_STOP_WITHIN=0s", "OTKLIK_STOP_WITHIN: 0s — должно быть больше нуля"},
		{"OTKLIK_STOP_WITHIN=soon", "OTKLIK_STOP_WITHIN: ожидается время вида 20s"},
		{"OTKLIK_LOG_LEVEL=loud", "OTKLIK_LOG_LEVEL: «loud»"},
		{"OTKLIK_LOG_FORMAT=xml", "OTKLIK_LOG_FORMAT: «xml»"},
		{"OTKLIK_DESK_LISTEN=8080", "OTKLIK_DESK_LISTEN: «8080» — не адрес вида"},
		{"OTKLIK_HOOKS_LISTEN=127.0.0.1:99999", "OTKLIK_HOOKS_LISTEN: «127.0.0.1:99999»"},
		{"OTKLIK_CA_FILE=/nowhere/ca.pem", "OTKLIK_CA_FILE: файл /nowhere/ca.pem: такого файла или папки нет"},
		{"OTKLIK_CA_FILE=" + empty, "OTKLIK_CA_FILE: в файле " + empty + " нет сертификатов PEM"},
		{"OTKLIK_TELEGRAM_TOKEN_FILE=/nowhere/at/all", "OTKLIK_TELEGRAM_TOKEN_FILE: файл /nowhere/at/all: такого файла или папки нет"},
		{"OTKLIK_TELEGRAM_TOKEN_FILE=" + empty, "OTKLIK_TELEGRAM_TOKEN_FILE: файл " + empty + " пуст"},
		{"OTKLIK_TELEGRAM_TOKEN_FILE=/", "OTKLIK_TELEGRAM_TOKEN_FILE: файл /: это папка, а нужен файл"},
		{"OTKLIK_MAX_TOKEN=hunter2 OTKLIK_MAX_TOKEN_FILE=/x", "OTKLIK_MAX_TOKEN и OTKLIK_MAX_TOKEN_FILE заданы обе"},
		{"OTKLIK_POLL_SLOTS=0 OTKLIK_LOG_LEVEL=loud", "OTKLIK_LOG_LEVEL: «loud» — ожидается debug, info, warn или error\nOTKLIK_POLL_SLOTS: 0"},
	} {
		_, err := LoadConfig(strings.Fields(c.environ))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v, want %q", c.environ, err, c.want)
		}
	}
}

func TestDefaultStateDir(t *testing.T) {
	passwd := func(uid int) string { return map[int]string{1000: "/home/anna"}[uid] }
	for _, c := range []struct {
		vars map[string]string
		uid  int
		want string
	}{
		{map[string]string{"HOME": "/home/oleg"}, 1000, "/home/oleg/.local/state/otklik"},
		{map[string]string{"HOME": "/home/oleg", "XDG_STATE_HOME": "/data"}, 1000, "/data/otklik"},
		{map[string]string{"HOME": "/home/oleg", "XDG_STATE_HOME": "data"}, 1000, "/home/oleg/.local/state/otklik"},
		{nil, 1000, "/home/anna/.local/state/otklik"}, // no HOME: passwd knows it
		{map[string]string{"HOME": ""}, 1000, "/home/anna/.local/state/otklik"},
		{nil, 65534, "/var/lib/otklik"}, // no home at all
		{map[string]string{"HOME": "/root"}, 0, "/var/lib/otklik"},
		{nil, 0, "/var/lib/otklik"},
	} {
		if got := defaultStateDir(c.vars, c.uid, passwd); got != c.want {
			t.Errorf("uid %d with %v: %s, want %s", c.uid, c.vars, got, c.want)
		}
	}
	if got := passwdHome(4_000_000); got != "" {
		t.Errorf("somebody unknown lives in %q", got)
	}
}
