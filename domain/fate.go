package domain

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Fate is what became of an answer at its platform after it was delivered.
type Fate string

// The fates; "" stands as it was said.
const (
	FateRemoved Fate = "removed" // by the platform, or by whoever keeps the page
	FateEdited  Fate = "edited"  // by whoever keeps the community
)

// Words is a fate in words, Russian; "" for none.
func (f Fate) Words() string {
	return map[Fate]string{FateRemoved: "удалён", FateEdited: "изменён"}[f]
}

// ReplyCorrection is what an answer says instead since a moment.
type ReplyCorrection struct {
	Text     string
	Why      string
	Author   string
	Approver string // "" where the body needs no approval
	At       time.Time
}

// ProposalState is what became of a correction that was proposed.
type ProposalState string

// The states.
const (
	ProposalOpen     ProposalState = "open"
	ProposalApproved ProposalState = "approved"
	ProposalReturned ProposalState = "returned" // with a remark
	ProposalRecalled ProposalState = "recalled" // by whoever proposed it
	ProposalStale    ProposalState = "stale"    // a new round, another body or another answer came before
)

// CorrectionProposal is what somebody wants an answer to say instead.
type CorrectionProposal struct {
	ID        int64
	Text      string
	Why       string
	Author    string
	At        time.Time
	State     ProposalState
	Waits     bool // open, and of the answer that stands: it can be decided
	DecidedBy string
	DecidedAt time.Time
	Remark    string
}

// Proposal is the correction of one of the answers that waits for a decision.
func (w CaseWhole) Proposal() (CaseReply, CorrectionProposal, bool) {
	for _, a := range w.Replies {
		for _, p := range a.Proposals {
			if p.Waits {
				return a, p, true
			}
		}
	}
	return CaseReply{}, CorrectionProposal{}, false
}

// AnswerPlace is a place where an answer stands in full, and for which body it would be
// corrected.
type AnswerPlace struct {
	Delivery int64
	Platform Platform
	Way      Way
	Account  string // that said it: only it can say it otherwise
	Body     string
	Shut     bool // its author wants no messages
}

// Correctable are the places that a correction would reach; when it would reach none,
// why not, by the first of them.
func Correctable(places []AnswerPlace, may func(AnswerPlace) Refusal) ([]int64, Refusal) {
	var reached []int64
	why := Refusal("")
	for _, p := range places {
		refused := Refusal("")
		switch {
		case p.Shut:
			refused = RefuseCorrectShut
		case may != nil:
			refused = may(p)
		}
		if refused == "" {
			reached = append(reached, p.Delivery)
		} else if why == "" {
			why = refused
		}
	}
	switch {
	case len(reached) > 0:
		return reached, ""
	case why == "":
		return nil, RefuseNothingToCorrect
	}
	return nil, why
}

// AnswerWords are what stands around a body's words when they go out. Their texts
// are with the other words of the bot.
type AnswerWords struct {
	// Short is what an author reads who wrote to the bot about a problem that is
	// answered in public.
	Short func(kind ReplyKind, number, text string) string
	// CorrectionLead begins a correction that stands under the answer it corrects.
	CorrectionLead string
	// NewDay begins the words of a deferral that do not name its last day.
	NewDay func(last Date) string
	// Question is a question to the author that stands under their public post.
	Question func(text string, lastDay Date) string
}

// EditableInDialog is how long MAX lets a bot edit its messages in dialogs
// (protocols.md, MAX; less an hour for the way there).
const EditableInDialog = 7*24*time.Hour - time.Hour

// Shortened cuts at a word and says that it did.
func Shortened(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	head := string([]rune(text)[:limit])
	if i := strings.LastIndexAny(head, " \n"); i > limit/2 {
		head = head[:i]
	}
	return strings.TrimRight(head, " \n.,;:") + "…"
}

// Says is what an answer says now.
func (r CaseReply) Says() string {
	if n := len(r.Corrections); n > 0 {
		return r.Corrections[n-1].Text
	}
	return r.Text
}

// Unanswered are messages of other authors whom the answer given last did not reach,
// because it was approved for one of them alone. Whoever was taken into a case of their
// own is none of them any more.
func (w CaseWhole) Unanswered() (out []CasePost) {
	last := -1
	for i, a := range w.Replies {
		if a.State == "published" && (last < 0 || !a.PublishedAt.Before(w.Replies[last].PublishedAt)) {
			last = i
		}
	}
	if last < 0 || w.Replies[last].Round != w.Case.Round {
		return nil
	}
	for _, p := range w.Posts {
		left := func(l LeftOut) bool { return l.Reason == ReasonPrivate && l.To == p.Post.ID }
		if p.Deleted.IsZero() && slices.ContainsFunc(w.Replies[last].Left, left) {
			out = append(out, p)
		}
	}
	return out
}

// Fate is the fate of the answer where it stands for all to read.
func (r CaseReply) Fate() (Fate, time.Time) {
	for _, d := range r.Deliveries {
		if d.Main && d.Fate != "" {
			return d.Fate, d.FateAt
		}
	}
	return "", time.Time{}
}
