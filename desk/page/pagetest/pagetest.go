// Package pagetest puts sections of the desk under test: a kit whose person is
// whoever the test says.
package pagetest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // zones of the regions on machines that have none

	"github.com/xuri/excelize/v2"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Desk is a running desk.
type Desk struct {
	t       testing.TB
	Kit     *page.Kit
	handler http.Handler
	people  *people
	// Clock is the business time of the desk; set Clock.T.
	Clock *Clock
	// Notes are the lines of the journal about what changed no row.
	Notes []domain.Entry
}

// Clock stands still at T.
type Clock struct{ T time.Time }

// Now implements domain.Clock.
func (c *Clock) Now() time.Time { return c.T }

// Noon is the time a new Desk starts at: 28.11.2026, 12:00 in Khabarovsk, a Saturday.
func Noon() time.Time { return time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC) }

// Regions are two small regions: khabarovsk with bodies city > school and
// ministry, kaliningrad with town.
func Regions(t testing.TB) []page.Region {
	t.Helper()
	region := func(id, name, zone string, agencies ...domain.Agency) page.Region {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatalf("load zone: %v", err)
		}
		return page.Region{ID: id, Name: name, Zone: loc, Agencies: agencies, Tree: domain.NewTree(agencies),
			Agency: func(id string) string {
				for _, a := range agencies {
					if a.ID == id {
						return a.Short
					}
				}
				return "не назначен"
			},
			Category: func(c domain.Case) string { return c.Topic }}
	}
	return []page.Region{
		region("khabarovsk", "Хабаровский край", "Asia/Vladivostok",
			domain.Agency{ID: "city", Name: "Администрация города Хабаровска", Short: "администрация Хабаровска"},
			domain.Agency{ID: "school", Name: "Школа № 1", Short: "школа № 1", Parent: "city"},
			domain.Agency{ID: "ministry", Name: "Министерство транспорта", Short: "минтранс"}),
		region("kaliningrad", "Калининградская область", "Europe/Kaliningrad",
			domain.Agency{ID: "town", Name: "Администрация Калининграда", Short: "администрация Калининграда"}),
	}
}

// Person is an active user of khabarovsk with these offices.
func Person(login string, offices ...domain.Office) domain.User {
	return domain.User{ID: 1, Region: "khabarovsk", Login: login, Name: "Анна Ивановна Кузнецова", Offices: offices, Active: true}
}

// New makes a desk of sections with the regions of Regions.
func New(t testing.TB, sections ...page.Section) *Desk {
	t.Helper()
	regions := Regions(t)
	return With(t, func() []page.Region { return regions }, sections...)
}

// With is New with other regions.
func With(t testing.TB, regions func() []page.Region, sections ...page.Section) *Desk {
	t.Helper()
	d := &Desk{t: t, people: &people{kept: map[string]string{}}, Clock: &Clock{T: Noon()}}
	var err error
	d.Kit, err = page.New(page.Options{Sessions: d.people, Regions: regions, Clock: d.Clock, Note: d.note,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Insecure: true}, sections...)
	if err != nil {
		t.Fatalf("make the desk: %v", err)
	}
	if d.handler, err = d.Kit.Handler(); err != nil {
		t.Fatalf("make the desk: %v", err)
	}
	return d
}

func (d *Desk) note(_ context.Context, e domain.Entry) error {
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	d.Notes = append(d.Notes, e)
	return nil
}

// As logs somebody in; the zero user is nobody.
func (d *Desk) As(u domain.User) *Desk {
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	d.people.user = u
	return d
}

// Answer is what came back.
type Answer struct {
	Status   int
	Location string // of a redirect
	Header   http.Header
	Body     string
}

// Has reports whether the page holds a text.
func (a Answer) Has(text string) bool { return strings.Contains(a.Body, text) }

// Sheet are the rows of the first sheet of a workbook, without its head.
func (a Answer) Sheet(t testing.TB) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(a.Body))
	if err != nil {
		t.Fatalf("status %d is no workbook: %v", a.Status, err)
	}
	name := f.GetSheetList()[0]
	rows, err := f.GetRows(name)
	if err != nil || len(rows) == 0 {
		t.Fatalf("the workbook has no rows: %v", err)
	}
	if panes, err := f.GetPanes(name); err != nil || !panes.Freeze {
		t.Errorf("the head is not frozen: %v", err)
	}
	for i := range rows[1:] { // what is empty at the end of a row is not given
		rows[i+1] = append(rows[i+1], make([]string, len(rows[0])-len(rows[i+1]))...)
	}
	return rows[1:]
}

// Get asks for a page.
func (d *Desk) Get(path string) Answer {
	return d.Do(httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil))
}

// Post sends a form.
func (d *Desk) Post(path string, form url.Values) Answer {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.Do(r)
}

// Do sends any request.
func (d *Desk) Do(r *http.Request) Answer {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return Answer{Status: w.Code, Location: w.Header().Get("Location"), Header: w.Header(), Body: w.Body.String()}
}

// Handler is the desk for a real listener.
func (d *Desk) Handler() http.Handler { return d.handler }

// people implements page.Sessions.
type people struct {
	mu   sync.Mutex
	user domain.User
	kept map[string]string
}

func (p *people) Load(next http.Handler) http.Handler { return next }

func (p *people) User(context.Context) (domain.User, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.user.ID == 0 {
		return domain.User{}, page.ErrNobody
	}
	return p.user, nil
}

func (p *people) Again(ctx context.Context) (domain.User, error) { return p.User(ctx) }

func (p *people) Put(_ context.Context, key, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[key] = text
}

func (p *people) Pop(_ context.Context, key string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.kept[key]
	delete(p.kept, key)
	return text
}
