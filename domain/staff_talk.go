package domain

import "time"

// StaffAskKind is what somebody of the desk wants of the bot.
type StaffAskKind string

// The kinds; "" is nothing of the desk's: a citizen writes.
const (
	StaffAskCode    StaffAskKind = "code"    // shows a one-time code
	StaffAskAccept  StaffAskKind = "accept"  // the task of a letter
	StaffAskBack    StaffAskKind = "back"    // send the task of a letter back
	StaffAskReason  StaffAskKind = "reason"  // says why, in words
	StaffAskBody    StaffAskKind = "body"    // names whose it is, in words
	StaffAskChosen  StaffAskKind = "chosen"  // … by a button
	StaffAskCancel  StaffAskKind = "cancel"  // of what was asked for
	StaffAskHelp    StaffAskKind = "help"    //
	StaffAskUnlink  StaffAskKind = "unlink"  //
	StaffAskStopped StaffAskKind = "stopped" // blocks the bot
	StaffAskUnknown StaffAskKind = "unknown" // a button that we never made
)

// StaffAsk is a private message as the desk's part of the bot reads it.
type StaffAsk struct {
	Kind   StaffAskKind
	Code   string // digits
	Letter int64
	Case   int64  // of a chosen body
	Body   string // id
	Text   string
}

// StaffOutcome is what came of it.
type StaffOutcome string

// The outcomes.
const (
	StaffLinked      StaffOutcome = "linked"
	StaffWrongCode   StaffOutcome = "wrong_code"
	StaffTooMany     StaffOutcome = "too_many_codes" // silent
	StaffNotLinked   StaffOutcome = "not_linked"     // a button of somebody who is no more
	StaffAccepted    StaffOutcome = "accepted"
	StaffReasonAsked StaffOutcome = "reason_asked"
	StaffBodyAsked   StaffOutcome = "body_asked"
	StaffBodyUnknown StaffOutcome = "body_unknown"
	StaffBodyMany    StaffOutcome = "body_many"
	StaffSentBack    StaffOutcome = "sent_back"
	StaffRefused     StaffOutcome = "refused" // Words says why
	StaffStale       StaffOutcome = "stale"   // the task has gone on meanwhile
	StaffGone        StaffOutcome = "gone"    // out of sight
	StaffOldButton   StaffOutcome = "old_button"
	StaffCancelled   StaffOutcome = "cancelled"
	StaffHelped      StaffOutcome = "helped"
	StaffUnlinked    StaffOutcome = "unlinked"
	StaffBlocked     StaffOutcome = "blocked"  // silent
	StaffTooFast     StaffOutcome = "too_fast" // said once a minute
	StaffSilent      StaffOutcome = "silent"
)

// StaffResult is an outcome with what its words need.
type StaffResult struct {
	Outcome StaffOutcome
	Name    string // of the person
	CaseID  int64
	Number  string
	Due     time.Time
	State   State     // of the case now
	Who     string    // who moved it last
	Why     string    // how
	At      time.Time // when
	Words   string    // of a refusal
	Bodies  []Agency
	Body    string // name
}

// StaffDesk is the desk's part of the bot of a region. It is pure and asked by
// storage inside the transaction that hears a message.
type StaffDesk interface {
	// Read says what a message is; link is nil in a chat that is nobody's.
	Read(now time.Time, link *StaffLink, p *Post) StaffAsk
	// Say words an outcome; nothing for a silent one.
	Say(now time.Time, r StaffResult) []Word
	// Act is a person about to take a step with a case at a version, with the same
	// rights as at the desk; refused tells in words why they may not.
	Act(u User, step Step, caseID, seen int64, now time.Time) (act Act, refused string)
	// Bodies are those that go by a name.
	Bodies(said string) []Agency
	// CodeKeys are the keyed hashes under which a code may be stored.
	CodeKeys(code string) [][]byte
}

// StaffNotice is a notice on its way to one person.
type StaffNotice struct {
	Notice  Notice
	Number  string // of its case, "" none
	Instead string // name of who is away
	Held    bool   // it came in quiet hours
}

// StaffLetter is one composed message: for a chat, and as plain mail.
type StaffLetter struct {
	Subject string
	Word    Word
	Mail    string
}

// StaffCourier knows what letters look like and where they may go.
type StaffCourier interface {
	// Letter composes what one person hears; buttons are the steps offered, of the
	// letter of that id.
	Letter(list []StaffNotice, letter int64, steps []Step) StaffLetter
	// Allows reports whether staff may be written to on a platform; Mail when there
	// is a server.
	Allows(p Platform) bool
	// Sees reports whether a person may see a case.
	Sees(u User, c Case) bool
	// Act is as StaffDesk's.
	Act(u User, step Step, caseID, seen int64, now time.Time) (act Act, refused string)
}

// StaffChat is a linked chat as its owner sees it.
type StaffChat struct {
	StaffLink
	EndedAt  time.Time
	EndedWhy string
}

// StaffHeard is a notice as who heard it sees it afterwards.
type StaffHeard struct {
	At      time.Time
	SayAt   time.Time
	Kind    NoticeKind
	Number  string
	State   string // waiting, said, no_way, dropped
	Instead string
	Ways    []StaffWay
}

// StaffWay is where a notice went.
type StaffWay struct {
	Platform Platform
	State    DeliveryState
	Words    string
}
