package reply_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// answered is a case whose answer stands under a post of VK, MAX or Telegram.
func (o *office) answered(p domain.Post, text string) (id int64, message domain.PostID) {
	o.t.Helper()
	id = o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, text)
	o.send()
	d := o.delivery(id)
	if d.State != domain.Delivered {
		o.t.Fatalf("%s: %+v", p.ID, d)
	}
	message = domain.PostID{Platform: p.ID.Platform, Owner: p.ID.Owner, Post: d.Message, Comment: "0"}
	if p.ID.Platform == domain.VK {
		message.Post, message.Comment = p.ID.Post, d.Message
	}
	return id, message
}

func (o *office) replyOf(id int64) domain.CaseReply {
	o.t.Helper()
	w, err := o.store.CaseWhole(o.t.Context(), whole(), id)
	if err != nil || len(w.Replies) != 1 {
		o.t.Fatal(err, len(w.Replies))
	}
	return w.Replies[0]
}

func (o *office) delivery(id int64) domain.CaseDelivery {
	o.t.Helper()
	return o.replyOf(id).Deliveries[0]
}

// seen commits what a platform shows of a message, or that it shows it no more.
func (o *office) seen(kind domain.SourceKind, posts []domain.Post, gone ...domain.PostID) {
	o.t.Helper()
	b := domain.Batch{Source: o.source(kind)}
	var judged []domain.Judged
	for _, p := range posts {
		p.Region, p.SourceID, p.PublishedAt = "khabarovsk", b.Source.ID, o.clock.Now()
		b.Posts = append(b.Posts, p)
		judged = append(judged, domain.Judged{Post: p, Verdict: domain.Verdict{Kind: domain.Own, Confidence: 1, PackHash: "test", Reason: "наш ответ"}})
	}
	for _, id := range gone {
		b.Deletions = append(b.Deletions, domain.Deletion{ID: id, At: o.clock.Now()})
	}
	keep := func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
		return domain.Decision{Action: domain.ActionKeep, Reason: "own", Words: "наш ответ"}
	}
	if _, err := o.store.Commit(o.t.Context(), o.clock.Now(), b, judged, keep); err != nil {
		o.t.Fatal(err)
	}
	o.send()
}

func (o *office) groupMAX() domain.Post {
	group := o.mx.Group(-9009, "Двор")
	group.Add(o.mxBot, true)
	m := group.Post(maxfake.Draft{From: maxfake.User{ID: 9, FirstName: "Житель"}, Text: "Яма"})
	return domain.Post{ID: m.PostID(o.mxBot), Kind: domain.Comment, Author: domain.Author{ID: "9"}}
}

// An answer that somebody takes away is shown as such, once to the body, and
// stands again when it comes back.
func TestARemovedAnswerIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		kind   domain.SourceKind
		post   func(*office) domain.Post
		stored bool // it came back with polling before
	}{
		"VK, stored":     {domain.VKCallback, (*office).wallPost, true},
		"VK, not stored": {domain.VKCallback, (*office).wallPost, false},
		"MAX":            {domain.MAXWebhook, (*office).groupMAX, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			id, message := o.answered(c.post(o), "Яму засыпали.")
			own := domain.Post{ID: message, Kind: domain.Comment, Author: domain.Author{ID: fmt.Sprintf("-%d", ownGroup)}, Text: "Яму засыпали."}
			if c.stored {
				o.seen(c.kind, []domain.Post{own})
			}
			o.clock.pass(time.Hour)
			o.seen(c.kind, nil, message)
			o.seen(c.kind, nil, message)
			d := o.delivery(id)
			if d.Fate != domain.FateRemoved || !d.FateAt.Equal(o.clock.Now()) {
				t.Errorf("%q at %s", d.Fate, d.FateAt)
			}
			if n := o.number(`SELECT count(*) FROM notices WHERE kind = 'answer_fate' AND case_id = $1 AND to_role = 'coordinator' AND to_agency = 'min-roads'`, id); n != 1 {
				t.Errorf("%d notices", n)
			}
			if n := o.number(`SELECT count(*) FROM case_history WHERE case_id = $1 AND what = 'reply' AND why LIKE 'ответ удалён на площадке%'`, id); n != 1 {
				t.Errorf("%d lines in the history", n)
			}
			if c.stored {
				own.Text, own.EditedAt = "Яму засыпали. Ещё", o.clock.Now()
				o.seen(c.kind, []domain.Post{own})
				if d := o.delivery(id); d.Fate != domain.FateEdited {
					t.Errorf("after it came back with other words: %q", d.Fate)
				}
			}
		})
	}
}

// The bot was put out of the chat: what is to be said there comes back to a person
// with the reason, and goes once it is in again.
func TestAnAnswerToAChatThatTheBotLost(t *testing.T) {
	o := newOffice(t)
	p := o.groupMAX()
	group := o.mx.Chat(-9009)
	group.Kick(o.mxBot)
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	d := o.delivery(id)
	if c := o.caseOf(id); c.State != domain.SendFailed || d.State != domain.DeliveryFailed || !strings.Contains(d.Words, "бот в нём не состоит") {
		t.Fatalf("%s, %s: %q", c.State, d.State, d.Words)
	}
	group.Add(o.mxBot, true)
	if _, err := o.store.ResendReply(t.Context(), o.act(id), ""); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	if c := o.caseOf(id); c.State != domain.Satisfaction {
		t.Errorf("let in again: %s, %s", c.State, c.Reason)
	}
}

// The post that was answered is gone, and the answer with it.
func TestAnAnswerGoesWithItsPost(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id, _ := o.answered(p, "Яму засыпали.")
	o.seen(domain.VKCallback, nil, p.ID)
	if d := o.delivery(id); d.Fate != domain.FateRemoved {
		t.Errorf("%q", d.Fate)
	}
}

// What a keeper of the community writes over our words is shown; the same words
// again are nothing.
func TestAnEditedAnswerIsTold(t *testing.T) {
	o := newOffice(t)
	id, message := o.answered(o.wallPost(), "Яму засыпали.")
	own := domain.Post{ID: message, Kind: domain.Comment, Author: domain.Author{ID: fmt.Sprintf("-%d", ownGroup)}}
	for i, said := range []string{"Яму засыпали.", "Яму не засыпали.", "Яму засыпали."} {
		o.clock.pass(time.Hour)
		own.Text = said
		if i > 0 {
			own.EditedAt = o.clock.Now()
		}
		o.seen(domain.VKCallback, []domain.Post{own})
		want := domain.Fate("")
		if i == 1 {
			want = domain.FateEdited
		}
		if d := o.delivery(id); d.Fate != want || want != "" && d.FateText != said {
			t.Errorf("after %q: %q, %q", said, d.Fate, d.FateText)
		}
	}
	if n := o.number(`SELECT count(*) FROM notices WHERE kind = 'answer_fate'`); n != 1 {
		t.Errorf("%d notices", n)
	}
}

// A correction takes the place of the words where the platform lets it, and stands
// under them in VK; the approved answer stays, the case does not move.
func TestACorrectedAnswer(t *testing.T) {
	const was, is = "Яму засыпали.", "Яму засыпали 12 декабря."
	for name, c := range map[string]struct {
		post func(*office) domain.Post
		want []string
	}{
		"VK":       {(*office).wallPost, []string{was, lead() + is}},
		"MAX":      {(*office).groupMAX, []string{was, is}},
		"Telegram": {(*office).groupPost, []string{was, is}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := c.post(o)
			id, _ := o.answered(p, was)
			before := o.caseOf(id)
			for _, bad := range []struct {
				text, why string
				want      error
			}{{is, "", domain.RefuseNoReason}, {" ", "дата", domain.RefuseEmptyText}, {was, "дата", domain.RefuseSameText}} {
				if err := o.correct(id, bad.text, bad.why); !errors.Is(err, bad.want) {
					t.Errorf("%+v: %v", bad, err)
				}
			}
			if err := o.correct(id, is, "не было даты"); err != nil {
				t.Fatal(err)
			}
			o.rest()
			o.send()
			if got := o.wrote(p.ID); !slices.Equal(got, c.want) {
				t.Errorf("written %q", got)
			}
			r := o.replyOf(id)
			if r.Text != was || r.Says() != is || r.Corrections[0].Why != "не было даты" || r.Corrections[0].Author != "coord" || r.Corrections[0].Approver != "head" {
				t.Errorf("%+v", r)
			}
			if after := o.caseOf(id); after.State != before.State || after.Version != before.Version {
				t.Errorf("the case moved: %s %d → %s %d", before.State, before.Version, after.State, after.Version)
			}
			if err := o.correct(id, is, "ещё раз"); !errors.Is(err, domain.RefuseSameText) {
				t.Errorf("the same once more: %v", err)
			}
		})
	}
}

// What was removed is said anew; what cannot be said is told to the body.
func TestARemovedAnswerIsSaidAnew(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id, message := o.answered(p, "Яму засыпали.")
	o.seen(domain.VKCallback, nil, message)
	if err := o.correct(id, "Яму засыпали.", "ответ удалён"); err != nil {
		t.Fatal(err)
	}
	o.off["vk/public"] = true
	o.rest()
	o.send()
	if got := o.wrote(p.ID); len(got) != 1 {
		t.Errorf("with the channel off: %q", got)
	}
	if n := o.number(`SELECT count(*) FROM notices WHERE text LIKE 'Исправление ответа по инциденту%не доставлено%'`); n != 1 {
		t.Errorf("%d notices of the failure", n)
	}
	o.off["vk/public"] = false
	if err := o.correct(id, "Яму засыпали.", "ответ удалён"); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	if got := o.wrote(p.ID); len(got) != 2 || strings.HasPrefix(got[1], lead()) {
		t.Errorf("said anew: %q", got)
	}
}

// Nobody corrects what was never given.
func TestNothingToCorrect(t *testing.T) {
	o := newOffice(t)
	id := o.take("Мира 2", o.wallPost())
	o.exec(`UPDATE cases SET state = 'execution', changed_by = 'head' WHERE id = $1`, id)
	if err := o.correct(id, "Иначе.", "дата"); !errors.Is(err, domain.RefuseNothingToCorrect) {
		t.Error(err)
	}
}

// coord is the coordinator of the body, with the case as it is.
func (o *office) coord(id int64) domain.Act {
	a := o.act(id)
	duty := domain.Duty{Login: "coord", Roles: []domain.Role{domain.RoleCoordinator}, Body: "min-roads", Bodies: []string{"min-roads"}}
	a.Hand = domain.Hand{Login: "coord", Duties: []domain.Duty{duty}}
	return a
}

// proposed is the correction of a case that waits.
func (o *office) proposed(id int64) domain.CorrectionProposal {
	o.t.Helper()
	w, err := o.store.CaseWhole(o.t.Context(), whole(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	_, p, _ := w.Proposal()
	return p
}

// correct is a correction of the coordinator that the head approves; one that goes
// nowhere is recalled.
func (o *office) correct(id int64, text, why string) error {
	o.t.Helper()
	if _, err := o.store.ProposeCorrection(o.t.Context(), o.coord(id), text, why); err != nil {
		return err
	}
	p := o.proposed(id)
	_, err := o.store.ApproveCorrection(o.t.Context(), o.act(id), p.ID)
	if err != nil {
		if _, err := o.store.RecallCorrection(o.t.Context(), o.coord(id), p.ID); err != nil {
			o.t.Fatal(err)
		}
	}
	return err
}

// A correction goes into a dialog only while its author wants messages.
func TestACorrectionLeavesSilentAuthorsAlone(t *testing.T) {
	o := newOffice(t)
	p := o.dialog(5005)
	id, _ := o.answered(p, "Свет дали.")
	o.exec(`INSERT INTO dialogs (region, platform, owner, chat_key, created_at, updated_at)
		VALUES ('khabarovsk', 'vk', $1, sha256('5005'), now(), now())`, p.ID.Owner)
	o.exec(`INSERT INTO dialog_posts (post_id, dialog_id, reason) SELECT i.post_id, d.id, 'post' FROM post_ids i, dialogs d WHERE i.owner = $1`, p.ID.Owner)
	if err := o.correct(id, "Свет дали вчера.", "день"); !errors.Is(err, domain.RefuseCorrectShut) {
		t.Errorf("after consent was withdrawn: %v", err)
	}
	o.exec(`UPDATE dialogs SET consent = '1', consent_at = now(), chat = '5005'`)
	if err := o.correct(id, "Свет дали вчера.", "день"); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	if got := o.wrote(p.ID); len(got) != 2 || got[1] != lead()+"Свет дали вчера." {
		t.Errorf("%q", got)
	}
}

// inPrivate is a message of a citizen to the bot of a platform.
func (o *office) inPrivate(p domain.Platform) domain.Post {
	switch p {
	case domain.MAX:
		m := o.mxBot.Dialog(maxfake.User{ID: 77, FirstName: "Житель"}, "").Post(maxfake.Draft{Text: "Яма"})
		return domain.Post{ID: m.PostID(o.mxBot), Kind: domain.Message, Author: domain.Author{ID: "77"}}
	case domain.Telegram:
		u := tgfake.User{ID: 78, FirstName: "Житель"}
		return domain.Post{ID: o.tg.Dialog(u).Post(tgfake.Draft{From: u, Text: "Яма"}).PostID(), Kind: domain.Message, Author: domain.Author{ID: "78"}}
	}
	return o.dialog(55)
}

// spoken is what stands in the dialog of a platform now, said by us.
func (o *office) spoken(p domain.Platform) []string {
	switch p {
	case domain.MAX:
		return o.mxBot.Dialog(maxfake.User{ID: 77}, "").Said()
	case domain.Telegram:
		return o.tgSaid()
	}
	return o.vk.Said(ownGroup, 55)
}

// tgSaid is what the bot has said in the private chat of Telegram.
func (o *office) tgSaid() (out []string) {
	for _, e := range o.tg.Chat(78).View() {
		if e.Official {
			out = append(out, e.Text)
		}
	}
	return out
}

// Authors who asked in private have a short answer; a correction of the whole one
// reaches them too: in its place where the platform lets us, else in words of its own.
func TestACorrectionReachesShortAnswers(t *testing.T) {
	const was, is = "Яму засыпали.", "Яму засыпали 12 декабря."
	for _, p := range []domain.Platform{domain.VK, domain.MAX, domain.Telegram} {
		for name, later := range map[string]time.Duration{"at once": time.Minute, "after nine days": 9 * 24 * time.Hour} {
			t.Run(string(p)+" "+name, func(t *testing.T) {
				o := newOffice(t)
				private := o.inPrivate(p)
				id := o.take("Ленина 1", o.wallPost(), private)
				o.approve(id, domain.ReplyFinal, was)
				o.send()
				number := o.caseOf(id).Number
				said := short(domain.ReplyFinal, number, was)
				if got := o.spoken(p); !slices.Equal(got, []string{said}) {
					t.Fatalf("before: %q", got)
				}
				o.clock.pass(later)
				if err := o.correct(id, is, "не было даты"); err != nil {
					t.Fatal(err)
				}
				o.rest()
				o.send()
				now := short(domain.ReplyFinal, number, is)
				want := []string{now}
				if p == domain.VK || p == domain.MAX && later > domain.EditableInDialog {
					want = []string{said, lead() + now}
				}
				if got := o.spoken(p); !slices.Equal(got, want) {
					t.Errorf("after: %q", got)
				}
			})
		}
	}
}

// A short answer that has not left goes out corrected; one whose author wants no
// messages any more stays as it was.
func TestACorrectionOfWhatWaitsAndOfTheSilent(t *testing.T) {
	o := newOffice(t)
	id := o.take("Ленина 1", o.wallPost(), o.dialog(55))
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.exec(`INSERT INTO account_pauses (account, until, why) VALUES ('vk:700:dialog', now() + interval '1 hour', 'проверка')`)
	o.send()
	if got := o.vk.Said(ownGroup, 55); len(got) != 0 {
		t.Fatalf("%q", got)
	}
	for _, text := range []string{"Яму засыпали на днях.", "Яму засыпали вчера."} {
		if err := o.correct(id, text, "день"); err != nil {
			t.Fatal(err)
		}
	}
	o.exec(`DELETE FROM account_pauses`)
	o.rest()
	o.send()
	now := short(domain.ReplyFinal, o.caseOf(id).Number, "Яму засыпали вчера.")
	if got := o.vk.Said(ownGroup, 55); !slices.Equal(got, []string{now}) {
		t.Errorf("what waited: %q", got)
	}
	if err := o.correct(id, "Яму засыпали 12 декабря.", "день"); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	again := lead() + short(domain.ReplyFinal, o.caseOf(id).Number, "Яму засыпали 12 декабря.")
	if got := o.vk.Said(ownGroup, 55); !slices.Equal(got, []string{now, again}) {
		t.Errorf("once more: %q", got)
	}
	o.exec(`INSERT INTO dialogs (region, platform, owner, chat_key, created_at, updated_at) SELECT 'khabarovsk', 'vk', owner, sha256('55'), now(), now() FROM post_ids WHERE post LIKE 'dialog:%'`)
	o.exec(`INSERT INTO dialog_posts (post_id, dialog_id, reason) SELECT i.post_id, d.id, 'post' FROM post_ids i, dialogs d WHERE i.post LIKE 'dialog:%'`)
	if err := o.correct(id, "Яму засыпали позавчера.", "день"); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	if got := o.vk.Said(ownGroup, 55); len(got) != 2 {
		t.Errorf("after consent was withdrawn: %q", got)
	}
}

// MAX edits in dialogs for seven days; after that the correction stands under the
// answer.
func TestAnOldAnswerInADialogOfMAX(t *testing.T) {
	o := newOffice(t)
	id, _ := o.answered(o.inPrivate(domain.MAX), "Яму засыпали.")
	o.clock.pass(9 * 24 * time.Hour)
	if err := o.correct(id, "Яму засыпали вчера.", "день"); err != nil {
		t.Fatal(err)
	}
	o.rest()
	o.send()
	if got := o.spoken(domain.MAX); !slices.Equal(got, []string{"Яму засыпали.", lead() + "Яму засыпали вчера."}) {
		t.Errorf("%q", got)
	}
}
