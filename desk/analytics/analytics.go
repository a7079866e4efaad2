// Package analytics is the page «Аналитика»: how many, of what, where, who
// answers, what is new; and the search over posts.
package analytics

import (
	"context"
	"embed"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/exports"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

//go:embed views/*.html
var files embed.FS

// Store is what the pages read.
type Store interface {
	DayCounts(ctx context.Context, s domain.Scope, f domain.CaseFilter) ([]domain.DayCount, error)
	KeyCounts(ctx context.Context, s domain.Scope, f domain.CaseFilter, by domain.Group) ([]domain.KeyCount, error)
	PairDays(ctx context.Context, s domain.Scope, first, last domain.Date) ([]domain.PairDay, error)
	FirstDay(ctx context.Context, region string) (domain.Date, error)
	EachIncident(ctx context.Context, s domain.Scope, f domain.CaseFilter, zone *time.Location, fn func(domain.IncidentFile) error) error
	CaseByNumber(ctx context.Context, s domain.Scope, number string) (domain.Case, error)
	CaseByShort(ctx context.Context, s domain.Scope, year int, n string) (domain.Case, error)
	SearchPosts(ctx context.Context, s domain.Scope, q domain.PostQuery) (domain.PostHits, error)
	Sources(ctx context.Context, region string) ([]domain.Source, error)
}

// Named is a thing of the pack with its key and its name.
type Named struct{ Key, Title string }

// Category is a row of the decree or a topic of ordinary order.
type Category struct {
	Key         string // "row:3", "topic:roads.potholes"
	Title       string // «стр. 3 Автомобильные дороги / ямы, выбоины»
	Short       string // «Автомобильные дороги / ямы, выбоины»
	Group, Name string // «Автомобильные дороги», «ямы, выбоины»
}

// Pack is what the pages need of a region's pack.
type Pack struct {
	Categories     []Category // rows first
	Municipalities []Named
	RestrictedRows []int
	FirstReaction  time.Duration  // norm, working time
	WorkDay        domain.WorkDay // in which it is counted
}

// Pages of analytics.
type Pages struct {
	Store   Store
	Pack    func(region string) Pack
	Exports *exports.Exports
}

// Section is what the desk serves of them. It uses report.css of the section of
// deadlines.
func (p *Pages) Section() page.Section {
	return page.Section{Name: "analytics", Views: page.Sub(files, "views"), Routes: []page.Route{
		{Pattern: "GET /analytics", Action: access.SeeAnalytics, Handler: p.show},
		{Pattern: "GET /analytics/tables.xlsx", Action: access.SeeAnalytics, Also: access.Export, Handler: p.tables, Long: true},
		{Pattern: "POST /analytics/incidents", Action: access.Export, Handler: p.incidents},
		{Pattern: "GET /search", Action: access.Search, Handler: p.search},
		{Pattern: "GET /search.xlsx", Action: access.Search, Also: access.Export, Handler: p.searchFile, Long: true},
	}}
}

// figure is a picture with its table.
type figure struct {
	ID    string
	Chart report.Chart
	XLSX  string
	Foot  string // «ещё 41 — в таблице»
}

type view struct {
	Filter   filterView
	Head     string
	Surges   []surge
	Method   string // how surges are found
	Quiet    string // that there are none, or too little history
	Days     figure
	Figures  []figure
	Unseen   string
	XLSX     string
	NoExport bool
	Empty    bool
}

type surge struct{ Words, Link, Chance string }

func (p *Pages) show(r *page.Request) error {
	q, err := p.read(r)
	if err != nil {
		return err
	}
	d, err := p.load(r, q)
	if err != nil {
		return err
	}
	v := view{Filter: p.filterView(r, q, d), Head: d.head(), Days: d.days(), NoExport: !r.Can(access.Export, access.Object{}), XLSX: "/analytics/tables.xlsx?" + q.values().Encode(),
		Figures: []figure{d.bars(domain.ByCategory), d.bars(domain.ByMunicipality), d.bars(domain.ByAgency), d.bars(domain.BySource)}, Unseen: d.unseenWords(), Empty: d.total == 0 && d.before == 0}
	if v.NoExport {
		for i := range v.Figures {
			v.Figures[i].XLSX = ""
		}
		v.Days.XLSX = ""
	}
	if !q.filter.Narrow() && len(q.filter.Agencies) == 0 {
		if err := p.surges(r, d, &v); err != nil {
			return err
		}
	}
	return r.Render("show", v)
}

// tables writes every table of the page, or one of them.
func (p *Pages) tables(r *page.Request) error {
	q, err := p.read(r)
	if err != nil {
		return err
	}
	d, err := p.load(r, q)
	if err != nil {
		return err
	}
	only := r.Text("only")
	var sheets []report.Sheet
	for _, f := range append([]figure{d.days()}, d.bars(domain.ByCategory), d.bars(domain.ByMunicipality), d.bars(domain.ByAgency), d.bars(domain.BySource)) {
		if only == "" || only == f.ID {
			sheets = append(sheets, f.Chart.Table.Sheet())
		}
	}
	if len(sheets) == 0 {
		return page.NotFound("Такой таблицы нет.")
	}
	return sheet.Send(r, "Аналитика "+q.periodWords(), sheets...)
}
