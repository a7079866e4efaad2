package packs

import (
	"errors"
	"fmt"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// shownChanges is how many changes a page lists; the file has all that are kept.
const shownChanges = 200

// dryRunView is a dry run as a page shows it.
type dryRunView struct {
	Seen, Changed, Moved int
	Shown                []Change
	Foot                 page.Foot
	XLSX                 string
}

func showDryRun(r *page.Request, run DryRun, path string) dryRunView {
	v := dryRunView{Seen: run.Seen, Changed: run.Changed, Moved: run.Moved, Shown: run.Shown[:min(shownChanges, len(run.Shown))]}
	if len(v.Shown) == 0 {
		return v
	}
	v.XLSX = sheet.Path(r, path)
	v.Foot.Words = page.Counted(len(v.Shown), "изменение", "изменения", "изменений")
	if run.Changed > len(v.Shown) {
		v.Foot.Words = fmt.Sprintf("первые %s из %s", page.Count(len(v.Shown)), page.Count(run.Changed))
	}
	if len(run.Shown) > len(v.Shown) {
		v.Foot.Words += ", в файле " + page.Count(len(run.Shown))
	}
	return v
}

// lastDryRun is the latest dry run of a kind about a subject, with its work.
func (p *Pages) lastDryRun(r *page.Request, kind, subject string) (run DryRun, w work, err error) {
	t, err := p.Store.LatestTask(r.Context(), r.Region.ID, kind, subject, p.Clock.Now())
	if errors.Is(err, domain.ErrNotFound) {
		return run, w, nil
	}
	if err != nil {
		return run, w, err
	}
	if run, err = result[DryRun](t); err != nil {
		return run, w, fmt.Errorf("read a dry run: %w", err)
	}
	return run, showWork(r, t), nil
}

// dryRunFile is what a version of the rules would change.
func (p *Pages) dryRunFile(r *page.Request) error {
	found, err := p.find(r)
	if err != nil {
		return err
	}
	run, w, err := p.lastDryRun(r, kindDryRun, found.Hash)
	if err != nil {
		return err
	}
	return sendDryRun(r, "Пробный прогон правил "+short(found.Hash), "версия правил "+short(found.Hash), run, w)
}

// sendDryRun gives a finished dry run as a workbook: what people wrote is masked.
func sendDryRun(r *page.Request, name, of string, run DryRun, w work) error {
	if !w.Finished {
		return page.NotFound("Готового пробного прогона нет: сначала прогоните.")
	}
	note := fmt.Sprintf("%s; %s, прогон %s; просмотрено сообщений: %s, изменилось бы: %s, из них орган: %s", r.Region.Name, of, w.When,
		page.Count(run.Seen), page.Count(run.Changed), page.Count(run.Moved))
	if run.Changed > len(run.Shown) {
		note += "; здесь первые " + page.Count(len(run.Shown))
	}
	return sheet.Send(r, name, report.Sheet{Title: "Пробный прогон", Note: note, Zone: r.Region.Zone, Columns: []report.Column{
		{Title: "Сообщение", Width: 60, Hint: "Начало текста; пусто, если доступ к нему ограничен"}, {Title: "Было", Width: 40}, {Title: "Стало бы", Width: 40},
		{Title: "Другой орган", Width: 14}, {Title: "Адрес", Width: 40}},
		Rows: sheet.Lines(run.Shown, func(c Change) report.Row {
			moved := ""
			if c.Moved {
				moved = "да"
			}
			return report.Row{Cells: []report.Cell{report.Str(domain.Mask(c.Text)), report.Str(c.Was), report.Str(c.Will), report.Str(moved), report.Str(c.URL)}}
		})})
}
