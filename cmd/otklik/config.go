package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is everything that comes from the environment. Every secret may also
// be given as NAME_FILE, the path of a file that holds it.
type Config struct {
	DatabaseURL string   `env:"DATABASE_URL" secret:"true" doc:"PostgreSQL 15 или новее; пусто — частный сервер на этой машине"`
	MigrateURL  string   `env:"OTKLIK_MIGRATE_URL" secret:"true" doc:"роль, которой можно менять схему; пусто — DATABASE_URL"`
	RedisURL    string   `env:"REDIS_URL" secret:"true" doc:"пусто — Redis внутри процесса"`
	StateDir    string   `env:"OTKLIK_STATE_DIR" doc:"папка данных частных серверов"`
	Regions     []string `env:"OTKLIK_REGIONS" envDefault:"khabarovsk,kaliningrad" doc:"пакеты регионов: имена встроенных или папки, через запятую"`
	SecretKey   string   `env:"OTKLIK_SECRET_KEY" secret:"true" doc:"32 байта в base64, шифрует второй фактор и токены в базе, нужен боту; сначала новый ключ, за ним через запятую прежние; на частном сервере без него делается свой"`
	PublicURL   string   `env:"OTKLIK_PUBLIC_URL" doc:"адрес, по которому площадки достают OTKLIK_HOOKS_LISTEN, https://…"`

	DeskListen    string `env:"OTKLIK_DESK_LISTEN" envDefault:"127.0.0.1:8080" doc:"страницы для людей"`
	HooksListen   string `env:"OTKLIK_HOOKS_LISTEN" envDefault:"127.0.0.1:8081" doc:"события площадок"`
	MetricsListen string `env:"OTKLIK_METRICS_LISTEN" envDefault:"127.0.0.1:9090" doc:"здоровье, готовность, Prometheus"`

	DeskURL          string        `env:"OTKLIK_DESK_URL" doc:"адрес, по которому открывают рабочее место, https://…; с http:// вход не защищён"`
	DeskProxies      []string      `env:"OTKLIK_DESK_PROXIES" envDefault:"127.0.0.0/8,::1/128" doc:"сети прокси, чьему X-Forwarded-For верить, через запятую"`
	SessionIdle      time.Duration `env:"OTKLIK_SESSION_IDLE" envDefault:"2h" doc:"сеанс без действий кончается через столько"`
	SessionMax       time.Duration `env:"OTKLIK_SESSION_MAX" envDefault:"12h" doc:"любой сеанс кончается через столько"`
	OIDCIssuer       string        `env:"OTKLIK_OIDC_ISSUER" doc:"внешняя служба входа (OpenID Connect); пусто — только пароли"`
	OIDCClientID     string        `env:"OTKLIK_OIDC_CLIENT_ID" doc:"имя Отклика у внешней службы входа"`
	OIDCClientSecret string        `env:"OTKLIK_OIDC_CLIENT_SECRET" secret:"true" doc:"секрет Отклика у внешней службы входа"`
	OIDCTitle        string        `env:"OTKLIK_OIDC_TITLE" envDefault:"Войти через службу организации" doc:"слова ссылки на странице входа"`

	VKTokens        []string `env:"OTKLIK_VK_TOKENS" secret:"true" doc:"сервисные токены для чтения, через запятую"`
	VKCommunities   []string `env:"OTKLIK_VK_COMMUNITIES" secret:"true" doc:"свои сообщества, номер:токен[:секрет[:строка подтверждения]], через запятую"`
	VKURL           string   `env:"OTKLIK_VK_URL" envDefault:"https://api.vk.ru/method/" doc:"основа адреса API"`
	VKProxy         string   `env:"OTKLIK_VK_PROXY" secret:"true" doc:"прокси для VK; пусто — обычные переменные"`
	TelegramTokens  []string `env:"OTKLIK_TELEGRAM_TOKEN" secret:"true" doc:"токен бота; несколько через запятую, по одному на регион"`
	TelegramURL     string   `env:"OTKLIK_TELEGRAM_URL" envDefault:"https://api.telegram.org" doc:"основа адреса Bot API"`
	TelegramPreview string   `env:"OTKLIK_TELEGRAM_PREVIEW_URL" envDefault:"https://t.me" doc:"основа адреса открытых каналов"`
	TelegramProxy   string   `env:"OTKLIK_TELEGRAM_PROXY" secret:"true" doc:"прокси для Telegram; пусто — обычные переменные"`
	MAXTokens       []string `env:"OTKLIK_MAX_TOKEN" secret:"true" doc:"токен бота; несколько через запятую, по одному на регион"`
	MAXURL          string   `env:"OTKLIK_MAX_URL" envDefault:"https://platform-api2.max.ru" doc:"основа адреса API"`
	MAXProxy        string   `env:"OTKLIK_MAX_PROXY" secret:"true" doc:"прокси для MAX; пусто — обычные переменные"`
	SendPerDay      []string `env:"OTKLIK_SEND_PER_DAY" doc:"свои дневные пределы отправки одного аккаунта, например vk_public:300,telegram_dialog:5000; 0 — без предела"`
	SMTPURL         string   `env:"OTKLIK_SMTP_URL" doc:"почта для уведомлений сотрудникам: smtp://логин@сервер:587 или smtps://логин@сервер:465; пусто — без почты"`
	SMTPPassword    string   `env:"OTKLIK_SMTP_PASSWORD" secret:"true" doc:"пароль этого логина"`
	SMTPFrom        string   `env:"OTKLIK_SMTP_FROM" doc:"от кого письма, например Отклик <otklik@region.ru>"`
	CAFile          string   `env:"OTKLIK_CA_FILE" doc:"дополнительные удостоверяющие центры, PEM"`

	LogLevel      string        `env:"OTKLIK_LOG_LEVEL" envDefault:"info" doc:"debug, info, warn, error"`
	LogFormat     string        `env:"OTKLIK_LOG_FORMAT" envDefault:"text" doc:"text или json"`
	PollSlots     int           `env:"OTKLIK_POLL_SLOTS" envDefault:"8" doc:"сколько источников процесс опрашивает одновременно"`
	LearnMemoryMB int           `env:"OTKLIK_LEARN_MEMORY_MB" envDefault:"4096" doc:"больше мегабайт обучение, запущенное на рабочем месте или по расписанию, не займёт"`
	StopWithin    time.Duration `env:"OTKLIK_STOP_WITHIN" envDefault:"20s" doc:"время закончить начатое при остановке"`

	unknown []string // words on variables that look like ours and are none
}

// LoadConfig reads the environment, which has the form of os.Environ. The error
// names every value that cannot be used, a line each, and never a secret.
func LoadConfig(environ []string) (Config, error) {
	vars := env.ToMap(environ)
	var cfg Config
	cfg.unknown = unknownVariables(vars, reflect.TypeOf(cfg))
	if err := readSecretFiles(vars, reflect.TypeOf(cfg)); err != nil {
		return cfg, err
	}
	if err := env.ParseWithOptions(&cfg, env.Options{Environment: vars}); err != nil {
		return cfg, unreadable(err, vars, reflect.TypeOf(cfg))
	}
	if cfg.StateDir == "" {
		cfg.StateDir = defaultStateDir(vars, os.Getuid(), passwdHome)
	}
	if !strings.HasSuffix(cfg.VKURL, "/") {
		cfg.VKURL += "/"
	}
	return cfg, cfg.validate()
}

// unreadable words what the library could not turn into a number or a time.
func unreadable(err error, vars map[string]string, t reflect.Type) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	var faults []error
	for _, one := range all.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			faults = append(faults, one)
			continue
		}
		name := parse.Name
		if f, ok := t.FieldByName(parse.Name); ok {
			name = f.Tag.Get("env")
		}
		kind := "целое число"
		if parse.Type == reflect.TypeFor[time.Duration]() {
			kind = "время вида 20s или 1m30s"
		}
		faults = append(faults, fmt.Errorf("%s: ожидается %s, а дано «%s»", name, kind, vars[name]))
	}
	return errors.Join(faults...)
}

// systemStateDir is that of root, and of accounts without a home.
const systemStateDir = "/var/lib/otklik"

// defaultStateDir follows the XDG base directory rules; relative paths count as
// not set there. Without HOME (cron, services, su) the home is that of passwd.
func defaultStateDir(vars map[string]string, uid int, home func(uid int) string) string {
	if d := vars["XDG_STATE_HOME"]; filepath.IsAbs(d) {
		return filepath.Join(d, "otklik")
	}
	if uid == 0 {
		return systemStateDir
	}
	h := vars["HOME"]
	if !filepath.IsAbs(h) {
		h = home(uid)
	}
	if h == "" {
		return systemStateDir
	}
	return filepath.Join(h, ".local/state/otklik")
}

// passwdHome is the home of a user; "" when it has none that exists.
func passwdHome(uid int) string {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil || u.HomeDir == "/" {
		return ""
	}
	if info, err := os.Stat(u.HomeDir); err != nil || !info.IsDir() {
		return ""
	}
	return u.HomeDir
}

// readSecretFiles puts the content of NAME_FILE into NAME.
func readSecretFiles(vars map[string]string, t reflect.Type) error {
	var faults []error
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("env")
		path := vars[name+"_FILE"]
		if f.Tag.Get("secret") == "" || path == "" {
			continue
		}
		if vars[name] != "" {
			faults = append(faults, fmt.Errorf("%s и %s_FILE заданы обе: оставьте одну", name, name))
			continue
		}
		b, err := os.ReadFile(path)
		var fault *fs.PathError
		switch value := strings.TrimRight(string(b), "\r\n"); {
		case errors.As(err, &fault):
			faults = append(faults, fmt.Errorf("%s_FILE: файл %s: %s", name, path, systemWords(fault.Err)))
		case err != nil:
			faults = append(faults, fmt.Errorf("%s_FILE: файл %s не читается: %w", name, path, err))
		case value == "":
			faults = append(faults, fmt.Errorf("%s_FILE: файл %s пуст", name, path))
		default:
			vars[name] = value
		}
	}
	return errors.Join(faults...)
}

// Lines prints the configuration as shell assignments with secrets masked.
func (c *Config) Lines() []string {
	v := reflect.ValueOf(*c)
	t := v.Type()
	lines := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("env") == "" {
			continue
		}
		value := fmt.Sprint(v.Field(i).Interface())
		if list, ok := v.Field(i).Interface().([]string); ok {
			value = strings.Join(list, ",")
		}
		if f.Tag.Get("secret") != "" && value != "" {
			value = "***"
		}
		if u, err := url.Parse(value); err == nil && u.User != nil {
			value = u.Redacted() // a password in the address of a proxy or a fake
		}
		lines = append(lines, fmt.Sprintf("%s=%s  # %s", f.Tag.Get("env"), value, f.Tag.Get("doc")))
	}
	return lines
}
