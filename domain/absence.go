package domain

import (
	"fmt"
	"slices"
)

// Absence is the days a person is not at work, both ends included, as local
// days of the region.
type Absence struct {
	ID       int64
	Region   string
	Login    string
	From, To Date
	Deputy   string // login; "" when nobody was named
}

// Covers reports whether the person is away on a day.
func (a Absence) Covers(d Date) bool { return !d.Before(a.From) && !a.To.Before(d) }

// Check tells what is wrong with an absence somebody wants to enter today; the
// error is a Refusal.
func (a Absence) Check(today Date) error {
	switch {
	case a.To.Before(a.From):
		return RefuseBackwards
	case a.To.Before(today):
		return RefusePastAbsence
	case a.Login == a.Deputy:
		return RefuseOwnDeputy
	}
	return nil
}

// Roster is the absences of a region, in any order.
type Roster []Absence

// Away is the absence of a person on a day. Of several, the one that ends last
// counts: the person is back only after it.
func (r Roster) Away(login string, d Date) (Absence, bool) {
	var found Absence
	ok := false
	for _, a := range r {
		if a.Login == login && a.Covers(d) && (!ok || found.To.Before(a.To)) {
			found, ok = a, true
		}
	}
	return found, ok
}

// CoverWhy names why a task meant for a person lands where it lands.
type CoverWhy string

// The reasons.
const (
	CoverPresent    CoverWhy = "present"     // the person is at work
	CoverDeputy     CoverWhy = "deputy"      // away, and the deputy is at work
	CoverNoDeputy   CoverWhy = "no_deputy"   // away, nobody named: the coordinator
	CoverDeputyAway CoverWhy = "deputy_away" // away, and so is the deputy: the coordinator
)

// Cover is who gets what is meant for a person on a day.
type Cover struct {
	Login string // "" when it is the coordinator who must decide
	Why   CoverWhy
	Until Date   // last day away; zero when present
	Named string // the deputy that was named, though away
}

// Cover finds who does a person's work on a day. A deputy's own deputy is not
// looked for: they agreed to stand in for a colleague, not for anybody's chain.
func (r Roster) Cover(login string, d Date) Cover {
	away, ok := r.Away(login, d)
	if !ok {
		return Cover{Login: login, Why: CoverPresent}
	}
	c := Cover{Until: away.To, Named: away.Deputy}
	if away.Deputy == "" {
		c.Why = CoverNoDeputy
		return c
	}
	if _, deputyAway := r.Away(away.Deputy, d); deputyAway {
		c.Why = CoverDeputyAway
		return c
	}
	c.Login, c.Why = away.Deputy, CoverDeputy
	return c
}

// StandsFor lists those a person does the work of on a day, in order of login:
// nobody while away themselves.
func (r Roster) StandsFor(login string, d Date) []string {
	var out []string
	for _, a := range r {
		if a.Deputy == login && a.Covers(d) && r.Cover(a.Login, d).Login == login && !slices.Contains(out, a.Login) {
			out = append(out, a.Login)
		}
	}
	slices.Sort(out)
	return out
}

// AbsenceBegunWords tells the coordinator and the deputy, Russian: who is away,
// until when, who does the work, and how much was on them.
func AbsenceBegunWords(name string, until Date, c Cover, deputy string, tasks int) string {
	who := "Замещающий не назначен: поручения распределяет координатор."
	switch c.Why {
	case CoverDeputy:
		who = "Замещает: " + deputy + "."
	case CoverDeputyAway:
		who = "Замещающий (" + deputy + ") тоже отсутствует: поручения распределяет координатор."
	case CoverPresent, CoverNoDeputy:
	}
	return fmt.Sprintf("%s отсутствует по %s. %s Поручений на этом человеке: %d.", name, until.Words(), who, tasks)
}

// AbsenceEndedWords tells who is back what happened meanwhile, Russian.
func AbsenceEndedWords(name string, changed int) string {
	if changed == 0 {
		return name + ": пока вас не было, в ваших поручениях ничего не изменилось."
	}
	return fmt.Sprintf("%s: пока вас не было, изменились ваши поручения: %d. Список — в разделе «Поручения», «Отсутствия».", name, changed)
}
