// Package desk is the web workplace. So far it has one page: the state of the
// regions, for people, fresh at every look.
package desk

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/otklik/otklik/domain"
)

//go:embed status.html style.css
var files embed.FS

// Store is what the page reads.
type Store interface {
	Stats(ctx context.Context, region string) (domain.Stats, error)
	RecentCases(ctx context.Context, region string, n int) ([]domain.Case, error)
	// CasesDue gives cases whose clock runs and whose due lies in [from, to), soonest first.
	CasesDue(ctx context.Context, region string, from, to time.Time) ([]domain.Case, error)
	Sources(ctx context.Context, region string) ([]domain.Source, error)
}

// Region is how a region is shown.
type Region struct {
	ID       string
	Name     string
	Zone     *time.Location
	Agency   func(id string) string     // short name of a body
	Category func(c domain.Case) string // «стр. 3 ямы, выбоины», or the topic's title
}

// Status serves the page.
type Status struct {
	Store   Store
	Regions func() []Region
	Clock   domain.Clock
	Log     *slog.Logger

	page *template.Template
}

const (
	recentCases = 10
	lateCases   = 3               // the longest overdue of a region
	readWithin  = 5 * time.Second // a database that hangs is as good as away
)

// Handler is the mux of the desk.
func (s *Status) Handler() (http.Handler, error) {
	page, err := template.New("status.html").ParseFS(files, "status.html")
	if err != nil {
		return nil, fmt.Errorf("parse status page: %w", err)
	}
	s.page = page
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.show)
	mux.Handle("GET /style.css", http.FileServerFS(files))
	return headers(mux), nil
}

// headers forbid scripts and third parties: the page needs neither.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

type view struct{ Regions []regionView }

type regionView struct {
	ID      string
	Name    string
	Now     string
	Stats   domain.Stats
	Overdue []caseView // the longest overdue
	Cases   []caseView
	Sources []sourceView
}

type caseView struct {
	Number, State, Category, Place, Agency, Reason string
	Due, DueClass, DueHint                         string
	Posts                                          int
	Urgent                                         bool
}

type sourceView struct {
	Kind, Title, State, Reason, Last string
	Trouble                          bool
}

func (s *Status) show(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readWithin)
	defer cancel()
	var page bytes.Buffer
	if err := s.write(ctx, &page); err != nil {
		s.Log.Error("status page", "err", err)
		w.Header().Set("Refresh", "10")
		http.Error(w, "База данных не отвечает. Опрос и приём продолжатся сами, когда она вернётся; страница обновится через 10 секунд.",
			http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := page.WriteTo(w); err != nil {
		s.Log.Debug("status page: the reader is gone", "err", err)
	}
}

// write reads every region and renders the page.
func (s *Status) write(ctx context.Context, page io.Writer) error {
	v := view{}
	for _, region := range s.Regions() {
		rv, err := s.region(ctx, region)
		if err != nil {
			return fmt.Errorf("region %s: %w", region.ID, err)
		}
		v.Regions = append(v.Regions, rv)
	}
	return s.page.Execute(page, v)
}

func (s *Status) region(ctx context.Context, region Region) (regionView, error) {
	now := s.Clock.Now()
	v := regionView{ID: region.ID, Name: region.Name, Now: now.In(region.Zone).Format("02.01.2006 15:04")}
	var err error
	if v.Stats, err = s.Store.Stats(ctx, region.ID); err != nil {
		return v, fmt.Errorf("read counters: %w", err)
	}
	cases, err := s.Store.RecentCases(ctx, region.ID, recentCases)
	if err != nil {
		return v, fmt.Errorf("read cases: %w", err)
	}
	v.Cases = showCases(cases, region, now)
	late, err := s.Store.CasesDue(ctx, region.ID, time.Unix(0, 0), now)
	if err != nil {
		return v, fmt.Errorf("read overdue cases: %w", err)
	}
	v.Overdue = showCases(late[:min(len(late), lateCases)], region, now)
	sources, err := s.Store.Sources(ctx, region.ID)
	if err != nil {
		return v, fmt.Errorf("read sources: %w", err)
	}
	for _, src := range sources {
		v.Sources = append(v.Sources, showSource(src, region))
	}
	return v, nil
}

func showCases(cases []domain.Case, region Region, now time.Time) []caseView {
	out := make([]caseView, len(cases))
	for i, c := range cases {
		out[i] = showCase(c, region, now)
	}
	return out
}

// showCase leaves out what is said in a restricted case (corruption, medical
// secrets): this page asks nobody who they are.
func showCase(c domain.Case, region Region, now time.Time) caseView {
	due := dueChip(c, now, region.Zone)
	v := caseView{Number: c.Number, State: domain.StateTitle(c.State), Posts: c.Posts, Urgent: c.Urgent,
		Due: due.Text, DueClass: due.Class, DueHint: due.Hint}
	if c.Restricted {
		v.Category, v.DueHint = "доступ ограничен", ""
		return v
	}
	v.Category, v.Place, v.Agency, v.Reason = region.Category(c), PlaceWords(c.Place), region.Agency(c.AgencyID), c.Reason
	return v
}

func showSource(src domain.Source, region Region) sourceView {
	v := sourceView{Kind: kindWords(src.Kind), Title: src.Title, State: stateWords(src.State), Reason: src.Reason}
	if v.Title == "" {
		v.Title = src.Address
	}
	if !src.LastOKAt.IsZero() {
		v.Last = src.LastOKAt.In(region.Zone).Format("02.01 15:04")
	}
	v.Trouble = src.State == domain.SourceFailing || src.State == domain.SourceParked || src.State == domain.SourceClosed
	return v
}
