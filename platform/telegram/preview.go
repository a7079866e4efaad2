package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/wire"
)

const (
	maxPage     = 5 << 20 // a real page of 20 messages is about 100 KB
	pageTimeout = 30 * time.Second
	// userAgent says who asks. The page is rendered for any client.
	userAgent = "otklik/1 (+https://github.com/otklik/otklik)"
)

var channelName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`)

// PreviewConfig is what a Preview needs.
type PreviewConfig struct {
	URL     string       // DefaultPreviewURL when empty
	HTTP    *http.Client // nil = one of its own
	Limiter Limiter      // shared over all channels; nil = none
}

// Preview fetches pages of t.me/s/<channel>. It is safe for concurrent use.
type Preview struct {
	url    string
	http   *http.Client
	limits Limiter
}

// NewPreview makes a Preview.
func NewPreview(c PreviewConfig) *Preview {
	if c.URL == "" {
		c.URL = DefaultPreviewURL
	}
	if c.Limiter == nil {
		c.Limiter = wire.Unlimited{}
	}
	return &Preview{url: strings.TrimRight(c.URL, "/"), http: wire.NoRedirects(c.HTTP), limits: c.Limiter}
}

// ChannelName cleans what people paste for a channel: @name, t.me/name,
// https://t.me/s/name. It returns an error when that is no public name.
func ChannelName(s string) (string, error) {
	s = strings.TrimSpace(s)
	for _, p := range []string{"https://", "http://", "t.me/", "telegram.me/", "s/", "@"} {
		s = strings.TrimPrefix(s, p)
	}
	s, _, _ = strings.Cut(s, "/")
	s, _, _ = strings.Cut(s, "?")
	if !channelName.MatchString(s) {
		return "", fmt.Errorf("%q is no name of a public channel", s)
	}
	return s, nil
}

// Page fetches the page of a channel that ends before the message id before;
// 0 = the newest page. Redirects are not followed: t.me leads away from /s/
// when there is no list to show.
func (p *Preview) Page(ctx context.Context, channel string, before int64) ([]byte, error) {
	if err := p.limits.Wait(ctx, PreviewKey, PreviewPerSecond); err != nil {
		return nil, fmt.Errorf("wait for preview page: %w", err)
	}
	timed, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	address := p.url + "/s/" + url.PathEscape(channel)
	if before > 0 {
		address += "?before=" + strconv.FormatInt(before, 10)
	}
	req, err := http.NewRequestWithContext(timed, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("build preview request: %w", err)
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", "en") // «edited» and «Forwarded from» are then in one language
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, previewWire(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, previewStatus(channel, resp)
	}
	body, err := wire.ReadCapped(resp.Body, maxPage)
	if err != nil {
		return nil, previewWire(ctx, err)
	}
	return body, nil
}

func previewWire(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("telegram preview: %w", ctx.Err())
	}
	return PreviewError(0, domain.RetryLater, "t.me не отвечает: соединение не установлено или оборвалось", err)
}

// previewStatus names what a status other than 200 means.
func previewStatus(channel string, resp *http.Response) error {
	code := resp.StatusCode
	cause := fmt.Errorf("status %d", code)
	switch {
	case code >= 300 && code < 400:
		return previewRedirect(channel, code, resp.Header.Get("Location"))
	case code == http.StatusTooManyRequests:
		e := PreviewError(code, domain.SlowDown, "t.me просит обращаться реже", cause)
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			e.RetryAfter = time.Duration(s) * time.Second
		}
		return e
	case code == http.StatusNotFound, code == http.StatusGone:
		return PreviewError(code, domain.CloseSource, "канал не найден: проверьте имя", cause)
	case code == http.StatusForbidden, code == http.StatusUnavailableForLegalReasons:
		// t.me itself redirects from what it does not show; this comes from in between.
		return PreviewError(code, domain.AskPerson, fmt.Sprintf("доступ к t.me закрыт по дороге (код %d): проверьте прокси и сеть", code), cause)
	case code >= 500:
		return PreviewError(code, domain.RetryLater, fmt.Sprintf("у t.me сбой (код %d): повторим позже", code), cause)
	}
	return PreviewError(code, domain.ReportBug, fmt.Sprintf("неожиданный ответ t.me (код %d)", code), cause)
}

func previewRedirect(channel string, code int, location string) error {
	cause := fmt.Errorf("redirected to %q", location)
	to, err := url.Parse(location)
	if err != nil || location == "" {
		return PreviewError(code, domain.RetryLater, "t.me перенаправил неизвестно куда", cause)
	}
	path := strings.Trim(to.Path, "/")
	if name, isList := strings.CutPrefix(path, "s/"); isList {
		return PreviewError(code, domain.AskPerson, "канал сменил адрес на "+name+": исправьте источник", cause)
	}
	if strings.EqualFold(path, channel) {
		return PreviewError(code, domain.CloseSource,
			"у канала нет открытой ленты: предпросмотр выключен, копирование запрещено, или это не канал", cause)
	}
	return PreviewError(code, domain.RetryLater, "t.me перенаправил на другой адрес ("+to.Host+"): возможно, мешает прокси", cause)
}

// PreviewError builds an error of the preview with a named reaction.
func PreviewError(code int, r domain.Reaction, words string, err error) *domain.PlatformError {
	if err == nil {
		err = errors.New("no list in the page")
	}
	return &domain.PlatformError{Platform: domain.Telegram, Method: "preview", Code: code, Reaction: r, Words: words, Err: err}
}
