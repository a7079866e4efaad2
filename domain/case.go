package domain

import "time"

// Agency is a body that answers.
type Agency struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Short  string `json:"short"`
	Parent string `json:"parent"` // id, "" at the top of the tree
}

// Case is one problem: one assignment at a time, one clock, one or more posts.
type Case struct {
	ID           int64
	Number       string // shown to people: "27-2026-000123"
	Region       string
	State        State
	Row          int
	Topic        string
	Place        Place
	AgencyID     string // "" while undecided
	Urgent       bool
	Restricted   bool // only named people see it (corruption, medical secrets)
	Deadline     Deadline
	Round        int // 1, and one more for every «не решено»
	Posts        int
	Overdue      bool
	Reason       string // why it is where it is, Russian
	RegisteredAt time.Time
	UpdatedAt    time.Time

	// Version is raised by every change of what was decided; a change names the
	// version its author saw.
	Version    int64
	Proposed   string // body the router names; who gets the case when it is accepted
	RouteWhy   string // Russian
	Reach      int64  // views of its posts, as far as platforms tell
	Confidence float64
	SourceID   int64 // of the post that opened it
	Nature     Nature
	Outcome    Outcome
	Closing    ClosingReason
	ExecutorID int64 // user inside the body, 0 for none
	AsideUntil time.Time
	ReactionAt time.Time // first words of the body to the author
	AnsweredAt time.Time // final answer delivered
	ClosedAt   time.Time
	AssignedAt time.Time   // last assignment
	SentBack   int         // times
	POS, SED   string      // numbers there, "" while it is not handed over
	StoryID    int64       // 0 for none
	JoinedTo   int64       // the case that has its posts now, 0 for none
	CameFrom   State       // while clarifying: where it returns to
	ForControl string      // why the controller must decide (R6), Russian; "" when nothing
	Dispute    TermDispute // what of ForControl is about a corrected term
}

// Nature tells whether something can be done, or only explained («тип инцидента»).
type Nature string

// The natures; "" while nobody has said.
const (
	Solvable      Nature = "solvable"
	Informational Nature = "informational"
)

// Outcome of a case, apart from why it was closed.
type Outcome string

// The outcomes; "" while there is no final answer.
const (
	Solved    Outcome = "solved"
	Explained Outcome = "explained"
)

// ClosingReason is why a case was closed or rejected.
type ClosingReason string

// Reasons why a case is done, and why a post was no case.
const (
	AuthorSatisfied   ClosingReason = "author_satisfied"
	AuthorSilent      ClosingReason = "author_silent"
	AuthorUnreachable ClosingReason = "author_unreachable" // nobody could be asked: their silence says nothing
	DialoguePointless ClosingReason = "dialogue_pointless"

	NotAProblem    ClosingReason = "not_a_problem"
	Advert         ClosingReason = "advert"
	Spam           ClosingReason = "spam"
	OtherRegion    ClosingReason = "other_region"
	NoDetails      ClosingReason = "no_details"
	AnsweredBefore ClosingReason = "answered_before"
	Undone         ClosingReason = "undone" // opened by mistake and taken back at once
)

// OpenCase is what the router needs to know of a case a post might join.
type OpenCase struct {
	ID           int64
	Number       string // "" of one that is only being opened
	State        State
	Row          int
	Topic        string
	AgencyID     string
	Municipality string
	Keys         []string // attach keys, see Judged.Keys
	Posts        int
	Urgent       bool
	RegisteredAt time.Time
	Prints       map[string]Print // by those of Keys that begin with KeyLike
	Ours         *OurWords        // what of ours the post stands under; nil: nothing that waits for a word
}

// Judged is a post with its verdict, on its way to the commit.
type Judged struct {
	Post    Post
	Verdict Verdict
	// Keys name the cases this post may belong to: "copy:<fingerprint>/<municipality>",
	// "origin:<post>", "thread:<post>:<row>", "place:<row>:<place>" and the like. Storage
	// locks them in sorted order, prefixed by the region, and offers the open
	// cases that carry any of them.
	Keys []string
	// Parts of an album that has settled, its head among them: a copy, a forward or
	// a comment may name any of them. nil of any other post.
	Parts []Post
	// Pending: part of an album that has not settled; stored, not yet judged.
	Pending bool
}

// Print is that of the verdict with the time of the post.
func (j *Judged) Print() Print {
	p := j.Verdict.Print
	p.At = j.Post.PublishedAt
	return p
}

// Action is what becomes of a judged post.
type Action string

// Actions of the router.
const (
	ActionOpen   Action = "open"   // a new case, assigned or for review (State says which)
	ActionAttach Action = "attach" // joins CaseID
	ActionKeep   Action = "keep"   // stored, nobody's problem (thanks, other)
	ActionReview Action = "review" // stored, a person must look; no case yet (faults, changed text)
)

// Decision is the router's pure answer for one judged post.
type Decision struct {
	Action     Action
	CaseID     int64  // for attach
	Reason     string // machine name: "assigned_unseen", "attached_copy", "low_confidence", …
	Words      string // the same for people, Russian
	State      State  // of a new case: Coordination when assigned, Moderation when not
	AgencyID   string // proposed or assigned body
	RouteWhy   string // which route matched, Russian
	Deadline   Deadline
	Restricted bool
	Urgent     bool
	Notices    []Notice
	// RegisteredAt starts the clock of a new case (R1): now for what was found,
	// the moment of sending for a message to a bot. Zero when no case is opened.
	RegisteredAt time.Time
	// Like are open cases that may be the same problem; for a new case, the likest first.
	Like []Likely
	// Fixed is what a person said instead of the verdict; nil when the machine decides.
	Fixed *Corrected
	// Voice is what a comment says to our words; "" for nothing. NewRound is the term
	// that an objection begins.
	Voice    Voice
	NewRound Deadline
	// Answers is the case whose question the post replies to though it tells of a danger
	// that is a case of its own; 0: none.
	Answers int64
	// Apart says that a message to the bot is no word of the case that the bot took it to
	// speak of, but a danger or another problem.
	Apart bool
}

// Likely is a case that may be about the same problem.
type Likely struct {
	CaseID   int64
	Likeness float64 // 0 to 1
}

// Decide is called by storage inside the commit's transaction, after the locks
// are held, once for each post that is new or whose text changed. known is nil
// for a new post. It must be pure.
type Decide func(j Judged, known *Known, open []OpenCase) Decision

// Known is what was stored of a post before this commit.
type Known struct {
	CaseID    int64 // 0 when it belongs to none
	CaseState State
	Row       int
	Kind      Kind
	Urgent    bool
}

// NoticeKind names a message to staff.
type NoticeKind string

// Notices. Who hears of them is for Addressing; sending them is reply's work.
const (
	NoticeUrgent     NoticeKind = "urgent"      // to the duty person, within a minute
	NoticeAssigned   NoticeKind = "assigned"    // to the body's coordinator
	NoticeControl    NoticeKind = "control"     // control date is near
	NoticeDue3       NoticeKind = "due_3_days"  //
	NoticeDue1       NoticeKind = "due_1_day"   //
	NoticeOverdue    NoticeKind = "overdue"     // to the body
	NoticeEscalation NoticeKind = "escalation"  // to the curator and the controller
	NoticeDigest     NoticeKind = "digest"      // morning list
	NoticeUnassigned NoticeKind = "unassigned"  // urgent or old case still in moderation
	NoticeSendFailed NoticeKind = "send_failed" // an answer did not reach its author
	NoticeFate       NoticeKind = "answer_fate" // a given answer was removed or written over at its platform
	NoticeAnswered   NoticeKind = "answered"    // the author answered a question
	NoticeNotAsked   NoticeKind = "not_asked"   // a question did not reach its author
	NoticeStillAsked NoticeKind = "still_asked" // the author has not answered a question, and its time is nearly over
	NoticeSilent     NoticeKind = "silent"      // the author did not answer in time
	NoticeObjected   NoticeKind = "objected"    // the author says «не решено»: to the controller
	NoticeWrote      NoticeKind = "wrote"       // somebody wrote under an answer: an author unclearly, to the controller; others, to the body
	NoticeDeferral   NoticeKind = "deferral"    // a deferral waits for the controller
	NoticeLapsed     NoticeKind = "lapsed"      // a deferral was not decided before the due
	NoticeAbsence    NoticeKind = "absence"     // to coordinator and deputy; to who is back
	NoticeReminder   NoticeKind = "reminder"    // the curator wants a task to go on
	NoticeApproval   NoticeKind = "approval"    // an answer waits for the head
	NoticeRework     NoticeKind = "rework"      // an answer came back to who writes it
	NoticeSentBack   NoticeKind = "sent_back"   // a body says a case is not its own: to the analysts
	NoticeLeft       NoticeKind = "left"        // the control centre has given a case to another body: to the one that had it
	NoticePartition  NoticeKind = "operational" // to the administrator
)

// Notice is a row of the outbox: Key makes it happen once.
type Notice struct {
	Key      string // unique, e.g. "overdue:case:12:round:1"
	Kind     NoticeKind
	Region   string
	CaseID   int64  // 0: of the case being opened, or of none (digest)
	ToRole   string // RoleDuty, ToPerson, or a Role
	ToAgency string // "" for roles of the control centre
	Text     string // Russian
	At       time.Time
}

// Stats are the counters of a region, or of all when Region is "".
type Stats struct {
	Region   string `json:"region,omitempty"`
	Posts    int64  `json:"posts"`    // without our own answers that came back
	Problems int64  `json:"problems"` // posts whose latest verdict is a problem, or praise a row asks for
	Cases    int64  `json:"cases"`
	Assigned int64  `json:"assigned"` // cases that have a body
	Review   int64  `json:"review"`   // cases in moderation, and review items without a case
	Overdue  int64  `json:"overdue"`
	Replies  int64  `json:"replies"`

	Moderation int64 `json:"-"` // of the cases: those an analyst has, come back from a body too
	Dropped    int64 `json:"-"` // of the cases: those closed that no body has
	Undecided  int64 `json:"-"` // review items without a case; Review is Moderation and these
}

// InHand is how many cases bodies have: what an analyst does not have and nobody
// dropped.
func (s Stats) InHand() int64 { return s.Cases - s.Moderation - s.Dropped }

// Plus adds the counters of another region.
func (s Stats) Plus(o Stats) Stats {
	return Stats{Posts: s.Posts + o.Posts, Problems: s.Problems + o.Problems, Cases: s.Cases + o.Cases, Assigned: s.Assigned + o.Assigned,
		Review: s.Review + o.Review, Overdue: s.Overdue + o.Overdue, Replies: s.Replies + o.Replies,
		Moderation: s.Moderation + o.Moderation, Dropped: s.Dropped + o.Dropped, Undecided: s.Undecided + o.Undecided}
}

// CommitResult tells what one commit did. A post that was already stored with
// the same text counts as Unchanged and nothing else.
type CommitResult struct {
	Stored    int // new posts
	Changed   int // known posts whose text or attachments changed
	Unchanged int
	Pending   int // of the stored: parts of an album that has not settled
	Deleted   int // posts newly marked as deleted

	Opened   int // cases
	Assigned int // of the opened: assigned unseen
	Attached int // posts that joined a case
	Kept     int
	Review   int // new review items

	CaseIDs       []int64 // opened
	UrgentCaseIDs []int64 // opened urgent, or that became urgent
}

// QueuedNotice is a notice claimed from the outbox for one try.
type QueuedNotice struct {
	ID      int64
	Attempt int // 1 for the first
	Notice  Notice
}

// CaseMove takes a case from one state to another, with who did it and why.
type CaseMove struct {
	CaseID   int64
	From     State // the state the mover saw; another one is refused
	To       State
	AgencyID string // new body; "" keeps the old one
	Who      string // login, or "система"
	Why      string // Russian
	At       time.Time
}
