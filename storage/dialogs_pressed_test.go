package storage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// answered is a citizen who was answered and asked in the bot.
func answered(t *testing.T) *chat {
	t.Helper()
	c := newChat(t)
	c.beginning()
	c.hears()
	c.sendAll(arrives)
	c.hears()
	c.sendAll(arrives)
	if !c.asked() {
		t.Fatalf("nobody asked: %q", c.words())
	}
	return c
}

func (c *chat) case1() string {
	return c.rows(`SELECT state || ' ' || round || ' ' || closing_reason FROM cases ORDER BY id LIMIT 1`)[0]
}

func (c *chat) silence(days int) bool {
	c.t.Helper()
	c.now = c.now.AddDate(0, 0, days)
	ids, err := c.s.Unrated(c.t.Context(), region, c.now)
	if err != nil {
		c.t.Fatal(err)
	}
	done := false
	for _, id := range ids {
		if done, err = c.s.CloseUnrated(c.t.Context(), id, c.now, c.now); err != nil {
			c.t.Fatal(err)
		}
	}
	return done
}

// What is written after «Не решено» is the objection, whatever was looked at between.
func TestWordsAfterUnsolvedAreTheObjection(t *testing.T) {
	for name, between := range map[string][]string{"nothing": nil, "the state": {"status", "help"}, "subscriptions": {"sub", "cancel"}} {
		t.Run(name, func(t *testing.T) {
			c := answered(t)
			c.press("bad:1:1")
			for _, p := range between {
				c.press(p)
			}
			c.say("Вода по-прежнему идёт ржавая, ничего хорошего")
			if got := c.rows(`SELECT number || ' ' || state || ' ' || round FROM cases ORDER BY id`); len(got) != 1 || !strings.HasSuffix(got[0], "reopened 2") {
				t.Errorf("%q", got)
			}
			if !strings.Contains(c.last(), "Поняли: не решено") {
				t.Errorf("the author heard %q", c.last())
			}
		})
	}
}

// Who pressed «Не решено» and wrote nothing is not silent: the controller decides, and
// the author hears the truth.
func TestWhoPressedUnsolvedIsNotSilent(t *testing.T) {
	c := answered(t)
	c.press("bad:1:1")
	c.press("status")
	if !c.silence(9) || c.case1() != "satisfaction 1 " {
		t.Fatalf("after the days: %s", c.case1())
	}
	if c.silence(1) {
		t.Error("handed to the controller again")
	}
	told := c.rows(`SELECT to_role || ' ' || text FROM notices WHERE kind = 'wrote'`)
	if len(told) != 1 || !strings.HasPrefix(told[0], "controller ") || !strings.Contains(told[0], domain.WordsUnsolved) {
		t.Errorf("the controller hears %q", told)
	}
	n, err := c.s.ForController(t.Context(), domain.Scope{Region: region, Whole: true, Restricted: true}, nil)
	if err != nil || n != 1 {
		t.Errorf("%d cases wait for the controller, %v", n, err)
	}
	by := domain.By{Who: "boss", At: c.now}
	sc := domain.Scope{Region: region, Whole: true, Restricted: true}
	k := seenCase(t, c.s, 1)
	if _, err := c.s.ReadVoice(t.Context(), sc, domain.CaseSeen{ID: 1, Version: k.Version}, true, by); !errors.Is(err, domain.ErrNoMove) {
		t.Errorf("the author was called content: %v", err)
	}
	if _, err := c.s.ClosePressed(t.Context(), sc, domain.CaseSeen{ID: 1, Version: k.Version}, by); err != nil {
		t.Fatal(err)
	}
	if got := c.case1(); got != "done 1 dialogue_pointless" {
		t.Errorf("closed: %s", got)
	}
	c.now = c.now.Add(time.Minute)
	c.hears()
	if got := c.last(); !strings.Contains(got, "отметили «Не решено»") || strings.Contains(strings.Join(c.words(), "\n"), "оценки не было") {
		t.Errorf("the author heard %q", got)
	}
	c.say("Вода по-прежнему идёт ржавая, ничего хорошего")
	if got := c.case1(); got != "reopened 2 " {
		t.Errorf("words after the end: %s", got)
	}
}

// «Отмена» takes the press back, «Решена» too.
func TestUnsolvedIsTakenBack(t *testing.T) {
	for press, want := range map[string]string{"cancel": "done 1 author_silent", "good:1:1": "done 1 author_satisfied"} {
		c := answered(t)
		c.press("bad:1:1")
		c.press(press)
		c.silence(9)
		if got := c.case1(); got != want {
			t.Errorf("%s: %s, want %s", press, got, want)
		}
		if _, err := c.s.ClosePressed(t.Context(), domain.Scope{Region: region, Whole: true, Restricted: true},
			domain.CaseSeen{ID: 1, Version: seenCase(t, c.s, 1).Version}, domain.By{Who: "boss", At: c.now}); !errors.Is(err, domain.ErrNoMove) {
			t.Errorf("%s: closed by hand: %v", press, err)
		}
	}
}

// «Не решено» pressed on a case that is closed by then reaches the controller at once: no
// silence ends it a second time.
func TestUnsolvedAfterTheEndReachesTheController(t *testing.T) {
	sc := domain.Scope{Region: region, Whole: true, Restricted: true}
	waits := func(c *chat, want int64) {
		t.Helper()
		if n, err := c.s.ForController(t.Context(), sc, nil); err != nil || n != want {
			t.Errorf("%d cases wait for the controller, %v", n, err)
		}
	}
	for name, then := range map[string]func(*chat){
		"left closed": func(c *chat) {
			if _, err := c.s.ClosePressed(t.Context(), sc, domain.CaseSeen{ID: 1, Version: seenCase(t, c.s, 1).Version}, domain.By{Who: "boss", At: c.now}); err != nil {
				t.Fatal(err)
			}
			if got := c.case1(); got != "done 1 author_silent" {
				t.Errorf("left closed: %s", got)
			}
		},
		"taken back": func(c *chat) { c.press("cancel") },
		"words came": func(c *chat) {
			c.say("Вода по-прежнему идёт ржавая, ничего хорошего")
			if got := c.case1(); got != "reopened 2 " {
				t.Errorf("with words: %s", got)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := answered(t)
			if !c.silence(9) {
				t.Fatal("not closed")
			}
			c.press("bad:1:1")
			c.press("bad:1:1")
			told := c.rows(`SELECT to_role || ' ' || text FROM notices WHERE kind = 'wrote'`)
			if len(told) != 1 || !strings.HasPrefix(told[0], "controller ") || !strings.Contains(told[0], domain.WordsUnsolved) {
				t.Errorf("the controller hears %q", told)
			}
			waits(c, 1)
			then(c)
			if k := seenCase(t, c.s, 1); domain.PressedUnsolved(k.ForControl) {
				t.Errorf("waits still: %q", k.ForControl)
			}
		})
	}
}
