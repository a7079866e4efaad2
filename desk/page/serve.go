package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/domain"
)

// Addresses the kit itself sends people to.
const (
	LoginPath    = "/login"
	PasswordPath = "/account/password"
	FactorPath   = "/account/second-factor"
	LogoutPath   = "/logout"
)

// serve is the way of every request: person, action, scope, handler, error page.
func (k *Kit) serve(s *section, route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if !route.Long {
			ctx, cancel := context.WithTimeout(hr.Context(), requestLimit)
			defer cancel()
			hr = hr.WithContext(ctx)
		}
		r := &Request{Request: hr, W: w, Now: k.opts.Clock.Now(), Log: k.opts.Log.With("route", route.Pattern), kit: k, section: s, route: route}
		if k.opts.Live != nil {
			r.live = k.opts.Live()
		}
		defer r.recovered()
		if err := k.admit(r); err != nil {
			k.fail(r, err)
			return
		}
		if r.done {
			return
		}
		if err := route.Handler(r); err != nil {
			k.fail(r, err)
			return
		}
		if k.opts.Changed != nil && r.Method == http.MethodPost {
			k.opts.Changed(r.Context())
		}
	})
}

// admit finds who asks and whether they may; it may answer by itself.
func (k *Kit) admit(r *Request) error {
	user, err := k.opts.Sessions.User(r.Context())
	switch {
	case err == nil:
		r.User = user
	case !errors.Is(err, ErrNobody):
		return fmt.Errorf("find who asks: %w", err)
	case r.route.Action == access.Public:
		return nil
	default:
		return r.toLogin()
	}
	region, served := k.region(user.Region)
	if !served {
		if r.route.Action == access.Public {
			return nil
		}
		return fmt.Errorf("region %q of %s is not served here: %w", user.Region, user.Login, errNoRegion)
	}
	r.Region = region
	r.Log = r.Log.With("user", user.Login)
	if r.route.Action == access.Public {
		return nil
	}
	if first := dueFirst(user); first != "" && r.URL.Path != first && r.URL.Path != LogoutPath {
		return r.Redirect(first)
	}
	for _, a := range r.route.rights() {
		if ok, why := access.Can(user, a, access.Object{}, region.Tree); !ok {
			return Forbidden(access.Words(a, why))
		}
	}
	r.Scope = r.route.scope(user, region)
	return nil
}

// rights are what a person needs for a route.
func (t Route) rights() []access.Action {
	if t.Also == "" {
		return []access.Action{t.Action}
	}
	return []access.Action{t.Action, t.Also}
}

// scope is what of the region all of a route's rights reach.
func (t Route) scope(u domain.User, in Region) domain.Scope {
	out := in.scope(u, t.Action)
	if t.Also != "" {
		out = out.Within(in.scope(u, t.Also))
	}
	return out
}

// dueFirst is the page somebody must pass before anything else, "" none.
func dueFirst(u domain.User) string {
	switch {
	case u.MustChange:
		return PasswordPath
	case u.MustEnroll:
		return FactorPath
	}
	return ""
}

// toLogin sends a reader to the login and back; a form is not sent again by
// itself, so that page says so, and leads back to where the form stands.
func (r *Request) toLogin() error {
	to := LoginPath
	if r.Method == http.MethodGet && r.URL.Path != "/" && !r.Partial() {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		to += "?ended=1"
		if from := r.sentFrom(); from != "" {
			to += "&to=" + url.QueryEscape(from)
		}
	}
	return r.Redirect(to)
}

// sentFrom is the page of ours that a form was sent from, "" when there is none to
// go back to.
func (r *Request) sentFrom() string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || u.Path == "" || u.Path == "/" || u.Path == LogoutPath || strings.HasPrefix(u.Path, LoginPath) {
		return ""
	}
	u.Scheme, u.Host, u.User = "", "", nil
	if back := Local(u.String()); back != "/" {
		return back
	}
	return ""
}

func (r *Request) recovered() {
	if fault := recover(); fault != nil {
		if fault == http.ErrAbortHandler { //nolint:errorlint // a sentinel by identity, says net/http
			panic(fault)
		}
		r.Log.Error("panic in a page", "fault", fault, "stack", string(debug.Stack()))
		r.kit.fail(r, errPanic)
	}
}

var errPanic = errors.New("panic")
var errNoRegion = errors.New("region not served")

// refused is an error with a sentence for the reader; kind is one of domain's.
type refused struct {
	kind  error
	words string
}

func (e refused) Error() string { return e.kind.Error() + ": " + e.words }
func (e refused) Unwrap() error { return e.kind }

// Forbidden is a 403 with its reason, Russian.
func Forbidden(words string) error { return refused{domain.ErrForbidden, words} }

// Stale is a 409 that says what happened meanwhile, Russian: «Уже назначено:
// Петрова, 14:05».
func Stale(words string) error { return refused{domain.ErrStale, words} }

// NotFound is a 404 that says what is not there, Russian.
func NotFound(words string) error { return refused{domain.ErrNotFound, words} }

// BadInput is a 422: something in a form is wrong. Field is the input's name,
// "" for the whole form.
type BadInput struct {
	Field string
	Words string // Russian: what is wrong and how to mend it
}

func (e BadInput) Error() string { return "bad input in " + e.Field + ": " + e.Words }

// Invalid is a BadInput as an error.
func Invalid(field, words string) error { return BadInput{Field: field, Words: words} }
