package page

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/domain"
)

// Sessions knows who is asking. desk/login implements it.
type Sessions interface {
	// Load wraps everything: it makes the session of a request available in its
	// context and saves it afterwards.
	Load(next http.Handler) http.Handler
	// User of a request under Load; ErrNobody when nobody is logged in.
	User(ctx context.Context) (domain.User, error)
	// Put keeps a text in the session, Pop takes it out.
	Put(ctx context.Context, key, text string)
	// Again is User asked anew of the database, for streams that outlive a
	// request: ErrNobody when the session has ended meanwhile.
	Again(ctx context.Context) (domain.User, error)
	Pop(ctx context.Context, key string) string
}

// ErrNobody: nobody is logged in, or the session has ended.
var ErrNobody = errors.New("nobody is logged in")

// Region is how a region's pack looks to the pages.
type Region struct {
	ID       string
	Name     string // «Хабаровский край»
	Zone     *time.Location
	Calendar *domain.Calendar
	Agencies []domain.Agency            // in the pack's order
	Tree     domain.Tree                // of Agencies
	Agency   func(id string) string     // short name of a body, «не назначен» for ""
	Category func(c domain.Case) string // «стр. 3 Автомобильные дороги / ямы, выбоины», or the topic's title
	// RestrictedRows of the decree are seen by named people only.
	RestrictedRows []int
}

// scope is what of the region a person may do an action to.
func (r Region) scope(u domain.User, a access.Action) domain.Scope {
	s := access.ScopeOf(u, a, r.Tree)
	if s.Region != "" && !s.Restricted {
		s.RestrictedRows = r.RestrictedRows
	}
	return s
}

// Almanac counts local days of the region.
func (r Region) Almanac() domain.Almanac { return domain.Almanac{Zone: r.Zone, Calendar: r.Calendar} }

// Route is one address of the desk.
type Route struct {
	// Pattern with its method, as http.ServeMux wants it: "GET /case/{id}".
	Pattern string
	// Action is what one does by calling it; a role without it gets 403 before
	// Handler runs. A route of an unknown action does not start.
	Action access.Action
	// Also is a second right the person needs: the file of a page needs that of the
	// page and that of exporting. The scope is what both reach.
	Also    access.Action
	Handler func(*Request) error
	// Long lifts the time limit: streams and exports, which must watch their
	// context themselves.
	Long bool
}

// Section is what one package of pages brings.
type Section struct {
	Name   string // of the package, in logs
	Routes []Route
	// Views are the templates, *.html at the top of the folder: x.html is shown
	// by Render("x"); files that begin with "_" are parts all of them may use.
	Views fs.FS
	// Assets are the package's own scripts and styles, at the top of the folder;
	// names are unique over the desk. nil: none.
	Assets fs.FS
	// Counts are numbers in the menu, by address ("/queue"): how much waits for
	// this person. An error shows no number.
	Counts map[string]func(ctx context.Context, s domain.Scope, u domain.User) (int, error)
}

// Options of the desk.
type Options struct {
	Sessions Sessions
	Regions  func() []Region // those served now; may change between calls
	Clock    domain.Clock
	Log      *slog.Logger
	// Address is where a request came from, past the proxies in front of us; nil:
	// who is connected.
	Address func(*http.Request) string
	// Insecure: served over plain HTTP (demo, development): no HSTS.
	Insecure bool
	// Live is where a page drawn now listens for events; nil: nowhere.
	Live func() string
	// Changed is called after every form that was acted on; nil: nobody.
	Changed func(ctx context.Context)
	// Note writes a line of the journal about what changes no row (a table that was
	// taken out); nil: there is no journal.
	Note func(ctx context.Context, e domain.Entry) error
	// Notice is a line every page carries, e.g. that this is a demonstration.
	Notice string
}

// requestLimit ends a request whose database hangs.
const requestLimit = 10 * time.Second

// Kit turns sections into one handler.
type Kit struct {
	opts     Options
	assets   *assets
	errors   *views
	sections []*section
	menu     []menuItem
}

// section is a Section made ready.
type section struct {
	Section
	views *views
}

// New checks every section and gives the handler of the whole desk. A faulty
// template, an unknown action, the same address twice are errors here.
func New(opts Options, sections ...Section) (*Kit, error) {
	k := &Kit{opts: opts, assets: newAssets()}
	if err := k.assets.add("page", kitAssets()); err != nil {
		return nil, err
	}
	for _, s := range sections {
		if s.Assets != nil {
			if err := k.assets.add(s.Name, s.Assets); err != nil {
				return nil, err
			}
		}
	}
	var err error
	if k.errors, err = k.parseViews("page", kitViews()); err != nil {
		return nil, err
	}
	for _, s := range sections {
		ready := &section{Section: s}
		if s.Views != nil {
			if ready.views, err = k.parseViews(s.Name, s.Views); err != nil {
				return nil, err
			}
		}
		k.sections = append(k.sections, ready)
	}
	k.menu = menuOf(sections)
	return k, k.check()
}

// check finds routes that cannot be served.
func (k *Kit) check() error {
	seen := map[string]string{}
	for _, s := range k.sections {
		for _, r := range s.Routes {
			switch {
			case !access.Known(r.Action):
				return fmt.Errorf("desk section %s: route %q has no known action: %q", s.Name, r.Pattern, r.Action)
			case r.Also != "" && !access.Known(r.Also):
				return fmt.Errorf("desk section %s: route %q has an unknown second action: %q", s.Name, r.Pattern, r.Also)
			case r.Handler == nil:
				return fmt.Errorf("desk section %s: route %q has no handler", s.Name, r.Pattern)
			case seen[r.Pattern] != "":
				return fmt.Errorf("desk sections %s and %s both serve %q", seen[r.Pattern], s.Name, r.Pattern)
			}
			seen[r.Pattern] = s.Name
		}
	}
	return nil
}

// Routes lists every route of the desk.
func (k *Kit) Routes() []Route {
	var out []Route
	for _, s := range k.sections {
		out = append(out, s.Routes...)
	}
	return out
}

// Handler serves the desk. Order: headers, compression, assets; then, with a
// session, forgery check and pages.
func (k *Kit) Handler() (http.Handler, error) {
	pages := http.NewServeMux()
	for _, s := range k.sections {
		for _, r := range s.Routes {
			pages.Handle(r.Pattern, k.serve(s, r))
		}
	}
	pages.Handle("/", k.serve(&section{}, Route{Pattern: "/", Action: access.Own, Handler: func(*Request) error {
		return domain.ErrNotFound
	}}))
	forgery := http.NewCrossOriginProtection()
	forgery.SetDenyHandler(http.HandlerFunc(k.forged))
	all := http.NewServeMux()
	all.Handle("GET /assets/", k.assets)
	all.Handle("/", k.opts.Sessions.Load(forgery.Handler(pages)))
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ExceptContentTypes([]string{"text/event-stream", "image/png"}))
	if err != nil {
		return nil, fmt.Errorf("prepare compression: %w", err)
	}
	return k.headers(zip(all)), nil
}

func (k *Kit) address(r *http.Request) string {
	if k.opts.Address != nil {
		return k.opts.Address(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// headers forbid third parties, frames, inline scripts and guessing of types.
func (k *Kit) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if !k.opts.Insecure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// region finds the region a person works in.
func (k *Kit) region(id string) (Region, bool) {
	for _, r := range k.opts.Regions() {
		if r.ID == id {
			return r, true
		}
	}
	return Region{}, false
}
