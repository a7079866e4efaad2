// Package desk is the web workplace. So far it has one page: the state of the
// regions, for people, fresh at every look.
package desk

import (
	"context"
	"embed"
	"fmt"
	"html/template"
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

const recentCases = 15

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

type view struct {
	Now     string
	Regions []regionView
}

type regionView struct {
	Name    string
	Now     string
	Stats   domain.Stats
	Cases   []caseView
	Sources []sourceView
}

type caseView struct {
	Number, State, Category, Place, Agency, Due, Reason string
	Posts                                               int
	Overdue, Urgent                                     bool
}

type sourceView struct {
	Kind, Title, State, Reason, Last string
	Trouble                          bool
}

func (s *Status) show(w http.ResponseWriter, r *http.Request) {
	v := view{}
	for _, region := range s.Regions() {
		rv, err := s.region(r.Context(), region)
		if err != nil {
			s.Log.Error("status page", "region", region.ID, "err", err)
			http.Error(w, "База данных не отвечает. Опрос и приём продолжатся сами; обновите страницу через минуту.", http.StatusServiceUnavailable)
			return
		}
		v.Regions = append(v.Regions, rv)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := s.page.Execute(w, v); err != nil {
		s.Log.Warn("status page", "err", err)
	}
}

func (s *Status) region(ctx context.Context, region Region) (regionView, error) {
	v := regionView{Name: region.Name, Now: s.Clock.Now().In(region.Zone).Format("02.01.2006 15:04")}
	var err error
	if v.Stats, err = s.Store.Stats(ctx, region.ID); err != nil {
		return v, fmt.Errorf("read counters: %w", err)
	}
	cases, err := s.Store.RecentCases(ctx, region.ID, recentCases)
	if err != nil {
		return v, fmt.Errorf("read cases: %w", err)
	}
	for _, c := range cases {
		v.Cases = append(v.Cases, showCase(c, region))
	}
	sources, err := s.Store.Sources(ctx, region.ID)
	if err != nil {
		return v, fmt.Errorf("read sources: %w", err)
	}
	for _, src := range sources {
		v.Sources = append(v.Sources, showSource(src, region))
	}
	return v, nil
}

func showCase(c domain.Case, region Region) caseView {
	v := caseView{Number: c.Number, State: domain.StateTitle(c.State), Category: region.Category(c), Place: PlaceWords(c.Place),
		Agency: region.Agency(c.AgencyID), Reason: c.Reason, Posts: c.Posts, Overdue: c.Overdue, Urgent: c.Urgent}
	if !c.Deadline.Due.IsZero() {
		v.Due = c.Deadline.Due.Add(-time.Second).In(region.Zone).Format("02.01.2006, 15:04")
	}
	return v
}

// PlaceWords writes a place in one line, from wide to narrow.
func PlaceWords(p domain.Place) string {
	words := p.Settlement
	if words == "" {
		words = p.MunicipalityName
	}
	for _, part := range []string{p.Street, p.House} {
		if part != "" {
			words += ", " + part
		}
	}
	if words == "" {
		return "место не названо"
	}
	return words
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

func kindWords(k domain.SourceKind) string {
	switch k {
	case domain.VKWall:
		return "стена VK"
	case domain.VKSearch:
		return "поиск VK"
	case domain.VKLongPoll, domain.VKCallback:
		return "своё сообщество VK"
	case domain.TelegramBot, domain.TelegramWebhook:
		return "бот Telegram"
	case domain.TelegramPreview:
		return "канал Telegram"
	}
	return string(k)
}

func stateWords(s domain.SourceState) string {
	switch s {
	case domain.SourceNew:
		return "ещё не опрошен"
	case domain.SourceActive:
		return "есть новое"
	case domain.SourceUnchanged:
		return "без изменений"
	case domain.SourceEmpty:
		return "пусто"
	case domain.SourceFailing:
		return "ошибка"
	case domain.SourceParked:
		return "ждёт"
	case domain.SourceClosed:
		return "закрыт"
	case domain.SourcePaused:
		return "остановлен"
	}
	return string(s)
}
