package storage

import (
	"fmt"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// seen are the parameters by which every query of one case asks whether its
// reader may see it. The zero scope has no region and sees nothing.
func seen(sc domain.Scope, id int64) db.GetSeenParams {
	return db.GetSeenParams{ID: id, Region: sc.Region, SeeRestricted: sc.Restricted, Whole: sc.Whole, Agencies: sc.Agencies}
}

func lockSeen(sc domain.Scope, id int64) db.LockSeenParams { return db.LockSeenParams(seen(sc, id)) }

// where composes the conditions of a list. Every list of cases begins with a
// scope; the numbers of parameters are kept in one place.
type where struct {
	parts []string
	args  []any
}

// inScope begins a list of cases under the alias c.
func inScope(sc domain.Scope) *where {
	w := &where{}
	w.scope(sc)
	return w
}

func (w *where) scope(sc domain.Scope) {
	w.add("c.region = %s", sc.Region)
	if !sc.Restricted {
		w.parts = append(w.parts, "NOT c.restricted")
	}
	if !sc.Whole {
		w.add("c.agency_id = ANY (%s)", sc.Agencies)
	}
}

// add puts one condition; each %s stands for one argument.
func (w *where) add(cond string, args ...any) {
	places := make([]any, len(args))
	for i, a := range args {
		w.args = append(w.args, a)
		places[i] = fmt.Sprintf("$%d", len(w.args))
	}
	w.parts = append(w.parts, fmt.Sprintf(cond, places...))
}

func (w *where) String() string { return strings.Join(w.parts, " AND ") }
