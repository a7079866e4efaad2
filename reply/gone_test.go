package reply_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
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
		says   func(*office) []string
	}{
		"Telegram": {(*office).groupPost, (*office).deleteTG, func(o *office) []string { return o.tg.Chat(-1001000000777).Said() }},
		"MAX":      {(*office).groupMAX, (*office).deleteMAX, func(o *office) []string { return o.mx.Chat(-9009).Said() }},
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
			// What was said anew is the answer from then on: it is edited.
			o.clock.pass(time.Minute)
			if err := o.correct(id, "Яму засыпали 12 декабря.", "не тот день"); err != nil {
				t.Fatal(err)
			}
			o.rest()
			o.send()
			if n := o.number(`SELECT count(*) FROM deliveries d JOIN deliveries b ON b.platform_id = d.edits AND b.id > 1 AND b.edits = ''
				WHERE d.state = 'delivered' AND d.text = 'Яму засыпали 12 декабря.'`); n != 1 || len(c.says(o)) != 1 || c.says(o)[0] != "Яму засыпали 12 декабря." {
				t.Errorf("corrected once more: %d edits, there stands %q", n, c.says(o))
			}
		})
	}
}

// A comment that was removed in VK is said anew once: what corrects it then stands under
// the new one. The same words may be said again only while nothing stands.
func TestAnAnswerIsSaidAnewOnce(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id, message := o.answered(p, "Яму засыпали.")
	o.clock.pass(30 * 24 * time.Hour) // behind its approval, which is of now
	o.seen(domain.VKCallback, nil, message)
	say := func(text string) {
		t.Helper()
		o.clock.pass(time.Minute)
		if err := o.correct(id, text, "ответ удалён"); err != nil {
			t.Fatal(err)
		}
		o.rest()
		o.send()
	}
	say("Яму засыпали.")
	if err := o.correct(id, "Яму засыпали.", "ещё раз"); !errors.Is(err, domain.RefuseSameText) {
		t.Errorf("the same words beside those that stand: %v", err)
	}
	say("Яму засыпали вчера.")
	want := []string{"Яму засыпали.", "Яму засыпали.", lead() + "Яму засыпали вчера."}
	if got := o.wrote(p.ID); !slices.Equal(got, want) {
		t.Fatalf("said %q", got)
	}
	anew := domain.PostID{Platform: domain.VK, Owner: p.ID.Owner, Post: p.ID.Post, Comment: o.replyOf(id).Deliveries[1].Message}
	o.seen(domain.VKCallback, nil, anew)
	say("Яму засыпали 5 декабря.")
	if got := o.wrote(p.ID); !slices.Equal(got, append(want, "Яму засыпали 5 декабря.")) {
		t.Errorf("after that was removed too: %q", got)
	}
}

// The same in private, where a short answer went.
func TestAShortAnswerIsSaidAnewOnce(t *testing.T) {
	o := newOffice(t)
	private := o.inPrivate(domain.Telegram)
	id := o.take("Ленина 1", o.wallPost(), private)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	all := o.tg.Chat(78).Messages()
	all[len(all)-1].Delete(time.Time{})
	o.clock.pass(30 * 24 * time.Hour)
	say := func(text string) {
		t.Helper()
		o.clock.pass(time.Minute)
		if err := o.correct(id, text, "день"); err != nil {
			t.Fatal(err)
		}
		o.rest()
		o.send()
	}
	say("Яму засыпали вчера.")
	lost := o.number(`SELECT id FROM lost_copies`)
	if _, err := o.store.DecideCopy(t.Context(), o.act(id), domain.CopyDecision{Delivery: lost, Choice: domain.CopyAgain}); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	say("Яму засыпали 12 декабря.")
	want := []string{short(domain.ReplyFinal, o.caseOf(id).Number, "Яму засыпали 12 декабря.")}
	if got := o.tg.Chat(78).Said(); !slices.Equal(got, want) {
		t.Errorf("there stands %q", got)
	}
}

// What has not left is not said before what follows it.
func TestACorrectionThatWaitsIsFollowed(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id, _ := o.answered(p, "Яму засыпали.")
	o.exec(`INSERT INTO account_pauses (account, until, why) VALUES ('vk:700', now() + interval '1 hour', 'проверка')`)
	for _, text := range []string{"Яму засыпали на днях.", "Яму засыпали вчера."} {
		if err := o.correct(id, text, "день"); err != nil {
			t.Fatal(err)
		}
	}
	o.exec(`DELETE FROM account_pauses`)
	o.rest()
	o.send()
	if got := o.wrote(p.ID); !slices.Equal(got, []string{"Яму засыпали.", lead() + "Яму засыпали вчера."}) {
		t.Errorf("said %q", got)
	}
}

// An interim answer of a body that the case has left since is corrected by the one that
// has it now only where that may speak as the account that said it.
func TestWhoMayCorrect(t *testing.T) {
	off := map[domain.Way]bool{}
	k := reply.Knowledge{Channels: func(_ domain.Platform, w domain.Way) (bool, string) { return !off[w], "выключено" }, Speakers: []domain.Speaker{
		{ID: 1, Platform: domain.VK, Address: "1", Bodies: []string{"roads"}},
		{ID: 2, Platform: domain.VK, Address: "2", Whole: true},
		{ID: 3, Platform: domain.VK, Address: "3", Whole: true, Broken: "ключ отозван"},
		{Platform: domain.MAX, Address: domain.AnyAddress, Whole: true}}}
	for _, c := range []struct {
		platform      domain.Platform
		way           domain.Way
		account, body string
		want          domain.Refusal
	}{
		{domain.VK, domain.WayPublic, "1", "roads", ""},
		{domain.VK, domain.WayPublic, "1", "water", domain.RefuseCorrectOther},
		{domain.VK, domain.WayDialog, "1", "water", ""},
		{domain.VK, domain.WayPublic, "2", "water", ""},
		{domain.VK, domain.WayPublic, "3", "water", domain.RefuseCorrectAccount},
		{domain.VK, domain.WayPublic, "4", "water", domain.RefuseCorrectAccount},
		{domain.MAX, domain.WayPublic, "700", "water", ""},
		{domain.Telegram, domain.WayPublic, "700", "water", domain.RefuseCorrectAccount},
	} {
		got := reply.MayCorrect(domain.AnswerPlace{Platform: c.platform, Way: c.way, Account: c.account, Body: c.body}, k)
		if got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	off[domain.WayPublic] = true
	if got := reply.MayCorrect(domain.AnswerPlace{Platform: domain.VK, Way: domain.WayPublic, Account: "2", Body: "water"}, k); got != domain.RefuseCorrectChannel {
		t.Errorf("with the channel off: %q", got)
	}
}
