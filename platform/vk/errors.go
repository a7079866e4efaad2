package vk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/SevereCloud/vksdk/v2/api"

	"github.com/otklik/otklik/domain"
)

// Codes the client itself acts on.
const (
	codeAuth         = 5
	codeTooMany      = 6
	codeCaptcha      = 14
	codeValidation   = 17
	codeGroupAuth    = 27
	codeAppAuth      = 28
	codeRateLimit    = 29
	codeTokenExpired = 1117
)

// verdict is what the table says of a code.
type verdict struct {
	reaction domain.Reaction
	words    string // Russian
}

// React is the error table: what to do about a code of the VK API, and how to
// say it in Russian. Codes and meanings: dev.vk.com/ru/reference/errors; the
// reactions are ours. A code that is not listed is tried later.
func React(code int) (domain.Reaction, string) {
	for _, table := range []func(int) (verdict, bool){reactGlobal, reactAccess, reactWriting} {
		if v, ok := table(code); ok {
			return v.reaction, fmt.Sprintf("%s (ошибка VK %d)", v.words, code)
		}
	}
	return domain.RetryLater, fmt.Sprintf("неизвестная ошибка VK %d, повторим позже", code)
}

// invalidToken: the key itself is not valid, whatever is asked with it. 5 refused,
// 1117 expired; 1114, 1116, 1118 (anonymous keys) expired, invalid, of another
// address; 3609 to be extended, 3610 its user or 3611 its service is switched off.
func invalidToken(code int) bool {
	switch code {
	case codeAuth, codeTokenExpired, 1114, 1116, 1118, 3609, 3610, 3611:
		return true
	}
	return false
}

// DeadToken reports errors after which an account cannot speak until somebody gives
// it another key: the key is not valid, is of a kind that may not write, or its
// owner or application is banned or not known.
func DeadToken(code int) bool {
	switch code {
	case codeGroupAuth, codeAppAuth, 37, 38, 101:
		return true
	}
	return invalidToken(code)
}

// reactGlobal holds the errors of the API, the token and the rate.
func reactGlobal(code int) (verdict, bool) {
	if invalidToken(code) {
		return verdict{domain.AskPerson, "ключ доступа недействителен, нужен новый"}, true
	}
	switch code {
	case 1, 10, 36, 43, 22, 32:
		return verdict{domain.RetryLater, "временный сбой на стороне VK"}, true
	case codeTooMany:
		return verdict{domain.SlowDown, "слишком много запросов в секунду"}, true
	case 9, 601, 1105:
		return verdict{domain.NeverRepeat, "сработала защита VK от однотипных действий, повторять нельзя"}, true
	case codeRateLimit, 103:
		return verdict{domain.ParkToday, "суточная квота метода исчерпана, продолжим завтра"}, true
	case 37:
		return verdict{domain.AskPerson, "VK заблокировал владельца ключа доступа"}, true
	case codeGroupAuth:
		return verdict{domain.AskPerson, "ключ сообщества для этого метода не подходит, нужен сервисный ключ"}, true
	case codeAppAuth, 101, 38:
		return verdict{domain.AskPerson, "ключ приложения для этого метода не подходит"}, true
	case codeCaptcha, 3300:
		return verdict{domain.AskPerson, "VK просит пройти проверку «я не робот»"}, true
	case codeValidation, 24, 25, 41, 3301, 3302, 3303, 3304, 11500:
		return verdict{domain.AskPerson, "VK просит подтвердить вход владельца ключа"}, true
	case 2, 11, 16, 20, 21, 23, 34, 35, 42, 33:
		return verdict{domain.AskPerson, "приложение VK выключено, ограничено или метод больше не доступен"}, true
	case 7, 703, 704, 260, 500, 600:
		return verdict{domain.AskPerson, "у ключа нет нужных прав"}, true
	case 3, 4, 8, 12, 13, 100, 150, 9999, 118, 911:
		return verdict{domain.ReportBug, "VK не принял наш запрос, это ошибка программы"}, true
	}
	return verdict{}, false
}

// reactAccess holds the errors that say that an object cannot be read.
func reactAccess(code int) (verdict, bool) {
	switch code {
	case 15, 200, 201, 204, 205, 203, 210, 211, 183, 141, 701:
		return verdict{domain.CloseSource, "доступ закрыт: сообщество или стена стали частными"}, true
	case 212, 213, 801, 1401:
		return verdict{domain.CloseSource, "комментарии закрыты"}, true
	case 18, 19:
		return verdict{domain.CloseSource, "страница удалена или заблокирована"}, true
	case 30:
		return verdict{domain.CloseSource, "профиль закрыт настройками приватности"}, true
	case 104, 113, 125, 39, 40, 140, 1260:
		return verdict{domain.CloseSource, "страница не найдена: проверьте адрес источника"}, true
	}
	return verdict{}, false
}

// reactWriting holds the errors of answers to citizens.
func reactWriting(code int) (verdict, bool) {
	switch code {
	case 900, 901, 902, 936, 939, 950, 987, 988:
		return verdict{domain.NeverRepeat, "автор не принимает личные сообщения от сообщества, ответьте в комментариях"}, true
	case 917, 922, 927, 932, 945, 946, 985, 1012, 912, 925:
		return verdict{domain.NeverRepeat, "в эту беседу писать нельзя"}, true
	case 223, 220, 940, 944:
		return verdict{domain.NeverRepeat, "под записью слишком много ответов, VK не принимает новые"}, true
	case 214, 219, 222, 224, 225:
		return verdict{domain.NeverRepeat, "VK не разрешил опубликовать ответ"}, true
	case 910, 913, 914:
		return verdict{domain.ReportBug, "ответ длиннее, чем разрешает VK"}, true
	}
	return verdict{}, false
}

// fault turns whatever a call ended with into a *domain.PlatformError, or into
// the context's own error when the caller gave up.
func (c *Client) fault(ctx context.Context, method string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("vk %s: %w", method, ctx.Err())
	}
	var known *domain.PlatformError
	if errors.As(err, &known) {
		return err
	}
	var said *api.Error
	if errors.As(err, &said) {
		return c.saidFault(method, said)
	}
	return c.wireFault(method, err)
}

// saidFault is for an error VK named itself. request_params are left out: they
// repeat what we sent.
func (c *Client) saidFault(method string, said *api.Error) error {
	code := int(said.Code)
	reaction, words := React(code)
	if link := said.RedirectURI; link != "" && reaction == domain.AskPerson {
		words += ": " + c.redact(link)
	}
	return &domain.PlatformError{
		Platform: domain.VK, Method: method, Code: code, Reaction: reaction, Words: words,
		Err: errors.New(c.redact(said.Message)),
	}
}

// wireFault is for everything that is not an answer of the API: the line, a
// gateway, a half answer. All of it passes.
func (c *Client) wireFault(method string, err error) error {
	pe := &domain.PlatformError{
		Platform: domain.VK, Method: method, Reaction: domain.RetryLater,
		Words: wireWords(err), Err: errors.New(c.redact(plain(err))),
	}
	var status *httpError
	if errors.As(err, &status) {
		pe.Code, pe.RetryAfter = status.status, status.retryAfter
	}
	return pe
}

func wireWords(err error) string {
	var status *httpError
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	var timeout net.Error
	switch {
	case errors.As(err, &status) && status.status == http.StatusOK:
		return "вместо ответа VK пришла посторонняя страница"
	case errors.As(err, &status):
		return fmt.Sprintf("VK временно недоступен (HTTP %d)", status.status)
	case errors.As(err, &syntax), errors.As(err, &shape):
		return "ответ VK не разобран"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "VK не ответил вовремя"
	}
	return "связь с VK прервалась"
}

// plain is the text of an error without the address that was called: long-poll
// addresses hold a key.
func plain(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		return strings.TrimSpace(u.Op + ": " + u.Err.Error())
	}
	return err.Error()
}
