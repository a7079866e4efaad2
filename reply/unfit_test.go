package reply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
)

// An address that no platform takes is named by its delivery: whose chat it is
// stands in no log and in no words for people.
func TestUnfitAddressesAreNotSaid(t *testing.T) {
	nobody := errors.New("nobody may be asked")
	for platform, courier := range map[domain.Platform]reply.Courier{
		domain.VK:       reply.VKCourier{Client: func(context.Context, domain.Delivery) (reply.VK, error) { return nil, nil }},
		domain.Telegram: reply.TelegramCourier{Client: func(context.Context, domain.Delivery) (reply.Telegram, error) { return nil, nobody }},
		domain.MAX:      reply.MAXCourier{Client: func(context.Context, domain.Delivery) (reply.MAX, int64, error) { return nil, 0, nobody }},
	} {
		for way, to := range map[domain.Way]domain.PostID{
			domain.WayDialog: domain.NewPostID(platform, "-700", "dialog:5550123x:7"),
			domain.WayPublic: domain.NewPostID(platform, "5550123x", "7"),
		} {
			d := domain.Delivery{ID: 42, Attempt: 1, Platform: platform, Way: way, Account: "700", To: to, Text: "Ответ"}
			message, err := courier.Send(t.Context(), d)
			end := reply.After(d, message, err, 0)
			if err == nil || end.State != domain.DeliveryFailed || !strings.Contains(end.Words, "доставка 42") {
				t.Errorf("%s, %s: %v, %+v", platform, way, err, end)
			}
			if said := fmt.Sprint(err, end); strings.Contains(said, "5550123") {
				t.Errorf("%s, %s says whose chat it is: %s", platform, way, said)
			}
		}
	}
}

// Whoever wrote to the bot late in a flood gets an answer of their own too.
func TestALateAuthorOfAFloodIsAnswered(t *testing.T) {
	o := newOffice(t)
	first := o.wallPost()
	id := o.take("Ленина 1", first)
	var flood []domain.Post
	for n := range 1100 {
		flood = append(flood, domain.Post{ID: domain.PostID{Platform: domain.VK, Owner: first.ID.Owner, Post: first.ID.Post, Comment: fmt.Sprint(9000 + n)}, Kind: domain.Comment, Author: domain.Author{ID: fmt.Sprint(9000 + n)}})
	}
	o.takeAll(domain.VKCallback, "Ленина 1", flood...)
	late := o.dialog(55)
	o.take("Ленина 1", late)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	if err := o.plan(); err != nil {
		t.Fatal(err)
	}
	if n := o.number(`SELECT count(*) FROM deliveries WHERE case_id = $1 AND post = $2 AND NOT main`, id, late.ID.Post); n != 1 {
		t.Errorf("%d answers go to the late author", n)
	}
}
