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
	for _, tc := range []struct{ env, want string }{
		{"OTKLIK_VK_URL=api.vk.ru", "OTKLIK_VK_URL"},
		{"OTKLIK_SECRET_KEY=short", "OTKLIK_SECRET_KEY"},
		{"OTKLIK_POLL_SLOTS=0", "OTKLIK_POLL_SLOTS"},
		{"OTKLIK_POLL_SLOTS=many", "OTKLIK_POLL_SLOTS"},
		{"OTKLIK_STOP_WITHIN=0s", "OTKLIK_STOP_WITHIN"},
		{"OTKLIK_TELEGRAM_TOKEN_FILE=/nowhere/at/all", "OTKLIK_TELEGRAM_TOKEN_FILE"},
	} {
		_, err := LoadConfig([]string{tc.env})
		want := tc.want
		if strings.Contains(tc.env, "many") {
			want = "PollSlots" // the parser names the field
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not name %s", tc.env, err, want)
		}
	}
}
