package domain

import "time"

// Lesson is a text of the desk with what people hold for right of it: models of
// the region learn from these.
type Lesson struct {
	From   LessonFrom
	Text   string // as it was judged; not masked
	Kind   Kind
	Row    int // 0: ordinary order
	Topic  string
	Agency string
	At     time.Time // of the decision
}

// LessonFrom is where an example comes from.
type LessonFrom string

// Where examples come from, the weightiest first: of one text the weightier one
// counts.
const (
	FromCorrection LessonFrom = "correction" // a person put the machine right
	FromAnswer     LessonFrom = "answer"     // a body answered the case as the machine had judged it
	FromDismissal  LessonFrom = "dismissal"  // a person said that it is no case
	FromImport     LessonFrom = "import"     // of the system of before
)

// ModelRef names a version of a model.
type ModelRef struct {
	Label string // the column it has learned: row, kind, …
	Hash  string // checksum of its file
}

// ModelInForce is the version of a label that stands beside the phrases.
type ModelInForce struct {
	ModelRef
	Unseen UnseenBound
}

// UnseenBound is how sure a verdict must be to go to a body unseen, chosen from a
// region's own examples: the largest share of them that was right at 95 %.
type UnseenBound struct {
	From  float64 `json:"from"`  // confidence
	Share float64 `json:"share"` // of examples that had no say in the choice; 0: no confidence is right often enough
	Right float64 `json:"right"` // of these, the share that is right; 0: not told
	N     int     `json:"n"`     // examples that nothing had learned from
	// Answered are those of N that would go unseen but for their confidence: the others
	// (dismissed posts, doubts) choose nothing. 0 of what was chosen before they were counted.
	Answered int `json:"answered"`
}

// leastUnseen answered examples choose a bound; of fewer the chance is too great that a
// few errors happen not to be among them.
const leastUnseen = 200

// Confidence is the bound in force: the chosen one, or the pack's while the region
// has too few examples. Above 1: nothing goes unseen.
func (b UnseenBound) Confidence(pack float64) float64 {
	switch {
	case b.Answered < leastUnseen:
		return pack
	case b.Share == 0:
		return 2
	}
	return b.From
}

// ModelVersion is a version of a region's model without its file.
type ModelVersion struct {
	ModelRef
	ID          int64
	Region      string
	Size        int64
	Examples    int
	Report      []byte // JSON: where the examples came from, how good it is
	Comparison  []byte // JSON: beside the one in force when it was last judged
	Reason      string // Russian: why it is in force, or kept aside
	CreatedAt   time.Time
	CreatedBy   string
	Active      bool
	ActivatedAt time.Time
	ActivatedBy string
	Forced      bool // against the comparison
}

// Correspondences is a region's table of what its exports call a thing and which labels
// that is here, as the file was given.
type Correspondences struct {
	Label   string
	Name    string // of the file
	Content []byte
	At      time.Time
	Who     string
}
