package domain

// Calendar is the working calendar of the years it knows. The zero value knows
// no year: every question about an unknown year is a named fault.
type Calendar struct {
	years map[int]calendarYear
}

type calendarYear struct{}
