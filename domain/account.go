package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// HeldPerson is the reason of a pause that a person has ordered.
const HeldPerson = "person"

// AccountUse is how an account is doing, as administrators see it. Those of the
// environment have no number, and nobody added them.
type AccountUse struct {
	Account
	PauseReason string // machine name; "" when it is not paused
	UsedAt      time.Time
	Fault       string // what went wrong last, Russian
	FaultAt     time.Time
	Left        []SendLeft
}

// SendLeft is what an account may still say today in a way.
type SendLeft struct {
	Way          Way
	Left, PerDay int64 // PerDay 0: nobody counts
}

// Mark stands for what a form changes of an account: two marks are equal when
// nobody has changed any of it in between.
func (s Speaker) Mark() string {
	bodies := slices.Sorted(slices.Values(s.Bodies))
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %t", s.Title, slices.Compact(bodies), s.Whole))
	return hex.EncodeToString(sum[:8])
}
