package announce

import (
	"fmt"
	"strings"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Every Russian word of the pages that is not in their views or a refusal.

func stateWords(s domain.AnnouncementState) string {
	return map[domain.AnnouncementState]string{
		domain.AnnouncementDraft: "черновик", domain.AnnouncementApproval: "на согласовании", domain.AnnouncementSending: "рассылается",
		domain.AnnouncementSent: "разослано", domain.AnnouncementStopped: "остановлено",
	}[s]
}

func movedWords(to domain.AnnouncementState) string {
	return map[domain.AnnouncementState]string{
		domain.AnnouncementApproval: "Отправлено на согласование.", domain.AnnouncementDropped: "Черновик удалён.",
		domain.AnnouncementSending: "Согласовано: рассылка начнётся в ближайшие секунды.", domain.AnnouncementDraft: "Возвращено автору.",
		domain.AnnouncementStopped: "Рассылка остановлена: то, что ещё не ушло, не уйдёт.",
	}[to]
}

// beginLength is how much of the text a list shows.
const beginLength = 120

func begin(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > beginLength {
		return string(r[:beginLength]) + "…"
	}
	return text
}

// progress says how far an announcement has come, in numbers.
func progress(a domain.Announcement) string {
	if a.Approver == "" {
		return ""
	}
	out := fmt.Sprintf("доставлено %d из %d", a.Delivered, a.Total)
	if a.Failed > 0 {
		out += fmt.Sprintf(", не принято %d", a.Failed)
	}
	if a.Unclear > 0 {
		out += fmt.Sprintf(", неизвестно %d", a.Unclear)
	}
	return out
}

func receiverWords(counts map[domain.Platform]int64, to domain.Receivers) string {
	total, parts := int64(0), []string{}
	for _, p := range to.Platforms {
		total += counts[p]
		parts = append(parts, fmt.Sprintf("%s — %d", page.PlatformName(p), counts[p]))
	}
	if len(parts) == 0 {
		return "Никто не получит: писать в личные сообщения пакет региона не разрешает ни на одной площадке."
	}
	return fmt.Sprintf("Получат сейчас: %d (%s).", total, strings.Join(parts, ", "))
}

func footWords(n int) string {
	if n == listed {
		return fmt.Sprintf("Последние %d", n)
	}
	return page.Counted(n, "объявление", "объявления", "объявлений")
}
