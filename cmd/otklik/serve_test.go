package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/localpg"
)

// town is the fake platforms as a process, with the environment that points at
// them and the lines to paste that they print.
type town struct {
	fakes   *process
	ledger  string
	environ []string
	adds    []string // «otklik source add …»
}

const complaints = `номер,text,лишнее
1,"На Карла Маркса, 120 огромная яма, машины бьют колёса, Хабаровск",x
2,"Контейнерная площадка во дворе на Ленина, 5 переполнена третью неделю, Хабаровск",x
3,Всем доброго утра!,x
4,"Спасибо врачам третьей поликлиники, вылечили!",x
5,"В подъезде на Пушкина, 3 сильно пахнет газом, срочно помогите, Хабаровск",x
6,"Вторую неделю не вывозят мусор с улицы Гагарина, Хабаровск",x
7,"Яма на дороге у школы на Калинина, 10, Хабаровск",x
8,"Продам гараж, недорого",x
`

const complaintsFed = 8

func newTown(t *testing.T) town {
	t.Helper()
	dir := t.TempDir()
	feed := filepath.Join(dir, "feed.csv")
	if err := os.WriteFile(feed, []byte(complaints), 0o600); err != nil {
		t.Fatal(err)
	}
	to := town{ledger: filepath.Join(dir, "ledger.jsonl")}
	to.fakes = start(t, nil, "fakes", "--feed", feed, "--ledger", to.ledger)
	to.fakes.await("лента отдана площадкам: 8")
	for _, line := range strings.Split(to.fakes.out.String(), "\n") {
		if variable, ok := strings.CutPrefix(line, "export "); ok {
			to.environ = append(to.environ, variable)
		}
		if strings.HasPrefix(line, "otklik source add ") {
			to.adds = append(to.adds, line)
		}
	}
	if len(to.environ) != 8 || len(to.adds) != 6 {
		t.Fatalf("to paste: %d variables, %d sources:\n%s", len(to.environ), len(to.adds), to.fakes.out.String())
	}
	return to
}

// paste runs a printed line in a shell, as a person would.
func paste(t *testing.T, environ []string, line string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sh := exec.Command("sh", "-c", `otklik() { "$EXE" "$@"; }; `+line)
	sh.Env = append(append([]string{}, environ...), "EXE="+exe, asProgram+"=1", "PATH="+os.Getenv("PATH"))
	if out, err := sh.CombinedOutput(); err != nil || !strings.Contains(string(out), "добавлен") {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

func countersOf(t *testing.T, environ []string, args ...string) (st domain.Stats) {
	t.Helper()
	got := command(t, environ, "", append([]string{"stats", "--json"}, args...)...).want(t, 0)
	if err := json.Unmarshal([]byte(got.last()), &st); err != nil {
		t.Fatalf("%v: %s", err, got.out)
	}
	return st
}

// A process that cannot have its addresses ends before it takes a source: others
// would wait for its leases to lapse.
func TestServeTakesNoSourceWithoutItsAddresses(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	environ, dsn := onDatabase(t)
	execute(t, dsn, `INSERT INTO regions (region, code, zone) VALUES ('khabarovsk', '27', 'Asia/Vladivostok')`)
	execute(t, dsn, `INSERT INTO sources (region, kind, address, title, state, next_poll_at)
	                 SELECT 'khabarovsk', 'vk_wall', '-' || n, '', 'new', now() - interval '1 hour' FROM generate_series(1, 8) n`)
	environ = append(environ, "OTKLIK_VK_TOKENS=token", "OTKLIK_VK_URL=http://127.0.0.1:1/", "OTKLIK_DESK_LISTEN="+busy.Addr().String())
	got := command(t, environ, "", "serve").want(t, 1)
	if !strings.Contains(got.errout, "OTKLIK_DESK_LISTEN") {
		t.Errorf("stderr %q", got.errout)
	}
	if n := query[int](t, dsn, "SELECT count(*)::int FROM sources WHERE lease_epoch > 0"); n != 0 {
		t.Errorf("%d of 8 sources were leased", n)
	}
}

// The whole of it from outside: fakes, the pasted lines, serve, its pages, the
// counters, the ledger, a stop by signal.
func TestServeFromOutside(t *testing.T) {
	t.Parallel()
	to := newTown(t)
	environ, dsn := onDatabase(t)
	environ = append(environ, to.environ...)
	for _, line := range to.adds {
		paste(t, environ, line)
	}
	execute(t, dsn, putOldEvent, time.Now().AddDate(0, 0, -8))
	serve := start(t, environ, "serve")
	serve.await("msg=serving")
	for limit := time.Now().Add(4 * time.Minute); countersOf(t, environ).Posts < complaintsFed; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("counters %+v\n%s", countersOf(t, environ), serve.out.String())
		}
	}
	all, khabarovsk := countersOf(t, environ), countersOf(t, environ, "--region", "khabarovsk")
	if all.Posts != complaintsFed || all.Problems < 4 || all.Cases < 4 || all.Assigned == 0 || all.Posts != khabarovsk.Posts {
		t.Errorf("counters %+v, of the region %+v", all, khabarovsk)
	}
	if other := countersOf(t, environ, "--region", "kaliningrad"); other.Posts != 0 {
		t.Errorf("the other region has %+v", other)
	}
	if got := command(t, environ, "", "stats").want(t, 0); !strings.Contains(got.out, fmt.Sprintf("сообщений %d:", all.Posts)) {
		t.Errorf("in words: %s", got.out)
	}

	log := &serve.out
	answers(t, log.after("desk="), "/", http.StatusOK, "Вход", "Пароль") // redirected to the login
	answers(t, log.after("metrics="), "/healthz", http.StatusOK, "ok")
	answers(t, log.after("metrics="), "/readyz", http.StatusOK, "ready")
	answers(t, log.after("metrics="), "/metrics", http.StatusOK, "otklik_posts_total{", "otklik_source_lag_seconds{", "otklik_verdicts_total{", "otklik_commit_seconds_count")
	loopsBeat(t, log.after("metrics="))
	answers(t, log.after("hooks="), "/", http.StatusNotFound)
	serve.await("kind=urgent")
	if got := command(t, environ, "", "rules", "dry-run", "khabarovsk").want(t, 0); !strings.HasPrefix(got.out, "Просмотрено сообщений: 8. Изменился бы вердикт: 0,") {
		t.Errorf("the same rules would change something: %s", got.out)
	}
	if n := query[int](t, dsn, "SELECT count(*) FROM events WHERE at < now() - interval '7 days'"); n != 0 {
		t.Errorf("%d old events: nothing prunes", n)
	}
	metrics := append(slices.Clone(environ), "OTKLIK_METRICS_LISTEN="+log.after("metrics="))
	if got := command(t, metrics, "", "health").want(t, 0); got.out != "готов\n" {
		t.Errorf("health says %q", got.out)
	}
	ledgerHolds(t, to.ledger)
	if code := serve.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, log)
	}
	if got := command(t, metrics, "", "health").want(t, 1); !strings.Contains(got.errout, "serve не отвечает на 127.0.0.1:") {
		t.Errorf("health after the end: %q", got.errout)
	}
	if code := to.fakes.stop(); code != 0 {
		t.Errorf("exit code of the fakes %d\n%s", code, to.fakes.out.String())
	}
}

func answers(t *testing.T, address, path string, status int, words ...string) {
	t.Helper()
	res, err := http.Get("http://" + address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != status {
		t.Errorf("%s: status %d, want %d", path, res.StatusCode, status)
	}
	for _, word := range words {
		if !strings.Contains(string(body), word) {
			t.Errorf("%s does not hold %q:\n%.2000s", path, word, body)
		}
	}
}

// ledgerHolds: the ledger names every post served, each line with its time.
func ledgerHolds(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	served := map[domain.PostID]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var entry struct {
			At   time.Time     `json:"at"`
			What string        `json:"what"`
			ID   domain.PostID `json:"id"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.At.IsZero() {
			t.Fatalf("ledger line %q: %v", line, err)
		}
		if entry.What == "served" {
			served[entry.ID] = true
		}
	}
	if len(served) != complaintsFed {
		t.Errorf("the ledger holds %d posts served, want %d", len(served), complaintsFed)
	}
}

// One serve a state folder: the second is told what to do, and other commands
// find the private server of the first.
func TestSecondServeIsRefused(t *testing.T) {
	t.Parallel()
	environ := append(emptyState(t), "OTKLIK_DESK_LISTEN=127.0.0.1:0", "OTKLIK_HOOKS_LISTEN=127.0.0.1:0", "OTKLIK_METRICS_LISTEN=127.0.0.1:0")
	first := start(t, environ, "serve")
	first.await("msg=serving")
	second := command(t, environ, "", "serve").want(t, 1)
	state := strings.TrimPrefix(environ[0], "OTKLIK_STATE_DIR=")
	want := fmt.Sprintf("в папке состояния %s уже работает serve (процесс %d, с ", state, first.cmd.Process.Pid)
	for _, refused := range []outcome{second, command(t, environ, "", "demo").want(t, 1), command(t, environ, "", "demo", "--once", "--keep").want(t, 1)} {
		if !strings.Contains(refused.errout, want) || !strings.Contains(refused.errout, fmt.Sprintf("kill %d", first.cmd.Process.Pid)) {
			t.Errorf("stderr %q does not hold %q", refused.errout, want)
		}
		russian(t, "second", refused.errout)
	}
	if st := countersOf(t, environ); st != (domain.Stats{}) {
		t.Errorf("counters of a fresh server: %+v", st)
	}
	command(t, environ, "", "source", "add", "--region", "khabarovsk", "--force", "--", "vk_wall", "-1").want(t, 0)
	if code := first.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, first.out.String())
	}
	// What was stored is there again after a new start.
	again := start(t, environ, "serve", "--roles", "desk")
	again.await("msg=serving")
	if got := command(t, environ, "", "source", "list", "--json").want(t, 0); strings.Count(got.out, "\n") != 1 {
		t.Errorf("sources after a new start: %q", got.out)
	}
	if code := again.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, again.out.String())
	}
}

// The demonstration holds the state folder likewise, and gives it back however
// it ends; other commands look into it meanwhile.
func TestServeBesideADemoIsRefused(t *testing.T) {
	t.Parallel()
	environ := append(emptyState(t), "OTKLIK_DESK_LISTEN=127.0.0.1:0", "OTKLIK_HOOKS_LISTEN=127.0.0.1:0", "OTKLIK_METRICS_LISTEN=127.0.0.1:0")
	showing := start(t, environ, "demo")
	showing.await("Рабочее место")
	for _, args := range [][]string{{"serve"}, {"demo"}} {
		got := command(t, environ, "", args...).want(t, 1)
		if want := fmt.Sprintf("уже работает demo (процесс %d, с ", showing.cmd.Process.Pid); !strings.Contains(got.errout, want) {
			t.Errorf("%v: stderr %q does not hold %q", args, got.errout, want)
		}
	}
	if got := command(t, environ, "", "source", "list", "--json").want(t, 0); strings.Count(got.out, "\n") < 4 {
		t.Errorf("a visiting command does not find the demonstration: %q", got.out)
	}
	if err := showing.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = showing.cmd.Wait() // killed
	serve := start(t, environ, "serve")
	serve.await("msg=serving")
	if code := serve.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, serve.out.String())
	}
}

func TestServeRefusesAnOldSchema(t *testing.T) {
	t.Parallel()
	environ, dsn := onDatabase(t)
	execute(t, dsn, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	got := command(t, environ, "", "serve").want(t, 1)
	if !strings.Contains(got.errout, "migrate") {
		t.Errorf("stderr does not name the mend: %s", got.errout)
	}
}

func TestMigrateSaysWhatIsApplied(t *testing.T) {
	t.Parallel()
	environ, _ := onDatabase(t)
	for _, args := range [][]string{{"migrate"}, {"migrate", "--status"}} {
		got := command(t, environ, "", args...).want(t, 0)
		if !strings.Contains(got.out, "00001") || strings.Contains(got.out, "не применена") {
			t.Errorf("%v: %s", args, got.out)
		}
	}
}

// A command that comes while the first start still makes the schema waits for it.
func TestVisitDuringTheFirstStart(t *testing.T) {
	t.Parallel()
	environ := append(emptyState(t), "OTKLIK_DESK_LISTEN=127.0.0.1:0", "OTKLIK_HOOKS_LISTEN=127.0.0.1:0", "OTKLIK_METRICS_LISTEN=127.0.0.1:0")
	serve := start(t, environ, "serve", "--roles", "desk")
	dir := strings.TrimPrefix(environ[0], "OTKLIK_STATE_DIR=")
	for limit := time.Now().Add(90 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, running := localpg.Running(t.Context(), dir); running {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("no private server:\n%s", serve.out.String())
		}
	}
	if st := countersOf(t, environ); st != (domain.Stats{}) {
		t.Errorf("counters of a fresh server: %+v", st)
	}
	serve.await("msg=serving")
	if code := serve.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, serve.out.String())
	}
}
