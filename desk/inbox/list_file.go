package inbox

import (
	"strings"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// fileLines is how many tasks are read at a time for a file.
const fileLines = 500

// file is the list of tasks as shown, whole. Personal data are masked in it
// (law.md §4): a file leaves the desk.
func (in *Inbox) file(r *page.Request) error {
	f, err := in.filter(r)
	if err != nil {
		return err
	}
	f.After, f.Limit = domain.TaskMark{}, fileLines
	counts, err := in.Store.CountTasks(r.Context(), r.Scope, f, domain.Tabs()...)
	if err != nil {
		return err
	}
	f.Tab = chooseTab(r.User, f.Tab, counts)
	workers, err := in.Store.Workers(r.Context(), r.Scope, scopeBodies(r))
	if err != nil {
		return err
	}
	note := r.Region.Name + "; " + tabTitle(f.Tab)
	if words := filterWords(r, f, workers); words != "" {
		note += "; " + words
	}
	ended := false
	next := func() ([]domain.TaskLine, error) {
		if ended {
			return nil, nil
		}
		lines, err := in.Store.Tasks(r.Context(), r.Scope, f)
		if ended = len(lines) < f.Limit; err == nil && !ended {
			last := lines[len(lines)-1].Case
			f.After = domain.TaskMark{Due: last.Deadline.Due, ID: last.ID}
		}
		return lines, err
	}
	return sheet.Send(r, "Поручения "+r.Today().Words(), report.Sheet{Title: "Поручения", Note: note + ". Телефоны, почта и номера документов скрыты.", Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Номер", Width: 16, Whole: true}, {Title: "Поручение", Width: 64}, {Title: "Категория", Width: 48}, {Title: "Место"}, {Title: "Срок", Kind: report.Day}, {Title: "Осталось", Width: 24},
		{Title: "Орган"}, {Title: "Исполнитель"}, {Title: "Состояние", Width: 22}, {Title: "Отметки", Width: 40}},
		Rows: sheet.Rows(next, func(l domain.TaskLine) report.Row { return in.fileRow(r, l) })})
}

func (in *Inbox) fileRow(r *page.Request, l domain.TaskLine) report.Row {
	v := in.line(r, l, false, "")
	due := report.Cell{}
	if v.Due.Text != "" {
		due = report.On(r.Region.Almanac().LastDay(l.Case.Deadline))
	}
	marks := v.Marks
	if v.Urgent {
		marks = append([]string{"срочно"}, marks...)
	}
	return report.Row{Cells: []report.Cell{report.Str(v.Number), report.Str(domain.Mask(v.Text)), report.Str(v.Category), report.Str(v.Place), due, report.Str(v.Due.Text),
		report.Str(v.Body), report.Str(v.Executor), report.Str(v.State), report.Str(strings.Join(marks, " · "))}}
}
