package analytics

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Limits of a period.
const (
	usualDays = 30
	mostDays  = 366
)

// query is what is asked for; the address holds all of it.
type query struct {
	filter domain.CaseFilter
	agency string // root of the filter's bodies
	usual  bool   // the period was not given
}

// read takes the filter from the address: the last thirty days when it names no
// period.
func (p *Pages) read(r *page.Request) (query, error) {
	q := query{agency: r.Text("agency")}
	f := &q.filter
	var err error
	if f.From, err = r.Date("from"); err != nil {
		return q, err
	}
	if f.To, err = r.Date("to"); err != nil {
		return q, err
	}
	q.usual = f.From == domain.Date{} && f.To == domain.Date{}
	if f.To == (domain.Date{}) {
		f.To = r.Today()
	}
	if f.From == (domain.Date{}) {
		f.From = f.To.Add(1 - usualDays)
	}
	if f.To.Before(f.From) {
		return q, page.Invalid("to", "Период кончается раньше, чем начинается.")
	}
	if f.To.Sub(f.From) >= mostDays {
		return q, page.Invalid("from", "Период не длиннее года: возьмите короче.")
	}
	f.Category, f.Municipality = r.Text("category"), r.Text("municipality")
	if text := r.Text("source"); text != "" {
		if f.Source, err = strconv.ParseInt(text, 10, 64); err != nil {
			return q, page.Invalid("source", "Источник задаётся номером.")
		}
	}
	if q.agency != "" {
		if f.Agencies = r.Region.Tree.Under(q.agency); f.Agencies == nil {
			return q, page.NotFound("Такого органа в регионе нет.")
		}
	}
	return q, nil
}

func (q query) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	if !q.usual {
		set("from", q.filter.From.String())
		set("to", q.filter.To.String())
	}
	set("category", q.filter.Category)
	set("municipality", q.filter.Municipality)
	set("agency", q.agency)
	if q.filter.Source != 0 {
		set("source", strconv.FormatInt(q.filter.Source, 10))
	}
	return v
}

// with is the address of the page with one thing chosen as well.
func (q query) with(name, value string) string {
	v := q.values()
	v.Set(name, value)
	return "/analytics?" + v.Encode()
}

// length of the period in days.
func (q query) length() int { return q.filter.To.Sub(q.filter.From) + 1 }

// before is the same filter over the period of the same length before.
func (q query) before() domain.CaseFilter {
	f := q.filter
	f.To = q.filter.From.Add(-1)
	f.From = f.To.Add(1 - q.length())
	return f
}

func (q query) periodWords() string {
	return "с " + q.filter.From.Words() + " по " + q.filter.To.Words()
}

// option of a select.
type option struct {
	Value, Title string
	Chosen       bool
}

type filterView struct {
	From, To       string
	Categories     []option
	Municipalities []option
	Agencies       []option
	Sources        []option
	Chosen         bool   // something but the period
	Address        string // of all of it
	Quick          []option
}

func (p *Pages) filterView(r *page.Request, q query, d *data) filterView {
	v := filterView{From: q.filter.From.String(), To: q.filter.To.String(), Address: q.values().Encode(), Chosen: q.filter.Narrow() || q.agency != ""}
	for _, c := range d.pack.Categories {
		v.Categories = append(v.Categories, option{c.Key, c.Title, c.Key == q.filter.Category})
	}
	for _, m := range d.pack.Municipalities {
		v.Municipalities = append(v.Municipalities, option{m.Key, m.Title, m.Key == q.filter.Municipality})
	}
	v.Municipalities = append(v.Municipalities, option{"-", "место не названо", q.filter.Municipality == "-"})
	for _, a := range r.Region.Agencies {
		if r.Scope.Whole || slices.Contains(r.Scope.Agencies, a.ID) {
			v.Agencies = append(v.Agencies, option{a.ID, r.Region.Agency(a.ID), a.ID == q.agency})
		}
	}
	for _, s := range d.sources {
		id := strconv.FormatInt(s.ID, 10)
		v.Sources = append(v.Sources, option{id, sourceName(s), s.ID == q.filter.Source})
	}
	for _, days := range []int{7, 30, 90, 365} {
		with := q
		with.usual = false
		with.filter.To = r.Today()
		with.filter.From = r.Today().Add(1 - days)
		v.Quick = append(v.Quick, option{"/analytics?" + with.values().Encode(), page.Days(days), with.filter.From == q.filter.From && with.filter.To == q.filter.To})
	}
	return v
}

func sourceName(s domain.Source) string {
	if s.Title != "" {
		return s.Title
	}
	return s.Address
}
