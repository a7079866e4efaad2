// Package exports makes long files beside the requests: with progress, with a
// way to stop, kept a few days for the person who asked and for nobody else.
package exports

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/background"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

//go:embed views/*.html
var files embed.FS

// Store keeps the work and its files.
type Store interface {
	BeginTask(ctx context.Context, t domain.Background) (int64, error)
	TaskProgress(ctx context.Context, id, done, total int64) (stop bool, err error)
	EndTask(ctx context.Context, id int64, state domain.BackgroundState, result any, sentence string, now time.Time) error
	StopTask(ctx context.Context, region string, id int64) error
	Task(ctx context.Context, region string, id int64) (domain.Background, error)
	// LatestTask also marks those as failed whose process has died.
	LatestTask(ctx context.Context, region, kind, subject string, now time.Time) (domain.Background, error)
	TasksOf(ctx context.Context, region, who, kind string, most int) ([]domain.Background, error)
	PutExportPart(ctx context.Context, task int64, n int, content []byte) error
	ExportPart(ctx context.Context, task int64, n int) ([]byte, error)
}

// kind of the tasks.
const kind = "export"

// Exports runs the work and shows it. Run must be running.
type Exports struct {
	Store Store
	Clock domain.Clock
	Log   *slog.Logger

	once sync.Once
	jobs chan job
}

// Section is what the desk serves.
func (x *Exports) Section() page.Section {
	return page.Section{Name: "exports", Views: page.Sub(files, "views"), Routes: []page.Route{
		{Pattern: "GET /exports", Action: access.Export, Handler: x.list},
		{Pattern: "GET /exports/{id}", Action: access.Export, Handler: x.show},
		{Pattern: "GET /exports/{id}/file", Action: access.Export, Handler: x.file, Long: true},
		{Pattern: "POST /exports/{id}/stop", Action: access.Export, Handler: x.stop},
	}}
}

// File is what is to be made.
type File struct {
	Title string // «Инциденты с 01.11.2026 по 28.11.2026»; names the file too
	Total int64  // rows, 0 when not known
	// Sheets are read while the file is written, with the context of the work.
	Sheets func(ctx context.Context) []report.Sheet
}

type job struct {
	id   int64
	file File
	done chan struct{}
}

// made is the result of a task.
type made struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Rows int64  `json:"rows"`
}

const (
	atOnce   = 2 // files made at the same time in one process
	patience = 1500 * time.Millisecond
)

func (x *Exports) queue() chan job {
	x.once.Do(func() { x.jobs = make(chan job) })
	return x.jobs
}

// Run makes files until ctx ends, and waits for those at work to write their end.
func (x *Exports) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	slots := make(chan struct{}, atOnce)
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-x.queue():
			all.Go(func() { x.run(ctx, j, slots) })
		}
	}
}

// Start orders a file and sends the person to it: to its progress, or when it
// was quick to the page where it lies ready.
func (x *Exports) Start(r *page.Request, f File) error {
	id, err := x.Store.BeginTask(r.Context(), domain.Background{Region: r.Region.ID, Kind: kind, Subject: f.Title, Who: r.User.Login, CreatedAt: r.Now})
	if err != nil {
		return err
	}
	if err := r.Note("export", "export", strconv.FormatInt(id, 10), "заказана выгрузка «"+f.Title+"»"); err != nil {
		return err
	}
	j := job{id, f, make(chan struct{})}
	select {
	case x.queue() <- j:
	case <-r.Context().Done():
		return r.Context().Err()
	}
	select {
	case <-j.done:
	case <-time.After(patience):
	}
	return r.Redirect("/exports/" + strconv.FormatInt(id, 10))
}

// run waits for a slot and makes one file.
func (x *Exports) run(ctx context.Context, j job, slots chan struct{}) {
	defer close(j.done)
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	b := &background.Beat{}
	b.Total.Store(j.file.Total)
	go b.Keep(working, x.Store, j.id, x.Log, cancel)
	var result made
	var err error
	select {
	case slots <- struct{}{}:
		result, err = x.make(working, j, b)
		<-slots
	case <-working.Done():
		err = working.Err()
	}
	x.end(ctx, j.id, b, result, err)
}

func (x *Exports) make(ctx context.Context, j job, b *background.Beat) (made, error) {
	parts := &partWriter{ctx: ctx, store: x.Store, task: j.id}
	err := report.WriteXLSX(ctx, parts, j.file.Sheets(ctx), func(done int) { b.Done.Store(int64(done)) })
	if err == nil {
		err = parts.flush()
	}
	return made{Name: j.file.Title + ".xlsx", Size: parts.size, Rows: b.Done.Load()}, err
}

func (x *Exports) end(ctx context.Context, id int64, b *background.Beat, result made, err error) {
	state, sentence := domain.BackgroundDone, ""
	switch {
	case b.Stopped():
		state = domain.BackgroundStopped
	case err != nil && ctx.Err() != nil:
		state, sentence = domain.BackgroundFailed, "Программу остановили, не дождавшись файла. Закажите его снова."
	case errors.Is(err, report.ErrTooLong):
		state, sentence = domain.BackgroundFailed, "Строк больше, чем помещается на лист XLSX. Выберите период короче."
	case err != nil:
		x.Log.Error("export failed", "task", id, "err", err)
		state, sentence = domain.BackgroundFailed, "Файл не получился, подробности в журнале программы. Закажите его снова."
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), background.EndWithin)
	defer cancel()
	if err := x.Store.EndTask(ctx, id, state, result, sentence, x.Clock.Now()); err != nil {
		x.Log.Error("end of export", "task", id, "err", err)
	}
}

// partWriter keeps a file in parts of a size the database likes.
type partWriter struct {
	ctx   context.Context //nolint:containedctx // io.Writer has none
	store Store
	task  int64
	n     int
	size  int64
	buf   []byte
}

const partSize = 1 << 20

// Write implements io.Writer.
func (w *partWriter) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	w.size += int64(len(p))
	for len(w.buf) >= partSize {
		if err := w.put(w.buf[:partSize]); err != nil {
			return 0, err
		}
		w.buf = append(w.buf[:0], w.buf[partSize:]...)
	}
	return len(p), nil
}

func (w *partWriter) put(b []byte) error {
	w.n++
	return w.store.PutExportPart(w.ctx, w.task, w.n-1, b)
}

func (w *partWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	return w.put(w.buf)
}

// own reads a task of the person who asks; others do not learn that it exists.
func (x *Exports) own(r *page.Request) (domain.Background, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.Background{}, err
	}
	t, err := x.Store.Task(r.Context(), r.Region.ID, id)
	if errors.Is(err, domain.ErrNotFound) || err == nil && (t.Who != r.User.Login || t.Kind != kind) {
		return t, page.NotFound("Такого файла нет. Файлы хранятся неделю, потом их заказывают снова.")
	}
	return t, err
}

func (x *Exports) file(r *page.Request) error {
	t, err := x.own(r)
	if err != nil {
		return err
	}
	if t.State != domain.BackgroundDone {
		return page.NotFound("Файл ещё не готов.")
	}
	var m made
	if err := json.Unmarshal(t.Result, &m); err != nil {
		return err
	}
	first, err := x.Store.ExportPart(r.Context(), t.ID, 0)
	if err != nil {
		return err // before the head is sent: an error page
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(m.Name))
	h.Set("Content-Length", strconv.FormatInt(m.Size, 10))
	return x.send(r, t.ID, first)
}

func (x *Exports) send(r *page.Request, id int64, part []byte) error {
	for n := 1; ; n++ {
		if _, err := r.W.Write(part); err != nil {
			return nil //nolint:nilerr // the reader is gone
		}
		var err error
		part, err = x.Store.ExportPart(r.Context(), id, n)
		if errors.Is(err, domain.ErrNotFound) {
			return nil
		}
		if err != nil {
			r.Log.Error("send an export", "task", id, "err", err)
			return io.ErrUnexpectedEOF
		}
	}
}

func (x *Exports) stop(r *page.Request) error {
	t, err := x.own(r)
	if err != nil {
		return err
	}
	if err := x.Store.StopTask(r.Context(), r.Region.ID, t.ID); err != nil && !errors.Is(err, domain.ErrNotFound) {
		return err // not running any more is what was wanted
	}
	r.Notify(page.Notice{Text: "Выгрузка останавливается."})
	return r.Redirect("/exports")
}
