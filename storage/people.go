package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Listed is a user in the administrator's list.
type Listed = domain.ListedUser

// AddUser stores a new person with the hash of a first password; hash "" can
// only come by the provider of identities. ErrExists when the login or the
// e-mail is taken, domain.ErrNotFound when the region has no pack.
func (s *Store) AddUser(ctx context.Context, u domain.User, hash string, by domain.Doer) (domain.User, error) {
	err := s.inTx(ctx, "add user "+u.Login, func(q *db.Queries) error {
		id, err := q.InsertUser(ctx, db.InsertUserParams{Region: u.Region, Login: u.Login, Name: clean(u.Name), Job: clean(u.Position),
			Email: clean(u.Email), Restricted: u.Restricted, PasswordHash: hash, MustChange: u.MustChange, At: stamp(by.At)})
		if err != nil {
			return taken(err)
		}
		u.ID, u.Active = id, true
		if err := setOffices(ctx, q, id, u.Offices); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, u.Region, "user_added", u.Login, "добавлен пользователь "+u.Name+": "+officeWords(u)))
	})
	return u, err
}

// taken names the violations people can mend.
func taken(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch pg.Code {
	case "23505":
		return fmt.Errorf("%w: %s", ErrExists, pg.ConstraintName)
	case "23503":
		return fmt.Errorf("the region has no pack yet: %w", domain.ErrNotFound)
	}
	return err
}

func setOffices(ctx context.Context, q *db.Queries, id int64, offices []domain.Office) error {
	if err := q.DeleteOffices(ctx, id); err != nil {
		return err
	}
	for i, o := range offices {
		if slices.Contains(offices[:i], o) {
			continue
		}
		if err := q.InsertOffice(ctx, id, string(o.Role), o.AgencyID); err != nil {
			return err
		}
	}
	return nil
}

func userEntry(by domain.Doer, region, action, login, words string) domain.Entry {
	by.Region = region // from the command line there is none
	return domain.EntryOf(by, action, "user", login, words)
}

func officeWords(u domain.User) string {
	words := ""
	for _, o := range u.Offices {
		if words != "" {
			words += ", "
		}
		words += domain.RoleTitle(o.Role)
		if o.AgencyID != "" {
			words += " (" + o.AgencyID + ")"
		}
	}
	if u.Restricted {
		words += "; видит инциденты с ограниченным доступом"
	}
	return words
}

// UpdateUser changes name, position, e-mail, offices and the right to restricted
// cases of a person whose mark (domain.User.Mark) was seen. domain.ErrStale when
// it is another by now, domain.ErrLastAdministrator when nobody would be left to
// manage users.
func (s *Store) UpdateUser(ctx context.Context, u domain.User, seen string, by domain.Doer) error {
	return s.inTx(ctx, "change user "+u.Login, func(q *db.Queries) error {
		if err := q.LockRegionPeople(ctx, u.Region); err != nil {
			return err
		}
		if now, err := person(ctx, q, u.ID, by.At); err != nil {
			return err
		} else if now.Mark() != seen {
			return domain.ErrStale
		}
		n, err := q.UpdateUser(ctx, db.UpdateUserParams{Name: clean(u.Name), Job: clean(u.Position), Email: clean(u.Email),
			Restricted: u.Restricted, At: stamp(by.At), ID: u.ID, Region: u.Region})
		if err != nil {
			return taken(err)
		}
		if n == 0 {
			return domain.ErrNotFound
		}
		if err := setOffices(ctx, q, u.ID, u.Offices); err != nil {
			return err
		}
		if err := someAdministrator(ctx, q, u.Region); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, u.Region, "user_changed", u.Login, "изменён пользователь "+u.Name+": "+officeWords(u)))
	})
}

func someAdministrator(ctx context.Context, q *db.Queries, region string) error {
	n, err := q.CountAdministrators(ctx, region)
	if err != nil {
		return err
	}
	if n == 0 {
		return domain.ErrLastAdministrator
	}
	return nil
}

// SetUserActive switches somebody off, ending their sessions, or on again.
func (s *Store) SetUserActive(ctx context.Context, region string, id int64, active bool, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("switch user %d", id), func(q *db.Queries) error {
		if err := q.LockRegionPeople(ctx, region); err != nil {
			return err
		}
		login, err := q.SetUserActive(ctx, db.SetUserActiveParams{Active: active, At: stamp(by.At), ID: id, Region: region})
		if err != nil {
			return taken(err)
		}
		if active {
			return journal(ctx, q, userEntry(by, region, "user_activated", login, "учётная запись включена"))
		}
		if err := someAdministrator(ctx, q, region); err != nil {
			return err
		}
		if err := q.DeleteSessionsOf(ctx, id); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, region, "user_deactivated", login, "учётная запись отключена, сеансы завершены"))
	})
}

// SetPassword sets a new password and ends all sessions of the person. It gives
// the new epoch, so that the session that asked may go on.
func (s *Store) SetPassword(ctx context.Context, region string, id int64, hash string, mustChange bool, by domain.Doer) (int64, error) {
	var epoch int64
	err := s.inTx(ctx, fmt.Sprintf("set the password of user %d", id), func(q *db.Queries) error {
		row, err := q.SetPassword(ctx, db.SetPasswordParams{PasswordHash: hash, MustChange: mustChange, At: stamp(by.At), ID: id, Region: region})
		if err != nil {
			return err
		}
		epoch = row.SessionEpoch
		if err := q.DeleteSessionsOf(ctx, id); err != nil {
			return err
		}
		action, words := "password_changed", "пароль изменён, другие сеансы завершены"
		if mustChange {
			action, words = "password_reset", "выдан новый пароль, сеансы завершены"
		}
		return journal(ctx, q, userEntry(by, region, action, row.Login, words))
	})
	return epoch, err
}

// EndSessions ends every session of a person.
func (s *Store) EndSessions(ctx context.Context, region string, id int64, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("end the sessions of user %d", id), func(q *db.Queries) error {
		login, err := q.EndSessions(ctx, id, region)
		if err != nil {
			return err
		}
		if err := q.DeleteSessionsOf(ctx, id); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, region, "sessions_ended", login, "все сеансы завершены"))
	})
}

// Rehash replaces the hash of a password that stays the same.
func (s *Store) Rehash(ctx context.Context, id int64, old, hash string) error {
	return named("renew a password's hash", s.queries().RehashPassword(ctx, hash, id, old))
}

// Person is a user with their offices and, on the local day of now, those of
// the people they stand in for. domain.ErrNotFound.
func (s *Store) Person(ctx context.Context, id int64, now time.Time) (domain.User, error) {
	u, err := person(ctx, s.queries(), id, now)
	return u, named("find a person", err)
}

func person(ctx context.Context, q *db.Queries, id int64, now time.Time) (domain.User, error) {
	row, err := q.PersonByID(ctx, stamp(now), id)
	if err != nil {
		return domain.User{}, err
	}
	u := domain.User{ID: row.ID, Region: row.Region, Login: row.Login, Name: row.Name, Position: row.Position, Email: row.Email,
		Restricted: row.Restricted, Active: row.Active, MustChange: row.MustChange, SecondFactor: row.SecondFactor}
	if u.Offices, err = toOffices(row.Offices); err != nil {
		return domain.User{}, err
	}
	u.Acting, err = toActing(row.Acting)
	return u, err
}

type officeJSON struct {
	Role   domain.Role `json:"role"`
	Agency string      `json:"agency"`
}

func toOffices(b []byte) ([]domain.Office, error) {
	var list []officeJSON
	if err := fromJSON("offices", b, &list); err != nil {
		return nil, err
	}
	return officesOf(list), nil
}

func officesOf(list []officeJSON) []domain.Office {
	out := make([]domain.Office, len(list))
	for i, o := range list {
		out[i] = domain.Office{Role: o.Role, AgencyID: o.Agency}
	}
	return out
}

func toActing(b []byte) ([]domain.Acting, error) {
	var list []struct {
		Login, Name, Until string
		Offices            []officeJSON
	}
	if err := fromJSON("deputies", b, &list); err != nil {
		return nil, err
	}
	var out []domain.Acting
	for _, a := range list {
		until, err := domain.ParseDate(a.Until)
		if err != nil {
			return nil, fmt.Errorf("decode stored absence of %s: %w", a.Login, err)
		}
		out = append(out, domain.Acting{Login: a.Login, Name: a.Name, Until: until, Offices: officesOf(a.Offices)})
	}
	return out, nil
}

// Users lists the people of a scope: all of the region, or those with an office
// in its bodies. Active ones first, by name.
func (s *Store) Users(ctx context.Context, scope domain.Scope) ([]Listed, error) {
	if scope.Region == "" {
		return nil, nil
	}
	rows, err := s.queries().ListUsers(ctx, scope.Region, scope.Whole, listed(scope.Agencies))
	if err != nil {
		return nil, named("list users", err)
	}
	return convertAll(rows, func(r db.ListUsersRow) (Listed, error) {
		offices, err := toOffices(r.Offices)
		return Listed{User: domain.User{ID: r.ID, Region: r.Region, Login: r.Login, Name: r.Name, Position: r.Position, Email: r.Email,
			Restricted: r.Restricted, Active: r.Active, MustChange: r.MustChange, SecondFactor: r.SecondFactor, Offices: offices},
			LastLoginAt: moment(r.LastLoginAt), Sessions: int(r.Sessions)}, err
	})
}

// listed is never nil: NULL = ANY is not false.
func listed(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}

// UnseenRestricted is how many restricted cases wait in a region's queue while no
// analyst is named for them: a number only, for whoever can name one.
func (s *Store) UnseenRestricted(ctx context.Context, region string) (int, error) {
	n, err := s.queries().UnseenRestricted(ctx, region)
	return int(n), named("count what nobody sees", err)
}

// NamedIn reports whether somebody who works in one of the bodies is named for
// restricted cases: otherwise one that is given to them is seen by nobody there.
func (s *Store) NamedIn(ctx context.Context, region string, bodies []string) (bool, error) {
	ok, err := s.queries().NamedIn(ctx, region, bodies)
	return ok, named("find who is named", err)
}
