package domain

import (
	"fmt"
	"time"
)

// Way is how words reach somebody: under everybody's eyes, or in a private chat.
type Way string

// The ways.
const (
	WayPublic Way = "public"
	WayDialog Way = "dialog"
)

// DeliveryState is how far a delivery has come.
type DeliveryState string

// States of a delivery. It ends as delivered, failed, unclear or cancelled; only
// a person brings one that failed or is unclear back to waiting.
const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliveryTrying    DeliveryState = "trying"
	Delivered         DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed"
	DeliveryUnclear   DeliveryState = "unclear"   // may have been sent: a person looks
	DeliveryCancelled DeliveryState = "cancelled" // the answer was given by hand or taken back
)

// Speaker is an account that can speak for bodies: an own community or a bot.
type Speaker struct {
	ID       int64 // 0: its token comes from the environment
	Region   string
	Platform Platform
	Address  string // VK community without sign, number of a bot
	Title    string
	Bodies   []string // which bodies may use it
	Whole    bool     // the region's own: for bodies without one
	Broken   string   // why it cannot be used now, Russian; "" when it can
}

// AnyAddress is the address of a speaker whose token does not tell its number: a
// bot of MAX from the environment. It is asked who it is when it first speaks.
const AnyAddress = "*"

// AccountKey names an account in pauses and counters.
func AccountKey(p Platform, address string) string { return string(p) + ":" + address }

// Account is a stored speaker as administrators see it. The token is never read
// with it.
type Account struct {
	Speaker
	CreatedAt time.Time
	CreatedBy string
	CheckedAt time.Time
	PausedTo  time.Time // zero: not paused
	Pause     string    // why, Russian
}

// PlanPost is a post of a case as the planner of deliveries sees it.
type PlanPost struct {
	ID      PostID
	Kind    PostKind
	Author  Author
	Source  SourceKind // that brought it
	Address string     // of that source: of a bot, its number
	Thread  PostID     // zero: it begins one
	Gone    bool       // deleted on its platform
	Chat    string     // of a private message that the bot heard: how the outbox calls the chat
	Silent  bool       // its author withdrew consent or blocked the bot: nothing is written to them
}

// ReplyToPlan is an approved answer on its way, with the conversation.
type ReplyToPlan struct {
	ReplyID  int64
	CaseID   int64
	Number   string // of the case
	Region   string
	Body     string // that answers
	Kind     ReplyKind
	Text     string
	Approved time.Time // part of the keys: what was rewritten is another message
	Wanted   string    // key of the place a person chose, or whose account died; "" when none
	Dead     []int64   // accounts that cannot speak now (Speaker.ID)
	Posts    []PlanPost
	// Private: it was approved as what one author alone reads, in private: the Reader
	// (Author.ID) on ReaderOn; "" when they are known no more.
	Private  bool
	Reader   string
	ReaderOn Platform
}

// For reports whether an answer was looked at for whoever reads what is said to a post.
func (r ReplyToPlan) For(p PlanPost) bool {
	return !r.Private || p.Kind == Message && r.Reader != "" && p.Author.ID == r.Reader && p.ID.Platform == r.ReaderOn
}

// Spot is where a reply may go, and who would speak there.
type Spot struct {
	Key      string // "reply:12:public:vk:-1_5"
	Platform Platform
	Way      Way
	Account  string
	SpeakID  int64 // Speaker.ID
	To       PostID
	Chat     string        // one pace for all that goes there
	Thread   string        // one order for all that goes there
	Gap      time.Duration // at least this between two tries in the chat
	Reason   string        // machine name: why this place
	Words    string        // the same for people, Russian
}

// PlannedDelivery is a delivery to be written.
type PlannedDelivery struct {
	Spot
	Text       string
	Main       bool // its end decides about the case
	Repeatable bool // the platform can tell a repeat from a second message
}

// LeftOut is a place that was looked at and not taken.
type LeftOut struct {
	To     PostID `json:"to"`
	Reason string `json:"reason"`
	Words  string `json:"words"`
}

// WayChoice is a place a person may choose instead.
type WayChoice struct {
	Key   string `json:"key"`
	Words string `json:"words"`
}

// DeliveryPlan is where an answer goes. Without deliveries there is no way, and
// Reason and Words say why.
type DeliveryPlan struct {
	Deliveries []PlannedDelivery
	Reason     string
	Words      string
	Left       []LeftOut
	Others     []WayChoice
}

// Delivery is one message to one place, claimed for one try.
type Delivery struct {
	ID       int64
	Key      string
	Region   string
	CaseID   int64
	ReplyID  int64
	DialogID int64 // of a word of the bot; 0 for an answer
	Staff    bool  // to somebody of the desk
	Platform Platform
	Way      Way
	Account  string
	SpeakID  int64
	To       PostID
	Chat     string
	Text     string
	Buttons  [][]Button
	Email    string    // of a letter by mail
	Subject  string    // of it
	Edits    string    // the platform's id of our message that Text replaces; "": a new one
	GUID     string    // the same for every try
	RandomID int32     // the same for every try
	Attempt  int       // 1 for the first
	Tries    int       // of them since a person last asked
	Since    time.Time // business time when it was planned: no try is older
	// Repeatable: the platform, or a look at it, tells a repeat from a second message.
	Repeatable bool
	// Known are ids of other deliveries with the same words in the same chat, for
	// platforms where a sent message is found by its words.
	Known []string
}

// DeliveryEnd is how one try went.
type DeliveryEnd struct {
	ID      int64
	Attempt int
	State   DeliveryState // DeliveryWaiting: to be tried again after Wait
	Wait    time.Duration
	Message string // the platform's id of the message; of a delivered one
	Code    int    // the platform's, 0 for none
	Reason  string // machine name
	Words   string // Russian
	// PauseFor lets everything of the account wait, because of Words.
	PauseFor time.Duration
	// PauseWay: only what goes the same way waits.
	PauseWay bool
	// Blocked: the place takes nothing from us, in a dialog because its author wants it so.
	Blocked bool
	// Broken says why the account cannot speak any more, Russian; "" when it can.
	Broken string
	// Another: this try sent nothing, and another account may speak there instead.
	Another bool
	// Perhaps: the platform did not refuse this try itself, so it may have sent.
	Perhaps bool
	// Gone: the message that it edits was removed.
	Gone bool
}

// ReasonPrivate: a place was left out because the answer was approved for the eyes of one
// author alone.
const ReasonPrivate = "seen_private"

// ReasonPerhaps: it may have been said by an account that cannot speak any more, or is
// not the one to speak now; a person looks before another one says it.
const ReasonPerhaps = "perhaps_said"

// ReasonCaptcha is of a try after which the platform asks whether a person writes (VK's
// error 14): only a person can answer.
const ReasonCaptcha = "captcha"

// What tells a person that an answer may stand though it counts as not delivered.
const (
	MayStandWords = "одна из прежних попыток могла дойти: посмотрите на площадке"
	PerhapsWords  = MayStandWords + ", прежде чем отправлять ещё раз от другого аккаунта"
)

// CaseDelivery is a delivery as the card shows it.
type CaseDelivery struct {
	ID       int64
	Platform Platform
	Way      Way
	Account  string
	To       PostID
	Main     bool
	Copy     bool   // its author's own short one, or a correction
	Corrects bool   // a correction of what was said
	N        int    // of a copy in private: which of the answer's
	Author   string // of a copy: whom it is for
	Silent   bool   // of a copy: its author blocked the bot, withdrew consent or had everything erased
	Void     bool   // of a copy that is lost: its text was taken back, or corrected again, since
	LetBe    string // of a copy that is not sent again: why, Russian
	State    DeliveryState
	Why      string // why this place
	Words    string // of the last try
	Message  string
	Fate     Fate      // what became of it since
	FateAt   time.Time // when that was noticed
	FateText string    // of one that was edited: what stands there
	NextAt   time.Time // of one that waits
	HeldTo   time.Time // it waits because of its account; zero: it does not
	Held     string    // why, Russian
	OverAt   time.Time
	Attempts []CaseAttempt
}

// Lost reports whether it is a copy that did not arrive and waits for a person.
func (d CaseDelivery) Lost() bool {
	return d.Copy && !d.Void && d.LetBe == "" && (d.State == DeliveryFailed || d.State == DeliveryUnclear)
}

// CopyChoice is what a person does about a copy that did not arrive.
type CopyChoice string

// The choices.
const (
	CopyAgain CopyChoice = "again" // by the bot, once more
	CopyTold  CopyChoice = "told"  // its author was told another way
	CopyLeave CopyChoice = "leave" // the main answer is enough
)

// CopyDecision is such a choice.
type CopyDecision struct {
	Delivery int64
	Choice   CopyChoice
	Words    string // of CopyTold: how
}

// CaseAttempt is one try.
type CaseAttempt struct {
	N       int
	Began   time.Time
	Ended   time.Time // zero while it runs
	Outcome string    // "", delivered, waiting, failed, unclear, lapsed
	Code    int
	Words   string
}

// URL is where the message of a delivery can be seen; "" when nobody else can.
func (d CaseDelivery) URL() string {
	if d.Message == "" || d.Way != WayPublic || d.Platform != VK {
		return ""
	}
	u := fmt.Sprintf("https://vk.ru/wall%s_%s?reply=%s", d.To.Owner, d.To.Post, d.Message)
	if d.To.IsComment() {
		u += "&thread=" + d.To.Comment
	}
	return u
}
