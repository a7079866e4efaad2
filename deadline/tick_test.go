package deadline

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // zones with changes of clocks on machines that have none

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"
)

// spec is a schedule together with what it means, told another way.
type spec struct {
	minutes, hours []int // empty: every one
	weekdays       bool  // Monday to Friday only
}

func (s spec) cron() string {
	days := "*"
	if s.weekdays {
		days = "MON-FRI"
	}
	return list(s.minutes) + " " + list(s.hours) + " * * " + days
}

func list(n []int) string {
	if len(n) == 0 {
		return "*"
	}
	out := fmt.Sprint(n[0])
	for _, v := range n[1:] {
		out += fmt.Sprintf(",%d", v)
	}
	return out
}

// names reports whether the schedule names a minute of the local clock.
func (s spec) names(local time.Time) bool {
	in := func(list []int, v int) bool { return len(list) == 0 || slices.Contains(list, v) }
	if s.weekdays && (local.Weekday() == time.Saturday || local.Weekday() == time.Sunday) {
		return false
	}
	return in(s.minutes, local.Minute()) && in(s.hours, local.Hour())
}

// last looks at every minute of (after, now], the latest first.
func (s spec) last(after, now time.Time) (time.Time, bool) {
	for t := now.Truncate(time.Minute); t.After(after); t = t.Add(-time.Minute) {
		if s.names(t) {
			return t, true
		}
	}
	return time.Time{}, false
}

func draw(t *rapid.T) spec {
	minute, hour := rapid.IntRange(0, 59), rapid.IntRange(0, 23)
	return spec{
		minutes:  rapid.SliceOfN(minute, 0, 3).Draw(t, "minutes"),
		hours:    rapid.SliceOfN(hour, 0, 3).Draw(t, "hours"),
		weekdays: rapid.Bool().Draw(t, "weekdays"),
	}
}

// changes are nights in which clocks were moved: in both regions as long as
// they were (until 2011, and once more in 2014), at midnight, by half an hour.
var changes = map[string][]string{
	"Europe/Kaliningrad":  {"2010-03-28T00:00:00Z", "2010-10-31T00:00:00Z", "2014-10-25T23:00:00Z", "2026-11-23T00:00:00Z"},
	"Asia/Vladivostok":    {"2010-03-27T16:00:00Z", "2010-10-30T16:00:00Z", "2014-10-25T15:00:00Z", "2026-11-23T00:00:00Z"},
	"Europe/Berlin":       {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"},
	"America/Sao_Paulo":   {"2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z"}, // at midnight
	"Australia/Lord_Howe": {"2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z"}, // by half an hour
}

// The tick is the last time in (last, now] that the schedule names on the local
// clock, as one finds it by looking at every minute.
func TestLatestTickIsTheLastNamedMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := slices.Sorted(func(yield func(string) bool) {
			for name := range changes {
				if !yield(name) {
					return
				}
			}
		})
		name := rapid.SampledFrom(names).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		night, err := time.Parse(time.RFC3339, rapid.SampledFrom(changes[name]).Draw(t, "night"))
		if err != nil {
			t.Fatal(err)
		}
		s := draw(t)
		schedule, err := cron.ParseStandard(s.cron())
		if err != nil {
			t.Fatalf("%s: %v", s.cron(), err)
		}
		now := night.Add(time.Duration(rapid.Int64Range(-3*86400, 4*86400).Draw(t, "seconds after the change")) * time.Second).In(zone)
		back := time.Duration(rapid.Int64Range(0, 6*86400).Draw(t, "seconds since the last run")) * time.Second
		last := now.Add(-back).UTC()

		want, found := s.last(last, now)
		got, ok := latestTick(schedule, last, now)
		if ok != found || !got.Equal(want) {
			t.Fatalf("%s in %s, (%s, %s]: %s %v, want %s %v", s.cron(), name, last.In(zone), now, got, ok, want, found)
		}
	})
}

// The night in which Lord Howe moves its clocks by half an hour, and days given
// both ways.
func TestLatestTickWhereCronItselfErrs(t *testing.T) {
	for _, c := range []struct{ spec, zone, last, now, want string }{
		{"* 3 * * *", "Australia/Lord_Howe", "2026-10-03T15:59:58Z", "2026-10-03T16:00:00Z", "2026-10-03T16:00:00Z"},
		{"15 3 * * *", "Australia/Lord_Howe", "2026-10-03T15:59:00Z", "2026-10-03T16:59:00Z", "2026-10-03T16:15:00Z"},
		{"0 9 13 * FRI", "UTC", "2026-11-10T00:00:00Z", "2026-11-15T00:00:00Z", "2026-11-13T09:00:00Z"},
		{"0 9 12 * FRI", "UTC", "2026-11-10T00:00:00Z", "2026-11-13T08:00:00Z", "2026-11-12T09:00:00Z"},
		{"CRON_TZ=Asia/Vladivostok 30 8 * * *", "UTC", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-22T22:30:00Z"},
		{"@every 10m", "UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:35:00Z", "2026-11-23T00:30:00Z"},
	} {
		schedule, err := cron.ParseStandard(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		var at [2]time.Time
		for i, s := range []string{c.last, c.now} {
			if at[i], err = time.Parse(time.RFC3339, s); err != nil {
				t.Fatal(err)
			}
		}
		got, ok := latestTick(schedule, at[0], at[1].In(zone))
		if !ok || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s in %s: %s %v, want %s", c.spec, c.zone, got, ok, c.want)
		}
	}
}

// At the first start there is no last run: the tick is looked for through a week
// and a day, not through all of time.
func TestLatestTickWithoutALastRun(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct{ spec, want string }{
		{"30 8 * * MON-FRI", "2026-11-23T08:30:00Z"},
		{"0 9 * * *", "2026-11-23T09:00:00Z"}, // now itself
		{"1 9 * * MON", "2026-11-16T09:01:00Z"},
		{"0 0 1 * *", ""}, // three weeks ago
	} {
		schedule, err := cron.ParseStandard(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := latestTick(schedule, time.Time{}, now)
		if ok != (c.want != "") || ok && got.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %s %v, want %q", c.spec, got, ok, c.want)
		}
	}
}
