package sources

import (
	"math"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// file is the list of sources as shown.
func (p *Pages) file(r *page.Request) error {
	_, chosen, err := p.chosen(r)
	if err != nil {
		return err
	}
	homes := p.Platforms.Homes(r.Region.ID)
	return sheet.Send(r, "Источники "+r.Today().Words(), report.Sheet{Title: "Источники", Note: r.Region.Name + "; " + footWords(len(chosen), r.Text("state")), Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Источник", Width: 40}, {Title: "Вид"}, {Title: "Адрес"}, {Title: "Состояние", Width: 20}, {Title: "Причина", Width: 48}, {Title: "Последний удачный опрос", Kind: report.Moment},
		{Title: "Следующий", Kind: report.Moment}, {Title: "Сообщений в сутки", Kind: report.Number}, {Title: "Место по умолчанию"}},
		Rows: sheet.Lines(chosen, func(src domain.Source) report.Row {
			v, next := show(r, src, homes), time.Time{}
			if v.Next != "" {
				next = src.NextPollAt
			}
			return report.Row{Cells: []report.Cell{report.Str(v.Title), report.Str(v.Kind), report.Str(v.Address), report.Str(v.State), report.Str(strings.Join(append(v.Away, v.Reason), " ")), report.At(src.LastOKAt),
				report.At(next), report.Num(math.Round(src.Activity.PostsPerHour*240) / 10), report.Str(v.Home)}}
		})})
}
