package reply_test

import (
	"fmt"
	"testing"

	"github.com/otklik/otklik/domain"
)

// What administrators see of an account: when it spoke, what went wrong, what is
// left today; and what they have stopped waits for them.
func TestTheUseOfAnAccount(t *testing.T) {
	o := newOffice(t)
	use := func() domain.AccountUse {
		t.Helper()
		list, err := o.store.AccountUses(t.Context(), "khabarovsk", o.speak[:1])
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0]
	}
	left := func(a domain.AccountUse) int64 { return a.Left[0].Left }
	if a := use(); !a.UsedAt.IsZero() || a.Fault != "" || left(a) != domain.SendPerDay(domain.VK, domain.WayPublic) {
		t.Fatalf("before it spoke: %+v", a)
	}
	if err := o.store.PauseAccount(t.Context(), domain.VK, fmt.Sprint(ownGroup), "смена подписи"); err != nil {
		t.Fatal(err)
	}
	first := o.wallPost()
	o.approve(o.take("Ленина 1", first), domain.ReplyFinal, "Яму засыпали.")
	o.send()
	if a := use(); len(o.wrote(first.ID)) != 0 || !a.UsedAt.IsZero() || a.PauseReason != domain.HeldPerson || a.Pause != "смена подписи" {
		t.Fatalf("stopped by a person: %+v", a)
	}
	if err := o.store.ResumeAccount(t.Context(), domain.VK, fmt.Sprint(ownGroup)); err != nil {
		t.Fatal(err)
	}
	o.send()
	if a := use(); len(o.wrote(first.ID)) != 1 || a.UsedAt.IsZero() || a.Fault != "" || left(a) != domain.SendPerDay(domain.VK, domain.WayPublic)-1 {
		t.Errorf("after it spoke: %+v", a)
	}
	gone := o.wallPost()
	o.approve(o.take("Ленина 2", gone), domain.ReplyFinal, "Яму засыпали.")
	o.vk.CloseWall(-100, 15)
	o.send()
	if a := use(); a.Fault == "" || a.FaultAt.IsZero() {
		t.Errorf("after a refusal: %+v", a)
	}
}
