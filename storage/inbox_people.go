package storage

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// worker finds a person of the task's body who may get it and is at work.
func (w *work) worker(ctx context.Context, userID int64) (db.WorkerInRow, error) {
	person, err := w.q.WorkerIn(ctx, userID, w.c.Region, w.c.AgencyID)
	if noRows(err) {
		return person, domain.RefuseStranger
	}
	if err != nil {
		return person, fmt.Errorf("find the person: %w", err)
	}
	today := domain.DateOf(w.act.At, w.act.Rules.Almanac.Zone)
	roster, err := readRoster(ctx, w.q, db.RosterOfParams{Region: w.c.Region, FromDay: dateOf(today), Anybody: true})
	if err != nil {
		return person, err
	}
	if _, away := roster.Away(person.Login, today); away {
		return person, domain.RefuseAbsent
	}
	return person, nil
}

func readRoster(ctx context.Context, q *db.Queries, p db.RosterOfParams) (domain.Roster, error) {
	p.Bodies = listed(p.Bodies)
	rows, err := q.RosterOf(ctx, p)
	out := make(domain.Roster, len(rows))
	for i, r := range rows {
		out[i] = toAbsence(p.Region, r).Absence
	}
	return out, wrap("read absences", err)
}

func toAbsence(region string, r db.RosterOfRow) domain.AbsenceLine {
	return domain.AbsenceLine{Absence: domain.Absence{ID: r.ID, Region: region, Login: r.Login, From: toDate(r.FirstDay), To: toDate(r.LastDay),
		Deputy: r.Deputy}, Name: r.Name, DeputyName: r.DeputyName, Why: r.Why, BegunAt: moment(r.BegunAt), EndedAt: moment(r.EndedAt)}
}

// AbsencesFor are those a person may see, from a day on: their own, those they
// stand in for, and those of people of the bodies of a scope.
func (s *Store) AbsencesFor(ctx context.Context, sc domain.Scope, by domain.User, from domain.Date) ([]domain.AbsenceLine, error) {
	rows, err := s.queries().RosterOf(ctx, db.RosterOfParams{Region: by.Region, FromDay: dateOf(from), UserID: by.ID,
		Anybody: sc.Whole, Bodies: listed(sc.Agencies)})
	out := make([]domain.AbsenceLine, len(rows))
	for i, r := range rows {
		out[i] = toAbsence(by.Region, r)
	}
	return out, named("read absences", err)
}

// Workers are the people of some bodies who may get tasks, by name; a person of
// two bodies is there twice. The zero scope has none.
func (s *Store) Workers(ctx context.Context, sc domain.Scope, bodies []string) ([]domain.Worker, error) {
	if !sc.Whole {
		bodies = common(bodies, sc.Agencies)
	}
	rows, err := s.queries().WorkersOf(ctx, sc.Region, bodies)
	if err != nil {
		return nil, named("list people of bodies", err)
	}
	out := make([]domain.Worker, len(rows))
	for i, r := range rows {
		out[i] = domain.Worker{ID: r.ID, Login: r.Login, Name: r.Name, Body: r.AgencyID, Open: int(r.Open), Overdue: int(r.Overdue)}
		for _, role := range r.Roles {
			out[i].Roles = append(out[i].Roles, domain.Role(role))
		}
	}
	return out, nil
}

func common(a, b []string) []string {
	in := map[string]bool{}
	for _, x := range b {
		in[x] = true
	}
	out := []string{}
	for _, x := range a {
		if in[x] {
			out = append(out, x)
		}
	}
	return out
}

// SaveAbsence enters days on which a person is away. Whoever enters it is that
// person, or somebody whose scope has a body of theirs: domain.ErrNotFound
// otherwise. Days that overlap another absence: domain.RefuseAwayAlready. One that
// has come begins at once, see BeginAbsences.
func (s *Store) SaveAbsence(ctx context.Context, sc domain.Scope, u domain.User, a domain.Absence, why string, today domain.Date, by domain.Doer) (int64, error) {
	a.Region = u.Region
	var id int64
	err := s.inTx(ctx, "enter the absence of "+a.Login, func(q *db.Queries) error {
		user, err := mayKeep(ctx, q, sc, u, a.Login)
		if err != nil {
			return err
		}
		if err := a.Check(today); err != nil {
			return err
		}
		if err := deputyFits(ctx, q, user, a); err != nil {
			return err
		}
		away, err := q.AwayBetween(ctx, user, dateOf(a.To), dateOf(a.From))
		if err != nil {
			return err
		}
		if away {
			return domain.RefuseAwayAlready
		}
		if id, err = addAbsence(ctx, q, a, why, by); err != nil || today.Before(a.From) {
			return err
		}
		row, err := q.GetAbsence(ctx, id, a.Region) // it begins today: nobody waits for the calendar job
		if err != nil {
			return err
		}
		return beginAbsence(ctx, q, a.Region, row, today, by.At)
	})
	return id, err
}

// FinishAbsence is EndAbsence by somebody who may: see SaveAbsence.
func (s *Store) FinishAbsence(ctx context.Context, sc domain.Scope, u domain.User, id int64, today domain.Date, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("end absence %d", id), func(q *db.Queries) error {
		a, err := q.GetAbsence(ctx, id, u.Region)
		if err != nil {
			return err
		}
		if _, err := mayKeep(ctx, q, sc, u, a.Login); err != nil {
			return err
		}
		if toDate(a.LastDay).Before(today) {
			return domain.RefusePastAbsence
		}
		return endAbsence(ctx, q, u.Region, id, today, by)
	})
}

// mayKeep locks a person and asks whether somebody may keep their absences; it
// answers the person's id.
func mayKeep(ctx context.Context, q *db.Queries, sc domain.Scope, by domain.User, login string) (int64, error) {
	id, err := q.LockUser(ctx, login, by.Region)
	if err != nil || login == by.Login || sc.Whole {
		return id, err
	}
	bodies, err := q.BodiesOf(ctx, id)
	if err != nil {
		return id, err
	}
	if len(common(bodies, sc.Agencies)) == 0 {
		return id, domain.ErrNotFound
	}
	return id, nil
}

// deputyFits: a deputy works in a body of the absent person's, or nobody there
// would know them.
func deputyFits(ctx context.Context, q *db.Queries, user int64, a domain.Absence) error {
	if a.Deputy == "" {
		return nil
	}
	deputy, err := q.ActiveUserID(ctx, a.Deputy, a.Region)
	if noRows(err) {
		return domain.RefuseDeputyStranger
	}
	if err != nil {
		return err
	}
	same, err := q.SharedBody(ctx, user, deputy)
	if err == nil && !same {
		err = domain.RefuseDeputyStranger
	}
	return err
}
