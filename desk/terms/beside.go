package terms

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// besideDays is how far back deferrals and escalations are listed.
const besideDays = 90

func caseLink(id int64) string { return "/case/" + strconv.FormatInt(id, 10) }

// beside is a list of what has happened to deadlines, newest first: read says
// what, the rest how it is shown.
type beside[T any] struct {
	path, title, note string
	one, few, many    string // a line of it
	columns           []report.Column
	read              func(ctx context.Context, s domain.Scope, q domain.BesideQuery) ([]T, error)
	row               func(r *page.Request, line T) report.Row
	mark              func(line T) (at time.Time, id int64) // where it stands in the list
}

// deferralList is «отложенное решение»: asked for, granted, refused (law.md R7).
func (p *Pages) deferralList() beside[domain.DeferralLine] {
	return beside[domain.DeferralLine]{path: "/terms/deferrals", title: "Отложенные решения",
		note: "за " + page.Days(besideDays) + "; просьбу рассматривает контролёр в карточке инцидента", one: "просьба", few: "просьбы", many: "просьб",
		columns: []report.Column{{Title: "Номер", Width: 16, Whole: true}, {Title: "Категория", Width: 48}, {Title: "Орган"}, {Title: "Просит"}, {Title: "Когда просили", Kind: report.Moment}, {Title: "Причина", Width: 48},
			{Title: "Прежний срок", Kind: report.Day}, {Title: "Просят до", Kind: report.Day}, {Title: "Решение", Width: 20}, {Title: "Основание", Width: 48}, {Title: "Когда", Kind: report.Moment}},
		read: p.Store.Deferrals, row: deferralRow, mark: func(d domain.DeferralLine) (time.Time, int64) { return d.AskedAt, d.ID }}
}

func deferralRow(r *page.Request, d domain.DeferralLine) report.Row {
	decision, tone := decisionWords(d.Decision)
	old := d.Case.Deadline
	old.Due = d.OldDue
	return report.Row{Cells: []report.Cell{report.Str(d.Case.Number).To(caseLink(d.Case.ID)), report.Str(r.Region.Category(d.Case)),
		report.Str(r.Region.Agency(d.Case.AgencyID)), report.Str(d.AskedBy), report.At(d.AskedAt), report.Str(d.Reason),
		report.On(r.Region.Almanac().LastDay(old)), report.On(d.Until), report.Str(decision).Toned(tone), report.Str(d.Why), report.At(d.DecidedAt)}}
}

func decisionWords(decision string) (words, tone string) {
	switch decision {
	case "granted":
		return "разрешено", ""
	case "refused":
		return "отказано", ""
	case "withdrawn":
		return "снято: инцидент у другого органа", ""
	}
	return "ждёт контролёра", "due-soon"
}

// escalationList is when curators and controllers were told of overdue cases.
func (p *Pages) escalationList() beside[domain.EscalationLine] {
	return beside[domain.EscalationLine]{path: "/terms/escalations", title: "Эскалации",
		note: "о просрочке сообщено куратору и контролёру, за " + page.Days(besideDays), one: "эскалация", few: "эскалации", many: "эскалаций",
		columns: []report.Column{{Title: "Номер", Width: 16, Whole: true}, {Title: "Категория", Width: 48}, {Title: "Орган"}, {Title: "Состояние", Width: 22}, {Title: "Срок", Kind: report.Day},
			{Title: "Сейчас", Width: 24}, {Title: "Сообщено", Kind: report.Moment}, {Title: "Кому", Width: 32}},
		read: p.Store.Escalations, row: escalationRow, mark: func(e domain.EscalationLine) (time.Time, int64) { return e.At, e.ID }}
}

func escalationRow(r *page.Request, e domain.EscalationLine) report.Row {
	chip := r.Due(e.Case)
	return report.Row{Cells: []report.Cell{report.Str(e.Case.Number).To(caseLink(e.Case.ID)), report.Str(r.Region.Category(e.Case)),
		report.Str(r.Region.Agency(e.Case.AgencyID)), report.Str(domain.StateTitle(e.Case.State)), report.On(r.Region.Almanac().LastDay(e.Case.Deadline)),
		report.Str(chip.Text).Toned(chip.Class), report.At(e.At), report.Str(toldWords(r, e))}}
}

// toldWords: «контролёр; куратор: минтранс».
func toldWords(r *page.Request, e domain.EscalationLine) string {
	words := make([]string, len(e.To))
	for i, role := range e.To {
		words[i] = domain.RoleTitle(role)
		if role == domain.RoleCurator && e.Body != "" {
			words[i] += ": " + r.Region.Agency(e.Body)
		}
	}
	return strings.Join(words, "; ")
}

func (p *Pages) deferrals(r *page.Request) error       { return p.deferralList().show(r) }
func (p *Pages) deferralsXLSX(r *page.Request) error   { return p.deferralList().file(r) }
func (p *Pages) escalations(r *page.Request) error     { return p.escalationList().show(r) }
func (p *Pages) escalationsXLSX(r *page.Request) error { return p.escalationList().file(r) }

func besideQuery(r *page.Request) domain.BesideQuery {
	return domain.BesideQuery{Since: r.Now.AddDate(0, 0, -besideDays)}
}

// show is a page of the list.
func (b beside[T]) show(r *page.Request) error {
	q := besideQuery(r)
	var err error
	if q.BeforeAt, q.BeforeID, err = readAfter(r); err != nil {
		return err
	}
	q.Limit = pageLines + 1
	lines, err := b.read(r.Context(), r.Scope, q)
	if err != nil {
		return err
	}
	more := len(lines) > pageLines
	lines = lines[:min(len(lines), pageLines)]
	v := listView{Title: b.title, Note: b.note, Back: "/terms", Table: report.Table{Zone: r.Region.Zone, Columns: b.columns}}
	for _, l := range lines {
		v.Table.Rows = append(v.Table.Rows, b.row(r, l))
	}
	if len(lines) > 0 {
		v.XLSX = sheet.Path(r, b.path+".xlsx", "after", "id")
	}
	v.Foot.Words = page.Counted(len(lines), b.one, b.few, b.many)
	if more || q.BeforeID > 0 {
		v.Foot.Words += " на странице"
	}
	if more {
		at, id := b.mark(lines[len(lines)-1])
		v.Foot.Next = b.path + "?" + url.Values{"after": {strconv.FormatInt(at.UnixMicro(), 10)}, "id": {strconv.FormatInt(id, 10)}}.Encode()
	}
	return r.Render("list", v)
}

// file is the whole list.
func (b beside[T]) file(r *page.Request) error {
	q, ended := besideQuery(r), false
	q.Limit = fileLines
	next := func() ([]T, error) {
		if ended {
			return nil, nil
		}
		lines, err := b.read(r.Context(), r.Scope, q)
		if ended = len(lines) < q.Limit; err == nil && !ended {
			q.BeforeAt, q.BeforeID = b.mark(lines[len(lines)-1])
		}
		return lines, err
	}
	return sheet.Send(r, b.title+" "+r.Today().Words(), report.Sheet{Title: b.title, Note: b.note, Columns: b.columns, Zone: r.Region.Zone,
		Rows: sheet.Rows(next, func(l T) report.Row { return b.row(r, l) })})
}
