package storage_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
)

// rotate puts a new secret key before the old one, or takes the old one away.
func (c *chat) rotate(keepOld bool) {
	c.t.Helper()
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("n", 32)))
	if keepOld {
		key += "," + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	}
	keys, err := bots.NewKeys(key)
	if err != nil {
		c.t.Fatal(err)
	}
	c.keys = keys
}

// rekey moves what is known to the newest key, as serve does when it starts.
func (c *chat) rekey() (moved int) {
	c.t.Helper()
	for after := int64(0); ; {
		last, n, err := c.s.RekeyDialogs(c.t.Context(), after, c.now, c.keys.Chat)
		if err != nil {
			c.t.Fatal(err)
		}
		if moved += n; last == 0 {
			return moved
		}
		after = last
	}
}

func (c *chat) names() []string {
	return c.rows(`SELECT DISTINCT chat FROM deliveries WHERE chat LIKE 'chat:%' OR thread LIKE 'chat:%'`)
}

// A new secret key renames a chat while an answer is on its way there: order and pace
// go on, the author is asked about the answer once it has come, and one that is lost
// is known as lost.
func TestANewKeyBetweenAnswerAndArrival(t *testing.T) {
	for name, tc := range map[string]struct {
		rename func(*chat)
		ends   func(domain.Delivery) domain.DeliveryEnd
		asked  bool
	}{
		"the author writes, it arrives":  {func(c *chat) { c.press("status") }, arrives, true},
		"the author writes, it is lost":  {func(c *chat) { c.press("status") }, losesCopies(false), false},
		"the author says nothing, comes": {func(c *chat) { c.rekey() }, arrives, true},
		"the author says nothing, lost":  {func(c *chat) { c.rekey() }, losesCopies(false), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChat(t)
			c.beginning()
			old := c.names()
			c.rotate(true)
			tc.rename(c)
			if got := c.names(); len(old) != 1 || len(got) != 1 || got[0] == old[0] {
				t.Fatalf("one chat under %v, before %v", got, old)
			}
			c.hears() // the public answer has not arrived yet, nor the copy
			if c.asked() {
				t.Fatal("asked about an answer that is on its way")
			}
			c.sendAll(tc.ends)
			c.hears()
			if c.asked() != tc.asked {
				t.Errorf("asked: %t; %q", c.asked(), c.words())
			}
		})
	}
}

// Whoever was silent while both keys were there is known when the old one is gone.
func TestTheOldKeyIsTakenAway(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.rotate(true)
	if n := c.rekey(); n != 1 {
		t.Fatalf("%d moved", n)
	}
	if n := c.rekey(); n != 0 {
		t.Errorf("%d moved again", n)
	}
	c.rotate(false)
	c.press("status")
	if n := c.rows(`SELECT count(*)::text FROM dialogs`); n[0] != "1" || strings.Contains(c.last(), "Согласие") {
		t.Errorf("%s dialogs, said %q", n[0], c.last())
	}
}

// So is somebody of the desk, and their letters keep one order under the new name.
func TestLinkedChatsMoveToTheNewestKey(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	fresh := hashed("another key")
	key := func(p domain.Platform, owner, chat string) []byte {
		if p != domain.MAX || owner != "77" || chat != "coord" {
			t.Errorf("asked for %s %s %s", p, owner, chat)
		}
		return fresh
	}
	last, moved, err := o.s.RekeyStaff(t.Context(), 0, key)
	if err != nil || moved != 1 || last == 0 {
		t.Fatalf("%d moved, last %d, %v", moved, last, err)
	}
	if _, moved, err = o.s.RekeyStaff(t.Context(), 0, key); err != nil || moved != 0 {
		t.Errorf("%d moved again, %v", moved, err)
	}
	if last, _, err = o.s.RekeyStaff(t.Context(), last, key); err != nil || last != 0 {
		t.Errorf("there are more behind the last: %d, %v", last, err)
	}
	if n := o.number("SELECT count(*) FROM staff_links WHERE chat_key = $1", fresh); n != 1 {
		t.Errorf("%d links under the new key", n)
	}
	if n := o.number("SELECT count(DISTINCT chat) FROM deliveries WHERE kind = 'staff' AND chat = $1 AND thread = chat", fmt.Sprintf("chat:%x", fresh[:8])); n != 1 {
		t.Error("what waits for the chat has another name")
	}
}
