package analytics

import (
	"fmt"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// shownSurges is how many are shown, least likely first.
const shownSurges = 8

// surges of the last whole day: today is not over, and half a day must not be
// measured by whole ones.
func (p *Pages) surges(r *page.Request, d *data, v *view) error {
	day := r.Today().Add(-1)
	first := day.Add(-7 * report.SurgeWeeks)
	began, err := p.Store.FirstDay(r.Context(), r.Region.ID)
	if err != nil {
		return err
	}
	if began == (domain.Date{}) || day.Sub(began) < 14 {
		v.Quiet = "О всплесках можно будет судить через две недели после начала работы: пока неизвестно, что обычно."
		return nil
	}
	if first.Before(began) {
		first = began
	}
	pairs, err := p.Store.PairDays(r.Context(), r.Scope, first, day)
	if err != nil {
		return err
	}
	found := report.Surges(d.series(pairs, first, day), day, offDay(r))
	if len(found) > shownSurges {
		found = found[:shownSurges]
	}
	for _, s := range found {
		v.Surges = append(v.Surges, surge{Words: s.Words(), Link: s.Link, Chance: fmt.Sprintf("вероятность случайности %s", chance(s.P))})
	}
	if len(found) == 0 {
		v.Quiet = "За " + day.Words() + " всплесков нет: ни одна категория ни в одном месте не выше обычного."
	}
	v.Method = fmt.Sprintf("Сравнивается %s с такими же днями недели за %s (праздник — с выходными): отрицательное биномиальное распределение, поправка Бенджамини — Хохберга по %s «категория в месте», доля ложных не больше 5\u00a0%%; показывается не меньше пяти инцидентов и вдвое больше обычного.",
		day.Words(), page.Counted(report.SurgeWeeks, "неделю", "недели", "недель"), report.Count(int64(pairCount(pairs)), "паре", "парам", "парам"))
	return nil
}

// chance is «меньше 1 : 1 000 000», «1 : 2 400».
func chance(p float64) string {
	if p < 1e-6 {
		return "меньше 1\u00a0:\u00a01\u00a0000\u00a0000"
	}
	return "1\u00a0:\u00a0" + report.NumberWords(float64(int64(1/p)))
}

type pair struct{ category, place string }

func pairCount(days []domain.PairDay) int {
	seen := map[pair]bool{}
	for _, d := range days {
		seen[pair{d.Category, d.Municipality}] = true
	}
	return len(seen)
}

// series puts the counts of each pair into a row of days.
func (d *data) series(days []domain.PairDay, first, last domain.Date) []report.Series {
	at := map[pair]int{}
	var out []report.Series
	for _, day := range days {
		k := pair{day.Category, day.Municipality}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			place := ""
			if day.Municipality != "" {
				place = d.municipality(day.Municipality)
			}
			with := d.q
			with.filter.Category, with.filter.Municipality = day.Category, day.Municipality
			if day.Municipality == "" {
				with.filter.Municipality = "-"
			}
			out = append(out, report.Series{Category: d.category(day.Category).Short, Place: place, Link: "/analytics?" + with.values().Encode(),
				Days: make([]int64, last.Sub(first)+1)})
		}
		out[i].Days[day.Day.Sub(first)] = day.Cases
	}
	return out
}

// offDay tells days off by the region's calendar; Saturdays and Sundays of years
// it does not know.
func offDay(r *page.Request) func(domain.Date) bool {
	return func(d domain.Date) bool {
		working, err := r.Region.Calendar.IsWorking(d)
		if err != nil {
			return d.Weekday() == 0 || d.Weekday() == 6
		}
		return !working
	}
}
