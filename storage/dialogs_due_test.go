package storage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
)

// TestAMovedDueIsToldOnce: whoever heard a day in the bot hears of another one,
// once for each time it moves; whoever heard none is promised none.
func TestAMovedDueIsToldOnce(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды")
	due := func(day string) {
		t.Helper()
		c.exec(`UPDATE cases SET due_at = $1, updated_at = $2, changed_by = 'kim', changed_why = 'срок исправлен'`, day, c.now)
	}
	moved := func() (n int) {
		for _, w := range c.words() {
			if strings.Contains(w, "срок изменился") {
				n++
			}
		}
		return n
	}
	due("2026-12-08T14:00:00Z") // before a body has accepted nothing is promised
	c.tell("номер")
	c.move("execution")
	c.tell("до 08.12.2026 включительно")
	c.now = c.now.Add(time.Hour)
	due("2026-12-20T14:00:00Z")
	c.tell("срок изменился: ответим до 20.12.2026 включительно")
	c.move("clarifying", "execution") // the same due again
	c.tell("20.12.2026")
	if n := moved(); n != 1 {
		t.Errorf("told %d times: %q", n, c.words())
	}
	due("2026-12-08T14:00:00Z") // and back
	c.tell("срок изменился: ответим до 08.12.2026 включительно")
	if n := moved(); n != 2 {
		t.Errorf("told %d times: %q", n, c.words())
	}
	c.move("approval", "publishing", "satisfaction")
	due("2026-12-21T14:00:00Z") // answered: the clock stands
	c.tell("Проблема решена?")
	if n := moved(); n != 2 {
		t.Errorf("told after the answer: %q", c.words())
	}
}

// A granted deferral is told once: by its own words where they come into the dialog, by
// the bot where they do not.
func TestAGrantedDeferralIsToldOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		private bool // the words go into the dialog
		ends    func(domain.Delivery) domain.DeliveryEnd
		want    int
	}{
		"in the dialog": {true, arrives, 0},
		"lost there":    {true, losesCopies(false), 1},
		"in public":     {false, arrives, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChat(t)
			c.agree()
			c.say("На Ленина нет воды")
			c.exec(`UPDATE cases SET due_at = '2026-12-08T14:00:00Z', control_at = '2026-12-08T14:00:00Z', days = 10, deadline_reason = 'строка 3', updated_at = $1, changed_by = 'kim', changed_why = 'срок'`, c.now)
			c.tell("номер")
			c.move("execution")
			c.tell("до 08.12.2026 включительно")
			c.sendAll(arrives)
			zone := time.FixedZone("", 10*60*60)
			act := func(login string, role domain.Role) domain.Act {
				a := c.head(c.now)
				body := a.Hand.Duties[0].Body
				a.Hand = domain.Hand{Login: login, Duties: []domain.Duty{{Login: login, Roles: []domain.Role{role}, Body: body, Bodies: []string{body}}}}
				a.Rules.Almanac = domain.Almanac{Zone: zone, Calendar: domain.NewCalendar(map[int]domain.Year{2026: {}, 2027: {}})}
				return a
			}
			until := domain.Date{Year: 2026, Month: 12, Day: 20}
			if _, err := c.s.AskDeferral(t.Context(), act("head", domain.RoleHead), domain.Asked{Reason: "ждём трубы", Until: until, Notice: "Ждём трубы."}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.s.GrantDeferral(t.Context(), act("watch", domain.RoleController), "согласен"); err != nil {
				t.Fatal(err)
			}
			c.hears() // before anything has left
			if tc.private {
				c.copies()
			} else {
				c.publicOnly()
			}
			c.sendAll(tc.ends)
			for range 3 {
				c.hears()
			}
			n := 0
			for _, w := range c.words() {
				if strings.Contains(w, "срок изменился: ответим до 20.12.2026") {
					n++
				}
			}
			if n != tc.want {
				t.Errorf("the bot told it %d times: %q", n, c.words())
			}
			if got := c.rows(`SELECT text FROM replies`); got[0] != bots.AnswerWords().NewDay(until)+"\n\nЖдём трубы." {
				t.Errorf("the words of the deferral: %q", got)
			}
		})
	}
}

// publicOnly plans what is approved under the post, and nowhere else.
func (c *chat) publicOnly() {
	c.t.Helper()
	_, err := c.s.PlanReplies(c.t.Context(), region, c.now, 10, func(r domain.ReplyToPlan) domain.DeliveryPlan {
		spot := domain.Spot{Key: "main", Platform: domain.VK, Way: domain.WayPublic, Account: "100", To: domain.NewPostID(domain.VK, "-900", "5"), Chat: "wall", Thread: "wall", Words: "проверка"}
		return domain.DeliveryPlan{Reason: "x", Words: "x", Deliveries: []domain.PlannedDelivery{{Spot: spot, Text: r.Text, Main: true, Repeatable: true}}}
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
