package report_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// monday is a day of ordinary kind.
func monday() domain.Date { return domain.Date{Year: 2026, Month: 11, Day: 23} }

const history = report.SurgeWeeks * 7

// steady is a history of one value, then today.
func steady(usual, today int64) report.Series {
	s := report.Series{Category: "Мусор / контейнерные площадки", Place: "Комсомольск-на-Амуре"}
	for range history {
		s.Days = append(s.Days, usual)
	}
	s.Days = append(s.Days, today)
	return s
}

func TestSurgeIsSaidInOneSentence(t *testing.T) {
	got := report.Surges([]report.Series{steady(6, 34)}, monday(), nil)
	if len(got) != 1 || got[0].Words() != "Мусор / контейнерные площадки, Комсомольск-на-Амуре: 34 за сутки при обычных 6" {
		t.Fatalf("%+v", got)
	}
	if got := report.Surges([]report.Series{steady(0, 9)}, monday(), nil); len(got) != 1 || !strings.HasSuffix(got[0].Words(), "9 за сутки, обычно меньше одного") {
		t.Errorf("%+v", got)
	}
	if got := report.Surges([]report.Series{steady(1, 12)}, monday(), nil); len(got) != 1 || !strings.HasSuffix(got[0].Words(), "12 за сутки при обычном 1") {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNoSurge(t *testing.T) {
	for name, s := range map[string]report.Series{
		"two after silence": steady(0, 2), "four after silence": steady(0, 4), "as usual": steady(20, 20), "a little more": steady(20, 27),
		"less than twice": steady(400, 700), "nothing": steady(5, 0), "no history": {Days: []int64{50}}, "no days": {},
	} {
		if got := report.Surges([]report.Series{s}, monday(), nil); len(got) != 0 {
			t.Errorf("%s: %s, p = %g", name, got[0].Words(), got[0].P)
		}
	}
}

// A place that gets forty every Monday and two on other days is not surging on a
// Monday with forty, and is on a Tuesday with forty.
func TestWeeklyRhythmIsNoSurge(t *testing.T) {
	rhythm := func(day domain.Date, today int64) report.Series {
		var s report.Series
		for i := -history; i < 0; i++ {
			n := int64(2)
			if day.Add(i).Weekday() == 1 {
				n = 40
			}
			s.Days = append(s.Days, n)
		}
		s.Days = append(s.Days, today)
		return s
	}
	if got := report.Surges([]report.Series{rhythm(monday(), 40)}, monday(), nil); len(got) != 0 {
		t.Errorf("an ordinary Monday: %s", got[0].Words())
	}
	tuesday := monday().Add(1)
	if got := report.Surges([]report.Series{rhythm(tuesday, 40)}, tuesday, nil); len(got) != 1 || got[0].Usual != 2 {
		t.Errorf("a Tuesday with forty: %+v", got)
	}
}

// A holiday is compared with days off, and a holiday in the history does not
// lower what is usual for its weekday.
func TestHolidaysAreDaysOff(t *testing.T) {
	holidays := map[domain.Date]bool{monday(): true, monday().Add(-7): true}
	off := func(d domain.Date) bool { return d.Weekday() == 0 || d.Weekday() == 6 || holidays[d] }
	series := func(day domain.Date, today int64) report.Series {
		var s report.Series
		for i := -history; i < 0; i++ {
			n := int64(30)
			if off(day.Add(i)) {
				n = 4
			}
			s.Days = append(s.Days, n)
		}
		s.Days = append(s.Days, today)
		return s
	}
	if got := report.Surges([]report.Series{series(monday(), 30)}, monday(), off); len(got) != 1 || got[0].Usual != 4 {
		t.Errorf("thirty on a holiday is a surge over four: %+v", got)
	}
	next := monday().Add(7)
	if got := report.Surges([]report.Series{series(next, 70)}, next, off); len(got) != 1 || got[0].Usual != 30 {
		t.Errorf("a working Monday is usually thirty: %+v", got)
	}
}

// A surge of last week must not hide this week's.
func TestEarlierSurgeDoesNotHideThisOne(t *testing.T) {
	s := steady(5, 40)
	s.Days[history-7], s.Days[history-14] = 60, 55
	if got := report.Surges([]report.Series{s}, monday(), nil); len(got) != 1 {
		t.Error("hidden by the surges before")
	}
}

func TestMoreCasesAreNeverLessOfASurge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.Int64Range(0, 60), history, history).Draw(t, "days")
		n := rapid.Int64Range(0, 200).Draw(t, "today")
		more := n + rapid.Int64Range(0, 100).Draw(t, "more")
		surging := func(today int64) bool {
			return len(report.Surges([]report.Series{{Days: append(append([]int64{}, days...), today)}}, monday(), nil)) == 1
		}
		if surging(n) && !surging(more) {
			t.Fatalf("%d is a surge and %d is not", n, more)
		}
	})
}

// The order in which series are given does not matter, and a chance is a chance.
func TestSurgesDoNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		series := make([]report.Series, n)
		for i := range series {
			series[i] = report.Series{Category: string(rune('а' + i)), Days: rapid.SliceOfN(rapid.Int64Range(0, 40), 15, history+1).Draw(t, "days")}
		}
		names := func(s []report.Series) string {
			var b strings.Builder
			for _, x := range report.Surges(s, monday(), nil) {
				if x.P < 0 || x.P > 1 || math.IsNaN(x.P) {
					t.Fatalf("p = %g", x.P)
				}
				b.WriteString(x.Category)
			}
			return b.String()
		}
		want := names(series)
		perm := rapid.Permutation(series).Draw(t, "order")
		if got := names(perm); got != want {
			t.Fatalf("%q and %q", want, got)
		}
	})
}

// On quiet days of 400 pairs with their own rates, weekly rhythms and more
// spread than Poisson's, false alarms are rare; a real surge among them is found.
func TestFalseAlarmsAreRare(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const days, pairs = 200, 400
	alarms, found := 0, 0
	for range days {
		series := make([]report.Series, pairs)
		for i := range series {
			rate := math.Exp(rnd.Float64()*6 - 3.5) // from 0.03 to 12 a day
			for d := -history; d <= 0; d++ {
				mean := rate
				if w := monday().Add(d).Weekday(); w == 0 || w == 6 {
					mean *= 0.5
				}
				series[i].Days = append(series[i].Days, mixed(rnd, mean))
			}
		}
		real := rnd.IntN(pairs)
		series[real].Category = "настоящий"
		series[real].Days[history] = 30 + 6*series[real].Days[history]
		for _, s := range report.Surges(series, monday(), nil) {
			if s.Category == "настоящий" {
				found++
			} else {
				alarms++
			}
		}
	}
	if perDay := float64(alarms) / days; perDay > 0.15 {
		t.Errorf("%.2f false alarms a day", perDay)
	}
	if found < days*95/100 {
		t.Errorf("found %d of %d", found, days)
	}
}

// mixed draws from a Poisson distribution whose mean wavers by a fifth.
func mixed(rnd *rand.Rand, mean float64) int64 {
	mean *= math.Exp(0.2 * rnd.NormFloat64())
	limit, k, p := math.Exp(-mean), int64(0), 1.0
	for {
		if p *= rnd.Float64(); p <= limit {
			return k
		}
		k++
	}
}
