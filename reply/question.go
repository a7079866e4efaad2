package reply

import (
	"strings"

	"github.com/otklik/otklik/domain"
)

// PlanQuestion decides where a question to the author goes: where an answer would,
// by the same policy and accounts. In a dialog the bot puts it, with its buttons and
// reminders, so only public deliveries are for the outbox here. Pure.
func PlanQuestion(q domain.QuestionToPlan, k Knowledge) domain.DeliveryPlan {
	r := q.ReplyToPlan
	r.Kind, r.Text = domain.ReplyInterim, k.Words.Question(strings.TrimSpace(r.Text), q.LastDay)
	var refused string
	r.Posts = nil
	for _, p := range q.Posts {
		if words, ok := q.Refused[p.ID]; ok && p.Kind != domain.Message {
			refused = words
			continue
		}
		r.Posts = append(r.Posts, p)
	}
	plan := Plan(r, k)
	if len(plan.Deliveries) == 0 && refused != "" {
		plan.Reason, plan.Words = ReasonRefused, refused
	}
	for i := range plan.Deliveries {
		d := &plan.Deliveries[i]
		d.Key, d.Main = "question:"+strings.TrimPrefix(d.Key, "reply:"), false
	}
	return plan
}
