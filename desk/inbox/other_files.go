package inbox

import (
	"strings"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// absencesFile is the list of absences as shown.
func (in *Inbox) absencesFile(r *page.Request) error {
	d, err := in.absencesData(r)
	if err != nil {
		return err
	}
	return sheet.Send(r, "Отсутствия "+r.Today().Words(), report.Sheet{Title: "Отсутствия", Note: r.Region.Name, Zone: r.Region.Zone,
		Columns: []report.Column{{Title: "Кто", Width: 32}, {Title: "Дни", Width: 28}, {Title: "Замещает", Width: 32}, {Title: "Причина", Width: 40}},
		Rows: sheet.Lines(d.Rows, func(v absenceView) report.Row {
			return report.Row{Cells: []report.Cell{report.Str(v.Name), report.Str(v.Days), report.Str(v.Deputy), report.Str(v.Why)}}
		})})
}

// templatesFile is the list of templates as shown.
func (in *Inbox) templatesFile(r *page.Request) error {
	list, err := in.Store.ReplyTemplates(r.Context(), r.Region.ID, keepers(r))
	if err != nil {
		return err
	}
	return sheet.Send(r, "Шаблоны ответов "+r.Today().Words(), report.Sheet{Title: "Шаблоны", Note: r.Region.Name, Zone: r.Region.Zone,
		Columns: []report.Column{{Title: "Шаблон", Width: 32}, {Title: "Орган", Width: 32}, {Title: "Строка перечня"}, {Title: "Текст", Width: 80}},
		Rows: sheet.Lines(list, func(t domain.ReplyTemplate) report.Row {
			v := templateRow(r, t)
			return report.Row{Cells: []report.Cell{report.Str(v.Title), report.Str(v.Body), report.Str(v.Row), report.Str(strings.TrimSpace(v.Text))}}
		})})
}
