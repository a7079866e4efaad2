package router

import (
	"time"

	"github.com/otklik/otklik/domain"
)

// Redue counts a case's term anew from another registration (R9, R10). A calendar
// that lacks the year still gives the legal due.
func (r *Router) Redue(c domain.Case, registered time.Time) domain.Deadline {
	d, _ := r.almanac.Deadline(registered, r.pack.Term(c.Row)) // see clock
	return d
}
