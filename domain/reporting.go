package domain

import "time"

// LoadCount is how many open cases a body has, its subordinates apart.
type LoadCount struct {
	AgencyID string // "" while nobody has them
	Open     int64
	Overdue  int64
	Today    int64 // due at the end of today
	Soon     int64 // due in the days after
}

// WeekIntake is how many cases were registered in a week that a body has now.
type WeekIntake struct {
	AgencyID   string
	Week       Date // its Monday, local
	Registered int64
}

// AgencyWeek is what a body did in a week, its subordinates apart.
type AgencyWeek struct {
	AgencyID string
	Week     Date // its Monday, local
	// Registered are cases first registered in the week that the body has now.
	Registered int64
	Reacted    int64 // first reactions of the week
	Answered   int64 // final answers delivered in the week
	InTime     int64 // of Answered, before the legal due (law.md R4)
	Solved     int64 // of Answered
	Explained  int64 // of Answered
	SentBack   int64 // as not its own
	Reopened   int64 // «не решено»
	Reaction   Times // working time from the assignment to the first reaction
	Answer     Times // calendar time from the registration to the final answer
}

// DayCount is how many cases were registered on a local day.
type DayCount struct {
	Day   Date
	Cases int64
}

// KeyCount is how many cases were registered under one key: a category
// ("row:3", "topic:roads.potholes"), a municipality, a source, a body.
type KeyCount struct {
	Key      string
	Cases    int64
	Unseen   int64 // assigned without moderation
	Reversed int64 // of Unseen: later sent back, rejected, or given another row
}

// PairDay is how many cases of a category in a municipality were registered on a
// day; days without any are left out.
type PairDay struct {
	Category, Municipality string
	Day                    Date
	Cases                  int64
}

// Group is what cases are counted by.
type Group string

// What cases are counted by.
const (
	ByCategory     Group = "category"
	ByMunicipality Group = "municipality"
	BySource       Group = "source"
	ByAgency       Group = "agency"
)

// CaseFilter chooses cases by what they are and when they were registered. Empty
// fields do not restrict.
type CaseFilter struct {
	From, To     Date     // local days of the first registration, both included
	Category     string   // key: "row:3", "topic:roads.potholes"
	Municipality string   // id; "-" for cases whose place is not known
	Source       int64    //
	Agencies     []string // ids, subordinates named too
}

// Narrow reports that more is chosen than a period and bodies.
func (f CaseFilter) Narrow() bool { return f.Category != "" || f.Municipality != "" || f.Source != 0 }

// TermList names a list behind a number of the deadlines page.
type TermList string

// The lists. The first five are of open cases, by due; the others of what
// happened in a period, newest first.
const (
	TermOpen      TermList = "open"
	TermToday     TermList = "today"
	TermSoon      TermList = "soon"
	TermOverdue   TermList = "overdue"
	TermControl   TermList = "control" // the controller decides about the term (R6, R7)
	TermAnswered  TermList = "answered"
	TermInTime    TermList = "in_time"
	TermLate      TermList = "late"
	TermSolved    TermList = "solved"
	TermExplained TermList = "explained"
	TermSentBack  TermList = "sent_back"
	TermReopened  TermList = "reopened"
)

// TermQuery asks for a page of a list.
type TermQuery struct {
	List     TermList
	Agencies []string // nil: all of the scope
	// DueFrom and DueTo bound the due of open cases, half-open; zero: unbounded.
	DueFrom, DueTo time.Time
	// From and To bound the moment of what happened, half-open.
	From, To time.Time
	Limit    int
	// After is where the page before ended: At and Case.ID of its last line.
	AfterAt time.Time
	AfterID int64
}

// TermLine is a line of such a list.
type TermLine struct {
	Case Case
	At   time.Time // due of an open case, else when it happened
	// AgencyID had the case when it happened; the case may be elsewhere by now.
	AgencyID string
	Answer   time.Duration // from registration to answer, of answered cases
	InTime   bool
}

// DeferralLine is an «отложенное решение» with its case (law.md R7).
type DeferralLine struct {
	Case      Case
	AskedBy   string // name, or login of somebody who is gone
	AskedAt   time.Time
	Reason    string
	Until     Date
	OldDue    time.Time
	Decision  string // "", "granted", "refused"
	DecidedBy string
	DecidedAt time.Time
	Why       string
	ID        int64
}

// BesideQuery is a page of what has happened to deadlines, newest first.
type BesideQuery struct {
	Since    time.Time
	BeforeAt time.Time // where the page before ended; zero: from the newest
	BeforeID int64
	Limit    int
}

// EscalationLine is one time that curator and controller were told of an overdue case.
type EscalationLine struct {
	Case Case
	ID   int64 // of the first notice
	At   time.Time
	To   []Role
	Body string // whose curator was told, "" when none was
}

// PostQuery is a full-text search over posts.
type PostQuery struct {
	Text     string    // as people write: words, "quoted phrase", -without, or
	From, To time.Time // when the post was stored, half-open; zero: unbounded
	Category string    // key of the case, or of the verdict when there is none
	// Municipality of the case or the verdict; "-" where no place is named.
	Municipality string
	Source       int64
	Agencies     []string // of the case
	// RestrictedRows of the decree are hidden from whoever may not see restricted
	// cases, also while they are no case yet.
	RestrictedRows []int
	Limit          int
	CountUpTo      int // the count stops here
}

// PostHit is a found post.
type PostHit struct {
	Post     Post
	StoredAt time.Time
	Case     Case   // ID 0 when it is in none
	Category string // key
	Place    Place  // of the verdict
	// Marks are the rune ranges of Post.Text that were found, half-open, in order.
	Marks [][2]int
}

// PostHits is what a search found: the newest, and how many there are.
type PostHits struct {
	Hits  []PostHit
	Count int
	More  bool // there are more than Count
	// Words are what is really looked for, after stop words are taken out; empty
	// when nothing is left to look for.
	Words string
}

// IncidentFile is a case with what a line of the users' export needs.
type IncidentFile struct {
	Case            Case
	KindOfCase      string // "", "solvable", "informational"
	Outcome         string // "", "solved", "explained"
	ClosingReason   string
	FirstReactionAt time.Time
	AssignedAt      time.Time // last
	AnsweredAt      time.Time
	ClosedAt        time.Time
	SatisfactionAt  time.Time // came to that step
	Reach           int64
	PosNumber       string
	SedNumber       string
	// Of the post that opened it.
	Text      string
	URL       string
	Media     bool
	Platform  Platform
	Source    SourceKind
	Address   string // of the source
	Replies   []IncidentReply
	MediaSent bool    // a file goes with a reply
	Pauses    []Pause // waits for the author
	Speaker   Speaker // platform, address and title of the account that last answered
	Surveyed  bool    // the bot has asked how satisfied the author is
}

// IncidentReply is a text that reached the citizen.
type IncidentReply struct {
	Text        string    `json:"text"`
	Final       bool      `json:"final"`
	SubmittedAt time.Time `json:"submitted_at"` // for approval, last
	DecidedAt   time.Time `json:"decided_at"`
	PublishedAt time.Time `json:"published_at"`
}
