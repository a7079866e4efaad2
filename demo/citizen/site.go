// Package citizen is a page of the fake platforms: one writes there as a citizen,
// presses the buttons of the bots, and sees what is answered. It is the other side
// of the demonstration and no part of a real region.
package citizen

import (
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otklik/otklik/platform/scene"
)

//go:embed views/*.html views/citizen.css
var files embed.FS

// Options of the page.
type Options struct {
	Places  []Place
	Regions []Region // in order; places of others are not shown
	// Desk is the address of the workplace, "" when there is none.
	Desk func() string
	// Wrote tells that something new stands in a public place; may be nil.
	Wrote func(p *Place)
}

// Region is a region as the page names it.
type Region struct {
	ID, Name string
	Zone     *time.Location
}

// site is the page.
type site struct {
	Options

	life  string
	views *template.Template
}

const (
	maxBody    = 64 << 10
	maxText    = 4000 // MAX; the others take more
	shown      = 60   // lines of a conversation
	threadsMax = 30
	refresh    = 3 // seconds
)

// New makes the page's handler.
func New(o Options) (http.Handler, error) {
	views, err := template.New("").ParseFS(files, "views/*.html")
	if err != nil {
		return nil, err
	}
	s := &site{Options: o, life: strconv.FormatUint(random(), 36), views: views}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /citizen.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "views/citizen.css")
	})
	mux.HandleFunc("POST /somebody-else", s.somebodyElse)
	mux.HandleFunc("GET /{place}", s.with(s.open))
	mux.HandleFunc("GET /{place}/said", s.with(s.said))
	mux.HandleFunc("POST /{place}", s.with(s.write))
	mux.HandleFunc("POST /{place}/press", s.with(s.press))
	mux.HandleFunc("GET /{place}/at/{thread}", s.with(s.open))
	mux.HandleFunc("GET /{place}/at/{thread}/said", s.with(s.said))
	mux.HandleFunc("POST /{place}/at/{thread}", s.with(s.write))
	same := http.NewCrossOriginProtection()
	same.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.refuse(w, http.StatusForbidden, wordsForeign)
	}))
	return guarded(same.Handler(mux)), nil
}

// guarded lets the page load nothing from anywhere else and run nothing.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// visit is one request for a place.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	place  *Place
	person Person
	thread string
}

func (s *site) with(do func(visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := range s.Places {
			if s.Places[i].Key == r.PathValue("place") {
				do(visit{w: w, r: r, place: &s.Places[i], person: s.person(w, r), thread: r.PathValue("thread")})
				return
			}
		}
		s.refuse(w, http.StatusNotFound, wordsNoPlace)
	}
}

func (s *site) render(w http.ResponseWriter, status int, view string, v any) {
	var b strings.Builder
	if err := s.views.ExecuteTemplate(&b, view, v); err != nil {
		http.Error(w, view+": "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(b.String())) // whoever left does not read
}

func (s *site) refuse(w http.ResponseWriter, status int, words string) {
	s.render(w, status, "refused.html", words)
}

type homeView struct {
	Person  Person
	Desk    string
	Regions []regionView
}

type regionView struct {
	Name   string
	Places []placeView
}

type placeView struct{ Key, Platform, Kind, Title string }

func viewOf(p *Place) placeView {
	return placeView{Key: p.Key, Platform: platformName(p.Platform), Kind: kindWords(p), Title: p.Title}
}

func (s *site) home(w http.ResponseWriter, r *http.Request) {
	v := homeView{Person: s.person(w, r), Desk: s.desk()}
	for _, region := range s.Regions {
		rv := regionView{Name: region.Name}
		for i := range s.Places {
			if s.Places[i].Region == region.ID {
				rv.Places = append(rv.Places, viewOf(&s.Places[i]))
			}
		}
		v.Regions = append(v.Regions, rv)
	}
	s.render(w, http.StatusOK, "home.html", v)
}

func (s *site) desk() string {
	if s.Desk == nil {
		return ""
	}
	return s.Desk()
}

func (s *site) somebodyElse(w http.ResponseWriter, r *http.Request) {
	s.newcomer(w)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// openView is a place, or a thread of it, with the form below.
type openView struct {
	placeView

	Person     Person
	Desk       string
	Private    bool
	Thread     bool
	Path, Said string // where the form goes; what the frame shows
	Text       string
	Fault      string
}

func (s *site) open(v visit) {
	if v.thread != "" && len(v.place.room.thread(v.person, v.thread)) == 0 {
		s.refuse(v.w, http.StatusNotFound, wordsGone)
		return
	}
	s.form(v, http.StatusOK, "", "")
}

func (s *site) form(v visit, status int, text, fault string) {
	path := v.path()
	s.render(v.w, status, "open.html", openView{placeView: viewOf(v.place), Person: v.person, Desk: s.desk(), Private: v.place.Private,
		Thread: v.thread != "", Path: path, Said: path + "/said", Text: text, Fault: fault})
}

func (v visit) path() string {
	path := "/" + v.place.Key
	if v.thread != "" {
		path += "/at/" + v.thread
	}
	return path
}

func (s *site) write(v visit) {
	if err := v.r.ParseForm(); err != nil {
		s.refuse(v.w, http.StatusBadRequest, wordsBad)
		return
	}
	text := strings.TrimSpace(strings.ReplaceAll(v.r.PostForm.Get("text"), "\r\n", "\n"))
	switch {
	case text == "":
		s.form(v, http.StatusUnprocessableEntity, text, wordsEmpty)
		return
	case utf8.RuneCountInString(text) > maxText:
		s.form(v, http.StatusUnprocessableEntity, text, wordsLong)
		return
	}
	thread, err := v.place.room.write(v.person, v.thread, text)
	if err != nil {
		s.refuse(v.w, http.StatusNotFound, wordsGone)
		return
	}
	if s.Wrote != nil && !v.place.Private {
		s.Wrote(v.place)
	}
	v.thread = thread
	http.Redirect(v.w, v.r, v.path(), http.StatusSeeOther)
}

func (s *site) press(v visit) {
	if err := v.r.ParseForm(); err != nil {
		s.refuse(v.w, http.StatusBadRequest, wordsBad)
		return
	}
	if err := v.place.room.press(v.person, v.r.PostForm.Get("label")); err != nil {
		s.refuse(v.w, http.StatusNotFound, wordsNoKey)
		return
	}
	http.Redirect(v.w, v.r, v.path()+"/said", http.StatusSeeOther)
}

// saidView is what the frame shows; it asks for itself again.
type saidView struct {
	Refresh int
	Path    string
	Threads bool
	Private bool
	Lines   []lineView
}

type lineView struct {
	scene.Line

	When string
	Mine bool
	Head bool // what a thread is about
}

func (s *site) said(v visit) {
	view := saidView{Refresh: refresh, Path: "/" + v.place.Key, Private: v.place.Private, Threads: v.thread == "" && !v.place.Private}
	lines := scene.Latest(v.place.room.thread(v.person, v.thread), shown)
	if view.Threads {
		lines = v.place.room.threads(threadsMax)
	}
	zone := s.zone(v.place.Region)
	for i, l := range lines {
		view.Lines = append(view.Lines, lineView{Line: l, When: l.At.In(zone).Format("02.01 15:04:05"), Mine: l.From == v.person.Number,
			Head: v.thread != "" && i == 0})
	}
	if v.place.Private { // the newest is below, where the frame begins
		slices.Reverse(view.Lines)
	}
	s.render(v.w, http.StatusOK, "said.html", view)
}

func (s *site) zone(region string) *time.Location {
	for _, r := range s.Regions {
		if r.ID == region && r.Zone != nil {
			return r.Zone
		}
	}
	return time.UTC
}
