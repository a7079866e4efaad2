package reply_test

import (
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/reply"
)

// Error 9 stops the community and not one answer: the others wait, private ones do not.
func TestErrorNineLetsTheOthersWait(t *testing.T) {
	o := newOffice(t)
	one, two, private := o.wallPost(), o.wallPost(), o.dialog(55)
	first, second, third := o.take("Ленина 1", one), o.take("Ленина 2", two), o.take("Ленина 3", private)
	o.approve(first, domain.ReplyFinal, "Яму засыпали.")
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 9})
	o.send()
	o.approve(second, domain.ReplyFinal, "Свет дали.")
	o.approve(third, domain.ReplyFinal, "Воду дали.")
	o.send()
	if c := o.caseOf(first); c.State != domain.SendFailed {
		t.Errorf("the first: %s", c.State)
	}
	if c := o.caseOf(second); c.State != domain.Publishing || len(o.wrote(two.ID)) != 0 {
		t.Errorf("the second did not wait: %s", c.State)
	}
	if c := o.caseOf(third); c.State != domain.Satisfaction {
		t.Errorf("the private one: %s, %s", c.State, c.Reason)
	}
	o.exec(`DELETE FROM account_pauses`) // the half hour is over
	o.send()
	if c := o.caseOf(second); c.State != domain.Satisfaction {
		t.Errorf("the second at the end: %s, %s", c.State, c.Reason)
	}
}

// One answer that cannot be planned comes to a person and stops nobody else's.
func TestAnAnswerThatCannotBePlanned(t *testing.T) {
	o := newOffice(t)
	one, two := o.wallPost(), o.wallPost()
	bad, good := o.take("Ленина 1", one), o.take("Ленина 2", two)
	o.approve(bad, domain.ReplyFinal, "Яму засыпали.")
	o.approve(good, domain.ReplyFinal, "Свет дали.")
	regions, err := o.regions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n, err := o.store.PlanReplies(t.Context(), "khabarovsk", o.clock.Now(), 10, func(in domain.ReplyToPlan) domain.DeliveryPlan {
		if in.CaseID == bad {
			panic("no such place")
		}
		return reply.Plan(in, regions[0].Knowledge)
	})
	if n != 2 || err == nil || !strings.Contains(err.Error(), "no such place") {
		t.Errorf("planned %d, %v", n, err)
	}
	if c := o.caseOf(bad); c.State != domain.SendFailed || !strings.Contains(c.Reason, "не удалось решить, куда отправить") {
		t.Errorf("the bad one: %s, %s", c.State, c.Reason)
	}
	if n := o.number(`SELECT count(*) FROM deliveries`); n != 1 || o.caseOf(good).State != domain.Publishing {
		t.Errorf("the good one: %d deliveries, %s", n, o.caseOf(good).State)
	}
}
