package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// A reader can add the table up, line by line and column by column, and it fits.
func TestTableOfTheDemonstrationAddsUp(t *testing.T) {
	one := domain.Stats{Posts: 171, Problems: 135, Cases: 117, Moderation: 54, Dropped: 2, Undecided: 3, Review: 57, Overdue: 10, Assigned: 66}
	two := domain.Stats{Posts: 12340, Problems: 9179, Cases: 8153, Moderation: 1075, Dropped: 120, Undecided: 12, Review: 1087, Overdue: 800, Assigned: 7000}
	table := statsTable([]regionLine{{"Калининградская область", "30.11 05:06", one}, {"Хабаровский край", "30.11 13:06", two}, {"всего", "", one.Plus(two)}})
	lines := strings.Split(strings.TrimRight(table, "\n"), "\n")
	for _, line := range lines {
		if n := len([]rune(line)); n > screenWidth {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	numbers := func(line string) (out []int) {
		for _, f := range strings.Fields(string([]rune(line)[36:])) {
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatalf("%q in %s", f, line)
			}
			out = append(out, n)
		}
		return out
	}
	sums := make([]int, 8)
	for i, line := range lines[2:5] {
		n := numbers(line)
		if len(n) != len(sums) || n[3] != n[4]+n[5]+n[6] {
			t.Fatalf("line %s: %v", line, n)
		}
		for k := range sums {
			if sums[k] += n[k]; i == 2 && n[k]*2 != sums[k] {
				t.Errorf("column %d: %d is not the sum", k, n[k])
			}
		}
	}
	for _, word := range []string{"разбор — ждёт аналитика", "вся его очередь = разбор + неясных"} {
		if !strings.Contains(table, word) {
			t.Errorf("the table does not say what it counts:\n%s", table)
		}
	}
}

func TestScreenFitsTheTerminal(t *testing.T) {
	for _, c := range []struct{ rows, regions, want int }{{0, 2, 4}, {24, 2, 0}, {32, 2, 1}, {40, 2, 3}, {50, 2, 4}, {10, 2, 0}, {50, 0, 4}} {
		if got := casesFor(c.rows, c.regions); got != c.want {
			t.Errorf("%d rows, %d regions: %d cases, want %d", c.rows, c.regions, got, c.want)
		}
	}
	long := strings.Repeat("слово ", 60)
	for _, line := range strings.Split(strings.TrimRight(folded(long, "  "), "\n"), "\n") {
		if len([]rune(line)) > screenWidth || !strings.HasPrefix(line, "  ") {
			t.Errorf("%q", line)
		}
	}
	if got := cut("одна\nстрока, и ещё", 12); got != "одна строка…" {
		t.Errorf("%q", got)
	}
}
