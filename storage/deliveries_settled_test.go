package storage

import (
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// What was taken back while it was tried is not tried again, a short copy neither.
func TestTakenBackAnswersAreNotTriedAgain(t *testing.T) {
	for _, c := range []struct {
		reply string
		main  bool
		want  domain.DeliveryState
	}{
		{"approved", true, domain.DeliveryWaiting},
		{"published", true, domain.DeliveryCancelled},
		{"approval", true, domain.DeliveryCancelled},
		{"approved", false, domain.DeliveryWaiting},
		{"published", false, domain.DeliveryWaiting},
		{"approval", false, domain.DeliveryCancelled},
		{"returned", false, domain.DeliveryCancelled},
		{"withdrawn", false, domain.DeliveryCancelled},
	} {
		end := settled(domain.DeliveryEnd{State: domain.DeliveryWaiting, Reason: "later"}, db.Delivery{Main: c.main, Repeatable: true}, db.Reply{State: c.reply})
		if end.State != c.want {
			t.Errorf("of an answer in %s, main %v: %s", c.reply, c.main, end.State)
		}
	}
}
