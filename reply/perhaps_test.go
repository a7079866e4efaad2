package reply_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/reply"
)

// byAccount lets one account speak with a client of its own.
type byAccount struct {
	address   string
	one, rest reply.Courier
}

func (b byAccount) Send(ctx context.Context, d domain.Delivery) (string, error) {
	if d.Account == b.address {
		return b.one.Send(ctx, d)
	}
	return b.rest.Send(ctx, d)
}

// bodyAccount gives the body a community of its own, before the region's.
func (o *office) bodyAccount() {
	o.t.Helper()
	o.vk.AddCommunity(vkfake.Community{ID: 999, Token: "body-token"})
	srv := httptest.NewServer(o.vk)
	o.t.Cleanup(srv.Close)
	body := vk.New(vk.Config{MethodURL: srv.URL + vkfake.MethodPath, Communities: []vk.Token{vk.CommunityToken(999, "body-token")}, TooManyWait: time.Millisecond})
	o.postman.Couriers[domain.VK] = byAccount{"999", reply.VKCourier{Client: func(context.Context, domain.Delivery) (reply.VK, error) { return body, nil }},
		o.postman.Couriers[domain.VK]}
	o.exec(`INSERT INTO accounts (region, platform, address, title, whole, sealed, created_at, created_by, checked_at)
		VALUES ('khabarovsk', 'vk', '999', 'Орган', true, decode(repeat('00', 40), 'hex'), now(), 'root', now())`)
	o.speak = append([]domain.Speaker{{ID: o.number(`SELECT id FROM accounts`), Platform: domain.VK, Address: "999", Bodies: []string{"min-roads"}}}, o.speak...)
}

// bodyFault spoils what the body's community writes.
func (o *office) bodyFault(f vkfake.Fault) {
	f.Method, f.Token = "wall.createComment", "body-token"
	o.vk.AddFault(f)
}

// An answer that an account may have said already is said by another one only after a
// person was told to look: VK knows a repeat by the account.
func TestAnotherAccountDoesNotRepeatWhatMayStand(t *testing.T) {
	for name, c := range map[string]struct {
		first  vkfake.Fault
		before int  // comments when it comes to a person
		itself bool // the region's account takes over without anybody
	}{
		"written and the line cut":  {vkfake.Fault{Cut: true}, 1, false},
		"a fault of the gateway":    {vkfake.Fault{Status: 502}, 0, false},
		"refused by VK: too many":   {vkfake.Fault{Code: 6, Times: 9}, 0, true},
		"refused: the token is bad": {vkfake.Fault{Code: 5}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.bodyAccount()
			p := o.wallPost()
			id := o.take("Ленина 1", p)
			o.bodyFault(c.first)
			o.approve(id, domain.ReplyFinal, "Яму засыпали.")
			o.send()
			o.bodyFault(vkfake.Fault{Code: 5, Times: 50})
			for range 4 {
				o.due()
				o.send()
			}
			got := o.caseOf(id)
			if c.itself {
				if n := len(o.wrote(p.ID)); n != 1 || got.State != domain.Satisfaction {
					t.Errorf("written %d times, the case is %s", n, got.State)
				}
				return
			}
			if n := len(o.wrote(p.ID)); n != c.before || got.State != domain.SendFailed || !strings.Contains(got.Reason, domain.PerhapsWords) {
				t.Fatalf("written %d times, the case is %s: %s", n, got.State, got.Reason)
			}
			if _, err := o.store.ResendReply(t.Context(), o.act(id), ""); err != nil { // they have looked
				t.Fatal(err)
			}
			o.rest()
			o.speak = o.speak[1:] // dead, as the page of accounts shows it
			o.send()
			if n := len(o.wrote(p.ID)); n != c.before+1 || o.caseOf(id).State != domain.Satisfaction {
				t.Errorf("a person wants it said: written %d times, the case is %s", n, o.caseOf(id).State)
			}
		})
	}
}

// The same when the tries were given up and another account is the one to speak by now.
func TestSentAgainByAnotherAccountAfterALook(t *testing.T) {
	o := newOffice(t)
	o.bodyAccount()
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.bodyFault(vkfake.Fault{Cut: true})
	o.bodyFault(vkfake.Fault{Code: 10, Times: 11})
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	for range 12 {
		o.send()
		o.due()
	}
	if c := o.caseOf(id); c.State != domain.SendFailed || strings.Contains(c.Reason, domain.PerhapsWords) {
		t.Fatalf("given up: %s, %s", c.State, c.Reason)
	}
	body := o.speak[0]
	o.speak = o.speak[1:]
	again := func() {
		t.Helper()
		if _, err := o.store.ResendReply(t.Context(), o.act(id), ""); err != nil {
			t.Fatal(err)
		}
		o.rest()
		o.send()
	}
	again()
	if c, n := o.caseOf(id), len(o.wrote(p.ID)); n != 1 || c.State != domain.SendFailed || !strings.Contains(c.Reason, domain.PerhapsWords) {
		t.Fatalf("another account: written %d times, the case is %s: %s", n, c.State, c.Reason)
	}
	o.speak = append([]domain.Speaker{body}, o.speak...) // its own is back: VK knows the words
	again()
	if n := len(o.wrote(p.ID)); n != 1 || o.caseOf(id).State != domain.Satisfaction {
		t.Errorf("by its own account: written %d times, the case is %s", n, o.caseOf(id).State)
	}
}
