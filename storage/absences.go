package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// AddAbsence stores the days somebody is away. It does not judge them: see
// domain.Absence.Check. domain.ErrNotFound when the person or the deputy is not
// an active user of the region.
func (s *Store) AddAbsence(ctx context.Context, a domain.Absence, why string, by domain.Doer) (domain.Absence, error) {
	err := s.inTx(ctx, "enter the absence of "+a.Login, func(q *db.Queries) error {
		var err error
		a.ID, err = addAbsence(ctx, q, a, why, by)
		return err
	})
	return a, err
}

func addAbsence(ctx context.Context, q *db.Queries, a domain.Absence, why string, by domain.Doer) (int64, error) {
	user, err := q.ActiveUserID(ctx, a.Login, a.Region)
	if err != nil {
		return 0, err
	}
	deputy, words := pgtype.Int8{}, "без замещающего"
	if a.Deputy != "" {
		id, err := q.ActiveUserID(ctx, a.Deputy, a.Region)
		if err != nil {
			return 0, fmt.Errorf("deputy %s: %w", a.Deputy, err)
		}
		deputy, words = pgtype.Int8{Int64: id, Valid: true}, "замещает "+a.Deputy
	}
	id, err := q.InsertAbsence(ctx, db.InsertAbsenceParams{UserID: user, FirstDay: dateOf(a.From), LastDay: dateOf(a.To),
		DeputyID: deputy, Why: clean(why), EnteredBy: by.Login, EnteredAt: stamp(by.At)})
	if err != nil {
		return 0, err
	}
	return id, journal(ctx, q, domain.EntryOf(by, "absence_entered", "user", a.Login,
		fmt.Sprintf("отсутствие с %s по %s, %s", a.From.Words(), a.To.Words(), words)))
}

// EndAbsence ends an absence: today is the person's first day at work again. One
// that has not begun is taken back whole. domain.ErrNotFound when it is over.
func (s *Store) EndAbsence(ctx context.Context, region string, id int64, today domain.Date, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("end absence %d", id), func(q *db.Queries) error {
		return endAbsence(ctx, q, region, id, today, by)
	})
}

func endAbsence(ctx context.Context, q *db.Queries, region string, id int64, today domain.Date, by domain.Doer) error {
	words := "отсутствие закончилось раньше"
	user, err := q.EndAbsence(ctx, dateOf(today.Add(-1)), id, region)
	if errors.Is(err, pgx.ErrNoRows) {
		words = "отсутствие отменено"
		user, err = q.DropAbsence(ctx, id, dateOf(today), region)
	}
	if err != nil {
		return err
	}
	c, err := q.CredentialsByID(ctx, user)
	if err != nil {
		return err
	}
	return journal(ctx, q, domain.EntryOf(by, "absence_ended", "user", c.Login, words))
}

// Absences lists those of a scope's people that end on a day or later.
func (s *Store) Absences(ctx context.Context, scope domain.Scope, from domain.Date) ([]domain.AbsenceLine, error) {
	if scope.Region == "" {
		return nil, nil
	}
	rows, err := s.queries().ListAbsences(ctx, db.ListAbsencesParams{Region: scope.Region, FromDay: dateOf(from),
		Whole: scope.Whole, Agencies: listed(scope.Agencies)})
	if err != nil {
		return nil, named("list absences", err)
	}
	out := make([]domain.AbsenceLine, len(rows))
	for i, r := range rows {
		out[i] = domain.AbsenceLine{Absence: domain.Absence{ID: r.ID, Region: r.Region, Login: r.Login, From: domain.DateOf(r.FirstDay.Time, time.UTC),
			To: domain.DateOf(r.LastDay.Time, time.UTC), Deputy: r.Deputy}, Name: r.Name, DeputyName: r.DeputyName, Why: r.Why}
	}
	return out, nil
}

// Roster is the absences of a whole region that have not ended before a day.
func (s *Store) Roster(ctx context.Context, region string, from domain.Date) (domain.Roster, error) {
	lines, err := s.Absences(ctx, domain.Scope{Region: region, Whole: true}, from)
	out := make(domain.Roster, len(lines))
	for i, l := range lines {
		out[i] = l.Absence
	}
	return out, err
}

func dateOf(d domain.Date) pgtype.Date { return day(d.Start(time.UTC)) }
