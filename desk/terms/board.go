package terms

import (
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// none stands for «no body has it yet» in addresses.
const none = "-"

// figures of a body with its subordinates.
type figures struct {
	open, today, soon, overdue          int64
	answered, inTime, solved, explained int64
	sentBack, reopened                  int64
	reaction, answer                    domain.Times
	weeks                               [shownWeeks]float64 // registered
}

func (f *figures) add(o *figures) {
	f.open, f.today, f.soon, f.overdue = f.open+o.open, f.today+o.today, f.soon+o.soon, f.overdue+o.overdue
	f.answered, f.inTime, f.solved, f.explained = f.answered+o.answered, f.inTime+o.inTime, f.solved+o.solved, f.explained+o.explained
	f.sentBack, f.reopened = f.sentBack+o.sentBack, f.reopened+o.reopened
	f.reaction, f.answer = f.reaction.Merge(o.reaction), f.answer.Merge(o.answer)
	for i := range f.weeks {
		f.weeks[i] += o.weeks[i]
	}
}

// empty reports that nothing happened and nothing is open.
func (f *figures) empty() bool {
	if f.open+f.answered+f.sentBack+f.reopened != 0 {
		return false
	}
	return !slices.ContainsFunc(f.weeks[:], func(n float64) bool { return n != 0 })
}

// board is the table in the making.
type board struct {
	q      query
	region page.Region
	scope  domain.Scope
	now    time.Time
	today  domain.Date
	norms  Norms
	own    map[string]*figures // of a body alone
	all    *figures            // everything shown, once it was added up
	lines  []line              // as shown, once they were gathered

	control int64 // wait for the controller's word
}

func newBoard(r *page.Request, q query, norms Norms) *board {
	return &board{q: q, region: r.Region, scope: r.Scope, now: r.Now, today: r.Today(), norms: norms, own: map[string]*figures{}}
}

func (b *board) of(agency string) *figures {
	f := b.own[agency]
	if f == nil {
		f = &figures{}
		b.own[agency] = f
	}
	return f
}

func (b *board) addLoad(load []domain.LoadCount) {
	for _, l := range load {
		f := b.of(l.AgencyID)
		f.open, f.overdue, f.today, f.soon = f.open+l.Open, f.overdue+l.Overdue, f.today+l.Today, f.soon+l.Soon
	}
}

func (b *board) addIntake(intake []domain.WeekIntake) {
	last := monday(b.today)
	for _, w := range intake {
		if at := shownWeeks - 1 - last.Sub(w.Week)/7; at >= 0 && at < shownWeeks {
			b.of(w.AgencyID).weeks[at] += float64(w.Registered)
		}
	}
}

func (b *board) addWeeks(weeks []domain.AgencyWeek) {
	for i := range weeks {
		w := &weeks[i]
		f := b.of(w.AgencyID)
		f.answered, f.inTime = f.answered+w.Answered, f.inTime+w.InTime
		f.solved, f.explained = f.solved+w.Solved, f.explained+w.Explained
		f.sentBack, f.reopened = f.sentBack+w.SentBack, f.reopened+w.Reopened
		f.reaction, f.answer = f.reaction.Merge(w.Reaction), f.answer.Merge(w.Answer)
	}
}

// under is a body with its subordinates.
func (b *board) under(id string) *figures {
	sum := &figures{}
	for _, body := range b.region.Tree.Under(id) {
		if own := b.own[body]; own != nil {
			sum.add(own)
		}
	}
	return sum
}

// total is everything that is shown, each case once.
func (b *board) total() *figures {
	if b.all == nil {
		b.all = b.sum()
	}
	return b.all
}

func (b *board) sum() *figures {
	if b.q.agency != "" && b.q.agency != none {
		return b.under(b.q.agency)
	}
	sum := &figures{}
	for id, own := range b.own {
		if b.q.agency == "" || id == "" {
			sum.add(own)
		}
	}
	return sum
}

// line is a body on the page.
type line struct {
	id      string // none for cases nobody has
	name    string
	level   int
	total   bool
	figures *figures
}

// shown are the lines in the order of the pack, subordinates under their body.
func (b *board) shown() []line {
	if b.lines == nil {
		b.lines = b.gather()
	}
	return b.lines
}

func (b *board) gather() []line {
	var out []line
	for _, a := range b.roots() {
		out = b.walk(out, a, 0)
	}
	if own := b.own[""]; own != nil && b.q.agency == "" && b.scope.Whole && !own.empty() {
		out = append(out, line{id: none, name: "Ещё не поручено", figures: own})
	}
	return out
}

// roots are the bodies at the top of what the reader sees.
func (b *board) roots() []domain.Agency {
	var out []domain.Agency
	for _, a := range b.region.Agencies {
		switch {
		case b.q.agency != "":
			if a.ID == b.q.agency {
				return []domain.Agency{a}
			}
		case b.scope.Whole:
			if a.Parent == "" || !b.region.Tree.Has(a.Parent) {
				out = append(out, a)
			}
		case slices.Contains(b.scope.Agencies, a.ID) && !slices.Contains(b.scope.Agencies, a.Parent):
			out = append(out, a)
		}
	}
	return out
}

// walk adds a body and what is below it. A body that nothing happened in is left
// out with its subordinates.
func (b *board) walk(out []line, a domain.Agency, level int) []line {
	if !b.scope.Whole && !slices.Contains(b.scope.Agencies, a.ID) {
		return out
	}
	f := b.under(a.ID)
	if f.empty() && !b.q.all {
		return out
	}
	out = append(out, line{id: a.ID, name: name(a), level: level, figures: f})
	for _, child := range b.region.Agencies {
		if child.Parent == a.ID && child.ID != a.ID {
			out = b.walk(out, child, level+1)
		}
	}
	return out
}

func name(a domain.Agency) string {
	if a.Short != "" {
		return a.Short
	}
	return a.Name
}

// agencies are the bodies chosen; nil: all that the reader sees.
func (b *board) agencies() []string {
	switch b.q.agency {
	case "":
		return nil
	case none:
		return []string{""}
	}
	return b.region.Tree.Under(b.q.agency)
}

func (b *board) bodyName() string {
	if b.q.agency == "" {
		return ""
	}
	if b.q.agency == none {
		return "ещё не поручено"
	}
	return b.region.Agency(b.q.agency)
}

// head says the whole in a sentence: «Открыто 48. Просрочено 14. Сегодня срок у 3».
func (b *board) head() string {
	t := b.total()
	if t.open == 0 {
		return "Открытых инцидентов нет."
	}
	parts := []string{"Открыто " + report.NumberWords(float64(t.open))}
	if t.overdue > 0 {
		parts = append(parts, "просрочено "+report.NumberWords(float64(t.overdue)))
	} else {
		parts = append(parts, "просроченных нет")
	}
	if t.today > 0 {
		parts = append(parts, "сегодня срок у "+report.NumberWords(float64(t.today)))
	}
	if t.soon > 0 {
		parts = append(parts, "в ближайшие три дня — у "+report.NumberWords(float64(t.soon)))
	}
	return strings.Join(parts, ", ") + "."
}

// lists are the ways to the lists of everything shown.
func (b *board) lists() []choice {
	t := b.total()
	var out []choice
	add := func(list domain.TermList, n int64, tone string) {
		if n == 0 {
			tone = ""
		}
		out = append(out, choice{Title: listTitle(list), Path: b.listPath(list, b.q.agency), Count: report.NumberWords(float64(n)), Tone: tone})
	}
	add(domain.TermOverdue, t.overdue, "due-late")
	add(domain.TermToday, t.today, "due-soon")
	add(domain.TermSoon, t.soon, "due-near")
	add(domain.TermControl, b.control, "due-soon")
	add(domain.TermSentBack, t.sentBack, "")
	add(domain.TermReopened, t.reopened, "")
	return out
}
