package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Dimensions of case_days.
const (
	dimCategory = "category"
	dimPlace    = "place"
	dimSource   = "source"
	dimPair     = "pair"
)

// count puts a case's facts on the counters, or takes them off with -1.
func (f *fold) count(c *db.CaseFact, sign int64) {
	if c.Open {
		f.load[loadKey{c.AgencyID, c.Restricted, c.DueAt}] += sign
	}
	if c.Round == 1 {
		f.countDay(c, sign)
	}
	if c.Reaction.Valid {
		w := f.weekOf(c, c.ReactionAt)
		w.reacted += sign
		w.reaction = w.reaction.Add(domain.TimesBucket(lasting(c.Reaction)), int32(sign)) //nolint:gosec // 1 or -1
	}
	if c.Answer.Valid {
		w := f.weekOf(c, c.AnsweredAt)
		w.answered += sign
		w.inTime += sign * one(c.InTime)
		w.solved += sign * one(c.Outcome == "solved")
		w.explained += sign * one(c.Outcome == "explained")
		w.answer = w.answer.Add(domain.TimesBucket(lasting(c.Answer)), int32(sign)) //nolint:gosec // 1 or -1
	}
}

// countDay counts a case once, on the day of its first registration.
func (f *fold) countDay(c *db.CaseFact, sign int64) {
	for dimension, key := range map[string]string{dimCategory: c.Category, dimPlace: c.Municipality,
		dimSource: fmt.Sprint(c.SourceID), dimPair: c.Category + "|" + c.Municipality} {
		k := dayKey{dimension, c.Day.Time, key, c.AgencyID, c.Restricted}
		d := f.days[k]
		if d == nil {
			d = &dayCount{}
			f.days[k] = d
		}
		d.cases += sign * one(c.Counted)
		d.unseen += sign * one(c.Unseen)
		d.reversed += sign * one(c.Reversed)
	}
	week := weekKey{monday(domain.Date{Year: c.Day.Time.Year(), Month: c.Day.Time.Month(), Day: c.Day.Time.Day()}), c.AgencyID, c.Restricted}
	f.atWeek(week).registered += sign * one(c.Counted)
}

func (f *fold) weekOf(c *db.CaseFact, at pgtype.Timestamptz) *weekCount {
	return f.atWeek(weekKey{f.week(at.Time), c.AgencyID, c.Restricted})
}

func (f *fold) atWeek(k weekKey) *weekCount {
	w := f.weeks[k]
	if w == nil {
		w = &weekCount{}
		f.weeks[k] = w
	}
	return w
}

// mark counts what happened under a body and is not taken back.
func (f *fold) mark(d db.TakeDirtyRow) {
	if d.What == "changed" {
		return
	}
	w := f.atWeek(weekKey{f.week(d.At.Time), d.AgencyID, d.Restricted})
	if d.What == "sent_back" {
		w.sentBack++
	} else {
		w.reopened++
	}
}

func lasting(m pgtype.Int4) time.Duration { return time.Duration(m.Int32) * time.Minute }

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// write changes each counter once.
func (f *fold) write(ctx context.Context, dirty []db.TakeDirtyRow) error {
	if err := f.writeLoad(ctx); err != nil {
		return err
	}
	if err := f.writeDays(ctx); err != nil {
		return err
	}
	if err := f.writeWeeks(ctx); err != nil {
		return err
	}
	p := db.PutMarksParams{Region: f.region}
	for _, d := range dirty {
		if d.What != "changed" {
			p.Whats, p.Ats, p.Cases = append(p.Whats, d.What), append(p.Ats, d.At), append(p.Cases, d.CaseID)
			p.Agencies, p.Restricted = append(p.Agencies, d.AgencyID), append(p.Restricted, d.Restricted)
		}
	}
	if len(p.Whats) == 0 {
		return nil
	}
	return wrap("note what was sent back and reopened", f.q.PutMarks(ctx, p))
}

func (f *fold) writeLoad(ctx context.Context) error {
	p := db.AddLoadParams{Region: f.region}
	fell := false
	for k, n := range f.load {
		if n == 0 {
			continue
		}
		fell = fell || n < 0
		p.Agencies, p.Restricted, p.Dues, p.Cases = append(p.Agencies, k.agency), append(p.Restricted, k.restricted), append(p.Dues, k.due), append(p.Cases, n)
	}
	if len(p.Cases) == 0 {
		return nil
	}
	if err := f.q.AddLoad(ctx, p); err != nil {
		return fmt.Errorf("count open cases: %w", err)
	}
	if !fell {
		return nil
	}
	return wrap("drop empty counters", f.q.DropEmptyLoad(ctx, f.region))
}

func (f *fold) writeDays(ctx context.Context) error {
	p := db.AddDaysParams{Region: f.region}
	for k, n := range f.days {
		if *n == (dayCount{}) {
			continue
		}
		p.Dimensions, p.Days, p.Keys = append(p.Dimensions, k.dimension), append(p.Days, day(k.day)), append(p.Keys, k.key)
		p.Agencies, p.Restricted = append(p.Agencies, k.agency), append(p.Restricted, k.hidden)
		p.Cases, p.Unseen, p.Reversed = append(p.Cases, n.cases), append(p.Unseen, n.unseen), append(p.Reversed, n.reversed)
	}
	if len(p.Cases) == 0 {
		return nil
	}
	return wrap("count cases by day", f.q.AddDays(ctx, p))
}

func (f *fold) writeWeeks(ctx context.Context) error {
	if len(f.weeks) == 0 {
		return nil
	}
	stored, err := f.storedWeeks(ctx)
	if err != nil {
		return err
	}
	rows := make([]db.PutWeekParams, 0, len(f.weeks))
	for k, w := range f.weeks {
		s := stored[k]
		rows = append(rows, db.PutWeekParams{Region: f.region, Week: day(k.week), AgencyID: k.agency, Restricted: k.hidden,
			Registered: s.Registered + w.registered, Reacted: s.Reacted + w.reacted, Answered: s.Answered + w.answered,
			InTime: s.InTime + w.inTime, Solved: s.Solved + w.solved, Explained: s.Explained + w.explained,
			SentBack: s.SentBack + w.sentBack, Reopened: s.Reopened + w.reopened,
			Reaction: never0(w.reaction.Merge(s.Reaction)), Answer: never0(w.answer.Merge(s.Answer))})
	}
	var first error
	f.q.PutWeek(ctx, rows).Exec(func(_ int, err error) {
		if first == nil {
			first = err
		}
	})
	return wrap("count weeks of bodies", first)
}

// never0 is an empty array, not NULL, for a histogram nothing was put in.
func never0(t domain.Times) []int32 {
	if t == nil {
		return []int32{}
	}
	return t
}

func (f *fold) storedWeeks(ctx context.Context) (map[weekKey]db.AgencyWeek, error) {
	p := db.WeeksOfParams{Region: f.region}
	for k := range f.weeks {
		p.Weeks, p.Agencies, p.Restricted = append(p.Weeks, day(k.week)), append(p.Agencies, k.agency), append(p.Restricted, k.hidden)
	}
	rows, err := f.q.WeeksOf(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("read weeks of bodies: %w", err)
	}
	out := map[weekKey]db.AgencyWeek{}
	for _, r := range rows {
		out[weekKey{r.Week.Time, r.AgencyID, r.Restricted}] = r
	}
	return out, nil
}
