package sources

import (
	"fmt"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// kinds are those a person may add.
func kinds() []domain.SourceKind {
	return []domain.SourceKind{domain.VKWall, domain.VKSearch, domain.VKLongPoll, domain.VKCallback,
		domain.TelegramPreview, domain.TelegramBot, domain.TelegramWebhook, domain.MAXWebhook, domain.MAXBot}
}

func kindWords(k domain.SourceKind) string {
	switch k {
	case domain.VKWall:
		return "стена VK"
	case domain.VKSearch:
		return "поиск по VK"
	case domain.VKLongPoll:
		return "своё сообщество VK (Long Poll)"
	case domain.VKCallback:
		return "своё сообщество VK (Callback)"
	case domain.TelegramBot:
		return "бот Telegram"
	case domain.TelegramWebhook:
		return "бот Telegram (webhook)"
	case domain.TelegramPreview:
		return "публичный канал Telegram"
	case domain.MAXWebhook:
		return "бот MAX (webhook)"
	case domain.MAXBot:
		return "бот MAX (опрос, для проб)"
	}
	return string(k)
}

// addressWords says what the address of a kind is.
func addressWords(k domain.SourceKind) string {
	switch k {
	case domain.VKWall:
		return "ссылка на стену, короткое имя или −123"
	case domain.VKSearch:
		return "слова, которые искать в новостях"
	case domain.VKLongPoll, domain.VKCallback:
		return "номер сообщества, ключ которого задан в настройках"
	case domain.TelegramBot, domain.TelegramWebhook:
		return "номер бота, токен которого задан в настройках"
	case domain.TelegramPreview:
		return "имя канала или ссылка t.me"
	case domain.MAXBot, domain.MAXWebhook:
		return "номер бота MAX, токен которого задан в настройках"
	}
	return ""
}

// FirstPosts says when a source that was added brings its first posts, as a sentence.
func FirstPosts(k domain.SourceKind) string {
	switch {
	case k == domain.VKCallback:
		return "Он не опрашивается: VK сам присылает события, когда в настройках сообщества указан адрес сервера, /vk."
	case k.Pushed():
		return "Он не опрашивается: вебхук регистрируется в ближайшие секунды работы serve, дальше сообщения приходят сами."
	}
	return "Первый опрос — в ближайшие секунды работы serve."
}

func stateWords(s domain.SourceState) string {
	switch s {
	case domain.SourceNew:
		return "ещё не опрошен"
	case domain.SourceActive:
		return "есть новое"
	case domain.SourceUnchanged:
		return "без изменений"
	case domain.SourceEmpty:
		return "пусто"
	case domain.SourceFailing:
		return "ошибка"
	case domain.SourceParked:
		return "ждёт"
	case domain.SourceClosed:
		return "закрыт"
	case domain.SourcePaused:
		return "остановлен"
	}
	return string(s)
}

// Groups of states, as the filter offers them.
const (
	groupTrouble = "trouble"
	groupWaiting = "waiting"
	groupFine    = "fine"
	groupPaused  = "paused"
)

// groupOf: a source whose bot was put out of a chat wants a person.
func groupOf(s domain.Source) string {
	if len(s.Away) > 0 && groupOfState(s.State) != groupPaused {
		return groupTrouble
	}
	return groupOfState(s.State)
}

func groupOfState(s domain.SourceState) string {
	switch s {
	case domain.SourceFailing, domain.SourceClosed:
		return groupTrouble
	case domain.SourceParked, domain.SourceNew:
		return groupWaiting
	case domain.SourcePaused:
		return groupPaused
	}
	return groupFine
}

func filters(all []domain.Source, here string) []filter {
	counts := map[string]int{"": len(all)}
	for _, s := range all {
		counts[groupOf(s)]++
	}
	var out []filter
	for _, f := range []filter{{Title: "все"}, {Title: "с ошибкой", Path: groupTrouble}, {Title: "ждут", Path: groupWaiting},
		{Title: "работают", Path: groupFine}, {Title: "остановлены", Path: groupPaused}} {
		f.Count, f.Here = counts[f.Path], f.Path == here
		if f.Path != "" {
			f.Path = "?state=" + f.Path
		} else {
			f.Path = "/sources"
		}
		out = append(out, f)
	}
	return out
}

func footWords(n int, filter string) string {
	words := page.Counted(n, "источник", "источника", "источников")
	switch filter {
	case groupTrouble:
		return words + " с ошибкой"
	case groupWaiting:
		return words + " ждут"
	case groupFine:
		return words + " без замечаний"
	case groupPaused:
		return words + " остановлено человеком"
	}
	return words
}

// rateWords is how lively a source is.
func rateWords(perHour float64) string {
	switch {
	case perHour <= 0:
		return "—"
	case perHour >= 1:
		return fmt.Sprintf("%.0f в час", perHour)
	case perHour*24 >= 1:
		return fmt.Sprintf("%.0f в сутки", perHour*24)
	}
	return "реже раза в сутки"
}

func methodWords(method string) string {
	switch method {
	case "wall.get":
		return "чтение стен VK"
	case "newsfeed.search":
		return "поиск по новостям VK"
	}
	return method
}

// awayWords says what the loss of a chat means and what mends it.
func awayWords(a domain.Away, when string) string {
	return fmt.Sprintf("Бота убрали из чата %s (%s): сообщения оттуда не приходят, ответы туда не уходят. Добавьте его снова администратором чата.", a.Name(), when)
}
