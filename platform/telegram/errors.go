package telegram

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// MigratedError says that a group became a supergroup with a new id
// (https://core.telegram.org/bots/api#responseparameters).
type MigratedError struct{ To int64 }

// Error implements error.
func (e *MigratedError) Error() string { return fmt.Sprintf("group is now supergroup %d", e.To) }

// ErrUnclear marks a send of which nobody knows whether it happened: the
// request went out and no answer came back. Telegram has no idempotency key, so
// it must not be repeated by itself.
var ErrUnclear = errors.New("unclear whether the message was sent")

// rule maps one kind of error answer onto a reaction. text is a part of the
// description in lower case; empty = any.
type rule struct {
	code     int
	text     string
	reaction domain.Reaction
	words    string
}

// rules is the error table, first match wins (protocols.md, Telegram; texts
// from telegram-bot-api, Client.cpp).
func rules() []rule {
	return []rule{
		{401, "", domain.AskPerson, "токен бота отозван или неверен: выпустите новый в @BotFather"},
		{404, "", domain.AskPerson, "Telegram не знает такого бота или метода: проверьте токен и адрес сервера"},
		{403, "blocked by the user", domain.CloseSource, "пользователь заблокировал бота"},
		{403, "kicked", domain.CloseSource, "бота удалили из чата"},
		{403, "not a member", domain.CloseSource, "бот не состоит в этом чате"},
		{403, "", domain.CloseSource, "Telegram запретил боту доступ к чату"},
		{409, "webhook is active", domain.AskPerson, "у бота включён вебхук: отключите его или заведите источник telegram_webhook"},
		{409, "setwebhook", domain.AskPerson, "кто-то включил боту вебхук: опрос и вебхук вместе не работают"},
		{409, "", domain.RetryLater, "обновления этого бота забирает ещё один процесс: токен должен быть только у нас"},
		{429, "", domain.SlowDown, "слишком частые обращения к Telegram: ждём, сколько он попросил"},
		{420, "", domain.SlowDown, "слишком частые обращения к Telegram: ждём"},
		{413, "", domain.ReportBug, "Telegram отказался: запрос слишком велик"},
		{400, "upgraded to a supergroup", domain.RetryLater, "группа стала супергруппой: её номер сменился"},
		{400, "chat not found", domain.CloseSource, "чат не найден: он удалён или бот в нём не состоит"},
		{400, "user not found", domain.CloseSource, "пользователь не найден"},
		{400, "not enough rights", domain.AskPerson, "боту не хватает прав в чате"},
		{400, "have no rights", domain.AskPerson, "боту не хватает прав в чате"},
		{400, "need administrator rights", domain.AskPerson, "бот должен быть администратором чата"},
		{400, "chat_write_forbidden", domain.AskPerson, "боту запрещено писать в этот чат"},
		{400, "message to be replied not found", domain.NeverRepeat, "сообщение, на которое отвечаем, удалено"},
		{400, "message to reply not found", domain.NeverRepeat, "сообщение, на которое отвечаем, удалено"},
		{400, "message to edit not found", domain.NeverRepeat, "сообщение, которое правим, удалено"},
		{400, "message can't be edited", domain.NeverRepeat, "это сообщение править нельзя"},
		{400, "message is not modified", domain.NeverRepeat, "текст уже такой"},
		{400, "topic_closed", domain.CloseSource, "тема в чате закрыта"},
		{400, "message is too long", domain.ReportBug, "ответ длиннее 4096 знаков"},
		{400, "", domain.ReportBug, "Telegram не понял запрос"},
	}
}

// apiError turns an error answer into ours.
func (c *Client) apiError(method string, a answer) error {
	e := &domain.PlatformError{
		Platform: domain.Telegram, Method: method, Code: a.ErrorCode,
		RetryAfter: time.Duration(a.Parameters.RetryAfter) * time.Second,
	}
	e.Reaction, e.Words = react(a.ErrorCode, a.Description)
	e.Err = c.redact(errors.New(a.Description))
	if a.Parameters.MigrateToChatID != 0 {
		e.Reaction, e.Words = react(400, "upgraded to a supergroup")
		e.Err = fmt.Errorf("%s: %w", a.Description, &MigratedError{To: a.Parameters.MigrateToChatID})
	}
	return e
}

// match is the place in the table of the rule for an answer, -1 when none takes it.
func match(code int, description string) int {
	low := strings.ToLower(description)
	return slices.IndexFunc(rules(), func(r rule) bool { return r.code == code && strings.Contains(low, r.text) })
}

func react(code int, description string) (domain.Reaction, string) {
	if i := match(code, description); i >= 0 {
		r := rules()[i]
		return r.reaction, r.words
	}
	if code >= 500 {
		return domain.RetryLater, fmt.Sprintf("у Telegram сбой (код %d): повторим позже", code)
	}
	return domain.ReportBug, fmt.Sprintf("неожиданный ответ Telegram (код %d)", code)
}
