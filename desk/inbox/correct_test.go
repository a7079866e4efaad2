package inbox_test

import (
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// delivered lets the approved answer of a case reach its author.
func (o *office) delivered(id int64) {
	o.t.Helper()
	ctx, now := o.t.Context(), o.desk.Clock.Now()
	_, err := o.store.PlanReplies(ctx, "khabarovsk", now, 10, func(r domain.ReplyToPlan) domain.DeliveryPlan {
		spot := domain.Spot{Key: "answer", Platform: domain.VK, Way: domain.WayPublic, Account: "200", To: r.Posts[0].ID, Chat: "wall", Thread: "wall"}
		return domain.DeliveryPlan{Deliveries: []domain.PlannedDelivery{{Spot: spot, Text: r.Text, Main: true, Repeatable: true}}}
	})
	if err != nil {
		o.t.Fatal(err)
	}
	d, ok, err := o.store.ClaimDelivery(ctx, time.Minute)
	if err != nil || !ok || d.CaseID != id {
		o.t.Fatal(d, ok, err)
	}
	if err := o.store.FinishDelivery(ctx, domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: domain.Delivered, Message: "17"}, now); err != nil {
		o.t.Fatal(err)
	}
}

// A head puts right what was answered, with a reason; the page shows both texts.
func TestAnAnswerIsCorrectedByForm(t *testing.T) {
	o := newOffice(t)
	c := o.submitted("Воду дали 3 декабря")
	o.ok(o.do("head", c.ID, domain.StepApprove))
	if shown := o.as("head").Get(taskPath(c)); shown.Has("Исправить ответ") {
		t.Error("what was not delivered is offered to be corrected")
	}
	o.delivered(c.ID)
	shown := o.as("head").Get(taskPath(c))
	if !shown.Has("Исправить ответ") || !shown.Has(">Воду дали 3 декабря</textarea>") {
		t.Fatalf("the page of the head: %s", text(shown.Body))
	}
	if o.as("exec").Get(taskPath(c)).Has("Исправить ответ") {
		t.Error("whoever wrote it is offered to correct it")
	}
	if a := o.do("head", c.ID, domain.StepCorrect, "text", "Воду дали 4 декабря", "why", ""); a.Status != 422 || !a.Has(">Воду дали 4 декабря</textarea>") {
		t.Errorf("without a reason: %d", a.Status)
	}
	o.ok(o.do("head", c.ID, domain.StepCorrect, "text", "Воду дали 4 декабря", "why", "неверный день"))
	if shown := o.as("exec").Get(taskPath(c)); !shown.Has("Воду дали 4 декабря") || !shown.Has("неверный день. Прежде: «Воду дали 3 декабря»") {
		t.Errorf("after it: %s", text(shown.Body))
	}
}
