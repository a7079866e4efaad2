package domain

import (
	"strings"
	"time"
)

// BodyRules are the values of a region that the work of its bodies goes by.
type BodyRules struct {
	Almanac       Almanac
	Tree          Tree
	SendBackLimit int // R5
	ClarifyDays   int // calendar days the author has to answer
	// NoApproval tells the bodies whose answers need no second person; nil: none.
	NoApproval func(body string) bool
	// BodyName is the short name of a body.
	BodyName func(id string) string
	// CheckReply looks at an answer before it is approved; nil: nobody does.
	CheckReply CheckReply
	Words      AnswerWords
	// PlanQuestion decides where a question to the author goes; nil: whoever asks
	// brings it there.
	PlanQuestion func(QuestionToPlan) DeliveryPlan
	// MayCorrect tells why an answer cannot be corrected at a place where it stands, ""
	// when it can; nil: it can.
	MayCorrect func(AnswerPlace) Refusal
}

// Name is the short name of a body, or its id.
func (r BodyRules) Name(id string) string {
	if r.BodyName == nil {
		return id
	}
	return r.BodyName(id)
}

// Act is a person who takes a step with a task, and what they saw of it.
type Act struct {
	Scope  Scope
	Hand   Hand
	UserID int64 // of Hand.Login
	CaseID int64
	Seen   int64 // version of the case on the page
	At     time.Time
	Rules  BodyRules
	// Sure are the faults of an answer that the person has seen and confirmed
	// (ReplyFault.ID).
	Sure []string
}

// ReplyKind is what an answer does to the clock: only a final one ends it (R4).
type ReplyKind string

// The kinds of answer.
const (
	ReplyInterim ReplyKind = "interim"
	ReplyFinal   ReplyKind = "final"
)

// Draft is an answer being written.
type Draft struct {
	Kind    ReplyKind
	Outcome Outcome // of a final one, before it is sent for approval
	Text    string
	Seen    int64 // version of the draft on the page, 0 for a new one
}

// Check refuses a draft that cannot go for approval.
func (d Draft) Check() error {
	if strings.TrimSpace(d.Text) == "" {
		return RefuseEmptyText
	}
	if err := CheckLength(d.Text); err != nil {
		return err
	}
	if d.Kind == ReplyFinal && d.Outcome == "" {
		return RefuseNoOutcome
	}
	return nil
}
