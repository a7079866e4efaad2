package exports

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// shown is how many files are listed; they are kept a week.
const shown = 50

// line is a file on the page.
type line struct {
	ID      int64
	Title   string
	When    string
	Running bool
	Ready   bool
	State   string // what became of it, and what to do
	Percent int    // -1 when the whole is not known
	Done    int64
}

func show(r *page.Request, t domain.Background) line {
	l := line{ID: t.ID, Title: t.Subject, When: r.When(t.CreatedAt), Percent: -1, Done: t.Done}
	switch t.State {
	case domain.BackgroundRunning:
		l.Running = true
		l.State = "готовится"
		if t.Total > 0 {
			l.Percent = int(min(100, t.Done*100/t.Total))
		}
	case domain.BackgroundDone:
		l.Ready = true
		var m made
		if json.Unmarshal(t.Result, &m) == nil {
			l.State = page.Counted(int(m.Rows), "строка", "строки", "строк") + ", " + size(m.Size)
		}
	case domain.BackgroundStopped:
		l.State = "остановлена"
	case domain.BackgroundFailed:
		l.State = t.Error
	}
	return l
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return strconv.FormatInt((bytes+1023)/1024, 10) + "\u00a0КБ"
	}
	return page.Decimal(float64(bytes)/(1<<20), 1) + "\u00a0МБ"
}

type listView struct {
	Lines []line
	Foot  page.Foot
}

func (x *Exports) list(r *page.Request) error {
	if err := x.bury(r); err != nil {
		return err
	}
	tasks, err := x.Store.TasksOf(r.Context(), r.Region.ID, r.User.Login, kind, shown)
	if err != nil {
		return err
	}
	v := listView{Foot: page.Foot{Words: page.Counted(len(tasks), "файл", "файла", "файлов") + "; хранятся неделю"}}
	for _, t := range tasks {
		v.Lines = append(v.Lines, show(r, t))
	}
	return r.Render("list", v)
}

// bury marks work as failed whose process has died.
func (x *Exports) bury(r *page.Request) error {
	if _, err := x.Store.LatestTask(r.Context(), r.Region.ID, kind, "", r.Now); err != nil && !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	return nil
}

func (x *Exports) show(r *page.Request) error {
	if err := x.bury(r); err != nil {
		return err
	}
	t, err := x.own(r)
	if err != nil {
		return err
	}
	v := show(r, t)
	if v.Running {
		r.W.Header().Set("Refresh", "2") // works without script
	}
	if err := r.Render("show", v); err != nil {
		return fmt.Errorf("show export %d: %w", t.ID, err)
	}
	return nil
}
