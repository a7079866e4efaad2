package domain

// NonWorking says what becomes of the legal due when the last day of a term is
// not a working one (law.md R3; practice differs, so it is a pack value).
type NonWorking string

// The rules of R3. The control date is a working day under each of them.
const (
	NonWorkingKeep     NonWorking = "keep"     // the legal due stays
	NonWorkingPrevious NonWorking = "previous" // it moves to the working day before
	NonWorkingNext     NonWorking = "next"     // it moves to the working day after
)

// NonWorkingRules lists the rules a pack may choose.
func NonWorkingRules() []NonWorking {
	return []NonWorking{NonWorkingKeep, NonWorkingPrevious, NonWorkingNext}
}
