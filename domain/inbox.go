package domain

import "time"

// Tab is what of a body's tasks a page of the inbox shows.
type Tab string

// The tabs. The first three are somebody's own work; the others only show.
const (
	TabDistribute Tab = "distribute" // nobody has them, in own bodies and those below that nobody leads
	TabDraft      Tab = "draft"      // on the person, or on whom they stand in for
	TabApprove    Tab = "approve"    // wait for a head, answers and their corrections, in own bodies and those below without one
	TabPublish    Tab = "publish"    // approved, not delivered yet
	TabAsked      Tab = "asked"      // wait for the citizen
	TabDeferred   Tab = "deferred"   // deferred, or a deferral is asked for
	TabReturned   Tab = "returned"   // sent back, the control centre decides
	TabWatch      Tab = "watch"      // of bodies below
	TabAll        Tab = "all"
)

// Tabs lists them in the order of the page.
func Tabs() []Tab {
	return []Tab{TabDistribute, TabDraft, TabApprove, TabPublish, TabAsked, TabDeferred, TabReturned, TabWatch, TabAll}
}

// TaskCap is where counting the tasks of a tab stops.
const TaskCap = 1000

// TaskFilter says which tasks of a scope are wanted.
type TaskFilter struct {
	Tab    Tab
	Body   string // "" any of the scope
	Person int64  // user id of who has it, 0 anybody
	// Mine are the logins of the person and of those they stand in for today, Own
	// the bodies they hold offices in.
	Mine []string
	Own  []string
	// After is the last row of the page before; the zero value begins.
	After TaskMark
	Limit int
}

// TaskMark is a row's place in the order of due.
type TaskMark struct {
	Due time.Time // zero: without a due, those come last
	ID  int64
}

// TaskLine is a task as a list shows it.
type TaskLine struct {
	Case     Case
	Text     string // of the first post, at most 400 runes
	Executor string // name
	// Remark is what the head wrote when returning the answer that is in work.
	Remark string
	// Drafted: an answer has been begun.
	Drafted bool
	// AnswerUntil is how long the author may still answer a question.
	AnswerUntil time.Time
	// DeferUntil is the day a waiting deferral asks for.
	DeferUntil Date
	// HandedFrom is the body above that handed the task down, "" none.
	HandedFrom string
	Proposed   bool // a correction of what was answered waits for approval
	LostCopies int  // copies of its answers that did not arrive and wait for a person
}

// Worker is a person of a body who may get a task.
type Worker struct {
	ID      int64
	Login   string
	Name    string
	Body    string
	Roles   []Role // in this body
	Open    int    // tasks they have
	Overdue int
}

// TaskFile is a task with what its page shows and the rules need.
type TaskFile struct {
	CaseWhole
	Task     Task
	Executor string // name, "" nobody
	// HandedFrom is the body above that handed the task down, "" none.
	HandedFrom string
	// Notice is what the author is told when the deferral that waits is granted.
	Notice string
	// NoticeFaults are those whoever grants it has to look at.
	NoticeFaults []ReplyFault
	// Faults are those of the answer that waits for approval.
	Faults []ReplyFault
	// Given is the answer that a correction would stand for, 0 when there is none;
	// Unreached says why one would reach nobody, "" when it would.
	Given     int64
	Unreached Refusal
	// ProposalFaults are those of the correction that waits for approval.
	ProposalFaults []ReplyFault
}

// AbsenceList is what was on a person when their absence began.
type AbsenceList struct {
	Absence AbsenceLine
	Tasks   []AbsenceTask
}

// AbsenceTask is a task that was on somebody when they left, and what became of
// it since.
type AbsenceTask struct {
	Case    Case
	Text    string
	Now     string // name of who has it now
	Changes []CaseStep
}

// CaseStep is a line of what happened to a case.
type CaseStep struct {
	At  time.Time
	Who string
	Why string
}
