package domain

import "time"

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
	Text   string
	Why    string
	Author string
	At     time.Time
}

// CorrectionLead begins a correction that stands under the answer it corrects.
const CorrectionLead = "Уточнение к нашему ответу.\n\n"

// Says is what an answer says now.
func (r CaseReply) Says() string {
	if n := len(r.Corrections); n > 0 {
		return r.Corrections[n-1].Text
	}
	return r.Text
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
