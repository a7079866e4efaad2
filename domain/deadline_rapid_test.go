package domain

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// zoneNames has the regions' zones and the odd ones: clocks changed at
// midnight (Beirut, Havana, São Paulo, Cairo), by half an hour (Lord Howe), a
// day skipped (Apia, 30.12.2011).
var zoneNames = []string{"Asia/Vladivostok", "Europe/Kaliningrad", "Asia/Kamchatka", "UTC", "America/New_York",
	"Asia/Beirut", "America/Havana", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Tehran"}

func anyZone(t *rapid.T) *time.Location {
	loc, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// anyDay likes the ends of years and of February.
func anyDay(t *rapid.T) Date {
	year := rapid.IntRange(2005, 2040).Draw(t, "year")
	near := rapid.SampledFrom([]Date{{year, time.January, 1}, {year, time.December, 31}, {year, time.February, 28},
		{year, time.March, 1}, {year, time.March, 29}, {year, time.October, 25}, {2011, time.December, 30}}).Draw(t, "near")
	return near.Add(rapid.IntRange(-200, 200).Draw(t, "days"))
}

func anyInstant(t *rapid.T, loc *time.Location) time.Time {
	return anyDay(t).Start(loc).Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second")) * time.Second)
}

// anyAlmanac knows every year the tests reach, with holidays and moved days of
// its own, among them runs as long as those of January.
func anyAlmanac(t *rapid.T) Almanac {
	years := map[int]Year{}
	off := rapid.SliceOfN(rapid.IntRange(0, 364), 0, 12).Draw(t, "holidays")
	working := rapid.SliceOfN(rapid.IntRange(0, 364), 0, 4).Draw(t, "worked")
	run := rapid.IntRange(0, 14).Draw(t, "january")
	for y := 2003; y <= 2043; y++ {
		first := Date{y, time.January, 1}
		var year Year
		for i := range run {
			year.DaysOff = append(year.DaysOff, first.Add(i))
		}
		for _, n := range off {
			year.DaysOff = append(year.DaysOff, first.Add(n))
		}
		for _, n := range working {
			year.Working = append(year.Working, first.Add(n))
		}
		years[y] = year
	}
	return Almanac{Zone: anyZone(t), Calendar: NewCalendar(years)}
}

func anyTerm(t *rapid.T) Term {
	return Term{Days: rapid.IntRange(1, 60).Draw(t, "term"), Cite: "строка",
		NonWorking: rapid.SampledFrom(NonWorkingRules()).Draw(t, "rule")}
}

// A day begins at the first instant its date is read, whatever clocks do.
func TestDayStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, d := anyZone(t), anyDay(t)
		start := d.Start(loc)
		if got := DateOf(start, loc); got.Before(d) {
			t.Fatalf("%s in %s starts at %s, still %s", d, loc, start, got)
		}
		if got := DateOf(start.Add(-time.Nanosecond), loc); !got.Before(d) {
			t.Fatalf("%s in %s starts at %s, but it is %s before", d, loc, start, got)
		}
		if start.Location() != time.UTC {
			t.Fatalf("%s is not in UTC", start)
		}
	})
}

func TestDaySkipped(t *testing.T) {
	apia := zone(t, "Pacific/Apia")
	skipped, next := date(t, "2011-12-30"), date(t, "2011-12-31")
	if !skipped.Start(apia).Equal(next.Start(apia)) {
		t.Errorf("the skipped day starts %s, the next %s", skipped.Start(apia), next.Start(apia))
	}
}

func TestDateArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := anyDay(t), rapid.IntRange(-800, 800).Draw(t, "n")
		e := d.Add(n)
		if e.Sub(d) != n || e.Add(-n) != d || e.Before(d) != (n < 0) {
			t.Fatalf("%s + %d = %s", d, n, e)
		}
		if parsed, err := ParseDate(e.String()); err != nil || parsed != e {
			t.Fatalf("%s reads back as %s, %v", e, parsed, err)
		}
	})
	if got := date(t, "2028-02-28").Add(1).String(); got != "2028-02-29" {
		t.Errorf("the day after 28.02.2028 is %s", got)
	}
}

// R1–R3: the last day is N days after the day of registration, the end is its
// last instant, and the hour of registration does not matter.
func TestDeadlineProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, term := anyAlmanac(t), anyTerm(t)
		registered := anyInstant(t, a.Zone)
		d, err := a.Deadline(registered, term)
		if err != nil {
			t.Fatal(err)
		}
		start := DateOf(registered, a.Zone)
		last := start.Add(term.Days)
		if !d.Due.Equal(d.Due.UTC()) || d.Control.After(d.Due) {
			t.Fatalf("due %s, control %s", d.Due, d.Control)
		}
		legal, control := a.LastDay(d), a.ControlDay(d)
		checkRule(t, a, term, start, last, legal, control)
		noon := start.Start(a.Zone).Add(time.Minute)
		if DateOf(noon, a.Zone) == start {
			if again, err := a.Deadline(noon, term); err != nil || again != d {
				t.Fatalf("registered %s: %+v; at %s: %+v", registered, d, noon, again)
			}
		}
	})
}

func checkRule(t *rapid.T, a Almanac, term Term, start, last, legal, control Date) {
	worked := func(d Date) bool {
		ok, err := a.Calendar.IsWorking(d)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	skippedDay := a.Zone.String() == "Pacific/Apia" // there dates repeat no law of ours
	switch {
	case skippedDay:
	case worked(last) && (legal != last || control != last):
		t.Fatalf("%s is worked, yet due %s, control %s", last, legal, control)
	case term.NonWorking == NonWorkingKeep && legal != last:
		t.Fatalf("keep: due %s, want %s", legal, last)
	case term.NonWorking == NonWorkingNext && (legal.Before(last) || !worked(legal) || control != legal):
		t.Fatalf("next: last day %s, due %s, control %s", last, legal, control)
	case term.NonWorking == NonWorkingPrevious && last.Before(legal):
		t.Fatalf("previous: last day %s, due %s", last, legal)
	case control.Before(start):
		t.Fatalf("control %s before the registration %s", control, start)
	case control != last && !worked(control):
		t.Fatalf("control %s is not worked", control)
	}
	for d := control.Add(1); !skippedDay && term.NonWorking == NonWorkingKeep && control != last && !last.Before(d); d = d.Add(1) {
		if worked(d) {
			t.Fatalf("control %s, but %s is worked and nearer to %s", control, d, last)
		}
	}
}

// More days never end earlier; a later registration never ends earlier.
func TestDeadlineGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, term := anyAlmanac(t), anyTerm(t)
		registered := anyInstant(t, a.Zone)
		later := registered.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "hours")) * time.Hour)
		d := mustDeadline(t, a, registered, term)
		longer := term
		longer.Days++
		if end := mustDeadline(t, a, registered, longer); term.NonWorking != NonWorkingPrevious && end.Due.Before(d.Due) {
			t.Fatalf("%d days end %s, %d end %s", term.Days, d.Due, longer.Days, end.Due)
		}
		if end := mustDeadline(t, a, later, term); term.NonWorking != NonWorkingPrevious && end.Due.Before(d.Due) {
			t.Fatalf("registered %s ends %s, registered %s ends %s", registered, d.Due, later, end.Due)
		}
	})
}

func mustDeadline(t *rapid.T, a Almanac, registered time.Time, term Term) Deadline {
	d, err := a.Deadline(registered, term)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// R6: a corrected row counts from the first registration, whenever it is
// corrected and however often; correcting back restores the term.
func TestCorrectionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, was, is := anyAlmanac(t), anyTerm(t), anyTerm(t)
		registered := anyInstant(t, a.Zone)
		now := registered.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "hours")) * time.Hour)
		before := mustDeadline(t, a, registered, was)
		c, err := a.Correct(before, registered, now, is)
		if err != nil {
			t.Fatal(err)
		}
		if c.Before != before || c.After != mustDeadline(t, a, registered, is) {
			t.Fatalf("correction %+v", c)
		}
		if c.Controller != (a.DaysLeft(c.After, now) < 2) {
			t.Fatalf("%d days left, controller %v", a.DaysLeft(c.After, now), c.Controller)
		}
		back, err := a.Correct(c.After, registered, now, was)
		if err != nil || back.After != before {
			t.Fatalf("corrected back: %+v, %v; want %+v", back.After, err, before)
		}
	})
}

// R4: at any instant a deadline is either overdue or can still be met.
func TestOverdueProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAlmanac(t)
		registered := anyInstant(t, a.Zone)
		d := mustDeadline(t, a, registered, anyTerm(t))
		at := registered.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "hours")) * time.Hour)
		if d.Met(at) == d.Overdue(at) {
			t.Fatalf("due %s, at %s: met %v, overdue %v", d.Due, at, d.Met(at), d.Overdue(at))
		}
		if (a.DaysLeft(d, at) < 0) != d.Overdue(at) {
			t.Fatalf("due %s, at %s: %d days left, overdue %v", d.Due, at, a.DaysLeft(d, at), d.Overdue(at))
		}
	})
}

// R9: nothing that joins later makes the term longer.
func TestJoinedProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, term := anyAlmanac(t), anyTerm(t)
		first, second := anyInstant(t, a.Zone), anyInstant(t, a.Zone)
		joined := EarliestRegistration(first, second)
		if joined.After(first) || joined.After(second) || joined != EarliestRegistration(second, first) {
			t.Fatalf("of %s and %s rules %s", first, second, joined)
		}
		if term.NonWorking != NonWorkingPrevious && mustDeadline(t, a, joined, term).Due.After(mustDeadline(t, a, first, term).Due) {
			t.Fatal("joining made the term longer")
		}
	})
}

// Without the year the legal due stands as it would with it, under keep.
func TestMissingYearProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, term := anyAlmanac(t), anyTerm(t)
		registered := anyInstant(t, a.Zone)
		term.NonWorking = NonWorkingKeep
		want := mustDeadline(t, a, registered, term)
		a.Calendar = nil
		d, err := a.Deadline(registered, term)
		var missing *CalendarYearError
		if !errors.Is(err, ErrCalendarYear) || !errors.As(err, &missing) || missing.Year != DateOf(registered, a.Zone).Add(term.Days).Year {
			t.Fatalf("err = %v", err)
		}
		if !d.Due.Equal(want.Due) || !d.Control.Equal(d.Due) || d.Reason != want.Reason {
			t.Fatalf("%+v, want the due of %+v", d, want)
		}
	})
}

// R8: working time adds up, and AfterWorking undoes it.
func TestWorkingTimeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, day := anyAlmanac(t), DefaultWorkDay()
		from := anyInstant(t, a.Zone)
		mid := from.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "to mid")) * time.Hour)
		to := mid.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "to end")) * time.Hour)
		if whole, parts := worked(t, a, from, to, day), worked(t, a, from, mid, day)+worked(t, a, mid, to, day); whole != parts {
			t.Fatalf("%s–%s: %s, in two parts %s", from, to, whole, parts)
		}
		norm := time.Duration(rapid.IntRange(1, 24*60).Draw(t, "minutes")) * time.Minute
		end, err := a.AfterWorking(from, norm, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := worked(t, a, from, end, day); got != norm {
			t.Fatalf("%s of work after %s ends %s, which is %s", norm, from, end, got)
		}
	})
}

func worked(t *rapid.T, a Almanac, from, to time.Time, day WorkDay) time.Duration {
	d, err := a.WorkingTime(from, to, day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The nights on which midnight is skipped or comes twice.
func TestDayStartOnOddNights(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"Asia/Beirut", "2021-03-28", "2021-03-27T22:00:00Z"},       // begins at 01:00
		{"America/Sao_Paulo", "2017-10-15", "2017-10-15T03:00:00Z"}, // begins at 01:00
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"}, // 23:00 of the 17th came twice
		{"America/Havana", "2012-11-04", "2012-11-04T04:00:00Z"},    // 00:00 came twice: the first
		{"Africa/Cairo", "2014-05-16", "2014-05-15T22:00:00Z"},      // begins at 01:00
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},      // after the day that was not
		{"Europe/Kaliningrad", "2026-12-31", "2026-12-30T22:00:00Z"},
		{"Europe/Kaliningrad", "2014-10-26", "2014-10-25T21:00:00Z"}, // the last change there
		{"Asia/Vladivostok", "2010-03-28", "2010-03-27T14:00:00Z"},
	} {
		if got := date(t, c.day).Start(zone(t, c.zone)); !got.Equal(instant(t, c.want)) {
			t.Errorf("%s in %s starts %s, want %s", c.day, c.zone, got, c.want)
		}
	}
}
