package page_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones of the regions on machines that have none

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

func plain(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

func khabarovsk(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestDueChipCountsLocalDays(t *testing.T) {
	zone := khabarovsk(t)
	// Last day 03.12.2026 in Khabarovsk.
	c := domain.Case{State: domain.Coordination, Deadline: domain.Deadline{Days: 10, Due: time.Date(2026, 12, 3, 14, 0, 0, 0, time.UTC), Reason: "строка 3 Перечня"}}
	local := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, zone) }
	for _, tc := range []struct {
		now         time.Time
		text, class string
	}{
		{local(-6, 12, 0), "осталось 9 дн.", "due-calm"},
		{local(-1, 23, 59), "осталось 4 дн.", "due-calm"},
		{local(0, 0, 0), "3 дня", "due-near"},
		{local(1, 12, 0), "2 дня", "due-near"},
		{local(2, 0, 0), "завтра, 23:59", "due-soon"},
		{local(3, 23, 59), "сегодня, 23:59", "due-soon"},
		{local(4, 0, 0), "просрочено на 1 день", "due-late"},
		{local(8, 9, 0), "просрочено на 5 дней", "due-late"},
		{local(24, 9, 0), "просрочено на 21 день", "due-late"},
	} {
		got := page.DueChip(c, tc.now.UTC(), zone)
		if plain(got.Text) != tc.text || got.Class != tc.class {
			t.Errorf("%s: «%s» %s, want «%s» %s", tc.now, got.Text, got.Class, tc.text, tc.class)
		}
		if got.Hint != "03.12.2026, 23:59 · строка 3 Перечня" {
			t.Errorf("hint %q", got.Hint)
		}
	}
	c.State = domain.Done
	if got := page.DueChip(c, local(4, 0, 0), zone); got != (page.Chip{}) {
		t.Errorf("a case whose clock has stopped shows %+v", got)
	}
	c = domain.Case{State: domain.Coordination}
	if got := page.DueChip(c, local(4, 0, 0), zone); got != (page.Chip{}) {
		t.Errorf("a case without a term shows %+v", got)
	}
}

func TestWhenIsLocalAndShort(t *testing.T) {
	zone := khabarovsk(t)
	now := time.Date(2026, 11, 28, 0, 30, 0, 0, zone)
	for _, tc := range []struct {
		at   time.Time
		want string
	}{
		{now.Add(-10 * time.Minute), "00:20"},
		{now.Add(-time.Hour), "вчера, 23:30"},
		{now.Add(24 * time.Hour), "завтра, 00:30"},
		{now.Add(-48 * time.Hour), "26.11, 00:30"},
		{now.AddDate(-1, 0, 0), "28.11.2025, 00:30"},
		{time.Time{}, "—"},
	} {
		if got := page.When(tc.at.UTC(), now.UTC(), zone); got != tc.want {
			t.Errorf("%s: «%s», want «%s»", tc.at, got, tc.want)
		}
	}
}

func TestWordsOfNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0 дней", 1: "1 день", 2: "2 дня", 5: "5 дней", 11: "11 дней", 14: "14 дней",
		21: "21 день", 104: "104 дня", 112: "112 дней", 12480: "12 480 дней", -3: "−3 дня", -10000: "−10 000 дней"} {
		if got := plain(page.Days(n)); got != want {
			t.Errorf("Days(%d) = «%s», want «%s»", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{20 * time.Second: "меньше минуты", 7 * time.Minute: "7 мин", 125 * time.Minute: "2 ч 05 мин",
		76 * time.Hour: "3 дня 4 ч", 48 * time.Hour: "2 дня"} {
		if got := plain(page.Duration(d)); got != want {
			t.Errorf("Duration(%s) = «%s», want «%s»", d, got, want)
		}
	}
	for c, want := range map[float64]string{0.94: "уверенно · 0,94", 0.58: "сомнительно · 0,58", 0.8: "уверенно · 0,80", 0.1: "наугад · 0,10"} {
		if got := page.Confidence(c); got != want {
			t.Errorf("Confidence(%v) = «%s», want «%s»", c, got, want)
		}
	}
	for name, want := range map[string]string{"Анна Ивановна Кузнецова": "АК", "ёжик": "Ё", "": "?", "  ": "?"} {
		if got := page.Initials(name); got != want {
			t.Errorf("Initials(%q) = «%s», want «%s»", name, got, want)
		}
	}
}
