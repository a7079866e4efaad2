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
	out := []string{head}
	for i := len(d.Attempts) - 1; i >= 0 && len(out) <= attemptsShown; i-- {
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
