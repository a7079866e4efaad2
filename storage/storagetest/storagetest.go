//go:build unix

// Package storagetest gives tests a fresh, migrated database each. One private
// PostgreSQL serves all tests of a test binary; OTKLIK_TEST_DATABASE_URL names
// a server to use instead (its role must be allowed to create databases).
package storagetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
)

// Env names a server to be used instead of a private one.
const Env = "OTKLIK_TEST_DATABASE_URL"

// server is shared by the tests of a binary: starting one takes a second.
type server struct {
	dsn      string // of a database to create others from
	template string
	counter  atomic.Int64
	private  *localpg.Server // nil when the environment names one
}

//nolint:gochecknoglobals // one server per test binary; a test has no other way to share it
var (
	shared  = sync.OnceValues(start)
	started atomic.Pointer[server]
)

// Main runs the tests of a package and takes the server down after them. A
// package without it leaves a folder that the next test run sweeps.
func Main(m *testing.M) {
	code := m.Run()
	if srv := started.Load(); srv != nil {
		_ = srv.drop(srv.template)
		if srv.private != nil {
			_ = srv.private.Stop()
		}
	}
	os.Exit(code)
}

// New opens a store on a fresh database with the regions khabarovsk and
// kaliningrad. Both are gone when the test ends.
func New(t testing.TB) *storage.Store {
	t.Helper()
	return NewWith(t, storage.Options{})
}

// NewWith is New with options.
func NewWith(t testing.TB, opts storage.Options) *storage.Store {
	t.Helper()
	return Open(t, DSN(t), opts)
}

// Open opens one more store on a database of DSN, as another process would.
func Open(t testing.TB, dsn string, opts storage.Options) *storage.Store {
	t.Helper()
	if opts.MaxConns == 0 {
		opts.MaxConns = 8
	}
	s, err := storage.Open(context.Background(), dsn, opts)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// DSN makes a fresh migrated database and returns its address.
func DSN(t testing.TB) string {
	t.Helper()
	srv, err := shared()
	if err != nil {
		t.Fatalf("start PostgreSQL for tests: %v", err)
	}
	name := fmt.Sprintf("otklik_test_%d_%d", os.Getpid(), srv.counter.Add(1))
	if err := srv.exec("CREATE DATABASE " + name + " TEMPLATE " + srv.template); err != nil {
		t.Fatalf("make the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := srv.drop(name); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return withDatabase(srv.dsn, name)
}

// EmptyDSN makes a database without a schema.
func EmptyDSN(t testing.TB) string {
	t.Helper()
	srv, err := shared()
	if err != nil {
		t.Fatalf("start PostgreSQL for tests: %v", err)
	}
	name := fmt.Sprintf("otklik_empty_%d_%d", os.Getpid(), srv.counter.Add(1))
	if err := srv.exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("make the test database: %v", err)
	}
	t.Cleanup(func() { _ = srv.drop(name) })
	return withDatabase(srv.dsn, name)
}

func start() (*server, error) {
	srv := &server{dsn: os.Getenv(Env), template: "otklik_template_" + strconv.Itoa(os.Getpid())}
	if srv.dsn == "" {
		root := filepath.Join("/tmp", "otklik-test-"+strconv.Itoa(os.Getuid()))
		sweep(root)
		pg, err := localpg.Start(context.Background(), localpg.Options{
			Dir: filepath.Join(root, strconv.Itoa(os.Getpid())), Ephemeral: true, Unsafe: true,
			Settings: map[string]string{"max_connections": "200", "log_min_duration_statement": "2000"},
		})
		if err != nil {
			return nil, err
		}
		srv.private, srv.dsn = pg, pg.DSN() // should we be killed, it ends by itself
	}
	started.Store(srv)
	return srv, srv.makeTemplate()
}

// makeTemplate migrates once; every test copies the result.
func (s *server) makeTemplate() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.exec("CREATE DATABASE " + s.template); err != nil {
		return err
	}
	dsn := withDatabase(s.dsn, s.template)
	if err := storage.Migrate(ctx, dsn); err != nil {
		return err
	}
	st, err := storage.Open(ctx, dsn, storage.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	for _, r := range Regions() {
		if err := st.SavePackVersion(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Regions are the packs every test database knows, empty and not active.
func Regions() []storage.PackVersion {
	return []storage.PackVersion{
		{Region: "khabarovsk", Code: "27", Zone: "Asia/Vladivostok", Hash: "test", CreatedBy: "test"},
		{Region: "kaliningrad", Code: "39", Zone: "Europe/Kaliningrad", Hash: "test", CreatedBy: "test"},
	}
}

func (s *server) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.dsn)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// drop removes a database whoever is still in it. FORCE ends connections of ours,
// but is refused to an ordinary role while autovacuum works there (42501); the
// plain form ends autovacuum by itself, but waits for connections (55006).
func (s *server) drop(name string) error {
	var err error
	for range 5 {
		err = s.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
		if !refused(err, "42501") {
			return err
		}
		err = s.exec("DROP DATABASE IF EXISTS " + name)
		if !refused(err, "55006") {
			return err
		}
	}
	return err
}

func refused(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}

func withDatabase(dsn, name string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn
	}
	u.Path = "/" + name
	return u.String()
}

// sweep removes what test binaries that were killed have left: a folder is named
// after its process.
func sweep(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(filepath.Join(root, e.Name()))
		}
	}
}
