package storage_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
)

// reveals looks through the whole database, with the secret key in hand, for what tells
// the chat of the conversation: its number in the forms it may take, and anything that
// the key opens.
func (c *chat) reveals() (found []string) {
	c.t.Helper()
	number, err := strconv.ParseInt(peer, 10, 64)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, form := range []string{peer, fmt.Sprintf("%x", number), fmt.Sprintf("%x", peer), base64.RawStdEncoding.EncodeToString([]byte(peer))} {
		for _, table := range c.holds(form) {
			found = append(found, table+" as "+form)
		}
	}
	seal, err := login.NewSeal(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, column := range c.rows(`SELECT format('%I', table_name) || '.' || format('%I', column_name) FROM information_schema.columns
		JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND data_type = 'bytea'`) {
		table, name, _ := strings.Cut(column, ".")
		for _, hex := range c.rows(`SELECT encode(` + name + `, 'hex') FROM ` + table + ` WHERE ` + name + ` IS NOT NULL`) {
			var raw []byte
			if _, err := fmt.Sscanf(hex, "%x", &raw); err != nil {
				c.t.Fatal(err)
			}
			for _, of := range []string{"chat:vk:-100", "chat:vk:100", peer} {
				if plain, _, err := seal.Open(raw, of); err == nil {
					found = append(found, column+" opens to "+string(plain))
				}
			}
		}
	}
	return found
}

// hold is what a process remembers of the conversation it has just heard.
func (c *chat) hold() []int64 {
	c.t.Helper()
	p := c.private("", "")
	c.keys.Mark(&p)
	ids, err := c.s.WordsInHand(c.t.Context(), p.Private.ChatKeys[0])
	if err != nil {
		c.t.Fatal(err)
	}
	return ids
}

// takeInHand claims what is due of the held, after the chat's pace.
func (c *chat) takeInHand(held []int64) (domain.Delivery, bool) {
	c.t.Helper()
	c.exec(`UPDATE deliveries SET tried_at = tried_at - interval '5 seconds' WHERE tried_at IS NOT NULL AND state <> 'trying'`)
	d, ok, err := c.s.ClaimInHand(c.t.Context(), held, time.Minute)
	if err != nil {
		c.t.Fatal(err)
	}
	return d, ok
}

// ends ends a try as a platform does at its worst: it names the chat in all it says.
func (c *chat) ends(d domain.Delivery, state domain.DeliveryState) {
	c.t.Helper()
	end := domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: state, Reason: "x", Words: "cannot write to " + peer}
	if state == domain.Delivered {
		end.Message = "mid." + peer + ".1"
	}
	if err := c.s.FinishDelivery(c.t.Context(), end, c.now); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chat) wordStates() string {
	c.t.Helper()
	return strings.Join(c.rows(`SELECT why || ' ' || state || CASE reason WHEN 'x' THEN '' WHEN '' THEN '' ELSE ' ' || reason END FROM deliveries ORDER BY id`), ", ")
}

// Before consent the address of a chat is in no table, at no step of the question's way
// and in no form that the secret key would open.
func TestNothingTellsTheChatBeforeConsent(t *testing.T) {
	c := newChat(t)
	dark := func(step string) {
		t.Helper()
		if found := c.reveals(); found != nil {
			t.Errorf("%s: %v", step, found)
		}
	}
	first := c.private("На Ленина нет воды третий день", "")
	c.hear(first)
	dark("before it leaves")
	if _, ok, err := c.s.ClaimDelivery(t.Context(), time.Minute); ok || err != nil {
		t.Fatalf("claimed without an address: %v, %v", ok, err)
	}
	held := c.hold()
	if len(held) != 2 {
		t.Fatalf("held %v", held)
	}
	hello, ok, err := c.s.ClaimInHand(t.Context(), held, time.Microsecond)
	if err != nil || !ok || !strings.Contains(hello.Text, "Это бот «Отклик»") {
		t.Fatalf("claimed %+v", hello)
	}
	dark("while it is tried")
	time.Sleep(time.Millisecond)
	if n, err := c.s.LapseDeliveries(t.Context(), c.now, 10); n != 1 || err != nil { // the process has died
		t.Fatalf("%d, %v", n, err)
	}
	c.exec(`UPDATE deliveries SET next_attempt_at = now()`)
	dark("after a crash")
	if _, ok, err := c.s.ClaimDelivery(t.Context(), time.Minute); ok || err != nil {
		t.Fatalf("claimed without an address: %v, %v", ok, err)
	}
	c.hear(first) // the platform tells it again, or they write again: the address is in hand
	if again := c.hold(); !slices.Equal(again, held) {
		t.Fatalf("held %v, before the crash %v", again, held)
	}
	hello, _ = c.takeInHand(held)
	c.ends(hello, domain.DeliveryWaiting)
	dark("after a refusal")
	c.exec(`UPDATE deliveries SET next_attempt_at = now()`)
	for range 2 {
		d, ok := c.takeInHand(held)
		if !ok {
			t.Fatalf("nothing to claim: %s", c.wordStates())
		}
		c.ends(d, domain.Delivered)
	}
	dark("when it is there")
	if got := c.wordStates(); got != "asked_consent delivered, asked_consent delivered" {
		t.Errorf("words: %s", got)
	}
	if left := c.hold(); len(left) != 0 {
		t.Errorf("held still: %v", left)
	}
	c.hear(c.private("Не согласен", "no"))
	dark("refused")
}

// What is said in hand is said by whoever has the address; others do not wait for it.
func TestWordsInHandWaitForNobodyElse(t *testing.T) {
	for name, tc := range map[string]struct {
		then func(*chat)
		want string
	}{
		"asked anew": {func(c *chat) { c.now = c.now.Add(time.Hour); c.say("Алло") },
			"asked_consent cancelled asked_anew, asked_consent cancelled asked_anew, asked_consent waiting, asked_consent waiting"},
		"not asked twice at once": {func(c *chat) { c.say("Алло") }, "asked_consent waiting, asked_consent waiting"},
		"agreed":                  {func(c *chat) { c.agree() }, "asked_consent cancelled asked_anew, asked_consent cancelled asked_anew, consent_given waiting"},
		"never written again": {func(c *chat) {
			if _, err := c.s.LapseDeliveries(c.t.Context(), c.now.Add(25*time.Hour), 10); err != nil {
				c.t.Fatal(err)
			}
		}, "asked_consent cancelled no_address, asked_consent cancelled no_address"},
		"withdrawn": {func(c *chat) { c.agree(); c.press("sure:withdraw") },
			"asked_consent cancelled asked_anew, asked_consent cancelled asked_anew, consent_given cancelled withdrawn, command waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChat(t)
			c.say("На Ленина нет воды третий день")
			tc.then(c)
			if got := c.wordStates(); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			_, ok, err := c.s.ClaimDelivery(t.Context(), time.Minute)
			if err != nil || ok != (name == "agreed") {
				t.Errorf("claimed without an address in hand: %v, %v", ok, err)
			}
		})
	}
}

// A question that has perhaps not arrived is put again with the next message, not after
// the time in which nobody is asked twice.
func TestALostQuestionIsPutAgainWithTheNextMessage(t *testing.T) {
	for state, want := range map[domain.DeliveryState]int{domain.Delivered: 2, domain.DeliveryFailed: 4} {
		c := newChat(t)
		c.say("На Ленина нет воды третий день")
		for held := c.hold(); ; {
			d, ok := c.takeInHand(held)
			if !ok {
				break
			}
			c.ends(d, state)
		}
		c.say("Алло")
		if got := len(c.words()); got != want {
			t.Errorf("%s: said %d words, want %d", state, got, want)
		}
	}
}

// The answer to a number that somebody tries as a code goes the same way.
func TestAStrangersChatIsNotKept(t *testing.T) {
	o := newOffice(t)
	o.says(domain.StaffWrongCode, "900800700", domain.Private{}, "код "+strings.Repeat("3", 12))
	if n := o.number(`SELECT count(*) FROM deliveries WHERE in_hand AND kind = 'staff'`); n != 1 {
		t.Errorf("%d words in hand", n)
	}
	if n := o.number(`SELECT count(*) FROM deliveries d WHERE position('900800700' IN d::text) > 0 OR sealed IS NOT NULL`); n != 0 {
		t.Errorf("%d deliveries tell the chat", n)
	}
	o.code("head", strings.Repeat("7", 12))
	o.says(domain.StaffLinked, "900800700", domain.Private{}, "код "+strings.Repeat("7", 12))
	if n := o.number(`SELECT count(*) FROM deliveries WHERE NOT in_hand AND link_id IS NOT NULL`); n != 1 {
		t.Errorf("%d words find their way by the link", n)
	}
}
