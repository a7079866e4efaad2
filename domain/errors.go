package domain

import "errors"

// Errors that cross rooms. They are wrapped; test with errors.Is.
var (
	// ErrLeaseLost: another worker holds the source now; drop the batch.
	ErrLeaseLost = errors.New("lease lost")
	// ErrRefused: the store refuses the data itself; trying again will not help.
	ErrRefused = errors.New("data refused by the store")
	// ErrUnavailable: the store cannot be reached; trying again may help.
	ErrUnavailable = errors.New("store unavailable")
	// ErrNotFound: no such row.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the person has no right to this; the rest of the message
	// says, in Russian, whose right it is.
	ErrForbidden = errors.New("forbidden")
	// ErrStale: somebody has changed the thing since it was read.
	ErrStale = errors.New("changed meanwhile")
	// ErrUnderWay: the same work is being done already, one at a time.
	ErrUnderWay = errors.New("under way already")
	// ErrExists: such a row is already there.
	ErrExists = errors.New("already exists")
)
