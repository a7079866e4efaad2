package queue

import (
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// fileLines is how many things are read at a time for a file.
const fileLines = 500

// file is the queue as filtered, whole. Personal data are masked in it (law.md §4): a
// file leaves the desk.
func (q *Queue) file(r *page.Request) error {
	pack, err := q.Packs.Of(r)
	if err != nil {
		return err
	}
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	f, err := v.filter(pack)
	if err != nil {
		return err
	}
	opts, err := q.options(r, pack)
	if err != nil {
		return err
	}
	note := r.Region.Name
	if words := v.words(opts); words != "" {
		note += "; " + words
	}
	return sheet.Send(r, "Очередь "+r.Today().Words(), report.Sheet{Title: "Очередь", Note: note + ". Телефоны, почта и номера документов скрыты.", Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Номер", Width: 16, Whole: true}, {Title: "Что", Width: 20}, {Title: "Срочно", Width: 10}, {Title: "Текст", Width: 64}, {Title: "Категория", Width: 48},
		{Title: "Место", Width: 32}, {Title: "Сообщений", Kind: report.Number}, {Title: "Срок", Kind: report.Day}, {Title: "Осталось", Width: 24}, {Title: "Почему здесь", Width: 48}},
		Rows: sheet.Rows(q.filePages(r, f), func(it domain.QueueItem) report.Row { return q.fileRow(r, pack, it) })})
}

// filePages reads the queue on from what was read. It moves meanwhile: what comes a
// second time is left out.
func (q *Queue) filePages(r *page.Request, f domain.QueueFilter) func() ([]domain.QueueItem, error) {
	seen, offset, ended := map[domain.Ref]bool{}, 0, false
	return func() (fresh []domain.QueueItem, err error) {
		for len(fresh) == 0 && !ended {
			items, err := q.Store.Queue(r.Context(), r.Scope, f, r.Now, fileLines, offset)
			if err != nil {
				return nil, err
			}
			offset, ended = offset+len(items), len(items) < fileLines
			for _, it := range items {
				if !seen[it.Ref] {
					seen[it.Ref] = true
					fresh = append(fresh, it)
				}
			}
		}
		return fresh, nil
	}
}

func (q *Queue) fileRow(r *page.Request, pack casework.Pack, it domain.QueueItem) report.Row {
	line := q.lines(r, pack, []domain.QueueItem{it}, domain.Ref{})[0]
	what, urgent, due := line.State, "", report.Cell{}
	if what == "" {
		what = domain.StateTitle(it.Case.State)
	}
	if line.Urgent {
		urgent = "да"
	}
	if !it.Case.Deadline.Due.IsZero() {
		due = report.On(r.Region.Almanac().LastDay(it.Case.Deadline))
	}
	return report.Row{Cells: []report.Cell{report.Str(line.Number), report.Str(what), report.Str(urgent), report.Str(domain.Mask(line.Text)), report.Str(line.What),
		report.Str(page.Place(it.Case.Place)), report.Num(it.Case.Posts), due, report.Str(line.Due.Text), report.Str(domain.Mask(it.Words))}}
}
