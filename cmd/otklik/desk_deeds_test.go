package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/desk/access"
	kit "github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// deed is one form of the desk, filled in as the page of somebody who may send it
// fills it in.
type deed struct {
	route string // its pattern
	who   string // a login that may
	form  func() (path string, form url.Values)
	field string // of the file that goes with it, "" none
	file  func() []byte
	// anywhere: what people of another region do with it, they do to their own.
	anywhere bool
}

// harmless are the forms that change nothing whoever sends them.
func harmless() []string {
	return []string{"POST /rules/try", "POST /sources/{id}/check"}
}

// Every form that the desk takes is sent, filled in rightly and at a moment when it
// would do something, by everybody whose business it is not: nothing changes. Then
// somebody sends it who may: something does.
func TestFormsOfStrangersDoNothing(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	d := newDeeds(w)
	done := map[string]bool{}
	for _, x := range d.script() {
		d.do(x)
		if t.Failed() {
			t.Fatalf("at %s: what comes after it rests on it", x.route)
		}
		done[x.route] = true
	}
	for _, r := range w.routes {
		own := r.Action == access.Public || r.Action == access.Own && !names(r)
		if strings.HasPrefix(r.Pattern, "POST ") && !own && !done[r.Pattern] && !slices.Contains(harmless(), r.Pattern) {
			t.Errorf("%s is not in the script", r.Pattern)
		}
	}
}

// deeds is a walk with everybody logged in, and the things the script works with.
type deeds struct {
	*walk
	people map[string]*walker
	posts  int // made so far
	cases  int
}

func newDeeds(w *walk) *deeds {
	d := &deeds{walk: w, people: map[string]*walker{}, cases: 100}
	for _, u := range append(demo.People(), w.outsiders()...) {
		d.people[u.Login] = w.as(u)
	}
	return d
}

func (d *deeds) do(x deed) {
	d.t.Helper()
	i := slices.IndexFunc(d.routes, func(r kit.Route) bool { return r.Pattern == x.route })
	if i < 0 {
		d.t.Fatalf("%s is no route", x.route)
	}
	path, form := x.form()
	kind, body := "application/x-www-form-urlencoded", form.Encode()
	if x.field != "" {
		kind, body = d.withFile(form, x.field, x.file())
	}
	before := d.all()
	answers := map[string]string{}
	for login, p := range d.people {
		if d.stranger(p, d.routes[i], x) {
			got := p.post(path, kind, body)
			answers[login] = got.Status
			if got.StatusCode >= http.StatusInternalServerError {
				d.t.Errorf("%s as %s: %s", x.route, login, got.Status)
			}
		}
	}
	if now := d.all(); !maps.Equal(before, now) {
		d.t.Errorf("%s: strangers have changed %v; they were answered %v", x.route, differing(before, now), answers)
		before = now
	}
	if len(answers) == 0 {
		d.t.Errorf("%s: nobody is a stranger to it", x.route)
	}
	got := d.people[x.who].post(path, kind, body)
	now := d.all()
	if got.StatusCode >= http.StatusBadRequest || maps.Equal(before, now) {
		d.t.Errorf("%s as %s: %s, changed %v: a form that does nothing proves nothing\n%s", x.route, x.who, got.Status, differing(before, now), d.people[x.who].said)
	}
}

// stranger: the table refuses them, or what the form names is not theirs.
func (d *deeds) stranger(p *walker, r kit.Route, x deed) bool {
	u := p.user
	u.ID, u.Active = 1, true
	if allowed, _ := access.Can(u, r.Action, access.Object{}, d.tree(u.Region)); !allowed {
		return true
	}
	return !x.anywhere && (u.Region != "khabarovsk" || strings.HasPrefix(u.Login, "out-"))
}

// withFile is a form of many parts: its type and its body.
func (d *deeds) withFile(form url.Values, field string, content []byte) (kind, body string) {
	d.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile(field, "файл.zip")
	if err == nil {
		_, err = part.Write(content)
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		err = errors.Join(err, m.WriteField(name, form.Get(name)))
	}
	if err := errors.Join(err, m.Close()); err != nil {
		d.t.Fatal(err)
	}
	return m.FormDataContentType(), b.String()
}

// post sends a form, after logging in again when the session has ended.
func (p *walker) post(path, kind, body string) *http.Response {
	p.w.t.Helper()
	got := p.sendAs(http.MethodPost, path, kind, body)
	if strings.HasPrefix(got.Header.Get("Location"), "/login") {
		p.login()
		got = p.sendAs(http.MethodPost, path, kind, body)
	}
	return got
}

// all is a mark of every table, without what looking alone changes.
func (d *deeds) all() map[string]string {
	d.t.Helper()
	const tables = `SELECT string_agg(format('SELECT %L || '' '' || md5(coalesce(string_agg(md5(t::text), '''' ORDER BY md5(t::text)), '''')) AS m FROM %I t',
			relname, relname), ' UNION ALL ') FROM pg_class
		WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
		  AND relname NOT IN ('sessions', 'login_attempts', 'pack_files', 'goose_db_version')`
	each := query[string](d.t, d.dsn, tables)
	out := map[string]string{}
	for line := range strings.Lines(query[string](d.t, d.dsn, `SELECT string_agg(m, E'\n') FROM (`+each+`) x`)) {
		name, mark, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[name] = mark
	}
	return out
}

func differing(a, b map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name] != b[name] {
			out = append(out, name)
		}
	}
	return out
}

// number reads one number.
func (d *deeds) number(sql string, args ...any) int64 {
	d.t.Helper()
	return query[int64](d.t, d.dsn, sql, args...)
}

// version is what a page of a case has seen.
func (d *deeds) version(id int64) string {
	d.t.Helper()
	return fmt.Sprint(d.number("SELECT version FROM cases WHERE id = $1", id))
}

// open makes a case, found a minute ago, with posts.
func (d *deeds) open(state domain.State, posts int) int64 {
	d.t.Helper()
	d.cases++
	body := walkBody
	if state == domain.Moderation {
		body = ""
	}
	id := int64(d.cases)
	execute(d.t, d.dsn, `INSERT INTO cases (id, number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency, route_why,
		urgent, restricted, days, due_at, control_at, deadline_reason, posts, reason, registered_at, updated_at, changed_by, changed_why, assigned_at)
		VALUES ($1, $2, 'khabarovsk', $3, 3, '', 'khabarovsk-city', '{}', $4, $5, '', false, false, 10, now() + interval '9 days',
		now() + interval '9 days', 'строка 3', $6, 'проверка', now(), now(), 'система', '', CASE WHEN $4 = '' THEN NULL ELSE now() END)`,
		id, fmt.Sprintf("27-2026-9%05d", id), string(state), body, walkBody, posts)
	for range posts {
		execute(d.t, d.dsn, `INSERT INTO case_posts (post_id, stored_at, case_id, attached_at) SELECT post_id, stored_at, $2, now() FROM post_ids WHERE post_id = $1`, d.post(), id)
	}
	return id
}

// post makes a judged post.
func (d *deeds) post() int64 {
	d.t.Helper()
	d.posts++
	id := d.number(`INSERT INTO post_ids (platform, owner, post, comment, stored_at, text_hash)
		VALUES ('vk', '-1', $1, '0', now(), sha256('x')) RETURNING post_id`, fmt.Sprint(d.posts))
	execute(d.t, d.dsn, `INSERT INTO posts (id, stored_at, platform, owner, post, comment, region, source_id, kind, author_id, author_name, author_org,
		text, published_at, url, views, comments, home)
		SELECT post_id, stored_at, platform, owner, post, comment, 'khabarovsk', 1, 'post', '5', 'Житель', false,
			'На улице Ленина яма', stored_at, 'https://vk.com/wall-1_1', 1, 0, 'khabarovsk-city' FROM post_ids WHERE post_id = $1`, id)
	execute(d.t, d.dsn, `INSERT INTO verdicts (post_id, stored_at, judged_at, latest, region, kind, urgent, decree_row, topic, category, subcategory,
		confidence, margin, municipality, place, language, pack_hash, reason, fingerprint, action, action_reason, action_words)
		SELECT post_id, stored_at, stored_at, true, 'khabarovsk', 'problem', false, 3, '', 'Автомобильные дороги', 'ямы', 0.9, 0.5,
			'khabarovsk-city', '{}', 'ru', $2, '', '', 'open', 'new_case', '' FROM post_ids WHERE post_id = $1`, id, d.hash)
	return id
}

// review puts a post before the analysts; of a case when that is not 0.
func (d *deeds) review(of int64) int64 {
	d.t.Helper()
	return d.number(`INSERT INTO review_items (region, post_id, stored_at, case_id, reason, words, urgent, created_at)
		SELECT 'khabarovsk', post_id, stored_at, nullif($2::bigint, 0), 'changed_verdict', 'проверка', false, now() FROM post_ids WHERE post_id = $1
		RETURNING id`, d.post(), of)
}

// user is the number of a login.
func (d *deeds) user(login string) string {
	d.t.Helper()
	return fmt.Sprint(d.number("SELECT id FROM users WHERE login = $1", login))
}

// settled waits until the work that a form has ordered is over.
func (d *deeds) settled(sql string) {
	d.t.Helper()
	for began := time.Now(); d.number(sql) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			d.t.Fatalf("not over within a minute: %s", sql)
		}
	}
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}
