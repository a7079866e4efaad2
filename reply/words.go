package reply

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// shortRunes is how much of an answer goes into the short one to an author who
// wrote in private.
const shortRunes = 700

// shortText is what an author reads who wrote to the bot about a problem that is
// answered in public.
func shortText(r domain.ReplyToPlan) string {
	what := "Ответ на ваше сообщение"
	if r.Kind == domain.ReplyInterim {
		what = "О вашем сообщении"
	}
	return fmt.Sprintf("%s (инцидент %s):\n\n%s", what, r.Number, cut(r.Text, shortRunes))
}

// cut shortens at a word and says that it did.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	head := string([]rune(text)[:limit])
	if i := strings.LastIndexAny(head, " \n"); i > limit/2 {
		head = head[:i]
	}
	return strings.TrimRight(head, " \n.,;:") + "…"
}

// PlatformName is how people call a platform.
func PlatformName(p domain.Platform) string {
	switch p {
	case domain.VK:
		return "ВКонтакте"
	case domain.Telegram:
		return "Telegram"
	case domain.MAX:
		return "MAX"
	}
	return string(p)
}

func noAccountWords(s domain.Spot) string {
	if s.Way == domain.WayDialog || s.Platform != domain.VK {
		return "нет ключа того аккаунта " + PlatformName(s.Platform) + ", которому писал автор"
	}
	return "нет сообщества " + PlatformName(s.Platform) + ", от имени которого отвечать"
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

// OffWords says that the policy of the region does not allow a way.
func OffWords(p domain.Platform, w domain.Way) string {
	words := "ответы в " + PlatformName(p)
	if w == domain.WayDialog {
		words = "личные сообщения в " + PlatformName(p)
	}
	if p == domain.Telegram {
		return words + " выключены: в пакете региона нет решения, которое их разрешает (41-ФЗ)"
	}
	return words + " выключены в пакете региона"
}
