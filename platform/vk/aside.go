package vk

import (
	"errors"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
)

// asideFor is how long a refused token is passed over while another works. A
// person has to mend it, and whoever has is not kept waiting for long.
const asideFor = time.Hour

// fit says what an error says about the token it came with.
type fit string

const (
	tokenFits  fit = ""
	deadToken  fit = "dead"       // invalid, or a person has to confirm it: no method works
	wrongKind  fit = "wrong_kind" // of a kind that this method does not take
	quotaSpent fit = "quota"      // nothing left today; the quotas remember it
)

// tokenFit sorts out the errors that another token may not share.
func tokenFit(err error) fit {
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		return tokenFits
	}
	if invalidToken(pe.Code) {
		return deadToken
	}
	switch pe.Code {
	case 37, 101, 38, // its owner is banned, its application not known
		codeCaptcha, 3300, codeValidation, 24, 25, 41, 3301, 3302, 3303, 3304, 11500: // its owner has to confirm
		return deadToken
	case codeGroupAuth, codeAppAuth:
		return wrongKind
	}
	if pe.Reaction == domain.ParkToday {
		return quotaSpent
	}
	return tokenFits
}

// place is a token with a method; an empty method stands for all of them.
type place struct{ token, method string }

// aside remembers refused tokens. It is safe for concurrent use.
type aside struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[place]time.Time
}

func newAside(now func() time.Time) *aside {
	return &aside{now: now, until: map[place]time.Time{}}
}

// note takes in how a call ended. A call that went through clears the token: it
// has been mended.
func (a *aside) note(t Token, method string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		delete(a.until, place{t.ID(), ""})
		delete(a.until, place{t.ID(), method})
	case tokenFit(err) == deadToken:
		a.until[place{t.ID(), ""}] = a.now().Add(asideFor)
	case tokenFit(err) == wrongKind:
		a.until[place{t.ID(), method}] = a.now().Add(asideFor)
	}
}

// usable leaves out the tokens that are set aside. When that leaves none, all of
// them are given: nothing is lost by a try, and a mended one is found at once.
func (a *aside) usable(tokens []Token, method string) []Token {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	var good []Token
	for _, t := range tokens {
		if !a.until[place{t.ID(), ""}].After(now) && !a.until[place{t.ID(), method}].After(now) {
			good = append(good, t)
		}
	}
	if len(good) == 0 {
		return tokens
	}
	return good
}
