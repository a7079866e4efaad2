package ingest

import (
	"math"
	"time"

	"github.com/otklik/otklik/domain"
)

// Limits of the schedule. VK's daily quotas, not requests a second, size the
// system (protocols.md, «Three decisions first», 2).
const (
	postsPerPoll = 0.5              // aim: a poll every half expected post
	decayShare   = 0.3              // weight of the newest poll in the mean rate
	headStart    = 4                // a source may poll at this multiple of its fair share while quota and day stand even
	headSteep    = 8                // how steeply that multiple follows the standing of the quota
	maxStretch   = 20               // an overspent quota stretches gaps at most this much
	firstWindow  = 10 * time.Minute // shortest time the first poll's posts are spread over
	emptyGap     = 10 * time.Minute // a source that never had a post: perhaps just made, about to begin
	maxBackoff   = 30 * time.Minute
	minBackoff   = 15 * time.Second
	closedGap    = 24 * time.Hour // a closed source is looked at once a day
)

// Pace bounds the gap between two polls of one kind of source.
type Pace struct {
	Min, Max time.Duration
}

// PaceOf gives the bounds for a kind of source. Long polls wait on the other
// side, so they are asked again at once; a t.me preview has no published limit
// and other readers keep to 5–15 minutes (protocols.md).
func PaceOf(k domain.SourceKind) Pace {
	switch k {
	case domain.VKLongPoll, domain.TelegramBot, domain.MAXBot:
		return Pace{Min: 0, Max: 0}
	case domain.TelegramPreview:
		return Pace{Min: 5 * time.Minute, Max: time.Hour}
	case domain.VKSearch:
		return Pace{Min: 10 * time.Minute, Max: time.Hour}
	default:
		return Pace{Min: time.Minute, Max: 3 * time.Hour}
	}
}

// Found is what a successful poll brought that was published since the last
// post we knew.
type Found struct {
	Posts          int
	Oldest, Newest time.Time
}

func (f *Found) add(at time.Time) {
	f.Posts++
	if f.Oldest.IsZero() || at.Before(f.Oldest) {
		f.Oldest = at
	}
	if at.After(f.Newest) {
		f.Newest = at
	}
}

// Heard notes that a source had a post of this time. A time from the future, of the
// post or of one noted before, is now: it would hide all that comes until then.
func Heard(a domain.Activity, at, now time.Time) domain.Activity {
	if at.After(a.LastPostAt) {
		a.LastPostAt = at
	}
	a.LastPostAt = earlier(a.LastPostAt, now)
	return a
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Observe folds the outcome of a successful poll into the source's activity.
// lastOK is the last poll that worked: tries that failed in between, in an outage
// of hours, brought nothing and measure nothing. The first poll has no gap to
// divide by: the posts' own dates give the rate.
func Observe(a domain.Activity, now, lastOK time.Time, f Found) domain.Activity {
	a.Failures = 0
	a = Heard(a, f.Newest, now)
	switch {
	case lastOK.IsZero() && f.Posts > 0:
		a.PostsPerHour = float64(f.Posts) / max(now.Sub(f.Oldest).Hours(), firstWindow.Hours())
	case !lastOK.IsZero() && now.After(lastOK):
		hours := max(now.Sub(lastOK).Hours(), 1.0/60)
		a.PostsPerHour = (1-decayShare)*a.PostsPerHour + decayShare*float64(f.Posts)/hours
	}
	return a
}

// NextPoll says when to poll again and why. A busy wall is seen within minutes;
// a dead one costs a few calls a day; when the day's quota runs ahead of the
// day, busy walls are held back until it fits again.
func NextPoll(now time.Time, k domain.SourceKind, a domain.Activity, b domain.Budget) (time.Time, string) {
	pace := PaceOf(k)
	if pace.Max == 0 {
		return now, "long_poll"
	}
	if b.PerDay > 0 && b.Left <= 0 {
		return NextQuotaDay(now), "quota_spent"
	}
	gap, why := ownGap(now, a, pace)
	if ration := rationedGap(now, b); ration > gap {
		return now.Add(ration), why + ", held back by the quota"
	}
	return now.Add(gap), why
}

// ownGap is the gap the source's own activity asks for.
func ownGap(now time.Time, a domain.Activity, pace Pace) (time.Duration, string) {
	rate := a.PostsPerHour
	if !a.LastPostAt.IsZero() {
		// A wall that fell silent cannot be faster than one post per silence.
		silence := max(now.Sub(a.LastPostAt).Hours(), 1.0/60)
		rate = min(rate, 1/silence)
	}
	if rate <= 0 && a.LastPostAt.IsZero() {
		return min(pace.Max, emptyGap), "empty"
	}
	if rate <= 0 {
		return pace.Max, "quiet"
	}
	gap := time.Duration(postsPerPoll / rate * float64(time.Hour))
	if gap <= pace.Min {
		return pace.Min, "busy"
	}
	if gap >= pace.Max {
		return pace.Max, "quiet"
	}
	return gap, "activity"
}

// rationedGap is the shortest gap the day's quota allows one source. The fair
// share is what is left of the quota over what is left of the day and over the
// sources that share it. A busy source may run ahead of it, because quiet ones
// use less than theirs; how far follows from how the quota stands against the
// day, steeply, so that it settles where exactly the whole quota is used.
func rationedGap(now time.Time, b domain.Budget) time.Duration {
	if b.PerDay <= 0 {
		return 0
	}
	rest := NextQuotaDay(now).Sub(now)
	fair := float64(rest) * float64(max(1, b.Sources)) / float64(b.Left)
	standing := (float64(b.Left) / float64(b.PerDay)) / (float64(rest) / float64(24*time.Hour))
	ahead := headStart * math.Pow(standing, headSteep)
	gap := fair / math.Max(ahead, 1.0/maxStretch)
	return time.Duration(math.Min(gap, float64(24*time.Hour)))
}

// NextQuotaDay is when VK's daily counters are taken to start again: midnight in
// Moscow. VK does not document the hour; a park that ends too early only costs
// one refused call.
func NextQuotaDay(now time.Time) time.Time {
	moscow := time.FixedZone("MSK", 3*3600)
	y, m, d := now.In(moscow).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, moscow).UTC()
}

// Backoff is the wait after the n-th failure in a row; jitter is in [0,1).
func Backoff(failures int, jitter float64) time.Duration {
	d := maxBackoff
	if failures < 12 {
		d = min(maxBackoff, minBackoff<<max(0, failures-1))
	}
	return time.Duration(float64(d) * (0.75 + 0.5*jitter))
}
