package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/proof/freeport"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
	"github.com/otklik/otklik/storage/localpg/child"
)

const (
	region    = "khabarovsk"
	community = 700 // an own community: what it publishes is here at once
)

// stand is one installation that the tests share: the built program on a private
// PostgreSQL and a fake VK, and one Chromium. Every test has a municipality of
// its own, so that its queue holds only what it has published.
type stand struct {
	dir      string
	base     string // the workplace
	hooks    string // where platforms push to
	env      []string
	pg       *localpg.Server
	store    *storage.Store
	vk       *vkfake.Server
	chromium *Browser
	server   *exec.Cmd
	ended    chan struct{}
	log      buffer
	closing  []func()
}

//nolint:gochecknoglobals // one installation per test binary: starting it takes seconds
var shared = sync.OnceValues(startStand)

func TestMain(m *testing.M) {
	code := m.Run()
	if s, _ := shared(); s != nil {
		s.close()
	}
	os.Exit(code)
}

func open(t *testing.T) *stand {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", s.log.tail())
		}
	})
	return s
}

func startStand() (*stand, error) {
	if _, err := find(exec.LookPath); err != nil {
		return nil, err // before anything slow
	}
	dir, err := os.MkdirTemp("", "otklik-browser-test-")
	if err != nil {
		return nil, err
	}
	s := &stand{dir: dir}
	s.later(func() { _ = os.RemoveAll(dir) })
	for _, step := range []func() error{s.build, s.database, s.platforms, s.start, s.people, s.source, s.browser} {
		if err := step(); err != nil {
			err = fmt.Errorf("%w\n%s", err, s.log.tail())
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (s *stand) later(f func()) { s.closing = append(s.closing, f) }

func (s *stand) close() {
	s.stop()
	for i := len(s.closing) - 1; i >= 0; i-- {
		s.closing[i]()
	}
}

func (s *stand) build() error {
	out, err := exec.Command("go", "build", "-o", filepath.Join(s.dir, "otklik"), "github.com/otklik/otklik/cmd/otklik").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

func (s *stand) database() (err error) {
	ctx := context.Background()
	if s.pg, err = localpg.Start(ctx, localpg.Options{Dir: filepath.Join(s.dir, "pg"), Ephemeral: true, Unsafe: true}); err != nil {
		return err
	}
	s.later(func() { _ = s.pg.Stop() })
	if err := storage.Migrate(ctx, s.pg.DSN()); err != nil {
		return err
	}
	if s.store, err = storage.Open(ctx, s.pg.DSN(), storage.Options{Clock: domain.SystemClock{}}); err != nil {
		return err
	}
	s.later(s.store.Close)
	return nil
}

func (s *stand) platforms() error {
	s.vk = vkfake.New(vkfake.Options{Clock: domain.SystemClock{}, Service: []string{"service"}, MaxWait: 2 * time.Second})
	s.vk.AddCommunity(vkfake.Community{ID: community, Name: "Подслушано", Token: "community-token"})
	vk := httptest.NewServer(s.vk)
	ctx, stop := context.WithCancel(context.Background())
	go s.vk.Run(ctx)
	s.later(func() { stop(); vk.CloseClientConnections(); vk.Close() })
	port, err := freeport.Pick(ctx)
	if err != nil {
		return err
	}
	hooks, err := freeport.Pick(ctx)
	if err != nil {
		return err
	}
	s.base, s.hooks = "http://127.0.0.1:"+port, "http://127.0.0.1:"+hooks
	s.env = append(os.Environ(), "DATABASE_URL="+s.pg.DSN(), "REDIS_URL=", "OTKLIK_REGIONS="+region, "OTKLIK_STATE_DIR="+s.dir,
		"OTKLIK_DESK_LISTEN=127.0.0.1:"+port, "OTKLIK_METRICS_LISTEN=127.0.0.1:0", "OTKLIK_HOOKS_LISTEN=127.0.0.1:"+hooks,
		"OTKLIK_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "OTKLIK_VK_URL="+vk.URL+vkfake.MethodPath, "OTKLIK_VK_TOKENS=service",
		"OTKLIK_VK_COMMUNITIES="+strconv.Itoa(community)+":community-token:secret:confirm")
	return nil
}

// start starts the program, at the same address every time.
func (s *stand) start() error {
	cmd := exec.Command(filepath.Join(s.dir, "otklik"), "serve")
	cmd.Env = s.env
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	size := s.log.size()
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		return err
	}
	s.server, s.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) {
		defer close(ended)
		_, _ = io.Copy(&s.log, pipe) // ends with the program
		_ = cmd.Wait()
	}(s.ended)
	return s.await("the program to serve", func() (bool, error) {
		select {
		case <-s.ended:
			return false, errors.New("the program ended by itself")
		default:
			return s.log.hasSince(size, "msg=serving"), nil
		}
	})
}

func (s *stand) stop() {
	if s.server == nil {
		return
	}
	_ = s.server.Process.Signal(syscall.SIGTERM)
	<-s.ended
	s.server = nil
}

func (s *stand) people() error {
	hasher, err := login.NewCheapHasher()
	if err != nil {
		return err
	}
	hash, err := hasher.Hash(context.Background(), demo.Password)
	if err != nil {
		return err
	}
	for _, u := range demo.People() {
		if u.Region != region {
			continue
		}
		if _, err := s.store.AddUser(context.Background(), u, hash, domain.Doer{Login: domain.DoerSystem, At: time.Now()}); err != nil {
			return err
		}
	}
	return nil
}

func (s *stand) source() error {
	_, err := s.store.AddSource(context.Background(), domain.Source{Region: region, Kind: domain.VKCallback, Address: strconv.Itoa(community), Title: "Подслушано"})
	if err != nil {
		return err
	}
	s.vk.AddHook(community, vkfake.Hook{URL: s.hooks + "/vk", Secret: "secret", Confirmation: "confirm"})
	return nil
}

func (s *stand) browser() (err error) {
	if s.chromium, err = Start(context.Background()); err == nil {
		s.later(s.chromium.Close)
	}
	return err
}

// await polls until ok, and says what did not come.
func (s *stand) await(what string, ok func() (bool, error)) error {
	began := time.Now()
	for {
		done, err := ok()
		if done || err != nil {
			return err
		}
		if time.Since(began) > Within {
			return fmt.Errorf("%s: not within %s", what, Within)
		}
		time.Sleep(look)
	}
}

// publish lets residents write, and waits until each text stands in a case or in
// the queue of undecided ones. It returns the cases, 0 where there is none.
func (s *stand) publish(t *testing.T, texts ...string) []int64 {
	t.Helper()
	ids := make([]int64, len(texts))
	for i, text := range texts {
		post := s.vk.AddPost(vkfake.Post{Owner: -community, From: int64(1000 + i), Text: text, Views: 120})
		if err := s.await("the post to be judged: "+text, func() (bool, error) {
			n := s.query(t, `SELECT coalesce((SELECT coalesce(c.case_id, 0) FROM post_ids p LEFT JOIN case_posts c USING (post_id)
				WHERE p.platform = $1 AND p.owner = $2 AND p.post = $3), -1)`, string(post.Platform), post.Owner, post.Post)
			ids[i] = n
			return n >= 0, nil
		}); err != nil {
			t.Fatalf("%v\n%s", err, s.log.tail())
		}
	}
	return ids
}

// exec changes the database behind the program's back.
func (s *stand) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	s.query(t, "WITH done AS ("+sql+" RETURNING 1) SELECT count(*) FROM done", args...)
}

// query reads one number from the database.
func (s *stand) query(t *testing.T, sql string, args ...any) int64 {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.pg.DSN())
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var n int64
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// buffer is a log that is read while it is written.
type buffer struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *buffer) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.text)
}

func (b *buffer) hasSince(size int, text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.text[size:], []byte(text))
}

func (b *buffer) tail() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text[max(0, len(b.text)-4000):])
}

// visitor is a tab whose every step must succeed, and whose page may complain
// of nothing.
type visitor struct {
	*Tab
	t *testing.T
}

// visit opens a tab for somebody not yet known.
func (s *stand) visit(t *testing.T, look Look) *visitor {
	t.Helper()
	tab, err := s.chromium.Visit(s.base, look)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if faults := tab.Faults(); len(faults) > 0 {
			t.Errorf("the pages complained:\n%s", strings.Join(faults, "\n"))
		}
		tab.Close()
	})
	return &visitor{Tab: tab, t: t}
}

// as opens a tab and logs in.
func (s *stand) as(t *testing.T, name string, look Look) *visitor {
	t.Helper()
	v := s.visit(t, look)
	v.must(v.Login(name, demo.Password))
	return v
}

func (v *visitor) login(name, password string) {
	v.t.Helper()
	v.must(v.Go("/login"), v.Type("input[name=login]", name), v.Type("input[name=password]", password), v.Click("button.main"))
}

func (v *visitor) must(errs ...error) {
	v.t.Helper()
	if err := errors.Join(errs...); err != nil {
		v.t.Fatal(err)
	}
}

func read[T any](v *visitor, expression string) T {
	v.t.Helper()
	out, err := Evaluate[T](v.Tab, expression)
	v.must(err)
	return out
}
