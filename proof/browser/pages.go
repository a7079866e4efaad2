package browser

import "strings"

// Page is a page of the workplace and who looks at it.
type Page struct {
	Name string // of its picture
	As   string // the role's demo login without the region's number; "" nobody
	Path string
	// From is a list on whose first matching link the page is found, when the
	// address has a number in it that differs from run to run. Then is a link on
	// the page that Link leads to.
	From, Link, Then string
	// Route is the pattern of the page's address, where Path is not all of it.
	Route string
	// Do makes the page as it is to be seen: opens a menu, sends a form. false when
	// there is nothing to do it with.
	Do    func(*Tab) (bool, error)
	Paper bool // made to be printed
}

const version = "main a[href^='/rules/version/']:not([href$='/edit']):not([href$='.zip'])"

// Pages are all pages of the workplace, for pictures and for the look at
// accessibility. A page that a build does not serve yet is not in the menu. Those
// that change something stand last among their role's.
func Pages() []Page {
	return []Page{
		{Name: "login", Path: "/login"},
		{Name: "login-wrong", Path: "/login", Do: wrongPassword},
		{Name: "queue", As: "analyst", Path: "/queue"},
		{Name: "queue-menu", As: "analyst", Path: "/queue", Do: pressed("#pane .menu summary")},
		{Name: "queue-other", As: "analyst", Path: "/queue", Do: typing("#other > summary", "#find", "дорог", "#found label")},
		{Name: "queue-keys", As: "analyst", Path: "/queue", Do: keys},
		{Name: "queue-urgent", As: "analyst", Path: "/queue?kind=urgent"},
		{Name: "queue-undecided", As: "analyst", Path: "/queue?kind=undecided"},
		{Name: "queue-empty", As: "analyst", Path: "/queue?kind=returned&source=999999"},
		{Name: "card", As: "analyst", From: "/queue", Link: "#pane header a[href^='/case/']", Paper: true, Route: "/case/{id}"},
		{Name: "card-correct", As: "analyst", From: "/queue", Link: "#pane header a[href^='/case/']", Do: pressed(".facts details summary"), Route: "/case/{id}"},
		{Name: "card-posts", As: "analyst", Path: "/queue", Do: posts, Route: "/case/{id}/posts"},
		{Name: "terms", As: "analyst", Path: "/terms", Paper: true},
		{Name: "search", As: "analyst", Path: "/search?q=мусор"},
		{Name: "search-empty", As: "analyst", Path: "/search?q=абракадабра"},
		{Name: "analytics", As: "analyst", Path: "/analytics", Paper: true},
		{Name: "analytics-table", As: "analyst", Path: "/analytics", Do: pressed("main figure details summary")},
		{Name: "announcements", As: "analyst", Path: "/announcements"},
		{Name: "announcement-new", As: "analyst", Path: "/announcements/new"},
		{Name: "announcement", As: "analyst", Path: "/announcements/new", Do: announce, Route: "/announcements/{id}"},
		{Name: "sources", As: "analyst", Path: "/sources"},
		{Name: "rules", As: "analyst", Path: "/rules"},
		{Name: "rules-try", As: "analyst", Path: "/rules/try", Do: tryText},
		{Name: "rules-uses", As: "analyst", Path: "/rules/uses"},
		{Name: "account", As: "analyst", Path: "/account"},
		{Name: "notices", As: "coordinator", Path: "/account/notices"},
		{Name: "password", As: "analyst", Path: "/account/password"},
		{Name: "missing", As: "analyst", Path: "/nowhere"},
		{Name: "no-right", As: "analyst", Path: "/users"},
		{Name: "exports", As: "analyst", Path: "/exports"},
		{Name: "export", As: "analyst", Path: "/analytics", Do: orderExport, Route: "/exports/{id}"},
		{Name: "queue-bulk", As: "analyst", Path: "/queue", Do: orderBulk, Route: "/queue/bulk/{id}"},
		{Name: "inbox-coordinator", As: "coordinator", Path: "/inbox"},
		{Name: "inbox-executor", As: "executor", Path: "/inbox"},
		{Name: "inbox-head", As: "head", Path: "/inbox"},
		{Name: "task", As: "head", From: "/inbox?tab=all", Link: "a[data-open]", Route: "/inbox/task/{id}"},
		{Name: "card-body", As: "head", From: "/inbox?tab=all", Link: "a[data-open]", Then: "a[href^='/case/']", Route: "/case/{id}"},
		{Name: "inbox-curator", As: "curator", Path: "/inbox"},
		{Name: "templates", As: "head", Path: "/inbox/templates"},
		{Name: "template", As: "head", Path: "/inbox/templates", Do: template, Route: "/inbox/templates/{id}"},
		{Name: "absences", As: "coordinator", Path: "/inbox/absences"},
		{Name: "absence", As: "coordinator", Path: "/inbox/absences", Do: beAway, Route: "/inbox/absences/{id}"},
		{Name: "terms-controller", As: "controller", Path: "/terms", Paper: true},
		{Name: "terms-list", As: "controller", Path: "/terms/list?list=open"},
		{Name: "terms-deferrals", As: "controller", Path: "/terms/deferrals"},
		{Name: "terms-escalations", As: "controller", Path: "/terms/escalations"},
		{Name: "users", As: "admin", Path: "/users"},
		{Name: "user-new", As: "admin", Path: "/users/new"},
		{Name: "user", As: "admin", From: "/users", Link: "main table a[href^='/users/']", Route: "/users/{id}"},
		{Name: "accounts", As: "admin", Path: "/accounts"},
		{Name: "account-new", As: "admin", Path: "/accounts/new"},
		{Name: "account-of-body", As: "admin", From: "/accounts", Link: "main table a[href^='/accounts/']", Route: "/accounts/{id}"},
		{Name: "journal", As: "admin", Path: "/journal"},
		{Name: "source-new", As: "admin", Path: "/sources/new"},
		{Name: "rules-learning", As: "admin", Path: "/rules/learning"},
		{Name: "rules-version", As: "admin", From: "/rules", Link: version, Route: "/rules/version/{hash}"},
		{Name: "rules-edit", As: "admin", From: "/rules", Link: version, Then: "main a[href*='/edit']", Route: "/rules/version/{hash}/edit"},
		{Name: "second-factor", As: "admin", Path: "/account/second-factor"},
		{Name: "second-factor-codes", As: "admin", Path: "/account/second-factor", Do: enrolled},
		{Name: "login-code", Path: "/login", Do: password, Route: "/login/code"},
	}
}

// Pattern is the route of a page, as the workplace writes it.
func (p Page) Pattern() string {
	if p.Route != "" {
		return p.Route
	}
	path, _, _ := strings.Cut(p.Path, "?")
	return path
}

// Unseen are the routes that are no page to be looked at, and why. A route of
// neither list fails a test.
func Unseen() map[string]string {
	const part, leads = "a part of a page, seen on it", "leads on to another page"
	return map[string]string{
		"/{$}": leads, "/case": leads, "/login/provider": leads, "/login/provider/back": leads,
		"/queue/list": part, "/queue/pane/{object}/{id}": part, "/queue/subjects": part, "/live": "a stream of events",
		"/case/{id}/file/{file}": "a file", "/exports/{id}/file": "a file", "/rules/version/{hash}/pack.zip": "a file",
	}
}

// Open goes to a page. found is false when its list has no such link.
func (t *Tab) Open(p Page) (found bool, err error) {
	path := p.Path
	if p.From != "" {
		if path, err = t.follow(p.From, p.Link); err != nil || path == "" {
			return false, err
		}
	}
	if p.Then != "" {
		if path, err = t.follow(path, p.Then); err != nil || path == "" {
			return false, err
		}
	}
	if err := t.Go(path); err != nil || p.Do == nil {
		return err == nil, err
	}
	return p.Do(t)
}

// follow is where the first matching link of a page leads, "" when it has none.
func (t *Tab) follow(path, link string) (string, error) {
	if err := t.Go(path); err != nil {
		return "", err
	}
	return Evaluate[string](t, "(document.querySelector("+quoted(link)+") || {getAttribute: () => ''}).getAttribute('href')")
}

// Login logs in and waits to be inside.
func (t *Tab) Login(name, password string) error {
	if err := t.give(name, password); err != nil {
		return err
	}
	return t.Await("to be inside", "!location.pathname.startsWith('/login') && document.querySelector('details.me') && document.readyState === 'complete'")
}

// give fills in the login page and sends it.
func (t *Tab) give(name, password string) error {
	return steps(
		func() error { return t.Go("/login") },
		func() error { return t.Type("input[name=login]", name) },
		func() error { return t.Type("input[name=password]", password) },
		func() error { return t.Click("button.main") },
	)
}

func steps(list ...func() error) error {
	for _, step := range list {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// widest names what makes the page wider than the window, "" when nothing does.
const widest = `(() => {
	const w = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= w) return '';
	const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > w + 1);
	return document.documentElement.scrollWidth + ' > ' + w + ': ' + out.slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' | ');
})()`

// Overflow says what makes the page wider than its screen, "" when nothing does.
func (t *Tab) Overflow() (string, error) {
	wide, err := Evaluate[string](t, widest)
	return strings.TrimSpace(wide), err
}
