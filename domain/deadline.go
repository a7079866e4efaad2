package domain

import "time"

// Deadline is the term of a case: both dates are stored with the rule that gave
// them, so that a promise once made can be explained later (law.md R1–R11).
type Deadline struct {
	Days int // calendar days, 0 = none
	// Due is the exclusive end: local midnight after the last day, in UTC.
	Due time.Time
	// Control is the exclusive end of the control date (R3): the preceding
	// working day when the last day is not one, else equal to Due.
	Control time.Time
	Reason  string // Russian: «строка 3 Перечня, утв. распоряжением 232-рп: 10 календарных дней»
}
