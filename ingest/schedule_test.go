package ingest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/domain"
)

var noon = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) // 12:00 in Moscow: half of the quota day

func TestBusyWallIsSeenWithinMinutesAndDeadOneCostsLittle(t *testing.T) {
	free := domain.Budget{Left: 5000, PerDay: 5000}
	busy := domain.Activity{PostsPerHour: 40, LastPostAt: noon.Add(-time.Minute)}
	if at, why := NextPoll(noon, domain.VKWall, busy, free); at.Sub(noon) > 3*time.Minute || why != "busy" {
		t.Errorf("busy wall: next poll in %s (%s)", at.Sub(noon), why)
	}
	dead := domain.Activity{PostsPerHour: 40, LastPostAt: noon.Add(-30 * 24 * time.Hour)}
	if at, why := NextPoll(noon, domain.VKWall, dead, free); at.Sub(noon) < time.Hour || why != "quiet" {
		t.Errorf("wall silent for a month: next poll in %s (%s)", at.Sub(noon), why)
	}
}

func TestSpentQuotaWaitsForTheNextDay(t *testing.T) {
	at, why := NextPoll(noon, domain.VKWall, domain.Activity{PostsPerHour: 40}, domain.Budget{Left: 0, PerDay: 5000})
	if want := time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC); !at.Equal(want) || why != "quota_spent" {
		t.Errorf("next poll %s (%s), want %s", at, why, want)
	}
}

// A day of polling a hundred busy walls with one token must not spend the
// quota before the day is over, and must use most of it.
func TestScheduleKeepsWithinTheDaysQuota(t *testing.T) {
	now := NextQuotaDay(noon)
	end := NextQuotaDay(now)
	left, next := int64(5000), make([]time.Time, 100)
	lastCall := now
	for now.Before(end) {
		for i := range next {
			if now.Before(next[i]) || left == 0 {
				continue
			}
			left--
			lastCall = now
			a := domain.Activity{PostsPerHour: 30, LastPostAt: now.Add(-time.Minute)}
			next[i], _ = NextPoll(now, domain.VKWall, a, domain.Budget{Left: left, PerDay: 5000, Sources: 100})
		}
		now = now.Add(10 * time.Second)
	}
	if end.Sub(lastCall) > time.Hour {
		t.Errorf("quota ran dry %s before the end of the day", end.Sub(lastCall))
	}
	if left > 500 {
		t.Errorf("%d of 5000 calls unused though the walls were busy", left)
	}
}

// Ten busy walls among ninety dead ones: the quota the dead ones do not need
// goes to the busy ones, which are seen every few minutes.
func TestQuietSourcesLeaveTheirShareToBusyOnes(t *testing.T) {
	now := NextQuotaDay(noon)
	end := NextQuotaDay(now)
	left, next, polls := int64(5000), make([]time.Time, 100), make([]int, 100)
	for ; now.Before(end); now = now.Add(10 * time.Second) {
		for i := range next {
			if now.Before(next[i]) || left == 0 {
				continue
			}
			left--
			polls[i]++
			a := domain.Activity{PostsPerHour: 30, LastPostAt: now.Add(-time.Minute)}
			if i >= 10 {
				a = domain.Activity{LastPostAt: now.Add(-1000 * time.Hour)}
			}
			next[i], _ = NextPoll(now, domain.VKWall, a, domain.Budget{Left: left, PerDay: 5000, Sources: 100})
		}
	}
	if polls[0] < 250 {
		t.Errorf("a busy wall was polled %d times a day, want about every five minutes", polls[0])
	}
	if polls[99] > 12 {
		t.Errorf("a dead wall was polled %d times a day", polls[99])
	}
}

func TestNextPollIsNeverInThePastNorBeyondADay(t *testing.T) {
	kinds := []domain.SourceKind{domain.VKWall, domain.VKSearch, domain.TelegramPreview, domain.TelegramBot, domain.VKLongPoll, domain.MAXBot}
	rapid.Check(t, func(t *rapid.T) {
		now := noon.Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "offset")))
		a := domain.Activity{PostsPerHour: rapid.Float64Range(0, 1e6).Draw(t, "rate")}
		if rapid.Bool().Draw(t, "posted") {
			a.LastPostAt = now.Add(-time.Duration(rapid.Int64Range(-int64(time.Hour), int64(9000*time.Hour)).Draw(t, "silence")))
		}
		b := domain.Budget{PerDay: rapid.Int64Range(0, 5000).Draw(t, "perDay")}
		b.Left = rapid.Int64Range(0, b.PerDay).Draw(t, "left")
		at, _ := NextPoll(now, rapid.SampledFrom(kinds).Draw(t, "kind"), a, b)
		if at.Before(now) || at.Sub(now) > 72*time.Hour {
			t.Fatalf("next poll %s after now", at.Sub(now))
		}
	})
}

func TestFailedNamesEveryReaction(t *testing.T) {
	src := domain.Source{Activity: domain.Activity{Failures: 2}}
	for _, tc := range []struct {
		err   error
		state domain.SourceState
		min   time.Duration
		max   time.Duration
	}{
		{&domain.PlatformError{Reaction: domain.CloseSource, Words: "стена закрыта"}, domain.SourceClosed, 24 * time.Hour, 24 * time.Hour},
		{&domain.PlatformError{Reaction: domain.ParkToday, Words: "квота"}, domain.SourceParked, 12 * time.Hour, 12 * time.Hour},
		{&domain.PlatformError{Reaction: domain.AskPerson, Words: "капча"}, domain.SourceFailing, time.Hour, time.Hour},
		{&domain.PlatformError{Reaction: domain.SlowDown, RetryAfter: 7 * time.Second, Words: "часто"}, domain.SourceFailing, 7 * time.Second, 7 * time.Second},
		{&domain.PlatformError{Reaction: domain.RetryLater, Words: "сбой"}, domain.SourceFailing, 30 * time.Second, 2 * time.Minute},
		{errors.New("connection reset"), domain.SourceFailing, 30 * time.Second, 2 * time.Minute},
	} {
		f := Failed(noon, src, fmt.Errorf("wall.get: %w", tc.err), 0.5)
		if f.State != tc.state || f.Next.Sub(noon) < tc.min || f.Next.Sub(noon) > tc.max || f.Reason == "" {
			t.Errorf("%v: got %s, next in %s, reason %q", tc.err, f.State, f.Next.Sub(noon), f.Reason)
		}
		if f.Activity.Failures != 3 {
			t.Errorf("%v: failures = %d", tc.err, f.Activity.Failures)
		}
	}
}

func TestObserveFollowsTheRateAndForgetsFailures(t *testing.T) {
	a := domain.Activity{Failures: 4}
	last := noon.Add(-time.Hour)
	for range 30 {
		a = Observe(a, last.Add(time.Hour), last, Found{Posts: 12, Oldest: last, Newest: last})
		last = last.Add(time.Hour)
	}
	if a.Failures != 0 || a.PostsPerHour < 11 || a.PostsPerHour > 12.5 {
		t.Errorf("activity %+v, want about 12 posts an hour and no failures", a)
	}
}

// A wall just added must be polled again soon when it is busy: its first poll
// has no earlier one to measure by.
func TestFirstPollMeasuresByTheDatesOfItsPosts(t *testing.T) {
	f := Found{Posts: 30, Oldest: noon.Add(-24 * time.Hour), Newest: noon.Add(-10 * time.Minute)}
	a := Observe(domain.Activity{}, noon, time.Time{}, f)
	if a.PostsPerHour < 1.2 || a.PostsPerHour > 1.3 {
		t.Errorf("30 posts in a day make %.2f an hour", a.PostsPerHour)
	}
	at, _ := NextPoll(noon, domain.VKWall, a, domain.Budget{Left: 5000, PerDay: 5000, Sources: 1})
	if gap := at.Sub(noon); gap > 30*time.Minute {
		t.Errorf("next poll of a busy new wall in %s", gap)
	}
	empty := Observe(domain.Activity{}, noon, time.Time{}, Found{})
	if at, why := NextPoll(noon, domain.VKWall, empty, domain.Budget{}); at.Sub(noon) > 15*time.Minute || why != "empty" {
		t.Errorf("next poll of an empty wall in %s (%s)", at.Sub(noon), why)
	}
}

// A wall with ten posts an hour whose platform was out of reach for ten hours, and was
// tried in vain all the while, has a backlog of a hundred posts: ten an hour still, and
// the pace of before, not that of the quarter of an hour since the last try. The same
// when it comes in pages, in either order.
func TestAnOutageIsNoSurge(t *testing.T) {
	const pages, ofPage = 5, 20
	before := domain.Activity{PostsPerHour: 10, LastPostAt: noon.Add(-10*time.Hour - 6*time.Minute), Failures: 20}
	page := func(n int) (posts []domain.Post) { // 0 is the newest
		for i := range ofPage {
			k := n*ofPage + i
			posts = append(posts, domain.Post{ID: domain.NewPostID(domain.VK, "-1", fmt.Sprint(k)), PublishedAt: noon.Add(-time.Duration(k) * 6 * time.Minute)})
		}
		return posts
	}
	for name, order := range map[string]func(n int) int{
		"newest first": func(n int) int { return n },
		"oldest first": func(n int) int { return pages - 1 - n },
	} {
		src := domain.Source{Kind: domain.VKWall, Activity: before, LastOKAt: noon.Add(-10 * time.Hour), LastPollAt: noon.Add(-15 * time.Minute)}
		p, turn := &Poller{Clock: still(noon)}, newTurn(src)
		var b domain.Batch
		for n := range pages {
			b = domain.Batch{Posts: append(page(order(n)), page(0)...), More: n < pages-1} // the newest page is shown again
			turn.steps, turn.fresh = turn.steps+1, turn.fresh+ofPage
			p.settle(&b, src, domain.Budget{Left: 5000, PerDay: 5000, Sources: 1}, turn)
			if b.More && b.NextPoll.After(noon) {
				t.Errorf("%s: the backlog waits %s", name, b.NextPoll.Sub(noon))
			}
			src.Activity = b.Activity
		}
		if r := b.Activity.PostsPerHour; r < 9.5 || r > 10.5 || b.Activity.Failures != 0 {
			t.Errorf("%s: %+v after the outage, want ten an hour", name, b.Activity)
		}
		if gap := b.NextPoll.Sub(noon); gap < 2*time.Minute || gap > 4*time.Minute {
			t.Errorf("%s: next poll in %s, want three minutes", name, gap)
		}
	}
}

// A source that never worked yet is measured by the dates of its posts, however often
// it was tried.
func TestTriesInVainMeasureNothing(t *testing.T) {
	src := domain.Source{Kind: domain.VKWall, LastPollAt: noon.Add(-time.Minute), Activity: domain.Activity{Failures: 3}}
	b := domain.Batch{}
	for i := range 24 {
		b.Posts = append(b.Posts, domain.Post{ID: domain.NewPostID(domain.VK, "-1", fmt.Sprint(i)), PublishedAt: noon.Add(-time.Duration(i) * time.Hour)})
	}
	(&Poller{Clock: still(noon)}).settle(&b, src, domain.Budget{Left: -1}, newTurn(src))
	if r := b.Activity.PostsPerHour; r < 0.9 || r > 1.2 {
		t.Errorf("24 posts in a day make %.2f an hour", r)
	}
}

// A wall of three posts a minute with one dated 2100 stays as busy as it is, whether
// the post is of this poll or was noted by an earlier one.
func TestAPostFromTheFutureHidesNoPresent(t *testing.T) {
	future := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, at := range map[string]time.Time{"in a poll": noon.Add(-time.Hour), "noted before": future} {
		now := noon
		src := domain.Source{Kind: domain.VKWall, LastOKAt: now.Add(-time.Minute), Activity: domain.Activity{PostsPerHour: 180, LastPostAt: at}}
		post := func(id string, at time.Time) domain.Post {
			return domain.Post{ID: domain.NewPostID(domain.VK, "-1", id), PublishedAt: at}
		}
		for poll := range 60 {
			var b domain.Batch
			if poll == 0 {
				b.Posts = append(b.Posts, post("future", future))
			}
			for i := range 3 {
				b.Posts = append(b.Posts, post(fmt.Sprint(poll, "-", i), now.Add(-time.Duration(i)*20*time.Second)))
			}
			(&Poller{Clock: still(now)}).settle(&b, src, domain.Budget{Left: -1}, newTurn(src))
			if b.Activity.LastPostAt.After(now) {
				t.Fatalf("%s: the newest post at %s is of %s", name, now, b.Activity.LastPostAt)
			}
			if gap := b.NextPoll.Sub(now); gap > 2*time.Minute {
				t.Fatalf("%s: poll %d: the next one in %s (%+v)", name, poll, gap, b.Activity)
			}
			src.Activity, src.LastOKAt, now = b.Activity, now, now.Add(time.Minute)
		}
		if r := src.Activity.PostsPerHour; r < 150 || r > 200 {
			t.Errorf("%s: %.0f posts an hour after an hour of 180", name, r)
		}
	}
}

// A page that is read again brings nothing new: a wall with five old posts stays quiet
// however often they are shown.
func TestPagesReadAgainMakeNoBusyWall(t *testing.T) {
	now := noon
	src := domain.Source{Kind: domain.VKWall, LastOKAt: now.Add(-time.Hour), Activity: domain.Activity{LastPostAt: now.Add(-48 * time.Hour)}}
	for range 24 {
		var b domain.Batch
		for i := range 5 {
			b.Posts = append(b.Posts, domain.Post{ID: domain.NewPostID(domain.VK, "-1", fmt.Sprint(i)), PublishedAt: noon.Add(-time.Duration(48+i) * time.Hour)})
		}
		(&Poller{Clock: still(now)}).settle(&b, src, domain.Budget{Left: -1}, newTurn(src))
		if b.Activity.PostsPerHour != 0 || b.NextPoll.Sub(now) < PaceOf(domain.VKWall).Max {
			t.Fatalf("re-read posts count: %+v, next poll in %s", b.Activity, b.NextPoll.Sub(now))
		}
		src.Activity, src.LastOKAt, now = b.Activity, now, now.Add(time.Hour)
	}
}

type still time.Time

func (c still) Now() time.Time { return time.Time(c) }
