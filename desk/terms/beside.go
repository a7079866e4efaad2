package terms

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// shownBeside is how many deferrals or escalations are listed, of the last
// besideDays days.
const (
	shownBeside = 200
	besideDays  = 90
)

func caseLink(id int64) string { return "/case/" + strconv.FormatInt(id, 10) }

// deferrals lists «отложенное решение»: asked for, granted, refused (law.md R7).
func (p *Pages) deferrals(r *page.Request) error {
	lines, err := p.Store.Deferrals(r.Context(), r.Scope, r.Now.AddDate(0, 0, -besideDays), shownBeside)
	if err != nil {
		return err
	}
	t := report.Table{Zone: r.Region.Zone, Columns: []report.Column{{Title: "Номер", Whole: true}, {Title: "Категория"}, {Title: "Орган"}, {Title: "Просит"}, {Title: "Причина"},
		{Title: "Прежний срок", Kind: report.Day}, {Title: "Просят до", Kind: report.Day}, {Title: "Решение"}, {Title: "Основание"}, {Title: "Когда", Kind: report.Moment}}}
	for _, d := range lines {
		decision, tone := decisionWords(d.Decision)
		old := d.Case.Deadline
		old.Due = d.OldDue
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{report.Str(d.Case.Number).To(caseLink(d.Case.ID)), report.Str(r.Region.Category(d.Case)),
			report.Str(r.Region.Agency(d.Case.AgencyID)), report.Str(d.AskedBy), report.Str(d.Reason),
			report.On(r.Region.Almanac().LastDay(old)), report.On(d.Until), report.Str(decision).Toned(tone), report.Str(d.Why), report.At(d.DecidedAt)}})
	}
	v := listView{Title: "Отложенные решения", Note: "за " + page.Days(besideDays) + "; просьбу рассматривает контролёр в карточке инцидента", Table: t, Back: "/terms",
		Foot: page.Foot{Words: page.Counted(len(lines), "просьба", "просьбы", "просьб")}}
	return r.Render("list", v)
}

func decisionWords(decision string) (words, tone string) {
	switch decision {
	case "granted":
		return "разрешено", ""
	case "refused":
		return "отказано", ""
	}
	return "ждёт контролёра", "due-soon"
}

// escalations lists the notices about overdue cases to curators and controllers.
func (p *Pages) escalations(r *page.Request) error {
	lines, err := p.Store.Escalations(r.Context(), r.Scope, r.Now.AddDate(0, 0, -besideDays), shownBeside)
	if err != nil {
		return err
	}
	t := report.Table{Zone: r.Region.Zone, Columns: []report.Column{{Title: "Номер", Whole: true}, {Title: "Категория"}, {Title: "Орган"}, {Title: "Состояние"}, {Title: "Срок", Kind: report.Day},
		{Title: "Сейчас"}, {Title: "Сообщено", Kind: report.Moment}}}
	for _, e := range lines {
		chip := r.Due(e.Case)
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{report.Str(e.Case.Number).To(caseLink(e.Case.ID)), report.Str(r.Region.Category(e.Case)),
			report.Str(r.Region.Agency(e.Case.AgencyID)), report.Str(domain.StateTitle(e.Case.State)), report.On(r.Region.Almanac().LastDay(e.Case.Deadline)),
			report.Str(chip.Text).Toned(chip.Class), report.At(e.At)}})
	}
	v := listView{Title: "Эскалации", Note: "о просрочке сообщено куратору и контролёру, за " + page.Days(besideDays), Table: t, Back: "/terms",
		Foot: page.Foot{Words: page.Counted(len(lines), "эскалация", "эскалации", "эскалаций")}}
	return r.Render("list", v)
}

// download sends one sheet. It is written whole before it is sent: a failure on
// the way is an error page, not half a file.
func download(r *page.Request, title string, sheet report.Sheet) error {
	var b bytes.Buffer
	if err := report.WriteXLSX(r.Context(), &b, []report.Sheet{sheet}, nil); err != nil {
		return fmt.Errorf("write %s: %w", title, err)
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(title+".xlsx"))
	_, err := b.WriteTo(r.W)
	if err != nil {
		r.Log.Debug("the reader of a file is gone", "err", err)
	}
	return nil
}
