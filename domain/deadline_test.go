package domain

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata" // zones without the machine's own
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func date(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func dates(t *testing.T, days ...string) []Date {
	t.Helper()
	out := make([]Date, 0, len(days))
	for _, s := range days {
		out = append(out, date(t, s))
	}
	return out
}

// testCalendar has the days of the turn of 2026 that the examples need.
func testCalendar(t *testing.T) *Calendar {
	t.Helper()
	return NewCalendar(map[int]Year{
		2026: {
			DaysOff: dates(t, "2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08",
				"2026-01-09", "2026-02-23", "2026-05-01", "2026-06-12", "2026-11-04", "2026-12-31"),
			Short: dates(t, "2026-04-30", "2026-06-11"),
		},
		2027: {
			DaysOff: dates(t, "2027-01-01", "2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07", "2027-01-08"),
			Working: dates(t, "2027-02-20"),
		},
	})
}

func almanac(t *testing.T, zoneName string) Almanac {
	t.Helper()
	return Almanac{Zone: zone(t, zoneName), Calendar: testCalendar(t)}
}

func term(days int) Term {
	return Term{Days: days, NonWorking: NonWorkingKeep, Cite: "строка 3 Перечня, утв. распоряжением 232-рп"}
}

// The examples of the law notes: R1–R3.
func TestDeadlineExamples(t *testing.T) {
	for _, c := range []struct {
		name, zone, registered string
		days                   int
		due, lastDay, control  string
	}{
		{"afternoon in Khabarovsk", "Asia/Vladivostok", "2026-11-23T16:42:00+10:00", 10,
			"2026-12-03T14:00:00Z", "2026-12-03", "2026-12-03"},
		{"one instant, Khabarovsk is a day ahead", "Asia/Vladivostok", "2026-12-21T20:00:00Z", 10,
			"2027-01-01T14:00:00Z", "2027-01-01", "2026-12-30"},
		{"the same instant in Kaliningrad", "Europe/Kaliningrad", "2026-12-21T20:00:00Z", 10,
			"2026-12-31T22:00:00Z", "2026-12-31", "2026-12-30"},
		{"last day a Saturday", "Europe/Kaliningrad", "2026-11-18T09:00:00Z", 10,
			"2026-11-28T22:00:00Z", "2026-11-28", "2026-11-27"},
		{"registered a minute before midnight", "Europe/Kaliningrad", "2026-11-18T21:59:00Z", 1,
			"2026-11-19T22:00:00Z", "2026-11-19", "2026-11-19"},
		{"registered at midnight", "Europe/Kaliningrad", "2026-11-18T22:00:00Z", 1,
			"2026-11-20T22:00:00Z", "2026-11-20", "2026-11-20"},
		{"registered on the last day of the year, all days off", "Asia/Vladivostok", "2026-12-31T10:00:00+10:00", 10,
			"2027-01-10T14:00:00Z", "2027-01-10", "2027-01-10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := almanac(t, c.zone)
			d, err := a.Deadline(instant(t, c.registered), term(c.days))
			if err != nil {
				t.Fatal(err)
			}
			if !d.Due.Equal(instant(t, c.due)) || a.LastDay(d).String() != c.lastDay || a.ControlDay(d).String() != c.control {
				t.Errorf("due %s, last day %s, control %s; want %s, %s, %s",
					d.Due, a.LastDay(d), a.ControlDay(d), c.due, c.lastDay, c.control)
			}
			if d.Due.Location() != time.UTC || d.Control.Location() != time.UTC {
				t.Errorf("not in UTC: %v, %v", d.Due, d.Control)
			}
		})
	}
}

func TestNonWorkingRule(t *testing.T) {
	for _, c := range []struct {
		rule         NonWorking
		due, control string
	}{
		{NonWorkingKeep, "2026-11-28", "2026-11-27"},
		{NonWorkingPrevious, "2026-11-27", "2026-11-27"},
		{NonWorkingNext, "2026-11-30", "2026-11-30"},
	} {
		a := almanac(t, "Europe/Kaliningrad")
		d, err := a.Deadline(instant(t, "2026-11-18T09:00:00Z"), Term{Days: 10, NonWorking: c.rule})
		if err != nil || a.LastDay(d) != date(t, c.due) || a.ControlDay(d) != date(t, c.control) {
			t.Errorf("%s: due %s, control %s, %v; want %s, %s", c.rule, a.LastDay(d), a.ControlDay(d), err, c.due, c.control)
		}
	}
}

func TestMissingCalendarYear(t *testing.T) {
	a := almanac(t, "Asia/Vladivostok")
	d, err := a.Deadline(instant(t, "2027-12-25T00:00:00Z"), term(10))
	if !errors.Is(err, ErrCalendarYear) {
		t.Fatalf("err = %v, want ErrCalendarYear", err)
	}
	if got := a.LastDay(d); got != date(t, "2028-01-04") || !d.Control.Equal(d.Due) {
		t.Errorf("last day %s, control %s: the legal due must still stand, with the control date on it", got, d.Control)
	}
	if err.Error() != "working calendar does not know the year 2028" {
		t.Errorf("the year is not named: %v", err)
	}
}

// «Day 6, ordinary corrected to row 3: 4 days left. Transferred on day 8: 2 left.»
func TestCorrectionAndTransfer(t *testing.T) {
	a := almanac(t, "Asia/Vladivostok")
	registered := instant(t, "2026-11-02T12:00:00+10:00")
	ordinary, err := a.Deadline(registered, Term{Days: 30, NonWorking: NonWorkingKeep, Ordinary: true})
	if err != nil {
		t.Fatal(err)
	}
	day6, day8, day9 := registered.AddDate(0, 0, 6), registered.AddDate(0, 0, 8), registered.AddDate(0, 0, 9)
	c, err := a.Correct(ordinary, registered, day6, term(10))
	if err != nil {
		t.Fatal(err)
	}
	if left := a.DaysLeft(c.After, day6); left != 4 || c.Controller {
		t.Errorf("after the correction %d days left (controller %v), want 4", left, c.Controller)
	}
	if c.Before != ordinary {
		t.Errorf("the version before was not kept: %+v", c.Before)
	}
	if left := a.DaysLeft(c.After, day8); left != 2 {
		t.Errorf("a transfer on day 8 leaves %d days, want 2", left)
	}
	late, err := a.Correct(ordinary, registered, day9, term(10))
	if err != nil || !late.Controller {
		t.Errorf("one day left: controller %v, %v; want the controller to decide", late.Controller, err)
	}
}

func TestMetAndOverdue(t *testing.T) {
	a := almanac(t, "Europe/Kaliningrad")
	d, err := a.Deadline(instant(t, "2026-11-18T09:00:00Z"), term(9))
	if err != nil {
		t.Fatal(err)
	}
	before, at := d.Due.Add(-time.Second), d.Due
	if !d.Met(before) || d.Met(at) {
		t.Errorf("met a second before: %v, at midnight: %v", d.Met(before), d.Met(at))
	}
	if d.Overdue(before) || !d.Overdue(at) {
		t.Errorf("overdue a second before: %v, at midnight: %v", d.Overdue(before), d.Overdue(at))
	}
	if (Deadline{}).Overdue(at) {
		t.Error("a case without a term is overdue")
	}
	if left := a.DaysLeft(d, before); left != 0 {
		t.Errorf("on the last day %d days left, want 0", left)
	}
	if left := a.DaysLeft(d, at); left != -1 {
		t.Errorf("a day after %d days left, want -1", left)
	}
}

func TestDeferral(t *testing.T) {
	a := almanac(t, "Europe/Kaliningrad")
	row := term(10)
	old, err := a.Deadline(instant(t, "2026-11-18T09:00:00Z"), row) // last day 28.11
	if err != nil {
		t.Fatal(err)
	}
	ordinary := Term{Days: 30, NonWorking: NonWorkingKeep, Ordinary: true}
	good := Deferral{Person: "И. о. министра", Reason: "ждём поставку", Until: date(t, "2026-12-12"), Notified: old.Due.Add(-time.Hour)}
	with := func(f func(*Deferral)) Deferral { d := good; f(&d); return d }
	for _, c := range []struct {
		name string
		term Term
		give Deferral
		want error
	}{
		{"good", row, good, nil},
		{"nobody decided", row, with(func(d *Deferral) { d.Person = "" }), ErrDeferPerson},
		{"no reason", row, with(func(d *Deferral) { d.Reason = "" }), ErrDeferReason},
		{"author not told", row, with(func(d *Deferral) { d.Notified = time.Time{} }), ErrDeferNotice},
		{"author told too late", row, with(func(d *Deferral) { d.Notified = old.Due }), ErrDeferNotice},
		{"not later", row, with(func(d *Deferral) { d.Until = date(t, "2026-11-28") }), ErrDeferNotLater},
		{"ordinary, 30 days more", ordinary, with(func(d *Deferral) { d.Until = date(t, "2026-12-28") }), nil},
		{"ordinary, 31 days more", ordinary, with(func(d *Deferral) { d.Until = date(t, "2026-12-29") }), ErrDeferTooLong},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := a.Defer(old, c.term, c.give); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
	got, err := a.Defer(old, row, good)
	if err != nil {
		t.Fatal(err)
	}
	if a.LastDay(got) != good.Until || a.ControlDay(got) != date(t, "2026-12-11") {
		t.Errorf("last day %s, control %s; want 12.12 (a Saturday) and 11.12", a.LastDay(got), a.ControlDay(got))
	}
	if want := old.Reason + "; отложенное решение до 12.12.2026: ждём поставку"; got.Reason != want {
		t.Errorf("reason %q, want %q", got.Reason, want)
	}
}

func TestNextRound(t *testing.T) {
	a := almanac(t, "Europe/Kaliningrad")
	first, err := a.NextRound(Round{}, instant(t, "2026-11-02T09:00:00Z"), term(10))
	if err != nil {
		t.Fatal(err)
	}
	kept := first
	second, err := a.NextRound(first, instant(t, "2026-11-16T09:00:00Z"), term(10))
	if err != nil {
		t.Fatal(err)
	}
	if second.Number != 2 || a.LastDay(second.Deadline) != date(t, "2026-11-26") {
		t.Errorf("round %d ends %s, want 2 and 26.11", second.Number, a.LastDay(second.Deadline))
	}
	if first != kept {
		t.Error("the first round changed")
	}
}

func TestSendBack(t *testing.T) {
	a := almanac(t, "Europe/Kaliningrad")
	friday := instant(t, "2026-11-20T15:00:00Z") // the next working day is Monday 23.11
	for _, c := range []struct {
		name   string
		now    string
		before int
		want   error
	}{
		{"same day", "2026-11-20T16:00:00Z", 0, nil},
		{"Monday evening", "2026-11-23T21:59:59Z", 1, nil},
		{"Tuesday", "2026-11-23T22:00:00Z", 0, ErrSendBackLate},
		{"third time", "2026-11-20T16:00:00Z", 2, ErrSendBackLimit},
	} {
		if err := a.SendBack(friday, instant(t, c.now), c.before, 2); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestRegistration(t *testing.T) {
	first, second := instant(t, "2026-11-02T09:00:00Z"), instant(t, "2026-11-05T09:00:00Z")
	if got := EarliestRegistration(second, time.Time{}, first); got != first {
		t.Errorf("joined cases count from %s, want the earliest", got)
	}
	if LateRegistration(first, first.Add(72*time.Hour)) || !LateRegistration(first, first.Add(72*time.Hour+time.Second)) {
		t.Error("late registration begins after three days")
	}
	if LateRegistration(time.Time{}, first) {
		t.Error("an unknown time of publication is late")
	}
}

func TestReasonWords(t *testing.T) {
	for n, want := range map[int]string{1: "1 календарный день", 2: "2 календарных дня", 5: "5 календарных дней",
		10: "10 календарных дней", 11: "11 календарных дней", 12: "12 календарных дней", 21: "21 календарный день",
		22: "22 календарных дня", 30: "30 календарных дней", 111: "111 календарных дней"} {
		if got := CalendarDays(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got, want := term(10).Reason(), "строка 3 Перечня, утв. распоряжением 232-рп: 10 календарных дней"; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
}

func TestWorkingTime(t *testing.T) {
	a := almanac(t, "Asia/Vladivostok")
	day := DefaultWorkDay()
	for _, c := range []struct {
		name, from, to string
		want           time.Duration
	}{
		{"a whole day has eight hours", "2026-11-23T00:00:00+10:00", "2026-11-24T00:00:00+10:00", 8 * time.Hour},
		{"the break does not count", "2026-11-23T12:30:00+10:00", "2026-11-23T14:30:00+10:00", time.Hour},
		{"a week-end", "2026-11-20T17:00:00+10:00", "2026-11-23T10:00:00+10:00", 2 * time.Hour},
		{"a short day ends at five", "2026-06-11T16:00:00+10:00", "2026-06-11T20:00:00+10:00", time.Hour},
		{"a worked Saturday", "2027-02-20T00:00:00+10:00", "2027-02-21T00:00:00+10:00", 8 * time.Hour},
		{"backwards", "2026-11-23T12:00:00+10:00", "2026-11-23T10:00:00+10:00", 0},
	} {
		got, err := a.WorkingTime(instant(t, c.from), instant(t, c.to), day)
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
	end, err := a.AfterWorking(instant(t, "2026-11-20T17:00:00+10:00"), 9*time.Hour, day)
	if want := instant(t, "2026-11-23T18:00:00+10:00"); err != nil || !end.Equal(want) {
		t.Errorf("nine working hours after Friday 17:00 end %s, %v; want %s", end, err, want)
	}
	if _, err := a.AfterWorking(instant(t, "2027-12-31T17:00:00+10:00"), 9*time.Hour, day); !errors.Is(err, ErrCalendarYear) {
		t.Errorf("err = %v, want ErrCalendarYear", err)
	}
}
