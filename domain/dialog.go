package domain

import "time"

// Private is what a private message to a bot has besides a post. A post without
// it is no part of a dialog.
type Private struct {
	Chat  string       // the platform's id of the chat
	Press string       // what the pressed button carries; "" when none was pressed
	Event PrivateEvent // "" for words of the author
	Group bool         // a chat of several people, not a dialog
	// Recalled says that what the author wrote before is in the same batch: it was
	// read again from the platform because consent has come for it.
	Recalled bool

	// Keyed hashes of the chat and of this message's identity, by the newest key
	// first: all that is stored before consent.
	ChatKeys   [][]byte
	UpdateKeys [][]byte
	// Tells says that the machine finds a problem or a danger in it. The commit sets it.
	Tells bool
	// Numbered says that the author was promised a number: such a post opens a
	// case whatever the machine thinks of it. The commit sets it.
	Numbered bool
}

// PrivateEvent is what happened to a dialog without words.
type PrivateEvent string

// Events of dialogs.
const (
	DialogStarted PrivateEvent = "started" // the author began it, or lets the bot write again
	DialogStopped PrivateEvent = "stopped" // the author blocked the bot
)

// Expect is what the bot has asked for last.
type Expect string

// What a bot may wait for; "" is anything.
const (
	ExpectObjection Expect = "objection" // what is not solved
	ExpectPlace     Expect = "place"     // the municipality to subscribe to
)

// Dialog is a citizen's private chat with a bot.
type Dialog struct {
	ID       int64
	Region   string
	Platform Platform
	Owner    string // the community or bot
	Chat     string // "" without consent

	Consent   string // version of the text agreed to; "" none
	ConsentAt time.Time
	AskedAt   time.Time // when consent was asked for last
	Stopped   bool      // the author blocked the bot
	Expects   Expect
	ExpectsAt time.Time // when it was asked: nothing is expected for ever
	About     int64     // case that Expects speaks of

	WindowAt time.Time // begin of the minute in which Heard counts
	Heard    int       // messages in it
	HourAt   time.Time // begin of the hour in which Taken counts
	Taken    int       // posts in it

	LastCase int64     // that a post of this dialog went into
	LastAt   time.Time // when
	LastSaid string    // reason of the turn that put it there; additions do not change it

	Held       int          // messages that came before consent and may still be recalled
	Subscribed []string     // municipality ids
	Cases      []DialogCase // theirs, also after they have withdrawn
}

// DialogCase is what an author may be told of a case of theirs, newest first.
type DialogCase struct {
	ID         int64
	Number     string
	State      State
	CameFrom   State
	AgencyID   string
	Due        time.Time
	Round      int
	ClosedAt   time.Time
	Question   string // that waits for an answer
	QuestionID int64
	AskedAt    time.Time
	DueAnswer  time.Time
	Closing    ClosingReason
	Answer     DeliveryState // of the final answer, or its copy, into this dialog; "": none went there
	// Notice is how the words of the deferral granted last went into this dialog, which
	// name its day; "": they did not go there.
	Notice      DeliveryState
	NoticeUntil Date
	Solved      bool // this author has said so in this round
	Unsolved    bool // this author pressed «Не решено» in this round
	Waits       bool // the case does not close when they do: others may still speak
}

// TellAtOnce bounds one look for what authors should hear.
const TellAtOnce = 100

// Tell says what an author should hear of a case now, what they have been told
// then, and when to look again (zero: when the case moves).
type Tell func(now time.Time, c DialogCase, t Told) ([]Word, Told, time.Time)

// Told is what an author has heard of a case by the bot's own accord.
type Told struct {
	Accepted int   // last round whose acceptance was told of
	Question int64 // last question put
	Reminded int64 // last question reminded of
	Surveyed int   // last round asked about
	Ended    int   // last round whose end was told of

	Due   time.Time // of the answer, told last; zero: none was
	Moved int       // how often another due was told
}

// Accepted reports whether a body has agreed that the case is its own: nothing
// is promised before.
func (c DialogCase) Accepted() bool {
	switch c.State {
	case Execution, Deferred, Approval, Publishing, SendFailed, Satisfaction, Done:
		return true
	case Clarifying:
		return c.CameFrom == Execution
	default:
		return false
	}
}

// Button is a button under a bot's words.
type Button struct {
	Label string `json:"label"`
	Press string `json:"press,omitempty"` // comes back when it is pressed
	URL   string `json:"url,omitempty"`   // or is opened; one of the two
}

// Word is one message of the bot.
type Word struct {
	Text    string     `json:"text"`
	Buttons [][]Button `json:"buttons,omitempty"`
}

// DeedKind names what a turn of a dialog does besides saying something.
type DeedKind string

// The deeds of authors.
const (
	DeedConsent     DeedKind = "given"
	DeedRefuse      DeedKind = "refused"
	DeedWithdraw    DeedKind = "withdrawn"
	DeedErase       DeedKind = "erased"
	DeedSubscribe   DeedKind = "subscribe"
	DeedUnsubscribe DeedKind = "unsubscribe"
	DeedSatisfied   DeedKind = "satisfied" // the author is content: the case closes when nobody else may speak
	DeedUnsolved    DeedKind = "unsolved"  // «Не решено» pressed: what is wrong comes in words
	DeedCancelled   DeedKind = "cancelled" // … taken back
	DeedObject      DeedKind = "object"    // «не решено»: a new round
)

// Deed is done in the transaction of the turn.
type Deed struct {
	Kind    DeedKind
	Version string // of the consent's text
	Place   string // municipality id
	CaseID  int64
	Closes  bool // the author was told that the case is closed
}

// Turn is what follows from one update of a dialog.
type Turn struct {
	Reason string // machine name of why
	Dialog Dialog // as it is afterwards
	Say    []Word
	Deeds  []Deed
	Take   bool  // the message is a post like any other
	Into   int64 // … of this case; 0: the router decides
	Asked  bool  // … for whose words the author was asked, or which they named
	Held   bool  // nothing was done with it: consent is missing
}

// Receipt is what became of a post that was taken.
type Receipt struct {
	Reason  string // of the turn
	CaseID  int64
	Number  string // of the case, "" none
	Action  Action
	Kind    Kind
	Edited  bool // a post known before, with another text now
	Pending bool // part of an album

	// Beside is the case that the author was taken to speak of, when they told of
	// something else; its ID is 0 when there is none. Heard says that the words are read
	// there too: its question waits no more.
	Beside DialogCase
	Heard  bool
}

// Talk answers private messages. It is pure and asked by storage inside the
// commit, with the dialog under lock.
type Talk interface {
	Hear(now time.Time, d Dialog, p *Post) Turn
	// Edit is asked when a message that was taken reads otherwise now. It counts like
	// a new one; Take says whether the change is let in.
	Edit(now time.Time, d Dialog) Turn
	Receipt(now time.Time, d Dialog, r Receipt) []Word
	// Redue is the term of a new round (R10).
	Redue(c Case, registered time.Time) Deadline
}
