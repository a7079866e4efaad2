package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// BeginAbsences begins those whose first day has come, once each: what is on
// the person is kept as a list and told to the coordinators and the deputy.
func (s *Store) BeginAbsences(ctx context.Context, region string, today domain.Date, now time.Time) (int, error) {
	ids, err := s.queries().AbsencesToBegin(ctx, region, dateOf(today))
	if err != nil {
		return 0, named("find absences to begin", err)
	}
	return s.turnAbsences(ctx, ids, region, func(ctx context.Context, q *db.Queries, a db.GetAbsenceRow) error {
		return beginAbsence(ctx, q, region, a, today, now)
	})
}

func beginAbsence(ctx context.Context, q *db.Queries, region string, a db.GetAbsenceRow, today domain.Date, now time.Time) error {
	if a.BegunAt.Valid || a.EndedAt.Valid {
		return errTurned
	}
	n, err := q.KeepAbsenceTasks(ctx, a.ID, a.UserID)
	if err != nil {
		return err
	}
	if err := tellBegun(ctx, q, region, a, int(n), today, now); err != nil {
		return err
	}
	return q.MarkBegun(ctx, stamp(now), a.ID)
}

// EndAbsences ends those whose last day has passed, once each: the person is
// told what happened meanwhile.
func (s *Store) EndAbsences(ctx context.Context, region string, today domain.Date, now time.Time) (int, error) {
	ids, err := s.queries().AbsencesToEnd(ctx, region, dateOf(today))
	if err != nil {
		return 0, named("find absences to end", err)
	}
	return s.turnAbsences(ctx, ids, region, func(ctx context.Context, q *db.Queries, a db.GetAbsenceRow) error {
		if a.EndedAt.Valid {
			return errTurned
		}
		if a.BegunAt.Valid {
			if err := tellEnded(ctx, q, region, a, now); err != nil {
				return err
			}
		}
		return q.MarkEnded(ctx, stamp(now), a.ID)
	})
}

// errTurned: another process was quicker.
var errTurned = errors.New("done already")

func (s *Store) turnAbsences(ctx context.Context, ids []int64, region string, turn func(context.Context, *db.Queries, db.GetAbsenceRow) error) (int, error) {
	n := 0
	for _, id := range ids {
		err := s.inTx(ctx, fmt.Sprintf("turn absence %d", id), func(q *db.Queries) error {
			a, err := q.GetAbsence(ctx, id, region)
			if err != nil {
				return err
			}
			return turn(ctx, q, a)
		})
		switch {
		case err == nil:
			n++
		case errors.Is(err, errTurned) || errors.Is(err, domain.ErrNotFound): // taken back meanwhile
		default:
			return n, err
		}
	}
	return n, nil
}

func tellBegun(ctx context.Context, q *db.Queries, region string, a db.GetAbsenceRow, tasks int, today domain.Date, now time.Time) error {
	roster, err := readRoster(ctx, q, db.RosterOfParams{Region: region, FromDay: dateOf(today), Anybody: true})
	if err != nil {
		return err
	}
	cover := roster.Cover(a.Login, today)
	text := domain.AbsenceBegunWords(a.Name, toDate(a.LastDay), cover, a.DeputyName, tasks)
	bodies, err := q.BodiesOf(ctx, a.UserID)
	if err != nil {
		return err
	}
	var notices []domain.Notice
	for _, body := range bodies {
		notices = append(notices, absenceNotice(region, a.ID, "begun", string(domain.RoleCoordinator), body, text, now))
		if cover.Why == domain.CoverDeputy {
			notices = append(notices, absenceNotice(region, a.ID, "begun", "person:"+cover.Login, body, text, now))
		}
	}
	return putWaiting(ctx, q, domain.CaseChange{Notices: notices, At: now})
}

func tellEnded(ctx context.Context, q *db.Queries, region string, a db.GetAbsenceRow, now time.Time) error {
	n, err := q.ChangedMeanwhile(ctx, a.ID, a.BegunAt)
	if err != nil {
		return err
	}
	notice := absenceNotice(region, a.ID, "ended", "person:"+a.Login, "", domain.AbsenceEndedWords(a.Name, int(n)), now)
	return putWaiting(ctx, q, domain.CaseChange{Notices: []domain.Notice{notice}, At: now})
}

func absenceNotice(region string, id int64, turn, role, body, text string, now time.Time) domain.Notice {
	return domain.Notice{Key: fmt.Sprintf("absence:%d:%s:%s:%s", id, turn, role, body), Kind: domain.NoticeAbsence, Region: region,
		ToRole: role, ToAgency: body, Text: text, At: now}
}

// AbsenceList is what was on a person when they left and what became of it: for
// the person, the deputy, and whoever may keep the person's absences.
func (s *Store) AbsenceList(ctx context.Context, sc domain.Scope, by domain.User, id int64, now time.Time) (domain.AbsenceList, error) {
	var out domain.AbsenceList
	err := s.inTx(ctx, fmt.Sprintf("read absence %d", id), func(q *db.Queries) error {
		a, err := q.GetAbsence(ctx, id, by.Region)
		if err != nil {
			return err
		}
		if a.Deputy != by.Login {
			if _, err := mayKeep(ctx, q, sc, by, a.Login); err != nil {
				return err
			}
		}
		out, err = readAbsenceList(ctx, q, a, by, now)
		return err
	})
	return out, err
}

func readAbsenceList(ctx context.Context, q *db.Queries, a db.GetAbsenceRow, by domain.User, now time.Time) (domain.AbsenceList, error) {
	out := domain.AbsenceList{Absence: domain.AbsenceLine{Absence: domain.Absence{ID: a.ID, Region: by.Region, Login: a.Login,
		From: toDate(a.FirstDay), To: toDate(a.LastDay), Deputy: a.Deputy}, Name: a.Name, DeputyName: a.DeputyName, Why: a.Why,
		BegunAt: moment(a.BegunAt), EndedAt: moment(a.EndedAt)}}
	rows, err := q.AbsenceTasks(ctx, a.ID)
	if err != nil {
		return out, fmt.Errorf("read tasks: %w", err)
	}
	until := a.EndedAt
	if !until.Valid {
		until = stamp(now)
	}
	changes, err := q.AbsenceChanges(ctx, a.ID, a.BegunAt, until)
	if err != nil {
		return out, fmt.Errorf("read changes: %w", err)
	}
	steps := map[int64][]domain.CaseStep{}
	for _, h := range changes {
		steps[h.CaseID] = append(steps[h.CaseID], domain.CaseStep{At: moment(h.At), Who: h.Who, Why: h.Why})
	}
	for _, r := range rows {
		c, err := toCase(r.Case)
		if err != nil {
			return out, err
		}
		if c.Restricted && !by.Restricted {
			continue // naming a deputy opens no closed door
		}
		out.Tasks = append(out.Tasks, domain.AbsenceTask{Case: c, Text: r.Text, Now: r.Executor, Changes: steps[c.ID]})
	}
	return out, nil
}
