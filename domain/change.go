package domain

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// CaseChange is one decision about a case. What is nil (or "") stays as it is.
type CaseChange struct {
	CaseID  int64
	Version int64 // that its author saw; on another one nothing is written: ErrStale
	Who     string
	Why     string    // Russian
	At      time.Time // business time

	To           State
	Agency       *string
	Proposed     *string
	RouteWhy     *string
	Row          *int
	Topic        *string
	Place        *Place
	Urgent       *bool
	Restricted   *bool
	Deadline     *Deadline
	RegisteredAt *time.Time
	ForControl   *string
	Dispute      *TermDispute // one without a reason takes it out again
	Nature       *Nature
	Outcome      *Outcome
	Closing      *ClosingReason
	ExecutorID   *int64
	AsideUntil   *time.Time // the zero time takes it out again
	ReactionAt   *time.Time
	POS, SED     *string
	StoryID      *int64 // 0 takes it out again

	// Notices leave when the moment for taking the change back has passed.
	Notices []Notice
	// Example keeps what was corrected, to be learned from.
	Example bool
	// Undo says what was done, in Russian; "" for what cannot be taken back.
	Undo string
	// Wait is how long notices wait for that; UndoWindow when shorter.
	Wait time.Duration
}

// Changed is what became of a change.
type Changed struct {
	Case   Case
	UndoID int64 // 0 when it cannot be taken back
}

// Stale says what happened to a case since its reader saw it. It is ErrStale.
type Stale struct {
	CaseID int64
	Number string
	State  State // now
	Who    string
	What   string // as in the history: moved, assigned, changed, …
	Why    string
	At     time.Time
}

// Error implements error.
func (s *Stale) Error() string {
	return fmt.Sprintf("case %d: %v by %s: %s", s.CaseID, ErrStale, s.Who, s.What)
}

// Unwrap makes errors.Is(err, ErrStale) true.
func (s *Stale) Unwrap() error { return ErrStale }

// ErrTooLate: the moment for taking something back has passed, or it has been
// taken back already.
var ErrTooLate = errors.New("too late to take it back")

// ErrUndone: it has been taken back already. It is ErrTooLate.
var ErrUndone = fmt.Errorf("already taken back: %w", ErrTooLate)

// ErrTaken: somebody else is working on it now.
var ErrTaken = errors.New("taken by somebody else")

// ErrNotQueued: a case has left the queue, or was never there. It is ErrNoMove.
var ErrNotQueued = fmt.Errorf("the case does not wait in the queue: %w", ErrNoMove)

// Taken says who has the thing, and until when unless they go on with it. It is
// ErrTaken.
type Taken struct {
	Who   string
	Until time.Time // by the database's clock
}

// Error implements error.
func (t *Taken) Error() string { return fmt.Sprintf("%v: %s", ErrTaken, t.Who) }

// Unwrap makes errors.Is(err, ErrTaken) true.
func (t *Taken) Unwrap() error { return ErrTaken }

// By is who decides, why and when.
type By struct {
	Who  string
	Why  string
	At   time.Time
	Undo string // see CaseChange
}

func (b By) change(c Case) CaseChange {
	return CaseChange{CaseID: c.ID, Version: c.Version, Who: b.Who, Why: b.Why, At: b.At, Undo: b.Undo}
}

// Subject is what a case is about: a row of the decree, or a topic in ordinary
// order (row 0).
type Subject struct {
	Row   int
	Topic string
}

// Fix is what a person says of a case instead of the machine; nil and "" keep
// what there is.
type Fix struct {
	Subject  *Subject
	Place    *Place
	AgencyID string
}

// Corrected is what follows from a fix by the region's pack.
type Corrected struct {
	Subject    Subject
	Place      Place
	AgencyID   string
	RouteWhy   string
	Deadline   Deadline
	Restricted bool
	// ForControl: too little is left by the new row, the controller decides (R6).
	ForControl string
	// Assigned is the notice to the body that gets the case.
	Assigned Notice
}

// Differs reports whether the fix says anything the machine did not.
func (f Corrected) Differs(c Case) bool {
	return f.Subject != (Subject{c.Row, c.Topic}) || f.AgencyID != c.Proposed || f.Place.Address() != c.Place.Address()
}

func (f Corrected) into(ch *CaseChange, c Case) {
	ch.Row, ch.Topic, ch.Place = &f.Subject.Row, &f.Subject.Topic, &f.Place
	ch.Proposed, ch.RouteWhy = &f.AgencyID, &f.RouteWhy
	ch.Deadline, ch.Example = &f.Deadline, f.Differs(c)
	restricted := f.Restricted || c.Restricted // nobody opens a closed door by a correction
	ch.Restricted = &restricted
	f.dispute(ch, c)
}

// Faults of decisions about cases.
var (
	ErrNoAgency   = errors.New("nobody to give the case to")
	ErrNoReason   = errors.New("a reason is needed")
	ErrSameCase   = errors.New("a case cannot be joined to itself")
	ErrOtherPlace = errors.New("the cases belong to different regions")
	ErrLastPost   = errors.New("the last post of a case cannot be split off")
	ErrClosedCase = errors.New("the case is closed")
	ErrSameBody   = errors.New("the case is with that body already")
)

// Assign gives a case from the queue, or one that is in work again, to a body.
// One that a body has is taken from it by Withdraw only.
func Assign(c Case, f Corrected, by By) (CaseChange, error) {
	if !c.State.Queued() && c.State != Reopened {
		return CaseChange{}, fmt.Errorf("%w: «%s»", ErrNoMove, StateTitle(c.State))
	}
	if err := CanMove(c.State, Coordination); err != nil {
		return CaseChange{}, err
	}
	if f.AgencyID == "" {
		return CaseChange{}, ErrNoAgency
	}
	ch := by.change(c)
	f.into(&ch, c)
	ch.To, ch.Agency = Coordination, &f.AgencyID
	ch.AsideUntil = &time.Time{}
	if f.Assigned.Key != "" {
		ch.Notices = []Notice{f.Assigned}
	}
	return ch, nil
}

// Withdraw takes a case from the body that has it and gives it to another: the
// control centre decides whose it is when bodies disagree (law.md R5). The due
// stays as it is; what the old body was writing stays to be read. left is the
// notice to the old body.
func Withdraw(c Case, f Corrected, left Notice, by By) (CaseChange, error) {
	switch {
	case !c.State.Withdrawable() || c.AgencyID == "" || c.CameFrom == Moderation:
		return CaseChange{}, fmt.Errorf("%w: «%s»", ErrNoMove, StateTitle(c.State))
	case f.AgencyID == "":
		return CaseChange{}, ErrNoAgency
	case f.AgencyID == c.AgencyID:
		return CaseChange{}, ErrSameBody
	case strings.TrimSpace(by.Why) == "":
		return CaseChange{}, ErrNoReason
	}
	ch := by.change(c)
	ch.To, ch.Agency, ch.Proposed, ch.RouteWhy = Coordination, &f.AgencyID, &f.AgencyID, &f.RouteWhy
	ch.Notices = []Notice{f.Assigned, left}
	return ch, nil
}

// Correct changes what a case is about, where it is, or whom it is proposed to.
// The body that has it keeps it: a case moves by the state table only.
func Correct(c Case, f Corrected, by By) (CaseChange, error) {
	if !c.State.Open() {
		return CaseChange{}, ErrClosedCase
	}
	ch := by.change(c)
	f.into(&ch, c)
	return ch, nil
}

// Reject says that a case is none.
func Reject(c Case, why ClosingReason, by By) (CaseChange, error) {
	if err := CanMove(c.State, Rejected); err != nil {
		return CaseChange{}, err
	}
	if why == "" {
		return CaseChange{}, ErrNoReason
	}
	ch := by.change(c)
	ch.To, ch.Closing = Rejected, &why
	ch.AsideUntil = &time.Time{}
	ch.Example = why == NotAProblem || why == Advert || why == Spam || why == OtherRegion
	return ch, nil
}

// Restore brings a rejected case back into moderation.
func Restore(c Case, by By) (CaseChange, error) {
	if c.State != Rejected {
		return CaseChange{}, fmt.Errorf("%w: «%s»", ErrNoMove, StateTitle(c.State))
	}
	ch := by.change(c)
	ch.To = Moderation
	return ch, nil
}

// PutAside hides a case from the queue until an instant.
func PutAside(c Case, until time.Time, by By) (CaseChange, error) {
	switch c.State {
	case Found, Moderation, Returned, Clarifying:
	default:
		return CaseChange{}, fmt.Errorf("%w: «%s»", ErrNoMove, StateTitle(c.State))
	}
	ch := by.change(c)
	ch.AsideUntil = &until
	return ch, nil
}

// Amend changes what is noted about a case: numbers, nature, story.
func Amend(c Case, by By, set func(*CaseChange)) CaseChange {
	ch := by.change(c)
	set(&ch)
	return ch
}

// AnalystAsks is a question of the control centre to the author of a case that no
// body has yet, or what the author answered to it.
type AnalystAsks struct {
	Case  CaseSeen
	By    By
	Text  string
	Rules BodyRules // of a question
	// Looked: the person says that the question may stand in public as it is.
	Looked bool
}

// Close ends a case whose author has had time to answer, or was answered by hand.
func Close(c Case, why ClosingReason, by By) (CaseChange, error) {
	if err := CanMove(c.State, Done); err != nil {
		return CaseChange{}, err
	}
	if why == "" {
		return CaseChange{}, ErrNoReason
	}
	ch := by.change(c)
	ch.To, ch.Closing = Done, &why
	return ch, nil
}

// Reopen starts a new round with its own registration and term (R10).
func Reopen(c Case, d Deadline, by By) (CaseChange, error) {
	if err := CanMove(c.State, Reopened); err != nil {
		return CaseChange{}, err
	}
	if by.Why == "" {
		return CaseChange{}, ErrNoReason
	}
	ch := by.change(c)
	ch.To, ch.Deadline, ch.RegisteredAt = Reopened, &d, &by.At
	ch.ForControl, ch.Dispute = new(string), &TermDispute{} // the round before is over
	return ch, nil
}

// Redue counts a term anew from another registration, by the pack in force.
type Redue func(c Case, registered time.Time) Deadline

// OpenByPerson decides about the case a person makes of a post. registered is
// when the post was first in a case; zero when it never was, and R1 counts.
type OpenByPerson func(j Judged, registered time.Time) (Decision, error)

// Join says that one case is another's problem too.
type Join struct {
	From CaseSeen
	Into int64
	By   By
}

// JoinReview says that an undecided post is about the problem of a case.
type JoinReview struct {
	Review ReviewSeen
	Into   int64
	By     By
}

// TakeIn is what becomes of a case when a person puts a post into it that was first
// stored then (R9).
func TakeIn(into Case, urgent bool, stored time.Time, redue Redue, by By) (CaseChange, error) {
	if !into.State.Open() {
		return CaseChange{}, ErrClosedCase
	}
	ch := by.change(into)
	urgent = urgent || into.Urgent
	ch.Urgent = &urgent
	if first := EarliestRegistration(stored, into.RegisteredAt); first.Before(into.RegisteredAt) {
		d := redue(into, first)
		ch.RegisteredAt, ch.Deadline = &first, &d
	}
	return ch, nil
}

// Split takes posts out of a case into one of their own.
type Split struct {
	From  CaseSeen
	Posts []int64 // CasePost.Number
	By    By
}

// JoinInto checks a join and says what becomes of the case that takes the
// posts over: the earliest registration rules, later posts never extend (R9).
func JoinInto(from, into Case, redue Redue, by By) (CaseChange, error) {
	switch {
	case from.ID == into.ID:
		return CaseChange{}, ErrSameCase
	case from.Region != into.Region:
		return CaseChange{}, ErrOtherPlace
	case !into.State.Open():
		return CaseChange{}, ErrClosedCase
	}
	if err := CanMove(from.State, Attached); err != nil {
		return CaseChange{}, err
	}
	ch := by.change(into)
	urgent, restricted := into.Urgent || from.Urgent, into.Restricted || from.Restricted
	ch.Urgent, ch.Restricted = &urgent, &restricted
	if first := EarliestRegistration(from.RegisteredAt, into.RegisteredAt); first.Before(into.RegisteredAt) {
		d := redue(into, first)
		ch.RegisteredAt, ch.Deadline = &first, &d
	}
	return ch, nil
}

// ByHand is an answer that a person gave where Otklik cannot (a wall that takes
// no comments), with its proof: an address, a file, or both.
type ByHand struct {
	Case     CaseSeen
	By       By
	ProofURL string
	Proof    CaseFile // Name, Type and Content; no content: no file
}

// Answered ends the way of an answer that reached its author: the author may
// say whether it helped, or, when it had failed before, the case is done.
func Answered(c Case, outcome Outcome, by By) (CaseChange, error) {
	ch := by.change(c)
	ch.Outcome = &outcome
	switch c.State {
	case Publishing:
		ch.To = Satisfaction
	case SendFailed:
		silent := AuthorUnreachable // nobody can be asked where nothing can be sent
		ch.To, ch.Closing = Done, &silent
	default:
		return CaseChange{}, fmt.Errorf("%w: «%s»", ErrNoMove, StateTitle(c.State))
	}
	return ch, nil
}
