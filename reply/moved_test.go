package reply_test

import (
	"context"
	"slices"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
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
	if c := o.caseOf(id); c.State != domain.SendFailed {
		t.Fatalf("the case: %s, %s", c.State, c.Reason)
	}
	list, err := o.store.Accounts(t.Context(), "khabarovsk")
	if err != nil || len(list) != 1 || list[0].Broken == "" {
		t.Errorf("the list says %+v, %v", list, err)
	}
}
