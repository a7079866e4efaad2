// Package login lets people in: password, second factor, an outside provider of
// identities, sessions, and the pages of one's own account.
package login

import (
	"context"
	"time"

	"github.com/otklik/otklik/domain"
)

// Store is what the package keeps. storage.Store implements it.
type Store interface {
	Person(ctx context.Context, id int64, now time.Time) (domain.User, error)
	Credentials(ctx context.Context, login string) (domain.Credentials, error)
	CredentialsOf(ctx context.Context, id int64) (domain.Credentials, error)
	CredentialsBySubject(ctx context.Context, subject, confirmedEmail string, by domain.Doer) (domain.Credentials, error)

	TakeLogin(ctx context.Context, keys []domain.LoginKey) (time.Duration, error)
	ForgiveLogin(ctx context.Context, keys []string) error
	LoggedIn(ctx context.Context, c domain.Credentials, cleared []string, address, how string, by domain.Doer) error
	Note(ctx context.Context, e domain.Entry) error

	SetPassword(ctx context.Context, region string, id int64, hash string, mustChange bool, by domain.Doer) (int64, error)
	Rehash(ctx context.Context, id int64, old, hash string) error

	SetTOTP(ctx context.Context, id int64, secret []byte, step int64, codes [][]byte, by domain.Doer) error
	UseTOTPStep(ctx context.Context, id, step int64) (bool, error)
	ReencryptTOTP(ctx context.Context, id int64, old, secret []byte) error
	UseRecoveryCode(ctx context.Context, id int64, hash []byte) (bool, error)
	RecoveryCodesLeft(ctx context.Context, id int64) (int, error)

	FindSession(ctx context.Context, hash string) ([]byte, bool, error)
	SaveSession(ctx context.Context, row domain.SessionRow) error
	SeeSession(ctx context.Context, row domain.SessionRow) error
	DeleteSession(ctx context.Context, hash string) error
	SessionsOf(ctx context.Context, region string, userID int64) ([]domain.SessionInfo, error)
	EndSessions(ctx context.Context, region string, id int64, by domain.Doer) error
	EndSession(ctx context.Context, region string, id int64, key string, by domain.Doer) error
}

// Outcome of an attempt to log in, for metrics.
type Outcome string

// The outcomes.
const (
	OutcomeOK        Outcome = "ok"
	OutcomeWrong     Outcome = "wrong_password"
	OutcomeWrongCode Outcome = "wrong_code"
	OutcomePaused    Outcome = "paused"
	OutcomeProvider  Outcome = "ok_provider"
	OutcomeUnknown   Outcome = "unknown_account" // of the provider
)
