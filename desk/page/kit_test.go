package page_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

func views(content string) fstest.MapFS {
	return fstest.MapFS{"one.html": {Data: []byte(`{{define "title"}}Проба{{end}}{{define "content"}}` + content + `{{end}}`)}}
}

func section(handler func(*page.Request) error, action access.Action) page.Section {
	return page.Section{Name: "probe", Views: views(`<p>{{.}}</p>`), Routes: []page.Route{
		{Pattern: "GET /queue", Action: action, Handler: handler},
		{Pattern: "POST /queue", Action: action, Handler: handler},
	}}
}

func analyst() domain.User {
	return pagetest.Person("anna", domain.Office{Role: domain.RoleAnalyst})
}

func executor() domain.User {
	return pagetest.Person("boris", domain.Office{Role: domain.RoleExecutor, AgencyID: "city"})
}

func TestPageHasItsPersonAndScope(t *testing.T) {
	var scope domain.Scope
	d := pagetest.New(t, section(func(r *page.Request) error {
		scope = r.Scope
		return r.Render("one", "Здравствуйте <b>")
	}, access.SeeInbox))
	got := d.As(executor()).Get("/queue")
	if got.Status != http.StatusOK || !got.Has("Здравствуйте &lt;b&gt;") || !got.Has("Хабаровский край") || !got.Has(">12:00<") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if scope.Region != "khabarovsk" || scope.Whole || fmt.Sprint(scope.Agencies) != "[city school]" {
		t.Errorf("scope %+v", scope)
	}
}

func TestNobodyIsSentToTheLogin(t *testing.T) {
	d := pagetest.New(t, section(func(r *page.Request) error { t.Error("the handler ran"); return nil }, access.SeeQueue))
	if got := d.Get("/queue?a=1"); got.Status != http.StatusSeeOther || got.Location != "/login?to=%2Fqueue%3Fa%3D1" {
		t.Errorf("GET: %d %s", got.Status, got.Location)
	}
	if got := d.Post("/queue", nil); got.Status != http.StatusSeeOther || got.Location != "/login?ended=1" {
		t.Errorf("POST: %d %s", got.Status, got.Location)
	}
	for from, want := range map[string]string{
		"http://example.com/inbox/task/7?a=1": "/login?ended=1&to=%2Finbox%2Ftask%2F7%3Fa%3D1",
		"http://elsewhere.example/inbox":      "/login?ended=1", "http://example.com//evil.example": "/login?ended=1",
		"http://example.com/login?to=%2Fx": "/login?ended=1", "http://example.com/": "/login?ended=1",
	} {
		r := httptest.NewRequest(http.MethodPost, "/queue", nil)
		r.Header.Set("Referer", from)
		if got := d.Do(r); got.Location != want {
			t.Errorf("a form of %s: %s, want %s", from, got.Location, want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/queue", nil)
	r.Header.Set("HX-Request", "true")
	if got := d.Do(r); got.Header.Get("HX-Redirect") != "/login" {
		t.Errorf("htmx: %d %v", got.Status, got.Header)
	}
}

func TestWrongRoleIsRefusedBeforeTheHandler(t *testing.T) {
	d := pagetest.New(t, section(func(*page.Request) error { t.Error("the handler ran"); return nil }, access.Moderate))
	got := d.As(executor()).Get("/queue")
	if got.Status != http.StatusForbidden || !got.Has("может аналитик") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestMustChangeThePasswordFirst(t *testing.T) {
	u := analyst()
	u.MustChange = true
	d := pagetest.New(t, section(func(*page.Request) error { t.Error("the handler ran"); return nil }, access.SeeQueue))
	if got := d.As(u).Get("/queue"); got.Location != page.PasswordPath {
		t.Errorf("%d %s", got.Status, got.Location)
	}
}

func TestErrorsBecomePagesThatSayWhatToDo(t *testing.T) {
	var fault error
	d := pagetest.New(t, section(func(*page.Request) error { return fault }, access.SeeQueue)).As(analyst())
	for _, tc := range []struct {
		err    error
		status int
		words  string
	}{
		{page.Forbidden("Только начальник."), 403, "Только начальник."},
		{fmt.Errorf("read: %w", domain.ErrNotFound), 404, "через меню"},
		{page.Stale("Уже назначено: Петрова."), 409, "Уже назначено: Петрова."},
		{fmt.Errorf("move: %w", domain.ErrStale), 409, "не переписано"},
		{page.Invalid("due", "Нужна дата."), 422, "Нужна дата."},
		{errors.New("boom"), 500, "администратору"},
		{fmt.Errorf("read: %w", domain.ErrUnavailable), 503, "База данных не отвечает"},
	} {
		fault = tc.err
		got := d.Get("/queue")
		if got.Status != tc.status || !got.Has(tc.words) || !got.Has("<html") {
			t.Errorf("%v: %d, «%s» is missing: %s", tc.err, got.Status, tc.words, got.Body)
		}
		if got.Has("boom") {
			t.Error("the page tells what is inside")
		}
		r := httptest.NewRequest(http.MethodGet, "/queue", nil)
		r.Header.Set("HX-Request", "true")
		if got := d.Do(r); got.Status != tc.status || !got.Has(tc.words) || got.Has("<html") {
			t.Errorf("%v: the part of a page: %d %s", tc.err, got.Status, got.Body)
		}
	}
}

func TestPanicIsAnErrorPage(t *testing.T) {
	d := pagetest.New(t, section(func(*page.Request) error { panic("boom") }, access.SeeQueue)).As(analyst())
	if got := d.Get("/queue"); got.Status != http.StatusInternalServerError || !got.Has("Ошибка в программе") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestUnknownAddress(t *testing.T) {
	d := pagetest.New(t)
	if got := d.As(analyst()).Get("/nowhere"); got.Status != http.StatusNotFound || !got.Has("Такой страницы нет") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestNoticeIsShownOnceWithUndo(t *testing.T) {
	d := pagetest.New(t, section(func(r *page.Request) error {
		if r.Method == http.MethodPost {
			r.Notify(page.Notice{Text: "Назначено.", Undo: "/undo/7"})
			return r.Redirect("/queue")
		}
		return r.Render("one", "")
	}, access.SeeQueue)).As(analyst())
	if got := d.Post("/queue", url.Values{}); got.Status != http.StatusSeeOther || got.Location != "/queue" {
		t.Fatalf("%d %s", got.Status, got.Location)
	}
	if got := d.Get("/queue"); !got.Has("Назначено.") || !got.Has(`action="/undo/7"`) {
		t.Errorf("no notice: %s", got.Body)
	}
	if got := d.Get("/queue"); got.Has("Назначено.") {
		t.Error("the notice is shown twice")
	}
}

func TestFormFromAnotherSiteIsRefused(t *testing.T) {
	d := pagetest.New(t, section(func(*page.Request) error { t.Error("the handler ran"); return nil }, access.SeeQueue)).As(analyst())
	r := httptest.NewRequest(http.MethodPost, "/queue", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := d.Do(r); got.Status != http.StatusForbidden || !got.Has("чужого сайта") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestHeadersForbidInlineAndThirdParties(t *testing.T) {
	d := pagetest.New(t, section(func(r *page.Request) error { return r.Render("one", "") }, access.SeeQueue)).As(analyst())
	got := d.Get("/queue")
	policy := got.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	for _, inline := range []string{"<style", " style=", " onclick=", "javascript:", "//cdn", "http://", "https://"} {
		if got.Has(inline) {
			t.Errorf("the layout holds %q", inline)
		}
	}
	if got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("pages may be kept: %q", got.Header.Get("Cache-Control"))
	}
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	d := pagetest.New(t, section(func(r *page.Request) error { return r.Render("one", "") }, access.SeeQueue)).As(analyst())
	body := d.Get("/queue").Body
	_, rest, _ := strings.Cut(body, `rel="stylesheet" href="`)
	address, _, _ := strings.Cut(rest, `"`)
	got := d.As(domain.User{}).Get(address)
	if got.Status != http.StatusOK || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") ||
		!strings.HasPrefix(got.Header.Get("Content-Type"), "text/css") {
		t.Errorf("%s: %d %v", address, got.Status, got.Header)
	}
	if got := d.Get("/assets/desk.css"); got.Status != http.StatusNotFound {
		t.Errorf("an asset without its checksum: %d", got.Status)
	}
}

func TestFaultySectionsDoNotStart(t *testing.T) {
	ok := func(*page.Request) error { return nil }
	for name, s := range map[string]page.Section{
		"no action":      {Name: "x", Routes: []page.Route{{Pattern: "GET /x", Handler: ok}}},
		"unknown action": {Name: "x", Routes: []page.Route{{Pattern: "GET /x", Handler: ok, Action: "fly"}}},
		"no handler":     {Name: "x", Routes: []page.Route{{Pattern: "GET /x", Action: access.Own}}},
		"twice": {Name: "x", Routes: []page.Route{{Pattern: "GET /x", Action: access.Own, Handler: ok},
			{Pattern: "GET /x", Action: access.Own, Handler: ok}}},
		"no content":  {Name: "x", Views: fstest.MapFS{"a.html": {Data: []byte(`{{define "title"}}{{end}}`)}}},
		"faulty view": {Name: "x", Views: views(`{{if}}`)},
	} {
		if _, err := page.New(page.Options{}, s); err == nil {
			t.Errorf("%s: it starts", name)
		}
	}
}

func TestOnlyOwnAddressesAreRedirectedTo(t *testing.T) {
	for in, want := range map[string]string{
		"/queue?a=b": "/queue?a=b", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "": "/", "queue": "/",
	} {
		if got := page.Local(in); got != want {
			t.Errorf("Local(%q) = %q, want %q", in, got, want)
		}
	}
}
