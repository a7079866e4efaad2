package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/otklik/otklik/domain"
)

// SurgeWeeks is how many weeks before a day say what is usual for it.
const SurgeWeeks = 8

// The statistics of a surge, and what they mean for the reader.
const (
	// surgeFDR: of all pairs shown as surging, at most this share is expected to
	// be chance (Benjamini–Hochberg over every pair that was looked at).
	surgeFDR = 0.05
	// surgeFloor is the least daily rate anything is compared with: a pair that
	// was silent for eight weeks is not surging because of two posts.
	surgeFloor = 0.5
	// Fewer cases, or less than twice the usual, are no news whatever their odds.
	surgeLeast  = 5
	surgeFactor = 2
)

// Series is a category in a place, day by day.
type Series struct {
	Category string // shown: «Мусор / контейнерные площадки»
	Place    string // shown: «Комсомольск-на-Амуре»
	Link     string
	// Days are the cases registered on each of the last SurgeWeeks×7 days before
	// the day in question, oldest first, and on that day, which is the last.
	// Shorter history is allowed; days before its beginning are not zeros.
	Days []int64
}

// Surge is a series whose last day is above its usual level.
type Surge struct {
	Series
	Count int64   // on the day
	Usual float64 // median of the comparable days
	P     float64 // chance of as many or more at the usual level
}

// Words is «Мусор / контейнерные площадки, Комсомольск-на-Амуре: 34 за сутки при
// обычных 6».
func (s Surge) Words() string {
	usual := "обычно меньше одного"
	if n := math.Round(s.Usual); n == 1 {
		usual = "при обычном 1"
	} else if n > 1 {
		usual = "при обычных " + NumberWords(n)
	}
	if math.Round(s.Usual) < 1 {
		return fmt.Sprintf("%s: %d за сутки, %s", s.name(), s.Count, usual)
	}
	return fmt.Sprintf("%s: %d за сутки %s", s.name(), s.Count, usual)
}

func (s Surge) name() string {
	if s.Place == "" {
		return s.Category
	}
	return s.Category + ", " + s.Place
}

// Surges finds the series whose last day is above their usual level, least
// likely first. day is that last day; off reports days that are not worked (nil:
// Saturdays and Sundays).
//
// Usual is the median of the comparable days of the eight weeks before: the same
// weekday for a day of ordinary kind, and all days off for a day off on a
// weekday (a holiday is like a Sunday, not like its Tuesday). The chance of the
// count is the upper tail of a negative binomial distribution whose mean is the
// usual level (never below the floor, and never below the mean of all days with
// what stood out taken down, because the median of rare things is zero) and
// whose variance is what the comparable days showed, at least Poisson's, plus
// the uncertainty of a mean of so few days. Pairs are then chosen by
// Benjamini–Hochberg over all series given, at a false discovery rate of 5 %.
func Surges(series []Series, day domain.Date, off func(domain.Date) bool) []Surge {
	if off == nil {
		off = weekend
	}
	all := make([]Surge, 0, len(series))
	for _, s := range series {
		all = append(all, judge(s, day, off))
	}
	slices.SortStableFunc(all, func(a, b Surge) int {
		return cmp.Or(cmp.Compare(a.P, b.P), cmp.Compare(b.Count, a.Count), cmp.Compare(a.name(), b.name()))
	})
	last := 0
	for i, s := range all {
		if s.P <= surgeFDR*float64(i+1)/float64(len(all)) {
			last = i + 1
		}
	}
	return slices.DeleteFunc(all[:last:last], func(s Surge) bool {
		return s.Count < surgeLeast || float64(s.Count) < surgeFactor*s.Usual
	})
}

func weekend(d domain.Date) bool { return d.Weekday() == 0 || d.Weekday() == 6 }

func judge(s Series, day domain.Date, off func(domain.Date) bool) Surge {
	out := Surge{Series: s, P: 1}
	if len(s.Days) == 0 {
		return out
	}
	before := s.Days[:len(s.Days)-1]
	out.Count = s.Days[len(s.Days)-1]
	if len(before) > SurgeWeeks*7 {
		before = before[len(before)-SurgeWeeks*7:]
	}
	like := comparable(before, day, off)
	if len(like) < 2 {
		return out // a pair this new has no usual level
	}
	out.Usual = median(like)
	mean, variance := level(like, before, out.Usual)
	out.P = tail(float64(out.Count), mean, variance)
	return out
}

// comparable are the counts of days like the one in question.
func comparable(before []int64, day domain.Date, off func(domain.Date) bool) []float64 {
	var same, offs []float64
	holiday := off(day) && !weekend(day)
	for i, n := range before {
		d := day.Add(i - len(before))
		if d.Weekday() == day.Weekday() && off(d) == off(day) {
			same = append(same, float64(n))
		}
		if off(d) {
			offs = append(offs, float64(n))
		}
	}
	if holiday || len(same) < 2 && off(day) {
		return offs
	}
	return same
}

// level is the mean and the variance that the day is measured by.
func level(like []float64, before []int64, usual float64) (mean, variance float64) {
	capped := capOutliers(like, usual)
	mean = max(surgeFloor, usual, average(capped))
	if usual < surgeLeast { // the median of rare things says little, all days say more
		all := make([]float64, len(before))
		for i, n := range before {
			all[i] = float64(n)
		}
		mean = max(mean, average(capOutliers(all, mean)))
	}
	spread := 0.0
	for _, n := range capped {
		spread += (n - mean) * (n - mean)
	}
	n := float64(len(capped))
	variance = max(mean, spread/max(1, n-1))
	return mean, variance * (1 + 1/n)
}

// capOutliers takes down what stood far out before: a surge of last week must
// not hide this week's.
func capOutliers(days []float64, centre float64) []float64 {
	most := centre + 3*math.Sqrt(max(centre, 1))
	out := make([]float64, len(days))
	for i, n := range days {
		out[i] = min(n, most)
	}
	return out
}

func average(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// median of values; of an even number it is the mean of the middle two.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	mid := len(v) / 2
	if len(v)%2 == 1 {
		return v[mid]
	}
	return (v[mid-1] + v[mid]) / 2
}

// tail is the chance of x or more in a negative binomial distribution of a mean
// and a variance above it. It sums the lower part, or the upper one when that is
// the smaller, in logarithms.
func tail(x, mean, variance float64) float64 {
	if x <= 0 {
		return 1
	}
	size := mean * mean / (variance - mean)
	stop := size / (size + mean) // chance of stopping
	if x <= mean {
		sum := 0.0
		for k := 0.0; k < x; k++ {
			sum += density(k, size, stop)
		}
		return min(1, max(0, 1-sum))
	}
	sum, term := 0.0, density(x, size, stop)
	for k := x; term > sum*1e-12 && term > 0; k++ {
		sum += term
		term *= (k + size) / (k + 1) * (1 - stop)
	}
	return min(1, sum)
}

func density(k, size, stop float64) float64 {
	a, _ := math.Lgamma(k + size)
	b, _ := math.Lgamma(size)
	c, _ := math.Lgamma(k + 1)
	return math.Exp(a - b - c + size*math.Log(stop) + k*math.Log1p(-stop))
}
