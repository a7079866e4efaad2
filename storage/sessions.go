package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// SessionRow is a session as it is saved.
type SessionRow = domain.SessionRow

// FindSession gives the data of a live session; false when it has expired, or
// its user was switched off or has ended all sessions.
func (s *Store) FindSession(ctx context.Context, hash string) ([]byte, bool, error) {
	data, err := s.queries().FindSession(ctx, hash)
	err = named("find the session", err)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// SaveSession writes what a session holds.
func (s *Store) SaveSession(ctx context.Context, row SessionRow) error {
	return named("save the session", s.queries().SaveSession(ctx, db.SaveSessionParams{TokenHash: row.Hash, UserID: row.UserID, Epoch: row.Epoch,
		Data: row.Data, Address: clean(row.Address), Agent: clean(row.Agent), ExpiresAt: stamp(row.ExpiresAt)}))
}

// SeeSession notes that a session is still in use, and leaves alone what it holds.
func (s *Store) SeeSession(ctx context.Context, row SessionRow) error {
	return named("note the use of a session", s.queries().SeeSession(ctx, db.SeeSessionParams{TokenHash: row.Hash, Address: clean(row.Address),
		Agent: clean(row.Agent), ExpiresAt: stamp(row.ExpiresAt)}))
}

// DeleteSession ends one session.
func (s *Store) DeleteSession(ctx context.Context, hash string) error {
	return named("end the session", s.queries().EndSession(ctx, hash))
}

// EndSession ends one session of a person, named by its key; domain.ErrNotFound
// when it is not open.
func (s *Store) EndSession(ctx context.Context, region string, id int64, key string, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("end a session of user %d", id), func(q *db.Queries) error {
		open, err := q.SessionsOf(ctx, region, id)
		if err != nil {
			return err
		}
		for _, row := range open {
			if (domain.SessionInfo{ID: row.TokenHash}).Key() != key {
				continue
			}
			ended, err := q.EndSessionOf(ctx, row.TokenHash, id, region)
			if err != nil {
				return err
			}
			return journal(ctx, q, userEntry(by, region, "session_ended", ended.Login, "завершён сеанс с адреса "+ended.Address))
		}
		return domain.ErrNotFound
	})
}

// SessionsOf lists the open sessions of a person, last seen first.
func (s *Store) SessionsOf(ctx context.Context, region string, userID int64) ([]domain.SessionInfo, error) {
	rows, err := s.queries().SessionsOf(ctx, region, userID)
	if err != nil {
		return nil, named("list sessions", err)
	}
	out := make([]domain.SessionInfo, len(rows))
	for i, r := range rows {
		out[i] = domain.SessionInfo{ID: r.TokenHash, UserID: r.UserID, Login: r.Login, Since: moment(r.CreatedAt), SeenAt: moment(r.SeenAt),
			Address: r.Address, Agent: r.Agent}
	}
	return out, nil
}

// PruneSessions forgets what has expired: sessions, and failed logins of
// yesterday. It gives how many sessions went.
func (s *Store) PruneSessions(ctx context.Context) (int64, error) {
	n, err := s.queries().PruneSessions(ctx)
	if err != nil {
		return 0, named("prune sessions", err)
	}
	_, err = s.queries().PruneLoginAttempts(ctx)
	return n, named("prune login attempts", err)
}

// TakeLogin counts an attempt to log in under each key, before the password is
// looked at. When the free tries of a key are used up it tells how long to wait
// instead, and counts nothing.
func (s *Store) TakeLogin(ctx context.Context, keys []domain.LoginKey) (time.Duration, error) {
	var wait float64
	names, free := make([]string, len(keys)), make([]int32, len(keys))
	for i, k := range keys {
		names[i], free[i] = k.Key, small(k.Free)
	}
	err := s.inTx(ctx, "count a login", func(q *db.Queries) error {
		if err := q.LockLoginKeys(ctx, names); err != nil {
			return err
		}
		var err error
		if wait, err = q.LoginWait(ctx, names); err != nil || wait > 0 {
			return err
		}
		return q.CountLogin(ctx, names, free)
	})
	return time.Duration(wait * float64(time.Second)), err
}

// ForgiveLogin forgets the failures counted under keys.
func (s *Store) ForgiveLogin(ctx context.Context, keys []string) error {
	return named("forgive failed logins", s.queries().ForgiveLogin(ctx, keys))
}

// LoggedIn notes a login that worked: its person's failures are forgotten, and
// that of the address is taken back.
func (s *Store) LoggedIn(ctx context.Context, c domain.Credentials, cleared []string, address string, how string, by domain.Doer) error {
	return s.inTx(ctx, "note the login of "+c.Login, func(q *db.Queries) error {
		if err := q.ForgiveLogin(ctx, cleared); err != nil {
			return err
		}
		if err := q.ForgiveAddress(ctx, address); err != nil {
			return err
		}
		if err := q.LoggedIn(ctx, stamp(by.At), c.UserID); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, c.Region, "login", c.Login, how))
	})
}

// Credentials are what a login is checked against; domain.ErrNotFound.
func (s *Store) Credentials(ctx context.Context, login string) (domain.Credentials, error) {
	row, err := s.queries().CredentialsByLogin(ctx, login)
	return toCredentials(db.CredentialsByIDRow(row)), named("find a login", err)
}

// CredentialsOf is Credentials by the user's id.
func (s *Store) CredentialsOf(ctx context.Context, id int64) (domain.Credentials, error) {
	row, err := s.queries().CredentialsByID(ctx, id)
	return toCredentials(row), named("find a login", err)
}

func toCredentials(r db.CredentialsByIDRow) domain.Credentials {
	c := domain.Credentials{UserID: r.ID, Login: r.Login, Region: r.Region, Active: r.Active, PasswordHash: r.PasswordHash,
		TOTPSecret: r.TotpSecret, Epoch: r.SessionEpoch}
	for _, role := range r.Roles {
		c.Roles = append(c.Roles, domain.Role(role))
	}
	return c
}

// CredentialsBySubject finds who an account of the identity provider belongs
// to. An account that is nobody's yet is linked to the active person with the
// same e-mail, when the provider has confirmed it and that person has no account
// yet. domain.ErrNotFound.
func (s *Store) CredentialsBySubject(ctx context.Context, subject, confirmedEmail string, by domain.Doer) (domain.Credentials, error) {
	var c domain.Credentials
	err := s.inTx(ctx, "find who an account belongs to", func(q *db.Queries) error {
		row, err := q.CredentialsBySubject(ctx, subject)
		if errors.Is(err, pgx.ErrNoRows) && confirmedEmail != "" {
			if err := linkAccount(ctx, q, subject, confirmedEmail, by); err != nil {
				return err
			}
			row, err = q.CredentialsBySubject(ctx, subject)
		}
		c = toCredentials(db.CredentialsByIDRow(row))
		return err
	})
	return c, err
}

func linkAccount(ctx context.Context, q *db.Queries, subject, email string, by domain.Doer) error {
	linked, err := q.LinkSubject(ctx, subject, email)
	if err != nil {
		return err
	}
	by.Login = linked.Login
	return journal(ctx, q, userEntry(by, linked.Region, "account_linked", linked.Login,
		"учётная запись внешней службы входа связана по адресу "+email))
}

// SetTOTP begins a second factor: the encrypted secret, the step of the code
// that proved it, and the hashes of new recovery codes.
func (s *Store) SetTOTP(ctx context.Context, id int64, secret []byte, step int64, codes [][]byte, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("set the second factor of user %d", id), func(q *db.Queries) error {
		row, err := q.SetTOTP(ctx, db.SetTOTPParams{Secret: secret, Step: step, At: stamp(by.At), ID: id})
		if err != nil {
			return err
		}
		if err := q.DeleteRecoveryCodes(ctx, id); err != nil {
			return err
		}
		for _, c := range codes {
			if err := q.InsertRecoveryCode(ctx, id, c); err != nil {
				return err
			}
		}
		return journal(ctx, q, userEntry(by, row.Region, "second_factor_set", row.Login, "включён второй фактор"))
	})
}

// ClearTOTP takes a second factor away, ending the person's sessions.
func (s *Store) ClearTOTP(ctx context.Context, region string, id int64, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("clear the second factor of user %d", id), func(q *db.Queries) error {
		login, err := q.ClearTOTP(ctx, stamp(by.At), id, region)
		if err != nil {
			return err
		}
		if err := q.DeleteRecoveryCodes(ctx, id); err != nil {
			return err
		}
		if err := q.DeleteSessionsOf(ctx, id); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, region, "second_factor_cleared", login, "второй фактор снят, сеансы завершены"))
	})
}

// UseTOTPStep takes a step of the clock; false when it, or a later one, was used.
func (s *Store) UseTOTPStep(ctx context.Context, id, step int64) (bool, error) {
	n, err := s.queries().UseTOTPStep(ctx, step, id)
	return n == 1, named("use a one-time code", err)
}

// ReencryptTOTP keeps the same secret under a newer key.
func (s *Store) ReencryptTOTP(ctx context.Context, id int64, old, secret []byte) error {
	return named("renew the encryption of a second factor", s.queries().ReencryptTOTP(ctx, secret, id, old))
}

// UseRecoveryCode uses one up; false when there is none of this hash left.
func (s *Store) UseRecoveryCode(ctx context.Context, id int64, hash []byte) (bool, error) {
	n, err := s.queries().UseRecoveryCode(ctx, id, hash)
	return n == 1, named("use a recovery code", err)
}

// RecoveryCodesLeft counts those not used yet.
func (s *Store) RecoveryCodesLeft(ctx context.Context, id int64) (int, error) {
	n, err := s.queries().CountRecoveryCodes(ctx, id)
	return int(n), named("count recovery codes", err)
}
