package deadline_test

import (
	"testing"
	"time"

	"github.com/otklik/otklik/deadline"
	"github.com/otklik/otklik/domain"
)

// digestDays walks through a stretch of days and gives those of the digests. The first
// start was at its beginning, or at the time that is named.
func digestDays(t *testing.T, spec string, calendar *domain.Calendar, from, to string, started ...string) []string {
	t.Helper()
	w := newWorld(t)
	r := w.runner(w.store)
	r.Regions = func() []deadline.Region {
		return []deadline.Region{{ID: "khabarovsk", Zone: zone("Asia/Vladivostok"), Calendar: calendar,
			Deadlines: "*/10 * * * *", Digest: spec, SatisfactionDays: 7}}
	}
	for _, start := range started {
		w.walk(r, start, start, time.Hour)
	}
	w.walk(r, from, to, time.Hour)
	return w.said("khabarovsk")
}

// The morning list comes on the days the calendar says are worked: on a Saturday
// that is, not on a Monday that is a holiday.
func TestDigestComesOnWorkingDays(t *testing.T) {
	date := func(month time.Month, day int) domain.Date { return domain.Date{Year: 2026, Month: month, Day: day} }
	calendar := domain.NewCalendar(map[int]domain.Year{2026: {
		DaysOff: []domain.Date{date(time.November, 30)}, Working: []domain.Date{date(time.November, 28)},
	}})
	// 22:30 UTC is 8:30 of the next day in Khabarovsk; the walk looks at full hours.
	const from, to = "2026-11-26T21:00:00Z", "2026-12-01T23:00:00Z" // Friday to Wednesday, local
	same(t, digestDays(t, "30 8 * * MON-FRI", calendar, from, to), []string{
		"2026-11-26T23:00 digest controller", // Friday 27 November
		"2026-11-27T23:00 digest controller", // Saturday, worked
		"2026-11-30T23:00 digest controller", // Tuesday; Monday is off
		"2026-12-01T23:00 digest controller",
	})
	same(t, digestDays(t, "30 8 * * *", calendar, "2026-11-28T21:00:00Z", "2026-11-29T23:00:00Z"), []string{
		"2026-11-28T23:00 digest controller", // Sunday: the pack wants it every day
		"2026-11-29T23:00 digest controller",
	})
	same(t, digestDays(t, "30 8 * * MON", calendar, "2026-11-28T21:00:00Z", "2026-11-29T23:00:00Z"), []string{
		"2026-11-29T23:00 digest controller", // Mondays alone are what the pack says
	})
}

// Of a year that the calendar lacks the week is all that is known.
func TestDigestWithoutACalendar(t *testing.T) {
	same(t, digestDays(t, "30 8 * * MON-FRI", nil, "2026-11-26T22:00:00Z", "2026-11-29T23:00:00Z"), []string{
		"2026-11-26T23:00 digest controller",
		"2026-11-29T23:00 digest controller",
	})
}

// After ten days off the last working day's list is too old to be caught up.
func TestDigestAfterLongHolidays(t *testing.T) {
	var off []domain.Date
	for day := 1; day <= 15; day++ {
		off = append(off, domain.Date{Year: 2026, Month: time.November, Day: day})
	}
	calendar := domain.NewCalendar(map[int]domain.Year{2026: {DaysOff: off}})
	same(t, digestDays(t, "30 8 * * MON-FRI", calendar, "2026-11-12T23:00:00Z", "2026-11-15T23:00:00Z", "2026-10-29T20:00:00Z"), []string{
		"2026-11-15T23:00 digest controller", // Monday 16 November
	})
}
