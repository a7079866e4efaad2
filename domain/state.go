package domain

// State of a case (law.md §2). Overdue is a mark, not a state.
type State string

// The states, with the words people see in StateTitle.
const (
	Found        State = "found"
	Moderation   State = "moderation"
	Clarifying   State = "clarifying"
	Coordination State = "coordination"
	Returned     State = "returned"
	Execution    State = "execution"
	Deferred     State = "deferred"
	Approval     State = "approval"
	Publishing   State = "publishing"
	SendFailed   State = "send_failed"
	Satisfaction State = "satisfaction"
	Done         State = "done"
	Reopened     State = "reopened"
	Rejected     State = "rejected"
	Attached     State = "attached"
)
