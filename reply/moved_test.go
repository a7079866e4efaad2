package reply_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/reply"
)

// A group that has become a supergroup has another number: the answer goes there,
// once.
func TestAnswerFollowsAGroupThatMoved(t *testing.T) {
	o := newOffice(t)
	old := o.tg.Group(-777, "Двор")
	m := old.Post(tgfake.Draft{From: tgfake.User{ID: 9, FirstName: "Житель"}, Text: "Яма"})
	id := o.take("Ленина 1", domain.Post{ID: m.PostID(), Kind: domain.Comment, Author: domain.Author{ID: "9"}})
	moved := old.Migrate(-1001000000777)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	if got := moved.Said(); !slices.Equal(got, []string{"Яму засыпали."}) {
		t.Errorf("said in the new group: %q", got)
	}
	if c := o.caseOf(id); c.State != domain.Satisfaction {
		t.Errorf("the case: %s, %s", c.State, c.Reason)
	}
}

// refuses is a courier whose platform refuses everything.
type refuses struct{ err error }

func (r refuses) Send(context.Context, domain.Delivery) (string, error) { return "", r.err }

// A token that dies in use marks its account: the list says so, and the next
// answer is not given to it.
func TestDeadTokenMarksItsAccount(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.exec(`INSERT INTO accounts (region, platform, address, title, whole, sealed, created_at, created_by, checked_at)
		VALUES ('khabarovsk', 'vk', '999', 'Без ключа', true, decode(repeat('00', 40), 'hex'), now(), 'root', now())`)
	account := o.number(`SELECT id FROM accounts`)
	o.postman.Couriers[domain.VK] = refuses{vkError(5)}
	o.speak = append([]domain.Speaker{{ID: account, Platform: domain.VK, Address: "999", Whole: true}}, o.speak...)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	o.send() // from the region's own, whose token is dead too
	if c := o.caseOf(id); c.State != domain.SendFailed {
		t.Fatalf("the case: %s, %s", c.State, c.Reason)
	}
	list, err := o.store.Accounts(t.Context(), "khabarovsk")
	if err != nil || len(list) != 1 || list[0].Broken == "" {
		t.Errorf("the list says %+v, %v", list, err)
	}
}

// twoKeys refuses what one account says and lets the other through.
type twoKeys struct {
	dead string
	err  error
	live reply.Courier
}

func (k twoKeys) Send(ctx context.Context, d domain.Delivery) (string, error) {
	if d.Account == k.dead {
		return "", k.err
	}
	return k.live.Send(ctx, d)
}

// What an account whose token died was to say the region's account says in its place,
// once and by itself; without one it comes to a person, who is told of the token.
func TestAnotherAccountSpeaksForADeadOne(t *testing.T) {
	for name, tc := range map[string]struct {
		err   error
		alone bool
		state domain.State
	}{
		"it dies at the try":   {vkError(1117), false, domain.Satisfaction},
		"it was found dead":    {&domain.PlatformError{Platform: domain.VK, Reaction: domain.AskPerson, Words: "не работает", Err: reply.ErrAccountBroken}, false, domain.Satisfaction},
		"nobody else speaks":   {vkError(5), true, domain.SendFailed},
		"flood, not its token": {vkError(9), false, domain.SendFailed},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.wallPost()
			id := o.take("Ленина 1", p)
			o.exec(`INSERT INTO accounts (region, platform, address, title, whole, sealed, created_at, created_by, checked_at)
				VALUES ('khabarovsk', 'vk', '999', 'Орган', true, decode(repeat('00', 40), 'hex'), now(), 'root', now())`)
			body := domain.Speaker{ID: o.number(`SELECT id FROM accounts`), Platform: domain.VK, Address: "999", Bodies: []string{"min-roads"}}
			o.postman.Couriers[domain.VK] = twoKeys{"999", tc.err, o.postman.Couriers[domain.VK]}
			region := o.speak
			o.speak = []domain.Speaker{body} // as a process knows it that has not read the accounts anew
			if !tc.alone {
				o.speak = append(o.speak, region...)
			}
			o.approve(id, domain.ReplyFinal, "Яму засыпали.")
			if name == "it was found dead" { // between the plan and the try
				if _, err := o.store.PlanReplies(t.Context(), "khabarovsk", o.clock.Now(), 10, func(in domain.ReplyToPlan) domain.DeliveryPlan {
					return reply.Plan(in, reply.Knowledge{Channels: func(domain.Platform, domain.Way) (bool, string) { return true, "" }, Speakers: o.speak})
				}); err != nil {
					t.Fatal(err)
				}
				o.exec(`UPDATE accounts SET broken = 'ключ отозван'`)
			}
			for range 4 {
				o.send()
			}
			c := o.caseOf(id)
			if c.State != tc.state {
				t.Fatalf("%s: %s", c.State, c.Reason)
			}
			if got := o.wrote(p.ID); len(got) != map[bool]int{true: 1}[tc.state == domain.Satisfaction] {
				t.Errorf("written %q", got)
			}
			if n := o.number(`SELECT count(*) FROM deliveries`); n != 1 {
				t.Errorf("%d deliveries", n)
			}
			if tc.alone && !strings.Contains(c.Reason, "недействительным ключом") {
				t.Errorf("the person hears: %s", c.Reason)
			}
		})
	}
}
