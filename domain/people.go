package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"time"
)

// Doer is who does something and when, for the journal.
type Doer struct {
	Login   string // or «командная строка», «система»
	Region  string
	Address string    // network address, "" from the command line
	At      time.Time // business time, UTC
}

// Doers that are no users.
const (
	DoerSystem      = "система"
	DoerCommandLine = "командная строка"
)

// Entry is a line of the audit journal.
type Entry struct {
	ID       int64
	At       time.Time // business time, UTC
	Region   string
	Who      string
	Action   string // machine name: "login", "user_added", "case_moved"
	Object   string // kind of thing: "user", "case", "source", "pack", "absence"
	ObjectID string // as people name it: login, case number
	Words    string // Russian: what was done
	Details  []byte // JSON object; nil is {}
	Address  string
}

// EntryOf is a line about what somebody does now.
func EntryOf(d Doer, action, object, objectID, words string) Entry {
	return Entry{At: d.At, Region: d.Region, Who: d.Login, Address: d.Address,
		Action: action, Object: object, ObjectID: objectID, Words: words}
}

// JournalFilter chooses lines of the journal; empty fields choose all.
type JournalFilter struct {
	Who, Action, Object, ObjectID string
	From, To                      time.Time // [From, To)
	// Before goes on behind a line: its At and ID, newest first. Zero: from the newest.
	Before   time.Time
	BeforeID int64
	Limit    int
}

// SessionInfo is an open session as its owner and the administrator see it.
type SessionInfo struct {
	ID      string // the hash of the token
	UserID  int64
	Login   string
	Since   time.Time // real time, not business time
	SeenAt  time.Time
	Address string
	Agent   string
}

// Key names the session in forms: pages do not show what the store finds it by.
func (s SessionInfo) Key() string {
	sum := sha256.Sum256([]byte("session:" + s.ID))
	return hex.EncodeToString(sum[:12])
}

// Credentials are what a login is checked against.
type Credentials struct {
	UserID       int64
	Login        string
	Region       string
	Active       bool
	PasswordHash string // "" cannot log in by password
	TOTPSecret   []byte // encrypted; nil when there is no second factor
	Epoch        int64  // of the sessions
	Roles        []Role
}

// IsAdministrator reports whether the second factor is required.
func (c Credentials) IsAdministrator() bool {
	for _, r := range c.Roles {
		if r == RoleAdministrator {
			return true
		}
	}
	return false
}

// Faults of people's accounts.
var (
	// ErrLastAdministrator: without this one nobody could manage the region's users.
	ErrLastAdministrator = errors.New("the last active administrator of the region")
	// ErrLogin: see ValidLogin.
	ErrLogin = errors.New("login: 2 to 64 small letters, digits, dots, hyphens, underscores or @, the first a letter or a digit")
)

var loginForm = regexp.MustCompile(`^[a-zа-яё0-9][a-zа-яё0-9._@-]{1,63}$`)

// ValidLogin cleans a login as somebody typed it: small letters, no spaces
// around; ErrLogin when it is none.
func ValidLogin(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if !loginForm.MatchString(s) {
		return s, ErrLogin
	}
	return s, nil
}

// ListedUser is a user in the administrator's list.
type ListedUser struct {
	User
	LastLoginAt time.Time // business time; zero when never
	Sessions    int       // open now
}

// AbsenceLine is an absence with the names people know.
type AbsenceLine struct {
	Absence
	Name, DeputyName string
	Why              string
	BegunAt          time.Time // when the list of the person's tasks was kept; zero before
	EndedAt          time.Time // when they were told what happened meanwhile
}

// SessionRow is a session as it is saved.
type SessionRow struct {
	Hash      string // of the token
	UserID    int64  // 0 while nobody has logged in
	Epoch     int64  // of the user at login
	Data      []byte
	Address   string
	Agent     string
	ExpiresAt time.Time // real time
}

// LoginKey is something attempts to log in are counted by, with how many may
// fail before pauses begin.
type LoginKey struct {
	Key  string // "login:anna", "address:192.0.2.7", "pair:…"
	Free int
}
