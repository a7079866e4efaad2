package storage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// A case that its author cannot be told of stops no other, and is looked at again.
func TestOneThatCannotBeToldStopsNoOther(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.now = c.now.Add(2 * time.Hour)
	c.say("Во дворе на Гагарина 5 не горит фонарь")
	cases := c.rows(`SELECT id::text FROM cases ORDER BY id`)
	if len(cases) != 2 {
		t.Fatalf("cases %v", cases)
	}
	c.move("execution")
	c.now = c.now.Add(time.Minute)
	told := map[int64]int{}
	tell := func(bad bool) error {
		_, err := c.s.TellDialogs(t.Context(), region, c.now, func(now time.Time, k domain.DialogCase, was domain.Told) ([]domain.Word, domain.Told, time.Time) {
			if bad && k.ID == 1 {
				panic("a row that nobody foresaw")
			}
			words, is, next := c.bot.Tell(now, k, was)
			told[k.ID] += len(words)
			return words, is, next
		})
		return err
	}
	if err := tell(true); err == nil || !strings.Contains(err.Error(), "case 1") || told[1] != 0 || told[2] != 1 {
		t.Fatalf("told %v, %v", told, err)
	}
	if err := tell(true); err != nil { // it is put off
		t.Errorf("at once again: %v", err)
	}
	c.now = c.now.Add(time.Hour + time.Minute)
	if err := tell(false); err != nil || told[1] != 1 || told[2] != 1 {
		t.Errorf("an hour later: told %v, %v", told, err)
	}
}
