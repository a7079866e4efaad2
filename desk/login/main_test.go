package login_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

const (
	secretKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" // 32 bytes, for tests only
	olderKey  = "OTg3NjU0MzIxMDk4NzY1NDMyMTA5ODc2NTQzMjEwOTg="
	good      = "три слова подряд"
)

// house is a desk with real sessions over a real database.
type house struct {
	t      *testing.T
	store  *storage.Store
	dsn    string
	login  *login.Login
	server *httptest.Server
	clock  *pagetest.Clock // real time of one-time codes
	mu     sync.Mutex
	seen   []login.Outcome
	slow   chan struct{} // GET /slow says that it has begun, and waits to go on
}

type change func(*login.Login, *login.SessionOptions)

func newHouse(t *testing.T, changes ...change) *house {
	t.Helper()
	dsn := storagetest.DSN(t)
	h := &house{t: t, dsn: dsn, store: storagetest.Open(t, dsn, storage.Options{}), clock: &pagetest.Clock{T: time.Now()}, slow: make(chan struct{})}
	hasher, err := login.NewCheapHasher()
	if err != nil {
		t.Fatal(err)
	}
	seal, err := login.NewSeal(secretKey)
	if err != nil {
		t.Fatal(err)
	}
	opts := login.SessionOptions{Idle: time.Hour, Max: 2 * time.Hour, Plain: true, FactorRequired: true,
		Address: func(r *http.Request) string { return "192.0.2.7" }}
	l := &login.Login{Store: h.store, Hasher: hasher, Seal: seal, Clock: domain.SystemClock{}, RealClock: h.clock, Observe: h.observe}
	for _, c := range changes {
		c(l, &opts)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	l.Sessions = login.NewSessions(h.store, domain.SystemClock{}, opts, log)
	h.login = l
	probe := page.Section{Name: "probe", Routes: []page.Route{{Pattern: "GET /users", Action: access.Own, Handler: func(r *page.Request) error {
		_, err := io.WriteString(r.W, "здравствуйте, "+r.User.Login)
		return err
	}}, {Pattern: "GET /slow", Action: access.Own, Handler: func(r *page.Request) error {
		h.slow <- struct{}{}
		<-h.slow
		_, err := io.WriteString(r.W, "дождались")
		return err
	}}, {Pattern: "POST /note", Action: access.Own, Handler: func(r *page.Request) error {
		r.Notify(page.Notice{Text: "Сохранено."})
		return r.Redirect("/noted")
	}}, {Pattern: "GET /noted", Action: access.Own, Handler: func(r *page.Request) error {
		_, err := io.WriteString(r.W, "есть: "+l.Sessions.Pop(r.Context(), "notice"))
		return err
	}}}}
	regions := pagetest.Regions(t)
	kit, err := page.New(page.Options{Sessions: l.Sessions, Regions: func() []page.Region { return regions }, Clock: domain.SystemClock{},
		Log: log, Insecure: true, Address: opts.Address}, l.Section(), probe)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := kit.Handler()
	if err != nil {
		t.Fatal(err)
	}
	h.server = httptest.NewServer(handler)
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) observe(o login.Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, o)
}

func (h *house) outcomes() []login.Outcome {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]login.Outcome{}, h.seen...)
}

func (h *house) user(name string, mustChange bool, roles ...domain.Role) domain.User {
	h.t.Helper()
	hash, err := h.login.Hasher.Hash(context.Background(), good)
	if err != nil {
		h.t.Fatal(err)
	}
	u := domain.User{Region: "khabarovsk", Login: name, Name: "Анна Кузнецова", Email: name + "@example.ru", MustChange: mustChange}
	for _, r := range roles {
		u.Offices = append(u.Offices, domain.Office{Role: r})
	}
	u, err = h.store.AddUser(context.Background(), u, hash, domain.Doer{Login: "root", At: time.Now()})
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// browser keeps cookies and does not follow redirects.
type browser struct {
	h      *house
	client *http.Client
	jar    *cookiejar.Jar
}

func (h *house) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{h: h, jar: jar, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type answer struct {
	status         int
	location, body string
}

func (b *browser) do(r *http.Request, err error) answer {
	b.h.t.Helper()
	if err != nil {
		b.h.t.Fatal(err)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header.Get("Location"), string(body)}
}

func (b *browser) get(path string) answer {
	b.h.t.Helper()
	return b.do(http.NewRequest(http.MethodGet, b.h.server.URL+path, nil))
}

func (b *browser) post(path string, pairs ...string) answer {
	b.h.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, b.h.server.URL+path, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return b.do(r, err)
}

func (b *browser) cookie() string {
	u, _ := url.Parse(b.h.server.URL)
	for _, c := range b.jar.Cookies(u) {
		if c.Name == "otklik" {
			return c.Value
		}
	}
	return ""
}

func (b *browser) inside() bool {
	return strings.Contains(b.get("/users").body, "здравствуйте")
}

func (a answer) has(text string) bool { return strings.Contains(a.body, text) }
