package reply_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// The whole way: an approved answer stands as a comment under the citizen's post,
// and the case waits for what the citizen says.
func TestFinalAnswerStandsUnderThePost(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали 23 ноября.")
	o.send()
	if got := o.wrote(p.ID); !slices.Equal(got, []string{"Яму засыпали 23 ноября."}) {
		t.Fatalf("written under the post: %q", got)
	}
	c := o.caseOf(id)
	if c.State != domain.Satisfaction || c.Outcome != domain.Solved || c.AnsweredAt.IsZero() {
		t.Errorf("the case: %+v", c)
	}
	if n := o.number(`SELECT count(*) FROM replies WHERE state = 'published' AND published_at IS NOT NULL`); n != 1 {
		t.Errorf("%d answers published", n)
	}
	st, err := o.store.Stats(t.Context(), "")
	if err != nil || st.Replies != 1 {
		t.Errorf("stats: %+v, %v", st, err)
	}
	o.send() // and once only
	if len(o.said.replies()) != 1 {
		t.Errorf("written: %+v", o.said.replies())
	}
}

// An interim answer goes out and the case goes on: the final one is still due (R4).
func TestInterimAnswerLeavesTheCaseInWork(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyInterim, "Принято, ответим до 3 декабря.")
	o.send()
	c := o.caseOf(id)
	if c.State != domain.Execution || c.ReactionAt.IsZero() || !c.AnsweredAt.IsZero() {
		t.Errorf("the case: %+v", c)
	}
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	if got := o.wrote(p.ID); !slices.Equal(got, []string{"Принято, ответим до 3 декабря.", "Яму засыпали."}) {
		t.Errorf("written: %q", got)
	}
}

// A flood gets one public answer, under what opened the case; each author who
// wrote in private gets a short one.
func TestFloodGetsOnePublicAnswerAndShortPrivateOnes(t *testing.T) {
	o := newOffice(t)
	wall := o.wallPost()
	comment, err := o.vk.AddComment(vkfake.Comment{Owner: -100, Post: number(wall.ID.Post), From: 8, Text: "И у нас"})
	if err != nil {
		t.Fatal(err)
	}
	opener := domain.Post{ID: comment, Kind: domain.Comment, Author: domain.Author{ID: "8"}, Thread: wall.ID}
	private, again := o.dialog(55), o.dialog(55)
	id := o.take("Ленина 1", opener, wall, private, again)
	o.approve(id, domain.ReplyFinal, strings.Repeat("Яму засыпали. ", 100))
	o.send()
	if got := o.wrote(comment); len(got) != 1 {
		t.Errorf("under the comment: %q", got)
	}
	if got := o.wrote(wall.ID); len(got) != 0 {
		t.Errorf("under the post too: %q", got)
	}
	var short []string
	for _, e := range o.said.replies() {
		if strings.HasPrefix(e.ID.Post, "dialog:55:") {
			short = append(short, e.Text)
		}
	}
	if len(short) != 1 || len([]rune(short[0])) > 800 || !strings.Contains(short[0], o.caseOf(id).Number) || !strings.HasSuffix(short[0], "…") {
		t.Errorf("in private: %q", short)
	}
	if c := o.caseOf(id); c.State != domain.Satisfaction {
		t.Errorf("the case is %s", c.State)
	}
}

// Without a way the case comes to a person with the reason, and so does a notice.
func TestNoWayGoesToAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		make  func(o *office) domain.Post
		words string
	}{
		"the policy is off": {func(o *office) domain.Post { o.off["vk/public"] = true; return o.wallPost() }, "выключены в пакете региона"},
		"nobody can speak":  {func(o *office) domain.Post { o.speak = nil; return o.wallPost() }, "нет сообщества ВКонтакте"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := c.make(o)
			id := o.take("Ленина 1", p)
			o.approve(id, domain.ReplyFinal, "Яму засыпали.")
			o.send()
			got := o.caseOf(id)
			if got.State != domain.SendFailed || !strings.Contains(got.Reason, c.words) {
				t.Errorf("%s: %q", got.State, got.Reason)
			}
			if n := o.number(`SELECT count(*) FROM notices WHERE kind = 'send_failed' AND case_id = $1`, id); n != 1 {
				t.Errorf("%d notices", n)
			}
			if len(o.said.replies()) != 0 {
				t.Errorf("written all the same: %+v", o.said.replies())
			}
		})
	}
}

// The policy is asked again before the try.
func TestPolicySwitchedOffBeforeTheTry(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.exec(`INSERT INTO account_pauses VALUES ('vk:700', now() + interval '1 hour', 'проверка')`)
	o.send()
	if n := o.number(`SELECT count(*) FROM deliveries WHERE state = 'waiting'`); n != 1 {
		t.Fatalf("%d deliveries wait", n)
	}
	o.off["vk/public"] = true
	o.due()
	o.send()
	if c := o.caseOf(id); c.State != domain.SendFailed || len(o.said.replies()) != 0 {
		t.Errorf("%s, written %+v", c.State, o.said.replies())
	}
}

// VK: a line that breaks after the comment was written, and a sender that dies,
// cost a repeat with the same guid and no second comment.
func TestVKExactlyOnce(t *testing.T) {
	o := newOffice(t)
	p := o.wallPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.vk.AddFault(vkfake.Fault{Method: "wall.createComment", Cut: true})
	o.send()
	if c := o.caseOf(id); c.State != domain.Publishing {
		t.Fatalf("after the cut: %s", c.State)
	}
	o.due()
	d, ok, err := o.store.ClaimDelivery(t.Context(), time.Millisecond)
	if err != nil || !ok || d.Attempt != 2 {
		t.Fatalf("claim: %+v %v %v", d, ok, err)
	}
	time.Sleep(5 * time.Millisecond) // the sender that claimed it is dead
	o.send()
	if c := o.caseOf(id); c.State != domain.Satisfaction {
		t.Errorf("at the end: %s", c.State)
	}
	if got := o.wrote(p.ID); len(got) != 1 {
		t.Errorf("written: %q", got)
	}
	if n := o.number(`SELECT count(*) FROM delivery_attempts WHERE outcome = 'lapsed'`); n != 1 {
		t.Errorf("%d lapsed attempts", n)
	}
	if err := o.store.FinishDelivery(t.Context(), domain.DeliveryEnd{ID: d.ID, Attempt: 2, State: domain.DeliveryFailed}, o.clock.Now()); err == nil {
		t.Error("a try whose claim had lapsed was noted")
	}
}

// Telegram: what is unclear is never repeated by itself, and a person reads why.
func TestTelegramUnclearGoesToAPerson(t *testing.T) {
	for name, dead := range map[string]bool{"no answer": false, "the sender died": true} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.groupPost()
			id := o.take("Ленина 1", p)
			o.approve(id, domain.ReplyFinal, "Яму засыпали.")
			if dead {
				if err := o.plan(); err != nil {
					t.Fatal(err)
				}
				if _, ok, err := o.store.ClaimDelivery(t.Context(), time.Millisecond); !ok || err != nil {
					t.Fatal(ok, err)
				}
				time.Sleep(5 * time.Millisecond)
			} else {
				o.tg.Fail(tgfake.Fault{Method: "sendMessage", Silent: true})
			}
			o.send()
			o.due()
			o.send()
			c := o.caseOf(id)
			if c.State != domain.SendFailed || !strings.Contains(c.Reason, "неизвестно, дошло ли") {
				t.Errorf("%s: %q", c.State, c.Reason)
			}
			if n := o.number(`SELECT count(*) FROM deliveries WHERE state = 'unclear'`); n != 1 {
				t.Errorf("%d unclear", n)
			}
			want := 1
			if dead {
				want = 0
			}
			if got := o.wrote(p.ID); len(got) != want {
				t.Errorf("written: %q", got)
			}
		})
	}
}

func TestTelegramAnswersInTheGroup(t *testing.T) {
	o := newOffice(t)
	p := o.groupPost()
	id := o.take("Ленина 1", p)
	o.approve(id, domain.ReplyFinal, "Яму засыпали.")
	o.send()
	if got := o.wrote(p.ID); len(got) != 1 {
		t.Errorf("written: %q", got)
	}
	if c := o.caseOf(id); c.State != domain.Satisfaction {
		t.Errorf("the case is %s: %s", c.State, c.Reason)
	}
}

// MAX has no key: a repeat looks at the chat for our own words first. In a group
// and in a dialog.
func TestMAXExactlyOnce(t *testing.T) {
	for name, dialog := range map[string]bool{"group": false, "dialog": true} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			chat := o.mx.Group(-77, "Группа")
			chat.Add(o.mxBot, true)
			kind := domain.Comment
			if dialog {
				chat, kind = o.mxBot.Dialog(maxfake.User{ID: 5, FirstName: "Анна"}, ""), domain.Message
			}
			m := chat.Post(maxfake.Draft{From: maxfake.User{ID: 5, FirstName: "Анна"}, Text: "Яма"})
			p := domain.Post{ID: m.PostID(o.mxBot), Kind: kind, Author: domain.Author{ID: "5"}}
			id := o.take("Ленина 1", p)
			o.approve(id, domain.ReplyFinal, "Яму засыпали.")
			o.mx.Fail(maxfake.Fault{Method: "POST /messages", Silent: true})
			o.send()
			if c := o.caseOf(id); c.State != domain.Publishing {
				t.Fatalf("after the cut: %s, %s", c.State, c.Reason)
			}
			o.due()
			o.rest()
			o.send()
			if c := o.caseOf(id); c.State != domain.Satisfaction {
				t.Errorf("at the end: %s, %s", c.State, c.Reason)
			}
			if n := len(o.said.replies()); n != 1 {
				t.Errorf("written %d times: %+v", n, o.said.replies())
			}
		})
	}
}

func (o *office) groupPost() domain.Post {
	group := o.tg.Supergroup(-1001000000777, "", "Группа")
	m := group.Post(tgfake.Draft{From: tgfake.User{ID: 9, FirstName: "Житель"}, Text: "Яма"})
	return domain.Post{ID: m.PostID(), Kind: domain.Comment, Author: domain.Author{ID: "9"}}
}
