package storage_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
)

// copied is an answer given in public, with a copy on its way into the dialog.
func (c *chat) copied(text string) {
	c.t.Helper()
	c.approved(text)
	c.copies()
}

// copies plans what is approved, with a copy.
func (c *chat) copies() {
	c.t.Helper()
	_, err := c.s.PlanReplies(c.t.Context(), region, c.now, 10, func(r domain.ReplyToPlan) domain.DeliveryPlan {
		wall, key := domain.NewPostID(domain.VK, "-900", "5"), "main:"+strconv.FormatInt(r.Approved.UnixMicro(), 10)
		main := domain.Spot{Key: key, Platform: domain.VK, Way: domain.WayPublic, Account: "100", To: wall, Chat: "wall", Thread: "wall", Words: "проверка"}
		own := domain.Spot{Key: key + ":short", Platform: domain.VK, Way: domain.WayDialog, Account: "100", To: r.Posts[0].ID, Chat: r.Posts[0].Chat,
			Thread: r.Posts[0].Chat, Words: "автор писал в личные сообщения"}
		return domain.DeliveryPlan{Reason: "x", Words: "x", Deliveries: []domain.PlannedDelivery{
			{Spot: main, Text: r.Text, Main: true, Repeatable: true},
			{Spot: own, Text: bots.AnswerWords().Short(r.Kind, r.Number, r.Text), Repeatable: true}}}
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// sendAll tries whatever is due, in whatever order, as ends says.
func (c *chat) sendAll(ends func(domain.Delivery) domain.DeliveryEnd) {
	c.t.Helper()
	for {
		c.exec(`UPDATE deliveries SET tried_at = tried_at - interval '1 minute', first_tried_at = first_tried_at - interval '1 minute' WHERE tried_at IS NOT NULL`)
		d, ok, err := c.s.ClaimDelivery(c.t.Context(), time.Minute)
		if err != nil {
			c.t.Fatal(err)
		}
		if !ok {
			return
		}
		end := ends(d)
		end.ID, end.Attempt = d.ID, d.Attempt
		if err := c.s.FinishDelivery(c.t.Context(), end, c.now); err != nil {
			c.t.Fatal(err)
		}
	}
}

func arrives(domain.Delivery) domain.DeliveryEnd {
	return domain.DeliveryEnd{State: domain.Delivered, Message: "1", Reason: "sent"}
}

// losesCopies lets everything through but answers into dialogs.
func losesCopies(blocked bool) func(domain.Delivery) domain.DeliveryEnd {
	return func(d domain.Delivery) domain.DeliveryEnd {
		if d.ReplyID != 0 && d.Way == domain.WayDialog {
			return domain.DeliveryEnd{State: domain.DeliveryFailed, Code: 901, Reason: "never_repeat", Blocked: blocked, Words: "автор не принимает личные сообщения (ошибка VK 901)"}
		}
		return arrives(d)
	}
}

func (c *chat) head(now time.Time) domain.Act {
	w, err := c.s.SeenCase(c.t.Context(), wholeRegion(), 1)
	if err != nil {
		c.t.Fatal(err)
	}
	duty := domain.Duty{Login: "head", Roles: []domain.Role{domain.RoleHead}, Body: w.AgencyID, Bodies: []string{w.AgencyID}}
	return domain.Act{Scope: wholeRegion(), Hand: domain.Hand{Login: "head", Duties: []domain.Duty{duty}}, CaseID: 1, Seen: w.Version, At: now,
		Rules: domain.BodyRules{Words: bots.AnswerWords()}}
}

func (c *chat) hears() {
	c.t.Helper()
	c.now = c.now.Add(2 * time.Minute)
	if _, err := c.s.TellDialogs(c.t.Context(), region, c.now, c.bot.Tell); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chat) asked() bool {
	return strings.Contains(strings.Join(c.words(), "|"), "Проблема решена?")
}

func (c *chat) lost() domain.CaseDelivery {
	c.t.Helper()
	w, err := c.s.CaseWhole(c.t.Context(), wholeRegion(), 1)
	if err != nil || len(w.Replies) != 1 {
		c.t.Fatal(w.Replies, err)
	}
	for _, d := range w.Replies[0].Deliveries {
		if d.Lost() {
			return d
		}
	}
	return domain.CaseDelivery{}
}

// beginning is a citizen who wrote to the bot and was answered in public.
func (c *chat) beginning() {
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.sendAll(arrives)
	c.copied("Воду дали")
}

// A copy that never arrived comes to a person and does no harm to the answer; its
// author is not asked about it, and their silence closes nothing.
func TestALostCopyAsksNobody(t *testing.T) {
	for name, blocked := range map[string]bool{"refused for good": true, "given up": false} {
		t.Run(name, func(t *testing.T) {
			c := newChat(t)
			c.beginning()
			c.hears()
			c.sendAll(losesCopies(blocked))
			c.hears()
			if c.asked() {
				t.Error("asked about an answer that never came")
			}
			if got := c.rows(`SELECT state || ' ' || (SELECT state FROM replies) FROM cases`); got[0] != "satisfaction published" {
				t.Errorf("the answer itself: %s", got[0])
			}
			d := c.lost()
			if d.N != 1 || d.Author != "Житель" || !strings.Contains(d.Words, "901") || d.Silent != blocked {
				t.Errorf("shown: %+v", d)
			}
			if got := c.rows(`SELECT why FROM case_history WHERE what = 'reply' AND details->>'kind' = 'copy'`); len(got) != 1 || !strings.Contains(got[0], "копия 1 ответа не доставлена") {
				t.Errorf("the history says %q", got)
			}
			if got := c.rows(`SELECT text FROM notices WHERE key LIKE 'copy_lost:%'`); len(got) != 1 || strings.Contains(got[0], "Житель") {
				t.Errorf("the body hears %q", got)
			}
			list, err := c.s.Tasks(t.Context(), wholeRegion(), domain.TaskFilter{Tab: domain.TabPublish, Limit: 10})
			if err != nil || len(list) != 1 || list[0].LostCopies != 1 {
				t.Errorf("listed: %+v, %v", list, err)
			}
			if n, err := c.s.CountTasks(t.Context(), wholeRegion(), domain.TaskFilter{}, domain.TabPublish, domain.TabAll); err != nil || n[domain.TabPublish] != 1 || n[domain.TabAll] != 0 {
				t.Errorf("counted: %v, %v", n, err)
			}
			c.now = c.now.AddDate(0, 0, 9)
			if done, err := c.s.CloseUnrated(t.Context(), 1, c.now, c.now); err != nil || !done {
				t.Fatal(done, err)
			}
			if got := c.rows(`SELECT closing_reason || ' ' || reason FROM cases`); !strings.HasPrefix(got[0], "author_unreachable автора не удалось спросить") {
				t.Errorf("closed: %s", got[0])
			}
		})
	}
}

// Whoever wrote in the open beside them was answered there and is silent: that an
// author of the bot could not be asked does not make it «не удалось спросить».
func TestASilentPublicAuthorIsSilent(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	open := post(77, "На Ленина воды нет")
	open.Author = domain.Author{ID: "909", Name: "Сосед"}
	c.join(open)
	c.sendAll(arrives)
	c.copied("Воду дали")
	c.hears()
	c.sendAll(losesCopies(false))
	c.hears()
	if c.asked() {
		t.Fatal("asked about an answer that never came")
	}
	c.now = c.now.AddDate(0, 0, 9)
	if done, err := c.s.CloseUnrated(t.Context(), 1, c.now, c.now); err != nil || !done {
		t.Fatal(done, err)
	}
	if got := c.rows(`SELECT closing_reason || ' ' || reason FROM cases`); !strings.HasPrefix(got[0], "author_silent автор не оценил ответ в срок") {
		t.Errorf("closed: %s", got[0])
	}
}

// join puts a post of somebody else into the case that the author wrote of last.
func (c *chat) join(p domain.Post) {
	c.t.Helper()
	b, judged := batchOf(c.src, "", judgedAs(p, 3, fmt.Sprint("copy:", c.no)))
	if res, err := c.s.Commit(c.t.Context(), c.now, b, judged, route); err != nil || res.Attached != 1 {
		c.t.Fatal(res, err)
	}
}

// Sent again by a person it arrives under its old key, and then its author is asked;
// silence after that is silence.
func TestALostCopySentAgain(t *testing.T) {
	c := newChat(t)
	c.beginning()
	c.sendAll(losesCopies(false))
	c.hears()
	lost := c.lost()
	if _, err := c.s.DecideCopy(t.Context(), c.head(c.now), domain.CopyDecision{Delivery: lost.ID, Choice: domain.CopyAgain}); err != nil {
		t.Fatal(err)
	}
	c.hears()
	if c.asked() {
		t.Error("asked before the answer arrived")
	}
	c.sendAll(arrives)
	c.hears()
	if !c.asked() || c.lost().ID != 0 {
		t.Errorf("said %q", c.words())
	}
	if got := c.rows(`SELECT state || ' ' || attempts FROM deliveries WHERE copy`); len(got) != 1 || got[0] != "delivered 2" {
		t.Errorf("copies: %q", got)
	}
	if got := c.rows(`SELECT words FROM journal WHERE who = 'head' AND words LIKE '%копия%'`); len(got) != 1 {
		t.Errorf("the journal says %q", got)
	}
	c.sendAll(arrives)
	c.now = c.now.AddDate(0, 0, 9)
	if done, err := c.s.CloseUnrated(t.Context(), 1, c.now, c.now); err != nil || !done {
		t.Fatal(done, err)
	}
	if got := c.rows(`SELECT closing_reason FROM cases`); got[0] != "author_silent" {
		t.Errorf("closed: %s", got[0])
	}
}

// What a person decides about a copy: whose author takes nothing is told another way
// or left; what was corrected since goes out corrected.
func TestDecidingAboutACopy(t *testing.T) {
	c := newChat(t)
	c.beginning()
	c.sendAll(losesCopies(true))
	lost := c.lost()
	decide := func(choice domain.CopyChoice, words string) error {
		_, err := c.s.DecideCopy(t.Context(), c.head(c.now), domain.CopyDecision{Delivery: lost.ID, Choice: choice, Words: words})
		return err
	}
	if err := decide(domain.CopyAgain, ""); !errors.Is(err, domain.RefuseAuthorShut) {
		t.Errorf("again into a closed dialog: %v", err)
	}
	if err := decide(domain.CopyTold, " "); !errors.Is(err, domain.RefuseNoReason) {
		t.Errorf("told, nobody knows how: %v", err)
	}
	c.say("А что с водой?") // whoever writes lets us write
	if err := c.correct("Воду дали вчера"); err != nil {
		t.Fatal(err)
	}
	if err := decide(domain.CopyAgain, ""); err != nil {
		t.Fatal(err)
	}
	if got := c.rows(`SELECT text FROM deliveries WHERE copy AND way = 'dialog' AND state = 'waiting'`); len(got) != 1 || !strings.Contains(got[0], "вчера") {
		t.Errorf("goes out: %q", got)
	}
	if err := decide(domain.CopyLeave, ""); !errors.Is(err, domain.RefuseNoLostCopy) {
		t.Errorf("decided twice: %v", err)
	}
	c.sendAll(losesCopies(false))
	if lost = c.lost(); lost.N != 2 {
		t.Fatalf("lost again: %+v", lost)
	}
	if err := decide(domain.CopyTold, "позвонили"); err != nil || c.lost().ID != 0 {
		t.Error(err)
	}
	if got := c.rows(`SELECT why FROM case_history WHERE who = 'head' AND details->>'kind' = 'copy' ORDER BY id`); len(got) != 2 ||
		got[0] != "копия 1 ответа: отправляется исправленная" || got[1] != "копия 2 ответа: автору сообщили иначе: позвонили" {
		t.Errorf("the history says %q", got)
	}
}

// A copy of a text that was taken back is lost no more: nobody sends it again, whatever
// becomes of what is said instead.
func TestACopyOfWhatWasTakenBackIsNotSent(t *testing.T) {
	c := newChat(t)
	c.beginning()
	fails := func(domain.Delivery) domain.DeliveryEnd {
		return domain.DeliveryEnd{State: domain.DeliveryFailed, Code: 15, Reason: "never_repeat", Words: "нет доступа (ошибка VK 15)"}
	}
	c.sendAll(fails)
	old := c.lost()
	c.now = c.now.Add(time.Minute)
	if _, err := c.s.RewriteReply(t.Context(), c.head(c.now), domain.Draft{Text: "Воду дадут завтра"}); err != nil || old.ID == 0 {
		t.Fatal(old, err)
	}
	again := func(id int64) error {
		_, err := c.s.DecideCopy(t.Context(), c.head(c.now), domain.CopyDecision{Delivery: id, Choice: domain.CopyAgain})
		return err
	}
	publish := func() []domain.TaskLine {
		list, err := c.s.Tasks(t.Context(), wholeRegion(), domain.TaskFilter{Tab: domain.TabPublish, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if err := again(old.ID); !errors.Is(err, domain.RefuseNoLostCopy) || c.lost().ID != 0 || len(publish()) != 0 {
		t.Errorf("taken back: %v, lost %d, listed %+v", err, c.lost().ID, publish())
	}
	c.now = c.now.Add(time.Minute)
	c.exec(`UPDATE replies SET state = 'approved', approver = 'boss', decided_at = $1, updated_at = $1`, c.now)
	c.move("publishing")
	c.copies()
	c.sendAll(fails)
	lost := c.lost()
	if list := publish(); lost.ID == 0 || lost.ID == old.ID || len(list) != 1 || list[0].LostCopies != 1 {
		t.Fatalf("lost %+v, listed %+v", lost, list)
	}
	if err := again(old.ID); !errors.Is(err, domain.RefuseNoLostCopy) {
		t.Errorf("the old one beside the new one: %v", err)
	}
	if err := again(lost.ID); err != nil {
		t.Error(err)
	}
	if got := c.rows(`SELECT text FROM deliveries WHERE copy AND state = 'waiting'`); len(got) != 1 || !strings.Contains(got[0], "завтра") {
		t.Errorf("goes out: %q", got)
	}
}

// correct puts the answer right: the head proposes, another one approves.
func (c *chat) correct(text string) error {
	c.t.Helper()
	if _, err := c.s.ProposeCorrection(c.t.Context(), c.head(c.now), text, "уточняем"); err != nil {
		return err
	}
	w, err := c.s.CaseWhole(c.t.Context(), wholeRegion(), 1)
	if err != nil {
		return err
	}
	_, p, _ := w.Proposal()
	act := c.head(c.now)
	act.Hand.Login, act.Hand.Duties[0].Login = "second", "second"
	_, err = c.s.ApproveCorrection(c.t.Context(), act, p.ID)
	return err
}

// losesCorrections lets everything through but corrections that go one way.
func losesCorrections(way domain.Way) func(domain.Delivery) domain.DeliveryEnd {
	return func(d domain.Delivery) domain.DeliveryEnd {
		if strings.Contains(d.Key, ":correction:") && d.Way == way {
			return domain.DeliveryEnd{State: domain.DeliveryFailed, Code: 15, Reason: "never_repeat", Words: "нет доступа (ошибка VK 15)"}
		}
		return arrives(d)
	}
}

// A correction that did not get through waits for a person as a lost copy does: sent
// again under its old key, or as the answer reads by then; one that another has
// followed waits no more.
func TestALostCorrection(t *testing.T) {
	for _, way := range []domain.Way{domain.WayDialog, domain.WayPublic} {
		t.Run(string(way), func(t *testing.T) {
			c := newChat(t)
			c.beginning()
			c.sendAll(arrives)
			c.fix("Воду дали вчера")
			c.sendAll(losesCorrections(way))
			first := c.lost()
			if !first.Corrects || first.Way != way {
				t.Fatalf("lost: %+v", first)
			}
			if got := c.rows(`SELECT why FROM case_history WHERE what = 'reply' AND details->>'kind' = 'copy'`); len(got) != 1 || !strings.Contains(got[0], "исправление ответа") {
				t.Errorf("the history says %q", got)
			}
			list, err := c.s.Tasks(t.Context(), wholeRegion(), domain.TaskFilter{Tab: domain.TabPublish, Limit: 10})
			if err != nil || len(list) != 1 || list[0].LostCopies != 1 {
				t.Errorf("listed: %+v, %v", list, err)
			}
			decide := func(id int64, choice domain.CopyChoice) error {
				_, err := c.s.DecideCopy(t.Context(), c.head(c.now), domain.CopyDecision{Delivery: id, Choice: choice})
				return err
			}
			if err := decide(first.ID, domain.CopyAgain); err != nil {
				t.Fatal(err)
			}
			c.sendAll(losesCorrections(way))
			if again := c.lost(); again.ID != first.ID || len(again.Attempts) != 2 {
				t.Errorf("not sent again: %+v", again)
			}
			c.fix("Воду дали позавчера")
			if err := decide(first.ID, domain.CopyAgain); !errors.Is(err, domain.RefuseNoLostCopy) {
				t.Errorf("one that another has followed: %v", err)
			}
			c.sendAll(losesCorrections(way))
			second := c.lost()
			if second.ID == 0 || second.ID == first.ID {
				t.Fatalf("the second: %+v", second)
			}
			if err := decide(second.ID, domain.CopyLeave); err != nil || c.lost().ID != 0 {
				t.Error(err)
			}
		})
	}
}

// An edit that MAX takes no more is said anew.
func TestALateCorrectionIsSaidAnew(t *testing.T) {
	c := newChat(t)
	c.beginning()
	c.sendAll(arrives)
	c.exec(`SET otklik.erasing = 'on'`) // lets an answer be rewritten
	c.exec(`UPDATE deliveries SET platform = 'max' WHERE copy`)
	c.exec(`RESET otklik.erasing`)
	c.fix("Воду дали вчера")
	c.sendAll(losesCorrections(domain.WayDialog))
	lost := c.lost()
	c.now = c.now.Add(domain.EditableInDialog + time.Hour)
	if _, err := c.s.DecideCopy(t.Context(), c.head(c.now), domain.CopyDecision{Delivery: lost.ID, Choice: domain.CopyAgain}); err != nil {
		t.Fatal(err)
	}
	got := c.rows(`SELECT edits || '|' || text FROM deliveries WHERE copy AND state = 'waiting'`)
	if len(got) != 1 || !strings.HasPrefix(got[0], "|"+bots.AnswerWords().CorrectionLead) || !strings.Contains(got[0], "Воду дали вчера") || c.lost().ID != 0 {
		t.Errorf("goes out: %q", got)
	}
}

func (c *chat) fix(text string) {
	c.t.Helper()
	if err := c.correct(text); err != nil {
		c.t.Fatal(err)
	}
}
