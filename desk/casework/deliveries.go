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
	case d.Corrects && d.Way == domain.WayPublic:
		head = fmt.Sprintf("исправление, %s, %s: %s", PlatformTitle(d.Platform), where, deliveryState(d.State))
	case d.Copy:
		head = fmt.Sprintf("копия %d, %s, %s: %s", d.N, author(d), PlatformTitle(d.Platform), deliveryState(d.State))
	}
	if d.Corrects && d.Way == domain.WayDialog {
		head = "исправление, " + head
	}
	switch {
	case !d.HeldTo.IsZero():
		head += ", " + d.Held + ", продолжим " + r.When(d.HeldTo)
	case !d.NextAt.IsZero() && len(d.Attempts) > 0:
		head += ", следующая попытка " + r.When(d.NextAt)
	}
	if fate := d.Fate.Words(); fate != "" {
		head += ", " + fate + " на площадке " + r.When(d.FateAt)
	}
	if d.Copy && (d.State == domain.DeliveryFailed || d.State == domain.DeliveryUnclear) {
		head += ", " + d.Words
	}
	if d.LetBe != "" {
		head += "; " + d.LetBe
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

// copiesShown is how many copies of one answer are told of line by line.
const copiesShown = 20

// AnswerLines tells where the whole of an answer and its copies went: the copies that
// did not arrive first, of the others beyond some only how many.
func AnswerLines(r *page.Request, a domain.CaseReply) []string {
	var out []string
	var lost, rest []domain.CaseDelivery
	for _, d := range a.Deliveries {
		switch {
		case d.Lost():
			lost = append(lost, d)
		case d.Copy:
			rest = append(rest, d)
		default:
			out = append(out, DeliveryLines(r, d)...)
		}
	}
	copies := append(lost, rest...)
	for i, d := range copies {
		if i == copiesShown {
			return append(out, fmt.Sprintf("и ещё копий: %d", len(copies)-i))
		}
		out = append(out, DeliveryLines(r, d)...)
	}
	return out
}

// author is whom a copy is for.
func author(d domain.CaseDelivery) string {
	if d.Author == "" {
		return "автору без имени"
	}
	return "автору " + d.Author
}

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

// CorrectionLine tells of one correction of an answer and what it said before; name
// says who a login is.
func CorrectionLine(r *page.Request, a domain.CaseReply, i int, name func(string) string) string {
	before := a.Text
	if i > 0 {
		before = a.Corrections[i-1].Text
	}
	k := a.Corrections[i]
	who := name(k.Author)
	if k.Approver != "" {
		who = "предложено: " + who + ", согласовано: " + name(k.Approver)
	}
	return fmt.Sprintf("исправлен %s, %s: %s. Прежде: «%s»", r.When(k.At), who, k.Why, before)
}

// ProposalLines tell of corrections that were proposed and did not go out: the one that
// waits, and those that came back.
func ProposalLines(r *page.Request, a domain.CaseReply, name func(string) string) (out []string) {
	for _, p := range a.Proposals {
		line := fmt.Sprintf("предложено исправление %s, %s: %s. Текст: «%s»", r.When(p.At), name(p.Author), p.Why, p.Text)
		switch {
		case p.Waits:
			line += ". Ждёт согласования"
		case p.State == domain.ProposalReturned:
			line += fmt.Sprintf(". Возвращено %s, %s: %s", r.When(p.DecidedAt), name(p.DecidedBy), p.Remark)
		case p.State == domain.ProposalRecalled:
			line += ". Отозвано " + r.When(p.DecidedAt)
		case p.State == domain.ProposalApproved:
			continue // the correction says it
		default:
			line += ". Устарело, не отправлено"
		}
		out = append(out, line)
	}
	return out
}
