package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// A kept demonstration goes on where it ended: its clock does not go back, its
// sources are polled again, and nothing of what it holds is taken for deleted.
func TestAKeptDemonstrationGoesOn(t *testing.T) {
	t.Parallel()
	environ := append(emptyState(t), "OTKLIK_DESK_LISTEN=127.0.0.1:0")
	first := start(t, environ, "demo", "--keep")
	first.await("Рабочее место")
	ended := polledAfter(t, environ, first, time.Time{})
	before := countersOf(t, environ)
	if code := first.stop(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, first.out.String())
	}
	second := start(t, environ, "demo", "--keep")
	second.await("Рабочее место")
	if shown := shownTime(t, second.out.String()); shown.Before(ended.Add(-time.Minute)) {
		t.Errorf("the clock went back from %s to %s", ended, shown)
	}
	polledAfter(t, environ, second, ended)
	if after := countersOf(t, environ); after.Posts < before.Posts {
		t.Errorf("%+v became %+v", before, after)
	}
	if code := second.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, second.out.String())
	}
}

// However late a busy machine polls a source for the first time, the first day of
// the feed is not beyond its reach.
func TestFirstPollOfTheDemonstrationReachesItsStart(t *testing.T) {
	if reach := time.Duration(demoFirstDays) * 24 * time.Hour; reach < demoBack+24*time.Hour {
		t.Errorf("a first poll reaches back %s of %s", reach, demoBack)
	}
}

// polledAfter waits until every source was read after a time, and says when the
// last one was.
func polledAfter(t *testing.T, environ []string, p *process, after time.Time) (last time.Time) {
	t.Helper()
	for limit := time.Now().Add(3 * time.Minute); ; time.Sleep(300 * time.Millisecond) {
		got := command(t, environ, "", "source", "list", "--json").want(t, 0)
		waiting, seen := 0, 0
		for line := range strings.Lines(got.out) {
			var s domain.Source
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			seen++
			if !s.LastOKAt.After(after) {
				waiting++
			}
			if s.LastOKAt.After(last) {
				last = s.LastOKAt
			}
		}
		if seen > 4 && waiting == 0 {
			return last
		}
		if time.Now().After(limit) {
			t.Fatalf("%d of %d sources were not read after %s\n%s\n%s", waiting, seen, after, got.out, p.out.String())
		}
	}
}

// shownTime is the first time that the table of Khabarovsk shows.
func shownTime(t *testing.T, screen string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(screen, "\nХабаровский край")
	words := strings.Fields(row)
	if len(words) < 2 {
		t.Fatalf("no table in %q", screen)
	}
	now := time.Now().In(zone)
	for _, year := range []string{now.Format("2006"), now.AddDate(-1, 0, 0).Format("2006")} {
		if at, err := time.ParseInLocation("02.01 15:04 2006", words[0]+" "+words[1]+" "+year, zone); err == nil && !at.After(now) {
			return at
		}
	}
	t.Fatalf("no time in %q", row)
	return time.Time{}
}
