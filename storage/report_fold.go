package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// FoldRules is what counting needs of a region's pack.
type FoldRules struct {
	Zone *time.Location
	// NormTime is the working time between two instants without the waits for the
	// author, for the norm of the first reaction; an error leaves the case
	// without one.
	NormTime func(from, to time.Time, pauses []domain.Pause) (time.Duration, error)
}

// FoldReport brings the counters of a region up to date with at most so many
// lines of what changed, and returns how many it took: fewer than most means
// that nothing is left. While another process folds the region it takes none.
func (s *Store) FoldReport(ctx context.Context, region string, rules FoldRules, most int) (int, error) {
	taken := 0
	err := s.inTx(ctx, "bring the counters of "+region+" up to date", func(q *db.Queries) error {
		taken = 0
		mine, err := q.LockFold(ctx, region)
		if err != nil || !mine {
			return err
		}
		dirty, err := q.TakeDirty(ctx, region, small(most))
		if err != nil || len(dirty) == 0 {
			return err
		}
		taken = len(dirty)
		f := &fold{q: q, region: region, rules: rules, load: map[loadKey]int64{}, days: map[dayKey]*dayCount{}, weeks: map[weekKey]*weekCount{}}
		return f.run(ctx, dirty)
	})
	return taken, err
}

// fold is one pass: what comes off and what goes on, added up before writing.
type fold struct {
	q      *db.Queries
	region string
	rules  FoldRules

	load  map[loadKey]int64
	days  map[dayKey]*dayCount
	weeks map[weekKey]*weekCount
}

type loadKey struct {
	agency     string
	restricted bool
	due        pgtype.Timestamptz
}

type dayKey struct {
	dimension string
	day       time.Time
	key       string
	agency    string
	hidden    bool
}

type dayCount struct{ cases, unseen, reversed int64 }

type weekKey struct {
	week   time.Time
	agency string
	hidden bool
}

type weekCount struct {
	registered, reacted, answered, inTime, solved, explained, sentBack, reopened int64
	reaction, answer                                                             domain.Times
}

func (f *fold) run(ctx context.Context, dirty []db.TakeDirtyRow) error {
	ids := changed(dirty)
	before, err := f.q.FoldedFacts(ctx, ids)
	if err != nil {
		return fmt.Errorf("read what is counted: %w", err)
	}
	after, err := f.facts(ctx, ids)
	if err != nil {
		return err
	}
	for i := range before {
		f.count(&before[i], -1)
	}
	for i := range after {
		f.count((*db.CaseFact)(&after[i]), 1)
	}
	for _, d := range dirty {
		f.mark(d)
	}
	if err := f.q.DropFacts(ctx, ids); err != nil {
		return fmt.Errorf("drop old facts: %w", err)
	}
	if _, err := f.q.PutFacts(ctx, after); err != nil {
		return fmt.Errorf("put facts: %w", err)
	}
	return f.write(ctx, dirty)
}

// changed are the cases, each once.
func changed(dirty []db.TakeDirtyRow) []int64 {
	seen := map[int64]bool{}
	var ids []int64
	for _, d := range dirty {
		if d.What == "changed" && !seen[d.CaseID] {
			seen[d.CaseID] = true
			ids = append(ids, d.CaseID)
		}
	}
	return ids
}

// facts reads the cases as they are now, with the rounds that have ended.
func (f *fold) facts(ctx context.Context, ids []int64) ([]db.PutFactsParams, error) {
	cases, err := f.q.FoldCases(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read changed cases: %w", err)
	}
	rounds, err := f.q.FoldRounds(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read ended rounds: %w", err)
	}
	pauses, err := f.pauses(ctx, ids)
	if err != nil {
		return nil, err
	}
	ended := map[int64][]db.CaseRound{}
	for _, r := range rounds {
		ended[r.CaseID] = append(ended[r.CaseID], r)
	}
	out := make([]db.PutFactsParams, 0, len(cases)+len(rounds))
	for i := range cases {
		c := &cases[i]
		out = append(out, f.current(c, pauses[c.ID]))
		for _, r := range ended[c.ID] {
			if r.Round < c.Round { // an undone round is none
				out = append(out, f.ended(c, r, pauses[c.ID]))
			}
		}
	}
	return out, nil
}

// pauses are the stretches in which a case waits for its author.
func (f *fold) pauses(ctx context.Context, ids []int64) (map[int64][]domain.Pause, error) {
	rows, err := f.q.FoldPauses(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read questions to authors: %w", err)
	}
	out := map[int64][]domain.Pause{}
	for _, r := range rows {
		out[r.CaseID] = append(out[r.CaseID], domain.Pause{From: moment(r.AskedAt), To: moment(r.AnsweredAt)})
	}
	return out, nil
}

func (f *fold) current(c *db.FoldCasesRow, pauses []domain.Pause) db.PutFactsParams {
	state := domain.State(c.State)
	unseen := c.OpenedState == string(domain.Coordination)
	p := db.PutFactsParams{
		CaseID: c.ID, Round: c.Round, Region: f.region, AgencyID: c.AgencyID, Restricted: c.Restricted,
		Category: category(int(c.DecreeRow), c.Topic), Municipality: c.Municipality, SourceID: c.SourceID,
		Day:     f.day(c.RegisteredAt),
		Counted: state != domain.Attached && state != domain.Rejected, Open: state.ClockRuns(),
		DueAt: orInfinity(c.DueAt), Unseen: unseen, Outcome: c.Outcome,
		Reversed: unseen && (c.SentBack > 0 || state == domain.Rejected || c.DecreeRow != c.OpenedRow),
	}
	f.times(&p, span{c.RegisteredAt, c.AssignedAt, c.FirstReactionAt, c.AnsweredAt, pauses})
	return p
}

func (f *fold) ended(c *db.FoldCasesRow, r db.CaseRound, pauses []domain.Pause) db.PutFactsParams {
	p := f.current(c, pauses)
	p.Round, p.AgencyID, p.Day, p.Open, p.DueAt, p.Outcome = r.Round, r.AgencyID, f.day(r.RegisteredAt), false, orInfinity(r.DueAt), r.Outcome
	f.times(&p, span{r.RegisteredAt, r.RegisteredAt, r.FirstReactionAt, r.AnsweredAt, pauses})
	return p
}

// span is the instants of one round.
type span struct {
	registered, assigned, reaction, answer pgtype.Timestamptz
	pauses                                 []domain.Pause
}

// times fills in the clocks: working time from the assignment to the first
// reaction, waits for the author left out (the body before may have reacted: then this one has none), calendar
// time from the registration to the answer.
func (f *fold) times(p *db.PutFactsParams, s span) {
	p.ReactionAt, p.Reaction, p.AnsweredAt, p.Answer = pgtype.Timestamptz{}, pgtype.Int4{}, pgtype.Timestamptz{}, pgtype.Int4{}
	p.InTime = false
	if s.reaction.Valid && s.assigned.Valid && !s.reaction.Time.Before(s.assigned.Time) {
		if d, err := f.rules.NormTime(s.assigned.Time, s.reaction.Time, s.pauses); err == nil {
			p.ReactionAt, p.Reaction = s.reaction, minutes(d)
		}
	}
	if s.answer.Valid {
		p.AnsweredAt, p.Answer = s.answer, minutes(s.answer.Time.Sub(s.registered.Time))
		p.InTime = p.DueAt.InfinityModifier == pgtype.Infinity || s.answer.Time.Before(p.DueAt.Time)
	}
}

func minutes(d time.Duration) pgtype.Int4 {
	return pgtype.Int4{Int32: small(int(max(0, d) / time.Minute)), Valid: true}
}

func orInfinity(t pgtype.Timestamptz) pgtype.Timestamptz {
	if t.Valid {
		return t
	}
	return pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}
}

// category is the key of a row of the decree, or of a topic in ordinary order.
func category(row int, topic string) string {
	if row > 0 {
		return fmt.Sprintf("row:%d", row)
	}
	return "topic:" + topic
}

func (f *fold) day(t pgtype.Timestamptz) pgtype.Date {
	return day(t.Time.In(f.rules.Zone))
}

// week is the Monday of an instant's local week.
func (f *fold) week(t time.Time) time.Time { return monday(domain.DateOf(t, f.rules.Zone)) }

func monday(d domain.Date) time.Time {
	m := d.Add(-(int(d.Weekday()) + 6) % 7)
	return time.Date(m.Year, m.Month, m.Day, 0, 0, 0, 0, time.UTC)
}
