package reply

import (
	"fmt"

	"github.com/otklik/otklik/domain"
)

// PlatformName is how people call a platform.
func PlatformName(p domain.Platform) string {
	switch p {
	case domain.VK:
		return "ВКонтакте"
	case domain.Telegram:
		return "Telegram"
	case domain.MAX:
		return "MAX"
	case domain.Mail:
		return "почта"
	}
	return string(p)
}

func noAccountWords(s domain.Spot, dead bool) string {
	words := "нет сообщества " + PlatformName(s.Platform) + ", от имени которого отвечать"
	if s.Way == domain.WayDialog || s.Platform != domain.VK {
		words = "нет ключа того аккаунта " + PlatformName(s.Platform) + ", которому писал автор"
	}
	if dead {
		words += "; есть аккаунты с недействительным ключом, см. «Аккаунты»"
	}
	return words
}

// spotWords names a place in a list of choices.
func spotWords(s domain.Spot) string {
	where := "под сообщением"
	switch {
	case s.Way == domain.WayDialog:
		where = "в личных сообщениях автора"
	case s.To.IsComment() || s.Platform != domain.VK:
		where = "в ответ на комментарий"
	}
	return fmt.Sprintf("%s, %s (%s)", PlatformName(s.Platform), where, place(s))
}

func place(s domain.Spot) string {
	if s.Way == domain.WayDialog {
		return "диалог"
	}
	name := s.To.Owner + "_" + s.To.Post
	if s.To.IsComment() {
		name += "_" + s.To.Comment
	}
	return name
}

// WordsNoOperator: nobody could have agreed to write to the bot.
const WordsNoOperator = "личные сообщения закрыты: в пакете региона не назван оператор персональных данных (operator, 152-ФЗ ст. 9 ч. 4)"

// OffWords says that the policy of the region does not allow a way.
func OffWords(p domain.Platform, w domain.Way) string {
	words := "ответы в " + PlatformName(p)
	switch w {
	case domain.WayPublic:
	case domain.WayDialog:
		words = "личные сообщения в " + PlatformName(p)
	case domain.WayStaff:
		words = "уведомления сотрудникам в " + PlatformName(p)
	}
	if p == domain.Telegram {
		return words + " выключены: в пакете региона нет решения, которое их разрешает (41-ФЗ)"
	}
	return words + " выключены в пакете региона"
}
