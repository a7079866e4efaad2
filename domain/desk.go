package domain

import "time"

// Object is a thing of the queue: a case, or a post that is none yet.
type Object string

// The objects.
const (
	ObjectCase   Object = "case"
	ObjectReview Object = "review"
)

// Ref names a thing of the queue.
type Ref struct {
	Object Object
	ID     int64
}

// QueueFilter narrows the queue; the zero value is all of it.
type QueueFilter struct {
	Municipality string
	SourceID     int64
	Subject      *Subject
	Doubtful     float64 // confidence below this; 0: any
	Urgent       bool
	Returned     bool // only what bodies sent back
	Undecided    bool // only posts that are no case yet
	Aside        bool // only what was put aside
}

// QueueItem is a line of the queue.
type QueueItem struct {
	Ref
	Case  Case   // of a post: what is known of it, without number, at the post's version
	Words string // why it waits, Russian
	Text  string // of its first post, at most 300 runes
	Kind  Kind   // of its verdict
	At    time.Time
	Lease Lease // who has it now
	// InCase: the post is in this case already and has changed; 0 for none.
	InCase int64
}

// Lease is who works on a thing, and until when by the database's clock.
type Lease struct {
	Ref
	Who   string
	Until time.Time
}

// QueueCount is how much waits; More means that counting stopped at the cap.
type QueueCount struct {
	Total int
	More  bool
	Taken int // of all waiting, by others
}

// CasePost is a post of a case with what the machine thought of it.
type CasePost struct {
	Number   int64 // storage's own, for splitting off
	Post     Post
	Verdict  Verdict   // the zero value when there is none
	StoredAt time.Time // first commit
	Deleted  time.Time
	CameFrom int64 // the case it was joined from, 0
	Under    PostAbove
	Answers  PostAbove // a comment it answers, when that is not Under
	Attached time.Time
}

// PostAbove is a stored post that another stands under or answers: its beginning. The
// zero value is none that may be shown.
type PostAbove struct {
	Text, URL, Author string
}

// Mark is where a post stands among those of its case.
func (p CasePost) Mark() PostMark { return PostMark{At: p.Attached, ID: p.Number} }

// PostMark is a place in the list of a case's posts, in the order they came to
// it; the zero value is before the first.
type PostMark struct {
	At time.Time
	ID int64
}

// CaseEvent is a line of a case's history.
type CaseEvent struct {
	At       time.Time
	Who      string
	What     string
	From, To State
	Why      string
	Details  []byte // JSON: field → [old, new]
}

// CaseHolder is a stretch of time in which one body had a case.
type CaseHolder struct {
	AgencyID string
	Since    time.Time
	Until    time.Time // zero for the current one
	By, Why  string
	Undone   bool
}

// CaseNote is what people of the desk tell each other; never visible outside.
type CaseNote struct {
	ID     int64
	Text   string
	Author string
	At     time.Time
}

// CaseFile is a file kept with a case. Content is read by itself.
type CaseFile struct {
	ID      int64
	CaseID  int64
	Name    string
	Type    string // as its sender called it; never trusted
	Size    int64  // bytes
	By      string
	At      time.Time
	Content []byte
}

// Limits of files: one file, and all of a case.
const (
	MaxFile      = 10 << 20
	MaxCaseFiles = 100 << 20
)

// CaseReply is a text for the citizen.
type CaseReply struct {
	ID          int64
	Round       int
	Final       bool
	State       string // draft, approval, approved, returned, published, by_hand
	Text        string
	Outcome     Outcome
	Version     int64
	Author      string
	Approver    string
	Remark      string
	CreatedAt   time.Time
	SubmittedAt time.Time
	DecidedAt   time.Time
	PublishedAt time.Time
	PublishedBy string
	ProofURL    string
	ProofFile   int64

	PlannedAt   time.Time // when it was decided where it goes; zero: not yet
	PlanWords   string    // why there, or why nowhere
	Left        []LeftOut
	Others      []WayChoice // where it may go instead
	Deliveries  []CaseDelivery
	Corrections []ReplyCorrection // what it says instead, the newest last
	Proposals   []CorrectionProposal
}

// CaseQuestion is a question to the author of a post.
type CaseQuestion struct {
	AskedBy  string
	AskedAt  time.Time
	Text     string
	DueAt    time.Time
	Result   string // "", answered, silent, withdrawn, undelivered
	Answer   string
	ClosedAt time.Time

	ID          int64
	DeliveredAt time.Time
	Undelivered string // why it did not reach its author
	Deliveries  []CaseDelivery
}

// CaseDeferral is an «отложенное решение» asked for (R7).
type CaseDeferral struct {
	AskedBy   string
	AskedAt   time.Time
	Reason    string
	Until     Date
	Decision  string // "", granted, refused
	DecidedBy string
	DecidedAt time.Time
	Why       string
}

// CaseSendBack is one time a body said that a case is not its own (R5).
type CaseSendBack struct {
	SentBack
	Decision string // "", reassigned, kept, rejected
}

// CaseRound is a round that ended with «не решено» (R10).
type CaseRound struct {
	Round        int
	RegisteredAt time.Time
	Deadline     Deadline
	AnsweredAt   time.Time
	Outcome      Outcome
	EndedAt      time.Time
}

// EventCase is a case whose first post tells of an event that befalls a whole place.
type EventCase struct {
	CaseID       int64
	Row          int
	Topic        string
	Event        string
	Municipality string
	At           time.Time
	StoryID      int64  // 0 for none
	StoryKey     string // of a story that the machine made
	StoryClosed  bool
	Touched      bool // a person has put it into a story or taken it out: theirs to say
}

// EventStory is a story the machine makes or adds to.
type EventStory struct {
	Key   string // names it for all workers
	Title string
	Cases []int64
}

// NearCase is an open case that another may be joined to.
type NearCase struct {
	Case
	Likeness float64 // 0 when only row and place are the same
}

// Story links cases about one event.
type Story struct {
	ID     int64
	Title  string
	By     string
	At     time.Time
	Closed time.Time
}

// RelatedCase is a case beside another: linked, joined (into this one),
// joined_to (this one is in it), story, like (may be the same problem).
type RelatedCase struct {
	Case Case
	How  string
}

// CaseWhole is a case with all that belongs to it.
type CaseWhole struct {
	Case      Case
	Posts     []CasePost
	Holders   []CaseHolder
	History   []CaseEvent
	Notes     []CaseNote
	Files     []CaseFile
	Replies   []CaseReply
	Questions []CaseQuestion
	Deferrals []CaseDeferral
	SendBacks []CaseSendBack
	Rounds    []CaseRound
	Related   []RelatedCase
	Story     Story
	Lease     Lease
	Reviews   []ReviewLine
	Voices    map[int64]Voice // by CasePost.Number: what posts say to our words
}

// Created is when the case first was: its first round's registration.
func (w CaseWhole) Created() time.Time {
	if len(w.Rounds) > 0 {
		return w.Rounds[0].RegisteredAt
	}
	return w.Case.RegisteredAt
}

// ReviewLine is something about a case that waits for a person.
type ReviewLine struct {
	ID     int64
	Reason string
	Words  string
	Urgent bool
	At     time.Time
}

// ReviewWhole is a post that waits for a person and is no case.
type ReviewWhole struct {
	ReviewLine
	Post    CasePost
	Version int64
	CaseID  int64 // the case it is in, 0
	Lease   Lease
	Decided bool // somebody has decided meanwhile
}

// Resolution is what became of a post that waited for a person.
type Resolution string

// The resolutions.
const (
	ResolvedCase      Resolution = "case"       // a case was opened
	ResolvedJoined    Resolution = "joined"     // it was put into a case there was
	ResolvedNotCase   Resolution = "not_case"   // it is none
	ResolvedTakenOver Resolution = "taken_over" // the case follows the changed text
	ResolvedSeen      Resolution = "seen"       // the case stays as it is
)

// ReviewChange is one decision about an undecided post that opens no case: how it
// ends, or until when it is put aside.
type ReviewChange struct {
	How   Resolution
	Until time.Time
	Why   ClosingReason // of ResolvedNotCase
}

// BulkAction is what is done to many cases at once.
type BulkAction string

// The actions.
const (
	BulkAssign BulkAction = "assign" // to the body proposed for each
	BulkReject BulkAction = "reject"
	BulkAside  BulkAction = "aside"
	BulkStory  BulkAction = "story"
	BulkJoin   BulkAction = "join" // into one case
)

// BulkOrder is one change to be made to many cases.
type BulkOrder struct {
	Region  string
	Action  BulkAction
	Closing ClosingReason // of BulkReject
	Until   time.Time     // of BulkAside
	StoryID int64         // of BulkStory
	Into    int64         // of BulkJoin
	Who     string
	Address string // network address of who
	Words   string // Russian: what is being done
	At      time.Time
	Scope   Scope
	Filter  QueueFilter
	Cases   []CaseSeen   // these and Reviews; both empty: all that the filter gives, up to MaxBulk
	Reviews []ReviewSeen // undecided posts
}

// OrderCount is what an order of all that a filter gives would be about.
type OrderCount struct {
	Cases, Reviews int
	More           bool // than was counted
}

// OfReviews reports whether all that a filter gives means undecided posts too.
func (a BulkAction) OfReviews() bool { return a == BulkReject || a == BulkAside }

// MaxBulk is the most cases and undecided posts one order may touch.
const MaxBulk = 2000

// CaseSeen is a case at the version somebody saw.
type CaseSeen struct{ ID, Version int64 }

// ReviewSeen is an undecided post at the version somebody saw.
type ReviewSeen struct{ ID, Version int64 }

// BulkJob is how far an order has come.
type BulkJob struct {
	ID         int64
	Order      BulkOrder
	Total      int
	Reviews    int // undecided posts among Total
	Found      int // by the filter; over Total when that is the first MaxBulk of them
	Done       int
	Passed     int // changed meanwhile, or not possible
	State      string
	Stopping   bool
	UndoID     int64
	FinishedAt time.Time
	Left       []BulkLeft // what was passed over, the first of them
}

// BulkLeft is a case, or an undecided post, that an order passed over, and why.
type BulkLeft struct {
	CaseID   int64
	Number   string
	ReviewID int64
	Text     string // the first words of the post
	Words    string
}

// Finished reports that nothing more will be done.
func (j BulkJob) Finished() bool { return !j.FinishedAt.IsZero() }

// The moment in which a change can be taken back, and a bulk order after its end.
const (
	UndoWindow     = 10 * time.Second
	BulkUndoWindow = 60 * time.Second
	// LeaseTime is how long a thing is kept for whoever looks at it; their page
	// renews it, a form of a page without script has this long.
	LeaseTime = 2 * time.Minute
)
