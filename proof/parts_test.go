package proof

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/storage/localpg/child"
)

// ready waits until the worker serves.
func (w *worker) ready(t *testing.T) *worker {
	t.Helper()
	waitFor(t, patience, "a serving worker", func() bool { return w.alive() && w.own.has("msg=serving") })
	return w
}

// alive reports whether the process still runs.
func (w *worker) alive() bool {
	select {
	case <-w.done:
		return false
	default:
		return true
	}
}

// mustLive fails the test when a worker ended by itself or panicked.
func (s *stand) mustLive(workers ...*worker) {
	s.t.Helper()
	for _, w := range workers {
		if !w.alive() {
			s.t.Fatalf("a worker ended by itself: %s\n%s", w.cmd.ProcessState, w.own.tail())
		}
		if w.own.has("panic") {
			s.t.Errorf("a worker logged a panic\n%s", w.own.tail())
		}
	}
}

const noHooks = "OTKLIK_HOOKS_LISTEN=127.0.0.1:0"

// hooksAt gives a worker a hooks listener of its own and the address of it.
func hooksAt(t *testing.T) (env, url string) {
	port := freePort(t)
	return "OTKLIK_HOOKS_LISTEN=127.0.0.1:" + port, "http://127.0.0.1:" + port
}

// probesAt gives a worker a metrics listener with a known address.
func probesAt(t *testing.T) (env, url string) {
	port := freePort(t)
	return "OTKLIK_METRICS_LISTEN=127.0.0.1:" + port, "http://127.0.0.1:" + port
}

// setenv changes variables of everything that is started later.
func (s *stand) setenv(pairs ...string) { s.env = append(s.env, pairs...) }

// fails runs a command of the program that must refuse, and returns what it said.
func (s *stand) fails(args ...string) string {
	s.t.Helper()
	cmd := s.command(args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err == nil {
		s.t.Fatalf("otklik %s: accepted\n%s", strings.Join(args, " "), out)
	}
	return string(out)
}

// continuous makes and adds the two sources that are polled without a pause: an
// own community's long poll and the bot's getUpdates.
func (s *stand) continuous() *tgfake.Chat {
	s.t.Helper()
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity))
	group := s.tg.Supergroup(-1001000000777, "", "Группа")
	s.addSource(domain.TelegramBot, s.tg.BotID())
	return group
}

// heldBy counts the sources a worker holds: its process id is part of the lease.
func (s *stand) heldBy(w *worker) int64 {
	s.t.Helper()
	return s.query(`SELECT count(*) FROM sources WHERE lease_until > clock_timestamp() AND lease_owner LIKE '%/' || $1 || '/%'`,
		strconv.Itoa(w.cmd.Process.Pid))
}

// holder waits until one of two workers holds n sources; the other one comes second.
func (s *stand) holder(a, b *worker, n int64) (holder, other *worker) {
	s.t.Helper()
	waitFor(s.t, patience, "a worker that holds all sources", func() bool { return s.heldBy(a) == n || s.heldBy(b) == n })
	if s.heldBy(a) == n {
		return a, b
	}
	return b, a
}

// pollNow makes every source and every watched post due at once, as if the
// time of their next look had come.
func (s *stand) pollNow() {
	s.t.Helper()
	s.exec(`UPDATE watches SET next_at = now() - interval '1 second'`)
	s.exec(`UPDATE sources SET next_poll_at = now() - interval '1 second' WHERE next_poll_at > now()`)
}

func (s *stand) exec(sql string, args ...any) {
	s.t.Helper()
	s.query(`WITH done AS (`+sql+` RETURNING 1) SELECT count(*) FROM done`, args...)
}

// inOneCase checks that nothing was stored or judged twice: no post in two cases,
// no text of a copy in two cases, no version and no second verdict of an unedited post.
func (s *stand) inOneCase() {
	s.t.Helper()
	for what, sql := range map[string]string{
		"texts with two cases": `SELECT count(*) FROM (SELECT key FROM case_keys WHERE key LIKE 'copy:%'
			GROUP BY region, key HAVING count(DISTINCT case_id) > 1) d`,
		"posts in two cases":            `SELECT count(*) FROM (SELECT post_id FROM case_posts GROUP BY post_id HAVING count(*) > 1) d`,
		"posts judged twice":            `SELECT count(*) FROM (SELECT post_id FROM verdicts GROUP BY post_id HAVING count(*) > 1) d`,
		"versions of unedited posts":    `SELECT count(*) FROM post_versions`,
		"posts without a row":           `SELECT count(*) FROM post_ids i WHERE NOT EXISTS (SELECT FROM posts p WHERE p.id = i.post_id)`,
		"posts whose case counts wrong": `SELECT count(*) FROM cases c WHERE posts <> (SELECT count(*) FROM case_posts p WHERE p.case_id = c.id)`,
	} {
		if n := s.query(sql); n != 0 {
			s.t.Errorf("%d %s", n, what)
		}
	}
}

// problem is a post of its own problem.
func problem(i int) string {
	return "Огромная яма на дороге, машины бьют колёса. " + address(i)
}

// writer publishes numbered problems to the community's wall and to the group,
// by turns, and remembers how many.
type writer struct {
	s     *stand
	group *tgfake.Chat
	n     int
}

func (p *writer) publish(n int) {
	for range n {
		if p.n%2 == 0 {
			p.s.vk.AddPost(vkfake.Post{Owner: -ownCommunity, From: int64(p.n + 1), Text: problem(p.n)})
		} else {
			p.group.Post(tgfake.Draft{From: tgfake.User{ID: int64(p.n + 1), FirstName: "Житель"}, Text: problem(p.n)})
		}
		p.n++
	}
}

// addBot gives the stand a second bot in a Telegram of its own, under the same
// address: a bot that is polled cannot have a webhook. scale shortens its waits.
func (s *stand) addBot(token string, scale float64) *tgfake.World {
	s.t.Helper()
	w := tgfake.New(tgfake.Options{Token: token, Username: "otklik_second_bot", Now: time.Now, Ledger: s.book, Scale: scale})
	first, second := s.tg.Handler(), w.Handler()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/bot"+token+"/") {
			second.ServeHTTP(rw, r)
			return
		}
		first.ServeHTTP(rw, r)
	}))
	s.t.Cleanup(func() { w.Close(); srv.CloseClientConnections(); srv.Close() })
	s.setenv("OTKLIK_TELEGRAM_URL="+srv.URL, "OTKLIK_TELEGRAM_TOKEN="+s.tg.Token()+","+token)
	return w
}

// gate stands between the platforms that push and the workers' hooks, and notes
// how every push was answered.
type gate struct {
	URL     string
	targets []string // by turns
	client  *http.Client

	mu     sync.Mutex
	turn   int
	pushes []pushed
}

// pushed is one push: when it came, when it was answered, and how.
type pushed struct {
	path        string
	began, over time.Time
	status      int
}

func newGate(t *testing.T, targets ...string) *gate {
	g := &gate{targets: targets, client: &http.Client{Timeout: 40 * time.Second}}
	srv := httptest.NewServer(g)
	g.URL = srv.URL
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	return g
}

// ServeHTTP hands a push on to the next target.
func (g *gate) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	began := time.Now()
	g.mu.Lock()
	target := g.targets[g.turn%len(g.targets)]
	g.turn++
	g.mu.Unlock()
	status := g.pass(rw, r, target)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pushes = append(g.pushes, pushed{path: r.URL.Path, began: began, over: time.Now(), status: status})
}

func (g *gate) pass(rw http.ResponseWriter, r *http.Request, target string) int {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0 // whoever pushed has hung up
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		rw.WriteHeader(http.StatusInternalServerError)
		return http.StatusInternalServerError
	}
	req.Header = r.Header.Clone()
	resp, err := g.client.Do(req)
	if err != nil {
		rw.WriteHeader(http.StatusBadGateway)
		return http.StatusBadGateway
	}
	defer func() { _ = resp.Body.Close() }()
	if after := resp.Header.Get("Retry-After"); after != "" {
		rw.Header().Set("Retry-After", after)
	}
	rw.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(rw, resp.Body) // whoever pushed comes again when it is cut
	return resp.StatusCode
}

// between lists the pushes that came and were answered within a time.
func (g *gate) between(from, to time.Time) []pushed {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []pushed
	for _, p := range g.pushes {
		if p.began.After(from) && p.over.Before(to) {
			out = append(out, p)
		}
	}
	return out
}

// statuses counts answers by path and status.
func statuses(list []pushed) map[string]int {
	out := map[string]int{}
	for _, p := range list {
		out[fmt.Sprintf("%s %d", p.path, p.status)]++
	}
	return out
}

// get asks a probe and returns the status, 0 when nobody answers.
func get(url string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}

// page reads a whole answer.
func page(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url) //nolint:noctx // a test's own loopback
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// post sends a body as a platform would and returns status and answer.
func post(t *testing.T, url string, header map[string]string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("push: %v", err) // may be another goroutine than the test's
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // what there is of it
	return resp.StatusCode, string(b)
}

// realRedis is a Redis that can be killed and started again on its port.
type realRedis struct {
	t    *testing.T
	port string
	cmd  *exec.Cmd
}

func newRedis(t *testing.T) *realRedis {
	r := &realRedis{t: t, port: freePort(t)}
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *realRedis) url() string { return "redis://127.0.0.1:" + r.port + "/0" }

func (r *realRedis) start() {
	r.t.Helper()
	server, err := exec.LookPath("redis-server")
	if err != nil {
		r.t.Fatalf("these proofs need a real Redis: %v (make setup-test installs it)", err)
	}
	r.cmd = exec.Command(server, "--port", r.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	if err := child.Start(r.cmd, syscall.SIGKILL); err != nil {
		r.t.Fatalf("start Redis: %v", err)
	}
	waitFor(r.t, 10*time.Second, "Redis", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+r.port)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// kill ends Redis with -9.
func (r *realRedis) kill() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait() // it was killed
	r.cmd = nil
}
