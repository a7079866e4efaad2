// Package deadline watches the clocks of cases: control date near, due soon,
// overdue, escalation, morning digest. Those write notices and move nothing. Waits
// that have run out end here too: questions to authors, deferrals, absences.
package deadline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/otklik/otklik/domain"
)

// Region is what the jobs need to know of a region.
type Region struct {
	ID        string
	Zone      *time.Location
	Deadlines string // cron spec of the watch, local time
	Digest    string // cron spec of the morning list, local time; MON-FRI are working days
	Calendar  *domain.Calendar
	// Learning is the cron spec by which models learn, local time, "" for never; and
	// which labels.
	Learning string
	Labels   []string
	// SatisfactionDays is how long an author may say whether an answer helped.
	SatisfactionDays int
	// Events and Places name, by id, what befalls whole places and the municipalities.
	Events, Places map[string]string
}

// Store is what the jobs need of storage.
type Store interface {
	// ClaimRun notes that this process does (job, region, tick); false when
	// another did or does.
	ClaimRun(ctx context.Context, job, region string, tick time.Time) (bool, error)
	FinishRun(ctx context.Context, job, region string, tick time.Time, result string) error
	// LastRun is the latest claimed tick; zero when there was none.
	LastRun(ctx context.Context, job, region string) (time.Time, error)
	// MarkOverdue sets the mark on open cases past due and returns them.
	MarkOverdue(ctx context.Context, region string, now time.Time) ([]domain.Case, error)
	// CasesLate gives open cases past due that are not marked.
	CasesLate(ctx context.Context, region string, now time.Time) ([]domain.Case, error)
	// CasesDue gives open cases whose due lies in [from, to).
	CasesDue(ctx context.Context, region string, from, to time.Time) ([]domain.Case, error)
	// PutNotices adds notices not yet there and returns how many were new.
	PutNotices(ctx context.Context, ns []domain.Notice) (int, error)
	Stats(ctx context.Context, region string) (domain.Stats, error)
	BodyStore
	StoryStore
	// OrderLearning notes that a model is to be learned; domain.ErrUnderWay when the
	// same is ordered already.
	OrderLearning(ctx context.Context, t domain.Background, noted ...domain.Entry) (int64, error)
}

// job is one calendar job of one region.
type job struct {
	name     string
	region   Region
	schedule cron.Schedule
	run      work
	workdays bool // of the schedule's minutes those of working days
	onward   bool // none from before the first start is caught up: it tells people of a tick, or is dear
}

// work does a job at now for a tick, and answers what it did in Russian words.
// A tick caught up late lies before now by hours or days.
type work func(ctx context.Context, r Region, tick, now time.Time) (string, error)

// Runner does the jobs of its regions. A run is a row (job, region, tick): of
// many workers one does it, and a tick missed while everything was down is
// caught up once, not once per missed tick.
type Runner struct {
	Store   Store
	Regions func() []Region // asked at every look, so that a new pack is followed
	Clock   domain.Clock
	Log     *slog.Logger
	Every   time.Duration // how often the clock is looked at
	Lives   *domain.Lives // may be nil
}

// jobSilence is how long one round of the jobs may take: they look through all open
// cases.
const jobSilence = time.Hour

// Run looks at the clock until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	t := time.NewTicker(r.Every)
	defer t.Stop()
	life := r.Lives.Begin("deadline jobs", "", jobSilence)
	defer life.End()
	for {
		life.Beat()
		if err := r.Tick(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("deadline jobs", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// Tick does every job whose time has come and that nobody has done yet.
func (r *Runner) Tick(ctx context.Context) error {
	var errs []error
	for _, region := range r.Regions() {
		jobs, err := r.jobs(region)
		if err != nil {
			errs = append(errs, err) // the jobs that can be read still run
		}
		for _, j := range jobs {
			if err := r.do(ctx, j); err != nil {
				errs = append(errs, fmt.Errorf("job %s of %s: %w", j.name, region.ID, err))
			}
		}
	}
	return errors.Join(errs...)
}

// jobs reads the schedules of a region. One that cannot be read does not keep
// the other from running.
func (r *Runner) jobs(region Region) ([]job, error) {
	var jobs []job
	var errs []error
	add := func(name, spec string, run work) {
		schedule, err := cron.ParseStandard(spec)
		if err != nil {
			errs = append(errs, fmt.Errorf("cron of %s in %s: %w", name, region.ID, err))
			return
		}
		morning := name == "digest" || name == "corrections" // of a working day
		j := job{name: name, region: region, schedule: schedule, run: run, onward: morning || name == "learning"}
		if morning {
			j.schedule, j.workdays = everyDay(schedule)
		}
		jobs = append(jobs, j)
	}
	add("deadlines", region.Deadlines, r.watch)
	add("digest", region.Digest, r.digest)
	add("corrections", region.Digest, r.corrections)
	add("questions", region.Deadlines, r.questions)
	add("deferrals", region.Deadlines, r.deferrals)
	add("silence", region.Deadlines, r.silence)
	add("absences", region.Deadlines, r.absences)
	add("stories", region.Deadlines, r.stories)
	if region.Learning != "" {
		add("learning", region.Learning, r.learning)
	}
	return jobs, errors.Join(errs...)
}

// do runs the latest tick of the job that is due and unclaimed. A run that
// fails is not finished: it is taken up again when its claim has lapsed, unless
// a later tick has come by then.
func (r *Runner) do(ctx context.Context, j job) error {
	now := r.Clock.Now()
	last, err := r.Store.LastRun(ctx, j.name, j.region.ID)
	if err != nil {
		return fmt.Errorf("read last run: %w", err)
	}
	if last.IsZero() && j.onward {
		if last, err = r.begin(ctx, j, now); err != nil {
			return err
		}
	}
	tick, ok := j.latestTick(last, now.In(j.region.Zone))
	if !ok {
		return nil
	}
	mine, err := r.Store.ClaimRun(ctx, j.name, j.region.ID, tick.UTC())
	if err != nil || !mine {
		return err
	}
	result, err := j.run(ctx, j.region, tick, now)
	if err != nil {
		return err
	}
	if err := r.Store.FinishRun(ctx, j.name, j.region.ID, tick.UTC(), result); err != nil {
		return fmt.Errorf("note finished run: %w", err)
	}
	r.Log.Debug("job done", "job", j.name, "region", j.region.ID, "tick", tick, "result", result)
	return nil
}

// begin notes where a job starts that was never done: just before this minute. The
// note is a run that did nothing, so that what is missed later is caught up.
func (r *Runner) begin(ctx context.Context, j job, now time.Time) (time.Time, error) {
	start := now.Truncate(time.Minute).Add(-time.Second)
	mine, err := r.Store.ClaimRun(ctx, j.name, j.region.ID, start.UTC())
	if err != nil || !mine {
		return start, err
	}
	if err := r.Store.FinishRun(ctx, j.name, j.region.ID, start.UTC(), "первый запуск: прежние сроки не навёрстываются"); err != nil {
		return start, fmt.Errorf("note the first start: %w", err)
	}
	return start, nil
}

// lookBack bounds the search for a missed tick; the jobs speak of the present
// state, so older ticks would say the same.
const lookBack = 8 * 24 * time.Hour

// latestTick is the last time at or before now that the schedule names, if it
// lies after last. now is in the region's zone: cron counts local hours.
//
// cron parses, and we look for ourselves: its Next steps by hours, and in a night
// in which clocks move by half an hour it passes over ticks. Walking back finds
// that of a frequent job at once, and that of a daily one in some thousand steps.
func latestTick(s cron.Schedule, last, now time.Time) (time.Time, bool) {
	from := now.Add(-lookBack)
	if last.After(from) {
		from = last
	}
	spec, ok := s.(*cron.SpecSchedule)
	if !ok {
		return lastWithin(s, from.In(now.Location()), now) // «@every 10m» knows no hours
	}
	for t := now.Truncate(time.Minute); t.After(from); t = t.Add(-time.Minute) {
		if names(spec, t) {
			return t, true
		}
	}
	return time.Time{}, false
}

// names reports whether a schedule names a minute of the local clock.
func names(s *cron.SpecSchedule, t time.Time) bool {
	if s.Location != time.Local { // «CRON_TZ=…» of the spec itself
		t = t.In(s.Location)
	}
	has := func(set uint64, n int) bool { return set&(1<<uint(n)) != 0 }
	return has(s.Minute, t.Minute()) && has(s.Hour, t.Hour()) && has(s.Month, int(t.Month())) && namesDay(s, t)
}

// star is how cron marks a field that names no days.
const star = 1 << 63

// namesDay: a day of the month and one of the week, where both are given, are
// alternatives (crontab(5)).
func namesDay(s *cron.SpecSchedule, t time.Time) bool {
	month, week := s.Dom&(1<<uint(t.Day())) != 0, s.Dow&(1<<uint(t.Weekday())) != 0
	if s.Dom&star != 0 || s.Dow&star != 0 {
		return month && week
	}
	return month || week
}

// lastWithin walks the schedule through (start, now].
func lastWithin(s cron.Schedule, start, now time.Time) (tick time.Time, ok bool) {
	for t := s.Next(start); !t.IsZero() && !t.After(now); t = s.Next(t) {
		tick, ok = t, true
	}
	return tick, ok
}
