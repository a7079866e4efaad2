package rules

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// calendarYears reads the days of calendar.yaml. Saturdays and Sundays are off
// without being listed; listing them among the days off does no harm.
func calendarYears(file string, years map[int]calendarYear) (map[int]domain.Year, Faults) {
	var faults Faults
	out := make(map[int]domain.Year, len(years))
	for _, y := range slices.Sorted(maps.Keys(years)) {
		year := years[y]
		days := dayReader{file: file, year: y}
		off := days.read(year.DaysOff, year.DaysOffLine)
		working := days.read(year.Working, year.WorkingLine)
		short := days.read(year.Short, year.ShortLine)
		days.contradictions(off, year, working)
		if year.Source == "" {
			days.fault(year.Line, CodeEmpty, fmt.Sprintf("для %d года не указан источник", y),
				"впишите source: акт, по которому составлен календарь")
		}
		faults = append(faults, days.faults...)
		out[y] = domain.Year{DaysOff: off, Working: working, Short: short}
	}
	return out, faults
}

type dayReader struct {
	file   string
	year   int
	faults Faults
}

func (r *dayReader) fault(line int, code Code, what, mend string) {
	r.faults = append(r.faults, Fault{File: r.file, Line: line, Code: code, What: what, Mend: mend})
}

func (r *dayReader) read(days []string, lines []int) []domain.Date {
	out := make([]domain.Date, 0, len(days))
	for i, s := range days {
		d, err := domain.ParseDate(s)
		switch {
		case err != nil:
			r.fault(lineOf(lines, i), CodeBadDate, fmt.Sprintf("«%s» — не дата", s), "запишите её как ГГГГ-ММ-ДД")
		case d.Year != r.year:
			r.fault(lineOf(lines, i), CodeCalendarDay, fmt.Sprintf("день %s записан в %d году", s, r.year),
				"перенесите его в свой год")
		case slices.Contains(out, d):
			r.fault(lineOf(lines, i), CodeCalendarDay, fmt.Sprintf("день %s записан дважды", s),
				"удалите повтор или впишите день, который имелся в виду")
		default:
			out = append(out, d)
		}
	}
	return out
}

// contradictions finds worked days that are weekdays, where the calendar
// already has them worked, and days that are both worked and off.
func (r *dayReader) contradictions(off []domain.Date, year calendarYear, working []domain.Date) {
	for _, d := range working {
		line := lineOf(year.WorkingLine, slices.Index(year.Working, d.String()))
		if wd := d.Weekday(); wd != time.Saturday && wd != time.Sunday {
			r.fault(line, CodeCalendarDay, fmt.Sprintf("%s — не выходной, он и так рабочий", d),
				"в working пишутся только рабочие субботы и воскресенья")
		}
		if slices.Contains(off, d) {
			r.fault(line, CodeCalendarDay, fmt.Sprintf("день %s и рабочий, и нерабочий", d), "оставьте его в одном списке")
		}
	}
}

// lineOf is lines[i], or 0 when the list was referred to and has no lines.
func lineOf(lines []int, i int) int {
	if i < 0 || i >= len(lines) {
		return 0
	}
	return lines[i]
}
