package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/desk/access"
	kit "github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/redis"
	"github.com/otklik/otklik/storage/storagetest"
	"github.com/otklik/otklik/worker"
)

// walk is the whole desk, as serve builds it, with somebody for every role.
type walk struct {
	t      *testing.T
	dsn    string
	server *server
	routes []kit.Route
	web    *httptest.Server
	hash   string // of Khabarovsk's pack
	before string // everything, before anybody walked
}

const (
	walkCase  = "1" // also the number of a user and of a source
	walkBody  = "khab-housing"
	elsewhere = "min-sport" // a body outside the subtree of the case
)

func newWalk(t *testing.T) *walk {
	t.Helper()
	dsn := storagetest.DSN(t)
	store := storagetest.Open(t, dsn, storage.Options{})
	log := slog.New(slog.DiscardHandler)
	fake := vkfake.New(vkfake.Options{Clock: domain.SystemClock{}})
	fake.AddCommunity(vkfake.Community{ID: 700, Token: walkToken})
	fake.AddCommunity(vkfake.Community{ID: 701, Token: walkSecond})
	fake.AddCommunity(vkfake.Community{ID: 702, Token: walkRegion})
	vk := httptest.NewServer(fake)
	t.Cleanup(vk.Close)
	cfg, err := LoadConfig([]string{"OTKLIK_STATE_DIR=" + t.TempDir(), "DATABASE_URL=" + dsn, "OTKLIK_SECRET_KEY=" + strings.Repeat("QUFB", 10) + "QUE=",
		"OTKLIK_VK_COMMUNITIES=702:" + walkRegion, "OTKLIK_VK_URL=" + vk.URL + vkfake.MethodPath, "OTKLIK_TELEGRAM_URL=http://127.0.0.1:1", "OTKLIK_TELEGRAM_PREVIEW_URL=http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := redis.Embedded("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(embedded.Close)
	client, err := redis.Open(embedded.URL(), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	in := &infra{store: store, redis: client, limiter: redis.NewLimiter(client)}
	s := &server{cfg: cfg, clock: domain.SystemClock{}, infra: in, log: log, roles: []string{roleDesk}, deskOpts: deskOptions{demo: true}}
	w := &walk{t: t, dsn: dsn, server: s}
	w.start(store, log)
	return w
}

func (w *walk) start(store *storage.Store, log *slog.Logger) {
	w.t.Helper()
	ctx := w.t.Context()
	regions, err := preparePacks(ctx, w.server.cfg, store, map[string]rules.Files{}, time.Now(), log)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.server.follower, err = worker.NewFollower(ctx, packStore{store}, regions, school, log); err != nil {
		w.t.Fatal(err)
	}
	if w.hash, err = store.ActivePackHash(ctx, "khabarovsk"); err != nil {
		w.t.Fatal(err)
	}
	pl, err := newPlatforms(w.server.cfg, limits{perSecond: w.server.infra.limiter, perDay: store}, log)
	if err != nil {
		w.t.Fatal(err)
	}
	w.server.who = newSpeakers(store, pl, nil, w.server.follower.Packs)
	g, intake := newGroup(ctx)
	w.t.Cleanup(func() { g.cancel(errors.New("the test is over")); g.wg.Wait() })
	desk, err := w.server.deskKit(intake, pl, newMetrics(), g)
	if err != nil {
		w.t.Fatal(err)
	}
	w.routes = desk.Routes()
	handler, err := desk.Handler()
	if err != nil {
		w.t.Fatal(err)
	}
	w.web = httptest.NewServer(handler)
	w.t.Cleanup(w.web.Close)
	w.fill(store)
}

// fill stores the things the routes name: case, source, task and user 1 of Khabarovsk,
// and everybody who walks.
func (w *walk) fill(store *storage.Store) {
	w.t.Helper()
	ctx := w.t.Context()
	by := domain.Doer{Login: "test", At: time.Now()}
	if _, err := store.AddUser(ctx, domain.User{Region: "khabarovsk", Login: "target", Name: "Цель", Offices: []domain.Office{{Role: domain.RoleReader}}}, "", by); err != nil {
		w.t.Fatal(err)
	}
	hasher, err := w.server.hasher()
	if err != nil {
		w.t.Fatal(err)
	}
	password, err := hasher.Hash(ctx, demo.Password)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, u := range append(demo.People(), w.outsiders()...) {
		if _, err := store.AddUser(ctx, u, password, by); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := store.AddSource(ctx, domain.Source{Region: "khabarovsk", Kind: domain.VKWall, Address: "-1", State: domain.SourceNew}); err != nil {
		w.t.Fatal(err)
	}
	kept := domain.Speaker{Region: "khabarovsk", Platform: domain.VK, Address: "700", Title: "Город", Bodies: []string{"adm-khabarovsk-city"}, Whole: true}
	if _, err := store.KeepAccount(ctx, kept, w.sealed(kept), by); err != nil {
		w.t.Fatal(err)
	}
	if _, err := store.WriteAnnouncement(ctx, domain.Announcement{Region: "khabarovsk", Text: "Завтра не будет воды", Municipalities: []string{"khabarovsk-city"}}, by); err != nil {
		w.t.Fatal(err)
	}
	if _, err := store.BeginTask(ctx, domain.Background{Region: "khabarovsk", Kind: "phrase_uses", Who: "test", CreatedAt: time.Now()}); err != nil {
		w.t.Fatal(err)
	}
	execute(w.t, w.dsn, `INSERT INTO cases (id, number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency, route_why,
		urgent, restricted, days, due_at, control_at, deadline_reason, posts, reason, registered_at, updated_at, changed_by, changed_why, assigned_at)
		VALUES (1, otklik_case_number('khabarovsk', now()), 'khabarovsk', 'coordination', 3, '', 'khabarovsk-city', '{}', $1, '', '', false, false, 10, now() + interval '9 days',
		now() + interval '9 days', 'строка 3', 0, 'проверка', now(), now(), 'система', '', now())`, walkBody)
	// What walkers make themselves must not take the number 1.
	execute(w.t, w.dsn, "SELECT setval(oid, 1000) FROM pg_class WHERE relkind = 'S' AND relname LIKE '%id_seq'")
	w.before = w.everything()
}

// walkToken is the token of the community whose account is number 1, walkSecond
// that of another one, walkRegion that of the environment.
const walkToken, walkSecond, walkRegion = "token-of-700", "token-of-701", "token-of-702"

// sealed is the token of the account as the desk keeps it.
func (w *walk) sealed(a domain.Speaker) []byte {
	w.t.Helper()
	seal, err := w.server.seal()
	if err != nil {
		w.t.Fatal(err)
	}
	sealed, err := seal.Close([]byte(walkToken), accountSeal(a))
	if err != nil {
		w.t.Fatal(err)
	}
	return sealed
}

// outsiders have the roles of a body, in one that has nothing to do with the case.
func (w *walk) outsiders() []domain.User {
	var out []domain.User
	for _, role := range domain.StaffRoles() {
		if access.RegionOnly(role) {
			continue
		}
		out = append(out, domain.User{Region: "khabarovsk", Login: "out-" + string(role), Name: "Посторонний",
			Offices: []domain.Office{{Role: role, AgencyID: elsewhere}}})
	}
	return out
}

// walker is one person; it logs in again when its session has ended.
type walker struct {
	w      *walk
	user   domain.User // zero: nobody
	client *http.Client
	said   string // the last page
}

func (w *walk) as(u domain.User) *walker {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &walker{w: w, user: u, client: &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if u.Login != "" {
		p.login()
	}
	return p
}

func (p *walker) login() {
	p.w.t.Helper()
	got := p.send(http.MethodPost, "/login", "login="+p.user.Login+"&password="+demo.Password)
	if got.StatusCode != http.StatusSeeOther {
		p.w.t.Fatalf("%s cannot log in: %s", p.user.Login, got.Status)
	}
}

func (p *walker) send(method, path, form string) *http.Response {
	p.w.t.Helper()
	return p.sendAs(method, path, "application/x-www-form-urlencoded", form)
}

func (p *walker) sendAs(method, path, kind, form string) *http.Response {
	p.w.t.Helper()
	r, err := http.NewRequestWithContext(p.w.t.Context(), method, p.w.web.URL+path, strings.NewReader(form))
	if err != nil {
		p.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := p.client.Do(r)
	if err != nil {
		p.w.t.Fatalf("%s %s as %s: %v", method, path, p.user.Login, err)
	}
	defer func() { _ = resp.Body.Close() }()
	p.said = ""
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return resp // it has no end
	}
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		p.w.t.Fatalf("%s %s as %s: %v", method, path, p.user.Login, err)
	}
	p.said = string(said)
	return resp
}

// call calls a route.
func (p *walker) call(r kit.Route) *http.Response {
	method, path := p.w.address(r)
	got := p.send(method, path, "")
	if p.user.Login != "" && got.StatusCode == http.StatusSeeOther && strings.HasPrefix(got.Header.Get("Location"), "/login?") && path != "/logout" {
		p.login() // an earlier route has ended the session
		got = p.send(method, path, "")
	}
	return got
}

var placeholder = regexp.MustCompile(`\{([a-zA-Z]+)(\.\.\.)?\}`)

// address fills the names of a pattern in.
func (w *walk) address(r kit.Route) (method, path string) {
	method, path, _ = strings.Cut(r.Pattern, " ")
	path = strings.TrimSuffix(path, "{$}")
	path = placeholder.ReplaceAllStringFunc(path, func(name string) string {
		if name == "{hash}" {
			return w.hash[:12]
		}
		return walkCase
	})
	return method, path
}

// names reports whether a route is about one thing of Khabarovsk.
func names(r kit.Route) bool {
	return placeholder.MatchString(strings.ReplaceAll(r.Pattern, "{$}", ""))
}

// everything is what Khabarovsk has, to see that nothing was changed.
func (w *walk) everything() string {
	return query[string](w.t, w.dsn, `SELECT concat_ws(E'\n',
		(SELECT string_agg(c::text, '|' ORDER BY c.id) FROM cases c WHERE region = 'khabarovsk'),
		(SELECT string_agg(h::text, '|' ORDER BY h.id) FROM case_history h),
		(SELECT string_agg(s.id || s.state || s.reason, '|' ORDER BY s.id) FROM sources s WHERE region = 'khabarovsk'),
		(SELECT string_agg(c::text, '|' ORDER BY c.chat) FROM source_chats c),
		(SELECT string_agg(concat(u.id, u.login, u.name, u.active, u.password_hash, u.session_epoch), '|' ORDER BY u.id) FROM users u WHERE login = 'target'),
		(SELECT string_agg(o::text, '|' ORDER BY o.user_id, o.role, o.agency_id) FROM user_offices o),
		(SELECT string_agg(a::text, '|' ORDER BY a.id) FROM absences a JOIN users u ON u.id = a.user_id WHERE u.region = 'khabarovsk' AND a.id < 1000),
		(SELECT string_agg(a::text, '|' ORDER BY a.id) FROM accounts a WHERE region = 'khabarovsk' AND a.id < 1000),
		(SELECT string_agg(p::text, '|' ORDER BY p.account) FROM account_pauses p),
		(SELECT string_agg(a::text, '|' ORDER BY a.id) FROM announcements a WHERE region = 'khabarovsk' AND a.id < 1000),
		(SELECT string_agg(n::text, '|' ORDER BY n.id) FROM notes n),
		(SELECT string_agg(r::text, '|' ORDER BY r.id) FROM replies r),
		(SELECT string_agg(f.id::text, '|' ORDER BY f.id) FROM case_files f),
		(SELECT string_agg(l::text, '|' ORDER BY l.object, l.object_id) FROM desk_leases l WHERE region = 'khabarovsk'),
		(SELECT string_agg(concat(p.hash, p.active), '|' ORDER BY p.hash) FROM pack_versions p WHERE region = 'khabarovsk'))`)
}

// changed are the lines that differ.
func changed(before, after string) string {
	known := strings.Split(before, "\n")
	return strings.Join(slices.DeleteFunc(strings.Split(after, "\n"), func(line string) bool { return slices.Contains(known, line) }), "\n")
}

func public(r kit.Route) bool { return r.Action == access.Public }

func TestEveryRouteAsNobody(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	for _, r := range w.routes {
		if public(r) {
			continue
		}
		got := w.as(domain.User{}).call(r)
		if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login") {
			t.Errorf("%s: %s to %q", r.Pattern, got.Status, got.Header.Get("Location"))
		}
	}
	if w.everything() != w.before {
		t.Errorf("nobody has changed something:\n%s", changed(w.before, w.everything()))
	}
}

// Every route as every role: what the table refuses is a 403 before anything is
// looked at; what it allows answers without a fault of ours; things of another
// region and of bodies outside one's own are not there.
func TestEveryRouteAsEveryRole(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	if len(w.routes) < 40 {
		t.Fatalf("only %d routes", len(w.routes))
	}
	var strangers, own []domain.User
	for _, u := range demo.People() {
		if strings.HasPrefix(u.Login, "analystb") { // as analyst
			continue
		}
		if u.Region == "khabarovsk" {
			own = append(own, u)
		} else {
			strangers = append(strangers, u)
		}
	}
	outsiders := w.outsiders()
	visited := 0
	for _, u := range slices.Concat(strangers, outsiders) {
		p := w.as(u)
		for _, r := range w.routes {
			w.visit(p, r, u.Region != "khabarovsk" || ofCase(r))
			visited++
		}
	}
	if w.everything() != w.before {
		t.Errorf("people of another region or body have changed something of Khabarovsk:\n%s", changed(w.before, w.everything()))
	}
	for _, u := range own {
		p := w.as(u)
		for _, r := range w.routes {
			w.visit(p, r, false)
			visited++
		}
	}
	t.Logf("%d routes, %d calls", len(w.routes), visited)
}

// ofCase: the thing a route names belongs to a body.
func ofCase(r kit.Route) bool {
	_, path, _ := strings.Cut(r.Pattern, " ")
	return !strings.HasPrefix(path, "/users/") && !strings.HasPrefix(path, "/sources/") && !strings.HasPrefix(path, "/accounts/") && !strings.HasPrefix(path, "/announcements/") && !strings.HasPrefix(path, "/rules/")
}

// visit calls a route and judges the answer by the table. stranger: what the
// route names is none of the person's business.
func (w *walk) visit(p *walker, r kit.Route, stranger bool) {
	w.t.Helper()
	tree := w.tree(p.user.Region)
	u := p.user
	u.ID, u.Active = 1, true
	allowed, why := access.Can(u, r.Action, access.Object{}, tree)
	if allowed && r.Also != "" {
		allowed, why = access.Can(u, r.Also, access.Object{}, tree)
	}
	got := p.call(r)
	who := fmt.Sprintf("%s as %s: %s", r.Pattern, u.Login, got.Status)
	switch {
	case got.StatusCode >= http.StatusInternalServerError:
		w.t.Errorf("%s: a fault of ours", who)
	case !allowed && got.StatusCode != http.StatusForbidden:
		w.t.Errorf("%s, yet the table says %s", who, why)
	case allowed && got.StatusCode == http.StatusForbidden && !names(r) && !stranger:
		w.t.Errorf("%s, yet the table allows it", who)
	case allowed && stranger && names(r) && !public(r) && got.StatusCode < http.StatusBadRequest:
		// A form may be answered by a notice that says no; then nothing has changed.
		if got.Request.Method == http.MethodGet || w.everything() != w.before {
			w.t.Errorf("%s: it is there for a stranger (Location %q)", who, got.Header.Get("Location"))
		}
	}
}

func (w *walk) tree(region string) domain.Tree {
	for _, r := range w.server.deskRegions() {
		if r.ID == region {
			return r.Tree
		}
	}
	w.t.Fatalf("region %q is not served", region)
	return domain.Tree{}
}

// The addresses that a redirect after login may lead to are ours only.
func TestLoginLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	for _, to := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		p := w.as(domain.User{})
		got := p.send(http.MethodPost, "/login", url.Values{"login": {"analyst27"}, "password": {demo.Password}, "to": {to}}.Encode())
		if location := got.Header.Get("Location"); got.StatusCode != http.StatusSeeOther || location != "/" {
			t.Errorf("to %q leads to %q", to, location)
		}
	}
}

func TestVisitorAddress(t *testing.T) {
	t.Parallel()
	s := &server{cfg: Config{DeskProxies: []string{"127.0.0.0/8", "10.0.0.0/8"}}}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:1000", "", "192.0.2.7"},
		{"192.0.2.7:1000", "198.51.100.1", "192.0.2.7"}, // not a proxy of ours: its word is nothing
		{"127.0.0.1:1000", "198.51.100.1", "198.51.100.1"},
		{"127.0.0.1:1000", "203.0.113.9, 198.51.100.1", "198.51.100.1"}, // the first is what the visitor claims
		{"127.0.0.1:1000", "198.51.100.1, 10.1.2.3", "198.51.100.1"},
		{"127.0.0.1:1000", "nonsense", "127.0.0.1"},
		{"127.0.0.1:1000", "", "127.0.0.1"},
	} {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := s.visitor(r); got != c.want {
			t.Errorf("%s forwarded %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
