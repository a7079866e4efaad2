package main

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is everything that comes from the environment. Every secret may also
// be given as NAME_FILE, the path of a file that holds it.
type Config struct {
	DatabaseURL string   `env:"DATABASE_URL" secret:"true" doc:"PostgreSQL 15 or newer; empty starts a private server"`
	MigrateURL  string   `env:"OTKLIK_MIGRATE_URL" secret:"true" doc:"role that may change the schema; empty: DATABASE_URL"`
	RedisURL    string   `env:"REDIS_URL" secret:"true" doc:"empty starts one inside the process"`
	StateDir    string   `env:"OTKLIK_STATE_DIR" doc:"where the private servers keep their data"`
	Regions     []string `env:"OTKLIK_REGIONS" envDefault:"khabarovsk,kaliningrad" doc:"packs to serve: embedded names or folders"`
	SecretKey   string   `env:"OTKLIK_SECRET_KEY" secret:"true" doc:"32 bytes in base64, encrypts tokens kept in the database, when reply accounts come; new key first, old ones after a comma"`
	PublicURL   string   `env:"OTKLIK_PUBLIC_URL" doc:"address platforms reach the hooks under"`

	DeskListen    string `env:"OTKLIK_DESK_LISTEN" envDefault:"127.0.0.1:8080" doc:"people"`
	HooksListen   string `env:"OTKLIK_HOOKS_LISTEN" envDefault:"127.0.0.1:8081" doc:"platforms"`
	MetricsListen string `env:"OTKLIK_METRICS_LISTEN" envDefault:"127.0.0.1:9090" doc:"health, readiness, Prometheus"`

	VKTokens        []string `env:"OTKLIK_VK_TOKENS" secret:"true" doc:"service tokens for reading, by comma"`
	VKCommunities   []string `env:"OTKLIK_VK_COMMUNITIES" secret:"true" doc:"own communities, id:token[:secret[:confirmation]], by comma"`
	VKURL           string   `env:"OTKLIK_VK_URL" envDefault:"https://api.vk.ru/method/" doc:"base of the API"`
	VKProxy         string   `env:"OTKLIK_VK_PROXY" secret:"true" doc:"proxy for VK; empty: the usual variables"`
	TelegramTokens  []string `env:"OTKLIK_TELEGRAM_TOKEN" secret:"true" doc:"bot token; several by comma, one a region"`
	TelegramURL     string   `env:"OTKLIK_TELEGRAM_URL" envDefault:"https://api.telegram.org" doc:"base of the Bot API"`
	TelegramPreview string   `env:"OTKLIK_TELEGRAM_PREVIEW_URL" envDefault:"https://t.me" doc:"base of public previews"`
	TelegramProxy   string   `env:"OTKLIK_TELEGRAM_PROXY" secret:"true" doc:"proxy for Telegram; empty: the usual variables"`
	MAXToken        string   `env:"OTKLIK_MAX_TOKEN" secret:"true" doc:"bot token; MAX is not read yet"`
	MAXURL          string   `env:"OTKLIK_MAX_URL" envDefault:"https://platform-api2.max.ru" doc:"base of the API"`
	MAXProxy        string   `env:"OTKLIK_MAX_PROXY" secret:"true" doc:"proxy for MAX; empty: the usual variables"`
	CAFile          string   `env:"OTKLIK_CA_FILE" doc:"extra certificate authorities, PEM"`

	LogLevel   string        `env:"OTKLIK_LOG_LEVEL" envDefault:"info" doc:"debug, info, warn, error"`
	LogFormat  string        `env:"OTKLIK_LOG_FORMAT" envDefault:"text" doc:"text or json"`
	PollSlots  int           `env:"OTKLIK_POLL_SLOTS" envDefault:"8" doc:"sources polled at once by this process"`
	StopWithin time.Duration `env:"OTKLIK_STOP_WITHIN" envDefault:"20s" doc:"time to finish the batches in hand at stop"`
}

// LoadConfig reads the environment. environ has the form of os.Environ.
func LoadConfig(environ []string) (Config, error) {
	vars := env.ToMap(environ)
	var cfg Config
	if err := readSecretFiles(vars, reflect.TypeOf(cfg)); err != nil {
		return cfg, err
	}
	if err := env.ParseWithOptions(&cfg, env.Options{Environment: vars}); err != nil {
		return cfg, fmt.Errorf("environment: %w", err)
	}
	if cfg.StateDir == "" {
		cfg.StateDir = defaultStateDir(vars)
	}
	return cfg, cfg.validate()
}

// defaultStateDir follows the XDG base directory rules.
func defaultStateDir(vars map[string]string) string {
	if d := vars["XDG_STATE_HOME"]; d != "" {
		return d + "/otklik"
	}
	if h := vars["HOME"]; h != "" && os.Getuid() != 0 {
		return h + "/.local/state/otklik"
	}
	return "/var/lib/otklik"
}

// readSecretFiles puts the content of NAME_FILE into NAME.
func readSecretFiles(vars map[string]string, t reflect.Type) error {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("env")
		path := vars[name+"_FILE"]
		if f.Tag.Get("secret") == "" || path == "" {
			continue
		}
		if vars[name] != "" {
			return fmt.Errorf("%s and %s_FILE are both set: keep one", name, name)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
		vars[name] = strings.TrimRight(string(b), "\r\n")
	}
	return nil
}

func (c *Config) validate() error {
	for name, u := range map[string]string{"OTKLIK_VK_URL": c.VKURL, "OTKLIK_TELEGRAM_URL": c.TelegramURL,
		"OTKLIK_TELEGRAM_PREVIEW_URL": c.TelegramPreview, "OTKLIK_MAX_URL": c.MAXURL} {
		p, err := url.Parse(u)
		if err != nil || p.Host == "" || (p.Scheme != "http" && p.Scheme != "https") {
			return fmt.Errorf("%s: %q is not an http(s) address", name, u)
		}
	}
	if !strings.HasSuffix(c.VKURL, "/") {
		c.VKURL += "/"
	}
	if len(c.Regions) == 0 {
		return fmt.Errorf("OTKLIK_REGIONS: name at least one region pack")
	}
	for _, key := range strings.Split(c.SecretKey, ",") {
		if key == "" {
			continue
		}
		if b, err := base64.StdEncoding.DecodeString(key); err != nil || len(b) != 32 {
			return fmt.Errorf("OTKLIK_SECRET_KEY: each key is 32 bytes in base64 (make one: head -c 32 /dev/urandom | base64)")
		}
	}
	if c.PollSlots < 1 || c.PollSlots > 1000 {
		return fmt.Errorf("OTKLIK_POLL_SLOTS: %d is not between 1 and 1000", c.PollSlots)
	}
	if c.StopWithin <= 0 {
		return fmt.Errorf("OTKLIK_STOP_WITHIN: must be more than zero")
	}
	return nil
}

// Lines prints the configuration as shell assignments with secrets masked.
func (c *Config) Lines() []string {
	v := reflect.ValueOf(*c)
	t := v.Type()
	lines := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		value := fmt.Sprint(v.Field(i).Interface())
		if list, ok := v.Field(i).Interface().([]string); ok {
			value = strings.Join(list, ",")
		}
		if f.Tag.Get("secret") != "" && value != "" {
			value = "***"
		}
		lines = append(lines, fmt.Sprintf("%s=%s  # %s", f.Tag.Get("env"), value, f.Tag.Get("doc")))
	}
	return lines
}
