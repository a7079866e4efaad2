package people

import (
	"strings"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// listFile is the list of users as shown.
func (p *Pages) listFile(r *page.Request) error {
	rows, err := p.rows(r)
	if err != nil {
		return err
	}
	note := r.Region.Name
	if find := r.Text("find"); find != "" {
		note += "; найдено по словам «" + find + "»"
	}
	return sheet.Send(r, "Пользователи "+r.Today().Words(), report.Sheet{Title: "Пользователи", Note: note, Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Имя"}, {Title: "Должность"}, {Title: "Логин", Width: 20}, {Title: "Роли", Width: 48}, {Title: "Состояние", Width: 20}, {Title: "Отсутствие"}, {Title: "Последний вход", Kind: report.Moment}},
		Rows: sheet.Lines(rows, func(u userRow) report.Row {
			return report.Row{Cells: []report.Cell{report.Str(u.Name), report.Str(u.Position), report.Str(u.Login), report.Str(strings.Join(u.Offices, "\n")),
				report.Str(u.State), report.Str(u.Away), report.At(u.LastAt)}}
		})})
}

// fileLines is how many lines of the journal are read at a time for a file.
const fileLines = 1000

// journalFile is the whole journal by the page's filter.
func (p *Pages) journalFile(r *page.Request) error {
	shown := shownFilter(r)
	f, err := readFilter(r, shown)
	if err != nil {
		return err
	}
	_, names, err := p.names(r)
	if err != nil {
		return err
	}
	f.BeforeID, f.Limit = 0, fileLines
	ended := false
	next := func() ([]domain.Entry, error) {
		if ended {
			return nil, nil
		}
		lines, err := p.Store.Journal(r.Context(), r.Scope, f)
		if ended = len(lines) < f.Limit; err == nil && !ended {
			last := lines[len(lines)-1]
			f.Before, f.BeforeID = last.At, last.ID
		}
		return lines, err
	}
	return sheet.Send(r, "Журнал "+r.Today().Words(), report.Sheet{Title: "Журнал", Note: r.Region.Name + shown.words(), Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Когда", Kind: report.Moment}, {Title: "Кто"}, {Title: "Что"}, {Title: "С чем"}, {Title: "Подробности", Width: 80}, {Title: "Откуда", Width: 20}},
		Rows: sheet.Rows(next, func(e domain.Entry) report.Row {
			l := showLine(r, e, names)
			return report.Row{Cells: []report.Cell{report.At(e.At), report.Str(l.Who), report.Str(l.Action), report.Str(l.Object), report.Str(l.Words), report.Str(l.Address)}}
		})})
}

// words say what a file of the journal is narrowed to.
func (f journalFilter) words() string {
	out := ""
	for _, part := range [][2]string{{"кто: ", f.Who}, {"что: ", titleOf(actions(), f.Action)}, {"с чем: ", titleOf(objects(), f.Object)}, {"", f.ID}, {"с ", f.From}, {"по ", f.To}} {
		if part[1] != "" {
			out += "; " + part[0] + part[1]
		}
	}
	return out
}
