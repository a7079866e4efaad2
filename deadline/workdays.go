package deadline

import (
	"time"

	"github.com/robfig/cron/v3"

	"github.com/otklik/otklik/domain"
)

// weekdays are Monday to Friday as a schedule holds them.
const weekdays = 0b0111110

// everyDay is a schedule of MON-FRI without that condition: people who write it
// mean the days they work, and that is for the calendar to say.
func everyDay(s cron.Schedule) (cron.Schedule, bool) {
	spec, ok := s.(*cron.SpecSchedule)
	if !ok || spec.Dow != weekdays || spec.Dom&star == 0 {
		return s, false
	}
	every := *spec
	every.Dow = star | (1<<7 - 1)
	return &every, true
}

// latestTick is the last tick of the job at or before now, a time in the region's
// zone, that lies after last.
func (j *job) latestTick(last, now time.Time) (time.Time, bool) {
	if !j.workdays {
		return latestTick(j.schedule, last, now)
	}
	oldest := now.Add(-lookBack)
	for {
		tick, ok := latestTick(j.schedule, last, now)
		if !ok || tick.Before(oldest) || j.region.worked(tick) {
			return tick, ok && !tick.Before(oldest)
		}
		now = tick.Add(-time.Minute)
	}
}

// worked: the day of t is a working one. In a year that the calendar lacks, of
// which the administrator is told elsewhere, Monday to Friday are.
func (r *Region) worked(t time.Time) bool {
	day := domain.DateOf(t, r.Zone)
	if worked, err := r.Calendar.IsWorking(day); err == nil {
		return worked
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}
