package proof

import (
	"bytes"
	"context"
	"encoding/json"
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

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/proof/freeport"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
	"github.com/otklik/otklik/storage/localpg/child"
)

// region is the pack the proofs run with.
const region = "khabarovsk"

// program builds the program under test, once each way.
type program struct {
	once  sync.Once
	flags func() []string
	path  string
	err   error
}

// Most proofs ask what outlives a kill, an outage, a slow platform: they run the
// program as it is shipped. Those that look for races run it with the detector,
// where the tests have it (see stand.raced), which takes ten times the work.
var (
	shipped = &program{flags: func() []string { return nil }}
	watched = &program{flags: buildFlags}
)

func (p *program) built() (string, error) {
	p.once.Do(func() {
		dir, err := os.MkdirTemp("", "otklik-proof-")
		if err != nil {
			p.err = err
			return
		}
		p.path = filepath.Join(dir, "otklik")
		args := append([]string{"build", "-o", p.path}, append(p.flags(), "github.com/otklik/otklik/cmd/otklik")...)
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			p.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	return p.path, p.err
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, p := range []*program{shipped, watched} {
		if p.path != "" {
			_ = os.RemoveAll(filepath.Dir(p.path))
		}
	}
	os.Exit(code)
}

// stand is one installation: servers, fakes, and workers that come and go.
type stand struct {
	t     *testing.T
	under *program // nil: shipped
	dir   string
	pg    *localpg.Server
	pgDir string
	redis string
	vk    *vkfake.Server
	tg    *tgfake.World
	mx    *maxfake.World
	mxBot *maxfake.Bot
	book  *ledger.Ledger
	env   []string
	logs  journal
}

// vkTokens are many, so that VK's three calls a second do not make a proof long.
const vkTokens = 8

func newStand(t *testing.T) *stand {
	t.Helper()
	s := &stand{t: t, dir: t.TempDir()}
	t.Cleanup(func() { // after the workers have ended
		if s.logs.has("DATA RACE") {
			t.Errorf("the race detector spoke up:\n%s", s.logTail())
		}
	})
	s.startPostgres()
	s.redis = newRedis(t).url()
	s.startFakes()
	s.env = append(os.Environ(),
		"DATABASE_URL="+s.pg.DSN(), "REDIS_URL="+s.redis, "OTKLIK_REGIONS="+region, "OTKLIK_STATE_DIR="+s.dir,
		"OTKLIK_DESK_LISTEN=127.0.0.1:0", "OTKLIK_METRICS_LISTEN=127.0.0.1:0", "OTKLIK_HOOKS_LISTEN=127.0.0.1:"+freePort(t),
		"OTKLIK_LOG_LEVEL=info", "OTKLIK_POLL_SLOTS=8", "OTKLIK_SEND_PER_DAY=vk_public:0,max_public:0,telegram_public:0")
	s.env = append(s.env, s.fakeEnv()...)
	if err := storage.Migrate(t.Context(), s.pg.DSN()); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stand) startPostgres() {
	s.t.Helper()
	s.pgDir = filepath.Join(s.dir, "pg")
	pg, err := localpg.Start(context.Background(), localpg.Options{Dir: s.pgDir, Unsafe: true})
	if err != nil {
		s.t.Fatalf("start PostgreSQL: %v", err)
	}
	s.pg = pg
	s.t.Cleanup(func() { _ = s.pg.Stop() })
}

func (s *stand) startFakes() {
	out, err := os.Create(filepath.Join(s.dir, "ledger.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = out.Close() })
	clock := domain.SystemClock{}
	s.book = ledger.New(out, clock.Now)
	var tokens []string
	for i := range vkTokens {
		tokens = append(tokens, "service-"+strconv.Itoa(i))
	}
	s.vk = vkfake.New(vkfake.Options{Clock: clock, Ledger: s.book, Service: tokens, MaxWait: 5 * time.Second})
	s.tg = tgfake.New(tgfake.Options{Now: clock.Now, Ledger: s.book})
	s.mx = maxfake.New(maxfake.Options{Now: clock.Now, Ledger: s.book, Scale: 0.02, PlainHTTP: true, FromStart: true})
	s.mxBot = s.mx.Bot(700700, "token-of-the-max-bot", "otklik_max_bot")
	ctx, stop := context.WithCancel(context.Background())
	go s.vk.Run(ctx)
	s.t.Cleanup(func() { stop(); s.tg.Close(); s.mx.Close() })
}

func (s *stand) fakeEnv() []string {
	vk, tg, mx := httptest.NewServer(s.vk), httptest.NewServer(s.tg.Handler()), httptest.NewServer(s.mx.Handler())
	s.t.Cleanup(func() {
		for _, srv := range []*httptest.Server{vk, tg, mx} {
			srv.CloseClientConnections()
			srv.Close()
		}
	})
	var tokens []string
	for i := range vkTokens {
		tokens = append(tokens, "service-"+strconv.Itoa(i))
	}
	return []string{"OTKLIK_VK_URL=" + vk.URL + vkfake.MethodPath, "OTKLIK_VK_TOKENS=" + strings.Join(tokens, ","),
		"OTKLIK_VK_COMMUNITIES=" + strings.Join(ownCommunities(), ","),
		"OTKLIK_MAX_URL=" + mx.URL, "OTKLIK_MAX_TOKEN=" + s.mxBot.Token(),
		"OTKLIK_TELEGRAM_URL=" + tg.URL, "OTKLIK_TELEGRAM_PREVIEW_URL=" + tg.URL, "OTKLIK_TELEGRAM_TOKEN=" + s.tg.Token()}
}

// ownCommunity is a community whose token we have.
const ownCommunity = 700

func ownCommunities() []string {
	return []string{strconv.Itoa(ownCommunity) + ":community-token:secret:confirm"}
}

// raced runs the program with the race detector, where the tests have it.
func (s *stand) raced() *stand {
	s.under = watched
	return s
}

// command is the program with arguments, without an environment of its own.
func (s *stand) command(args ...string) *exec.Cmd {
	s.t.Helper()
	return exec.Command(s.otklik(), args...)
}

// otklik is the path of the program.
func (s *stand) otklik() string {
	s.t.Helper()
	under := s.under
	if under == nil {
		under = shipped
	}
	path, err := under.built()
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

// run runs a command of the program to its end.
func (s *stand) run(args ...string) string {
	s.t.Helper()
	cmd := s.command(args...)
	cmd.Env = s.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("otklik %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

func (s *stand) addSource(kind domain.SourceKind, address string, more ...string) {
	s.t.Helper()
	s.run(append([]string{"source", "add", "--region", region}, append(more, "--", string(kind), address)...)...)
}

// worker is a running «otklik serve». Its log is part of the stand's, and its own.
type worker struct {
	cmd  *exec.Cmd
	done chan struct{}
	own  journal
}

func (s *stand) serve(more ...string) *worker {
	s.t.Helper()
	return s.serveArgs([]string{"serve"}, more...)
}

func (s *stand) serveArgs(args []string, more ...string) *worker {
	s.t.Helper()
	cmd := s.command(args...)
	cmd.Env = append(append([]string{}, s.env...), more...)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	w := &worker{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		_, _ = io.Copy(io.MultiWriter(&s.logs, &w.own), pipe) // ends with the worker
		_ = cmd.Wait()
	}()
	s.t.Cleanup(w.kill)
	return w
}

// journal is a log that is read while it is written.
type journal struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text = append(j.text, b...)
	return len(b), nil
}

// has reports whether a text was logged.
func (j *journal) has(text string) bool { return j.hasSince(0, text) }

// hasSince reports whether a text was logged after the log had a size.
func (j *journal) hasSince(size int, text string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return bytes.Contains(j.text[size:], []byte(text))
}

// whole is everything logged so far.
func (j *journal) whole() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return string(j.text)
}

func (j *journal) size() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.text)
}

// tail is the end of the log without the notices to people, as much as helps to
// understand a failure.
func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var lines []byte
	for line := range bytes.Lines(j.text) {
		if !bytes.Contains(line, []byte("msg=notice")) {
			lines = append(lines, line...)
		}
	}
	return string(lines[max(0, len(lines)-6000):])
}

func (s *stand) logTail() string { return s.logs.tail() }

func (w *worker) signal(sig syscall.Signal) { _ = w.cmd.Process.Signal(sig) }

func (w *worker) kill() {
	w.signal(syscall.SIGCONT)
	w.signal(syscall.SIGKILL)
	<-w.done
}

// stop asks for the two-step stop and reports the exit code.
func (w *worker) stop() int {
	w.signal(syscall.SIGTERM)
	<-w.done
	return w.cmd.ProcessState.ExitCode()
}

// connect opens a connection beside those of the program; whoever asks closes it.
func (s *stand) connect() *pgx.Conn {
	s.t.Helper()
	conn, err := pgx.Connect(context.Background(), s.pg.DSN())
	if err != nil {
		s.t.Fatalf("connect: %v", err)
	}
	return conn
}

// query reads one number from the database.
func (s *stand) query(sql string, args ...any) int64 {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	var n int64
	if err := conn.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (s *stand) stats() domain.Stats {
	s.t.Helper()
	var st domain.Stats
	if err := json.Unmarshal([]byte(s.run("stats", "--json")), &st); err != nil {
		s.t.Fatal(err)
	}
	return st
}

// awaitPosts waits until n posts are stored, and shows the state when they are not.
// patience is how long a proof waits for what must come and has no time of its
// own: long, for a busy machine. What must come within a time names it.
const patience = 4 * time.Minute

func (s *stand) awaitPosts(limit time.Duration, n int64) {
	s.t.Helper()
	began := time.Now()
	for s.query(countPosts) < n {
		if time.Since(began) > limit {
			s.t.Fatalf("%d of %d posts stored within %s\n%s\n%s", s.query(countPosts), n, limit, s.run("source", "list"), s.logTail())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

const countPosts = `SELECT count(*) FROM post_ids`

// sameAsLedger compares what is stored with what the fakes say they served.
func (s *stand) sameAsLedger() {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(context.Background(), `SELECT platform, owner, post, comment FROM post_ids`)
	if err != nil {
		s.t.Fatal(err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByPos[domain.PostID])
	if err != nil {
		s.t.Fatal(err)
	}
	have := map[domain.PostID]int{}
	for _, id := range stored {
		have[id]++
	}
	served := s.book.ServedIDs()
	missing := 0
	for _, id := range served {
		if have[id] == 0 {
			missing++
			if missing <= 5 {
				s.t.Errorf("served but not stored: %s", id)
			}
		}
		delete(have, id)
	}
	for id := range have {
		s.t.Errorf("stored but never served: %s", id)
	}
	s.t.Logf("figure posts_served %d", len(served))
	s.t.Logf("figure posts_lost %d", missing)
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := freeport.Pick(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// waitFor polls until ok, and fails the test after the limit.
func waitFor(t *testing.T, limit time.Duration, what string, ok func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > limit {
			t.Fatalf("%s: not within %s", what, limit)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}
