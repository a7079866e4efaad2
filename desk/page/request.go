package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/domain"
)

// Request is a request with its person. Handlers answer by Render, Fragment,
// Redirect, or by W themselves, or by returning an error.
type Request struct {
	*http.Request
	W http.ResponseWriter
	// User is who asks; the zero value on public pages that nobody is logged in for.
	User domain.User
	// Scope is what User may do the route's action to; pass it to storage.
	Scope  domain.Scope
	Region Region
	Now    time.Time // business time, UTC
	Log    *slog.Logger

	kit     *Kit
	section *section
	route   Route
	done    bool   // the kit has answered
	live    string // where the page listens: from before anything was read for it
}

// Can tells whether the person may do something to an object: access.Object{}
// for «at all», access.OfCase(c) for a case.
func (r *Request) Can(a access.Action, o access.Object) bool {
	ok, _ := access.Can(r.User, a, o, r.Region.Tree)
	return ok
}

// Need is nil, or a 403 that says whose right it is. A case out of sight is a
// 404: that it exists is nobody's business.
func (r *Request) Need(a access.Action, o access.Object) error {
	ok, why := access.Can(r.User, a, o, r.Region.Tree)
	switch {
	case ok:
		return nil
	case o.Case && (why == access.WrongRegion || why == access.WrongBody || why == access.IsRestricted):
		return NotFound("Такого инцидента нет, или он не в вашем ведении.")
	case why == access.WrongState:
		return Stale(access.Words(a, why))
	}
	return Forbidden(access.Words(a, why))
}

// ScopeFor is the scope of another action than the route's.
func (r *Request) ScopeFor(a access.Action) domain.Scope {
	return r.Region.scope(r.User, a)
}

// Doer is who asks, for the journal and for storage's writes.
func (r *Request) Doer() domain.Doer {
	return domain.Doer{Login: r.User.Login, Region: r.User.Region, Address: r.kit.address(r.Request), At: r.Now}
}

// Note writes a line of the journal about what changes no row; storage writes
// those of its changes itself.
func (r *Request) Note(action, object, id, words string) error {
	if r.kit.opts.Note == nil {
		return nil
	}
	return r.kit.opts.Note(r.Context(), domain.EntryOf(r.Doer(), action, object, id, words))
}

// Still is the person's scope for the route's action as it is now; false when
// the session has ended or the right is gone. A database that does not answer
// changes nothing.
func (r *Request) Still(ctx context.Context) (domain.Scope, bool) {
	user, err := r.kit.opts.Sessions.Again(ctx)
	switch {
	case errors.Is(err, ErrNobody):
		return domain.Scope{}, false
	case err != nil:
		return r.Scope, true
	}
	for _, a := range r.route.rights() {
		if ok, _ := access.Can(user, a, access.Object{}, r.Region.Tree); !ok {
			return domain.Scope{}, false
		}
	}
	return r.route.scope(user, r.Region), dueFirst(user) == ""
}

// Partial reports that htmx asks for a part of the page.
func (r *Request) Partial() bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true" &&
		r.Header.Get("HX-Boosted") != "true"
}

// PathID reads a number from the path; a 404 when it is none.
func (r *Request) PathID(name string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, NotFound("Адрес набран с ошибкой: «" + r.PathValue(name) + "» — не номер.")
	}
	return id, nil
}

// Text is a field of the form or the address, trimmed.
func (r *Request) Text(name string) string { return strings.TrimSpace(r.FormValue(name)) }

// Int is a whole number of the form or the address; def when it is empty; a 422
// when it is no number.
func (r *Request) Int(name string, def int) (int, error) {
	text := r.Text(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, Invalid(name, "Нужно целое число, а не «"+text+"».")
	}
	return n, nil
}

// Date is a day of the form («2026-11-28» as browsers send it, or 28.11.2026);
// the zero Date when empty; a 422 when it is no day.
func (r *Request) Date(name string) (domain.Date, error) {
	text := r.Text(name)
	if text == "" {
		return domain.Date{}, nil
	}
	for _, form := range []string{time.DateOnly, "2.1.2006"} {
		if t, err := time.Parse(form, text); err == nil {
			return domain.DateOf(t, time.UTC), nil
		}
	}
	return domain.Date{}, Invalid(name, "Нужна дата, например 28.11.2026, а не «"+text+"».")
}

// Notice is the line at the foot after an action: what was done, and how to
// take it back.
type Notice struct {
	Text string // «Назначено: Управление дорог Хабаровска.»
	Undo string // address to POST to, "" when it cannot be undone
	// Bad: something did not work.
	Bad bool
}

const noticeKey = "notice"

// Notify shows a notice on the next page the person opens.
func (r *Request) Notify(n Notice) {
	b, err := json.Marshal(n)
	if err != nil {
		r.Log.Error("keep a notice", "err", err)
		return
	}
	r.kit.opts.Sessions.Put(r.Context(), noticeKey, string(b))
}

func (r *Request) takeNotice() (n Notice) {
	text := r.kit.opts.Sessions.Pop(r.Context(), noticeKey)
	if text != "" && json.Unmarshal([]byte(text), &n) != nil {
		return Notice{}
	}
	return n
}

// Redirect ends a POST: the browser gets the page at path anew. Path is one of
// ours ("/queue?state=returned"); anything else leads to the start page.
func (r *Request) Redirect(path string) error {
	r.done = true
	path = Local(path)
	if r.Header.Get("HX-Request") == "true" {
		r.W.Header().Set("HX-Redirect", path)
		r.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(r.W, r.Request, path, http.StatusSeeOther)
	return nil
}

// Local is the path when it leads to a page of ours, "/" otherwise: an address
// in a form must not send people elsewhere.
func Local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(path, "//") || strings.Contains(path, "\\") {
		return "/"
	}
	return path
}

// Render shows a view of the section within the layout.
func (r *Request) Render(view string, data any) error { return r.render(http.StatusOK, view, data) }

// RenderStatus is Render with another status: a form shown again with what is
// wrong in it is http.StatusUnprocessableEntity.
func (r *Request) RenderStatus(status int, view string, data any) error {
	return r.render(status, view, data)
}

// Fragment shows one template of a view without the layout, for htmx.
func (r *Request) Fragment(view, name string, data any) error {
	if r.section.views == nil {
		return fmt.Errorf("section %s has no views", r.section.Name)
	}
	return r.section.views.fragment(r.W, view, name, data)
}
