package max

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

// ErrUnclear marks a send of which nobody knows whether it happened: the request
// went out and no answer of MAX came back. Before it is repeated the chat must
// be looked at (Client.FindSent).
var ErrUnclear = errors.New("unclear whether the message was sent")

// rule maps one kind of error answer onto a reaction. Status 0, an empty code,
// text or method stand for any; text is a part of code and message in lower case.
type rule struct {
	status   int
	code     string
	text     string
	method   string
	reaction domain.Reaction
	words    string
}

// rules is the error table, first match wins. The statuses are those of
// https://dev.max.ru/docs-api, «Коды ответов HTTP»; MAX itself answers the same
// fault with different ones (a dead token with 401 and with 403), so what its
// code says comes first.
func rules() []rule {
	const (
		updates = http.MethodGet + " " + pathUpdates
		answers = http.MethodPost + " " + pathAnswers
		edit    = http.MethodPut + " " + pathMessages
	)
	return []rule{
		{0, "verify.token", "", "", domain.AskPerson, "токен бота MAX недействителен: выпустите новый на платформе для партнёров"},
		{0, "attachment.not.ready", "", "", domain.RetryLater, "MAX ещё обрабатывает вложение: повторим чуть позже"},
		{0, "too.many.requests", "", "", domain.SlowDown, "слишком частые обращения к MAX: ждём"},
		{0, "service.unavailable", "", "", domain.RetryLater, "MAX временно недоступен: повторим позже"},
		{0, "", "error.dialog.suspended", "", domain.CloseSource, "человек остановил бота или бот ещё не допущен модерацией MAX"},
		{0, "", "dialog.not.found", "", domain.CloseSource, "человек ещё не начинал переписку с ботом: первым бот писать не может"},
		{0, "", "error.dialog.notfound", "", domain.CloseSource, "человек ещё не начинал переписку с ботом: первым бот писать не может"},
		{0, "", "not.admin", "", domain.AskPerson, "бот должен быть администратором чата с правом писать"},
		{0, "chat.denied", "", "", domain.CloseSource, "MAX закрыл боту доступ в этот чат: бот в нём не состоит"},
		{0, "chat.not.found", "", "", domain.CloseSource, "чат не найден: он удалён или бот в нём не состоит"},
		{0, "access.denied", "", "", domain.AskPerson, "боту не хватает прав в чате"},
		{0, "user.not.found", "", "", domain.CloseSource, "пользователь не найден"},
		{0, "", "message.not.found", "", domain.NeverRepeat, "сообщение удалено"},
		{0, "", "callback", answers, domain.NeverRepeat, "кнопка устарела: отвечать на нажатие больше не на что"},
		{405, "", "", updates, domain.AskPerson, "бот подписан на вебхук: отпишите его или заведите источник max_webhook"},
		{405, "", "", answers, domain.NeverRepeat, "на это нажатие ответить нельзя"},
		{400, "", "'text' size", "", domain.ReportBug, "ответ длиннее 4000 знаков"},
		{400, "", "", edit, domain.NeverRepeat, "это сообщение править нельзя: в диалоге правятся только сообщения моложе 7 суток"},
		{400, "", "", answers, domain.NeverRepeat, "на это нажатие ответить нельзя"},
		{401, "", "", "", domain.AskPerson, "токен бота MAX недействителен: выпустите новый на платформе для партнёров"},
		{403, "", "", edit, domain.NeverRepeat, "это сообщение править нельзя"},
		{403, "", "", "", domain.CloseSource, "MAX запретил боту доступ к чату"},
		{404, "", "", edit, domain.NeverRepeat, "сообщение, которое правим, удалено"},
		{404, "", "", sendMethod, domain.CloseSource, "чат не найден: он удалён или бот в нём не состоит"},
		{404, "", "", "", domain.AskPerson, "MAX не знает такого метода: проверьте OTKLIK_MAX_URL"},
		{405, "", "", "", domain.ReportBug, "MAX не принимает такой вызов"},
		{413, "", "", "", domain.ReportBug, "MAX отказался: запрос слишком велик"},
		{429, "", "", "", domain.SlowDown, "слишком частые обращения к MAX: ждём"},
		{400, "", "", "", domain.ReportBug, "MAX не понял запрос"},
	}
}

// React is the error table: what to do about an answer of MAX, and how to say it
// in Russian.
func React(status int, code, message, method string) (domain.Reaction, string) {
	if i := match(status, code, message, method); i >= 0 {
		r := rules()[i]
		return r.reaction, r.words
	}
	if status >= http.StatusInternalServerError {
		return domain.RetryLater, fmt.Sprintf("у MAX сбой (HTTP %d): повторим позже", status)
	}
	return domain.ReportBug, fmt.Sprintf("неожиданный ответ MAX (HTTP %d)", status)
}

// match is the place in the table of the rule for an answer, -1 when none takes it.
func match(status int, code, message, method string) int {
	low := strings.ToLower(code + " " + message)
	return slices.IndexFunc(rules(), func(r rule) bool { return r.fits(status, code, low, method) })
}

func (r rule) fits(status int, code, low, method string) bool {
	return (r.status == 0 || r.status == status) && (r.code == "" || r.code == code) &&
		(r.method == "" || r.method == method) && strings.Contains(low, r.text)
}

// refused turns an answer other than 200 into our error. A refusal without MAX's
// own code is of something between us: its status is all we believe.
func (c *Client) refused(r request, resp *http.Response, raw []byte) error {
	var said struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(raw, &said) // no JSON: nothing was said
	if said.Code == "" && resp.StatusCode < http.StatusBadRequest {
		return c.strange(r, resp.StatusCode, fmt.Errorf("answered %s", resp.Status))
	}
	e := &domain.PlatformError{
		Platform: domain.MAX, Method: r.method(), Code: resp.StatusCode,
		RetryAfter: retryAfter(resp.Header.Get("Retry-After")),
		Err:        errors.New(c.redact(strings.TrimSpace(said.Code + " " + said.Message))),
	}
	e.Reaction, e.Words = React(resp.StatusCode, said.Code, said.Message, r.method())
	return r.unclear(e, resp.StatusCode >= http.StatusInternalServerError)
}

// denied is a 200 that says {"success": false}.
func (c *Client) denied(r request, message string) error {
	e := &domain.PlatformError{Platform: domain.MAX, Method: r.method(), Code: http.StatusOK, Err: errors.New(c.redact("success false: " + message))}
	e.Reaction, e.Words = React(http.StatusBadRequest, "", message, r.method())
	return e
}

// wireError is a call that brought no whole answer: cut, refused, timed out. The
// caller's own cancellation is no fault of the platform and stays itself; of a
// send it is unclear all the same.
func (c *Client) wireError(ctx context.Context, r request, err error) error {
	if ctx.Err() != nil {
		cause := fmt.Errorf("max %s: %w", r.method(), ctx.Err())
		if r.sends() && !notSent(err) {
			return fmt.Errorf("%w: %w", ErrUnclear, cause)
		}
		return cause
	}
	e := &domain.PlatformError{
		Platform: domain.MAX, Method: r.method(), Reaction: domain.RetryLater,
		Words: "MAX не отвечает: соединение не установлено или оборвалось", Err: c.plain(err),
	}
	return r.unclear(e, !notSent(err))
}

// strange is an answer of something that is not the Bot API: a proxy, a captive
// page, a balancer.
func (c *Client) strange(r request, status int, err error) error {
	e := &domain.PlatformError{
		Platform: domain.MAX, Method: r.method(), Code: status, Reaction: domain.RetryLater,
		Words: "вместо MAX ответил кто-то другой: проверьте прокси и OTKLIK_MAX_URL",
		Err:   errors.New(c.redact(err.Error())),
	}
	return r.unclear(e, true)
}

// unclear marks the error of a send that may have happened.
func (r request) unclear(e *domain.PlatformError, may bool) error {
	if !may || !r.sends() {
		return e
	}
	e.Words = "неизвестно, дошло ли сообщение: посмотрим в чат и повторим"
	e.Err = fmt.Errorf("%w: %w", ErrUnclear, e.Err)
	return e
}

// sends reports whether repeating the call posts a second message.
func (r request) sends() bool { return r.method() == sendMethod }

// notSent reports whether the request surely never reached MAX: no connection
// was made.
func notSent(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// plain is an error without the address that was called (an upload's holds a
// key) and without the token; what kind of end it was is kept.
func (c *Client) plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	said := &saidError{text: c.redact(err.Error())}
	for _, k := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, k) {
			said.kind = k
		}
	}
	return said
}

// saidError keeps a text and only such a cause as is known to hold no secret.
type saidError struct {
	text string
	kind error
}

func (e *saidError) Error() string { return e.text }
func (e *saidError) Unwrap() error { return e.kind }

// named are the parts of an answer that name somebody: MAX puts the number of a chat
// or a person into what it refuses («args: [501501,]»), and errors are logged.
var named = regexp.MustCompile(`args: \[[^\]]*\]|\d{6,}`)

// redact takes out the token and whoever is named.
func (c *Client) redact(s string) string {
	return named.ReplaceAllStringFunc(strings.ReplaceAll(s, c.token, "<token>"), func(part string) string {
		if strings.HasPrefix(part, "args") {
			return "args: […]"
		}
		return "…"
	})
}
