package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// OpenLoad counts the open cases of a scope by body: overdue at now, due by
// tomorrow (the end of today) and by soon. Dues are exclusive ends of days.
func (s *Store) OpenLoad(ctx context.Context, scope domain.Scope, now, tomorrow, soon time.Time) ([]domain.LoadCount, error) {
	rows, err := s.queries().LoadBySlot(ctx, db.LoadBySlotParams{Now: stamp(now), Tomorrow: stamp(tomorrow), Soon: stamp(soon), Region: scope.Region,
		Whole: scope.Whole, Agencies: scope.Agencies, SeeRestricted: scope.Restricted})
	if err != nil {
		return nil, named("count open cases", err)
	}
	return convertAll(rows, func(r db.LoadBySlotRow) (domain.LoadCount, error) { return domain.LoadCount(r), nil })
}

// AgencyIntake is how many cases were registered in the weeks of first to last
// (Mondays, both included), by the body that has them now.
func (s *Store) AgencyIntake(ctx context.Context, scope domain.Scope, first, last domain.Date) ([]domain.WeekIntake, error) {
	rows, err := s.queries().AgencyIntake(ctx, db.AgencyIntakeParams{Region: scope.Region, First: dateOf(first), Last: dateOf(last),
		Whole: scope.Whole, Agencies: scope.Agencies, SeeRestricted: scope.Restricted})
	if err != nil {
		return nil, named("count what bodies got by week", err)
	}
	var out []domain.WeekIntake
	for _, r := range rows {
		for i, week := range r.Weeks {
			out = append(out, domain.WeekIntake{AgencyID: r.AgencyID, Week: dateFrom(week), Registered: r.Registered[i]})
		}
	}
	return out, nil
}

// AgencyWeeks is what the bodies of a scope did in the weeks of first to last
// (Mondays, both included); weeks without anything are left out.
func (s *Store) AgencyWeeks(ctx context.Context, scope domain.Scope, first, last domain.Date) ([]domain.AgencyWeek, error) {
	rows, err := s.queries().AgencyWeeks(ctx, db.AgencyWeeksParams{Region: scope.Region, First: dateOf(first), Last: dateOf(last),
		Whole: scope.Whole, Agencies: scope.Agencies, SeeRestricted: scope.Restricted})
	if err != nil {
		return nil, named("read weeks of bodies", err)
	}
	return convertAll(rows, func(r db.AgencyWeeksRow) (domain.AgencyWeek, error) {
		reaction, err := unpackTimes(r.Reaction)
		if err != nil {
			return domain.AgencyWeek{}, err
		}
		answer, err := unpackTimes(r.Answer)
		return domain.AgencyWeek{AgencyID: r.AgencyID, Week: dateFrom(r.Week), Registered: r.Registered, Reacted: r.Reacted, Answered: r.Answered,
			InTime: r.InTime, Solved: r.Solved, Explained: r.Explained, SentBack: r.SentBack, Reopened: r.Reopened,
			Reaction: reaction, Answer: answer}, err
	})
}

// unpackTimes reads integer[] as array_send packs it (PostgreSQL, array_send in
// arrayfuncs.c): dimensions, a flag for NULLs, the type, then length and lower
// bound of the one dimension, and for each element its size and the number.
func unpackTimes(b []byte) (domain.Times, error) {
	const head, bounds, element = 12, 8, 8
	if len(b) < head {
		return nil, fmt.Errorf("packed histogram of %d bytes: %w", len(b), io.ErrUnexpectedEOF)
	}
	if binary.BigEndian.Uint32(b) == 0 {
		return nil, nil
	}
	if len(b) < head+bounds || len(b) != head+bounds+element*int(binary.BigEndian.Uint32(b[head:])) {
		return nil, fmt.Errorf("packed histogram of %d bytes: %w", len(b), io.ErrUnexpectedEOF)
	}
	elements := b[head+bounds:]
	out := make(domain.Times, len(elements)/element)
	for i := range out {
		out[i] = int32(binary.BigEndian.Uint32(elements[i*element+4:])) //nolint:gosec // the same 32 bits
	}
	return out, nil
}

func dateFrom(d pgtype.Date) domain.Date {
	if !d.Valid || d.InfinityModifier != pgtype.Finite {
		return domain.Date{}
	}
	return domain.DateOf(d.Time, time.UTC)
}

// narrowed is a scope within which only some bodies are asked for; none of them
// in the scope sees nothing.
func narrowed(scope domain.Scope, agencies []string) domain.Scope {
	if len(agencies) == 0 {
		return scope
	}
	out := domain.Scope{Region: scope.Region, Restricted: scope.Restricted, Agencies: []string{}}
	for _, id := range agencies {
		if scope.Sees(domain.Case{Region: scope.Region, AgencyID: id}) {
			out.Agencies = append(out.Agencies, id)
		}
	}
	return out
}

// PairDays counts the cases of every category in every municipality by day.
func (s *Store) PairDays(ctx context.Context, scope domain.Scope, first, last domain.Date) ([]domain.PairDay, error) {
	rows, err := s.queries().PairDays(ctx, db.PairDaysParams{Region: scope.Region, First: dateOf(first), Last: dateOf(last),
		Whole: scope.Whole, Agencies: scope.Agencies, SeeRestricted: scope.Restricted})
	if err != nil {
		return nil, named("count cases by category, place and day", err)
	}
	out := make([]domain.PairDay, len(rows))
	for i, r := range rows {
		category, place, _ := strings.Cut(r.Key, "|")
		out[i] = domain.PairDay{Category: category, Municipality: place, Day: dateFrom(r.Day), Cases: r.Cases}
	}
	return out, nil
}

// FirstDay is the first day anything was counted; the zero day when there is
// nothing yet.
func (s *Store) FirstDay(ctx context.Context, region string) (domain.Date, error) {
	d, err := s.queries().FirstDay(ctx, region)
	return dateFrom(d), named("find the first day", err)
}

// CountsWaiting reports that something has changed which the counters do not
// know yet.
func (s *Store) CountsWaiting(ctx context.Context, region string) (bool, error) {
	waiting, err := s.queries().HasDirty(ctx, region)
	return waiting, named("look whether counters are up to date", err)
}

// Deferrals lists «отложенные решения» asked for since an instant, newest first.
func (s *Store) Deferrals(ctx context.Context, scope domain.Scope, q domain.BesideQuery) ([]domain.DeferralLine, error) {
	at, id := before(q)
	rows, err := s.queries().DeferralLines(ctx, db.DeferralLinesParams{Region: scope.Region, Whole: scope.Whole, Agencies: scope.Agencies,
		SeeRestricted: scope.Restricted, Since: stamp(q.Since), BeforeAt: at, BeforeID: id, Most: small(q.Limit)})
	if err != nil {
		return nil, named("list deferrals", err)
	}
	return convertAll(rows, func(r db.DeferralLinesRow) (domain.DeferralLine, error) {
		c, err := toCase(r.Case)
		return domain.DeferralLine{Case: c, ID: r.DeferralID, AskedBy: r.AskedBy, AskedAt: moment(r.AskedAt), Reason: r.AskedWhy, Until: dateFrom(r.Until),
			OldDue: moment(r.OldDue), Decision: r.Decision, DecidedBy: r.DecidedBy, DecidedAt: moment(r.DecidedAt), Why: r.Why}, err
	})
}

// before is where a page begins, the end of time for the first.
func before(q domain.BesideQuery) (pgtype.Timestamptz, int64) {
	if q.BeforeID == 0 {
		return pgtype.Timestamptz{Valid: true, InfinityModifier: pgtype.Infinity}, 0
	}
	return stamp(q.BeforeAt), q.BeforeID
}

// Escalations lists when curators and controllers were told of overdue cases, a line
// for a case and moment, newest first.
func (s *Store) Escalations(ctx context.Context, scope domain.Scope, q domain.BesideQuery) ([]domain.EscalationLine, error) {
	at, id := before(q)
	rows, err := s.queries().EscalationLines(ctx, db.EscalationLinesParams{Region: scope.Region, Whole: scope.Whole, Agencies: scope.Agencies,
		SeeRestricted: scope.Restricted, Since: stamp(q.Since), BeforeAt: at, BeforeID: id, Most: small(q.Limit)})
	if err != nil {
		return nil, named("list escalations", err)
	}
	return convertAll(rows, func(r db.EscalationLinesRow) (domain.EscalationLine, error) {
		c, err := toCase(r.Case)
		e := domain.EscalationLine{Case: c, ID: r.NoticeID, At: moment(r.At), Body: r.Body}
		for _, role := range r.Roles {
			e.To = append(e.To, domain.Role(role))
		}
		return e, err
	})
}
