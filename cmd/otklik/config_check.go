package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/otklik/otklik/platform/mail"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/storage/redis"
)

// validate names every value that cannot be used. A secret never stands in what
// it says.
func (c *Config) validate() error {
	faults := slices.Concat(c.serverFaults(), c.addressFaults(), c.tokenFaults(), c.sendFaults(), c.mailFaults(), c.deskFaults(), c.processFaults())
	return errors.Join(faults...)
}

// serverFaults look at the addresses of PostgreSQL and Redis.
func (c *Config) serverFaults() (faults []error) {
	for _, v := range []setting{{"DATABASE_URL", c.DatabaseURL}, {"OTKLIK_MIGRATE_URL", c.MigrateURL}} {
		if _, err := pgxpool.ParseConfig(v.value); v.value != "" && err != nil {
			faults = append(faults, fmt.Errorf("%s: это не адрес PostgreSQL; нужен вид postgres://пользователь:пароль@сервер:5432/база", v.name))
		}
	}
	if c.RedisURL == "" {
		return faults
	}
	client, err := redis.Open(c.RedisURL, nil)
	if err != nil {
		return append(faults, fmt.Errorf("REDIS_URL: это не адрес Redis; нужен вид redis://:пароль@сервер:6379/0"))
	}
	_ = client.Close() // it has not connected
	return faults
}

// setting is a variable with its value.
type setting struct{ name, value string }

// addressFaults look at the addresses of platforms, proxies and listeners.
func (c *Config) addressFaults() (faults []error) {
	for _, v := range []setting{{"OTKLIK_VK_URL", c.VKURL}, {"OTKLIK_TELEGRAM_URL", c.TelegramURL},
		{"OTKLIK_TELEGRAM_PREVIEW_URL", c.TelegramPreview}, {"OTKLIK_MAX_URL", c.MAXURL}, {"OTKLIK_PUBLIC_URL", c.PublicURL}} {
		if v.value == "" && v.name == "OTKLIK_PUBLIC_URL" {
			continue
		}
		if !isAddress(v.value, "http", "https") {
			faults = append(faults, fmt.Errorf("%s: «%s» — не адрес вида https://сервер", v.name, v.value))
		}
	}
	for _, v := range []setting{{"OTKLIK_VK_PROXY", c.VKProxy}, {"OTKLIK_TELEGRAM_PROXY", c.TelegramProxy}, {"OTKLIK_MAX_PROXY", c.MAXProxy}} {
		if v.value != "" && !isAddress(v.value, "http", "https", "socks5", "socks5h") {
			faults = append(faults, fmt.Errorf("%s: это не адрес прокси вида http://сервер:3128 или socks5://сервер:1080", v.name))
		}
	}
	for _, v := range []setting{{"OTKLIK_DESK_LISTEN", c.DeskListen}, {"OTKLIK_HOOKS_LISTEN", c.HooksListen}, {"OTKLIK_METRICS_LISTEN", c.MetricsListen}} {
		if !isListen(v.value) {
			faults = append(faults, fmt.Errorf("%s: «%s» — не адрес вида 127.0.0.1:8080 или :8080", v.name, v.value))
		}
	}
	return faults
}

func isAddress(value string, schemes ...string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}

func isListen(value string) bool {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n <= 65535
}

// tokenFaults look at the form of what is secret.
func (c *Config) tokenFaults() (faults []error) {
	for _, key := range strings.Split(c.SecretKey, ",") {
		if key == "" {
			continue
		}
		if b, err := base64.StdEncoding.DecodeString(key); err != nil || len(b) != 32 {
			faults = append(faults, fmt.Errorf("OTKLIK_SECRET_KEY: каждый ключ — 32 байта в base64 (сделать: head -c 32 /dev/urandom | base64)"))
			break
		}
	}
	for _, entry := range c.VKCommunities {
		if _, _, _, err := parseCommunity(entry); err != nil {
			faults = append(faults, err)
		}
	}
	if n := repeated(c.VKTokens); n > 0 {
		faults = append(faults, fmt.Errorf("OTKLIK_VK_TOKENS: токен на месте %d повторяет прежний: его дневная квота считалась бы дважды", n))
	}
	var botIDs []string
	for _, token := range c.TelegramTokens {
		id, secret, _ := strings.Cut(strings.TrimSpace(token), ":")
		if _, err := strconv.ParseInt(id, 10, 64); err != nil || secret == "" {
			faults = append(faults, fmt.Errorf("OTKLIK_TELEGRAM_TOKEN: это не токен бота вида 123456789:AA…, каким его выдаёт BotFather"))
		}
		botIDs = append(botIDs, strings.TrimLeft(id, "+0"))
	}
	if n := repeated(botIDs); n > 0 {
		faults = append(faults, fmt.Errorf("OTKLIK_TELEGRAM_TOKEN: токен на месте %d — того же бота, что один из прежних: у бота действует один токен, последний из выданных", n))
	}
	for _, token := range c.MAXTokens {
		if _, err := max.New(max.Config{Token: strings.TrimSpace(token)}); err != nil {
			faults = append(faults, fmt.Errorf("OTKLIK_MAX_TOKEN: это не токен бота, каким его выдаёт платформа MAX для партнёров: одно слово латиницей"))
		}
	}
	if _, err := certificates(c.CAFile); err != nil {
		faults = append(faults, err)
	}
	return faults
}

// mailFaults look at the mail server.
func (c *Config) mailFaults() (faults []error) {
	if c.SMTPURL == "" {
		for _, v := range []setting{{"OTKLIK_SMTP_PASSWORD", c.SMTPPassword}, {"OTKLIK_SMTP_FROM", c.SMTPFrom}} {
			if v.value != "" {
				faults = append(faults, fmt.Errorf("%s: задана без OTKLIK_SMTP_URL, поэтому писем не будет", v.name))
			}
		}
		return faults
	}
	switch _, err := mail.New(c.mail(nil)); {
	case errors.Is(err, mail.ErrFrom):
		return []error{fmt.Errorf("OTKLIK_SMTP_FROM: «%s» — не адрес вида otklik@region.ru или Отклик <otklik@region.ru>", c.SMTPFrom)}
	case err != nil:
		return []error{errors.New("OTKLIK_SMTP_URL: это не адрес почтового сервера вида smtp://логин@сервер:587 или smtps://логин@сервер:465 (без шифрования — с ?tls=off)")}
	}
	if u, err := url.Parse(c.SMTPURL); err == nil {
		if _, given := u.User.Password(); given {
			return []error{errors.New("OTKLIK_SMTP_URL: пароль — в OTKLIK_SMTP_PASSWORD, не в адресе")}
		}
	}
	return nil
}

// mail is how the mail server is reached.
func (c *Config) mail(pool *x509.CertPool) mail.Config {
	cfg := mail.Config{URL: c.SMTPURL, Password: c.SMTPPassword, From: c.SMTPFrom}
	if pool != nil {
		cfg.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return cfg
}

// repeated is the place, from 1, of the first value that was there before; 0 when
// all of them differ.
func repeated(values []string) int {
	seen := map[string]bool{}
	for i, v := range values {
		if v = strings.TrimSpace(v); seen[v] {
			return i + 1
		}
		seen[v] = true
	}
	return 0
}

// deskFaults look at how people come in.
func (c *Config) deskFaults() (faults []error) {
	if c.DeskURL != "" && !isAddress(c.DeskURL, "http", "https") {
		faults = append(faults, fmt.Errorf("OTKLIK_DESK_URL: «%s» — не адрес вида https://сервер", c.DeskURL))
	}
	for _, network := range c.DeskProxies {
		if _, err := netip.ParsePrefix(network); err != nil {
			faults = append(faults, fmt.Errorf("OTKLIK_DESK_PROXIES: «%s» — не сеть вида 10.0.0.0/8", network))
		}
	}
	if c.SessionIdle < time.Minute || c.SessionMax < c.SessionIdle {
		faults = append(faults, fmt.Errorf("OTKLIK_SESSION_IDLE: %v — нужна хотя бы минута, и не больше, чем OTKLIK_SESSION_MAX (%v)", c.SessionIdle, c.SessionMax))
	}
	if c.OIDCIssuer == "" {
		return faults
	}
	if !isAddress(c.OIDCIssuer, "http", "https") {
		faults = append(faults, fmt.Errorf("OTKLIK_OIDC_ISSUER: «%s» — не адрес вида https://сервер", c.OIDCIssuer))
	}
	if c.OIDCClientID == "" || c.DeskURL == "" {
		faults = append(faults, fmt.Errorf("OTKLIK_OIDC_ISSUER: нужны и OTKLIK_OIDC_CLIENT_ID, и OTKLIK_DESK_URL, на который служба возвращает людей"))
	}
	return faults
}

// processFaults look at how the process is to behave.
func (c *Config) processFaults() (faults []error) {
	if len(c.Regions) == 0 {
		faults = append(faults, fmt.Errorf("OTKLIK_REGIONS: назовите хотя бы один пакет региона"))
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		faults = append(faults, fmt.Errorf("OTKLIK_LOG_LEVEL: «%s» — ожидается debug, info, warn или error", c.LogLevel))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		faults = append(faults, fmt.Errorf("OTKLIK_LOG_FORMAT: «%s» — ожидается text или json", c.LogFormat))
	}
	if c.PollSlots < 1 || c.PollSlots > 1000 {
		faults = append(faults, fmt.Errorf("OTKLIK_POLL_SLOTS: %d — не от 1 до 1000", c.PollSlots))
	}
	if c.LearnMemoryMB < 256 || c.LearnMemoryMB > 1<<20 {
		faults = append(faults, fmt.Errorf("OTKLIK_LEARN_MEMORY_MB: %d — не от 256 до %d", c.LearnMemoryMB, 1<<20))
	}
	if c.StopWithin <= 0 {
		faults = append(faults, fmt.Errorf("OTKLIK_STOP_WITHIN: %v — должно быть больше нуля", c.StopWithin))
	}
	return faults
}
