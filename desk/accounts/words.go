package accounts

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// Every Russian word of the pages that is not in their views or a notice.

const (
	wordsWhole   = "весь регион"
	wordsWell    = "работает"
	wordsDead    = "не работает"
	wordsStopped = "остановлен"
	wordsSpent   = "на сегодня хватит"
	wordsPause   = "пауза до "

	todoStopped = "Ответы ждут, пока его не возобновят."
	todoSpent   = "Ничего делать не нужно: завтра отправка продолжится сама."
	todoPause   = "Если площадка просит пройти проверку, пройдите её и снимите паузу."
)

func todoDead(p domain.Platform) string {
	how := map[domain.Platform]string{
		domain.VK:       "в управлении сообществом, «Работа с API», выпустите ключ с правами «сообщения» и «стена»",
		domain.MAX:      "на платформе для партнёров выпустите новый токен бота",
		domain.Telegram: "у BotFather выпустите новый токен командой /token",
	}[p]
	return "Пока так, органы отвечают от аккаунта региона, если он есть. Что делать: " + how + " и вставьте его здесь, «Заменить токен»."
}

// addressOf is the number of an account; a bot of MAX from the environment tells
// its own when it first speaks.
func addressOf(a domain.Speaker) string {
	if a.Address == domain.AnyAddress {
		return ""
	}
	return a.Address
}

func leftWords(l domain.SendLeft) string {
	what := map[domain.Way]string{domain.WayPublic: "открытых ответов", domain.WayDialog: "личных сообщений", domain.WayStaff: "уведомлений сотрудникам"}[l.Way]
	if l.PerDay <= 0 {
		return what + ": без предела"
	}
	return what + ": " + strconv.FormatInt(l.Left, 10) + " из " + strconv.FormatInt(l.PerDay, 10)
}

func footWords(n int) string { return "Аккаунтов: " + strconv.Itoa(n) }

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}
