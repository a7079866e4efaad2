//go:build unix

package localpg_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/storage/localpg"
	"github.com/otklik/otklik/storage/localpg/child"
)

// helperEnv makes the test binary start a server in the named folder and wait
// for its standard input to close, as another process would.
const helperEnv = "LOCALPG_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		os.Exit(serveHelper(dir))
	}
	os.Exit(m.Run())
}

func serveHelper(dir string) int {
	s, err := localpg.Start(context.Background(), localpg.Options{Dir: dir, Unsafe: true})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println("ready", s.DSN())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// openFolder is a new folder that every user may pass through.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "localpg-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, opts localpg.Options) *localpg.Server {
	t.Helper()
	opts.Unsafe = true
	s, err := localpg.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query(t *testing.T, dsn, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var out string
	if err := conn.QueryRow(t.Context(), sql).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func keep(t *testing.T, dsn, what string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT '"+what+"'::text AS x"); err != nil {
		t.Fatal(err)
	}
}

func TestStartGivesAPlainRoleAndRussianSearch(t *testing.T) {
	s := start(t, localpg.Options{Dir: openFolder(t)})
	if got := query(t, s.DSN(), "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user"); got != "false" {
		t.Errorf("role is superuser: %s", got)
	}
	if got := query(t, s.DSN(), "SELECT to_tsvector('russian', 'ЯМЫ на дороге')::text"); !strings.Contains(got, "'ям'") {
		t.Errorf("Cyrillic capitals are not folded: %s", got)
	}
	if got := query(t, s.DSN(), "SELECT current_setting('listen_addresses') || '|' || current_setting('TimeZone')"); got != "|UTC" {
		t.Errorf("listen_addresses|TimeZone = %q", got)
	}
}

func TestStopKeepsTheDataAndClearsTheRecord(t *testing.T) {
	dir := openFolder(t)
	s := start(t, localpg.Options{Dir: dir})
	keep(t, s.DSN(), "ещё здесь")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, ok := localpg.Running(t.Context(), dir); ok {
		t.Error("still running after Stop")
	}
	s = start(t, localpg.Options{Dir: dir})
	if got := query(t, s.DSN(), "SELECT x FROM kept"); got != "ещё здесь" {
		t.Errorf("after a restart: %q", got)
	}
}

func TestEphemeralLeavesNothing(t *testing.T) {
	tmp := openFolder(t)
	t.Setenv("TMPDIR", tmp)
	s := start(t, localpg.Options{Ephemeral: true})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// What was kept in the folder, or left by a kill, is not found in a fresh server.
func TestEphemeralStartsFresh(t *testing.T) {
	dir := openFolder(t)
	kept := start(t, localpg.Options{Dir: dir})
	keep(t, kept.DSN(), "ещё здесь")
	if err := kept.Stop(); err != nil {
		t.Fatal(err)
	}
	fresh := start(t, localpg.Options{Dir: dir, Ephemeral: true})
	if got := query(t, fresh.DSN(), "SELECT count(*)::text FROM pg_class WHERE relname = 'kept'"); got != "0" {
		t.Errorf("%s tables of the server before are there", got)
	}
}

func TestSecondStartIsBusyAndOpenJoins(t *testing.T) {
	dir := openFolder(t)
	first := start(t, localpg.Options{Dir: dir})
	if _, err := localpg.Start(t.Context(), localpg.Options{Dir: dir}); !errors.Is(err, localpg.ErrBusy) {
		t.Errorf("second Start: %v", err)
	}
	second, err := localpg.Open(t.Context(), localpg.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if second.Owned() || second.DSN() != first.DSN() {
		t.Errorf("joined %q owned=%v, want %q", second.DSN(), second.Owned(), first.DSN())
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, ok := localpg.Running(t.Context(), dir); !ok {
		t.Error("Stop of a joined server ended the first one")
	}
}

func TestLongPathGetsAShortSocket(t *testing.T) {
	dir := filepath.Join(openFolder(t), strings.Repeat("длинный-путь/", 8))
	s := start(t, localpg.Options{Dir: dir})
	query(t, s.DSN(), "SELECT 'ok'")
}

// A folder below one that only its owner may enter, as ~root is.
func TestClosedParentFolder(t *testing.T) {
	closed := openFolder(t)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "state")
	s := start(t, localpg.Options{Dir: dir, Ephemeral: true})
	if dsn, ok := localpg.Running(t.Context(), dir); !ok || dsn != s.DSN() {
		t.Errorf("Running = %q %v", dsn, ok)
	}
	query(t, s.DSN(), "SELECT 'ok'")
}

// A state folder in the temporary folder that was removed without Stop leaves
// its data elsewhere only until the next start.
func TestDataOfARemovedTemporaryFolderAreSwept(t *testing.T) {
	if os.Geteuid() != 0 {
		start(t, localpg.Options{Dir: filepath.Join(t.TempDir(), "state")}) // data are inside: nothing to sweep
		return
	}
	closed := openFolder(t)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	first := start(t, localpg.Options{Dir: filepath.Join(closed, "first")})
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "first")
	if n := dataElsewhere(t, dir); n != 1 {
		t.Fatalf("%d folders elsewhere before", n)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	start(t, localpg.Options{Dir: filepath.Join(closed, "second"), Ephemeral: true})
	if n := dataElsewhere(t, dir); n != 0 {
		t.Errorf("%d folders elsewhere after", n)
	}
}

// dataElsewhere counts the data folders that belong to a state folder.
func dataElsewhere(t *testing.T, dir string) (n int) {
	t.Helper()
	owners, err := filepath.Glob("/var/lib/otklik/postgresql-*.owner")
	if err != nil {
		t.Fatal(err)
	}
	for _, owner := range owners {
		b, err := os.ReadFile(owner)
		if err != nil || string(b) != dir {
			continue
		}
		if _, err := os.Stat(strings.TrimSuffix(owner, ".owner")); err == nil {
			n++
		}
	}
	return n
}

func TestNotInstalledSaysTheCommand(t *testing.T) {
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: openFolder(t), SearchPath: []string{t.TempDir()}})
	if !errors.Is(err, localpg.ErrNotInstalled) || !strings.Contains(err.Error(), "install") {
		t.Errorf("error = %v", err)
	}
}

func TestTooOldIsNamed(t *testing.T) {
	bin := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) 13.9'\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: openFolder(t), SearchPath: []string{bin}})
	if !errors.Is(err, localpg.ErrNotInstalled) || !strings.Contains(err.Error(), "found 13") {
		t.Errorf("error = %v", err)
	}
}

// helper starts this binary as another process, as user nobody when asked.
func helper(t *testing.T, dir string, nobody bool) (cmd *exec.Cmd, stdin io.Closer, firstLine string) {
	t.Helper()
	exe := os.Args[0]
	attr := &syscall.SysProcAttr{}
	if nobody {
		exe = copyBinary(t)
		attr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	cmd = exec.Command(exe)
	cmd.Env = append(os.Environ(), helperEnv+"="+dir, "HOME="+dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = attr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, in, strings.TrimSpace(line)
}

// copyBinary puts the test binary where every user may run it.
func copyBinary(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(openFolder(t), "localpg.test")
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// The same without root: run by root it becomes nobody, else it is whoever runs it.
func TestUnprivileged(t *testing.T) {
	dir := openFolder(t)
	asNobody := os.Geteuid() == 0
	if asNobody {
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	cmd, in, line := helper(t, dir, asNobody)
	dsn, ok := strings.CutPrefix(line, "ready ")
	if !ok {
		t.Fatalf("helper said %q", line)
	}
	query(t, dsn, "SELECT 'ok'")
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// A process killed with SIGKILL takes its server along, and the next start
// finds all that was committed.
func TestKilledProcessIsRecovered(t *testing.T) {
	dir := openFolder(t)
	cmd, _, line := helper(t, dir, false)
	dsn, ok := strings.CutPrefix(line, "ready ")
	if !ok {
		t.Fatalf("helper said %q", line)
	}
	keep(t, dsn, "цело")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	s := start(t, localpg.Options{Dir: dir})
	if got := query(t, s.DSN(), "SELECT x FROM kept"); got != "цело" {
		t.Errorf("after the kill: %q", got)
	}
}

// The number in a stale postmaster.pid has gone to another process.
func TestReusedPidIsNotTakenForAServer(t *testing.T) {
	dir := openFolder(t)
	s := start(t, localpg.Options{Dir: dir})
	data := filepath.Join(dir, "postgresql", "data")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	stale := fmt.Sprintf("%d\n%s\n%d\n5432\n\n\n  1 1\nready\n", other.Process.Pid, data, time.Now().Unix())
	if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	s = start(t, localpg.Options{Dir: dir})
	query(t, s.DSN(), "SELECT 'ok'")
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the other process was harmed: %v", err)
	}
}
