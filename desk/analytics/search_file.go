package analytics

import (
	"strings"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// searchFile is what a search has found, as many as are counted. Posts are whole
// in it, personal data masked (law.md §4): a file leaves the desk.
func (p *Pages) searchFile(r *page.Request) error {
	words, d, err := p.asked(r)
	if err != nil {
		return err
	}
	if words == "" {
		return page.Invalid("q", "Напишите, что искать: без слов выгружать нечего.")
	}
	ask := postQuery(r, d.q, d.pack, words)
	ask.Limit = countedHits
	found, err := p.Store.SearchPosts(r.Context(), r.Scope, ask)
	if err != nil {
		return err
	}
	period := ", за всё время"
	if !d.q.usual {
		period = ", " + d.q.periodWords()
	}
	note := "«" + words + "»; " + r.Region.Name + period + d.chosen() + ". " + countWords(found) + " Телефоны, почта и номера документов скрыты."
	return sheet.Send(r, "Поиск «"+words+"» "+r.Today().Words(), report.Sheet{Title: "Найденные сообщения", Note: note, Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Когда", Kind: report.Moment}, {Title: "Откуда", Width: 40}, {Title: "Сообщение", Width: 80}, {Title: "Инцидент", Width: 16}, {Title: "Состояние", Width: 22},
		{Title: "Срок", Kind: report.Day}, {Title: "Категория", Width: 48}, {Title: "Место"}, {Title: "Оригинал", Width: 40}}, Rows: sheet.Lines(found.Hits, d.hitRow)})
}

func (d *data) hitRow(h domain.PostHit) report.Row {
	number, state, due := "", "не инцидент", report.Cell{}
	if c := h.Case; c.ID != 0 {
		number, state = c.Number, domain.StateTitle(c.State)
		if !c.Deadline.Due.IsZero() && c.State.ClockRuns() {
			due = report.On(d.r.Region.Almanac().LastDay(c.Deadline))
		}
	}
	return report.Row{Cells: []report.Cell{report.At(whenOf(h)), report.Str(strings.Join(d.from(h), " · ")), report.Str(domain.Mask(h.Post.Text)), report.Str(number), report.Str(state),
		due, report.Str(d.category(h.Category).Title), report.Str(page.Place(h.Place)), report.Str(h.Post.URL)}}
}
