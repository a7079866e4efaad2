package exports_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/exports"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// lab is a desk with one page that orders a file of the given rows.
type lab struct {
	*pagetest.Desk
	t    *testing.T
	stop context.CancelFunc
	done chan error
}

func newLab(t *testing.T, rows func(ctx context.Context, yield func(report.Row, error) bool)) *lab {
	t.Helper()
	work := &exports.Exports{Store: storagetest.New(t), Clock: &pagetest.Clock{T: pagetest.Noon()}, Log: slog.New(slog.DiscardHandler)}
	order := page.Section{Name: "order", Routes: []page.Route{{Pattern: "POST /order", Action: access.Export, Handler: func(r *page.Request) error {
		return work.Start(r, exports.File{Title: "Проба", Total: 1000, Sheets: func(ctx context.Context) []report.Sheet {
			return []report.Sheet{{Title: "Проба", Columns: []report.Column{{Title: "№", Kind: report.Number}}, Rows: func(yield func(report.Row, error) bool) { rows(ctx, yield) }}}
		}})
	}}}}
	ctx, cancel := context.WithCancel(context.Background())
	l := &lab{Desk: pagetest.New(t, work.Section(), order), t: t, stop: cancel, done: make(chan error, 1)}
	go func() { l.done <- work.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-l.done })
	l.As(pagetest.Person("anna", domain.Office{Role: domain.RoleController}))
	return l
}

func (l *lab) order() string {
	l.t.Helper()
	a := l.Post("/order", url.Values{})
	if a.Status != http.StatusSeeOther {
		l.t.Fatalf("%d %s", a.Status, a.Body)
	}
	return a.Location
}

// until waits for the page of a file to say something.
func (l *lab) until(address, words string) pagetest.Answer {
	l.t.Helper()
	var a pagetest.Answer
	for range 1200 {
		if a = l.Get(address); a.Has(words) {
			return a
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.t.Fatalf("it never says %q: %s", words, a.Body)
	return a
}

// endless gives four hundred rows and then waits for the end of its context.
func endless(ctx context.Context, yield func(report.Row, error) bool) {
	for i := range 400 {
		if !yield(report.Row{Cells: []report.Cell{report.Num(i)}}, nil) {
			return
		}
	}
	<-ctx.Done()
	yield(report.Row{}, ctx.Err())
}

func TestLongFileShowsItsProgressAndStops(t *testing.T) {
	l := newLab(t, endless)
	address := l.order()
	a := l.until(address, "40")
	if !a.Has("Остановить") || a.Header.Get("Refresh") == "" {
		t.Errorf("under way: %s", a.Body)
	}
	if a := l.Get(address + "/file"); a.Status != http.StatusNotFound {
		t.Errorf("an unfinished file is given: %d", a.Status)
	}
	l.As(pagetest.Person("boris", domain.Office{Role: domain.RoleController}))
	if a := l.Post(address+"/stop", url.Values{}); a.Status != http.StatusNotFound {
		t.Errorf("somebody else stops it: %d", a.Status)
	}
	l.As(pagetest.Person("anna", domain.Office{Role: domain.RoleController}))
	if a := l.Post(address+"/stop", url.Values{}); a.Location != "/exports" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	l.until(address, "остановлена")
	if a := l.Post(address+"/stop", url.Values{}); a.Status != http.StatusSeeOther {
		t.Errorf("a second click: %d", a.Status)
	}
}

func TestFailedFileSaysWhatToDo(t *testing.T) {
	l := newLab(t, func(_ context.Context, yield func(report.Row, error) bool) {
		yield(report.Row{}, errors.New("the store is away"))
	})
	a := l.until(l.order(), "Закажите его снова")
	if strings.Contains(a.Body, "the store is away") {
		t.Error("the reader is told what only the log should say")
	}
}

// A process that is stopped leaves a file marked as failed, not one that waits for ever.
func TestStoppedProcessMarksItsFiles(t *testing.T) {
	l := newLab(t, endless)
	address := l.order()
	l.until(address, "готовится")
	l.stop()
	l.until(address, "Программу остановили")
}
