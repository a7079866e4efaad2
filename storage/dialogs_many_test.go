package storage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
)

// from hears one author of several, all about one problem.
func (c *chat) from(who, text, press string) {
	c.t.Helper()
	p := c.private(text, press)
	p.ID.Post, p.Private.Chat, p.Author.ID = fmt.Sprintf("dialog:%s:%d", who, c.no), who, who
	c.keys.Mark(&p)
	b, judged := batchOf(c.src, "", judgedAs(p, 3, "copy:one problem"))
	b.Talk = c.bot
	if _, err := c.s.Commit(c.t.Context(), c.now, b, judged, route); err != nil {
		c.t.Fatal(err)
	}
}

// answeredTo is a case of several authors that waits for their word.
func answeredTo(t *testing.T, who ...string) (*chat, int64) {
	t.Helper()
	c := newChat(t)
	for _, w := range who {
		c.from(w, "кнопка", "yes:"+bots.ConsentVersion)
		c.from(w, "На Ленина нет воды третий день", "")
	}
	c.move("execution", "approval", "publishing", "satisfaction")
	c.now = c.now.Add(time.Hour)
	return c, c.caseID()
}

func (c *chat) state() string {
	c.t.Helper()
	return c.rows(`SELECT state || ' ' || round || ' ' || closing_reason FROM cases`)[0]
}

// Of several authors each speaks for themselves: the first who is content closes
// nothing while another may still speak; the last one does.
func TestTheLastContentAuthorCloses(t *testing.T) {
	c, id := answeredTo(t, "501", "502", "503")
	good := fmt.Sprintf("good:%d:1", id)
	c.from("501", "кнопка", good)
	if c.state() != "satisfaction 1 " || !strings.Contains(c.last(), "когда ответят и другие") {
		t.Fatalf("%s, told %q", c.state(), c.last())
	}
	if c.from("501", "кнопка", good); !strings.Contains(c.last(), "оценка уже не нужна") {
		t.Errorf("twice: %q", c.last())
	}
	c.from("503", "кнопка", "withdraw") // nobody waits for them
	c.from("503", "кнопка", "sure:withdraw")
	if c.from("502", "кнопка", good); c.state() != "done 1 author_satisfied" || !strings.Contains(c.last(), "закрыто") {
		t.Fatalf("%s, told %q", c.state(), c.last())
	}
	c.tell("те, кто ответил, довольны") // the first hears of the end
	n := 0
	for _, w := range c.words() {
		if strings.Contains(w, "закрыто") {
			n++
		}
	}
	if n != 2 {
		t.Errorf("the end was told %d times: %q", n, c.words())
	}
}

// Whom no answer reached is asked nothing, and nobody waits for them.
func TestWhoWasNotAskedIsNotWaitedFor(t *testing.T) {
	c, id := answeredTo(t, "501", "502")
	c.exec(`UPDATE dialog_cases SET look_at = NULL, told = told || CASE WHEN dialog_id = (SELECT max(dialog_id) FROM dialog_cases)
		THEN '{"Surveyed": 0}'::jsonb ELSE '{"Surveyed": 1}'::jsonb END`) // as TestALostCopyAsksNobody leaves them
	c.from("501", "кнопка", fmt.Sprintf("good:%d:1", id))
	if c.state() != "done 1 author_satisfied" || !strings.Contains(c.last(), "закрыто") {
		t.Errorf("%s, told %q", c.state(), c.last())
	}
}

// «Не решено» of one reopens for all; what others said of the round before is over.
func TestOneOfManyObjects(t *testing.T) {
	c, id := answeredTo(t, "501", "502")
	c.from("501", "кнопка", fmt.Sprintf("good:%d:1", id))
	c.from("502", "кнопка", fmt.Sprintf("bad:%d:1", id))
	c.from("502", "У нас во втором подъезде воды нет", "")
	if c.state() != "reopened 2 " {
		t.Fatal(c.state())
	}
	c.move("coordination", "execution", "approval", "publishing", "satisfaction")
	c.now = c.now.Add(time.Hour)
	c.from("502", "кнопка", fmt.Sprintf("good:%d:2", id))
	if c.state() != "satisfaction 2 " {
		t.Errorf("the first author was not asked again: %s", c.state())
	}
}

// When the time is over, who was content counts, and who said nothing does not.
func TestSilenceOfTheOthers(t *testing.T) {
	for name, want := range map[string]string{"one is content": "done 1 author_satisfied", "nobody spoke": "done 1 author_silent"} {
		t.Run(name, func(t *testing.T) {
			c, id := answeredTo(t, "501", "502")
			c.tell("Проблема решена?") // who was never asked is not silent
			c.sendAll(arrives)
			if name == "one is content" {
				c.from("501", "кнопка", fmt.Sprintf("good:%d:1", id))
			}
			later := c.now.AddDate(0, 0, 9)
			if _, err := c.s.CloseUnrated(t.Context(), id, later.AddDate(0, 0, -7), later); err != nil {
				t.Fatal(err)
			}
			if c.state() != want {
				t.Errorf("%s, want %s", c.state(), want)
			}
		})
	}
}
