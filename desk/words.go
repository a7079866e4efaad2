package desk

import (
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
)

// chip is a deadline as it is shown everywhere: how much is left in a few words,
// a class for its colour, and the exact time with the rule behind it.
type chip struct{ Text, Class, Hint string }

// Classes of the chip, from calm to alarming; style.css gives them colours.
const (
	dueCalm  = "quiet"
	dueNear  = "warning"
	dueSoon  = "soon"
	dueAlarm = "alarm"
)

// dueChip words the deadline of a case in local days; empty when it has none or
// its clock has stopped.
func dueChip(c domain.Case, now time.Time, zone *time.Location) chip {
	d := c.Deadline
	if d.Due.IsZero() || !c.State.ClockRuns() {
		return chip{}
	}
	local := domain.Almanac{Zone: zone}
	out := chip{Hint: fmt.Sprintf("%s, 23:59 · %s", local.LastDay(d).Words(), d.Reason)}
	left := local.DaysLeft(d, now)
	switch {
	case left < 0:
		out.Text, out.Class = "просрочено на "+days(-left), dueAlarm
	case left == 0:
		out.Text, out.Class = "сегодня, 23:59", dueSoon
	case left == 1:
		out.Text, out.Class = "завтра, 23:59", dueSoon
	case left <= 3:
		out.Text, out.Class = days(left), dueNear
	default:
		out.Text, out.Class = fmt.Sprintf("осталось %d\u00a0дн.", left), dueCalm
	}
	return out
}

// days is «1 день», «2 дня», «5 дней», never broken over two lines.
func days(n int) string {
	form := "дней"
	switch {
	case n%100 >= 11 && n%100 <= 14:
	case n%10 == 1:
		form = "день"
	case n%10 >= 2 && n%10 <= 4:
		form = "дня"
	}
	return fmt.Sprintf("%d\u00a0%s", n, form)
}

// PlaceWords writes a place in one line, from wide to narrow.
func PlaceWords(p domain.Place) string {
	words := p.Settlement
	if words == "" {
		words = p.MunicipalityName
	}
	for _, part := range []string{p.Street, p.House} {
		if part != "" {
			words += ", " + part
		}
	}
	if words == "" {
		return "место не названо"
	}
	return words
}

func kindWords(k domain.SourceKind) string {
	switch k {
	case domain.VKWall:
		return "стена VK"
	case domain.VKSearch:
		return "поиск VK"
	case domain.VKLongPoll, domain.VKCallback:
		return "своё сообщество VK"
	case domain.TelegramBot, domain.TelegramWebhook:
		return "бот Telegram"
	case domain.TelegramPreview:
		return "канал Telegram"
	}
	return string(k)
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
