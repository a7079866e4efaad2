package packs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

type overviewView struct {
	Summary  Summary
	Active   Version
	Versions []versionRow
	Models   []modelRow
	Manage   bool
	Foot     page.Foot
}

type versionRow struct {
	Version
	Short, Created, Activated string
}

// short is how a version is called on pages.
func short(hash string) string { return hash[:min(12, len(hash))] }

func rowOf(r *page.Request, v Version) versionRow {
	return versionRow{Version: v, Short: short(v.Hash), Created: r.When(v.CreatedAt), Activated: r.When(v.ActivatedAt)}
}

func (p *Pages) overview(r *page.Request) error {
	sum, err := p.Rules.Summary(r.Region.ID)
	if err != nil {
		return err
	}
	versions, err := p.Rules.Versions(r.Context(), r.Region.ID)
	if err != nil {
		return err
	}
	models, err := p.Rules.Models(r.Context(), r.Region.ID)
	if err != nil {
		return err
	}
	v := overviewView{Summary: sum, Models: modelRows(r, models), Manage: r.Can(access.ManageRules, access.Object{}),
		Foot: page.Foot{Words: page.Counted(len(versions), "версия", "версии", "версий")}}
	for _, one := range versions {
		if one.Active {
			v.Active = one
		}
		v.Versions = append(v.Versions, rowOf(r, one))
	}
	return r.Render("overview", v)
}

// find is a version by its hash or the beginning of it that pages show.
func (p *Pages) find(r *page.Request) (Version, error) {
	versions, err := p.Rules.Versions(r.Context(), r.Region.ID)
	if err != nil {
		return Version{}, err
	}
	hash := r.PathValue("hash")
	i := slices.IndexFunc(versions, func(v Version) bool { return len(hash) >= 12 && strings.HasPrefix(v.Hash, hash) })
	if i < 0 {
		return Version{}, page.NotFound("Такой версии правил нет.")
	}
	return versions[i], nil
}

type tryView struct {
	Text, Home string
	Judged     bool
	Trial      Trial
	Parts      []part
	Kind       string
	Row        string
	Sure       string
	Place      string
	Others     []other
}

type other struct{ Title, Sure string }

// part is a piece of the text: plain, or evidence with its reason.
type part struct {
	Text, Why string
	Against   bool
}

const maxTried = 20000 // runes: nobody pastes a book to see why

func (p *Pages) try(r *page.Request) error {
	v := tryView{Text: r.Text("text"), Home: r.Text("home")}
	if v.Text == "" {
		return r.Render("try", v)
	}
	if n := len([]rune(v.Text)); n > maxTried {
		return page.Invalid("text", fmt.Sprintf("Текст слишком длинный: %d знаков при допустимых %d.", n, maxTried))
	}
	var err error
	if v.Trial, err = p.Rules.Try(r.Context(), r.Region.ID, "", v.Text, v.Home); err != nil {
		return err
	}
	verdict := v.Trial.Verdict
	v.Judged, v.Kind, v.Row = true, kindWords(verdict), rowWords(verdict.Row, verdict.Category, verdict.Subcategory)
	v.Sure, v.Place = page.Confidence(verdict.Confidence), page.Place(verdict.Place)
	v.Parts = parts(v.Text, verdict.Evidence)
	for _, a := range verdict.Alternatives {
		c := domain.Case{Region: r.Region.ID, Row: a.Row, Topic: a.Topic}
		v.Others = append(v.Others, other{Title: r.Region.Category(c), Sure: page.Confidence(a.Confidence)})
	}
	return r.Render("try", v)
}

// parts cuts a text at its evidence, which may overlap: what begins earlier wins.
func parts(text string, evidence []domain.Evidence) []part {
	runes := []rune(text)
	sorted := slices.Clone(evidence)
	slices.SortStableFunc(sorted, func(a, b domain.Evidence) int { return a.Start - b.Start })
	var out []part
	at := 0
	for _, e := range sorted {
		if e.Start < at || e.End > len(runes) || e.Start >= e.End {
			continue
		}
		if e.Start > at {
			out = append(out, part{Text: string(runes[at:e.Start])})
		}
		out = append(out, part{Text: string(runes[e.Start:e.End]), Why: e.Why, Against: e.Against})
		at = e.End
	}
	if at < len(runes) {
		out = append(out, part{Text: string(runes[at:])})
	}
	return out
}

type usesView struct {
	Work work
	Uses Uses
	Sort string
	XLSX string
	Foot page.Foot
}

// counted is the latest count of phrases, in the order asked for.
func (p *Pages) counted(r *page.Request) (v usesView, err error) {
	v.Sort = r.Text("sort")
	t, err := p.Store.LatestTask(r.Context(), r.Region.ID, kindUses, "", p.Clock.Now())
	if errors.Is(err, domain.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Work = showWork(r, t)
	if v.Uses, err = result[Uses](t); err != nil {
		return v, fmt.Errorf("read the count of phrases: %w", err)
	}
	if v.Sort == "used" {
		slices.SortStableFunc(v.Uses.List, func(a, b Use) int { return b.Fired - a.Fired })
	}
	return v, nil
}

func (p *Pages) uses(r *page.Request) error {
	v, err := p.counted(r)
	if err != nil {
		return err
	}
	if len(v.Uses.List) > 0 {
		v.XLSX = sheet.Path(r, "/rules/uses.xlsx")
	}
	v.Foot = page.Foot{Words: fmt.Sprintf("%s за %s; ни разу не сработали: %s",
		page.Counted(len(v.Uses.List), "фраза", "фразы", "фраз"), page.Days(v.Uses.Days), page.Count(v.Uses.Silent))}
	return r.Render("uses", v)
}

// usesFile is the count of phrases as shown.
func (p *Pages) usesFile(r *page.Request) error {
	v, err := p.counted(r)
	if err != nil {
		return err
	}
	if !v.Work.Finished {
		return page.NotFound("Фразы ещё не посчитаны: сначала посчитайте их на странице «Как работают фразы».")
	}
	note := fmt.Sprintf("%s; за %s, посчитано %s, сообщений: %s", r.Region.Name, page.Days(v.Uses.Days), v.Work.When, page.Count(v.Uses.Posts))
	return sheet.Send(r, "Фразы "+r.Today().Words(), report.Sheet{Title: "Как работают фразы", Note: note, Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Фраза", Width: 40}, {Title: "Тема", Width: 40}, {Title: "Нашлась", Kind: report.Number, Hint: "В скольких сообщениях"}, {Title: "Решила", Kind: report.Number, Hint: "Сколько раз её тема стала решением"},
		{Title: "Исправлено", Kind: report.Number, Hint: "Сколько раз люди решили иначе"}, {Title: "Где записана", Width: 40}},
		Rows: sheet.Lines(v.Uses.List, func(u Use) report.Row {
			return report.Row{Cells: []report.Cell{report.Str(u.Words), report.Str(u.Topic), report.Num(u.Fired), report.Num(u.Decided), report.Num(u.Reversed), report.Str(fmt.Sprintf("%s:%d", u.File, u.Line))}}
		})})
}

func (p *Pages) countUses(r *page.Request) error {
	t := domain.Background{Region: r.Region.ID, Kind: kindUses, Who: r.User.Login, CreatedAt: p.Clock.Now()}
	region := r.Region.ID
	if running, err := p.running(r, kindUses, ""); err != nil {
		return err
	} else if running {
		return r.Redirect("/rules/uses")
	}
	err := p.Work.begin(r.Context(), t, func(ctx context.Context, progress Progress) (any, error) {
		return p.Rules.Uses(ctx, region, usesDays, progress)
	})
	if err != nil {
		return err
	}
	return r.Redirect("/rules/uses")
}

// running reports whether the same work is under way: a second click starts no
// second one.
func (p *Pages) running(r *page.Request, kind, subject string) (bool, error) {
	t, err := p.Store.LatestTask(r.Context(), r.Region.ID, kind, subject, p.Clock.Now())
	if errors.Is(err, domain.ErrNotFound) {
		return false, nil
	}
	return err == nil && t.State == domain.BackgroundRunning, err
}

func (p *Pages) stop(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	t, err := p.Store.Task(r.Context(), r.Region.ID, id)
	if err != nil {
		return err
	}
	if !mayStop(r, t) {
		return page.Forbidden("Эту работу запустили не вы: остановить её может тот, кто запустил, или администратор.")
	}
	if err := p.Store.StopTask(r.Context(), r.Region.ID, id); err != nil && !errors.Is(err, domain.ErrNotFound) {
		return err // one that has ended meanwhile is what was wanted
	}
	r.Notify(page.Notice{Text: "Работа останавливается."})
	switch t.Kind {
	case kindDryRun:
		return r.Redirect("/rules/version/" + short(t.Subject))
	case domain.TaskTrain, domain.TaskTrainDryRun:
		return r.Redirect("/rules/learning")
	}
	return r.Redirect("/rules/uses")
}
