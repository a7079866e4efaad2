package storage_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
)

// planned lets the postman's planner decide where the answers go.
func (c *chat) planned() {
	c.t.Helper()
	know := reply.Knowledge{Channels: func(domain.Platform, domain.Way) (bool, string) { return true, "" }, Words: bots.AnswerWords(),
		Speakers: []domain.Speaker{{Region: region, Platform: domain.VK, Address: "100", Whole: true}}}
	if _, err := c.s.PlanReplies(c.t.Context(), region, c.now, 10, func(r domain.ReplyToPlan) domain.DeliveryPlan { return reply.Plan(r, know) }); err != nil {
		c.t.Fatal(err)
	}
}

// approved is an answer of a body that has been approved.
func (c *chat) approved(text string) {
	c.t.Helper()
	c.move("execution", "approval")
	c.exec(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		SELECT id, round, 'final', 'approved', $2, 'solved', 'kim', 'head', $1, $1, $1, $1 FROM cases`, c.now, text)
	c.move("publishing")
}

// Answers of bodies, words of the bot and announcements to one chat keep one order
// and one pace, whoever they are from.
func TestOneOrderInADialog(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.approved("Воду дали")
	c.planned()
	c.press("status")
	want := c.rows(`SELECT text FROM deliveries ORDER BY id`)
	if len(want) < 4 || slices.Index(want, "Воду дали") < 1 || slices.Index(want, "Воду дали") == len(want)-1 {
		t.Fatalf("nothing to keep in order: %q", want)
	}
	c.exec(`UPDATE deliveries SET next_attempt_at = clock_timestamp() - id * interval '1 second'`) // the latest first, if nothing kept them
	var got []string
	for range want {
		d, ok, err := c.s.ClaimDelivery(t.Context(), time.Minute)
		if err != nil || !ok {
			t.Fatalf("after %q: %t, %v", got, ok, err)
		}
		got = append(got, d.Text)
		if err := c.s.FinishDelivery(t.Context(), domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: domain.Delivered, Message: "1", Reason: "sent"}, c.now); err != nil {
			t.Fatal(err)
		}
		if next, ok, _ := c.s.ClaimDelivery(t.Context(), time.Minute); ok {
			t.Fatalf("%q goes within a second of %q", next.Text, d.Text)
		}
		c.exec(`UPDATE deliveries SET tried_at = tried_at - interval '1 minute', first_tried_at = first_tried_at - interval '1 minute' WHERE tried_at IS NOT NULL`)
	}
	if !slices.Equal(got, want) {
		t.Errorf("said %q, want %q", got, want)
	}
}

// Those who claim in the same moment do not exceed the pace of a chat together.
func TestOnePaceForAllWhoClaim(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.exec(`UPDATE deliveries SET thread = 'own:' || id, gap_ms = 60000`) // as letters to staff and answers in groups are
	for range 20 {
		claimed := make([]bool, 8)
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for i := range claimed {
			wg.Go(func() {
				<-begin
				_, ok, err := c.s.ClaimDelivery(t.Context(), time.Minute)
				if err != nil {
					t.Error(err)
				}
				claimed[i] = ok
			})
		}
		close(begin)
		wg.Wait()
		n := 0
		for _, ok := range claimed {
			if ok {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%d go at once into one chat", n)
		}
		c.exec(`UPDATE delivery_attempts SET ended_at = now(), outcome = 'waiting' WHERE ended_at IS NULL`)
		c.exec(`UPDATE deliveries SET state = 'waiting', claimed_until = NULL, tried_at = tried_at - interval '1 hour' WHERE state = 'trying'`)
	}
}
