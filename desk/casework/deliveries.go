package casework

import (
	"fmt"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// DeliveryLines tells where an answer went and how each try ended, the newest
// first, at most five tries.
func DeliveryLines(r *page.Request, d domain.CaseDelivery) []string {
	where := "под сообщением"
	if d.Way == domain.WayDialog {
		where = "в личные сообщения"
	}
	head := fmt.Sprintf("%s, %s (%s): %s", PlatformTitle(d.Platform), where, d.Why, deliveryState(d.State))
	switch {
	case !d.HeldTo.IsZero():
		head += ", " + d.Held + ", продолжим " + r.When(d.HeldTo)
	case !d.NextAt.IsZero() && len(d.Attempts) > 0:
		head += ", следующая попытка " + r.When(d.NextAt)
	}
	if fate := d.Fate.Words(); fate != "" {
		head += ", " + fate + " на площадке " + r.When(d.FateAt)
	}
	out := []string{head}
	if d.FateText != "" {
		out = append(out, "теперь там: «"+d.FateText+"»")
	}
	for i := len(d.Attempts) - 1; i >= 0 && i >= len(d.Attempts)-attemptsShown; i-- {
		a := d.Attempts[i]
		line := fmt.Sprintf("попытка %d, %s: %s", a.N, r.When(a.Began), attemptOutcome(a.Outcome))
		if a.Words != "" {
			line += " — " + a.Words
		}
		out = append(out, line)
	}
	return out
}

const attemptsShown = 5

// PlatformTitle is how people call a platform.
func PlatformTitle(p domain.Platform) string {
	return map[domain.Platform]string{domain.VK: "ВКонтакте", domain.Telegram: "Telegram", domain.MAX: "MAX"}[p]
}

func deliveryState(s domain.DeliveryState) string {
	return map[domain.DeliveryState]string{
		domain.DeliveryWaiting: "ждёт отправки", domain.DeliveryTrying: "отправляется", domain.Delivered: "доставлен",
		domain.DeliveryFailed: "не доставлен", domain.DeliveryUnclear: "неизвестно, дошёл ли", domain.DeliveryCancelled: "не отправлялся",
	}[s]
}

func attemptOutcome(outcome string) string {
	return map[string]string{"": "идёт", "delivered": "доставлено", "waiting": "повторим", "failed": "отказ", "unclear": "неясно",
		"cancelled": "отменено", "lapsed": "прервалась"}[outcome]
}

// CorrectionLine tells of one correction of an answer and what it said before.
func CorrectionLine(r *page.Request, a domain.CaseReply, i int, author string) string {
	before := a.Text
	if i > 0 {
		before = a.Corrections[i-1].Text
	}
	k := a.Corrections[i]
	return fmt.Sprintf("исправлен %s, %s: %s. Прежде: «%s»", r.When(k.At), author, k.Why, before)
}
