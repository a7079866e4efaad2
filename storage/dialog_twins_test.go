package storage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// twins is a chat with two dialogs: an answered one of before, and one begun while its
// key was missing, in which the citizen did something; then the key is back.
func twins(t *testing.T, meanwhile func(*chat)) *chat {
	t.Helper()
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.rotate(false)
	meanwhile(c)
	if n := c.rows(`SELECT count(*)::text FROM dialogs`); n[0] != "2" {
		t.Fatalf("%s dialogs while the key is missing", n)
	}
	c.rotate(true)
	return c
}

// Two dialogs of one chat become one when its author writes, and at the start with both
// keys; the later decision about consent is that of both.
func TestTwoDialogsOfOneChatBecomeOne(t *testing.T) {
	for name, tc := range map[string]struct {
		meanwhile func(*chat)
		consents  string
		cases     string // that the dialog hears of
		agreed    bool   // it stands
		held      bool   // what was said before is kept
	}{
		"at the start: only looked":       {func(c *chat) { c.press("status") }, "1", "1", true, true},
		"at the start: agreed once more":  {func(c *chat) { c.agree(); c.say("На Мира яма") }, "2", "2", true, true},
		"at the start: refused":           {func(c *chat) { c.press("status"); c.press("no") }, "2", "1", false, true},
		"at the start: erased everything": {func(c *chat) { c.press("status"); c.press("sure:erase") }, "2", "0", false, false},

		"only looked":       {func(c *chat) { c.press("status") }, "1", "1", true, true},
		"agreed once more":  {func(c *chat) { c.agree(); c.say("На Мира яма") }, "2", "2", true, true},
		"refused":           {func(c *chat) { c.press("status"); c.press("no") }, "2", "1", false, true},
		"agreed, withdrew":  {func(c *chat) { c.agree(); c.press("sure:withdraw") }, "3", "1", false, true},
		"erased everything": {func(c *chat) { c.press("status"); c.press("sure:erase") }, "2", "0", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := twins(t, tc.meanwhile)
			if atStart := strings.HasPrefix(name, "at the start: "); atStart && (c.rekey() != 1 || c.rekey() != 0 || c.rows(`SELECT count(*)::text FROM dialogs`)[0] != "1") {
				t.Error("not joined at the start, once")
			}
			c.say("На Садовой нет света")
			if got := c.rows(`SELECT count(*)::text FROM dialogs`); got[0] != "1" {
				t.Errorf("%s dialogs", got)
			}
			if got := c.rows(`SELECT count(*)::text FROM consents`); got[0] != tc.consents {
				t.Errorf("%s answers about consent", got)
			}
			if got := c.rows(`SELECT count(*)::text FROM dialog_cases`); got[0] != tc.cases {
				t.Errorf("%s cases; said %q", got, c.words())
			}
			if got := c.rows(`SELECT consent FROM dialogs`)[0] != ""; got != tc.agreed {
				t.Errorf("consent stands: %t", got)
			}
			if got := len(c.holds("третий день")) > 0; got != tc.held {
				t.Errorf("kept: %t", got)
			}
			if got := c.rows(`SELECT DISTINCT chat FROM deliveries WHERE state <> 'cancelled'`); len(got) > 1 {
				t.Errorf("one chat under %v", got)
			}
			c.rotate(false)
			c.press("status") // as anybody, under the newest key
			if got := c.rows(`SELECT count(*)::text FROM dialogs`); got[0] != "1" {
				t.Errorf("%s dialogs without the old key", got)
			}
		})
	}
}

// So with a chat of somebody of the desk: whoever linked it last has it.
func TestAChatLinkedTwiceIsTheLastOnes(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	if _, err := o.conn.Exec(t.Context(), `UPDATE staff_links SET chat_key = $1`, hashed("another key")); err != nil {
		t.Fatal(err)
	}
	o.code("head", strings.Repeat("7", 12))
	o.says(domain.StaffLinked, "coord", domain.Private{}, "код "+strings.Repeat("7", 12))
	if n := o.number(`SELECT count(*) FROM staff_links WHERE ended_at IS NULL`); n != 2 {
		t.Fatalf("%d links", n)
	}
	for range 2 {
		o.written++
		p := domain.Post{ID: domain.NewPrivateID(domain.MAX, "77", "coord", fmt.Sprint(o.written)), Kind: domain.Message, Text: "помощь",
			Private: &domain.Private{Chat: "coord", ChatKeys: [][]byte{hashed("chat coord"), hashed("another key")},
				UpdateKeys: [][]byte{hashed(fmt.Sprint("update ", o.written))}}}
		if _, _, err := o.s.HearStaff(t.Context(), region, &p, o.now, o.desk); err != nil {
			t.Fatal(err)
		}
	}
	if n := o.number(`SELECT count(*) FROM staff_links l JOIN users u ON u.id = l.user_id WHERE l.ended_at IS NULL AND u.login = 'head'`); n != 1 ||
		o.number(`SELECT count(*) FROM staff_links WHERE ended_at IS NULL`) != 1 {
		t.Errorf("whose it is: %d", n)
	}
}

// An edited message to the bot is routed as the one that was taken: named by its case,
// so that no notice is named by the chat.
func TestAnEditedMessageIsPromisedANumberToo(t *testing.T) {
	c := newChat(t)
	c.agree()
	p := c.private("На Ленина что-то странное", "")
	for i, text := range []string{p.Text, "На Ленина оборван провод, искрит"} {
		edited := p
		edited.Text, edited.Private = text, &domain.Private{Chat: peer}
		c.keys.Mark(&edited)
		b, judged := batchOf(c.src, "", judgedAs(edited, 3, "talk:"+p.ID.String()))
		b.Talk = c.bot
		routed := 0
		_, err := c.s.Commit(t.Context(), c.now, b, judged, func(j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
			if routed++; (known != nil) != (i == 1) || !j.Post.Private.Numbered {
				t.Errorf("message %d: known %v, numbered %t", i, known, j.Post.Private.Numbered)
			}
			return route(j, known, open)
		})
		if err != nil || routed == 0 {
			t.Fatalf("message %d: routed %d times, %v", i, routed, err)
		}
	}
}
