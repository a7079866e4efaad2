package reply_test

import (
	"slices"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// deleteTG and deleteMAX take the last message of a group away, and tell no bot.
func (o *office) deleteTG() {
	all := o.tg.Chat(-1001000000777).Messages()
	all[len(all)-1].Delete(time.Time{})
}

func (o *office) deleteMAX() {
	all := o.mx.Chat(-9009).Messages()
	all[len(all)-1].Delete(time.Time{})
}

// An answer that somebody deleted where no platform tells of it: the correction finds
// it gone, and goes out as a message of its own when a person sends it again.
func TestACorrectionOfADeletedAnswer(t *testing.T) {
	const was, is = "Яму засыпали.", "Яму засыпали вчера."
	for name, c := range map[string]struct {
		post   func(*office) domain.Post
		remove func(*office)
	}{
		"Telegram": {(*office).groupPost, (*office).deleteTG},
		"MAX":      {(*office).groupMAX, (*office).deleteMAX},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := c.post(o)
			id, _ := o.answered(p, was)
			c.remove(o)
			o.clock.pass(30 * 24 * time.Hour) // behind its approval, which is of now
			if err := o.correct(id, is, "день"); err != nil {
				t.Fatal(err)
			}
			o.rest()
			o.send()
			if d := o.delivery(id); d.Fate != domain.FateRemoved || !o.replyOf(id).Deliveries[1].Lost() {
				t.Fatalf("%q: %+v", d.Fate, o.replyOf(id).Deliveries[1])
			}
			o.clock.pass(time.Minute)
			lost := o.replyOf(id).Deliveries[1].ID
			if _, err := o.store.DecideCopy(t.Context(), o.act(id), domain.CopyDecision{Delivery: lost, Choice: domain.CopyAgain}); err != nil {
				t.Fatal(err)
			}
			o.rest()
			o.send()
			got := o.wrote(p.ID)
			if n := o.number(`SELECT count(*) FROM lost_copies`); n != 0 || !slices.Equal(got, []string{was, is}) {
				t.Errorf("%d lost, said %q", n, got)
			}
		})
	}
}
