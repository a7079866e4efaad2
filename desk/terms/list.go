package terms

import (
	"iter"
	"net/url"
	"strconv"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// pageLines is how many lines a page of a list has.
const pageLines = 50

// listPath is the address of a list with all that chooses it.
func (b *board) listPath(list domain.TermList, agency string) string {
	path := "/terms/list?"
	if agency != "" {
		path += "agency=" + url.QueryEscape(agency) + "&"
	}
	if happened(list) {
		path += "from=" + b.q.begin(b.today).String() + "&"
	}
	return path + "list=" + string(list)
}

// happened: the list is of what happened in a period, not of what is open.
func happened(list domain.TermList) bool {
	switch list {
	case domain.TermOpen, domain.TermToday, domain.TermSoon, domain.TermOverdue, domain.TermControl:
		return false
	}
	return true
}

func listTitle(list domain.TermList) string {
	switch list {
	case domain.TermOpen:
		return "Открытые"
	case domain.TermToday:
		return "Срок сегодня"
	case domain.TermSoon:
		return "Срок через 1–3 дня"
	case domain.TermOverdue:
		return "Просроченные"
	case domain.TermControl:
		return "Ждут решения контролёра"
	case domain.TermAnswered:
		return "Получили ответ"
	case domain.TermInTime:
		return "Ответ дан в срок"
	case domain.TermLate:
		return "Ответ дан с опозданием"
	case domain.TermSolved:
		return "Решённые"
	case domain.TermExplained:
		return "Разъяснённые"
	case domain.TermSentBack:
		return "Возвращённые органом"
	case domain.TermReopened:
		return "Повторно в работе"
	}
	return ""
}

type listView struct {
	Title string
	Note  string
	Table report.Table
	Foot  page.Foot
	XLSX  string
	Back  string
}

// listQuery reads the address of a list.
func listQuery(r *page.Request) (domain.TermQuery, error) {
	q := domain.TermQuery{List: domain.TermList(r.Text("list")), Limit: pageLines}
	if listTitle(q.List) == "" {
		return q, page.NotFound("Такого списка нет.")
	}
	switch agency := r.Text("agency"); {
	case agency == none:
		q.Agencies = []string{""}
	case agency != "":
		if q.Agencies = r.Region.Tree.Under(agency); q.Agencies == nil {
			return q, page.NotFound("Такого органа в регионе нет.")
		}
	}
	q.DueFrom, q.DueTo = dues(q.List, r.Today(), r.Region.Zone, r.Now)
	from, err := r.Date("from")
	if err != nil {
		return q, err
	}
	to, err := r.Date("to")
	if err != nil {
		return q, err
	}
	if from != (domain.Date{}) {
		q.From = from.Start(r.Region.Zone)
	}
	if to != (domain.Date{}) {
		q.To = to.Add(1).Start(r.Region.Zone)
	}
	q.AfterAt, q.AfterID, err = readAfter(r)
	return q, err
}

// readAfter reads where the page before ended: microseconds and id; zeros for the
// first page.
func readAfter(r *page.Request) (at time.Time, id int64, err error) {
	text := r.Text("after")
	if text == "" {
		return at, 0, nil
	}
	micros, err := strconv.ParseInt(text, 10, 64)
	id, err2 := strconv.ParseInt(r.Text("id"), 10, 64)
	if err != nil || err2 != nil {
		return at, 0, page.NotFound("Адрес страницы списка набран с ошибкой.")
	}
	return time.UnixMicro(micros).UTC(), id, nil
}

func (p *Pages) list(r *page.Request) error {
	q, err := listQuery(r)
	if err != nil {
		return err
	}
	lines, err := p.Store.TermLines(r.Context(), r.Scope, q)
	if err != nil {
		return err
	}
	v := listView{Title: listTitle(q.List), Note: listNote(r, q), Table: listTable(r, q, lines), Back: "/terms"}
	v.Table.Title, v.Table.Note = "", ""
	if agency := r.Text("agency"); agency != "" {
		v.Back = "/terms?agency=" + url.QueryEscape(agency)
	}
	if len(lines) > 0 {
		v.XLSX = sheet.Path(r, "/terms/list.xlsx", "after", "id")
	}
	v.Foot = listFoot(r, lines)
	return r.Render("list", v)
}

func listFoot(r *page.Request, lines []domain.TermLine) page.Foot {
	f := page.Foot{Words: page.Counted(len(lines), "инцидент", "инцидента", "инцидентов") + " на странице"}
	if r.Text("after") == "" && len(lines) < pageLines {
		f.Words = page.Counted(len(lines), "инцидент", "инцидента", "инцидентов")
	}
	if len(lines) == pageLines {
		last := lines[len(lines)-1]
		v := r.URL.Query()
		v.Set("after", strconv.FormatInt(last.At.UnixMicro(), 10))
		v.Set("id", strconv.FormatInt(last.Case.ID, 10))
		f.Next = "/terms/list?" + v.Encode()
	}
	return f
}

func listNote(r *page.Request, q domain.TermQuery) string {
	note := r.Region.Name
	switch agency := r.Text("agency"); {
	case agency == none:
		note = "ещё не поручены"
	case agency != "":
		note = r.Region.Agency(agency)
		if len(q.Agencies) > 1 {
			note += " с подведомственными"
		}
	}
	if !q.From.IsZero() {
		note += ", с " + domain.DateOf(q.From, r.Region.Zone).Words()
	}
	if !q.To.IsZero() {
		note += " по " + domain.DateOf(q.To.Add(-time.Microsecond), r.Region.Zone).Words()
	}
	return note
}

// listColumns: what happened has a moment, what is open has a deadline.
func listColumns(list domain.TermList) []report.Column {
	out := []report.Column{{Title: "Номер", Width: 16, Whole: true}, {Title: "Категория", Width: 48}, {Title: "Место", Width: 32}, {Title: "Орган", Width: 32},
		{Title: "Состояние", Width: 22}, {Title: "Зарегистрирован", Kind: report.Moment}, {Title: "Срок", Kind: report.Day}}
	switch list {
	case domain.TermOpen, domain.TermToday, domain.TermSoon, domain.TermOverdue:
		return append(out, report.Column{Title: "Осталось", Width: 24})
	case domain.TermControl:
		return append(out, report.Column{Title: "Осталось", Width: 24}, report.Column{Title: "Прежний срок", Kind: report.Day}, report.Column{Title: "Что решить", Width: 48})
	case domain.TermSentBack, domain.TermReopened:
		return append(out, report.Column{Title: "Когда", Kind: report.Moment})
	}
	return append(out, report.Column{Title: "Ответ дан", Kind: report.Moment}, report.Column{Title: "Через", Kind: report.Duration}, report.Column{Title: "В срок", Width: 8})
}

func listTable(r *page.Request, q domain.TermQuery, lines []domain.TermLine) report.Table {
	t := report.Table{Title: listTitle(q.List), Note: listNote(r, q), Columns: listColumns(q.List), Zone: r.Region.Zone}
	for _, l := range lines {
		t.Rows = append(t.Rows, listRow(r, q.List, l))
	}
	return t
}

func listRow(r *page.Request, list domain.TermList, l domain.TermLine) report.Row {
	c := l.Case
	cells := []report.Cell{report.Str(c.Number).To("/case/" + strconv.FormatInt(c.ID, 10)), report.Str(r.Region.Category(c)), report.Str(page.Place(c.Place)),
		report.Str(r.Region.Agency(l.AgencyID)), report.Str(domain.StateTitle(c.State)), report.At(c.RegisteredAt)}
	due := report.Cell{}
	if !c.Deadline.Due.IsZero() {
		due = report.On(r.Region.Almanac().LastDay(c.Deadline))
	}
	cells = append(cells, due)
	switch list {
	case domain.TermOpen, domain.TermToday, domain.TermSoon, domain.TermOverdue:
		chip := r.Due(c)
		return report.Row{Cells: append(cells, report.Str(chip.Text).Toned(chip.Class))}
	case domain.TermControl:
		chip, before := r.Due(c), report.Cell{}
		if !c.Dispute.Before.Due.IsZero() {
			before = report.On(r.Region.Almanac().LastDay(c.Dispute.Before))
		}
		return report.Row{Cells: append(cells, report.Str(chip.Text).Toned(chip.Class), before, report.Str(c.ForControl))}
	case domain.TermSentBack, domain.TermReopened:
		return report.Row{Cells: append(cells, report.At(l.At))}
	}
	inTime := "нет"
	if l.InTime {
		inTime = "да"
	}
	return report.Row{Cells: append(cells, report.At(l.At), report.Lasting(l.Answer), report.Str(inTime))}
}

// fileLines is how many lines are read at a time for a file.
const fileLines = 500

// listXLSX writes the whole list.
func (p *Pages) listXLSX(r *page.Request) error {
	q, err := listQuery(r)
	if err != nil {
		return err
	}
	q.Limit, q.AfterAt, q.AfterID = fileLines, time.Time{}, 0
	t := listTable(r, q, nil)
	whole := t.Sheet()
	whole.Rows = p.rows(r, q)
	return sheet.Send(r, t.Title+" "+r.Today().Words(), whole)
}

func (p *Pages) rows(r *page.Request, q domain.TermQuery) iter.Seq2[report.Row, error] {
	ended := false
	return sheet.Rows(func() ([]domain.TermLine, error) {
		if ended {
			return nil, nil
		}
		lines, err := p.Store.TermLines(r.Context(), r.Scope, q)
		if ended = len(lines) < q.Limit; err == nil && !ended {
			last := lines[len(lines)-1]
			q.AfterAt, q.AfterID = last.At, last.Case.ID
		}
		return lines, err
	}, func(l domain.TermLine) report.Row { return listRow(r, q.List, l) })
}
