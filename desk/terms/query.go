package terms

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// shownWeeks is how many weeks the small line of a row has.
const shownWeeks = 12

// periods are how many weeks, this one included, the figures of the past may cover.
func periods() []int { return []int{1, 4, 12} }

func periodWords(weeks int) string {
	if weeks == 1 {
		return "эта неделя"
	}
	return page.Counted(weeks, "неделя", "недели", "недель")
}

// query is what is asked for; it is the whole of the address, so that the page
// can be sent to somebody.
type query struct {
	weeks  int
	agency string // subtree; "" all that the reader sees
	all    bool   // bodies without any case too
}

func readQuery(r *page.Request) (query, error) {
	weeks, err := r.Int("weeks", 4)
	if err != nil {
		return query{}, err
	}
	q := query{weeks: weeks, agency: r.Text("agency"), all: r.Text("all") == "1"}
	if !slices.Contains(periods(), weeks) {
		return q, page.Invalid("weeks", "Период — 1, 4 или 12 недель.")
	}
	if q.agency != "" && q.agency != none && !r.Region.Tree.Has(q.agency) {
		return q, page.NotFound("Такого органа в регионе нет.")
	}
	return q, nil
}

func (q query) values() url.Values {
	v := url.Values{}
	if q.weeks != 4 {
		v.Set("weeks", strconv.Itoa(q.weeks))
	}
	if q.agency != "" {
		v.Set("agency", q.agency)
	}
	if q.all {
		v.Set("all", "1")
	}
	return v
}

func (q query) path() string {
	if v := q.values(); len(v) > 0 {
		return "/terms?" + v.Encode()
	}
	return "/terms"
}

// monday of a day's week.
func monday(d domain.Date) domain.Date { return d.Add(-(int(d.Weekday()) + 6) % 7) }

// begin is the Monday the period begins with.
func (q query) begin(today domain.Date) domain.Date { return monday(today).Add(-7 * (q.weeks - 1)) }

// dues are the instants between which the open cases of a list are due.
func dues(list domain.TermList, today domain.Date, zone *time.Location, now time.Time) (from, to time.Time) {
	tomorrow := today.Add(1).Start(zone)
	switch list {
	case domain.TermOverdue:
		return time.Time{}, now.Add(time.Microsecond)
	case domain.TermToday: // due is the exclusive end of the last day
		return now.Add(time.Microsecond), tomorrow.Add(time.Microsecond)
	case domain.TermSoon:
		return tomorrow.Add(time.Microsecond), today.Add(soonDays + 1).Start(zone).Add(time.Microsecond)
	}
	return time.Time{}, time.Time{}
}

// soonDays: due tomorrow, the day after, or on the third day.
const soonDays = 3
