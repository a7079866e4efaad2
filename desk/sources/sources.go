// Package sources is the page «Источники»: how every source is doing, in words;
// pausing; adding one, with a check that really polls it.
package sources

import (
	"context"
	"embed"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var files embed.FS

// Store is what the pages read and write.
type Store interface {
	Sources(ctx context.Context, region string) ([]domain.Source, error)
	Source(ctx context.Context, id int64) (domain.Source, error)
	// What follows writes its lines of the journal with the change.
	AddSource(ctx context.Context, src domain.Source, noted ...domain.Entry) (domain.Source, error)
	PauseSource(ctx context.Context, id int64, reason string, noted ...domain.Entry) error
	ResumeSource(ctx context.Context, id int64, now time.Time, noted ...domain.Entry) error
	// LetAway forgets the chats that the source's bot was put out of.
	LetAway(ctx context.Context, id int64, noted ...domain.Entry) error
}

// Platforms are asked before a source is added.
type Platforms interface {
	// Clean takes a pasted link down to an address, and refuses what no «Добавить всё
	// равно» helps; the error is a Russian sentence.
	Clean(ctx context.Context, src *domain.Source) error
	// Check polls once and gives the platform's name for the source; the error is
	// a Russian sentence.
	Check(ctx context.Context, src domain.Source) (title string, err error)
	// OneWay refuses a bot that is already read the other way; the error is a Russian
	// sentence.
	OneWay(ctx context.Context, src domain.Source) error
	// Quota is what is left of the daily quotas, by method.
	Quota(ctx context.Context) map[string]domain.Budget
	// Homes are the municipalities of a region: id → name.
	Homes(region string) map[string]string
	// Wake makes pollers look now.
	Wake(ctx context.Context)
}

// Pages of sources.
type Pages struct {
	Store     Store
	Platforms Platforms
}

// Section is what the desk serves of them.
func (p *Pages) Section() page.Section {
	return page.Section{Name: "sources", Views: page.Sub(files, "views"), Routes: []page.Route{
		{Pattern: "GET /sources", Action: access.SeeSources, Handler: p.list},
		{Pattern: "GET /sources.xlsx", Action: access.SeeSources, Also: access.Export, Handler: p.file, Long: true},
		{Pattern: "GET /sources/new", Action: access.ManageSources, Handler: p.form},
		{Pattern: "POST /sources/new", Action: access.ManageSources, Handler: p.add, Long: true},
		{Pattern: "POST /sources/{id}/check", Action: access.ManageSources, Handler: p.check, Long: true},
		{Pattern: "POST /sources/{id}/pause", Action: access.ManageSources, Handler: p.pause},
		{Pattern: "POST /sources/{id}/resume", Action: access.ManageSources, Handler: p.resume},
		{Pattern: "POST /sources/{id}/away", Action: access.ManageSources, Handler: p.letAway},
	}}
}

// checkLimit ends a check whose platform hangs.
const checkLimit = 30 * time.Second

type row struct {
	ID                    int64
	Kind, Title, Address  string
	State, Class, Reason  string
	Last, Next, Lag, Rate string
	Home                  string
	Away                  []string // what is said of chats that the bot was put out of
	Paused, Trouble       bool
}

type listView struct {
	Rows    []row
	Foot    page.Foot
	Quota   []quota
	Manage  bool
	Filter  string
	Filters []filter
	XLSX    string
}

type filter struct {
	Title, Path string
	Count       int
	Here        bool
}

type quota struct {
	Words string
	Left  int
	Of    int
	Share int // percent left
}

// chosen are the region's sources, and those of them that the page's filter asks for.
func (p *Pages) chosen(r *page.Request) (all, chosen []domain.Source, err error) {
	if all, err = p.Store.Sources(r.Context(), r.Region.ID); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(all, byTrouble)
	for _, src := range all {
		if state := r.Text("state"); state == "" || groupOf(src) == state {
			chosen = append(chosen, src)
		}
	}
	return all, chosen, nil
}

func (p *Pages) list(r *page.Request) error {
	all, chosen, err := p.chosen(r)
	if err != nil {
		return err
	}
	v := listView{Filter: r.Text("state"), Manage: r.Can(access.ManageSources, access.Object{})}
	homes := p.Platforms.Homes(r.Region.ID)
	for _, src := range chosen {
		v.Rows = append(v.Rows, show(r, src, homes))
	}
	if len(chosen) > 0 {
		v.XLSX = sheet.Path(r, "/sources.xlsx")
	}
	v.Filters = filters(all, v.Filter)
	v.Quota = quotas(p.Platforms.Quota(r.Context()))
	v.Foot = page.Foot{Words: footWords(len(v.Rows), v.Filter)}
	return r.Render("list", v)
}

// byTrouble puts what needs a person first, then by kind and name.
func byTrouble(a, b domain.Source) int {
	rank := func(s domain.Source) int {
		return slices.Index([]string{groupTrouble, groupWaiting, groupFine, groupPaused}, groupOf(s))
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(string(a.Kind)+name(a), string(b.Kind)+name(b))
}

func name(s domain.Source) string {
	if s.Title != "" {
		return s.Title
	}
	return s.Address
}

func show(r *page.Request, src domain.Source, homes map[string]string) row {
	v := row{ID: src.ID, Kind: kindWords(src.Kind), Title: name(src), Address: src.Address, State: stateWords(src.State),
		Reason: src.Reason, Last: r.When(src.LastOKAt), Rate: rateWords(src.Activity.PostsPerHour), Home: homes[src.Home],
		Paused: src.State == domain.SourcePaused, Trouble: groupOf(src) == groupTrouble}
	for _, a := range src.Away {
		v.Away = append(v.Away, awayWords(a, r.When(a.Since)))
	}
	if len(v.Away) > 0 && v.Trouble && groupOfState(src.State) != groupTrouble {
		v.State = "потерян чат"
	}
	if !src.LastOKAt.IsZero() && !src.Kind.Pushed() {
		v.Lag = page.Duration(r.Now.Sub(src.LastOKAt))
	}
	if !src.Kind.Pushed() && !v.Paused && src.NextPollAt.After(r.Now) {
		v.Next = r.When(src.NextPollAt)
	}
	return v
}

func quotas(left map[string]domain.Budget) []quota {
	var out []quota
	for _, method := range slices.Sorted(maps.Keys(left)) {
		b := left[method]
		if b.PerDay <= 0 {
			continue
		}
		out = append(out, quota{Words: methodWords(method), Left: int(b.Left), Of: int(b.PerDay), Share: int(100 * b.Left / b.PerDay)})
	}
	return out
}

// note is a line of the journal about a source.
func note(r *page.Request, action string, src domain.Source, words string) domain.Entry {
	return domain.EntryOf(r.Doer(), action, "source", name(src), words)
}

// own finds a source of the person's region.
func (p *Pages) own(r *page.Request) (domain.Source, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.Source{}, err
	}
	src, err := p.Store.Source(r.Context(), id)
	if errors.Is(err, domain.ErrNotFound) || err == nil && src.Region != r.Region.ID {
		return src, page.NotFound("Такого источника нет.")
	}
	return src, err
}

func (p *Pages) check(r *page.Request) error {
	src, err := p.own(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkLimit)
	defer cancel()
	title, err := p.Platforms.Check(ctx, src)
	if err != nil {
		r.Notify(page.Notice{Text: "«" + name(src) + "» не читается: " + err.Error() + ".", Bad: true})
		return r.Redirect("/sources")
	}
	r.Notify(page.Notice{Text: "«" + title + "» читается."})
	return r.Redirect("/sources")
}

func (p *Pages) pause(r *page.Request) error {
	src, err := p.own(r)
	if err != nil {
		return err
	}
	why := r.Text("why")
	if why == "" {
		why = "без объяснения"
	}
	entry := note(r, "source_paused", src, "остановлен опрос: "+why)
	if err := p.Store.PauseSource(r.Context(), src.ID, why+" ("+r.User.Name+")", entry); err != nil {
		return err
	}
	text := "Опрос «" + name(src) + "» остановлен."
	if src.Kind.Pushed() {
		text += " Пока он остановлен, присланное не сохраняется."
	}
	r.Notify(page.Notice{Text: text, Undo: "/sources/" + r.PathValue("id") + "/resume"})
	return r.Redirect("/sources")
}

func (p *Pages) resume(r *page.Request) error {
	src, err := p.own(r)
	if err != nil {
		return err
	}
	if err := p.Platforms.OneWay(r.Context(), src); err != nil {
		r.Notify(page.Notice{Text: "«" + name(src) + "» остаётся остановленным: " + err.Error() + ".", Bad: true})
		return r.Redirect("/sources")
	}
	err = p.Store.ResumeSource(r.Context(), src.ID, r.Now, note(r, "source_resumed", src, "опрос возобновлён"))
	if errors.Is(err, domain.ErrNotFound) { // a second click
		r.Notify(page.Notice{Text: "«" + name(src) + "» и так опрашивается."})
		return r.Redirect("/sources")
	}
	if err != nil {
		return err
	}
	p.Platforms.Wake(r.Context())
	r.Notify(page.Notice{Text: "«" + name(src) + "» снова опрашивается."})
	return r.Redirect("/sources")
}

// letAway: it is meant that the bot is out of these chats.
func (p *Pages) letAway(r *page.Request) error {
	src, err := p.own(r)
	if err != nil {
		return err
	}
	err = p.Store.LetAway(r.Context(), src.ID, note(r, "source_away", src, "бот больше не состоит в чатах, так и задумано"))
	if err != nil && !errors.Is(err, domain.ErrNotFound) { // a second click
		return err
	}
	r.Notify(page.Notice{Text: "«" + name(src) + "»: о чатах, из которых бота убрали, больше не напоминаем. Уберут из другого — скажем."})
	return r.Redirect("/sources")
}

type formView struct {
	Kinds   []option
	Homes   []option
	Address string
	Title   string
	Fault   string // of the address or the check
}

type option struct {
	Value, Title, Hint string
	Chosen             bool
}

func (p *Pages) form(r *page.Request) error {
	return r.Render("new", p.emptyForm(r, domain.Source{Kind: domain.VKWall}))
}

func (p *Pages) emptyForm(r *page.Request, src domain.Source) formView {
	v := formView{Address: src.Address, Title: src.Title}
	for _, k := range kinds() {
		v.Kinds = append(v.Kinds, option{Value: string(k), Title: kindWords(k), Hint: addressWords(k), Chosen: k == src.Kind})
	}
	for id, title := range p.Platforms.Homes(r.Region.ID) {
		v.Homes = append(v.Homes, option{Value: id, Title: title, Chosen: id == src.Home})
	}
	slices.SortFunc(v.Homes, func(a, b option) int { return strings.Compare(a.Title, b.Title) })
	return v
}

// add checks the source by really polling it, then stores it. «Добавить всё
// равно» is for sources that will answer later (a bot not yet in the channel).
func (p *Pages) add(r *page.Request) error {
	src := domain.Source{Region: r.Region.ID, Kind: domain.SourceKind(r.Text("kind")), Address: r.Text("address"),
		Title: r.Text("title"), Home: r.Text("home"), State: domain.SourceNew}
	if !slices.Contains(kinds(), src.Kind) {
		return page.Invalid("kind", "Выберите вид источника из списка.")
	}
	if _, known := p.Platforms.Homes(r.Region.ID)[src.Home]; src.Home != "" && !known {
		return page.Invalid("home", "Выберите муниципалитет из списка.")
	}
	if fault := p.fault(r, &src); fault != "" {
		v := p.emptyForm(r, src)
		v.Fault = fault
		return r.RenderStatus(http.StatusUnprocessableEntity, "new", v)
	}
	src.NextPollAt = r.Now
	stored, err := p.Store.AddSource(r.Context(), src, note(r, "source_added", src, "добавлен источник: "+kindWords(src.Kind)))
	if errors.Is(err, domain.ErrExists) {
		v := p.emptyForm(r, src)
		v.Fault = "Такой источник уже есть в списке."
		return r.RenderStatus(http.StatusUnprocessableEntity, "new", v)
	}
	if err != nil {
		return err
	}
	p.Platforms.Wake(r.Context())
	r.Notify(page.Notice{Text: "«" + name(stored) + "» добавлен. " + FirstPosts(stored.Kind)})
	return r.Redirect("/sources")
}

// fault is what is wrong with a new source, "" when it can be added.
func (p *Pages) fault(r *page.Request, src *domain.Source) string {
	if src.Address == "" {
		return "Укажите адрес: " + addressWords(src.Kind) + "."
	}
	if err := p.Platforms.Clean(r.Context(), src); err != nil {
		return err.Error() + "."
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkLimit)
	defer cancel()
	title, err := p.Platforms.Check(ctx, *src)
	if err != nil && r.Text("force") == "" {
		return "Источник не читается: " + err.Error() + "."
	}
	if src.Title == "" {
		src.Title = title
	}
	return ""
}
