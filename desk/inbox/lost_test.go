package inbox_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// copyLost delivers the answer of a case and loses the copy beside it.
func (o *office) copyLost() (copyID int64) {
	o.t.Helper()
	ctx, now := o.t.Context(), o.desk.Clock.Now()
	_, err := o.store.PlanReplies(ctx, "khabarovsk", now, 10, func(r domain.ReplyToPlan) domain.DeliveryPlan {
		spot := domain.Spot{Key: "answer", Platform: domain.VK, Way: domain.WayPublic, Account: "200", To: r.Posts[0].ID, Chat: "wall", Thread: "wall"}
		own := spot
		own.Key, own.Way, own.Chat, own.Thread = "answer:short", domain.WayDialog, "chat", "chat"
		return domain.DeliveryPlan{Deliveries: []domain.PlannedDelivery{{Spot: spot, Text: r.Text, Main: true, Repeatable: true}, {Spot: own, Text: r.Text, Repeatable: true}}}
	})
	if err != nil {
		o.t.Fatal(err)
	}
	for range 2 {
		d, ok, err := o.store.ClaimDelivery(ctx, time.Minute)
		if err != nil || !ok {
			o.t.Fatal(ok, err)
		}
		end := domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: domain.Delivered, Message: "17"}
		if d.Way == domain.WayDialog {
			copyID = d.ID
			end = domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: domain.DeliveryFailed, Reason: "never_repeat", Words: "автор не принимает личные сообщения"}
		}
		if err := o.store.FinishDelivery(ctx, end, now); err != nil {
			o.t.Fatal(err)
		}
	}
	return copyID
}

// A copy that did not reach its author stands on the page of the task with the
// reason and the choices, and among what waits for publication.
func TestALostCopyIsDecidedAboutByForm(t *testing.T) {
	o := newOffice(t)
	c := o.submitted("Воду дали 3 декабря")
	o.ok(o.do("head", c.ID, domain.StepApprove))
	lost := strconv.FormatInt(o.copyLost(), 10)
	shown := o.as("head").Get(taskPath(c))
	for _, want := range []string{"Копии или исправления ответа не дошли", "копия 1, автору", "не доставлен, автор не принимает личные сообщения", "Отправить копию ещё раз", "Сообщили иначе", "Оставить так"} {
		if !shown.Has(want) {
			t.Errorf("the page lacks %q: %s", want, text(shown.Body))
		}
	}
	if list := o.as("head").Get("/inbox?tab=publish"); !list.Has(c.Number) || !list.Has("не дошли копии ответа: 1") {
		t.Errorf("the list: %s", text(list.Body))
	}
	if a := o.do("head", c.ID, domain.StepCopy, "copy", lost, "choice", "told", "why", ""); a.Status != 422 {
		t.Errorf("told, nobody knows how: %d", a.Status)
	}
	if a := o.do("head", c.ID, domain.StepCopy, "copy", "nonsense", "choice", "again"); a.Status != 422 {
		t.Errorf("no such copy: %d", a.Status)
	}
	o.ok(o.do("head", c.ID, domain.StepCopy, "copy", lost, "choice", "told", "why", "позвонили"))
	if shown := o.as("head").Get(taskPath(c)); shown.Has("Копии или исправления ответа не дошли") {
		t.Error("still asked about")
	}
	if list := o.as("head").Get("/inbox?tab=publish"); list.Has(c.Number) {
		t.Error("still listed")
	}
}

// Whom a private answer did not reach is named on the page of the task, too.
func TestTheTaskNamesWhoWasNotAnswered(t *testing.T) {
	o := newOffice(t)
	c := o.submitted("Воду дали 3 декабря")
	o.ok(o.do("head", c.ID, domain.StepApprove))
	_, err := o.store.PlanReplies(t.Context(), "khabarovsk", o.desk.Clock.Now(), 10, func(r domain.ReplyToPlan) domain.DeliveryPlan {
		spot := domain.Spot{Key: "answer", Platform: domain.VK, Way: domain.WayDialog, Account: "200", To: domain.NewPostID(domain.VK, "-200", "dialog:7:1"), Chat: "7", Thread: "7"}
		return domain.DeliveryPlan{Deliveries: []domain.PlannedDelivery{{Spot: spot, Text: r.Text, Main: true, Repeatable: true}},
			Left: []domain.LeftOut{{To: r.Posts[0].ID, Reason: domain.ReasonPrivate, Words: "проверка"}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if shown := o.as("coord").Get(taskPath(c)); shown.Has("Ответ получили не все") {
		t.Error("told before the answer is out")
	}
	o.delivered(c.ID)
	if shown := o.as("coord").Get(taskPath(c)); !shown.Has("Ответ получили не все") || !shown.Has("Не получили: Житель") {
		t.Errorf("the page: %s", text(shown.Body))
	}
}
