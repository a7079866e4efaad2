package demo

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// Among the cases of one demonstration every fate occurs, and a case's fate is
// always the same.
func TestFates(t *testing.T) {
	count := map[string]int{}
	for i := range 150 {
		number := fmt.Sprintf("27-2026-%06d", i)
		f := fateOf(number)
		if f != fateOf(number) {
			t.Fatalf("%s has two fates", number)
		}
		if f.accept < time.Hour || f.accept > 9*time.Hour || f.answer < 4*time.Hour || f.decide < time.Hour {
			t.Errorf("%s: %+v", number, f)
		}
		count[f.kind]++
	}
	for _, kind := range []string{fateAnswer, fateRework, fateSendBack, fateAsk, fateDefer, fateHandDown, fateInterim, fateSlow, fateIgnore} {
		if count[kind] == 0 {
			t.Errorf("no case has the fate %s: %v", kind, count)
		}
	}
}

func at(state domain.State, id int64, updated time.Time) domain.TaskLine {
	return domain.TaskLine{Executor: "кто-то", Case: domain.Case{ID: id, State: state, AssignedAt: updated, UpdatedAt: updated,
		Deadline: domain.Deadline{Days: 10, Due: updated.AddDate(0, 0, 10)}}}
}

func TestStepsWaitForTheirTime(t *testing.T) {
	begin := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f := fate{kind: fateAnswer, accept: 2 * time.Hour, answer: 10 * time.Hour, decide: 3 * time.Hour}
	always := func(int64, string) bool { return true }
	for _, c := range []struct {
		name  string
		line  domain.TaskLine
		fate  fate
		crew  crew
		after time.Duration
		who   string
	}{
		{"too early to accept", at(domain.Coordination, 1, begin), f, crew{}, time.Hour, ""},
		{"accepted", at(domain.Coordination, 1, begin), f, crew{}, 2 * time.Hour, "head"},
		{"ignored", at(domain.Coordination, 1, begin), fate{kind: fateIgnore}, crew{}, 99 * time.Hour, ""},
		{"left to a visitor", at(domain.Coordination, 2, begin), f, crew{visited: true}, 99 * time.Hour, ""},
		{"not answered yet", at(domain.Execution, 1, begin), f, crew{}, 9 * time.Hour, ""},
		{"answered", at(domain.Execution, 1, begin), f, crew{}, 10 * time.Hour, "executor"},
		{"slow: before the due", at(domain.Execution, 1, begin), fate{kind: fateSlow, answer: 500 * time.Hour}, crew{}, 200 * time.Hour, ""},
		{"slow: after it", at(domain.Execution, 1, begin), fate{kind: fateSlow, answer: 500 * time.Hour}, crew{}, 600 * time.Hour, "executor"},
		{"approved", at(domain.Approval, 1, begin), f, crew{}, 3 * time.Hour, "head"},
		{"sent by the machine", at(domain.Publishing, 1, begin), f, crew{}, 99 * time.Hour, ""},
		{"not delivered, given by hand", at(domain.SendFailed, 1, begin), f, crew{}, 2 * time.Hour, "executor"},
		{"waits on the page of what was not delivered", at(domain.SendFailed, 2, begin), f, crew{}, 99 * time.Hour, ""},
		{"waits for the author", at(domain.Clarifying, 1, begin), f, crew{}, 99 * time.Hour, ""},
	} {
		step, who := nextStep(c.line, c.fate, c.crew, begin.Add(c.after), always)
		if who != c.who || (step == nil) != (who == "") {
			t.Errorf("%s: %q, want %q", c.name, who, c.who)
		}
	}
}

// Everything the simulated bodies say is marked.
func TestInventedWordsSaySo(t *testing.T) {
	for _, texts := range [][]string{solutions(), explanations(), interims(), beginnings(), remarks(), questions(), sendBackWords(), deferReasons(), deferNotices()} {
		for i := range texts {
			if got := pick(texts, int64(i)); !strings.HasSuffix(got, invented) || domain.CheckText(got) != nil {
				t.Errorf("%q", got)
			}
		}
	}
}
