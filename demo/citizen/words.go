package citizen

import "github.com/otklik/otklik/domain"

// Every Russian word of the page that is not in its views.

func platformName(p domain.Platform) string {
	return map[domain.Platform]string{domain.VK: "VK", domain.MAX: "MAX", domain.Telegram: "Telegram"}[p]
}

func kindWords(p *Place) string {
	switch {
	case p.Private && p.Platform == domain.VK:
		return "сообщения сообщества"
	case p.Private && p.Platform == domain.MAX:
		return "диалог с ботом"
	case p.Private:
		return "личный чат с ботом"
	case p.Platform == domain.VK:
		return "стена"
	}
	return "группа"
}

const (
	wordsEmpty   = "Напишите что-нибудь: пустое сообщение площадка не возьмёт."
	wordsLong    = "Слишком длинно: до 4000 знаков."
	wordsNoPlace = "Такого места здесь нет. Если показ запускали заново, начните с первой страницы."
	wordsGone    = "Этой записи больше нет."
	wordsNoKey   = "Этой кнопки больше нет."
	wordsForeign = "Форма пришла с чужой страницы."
	wordsBad     = "Форма не читается."
)
