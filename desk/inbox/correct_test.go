package inbox_test

import (
	"fmt"
	"regexp"
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

// proposal is the id that the forms of the page name.
func (o *office) proposal(login string, c domain.Case) string {
	o.t.Helper()
	found := regexp.MustCompile(`name="proposal" value="(\d+)"`).FindStringSubmatch(o.as(login).Get(taskPath(c)).Body)
	if found == nil {
		o.t.Fatal("no proposal on the page of " + login)
	}
	return found[1]
}

// The executor proposes other words, with a reason; the head returns or approves them;
// the page shows both texts, and who has proposed and approved.
func TestAnAnswerIsCorrectedByForm(t *testing.T) {
	o := newOffice(t)
	c := o.submitted("Воду дали 3 декабря")
	o.ok(o.do("head", c.ID, domain.StepApprove))
	if shown := o.as("head").Get(taskPath(c)); shown.Has("Предложить исправление") {
		t.Error("what was not delivered is offered to be corrected")
	}
	o.delivered(c.ID)
	for _, who := range []string{"head", "exec"} {
		if shown := o.as(who).Get(taskPath(c)); !shown.Has("Предложить исправление") || !shown.Has(">Воду дали 3 декабря</textarea>") {
			t.Fatalf("the page of %s: %s", who, text(shown.Body))
		}
	}
	if a := o.do("exec", c.ID, domain.StepPropose, "text", "Воду дали 4 декабря", "why", ""); a.Status != 422 || !a.Has(">Воду дали 4 декабря</textarea>") {
		t.Errorf("without a reason: %d", a.Status)
	}
	o.ok(o.do("exec", c.ID, domain.StepPropose, "text", "Воду дали 4 декабря", "why", "неверный день"))
	shown := o.as("exec").Get(taskPath(c))
	if shown.Has("Согласовать исправление") || !shown.Has("Отозвать исправление") || !shown.Has("Воду дали 4 декабря") || shown.Has("Предложить исправление") {
		t.Errorf("the proposer sees: %s", text(shown.Body))
	}
	if list := o.as("head").Get("/inbox?tab=approve"); !list.Has("исправление ответа ждёт согласования") {
		t.Errorf("the head's list: %s", text(list.Body))
	}
	first := o.proposal("head", c)
	o.ok(o.do("head", c.ID, domain.StepReturn, "proposal", first, "why", "назовите час"))
	if shown := o.as("exec").Get(taskPath(c)); !shown.Has("Исправление вернули: назовите час") || !shown.Has(">Воду дали 4 декабря</textarea>") {
		t.Errorf("after it came back: %s", text(shown.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepPropose, "text", "Воду дали 4 декабря в 10:00", "why", "неверный день"))
	if a := o.do("head", c.ID, domain.StepCorrect, "proposal", first); a.Status != 409 {
		t.Errorf("a page that has seen another one: %d", a.Status)
	}
	o.ok(o.do("head", c.ID, domain.StepCorrect, "proposal", o.proposal("head", c)))
	if shown := o.as("coord").Get(taskPath(c)); !shown.Has("Воду дали 4 декабря в 10:00") ||
		!shown.Has("предложено: Егор Исполнитель, согласовано: Галина Глава: неверный день. Прежде: «Воду дали 3 декабря»") {
		t.Errorf("after it: %s", text(shown.Body))
	}
}

func TestABodyWithoutApprovalCorrectsByForm(t *testing.T) {
	o := newOffice(t)
	o.alone = true
	c := o.submitted("Воду дали 3 декабря")
	o.delivered(c.ID)
	if shown := o.as("exec").Get(taskPath(c)); !shown.Has("Исправить ответ") || shown.Has("Исправление согласует другой человек") {
		t.Errorf("the page: %s", text(shown.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepPropose, "text", "Воду дали 4 декабря", "why", "неверный день"))
	if shown := o.as("exec").Get(taskPath(c)); !shown.Has("неверный день. Прежде: «Воду дали 3 декабря»") || !shown.Has("согласование органу не требуется") {
		t.Errorf("after it: %s", text(shown.Body))
	}
}

// After the author objected the answer that they read last is still put right, on the
// page of the new round.
func TestAnAnswerOfTheRoundBeforeIsCorrectedByForm(t *testing.T) {
	o := newOffice(t)
	c := o.submitted("Воду дали 3 декабря, звоните 8-800-100-00-00")
	o.ok(o.do("head", c.ID, domain.StepApprove))
	o.delivered(c.ID)
	c = o.now(c.ID)
	ch, err := domain.Reopen(c, c.Deadline, domain.By{Who: "watch", Why: "Воды нет", At: o.desk.Clock.Now(), Undo: "Возвращено"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.ChangeCase(t.Context(), domain.Scope{Region: "khabarovsk", Whole: true, Restricted: true}, ch); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.MoveCase(t.Context(), domain.CaseMove{CaseID: c.ID, From: domain.Reopened, To: domain.Coordination, Who: "watch", Why: "повторно", At: o.desk.Clock.Now()}); err != nil {
		t.Fatal(err)
	}
	shown := o.as("coord").Get(taskPath(c))
	if !shown.Has("(до повторной работы) (круг 1), Егор Исполнитель") || !shown.Has("ответ, данный до повторной работы") || !shown.Has(">Воду дали 3 декабря, звоните 8-800-100-00-00</textarea>") {
		t.Fatalf("the page of the new round: %s", text(shown.Body))
	}
	o.ok(o.do("coord", c.ID, domain.StepPropose, "text", "Воду дали 4 декабря", "why", "неверный день и номер"))
	if list := o.as("head").Get("/inbox?tab=approve"); !list.Has("исправление ответа ждёт согласования") {
		t.Errorf("the head's list: %s", text(list.Body))
	}
	if a := o.do("coord", c.ID, domain.StepCorrect, "proposal", o.proposal("head", c)); a.Status != 403 {
		t.Errorf("approved by one pair of eyes: %d", a.Status)
	}
	o.ok(o.do("head", c.ID, domain.StepCorrect, "proposal", o.proposal("head", c)))
	if shown := o.as("coord").Get(taskPath(c)); !shown.Has("Воду дали 4 декабря") || !shown.Has("Прежде: «Воду дали 3 декабря") {
		t.Errorf("after it: %s", text(shown.Body))
	}
}

// Where a correction would reach nobody the page says why, in the place of the form.
func TestACorrectionThatReachesNobodyIsNotOffered(t *testing.T) {
	o := newOffice(t)
	c := o.submitted("Воду дали 3 декабря")
	o.ok(o.do("head", c.ID, domain.StepApprove))
	o.delivered(c.ID)
	o.shut = domain.RefuseCorrectAccount
	if shown := o.as("exec").Get(taskPath(c)); shown.Has("Предложить исправление") || !shown.Has("Исправить данный ответ нельзя. Аккаунт, от имени которого дан ответ") {
		t.Errorf("the page: %s", text(shown.Body))
	}
	if a := o.do("exec", c.ID, domain.StepPropose, "seen", fmt.Sprint(o.now(c.ID).Version), "text", "Воду дали 4 декабря", "why", "день"); a.Status != 422 || !a.Has("Аккаунт, от имени которого дан ответ") {
		t.Errorf("proposed: %d %s", a.Status, text(a.Body))
	}
}

// What the author was told in an earlier round is before the eyes of who answers anew,
// also what cannot be corrected any more.
func TestTheAnswersOfRoundsBeforeAreRead(t *testing.T) {
	o := newOffice(t)
	c := o.open("Нет воды в доме 5")
	o.ok(o.do("coord", c.ID, domain.StepAccept))
	o.ok(o.do("exec", c.ID, domain.StepTake))
	o.ok(o.do("exec", c.ID, domain.StepSubmit, "kind", "interim", "text", "Бригада выехала"))
	o.ok(o.do("head", c.ID, domain.StepApprove))
	o.ok(o.do("exec", c.ID, domain.StepPublished, "proof", "https://vk.ru/wall-1_5"))
	o.ok(o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", "Воду дали 3 декабря"))
	o.ok(o.do("head", c.ID, domain.StepApprove))
	o.delivered(c.ID)
	c = o.now(c.ID)
	ch, err := domain.Reopen(c, c.Deadline, domain.By{Who: "watch", Why: "Воды нет", At: o.desk.Clock.Now(), Undo: "Возвращено"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.ChangeCase(t.Context(), domain.Scope{Region: "khabarovsk", Whole: true, Restricted: true}, ch); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.MoveCase(t.Context(), domain.CaseMove{CaseID: c.ID, From: domain.Reopened, To: domain.Coordination, Who: "watch", Why: "повторно", At: o.desk.Clock.Now()}); err != nil {
		t.Fatal(err)
	}
	if shown := o.as("coord").Get(taskPath(c)); !shown.Has(" (круг 1), Егор Исполнитель") || !shown.Has("Бригада выехала") || !shown.Has("Воду дали 3 декабря") {
		t.Errorf("the page of the new round: %s", text(shown.Body))
	}
}
