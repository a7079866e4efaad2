package reply_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// act is the head of the body taking a step with a case as it is now.
func (o *office) act(id int64) domain.Act {
	duty := domain.Duty{Login: "head", Roles: []domain.Role{domain.RoleHead}, Body: "min-roads", Bodies: []string{"min-roads"}}
	return domain.Act{Scope: whole(), Hand: domain.Hand{Login: "head", Duties: []domain.Duty{duty}}, CaseID: id, Seen: o.caseOf(id).Version, At: o.clock.Now(),
		Rules: domain.BodyRules{Words: bots.AnswerWords()}}
}

// rest lets the pace of every chat pass.
func (o *office) rest() {
	o.exec(`UPDATE deliveries SET tried_at = tried_at - interval '1 minute', first_tried_at = first_tried_at - interval '1 minute' WHERE state <> 'trying'`)
}

// What a person sends again goes out under its old key: VK does not write twice.
func TestSentAgainByAPerson(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 9})
	o.send()
	if c := o.caseOf(id); c.State != domain.SendFailed {
		t.Fatalf("after error 9: %s", c.State)
	}
	o.exec(`DELETE FROM account_pauses`) // the half hour is over
	if _, err := o.store.ResendReply(t.Context(), o.act(id), ""); err != nil {
		t.Fatal(err)
	}
	o.send()
	if c := o.caseOf(id); c.State != domain.Satisfaction {
		t.Errorf("at the end: %s, %s", c.State, c.Reason)
	}
	if n := o.number(`SELECT count(*) FROM deliveries`); n != 1 || len(o.wrote(p.ID)) != 1 {
		t.Errorf("%d deliveries, written %q", n, o.wrote(p.ID))
	}
}

// An unclear answer in Telegram goes out again only because a person says so.
func TestUnclearSentAgainByAPersonOnly(t *testing.T) {
	o := newOffice(t)
	p := o.groupPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.tg.Fail(tgfake.Fault{Method: "sendMessage", Silent: true})
	o.send()
	o.tg.Heal()
	if _, err := o.store.ResendReply(t.Context(), o.act(id), ""); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	if got := o.wrote(p.ID); len(got) != 2 || o.caseOf(id).State != domain.Satisfaction {
		t.Errorf("written %q, the case is %s", got, o.caseOf(id).State)
	}
}

// Closed comments: a person chooses the private way.
func TestAnotherWay(t *testing.T) {
	o := newOffice(t)
	p, private := o.wallPost(), o.dialog(55)
	id := o.take("Ленина 1", p, private)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.off["vk/dialog"] = true // so that no short one goes there first
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 213, Times: 5})
	o.send()
	o.off["vk/dialog"] = false
	if _, err := o.store.ResendReply(t.Context(), o.act(id), "reply:0:nowhere"); err == nil {
		t.Error("a way that nobody offered was taken")
	}
	if _, err := o.store.ResendReply(t.Context(), o.act(id), ""); err != nil { // planned anew, closed still; the dialog is offered now
		t.Fatal(err)
	}
	o.send()
	w, err := o.store.CaseWhole(t.Context(), whole(), id)
	if err != nil || len(w.Replies[0].Others) != 1 {
		t.Fatalf("offered: %+v, %v", w.Replies[0].Others, err)
	}
	if w.Replies[0].Deliveries[0].State != domain.DeliveryFailed || len(w.Replies[0].Deliveries[0].Attempts) != 2 {
		t.Errorf("shown: %+v", w.Replies[0].Deliveries)
	}
	if _, err := o.store.ResendReply(t.Context(), o.act(id), w.Replies[0].Others[0].Key); err != nil {
		t.Fatal(err)
	}
	o.rest() // the short one went there a moment ago
	o.send()
	if c := o.caseOf(id); c.State != domain.Satisfaction {
		t.Errorf("the case is %s: %s", c.State, c.Reason)
	}
}

// Written anew, approved anew: another message, with its own key.
func TestRewrittenAnswer(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 9})
	o.send()
	if _, err := o.store.RewriteReply(t.Context(), o.act(id), domain.Draft{Text: "Яму засыпали 23 ноября."}); err != nil {
		t.Fatal(err)
	}
	if c := o.caseOf(id); c.State != domain.Approval {
		t.Fatalf("written anew: %s", c.State)
	}
	if n := o.number(`SELECT count(*) FROM notices WHERE kind = $1 AND to_role = 'head'`, string(domain.NoticeApproval)); n != 1 {
		t.Errorf("the head heard %d times that it waits", n)
	}
	o.exec(`DELETE FROM account_pauses`) // of error 9
	if _, err := o.store.ApproveTask(t.Context(), o.act(id)); err == nil {
		t.Error("its author approved it: four eyes")
	}
	other := o.act(id)
	other.Hand.Login, other.Hand.Duties[0].Login = "chief", "chief"
	o.clock.pass(1e9)
	other.At = o.clock.Now()
	if _, err := o.store.ApproveTask(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	o.send()
	if got := o.wrote(p.ID); !slices.Equal(got, []string{"Яму засыпали 23 ноября."}) || o.caseOf(id).State != domain.Satisfaction {
		t.Errorf("written %q, the case is %s", got, o.caseOf(id).State)
	}
}

// By hand: what still waits is not sent any more.
func TestGivenByHand(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	if err := o.plan(); err != nil {
		t.Fatal(err)
	}
	c := o.caseOf(id)
	_, err := o.store.AnswerByHand(t.Context(), whole(), domain.ByHand{Case: domain.CaseSeen{ID: id, Version: c.Version},
		By: domain.By{Who: "head", Why: "вручную", At: o.clock.Now()}, ProofURL: "https://vk.ru/wall-1_2"})
	if err != nil {
		t.Fatal(err)
	}
	o.send()
	if len(o.said.replies()) != 0 {
		t.Errorf("sent all the same: %+v", o.said.replies())
	}
	if n := o.number(`SELECT count(*) FROM deliveries WHERE state = 'cancelled'`); n != 1 {
		t.Errorf("%d cancelled", n)
	}
}

// The words were posted and the line cut, then VK refused for good: before the answer is
// said in other words, or elsewhere, somebody looks whether it stands.
func TestWhatMayStandIsLookedForFirst(t *testing.T) {
	o := newOffice(t)
	p, private := o.wallPost(), o.dialog(55)
	id := o.take("Ленина 1", p, private)
	o.off["vk/dialog"] = true
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Cut: true})
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 213})
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	o.off["vk/dialog"] = false
	o.due()
	o.send()
	if c := o.caseOf(id); c.State != domain.SendFailed || !strings.Contains(c.Reason, domain.MayStandWords) {
		t.Fatalf("after the second try: %s, %s", c.State, c.Reason)
	}
	if n := o.number(`SELECT count(*) FROM notices WHERE kind = 'send_failed' AND text LIKE '%' || $1 || '%'`, domain.MayStandWords); n != 1 {
		t.Errorf("%d notices say so", n)
	}
	refused := func(err error) {
		t.Helper()
		var faults *domain.ReplyFaults
		if !errors.As(err, &faults) || faults.Faults[0].Name != domain.AnswerMayStand || faults.Faults[0].Hard {
			t.Fatalf("not asked to look: %v", err)
		}
	}
	_, err := o.store.RewriteReply(t.Context(), o.act(id), domain.Draft{Text: "Яму засыпали 23 ноября."})
	refused(err)
	act := o.act(id)
	act.Sure = []string{domain.MayStandFault().ID()}
	if _, err := o.store.RewriteReply(t.Context(), act, domain.Draft{Text: "Яму засыпали 23 ноября."}); err != nil {
		t.Fatal(err)
	}
	if c := o.caseOf(id); c.State != domain.Approval || !strings.Contains(c.Reason, "прежний ответ не стоит") {
		t.Errorf("written anew: %s, %s", c.State, c.Reason)
	}
}

func TestWhatMayStandIsNotSaidElsewhereUnseen(t *testing.T) {
	o := newOffice(t)
	p, private := o.wallPost(), o.dialog(55)
	id := o.take("Ленина 1", p, private)
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Cut: true})
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 213})
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	o.due()
	o.send()
	w, err := o.store.CaseWhole(t.Context(), whole(), id)
	if err != nil || len(w.Replies[0].Others) != 1 {
		t.Fatalf("offered: %+v, %v", w.Replies[0].Others, err)
	}
	var faults *domain.ReplyFaults
	if _, err := o.store.ResendReply(t.Context(), o.act(id), w.Replies[0].Others[0].Key); !errors.As(err, &faults) {
		t.Errorf("another way without a look: %v", err)
	}
	act := o.act(id)
	act.Sure = []string{domain.MayStandFault().ID()}
	if _, err := o.store.ResendReply(t.Context(), act, w.Replies[0].Others[0].Key); err != nil {
		t.Error(err)
	}
}
