package inbox_test

import (
	"regexp"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
)

// sure are the faults a page offers to confirm.
func sure(page string) (ids []string) {
	for _, m := range regexp.MustCompile(`name="sure" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func (o *office) submitted(text string) domain.Case {
	o.t.Helper()
	c := o.open("Нет воды в доме 5")
	o.ok(o.do("coord", c.ID, domain.StepAccept))
	o.ok(o.do("exec", c.ID, domain.StepTake))
	o.ok(o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", text))
	return o.now(c.ID)
}

// What a person must look at stands beside the button, and nothing is approved
// before it is confirmed.
func TestApprovalConfirmsWhatWasFound(t *testing.T) {
	o := newOffice(t)
	o.check = reply.Check
	c := o.submitted("Воду дали. Диспетчер: 8 (4212) 40-20-10")
	a := o.do("head", c.ID, domain.StepApprove)
	if a.Status != 422 || !a.Has("подтвердите") || !a.Has("Телефон в открытом ответе") {
		t.Fatalf("unconfirmed: %d %s", a.Status, text(a.Body))
	}
	if got := o.now(c.ID); got.State != domain.Approval {
		t.Fatalf("state %s", got.State)
	}
	shown := o.as("head").Get(taskPath(c))
	ids := sure(shown.Body)
	if len(ids) != 1 {
		t.Fatalf("to confirm: %v", ids)
	}
	if a := o.do("head", c.ID, domain.StepApprove, "sure", "phone:000000000000"); a.Status != 422 {
		t.Errorf("the confirmation of something else: %d", a.Status)
	}
	o.ok(o.do("head", c.ID, domain.StepApprove, "sure", ids[0]))
	if got := o.now(c.ID); got.State != domain.Publishing {
		t.Errorf("confirmed: %s", got.State)
	}
}

// What may never go out is told to whoever writes it, and cannot be confirmed.
func TestHardFaultRefusesAnAnswer(t *testing.T) {
	o := newOffice(t)
	o.check = reply.Check
	c := o.open("Нет воды в доме 5")
	o.ok(o.do("coord", c.ID, domain.StepAccept))
	o.ok(o.do("exec", c.ID, domain.StepTake))
	a := o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", "Воду в квартире 12 дали", "sure", "address:1")
	if a.Status != 422 || !a.Has("Назовите только дом") || !a.Has(">Воду в квартире 12 дали</textarea>") || len(sure(a.Body)) != 0 {
		t.Fatalf("a flat: %d %s", a.Status, text(a.Body))
	}
	if got := o.now(c.ID); got.State != domain.Execution {
		t.Errorf("state %s", got.State)
	}
}

// Where nobody approves, the author of the answer confirms.
func TestAnswerWithoutApprovalIsLookedAtToo(t *testing.T) {
	o := newOffice(t)
	o.check, o.alone = reply.Check, true
	c := o.open("Нет воды в доме 5")
	o.ok(o.do("coord", c.ID, domain.StepAccept))
	o.ok(o.do("exec", c.ID, domain.StepTake))
	form := []string{"kind", "final", "outcome", "solved", "text", "Воду дали. Звоните 8 (4212) 40-20-10"}
	a := o.do("exec", c.ID, domain.StepSubmit, form...)
	ids := sure(a.Body)
	if a.Status != 422 || len(ids) != 1 {
		t.Fatalf("unconfirmed: %d %v %s", a.Status, ids, text(a.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepSubmit, append(form, "sure", ids[0])...))
	if got := o.now(c.ID); got.State != domain.Publishing {
		t.Errorf("confirmed: %s", got.State)
	}
}
