// Package terms is the page «Сроки»: who has how much to answer by when, how
// quickly and how well they answer, with every number leading to its list.
package terms

import (
	"context"
	"embed"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

//go:embed views/*.html
var files embed.FS

// Store is what the pages read.
type Store interface {
	OpenLoad(ctx context.Context, s domain.Scope, now, tomorrow, soon time.Time) ([]domain.LoadCount, error)
	AgencyIntake(ctx context.Context, s domain.Scope, first, last domain.Date) ([]domain.WeekIntake, error)
	AgencyWeeks(ctx context.Context, s domain.Scope, first, last domain.Date) ([]domain.AgencyWeek, error)
	UnseenRestricted(ctx context.Context, region string) (int, error)
	ForController(ctx context.Context, s domain.Scope, agencies []string) (int64, error)
	TermLines(ctx context.Context, s domain.Scope, q domain.TermQuery) ([]domain.TermLine, error)
	Deferrals(ctx context.Context, s domain.Scope, q domain.BesideQuery) ([]domain.DeferralLine, error)
	Escalations(ctx context.Context, s domain.Scope, q domain.BesideQuery) ([]domain.EscalationLine, error)
}

// Norms are what a region's pack says the numbers are measured by.
type Norms struct {
	FirstReaction time.Duration // working time; 0: none
	Answer        string        // «10 дней по Перечню, вне его 30»
}

// Pages of deadlines.
type Pages struct {
	Store Store
	Norms func(region string) Norms
}

// Section is what the desk serves of them.
func (p *Pages) Section() page.Section {
	return page.Section{Name: "terms", Views: page.Sub(files, "views"), Assets: report.Assets(), Routes: []page.Route{
		{Pattern: "GET /terms", Action: access.SeeTerms, Handler: p.table},
		{Pattern: "GET /terms/table.xlsx", Action: access.SeeTerms, Also: access.Export, Handler: p.tableXLSX, Long: true},
		{Pattern: "GET /terms/list", Action: access.SeeTerms, Handler: p.list},
		{Pattern: "GET /terms/list.xlsx", Action: access.SeeTerms, Also: access.Export, Handler: p.listXLSX, Long: true},
		{Pattern: "GET /terms/deferrals", Action: access.SeeTerms, Handler: p.deferrals},
		{Pattern: "GET /terms/deferrals.xlsx", Action: access.SeeTerms, Also: access.Export, Handler: p.deferralsXLSX, Long: true},
		{Pattern: "GET /terms/escalations", Action: access.SeeTerms, Handler: p.escalations},
		{Pattern: "GET /terms/escalations.xlsx", Action: access.SeeTerms, Also: access.Export, Handler: p.escalationsXLSX, Long: true},
	}}
}

// tableView is the page.
type tableView struct {
	Head    string // the whole in a sentence
	Trouble bool   // something is overdue
	Table   report.Table
	Periods []choice
	All     choice // bodies without cases too
	Body    string // name of the body whose subtree is shown, "" all
	XLSX    string // "" for who may not export
	Lists   []choice
	Empty   bool
	// Unseen words how many restricted cases no analyst sees, "" for none.
	Unseen string
}

// choice is a link that may be the one chosen.
type choice struct {
	Title, Path string
	Count       string
	Here        bool
	Tone        string
}

func (p *Pages) table(r *page.Request) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	t, err := p.build(r, q)
	if err != nil {
		return err
	}
	v := tableView{Head: t.head(), Trouble: t.total().overdue > 0, Table: t.table(), XLSX: sheet.Path(r, "/terms/table.xlsx"),
		Body: t.bodyName(), Empty: len(t.shown()) == 0}
	for _, weeks := range periods() {
		with := q
		with.weeks = weeks
		v.Periods = append(v.Periods, choice{Title: periodWords(weeks), Path: with.path(), Here: weeks == q.weeks})
	}
	with := q
	with.all = !q.all
	v.All = choice{Title: "все органы", Path: with.path(), Here: q.all}
	v.Lists = t.lists()
	if r.Scope.Whole {
		unseen, err := p.Store.UnseenRestricted(r.Context(), r.Region.ID)
		if err != nil {
			return err
		}
		if unseen > 0 {
			v.Unseen = page.Counted(unseen, "инцидент", "инцидента", "инцидентов")
		}
	}
	return r.Render("table", v)
}

func (p *Pages) tableXLSX(r *page.Request) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	t, err := p.build(r, q)
	if err != nil {
		return err
	}
	return sheet.Send(r, "Сроки по органам "+r.Today().Words(), t.table().Sheet())
}

// build reads and adds up everything the table shows. The readings do not
// depend on each other and are asked for together.
func (p *Pages) build(r *page.Request, q query) (*board, error) {
	b := newBoard(r, q, p.Norms(r.Region.ID))
	last := monday(b.today)
	var load []domain.LoadCount
	var intake []domain.WeekIntake
	var weeks []domain.AgencyWeek
	reading, ctx := errgroup.WithContext(r.Context())
	reading.Go(func() (err error) {
		tomorrow, soon := b.today.Add(1).Start(r.Region.Zone), b.today.Add(1+soonDays).Start(r.Region.Zone)
		load, err = p.Store.OpenLoad(ctx, r.Scope, r.Now, tomorrow, soon)
		return err
	})
	reading.Go(func() (err error) {
		intake, err = p.Store.AgencyIntake(ctx, r.Scope, last.Add(-7*(shownWeeks-1)), last)
		return err
	})
	reading.Go(func() (err error) {
		weeks, err = p.Store.AgencyWeeks(ctx, r.Scope, q.begin(b.today), last)
		return err
	})
	reading.Go(func() (err error) {
		b.control, err = p.Store.ForController(ctx, r.Scope, b.agencies())
		return err
	})
	if err := reading.Wait(); err != nil {
		return nil, err
	}
	b.addLoad(load)
	b.addIntake(intake)
	b.addWeeks(weeks)
	return b, nil
}
