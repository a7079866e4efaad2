package reply_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/reply"
)

// personal may be said to the one who wrote, and to nobody else.
const personal = "Уважаемая Иванова Анна Петровна! По Вашему адресу ул. Ленина, 5, кв. 12 яму засыпали."

// checkedAct is a step of somebody of the body with the check at work.
func (o *office) checkedAct(id int64, login string) domain.Act {
	a := o.act(id)
	a.Hand.Login, a.Hand.Duties[0].Login = login, login
	a.Rules.CheckReply = reply.Check
	return a
}

// approveChecked takes an answer the way it goes at the desk.
func (o *office) approveChecked(id int64, text string) {
	o.t.Helper()
	if _, err := o.store.MoveCase(o.t.Context(), domain.CaseMove{CaseID: id, From: domain.Coordination, To: domain.Execution, Who: "head", Why: "проверка", At: o.clock.Now()}); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.store.SubmitTask(o.t.Context(), o.checkedAct(id, "head"), domain.Draft{Kind: domain.ReplyFinal, Text: text, Outcome: domain.Solved}); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.store.ApproveTask(o.t.Context(), o.checkedAct(id, "chief")); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) rounds() {
	for range 3 {
		o.send()
		o.due()
		o.rest()
	}
}

// What was approved for one author goes to no wall because it did not reach them.
func TestPrivateWordsStayPrivateWhenSentAgain(t *testing.T) {
	o := newOffice(t)
	p := o.dialog(55)
	id := o.take("Ленина 1", p)
	o.exec(`INSERT INTO dialogs (region, platform, owner, chat_key, consent, consent_at, chat, created_at, updated_at)
		VALUES ('khabarovsk', 'vk', $1, sha256('55'), '1', now(), '55', now(), now())`, p.ID.Owner)
	o.exec(`INSERT INTO dialog_posts (post_id, dialog_id, reason) SELECT i.post_id, d.id, 'post' FROM post_ids i, dialogs d WHERE i.owner = $1`, p.ID.Owner)
	o.approveChecked(id, personal)
	o.vk.Block(ownGroup, 55, true)
	o.send()
	wall, second := o.wallPost(), o.dialog(56)
	o.take("Ленина 1", wall, second)
	if c := o.caseOf(id); c.Posts != 3 || c.State != domain.SendFailed {
		t.Fatalf("%d posts, %s", c.Posts, c.State)
	}
	if _, err := o.store.ResendReply(t.Context(), o.checkedAct(id, "head"), ""); err != nil {
		t.Fatal(err)
	}
	o.rounds()
	if said := o.vk.Said(ownGroup, 56); len(o.wrote(wall.ID)) > 0 || len(said) > 0 {
		t.Errorf("private words in public %q, to another %q", o.wrote(wall.ID), said)
	}
	w, err := o.store.CaseWhole(t.Context(), whole(), id)
	if err != nil || w.Case.State != domain.SendFailed || len(w.Replies[0].Others) > 0 {
		t.Fatalf("%s, offered %+v, %v", w.Case.State, w.Replies[0].Others, err)
	}
	if !slices.ContainsFunc(w.Replies[0].Left, func(l domain.LeftOut) bool { return l.To == wall.ID && l.Reason == reply.ReasonPrivate }) {
		t.Errorf("left out: %+v", w.Replies[0].Left)
	}
	// Written anew it is looked at as what everybody reads, and goes to all.
	if _, err := o.store.RewriteReply(t.Context(), o.checkedAct(id, "head"), domain.Draft{Text: personal}); err == nil {
		t.Error("the same words were taken for the public")
	}
	if _, err := o.store.RewriteReply(t.Context(), o.checkedAct(id, "head"), domain.Draft{Text: "Яму засыпали."}); err != nil {
		t.Fatal(err)
	}
	o.clock.pass(time.Second)
	if _, err := o.store.ApproveTask(t.Context(), o.checkedAct(id, "chief")); err != nil {
		t.Fatal(err)
	}
	o.rounds()
	if got := o.wrote(wall.ID); !slices.Equal(got, []string{"Яму засыпали."}) || o.caseOf(id).State != domain.Satisfaction {
		t.Errorf("at the end %q, %s: %s", got, o.caseOf(id).State, o.caseOf(id).Reason)
	}
}

// Whoever joins between approval and planning gets nothing that was approved for the
// first author alone; the first one does.
func TestPrivateWordsReachNoOther(t *testing.T) {
	o := newOffice(t)
	id := o.take("Ленина 1", o.dialog(55))
	o.approveChecked(id, personal)
	wall := o.wallPost()
	o.take("Ленина 1", o.dialog(56), wall, o.dialog(55))
	o.rounds()
	if said := o.vk.Said(ownGroup, 56); len(said) > 0 || len(o.wrote(wall.ID)) > 0 {
		t.Errorf("to another %q, in public %q", said, o.wrote(wall.ID))
	}
	if said := o.vk.Said(ownGroup, 55); len(said) != 1 || !strings.Contains(said[0], "кв. 12") || o.caseOf(id).State != domain.Satisfaction {
		t.Errorf("to the author %q, %s", said, o.caseOf(id).State)
	}
	// Body and control centre hear of those two, once, and may take them into a case of their own.
	if n := o.number(`SELECT count(DISTINCT to_role) * 10 + count(*) FROM notices WHERE key LIKE 'unanswered:%' AND (to_agency = 'min-roads') = (to_role = 'coordinator')`); n != 33 {
		t.Errorf("%d told", n)
	}
	left := o.unanswered(id)
	if len(left) != 2 || left[0].Post.Author.ID != "56" && left[1].Post.Author.ID != "56" {
		t.Fatalf("not answered: %+v", left)
	}
	c := o.caseOf(id)
	apart, err := o.store.SplitCase(t.Context(), whole(), domain.Split{From: domain.CaseSeen{ID: id, Version: c.Version}, Posts: []int64{left[0].Number, left[1].Number},
		By: domain.By{Who: "boss", Why: "ответ до этих авторов не дошёл", At: o.clock.Now()}}, func(j domain.Judged, registered time.Time) (domain.Decision, error) {
		d := o.route(j, nil, nil)
		d.RegisteredAt = registered
		return d, nil
	}, func(domain.Judged) []string { return nil })
	if err != nil || o.caseOf(apart.Case.ID).Posts != 2 {
		t.Fatalf("%+v, %v", apart.Case, err)
	}
	if got := o.unanswered(id); len(got) != 0 || o.caseOf(id).State != domain.Satisfaction {
		t.Errorf("after it %d, %s", len(got), o.caseOf(id).State)
	}
}

func (o *office) unanswered(id int64) []domain.CasePost {
	o.t.Helper()
	w, err := o.store.CaseWhole(o.t.Context(), whole(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return w.Unanswered()
}

// What was looked at as public goes to whoever joins.
func TestPublicWordsReachWhoeverJoins(t *testing.T) {
	o := newOffice(t)
	id := o.take("Ленина 1", o.dialog(55), o.dialog(57))
	o.approveChecked(id, "Яму засыпали.")
	o.take("Ленина 1", o.dialog(56))
	o.rounds()
	if len(o.vk.Said(ownGroup, 55)) != 1 || len(o.vk.Said(ownGroup, 56)) != 1 || len(o.vk.Said(ownGroup, 57)) != 1 {
		t.Errorf("said %q, %q, %q", o.vk.Said(ownGroup, 55), o.vk.Said(ownGroup, 56), o.vk.Said(ownGroup, 57))
	}
}

// Sent again an answer goes where it went, though another place has opened that a
// first plan would take.
func TestSentAgainToTheSamePlace(t *testing.T) {
	o := newOffice(t)
	wall := o.wallPost()
	dialog := o.dialog(55)
	id := o.take("Ленина 1", dialog, wall)
	o.off["vk/dialog"] = true
	o.approveChecked(id, "Яму засыпали.")
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 213, Times: 5})
	o.send()
	if o.caseOf(id).State != domain.SendFailed {
		t.Fatalf("%s", o.caseOf(id).State)
	}
	o.off["vk/dialog"] = false
	if _, err := o.store.ResendReply(t.Context(), o.checkedAct(id, "head"), ""); err != nil {
		t.Fatal(err)
	}
	o.rounds()
	if n := o.number(`SELECT count(*) FROM deliveries WHERE main AND way = 'dialog'`); n != 0 {
		t.Error("the answer went to another place by itself")
	}
}
