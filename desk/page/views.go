package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var viewFiles embed.FS

//go:embed assets
var assetFiles embed.FS

func kitViews() fs.FS  { return Sub(viewFiles, "views") }
func kitAssets() fs.FS { return Sub(assetFiles, "assets") }

// Sub is a folder of embedded files, for Section.Views and Section.Assets.
func Sub(f embed.FS, dir string) fs.FS {
	sub, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // only a name that is no path does this
	}
	return sub
}

// views are the templates of one section, each with the layout.
type views struct{ byName map[string]*template.Template }

// parseViews reads the templates of a section on top of the kit's layout and
// parts.
func (k *Kit) parseViews(section string, files fs.FS) (*views, error) {
	base, err := template.New("").Funcs(k.funcs()).Option("missingkey=error").ParseFS(kitViews(), "_*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the layout: %w", err)
	}
	if own, err := fs.Glob(files, "_*.html"); err == nil && len(own) > 0 && section != "page" {
		if base, err = base.ParseFS(files, "_*.html"); err != nil {
			return nil, fmt.Errorf("parse the parts of %s: %w", section, err)
		}
	}
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("list the views of %s: %w", section, err)
	}
	out := &views{byName: map[string]*template.Template{}}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		one, err := base.Clone()
		if err == nil {
			one, err = one.ParseFS(files, name)
		}
		if err != nil {
			return nil, fmt.Errorf("parse view %s of %s: %w", name, section, err)
		}
		if one.Lookup("title") == nil || one.Lookup("content") == nil {
			return nil, fmt.Errorf("view %s of %s must define «title» and «content»", name, section)
		}
		out.byName[strings.TrimSuffix(path.Base(name), ".html")] = one
	}
	return out, nil
}

// funcs are what templates may call besides methods of their data.
func (k *Kit) funcs() template.FuncMap {
	return template.FuncMap{
		"asset":    k.assets.url,
		"plural":   func(n any, one, few, many string) (string, error) { return pluralAny(n, one, few, many) },
		"count":    func(n any) (string, error) { return countAny(n) },
		"state":    domain.StateTitle,
		"role":     domain.RoleTitle,
		"place":    Place,
		"dict":     dict,
		"day":      dayWords,
		"tenths":   func(f float64) string { return Decimal(f, 1) },
		"sure":     Confidence,
		"duration": Duration,
		"initials": Initials,
	}
}

// dayWords is a day of a form or of an address as people here write it; what is
// no day stays as it was typed.
func dayWords(iso string) string {
	d, err := domain.ParseDate(iso)
	if err != nil {
		return iso
	}
	return d.Words()
}

// dict makes the data of a part out of names and values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values are no pairs", len(pairs))
	}
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}

// frame is what the layout shows around a page.
type frame struct {
	User    domain.User
	Roles   string // «аналитик, контролёр»
	Menu    []menuView
	Search  bool
	Query   string
	Region  string
	Clock   string // local time, 16:42
	Stamp   string // the same for a machine
	Printed string // «28.11.2026, 16:42», on paper
	Notice  Notice
	Banner  string
	Live    string // where events come from, "" nowhere
	Data    any
}

func (k *Kit) frame(r *Request, data any) frame {
	f := frame{User: r.User, Banner: k.opts.Notice, Data: data}
	if r.User.ID == 0 || r.Region.Zone == nil {
		return f
	}
	f.Roles = roleWords(r.User)
	f.Menu = k.menuFor(r)
	f.Search = r.Can(access.Search, access.Object{}) && k.serves("GET /search")
	f.Query = r.URL.Query().Get("q")
	f.Region = r.Region.Name
	f.Clock = r.Now.In(r.Region.Zone).Format("15:04")
	f.Stamp = r.Now.In(r.Region.Zone).Format("2006-01-02T15:04:05Z07:00")
	f.Printed = r.Now.In(r.Region.Zone).Format("02.01.2006, 15:04")
	f.Notice = r.takeNotice()
	if dueFirst(r.User) == "" { // the stream would be sent on to what is due
		f.Live = r.live
	}
	return f
}

func (k *Kit) serves(pattern string) bool {
	for _, route := range k.Routes() {
		if route.Pattern == pattern {
			return true
		}
	}
	return false
}

func (r *Request) render(status int, view string, data any) error {
	if r.section.views == nil {
		return fmt.Errorf("section %q has no views", r.section.Name)
	}
	return r.section.views.show(r, status, view, data)
}

func (v *views) show(r *Request, status int, view string, data any) error {
	t := v.byName[view]
	if t == nil {
		return fmt.Errorf("there is no view %q", view)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", r.kit.frame(r, data)); err != nil {
		return fmt.Errorf("show view %s: %w", view, err)
	}
	return write(r.W, status, &b)
}

func (v *views) fragment(w http.ResponseWriter, view, name string, data any) error {
	t := v.byName[view]
	if t == nil {
		return fmt.Errorf("there is no view %q", view)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("show %s of view %s: %w", name, view, err)
	}
	return write(w, http.StatusOK, &b)
}

// write sends a page that is complete; that its reader has left is no fault.
func write(w http.ResponseWriter, status int, b *bytes.Buffer) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
	return nil
}

func (v *views) fragmentStatus(w http.ResponseWriter, status int, view, name string, data any) error {
	var b bytes.Buffer
	if err := v.byName[view].ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("show %s of view %s: %w", name, view, err)
	}
	return write(w, status, &b)
}
