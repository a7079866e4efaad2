package reply_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/reply"
)

// asks is the body asking the author of a case that it works on.
func (o *office) asks(id int64, text string) error {
	o.t.Helper()
	if c := o.caseOf(id); c.State == domain.Coordination {
		if _, err := o.store.MoveCase(o.t.Context(), domain.CaseMove{CaseID: id, From: c.State, To: domain.Execution, Who: "head", Why: "проверка", At: o.clock.Now()}); err != nil {
			o.t.Fatal(err)
		}
	}
	regions, err := o.regions(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	act := o.act(id)
	duty := domain.Duty{Login: "head", Roles: []domain.Role{domain.RoleHead, domain.RoleExecutor, domain.RoleCoordinator}, Body: "min-roads", Bodies: []string{"min-roads"}}
	act.Hand = domain.Hand{Login: "head", Duties: []domain.Duty{duty}}
	act.Rules.ClarifyDays, act.Rules.Almanac = 3, domain.Almanac{Zone: time.UTC}
	act.Rules.CheckReply = reply.Check
	act.Rules.PlanQuestion = func(q domain.QuestionToPlan) domain.DeliveryPlan { return reply.PlanQuestion(q, regions[0].Knowledge) }
	_, err = o.store.AskAuthor(o.t.Context(), act, text)
	return err
}

func (o *office) question(id int64) domain.CaseQuestion {
	o.t.Helper()
	w, err := o.store.CaseWhole(o.t.Context(), whole(), id)
	if err != nil || len(w.Questions) == 0 {
		o.t.Fatal(err, len(w.Questions))
	}
	return w.Questions[len(w.Questions)-1]
}

func (o *office) silent(at time.Time) []int64 {
	o.t.Helper()
	ids, err := o.store.SilentQuestions(o.t.Context(), "khabarovsk", at)
	if err != nil {
		o.t.Fatal(err)
	}
	return ids
}

// A question to somebody who wrote in public stands under their words, once, though
// VK answers too late; their time runs from its delivery.
func TestAPublicQuestion(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	if err := o.asks(id, "Какой подъезд?"); err != nil {
		t.Fatal(err)
	}
	asked := o.question(id)
	o.clock.pass(5 * 24 * time.Hour) // the account was at rest
	if got := o.silent(o.clock.Now()); len(got) != 0 {
		t.Errorf("silent before it was asked: %v", got)
	}
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Cut: true})
	o.send()
	o.due()
	o.rest()
	o.send()
	said := o.wrote(p.ID)
	if len(said) != 1 || !strings.HasPrefix(said[0], "Уточните, пожалуйста: Какой подъезд?") || !strings.Contains(said[0], "включительно") {
		t.Fatalf("under the post: %q", said)
	}
	now := o.question(id)
	if now.DeliveredAt.IsZero() || !now.DueAt.Equal(asked.DueAt.AddDate(0, 0, 5)) || len(now.Deliveries) != 1 {
		t.Errorf("delivered %s, due %s (asked: %s), %d deliveries", now.DeliveredAt, now.DueAt, asked.DueAt, len(now.Deliveries))
	}
	if c := o.caseOf(id); c.State != domain.Clarifying {
		t.Errorf("%s: %s", c.State, c.Reason)
	}
	if got := o.silent(now.DueAt.Add(-time.Minute)); len(got) != 0 {
		t.Errorf("silent too early: %v", got)
	}
	if got := o.silent(now.DueAt); len(got) != 1 {
		t.Errorf("silent in time: %v", got)
	}
}

// Where no way leads to the author nothing is asked, and the person reads why.
func TestNobodyCanBeAsked(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(o *office) int64
		why     string
	}{
		"channel off": {func(o *office) int64 { o.off["vk/public"] = true; return o.take("Ленина 1", o.wallPost()) }, "выключены в пакете региона"},
		"no account":  {func(o *office) int64 { o.speak = nil; return o.take("Ленина 1", o.wallPost()) }, "нет сообщества"},
		"deleted": {func(o *office) int64 {
			p := o.wallPost()
			id := o.take("Ленина 1", p)
			o.seen(domain.VKCallback, nil, p.ID)
			return id
		}, "сообщение удалено на площадке"},
		"withdrew": {func(o *office) int64 {
			p := o.dialog(501)
			id := o.take("Ленина 1", p)
			o.silence(p, "consent = '', consent_at = NULL, chat = NULL")
			return id
		}, "автор отозвал согласие"},
		"blocked the bot": {func(o *office) int64 {
			p := o.dialog(501)
			id := o.take("Ленина 1", p)
			o.silence(p, "stopped = true")
			return id
		}, "запретил боту писать"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			id := c.prepare(o)
			err := o.asks(id, "Какой подъезд?")
			var none *domain.CannotAsk
			if !errors.As(err, &none) || !strings.Contains(none.Words(), c.why) {
				t.Fatalf("%v", err)
			}
			if c := o.caseOf(id); c.State != domain.Execution {
				t.Errorf("%s", c.State)
			}
			if n := o.number(`SELECT count(*) FROM questions`); n != 0 {
				t.Errorf("%d questions kept", n)
			}
		})
	}
}

// silence ties a message to a dialog whose author wants no messages.
func (o *office) silence(p domain.Post, how string) {
	o.exec(fmt.Sprintf(`WITH d AS (INSERT INTO dialogs (region, platform, owner, chat_key, chat, consent, consent_at, created_at, updated_at)
			VALUES ('khabarovsk', 'vk', '%s', sha256('501'), '501', 'v1', now(), now(), now()) RETURNING id)
		INSERT INTO dialog_posts (post_id, dialog_id, reason) SELECT i.post_id, d.id, 'problem' FROM d, post_ids i WHERE i.post = '%s'`, p.ID.Owner, p.ID.Post))
	o.exec(`UPDATE dialogs SET ` + how)
}

// A wall that takes no comments brings the case back with the reason, and nobody asks
// there twice.
func TestAQuestionThatCannotBeDelivered(t *testing.T) {
	o := newOffice(t)
	id := o.take("Ленина 1", o.wallPost())
	if err := o.asks(id, "Какой подъезд?"); err != nil {
		t.Fatal(err)
	}
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Code: 213})
	o.send()
	c, q := o.caseOf(id), o.question(id)
	if c.State != domain.Execution || !strings.Contains(c.Reason, "вопрос не дошёл до автора") || q.Result != "undelivered" || q.Undelivered == "" {
		t.Fatalf("%s: %s; %s %q", c.State, c.Reason, q.Result, q.Undelivered)
	}
	if n := o.number(`SELECT count(*) FROM notices WHERE kind = 'not_asked' AND to_role = 'coordinator'`); n != 1 {
		t.Errorf("the body heard %d times", n)
	}
	var none *domain.CannotAsk
	if err := o.asks(id, "Какой дом?"); !errors.As(err, &none) || none.Why != q.Undelivered {
		t.Errorf("asked again: %v, want %q", err, q.Undelivered)
	}
}

// What is unclear in Telegram goes to a person and is not repeated by itself.
func TestAnUnclearQuestion(t *testing.T) {
	o := newOffice(t)
	id := o.take("Ленина 1", o.groupPost())
	if err := o.asks(id, "Какой подъезд?"); err != nil {
		t.Fatal(err)
	}
	o.tg.Fail(tgfake.Fault{Method: "sendMessage", Silent: true})
	o.send()
	o.tg.Heal()
	if c := o.caseOf(id); c.State != domain.Execution || !strings.Contains(c.Reason, "неизвестно, дошло ли") {
		t.Errorf("%s: %s", c.State, c.Reason)
	}
}

// A public question is looked at for personal data as an answer is.
func TestAQuestionNamesNobody(t *testing.T) {
	o := newOffice(t)
	id := o.take("Ленина 1", o.wallPost())
	err := o.asks(id, "Ваш СНИЛС 112-233-445 95, верно?")
	var faults *domain.ReplyFaults
	if !errors.As(err, &faults) || o.caseOf(id).State != domain.Execution {
		t.Errorf("%v, %s", err, o.caseOf(id).State)
	}
}

// So is one that several are asked in private: each would read of the other.
func TestAPrivateQuestionToSeveralNamesNobody(t *testing.T) {
	text := "Ваш СНИЛС 112-233-445 95, верно?"
	o := newOffice(t)
	one, both := o.take("Ленина 1", o.dialog(501)), o.take("Ленина 2", o.dialog(502), o.dialog(503))
	var faults *domain.ReplyFaults
	if err := o.asks(both, text); !errors.As(err, &faults) || o.caseOf(both).State != domain.Execution {
		t.Errorf("several: %v, %s", err, o.caseOf(both).State)
	}
	if err := o.asks(one, text); err != nil || o.caseOf(one).State != domain.Clarifying {
		t.Errorf("one: %v, %s", err, o.caseOf(one).State)
	}
}

// A question that is closed before it left is not put any more.
func TestAClosedQuestionIsNotPut(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	if err := o.asks(id, "Какой подъезд?"); err != nil {
		t.Fatal(err)
	}
	act := o.act(id)
	act.Hand.Duties[0].Roles = append(act.Hand.Duties[0].Roles, domain.RoleExecutor, domain.RoleCoordinator)
	if _, err := o.store.NoteAnswer(t.Context(), act, "Второй, сказал по телефону"); err != nil {
		t.Fatal(err)
	}
	o.send()
	if said := o.wrote(p.ID); len(said) != 0 {
		t.Errorf("asked all the same: %q", said)
	}
}

// A question that is neither delivered nor on its way comes back within hours.
func TestAQuestionOnNoWayComesBack(t *testing.T) {
	o := newOffice(t)
	id := o.take("Ленина 1", o.wallPost())
	if err := o.asks(id, "Какой подъезд?"); err != nil {
		t.Fatal(err)
	}
	before := func() []int64 {
		ids, err := o.store.UnsentQuestions(t.Context(), "khabarovsk", o.clock.Now().Add(time.Hour), o.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if ids := before(); len(ids) != 0 {
		t.Fatalf("on its way: %v", ids)
	}
	o.exec(`UPDATE deliveries SET state = 'cancelled', over_at = now()`)
	if ids := before(); len(ids) != 1 {
		t.Fatalf("on no way: %v", ids)
	}
	for _, want := range []bool{true, false} {
		if done, err := o.store.ReturnUnsent(t.Context(), id, o.clock.Now()); err != nil || done != want {
			t.Fatal(done, err)
		}
	}
	if c := o.caseOf(id); c.State != domain.Execution || !strings.Contains(c.Reason, "не был отправлен") { // nobody took anything back
		t.Errorf("%s: %s", c.State, c.Reason)
	}
}
