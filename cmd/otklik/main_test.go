package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/storage/localpg/child"
	"github.com/otklik/otklik/storage/storagetest"
)

// asProgram makes the test binary be otklik itself: a process of its own that
// can be sent signals, without another build.
const asProgram = "OTKLIK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	storagetest.Main(m)
}

// outcome is what a command left.
type outcome struct {
	code        int
	out, errout string
}

// last is the last line of the output.
func (o outcome) last() string {
	lines := strings.Split(strings.TrimRight(o.out, "\n"), "\n")
	return lines[len(lines)-1]
}

// command runs a command inside this process.
func command(t *testing.T, environ []string, stdin string, args ...string) outcome {
	t.Helper()
	return commandFrom(t, environ, strings.NewReader(stdin), args...)
}

func commandFrom(t *testing.T, environ []string, stdin io.Reader, args ...string) outcome {
	t.Helper()
	var out, errout bytes.Buffer
	code := run(args, &program{environ: environ, stdin: stdin, stdout: &out, stderr: &errout, school: school})
	return outcome{code, out.String(), errout.String()}
}

// want fails the test when a command did not end as it should.
func (o outcome) want(t *testing.T, code int) outcome {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", o.code, code, o.out, o.errout)
	}
	return o
}

// emptyState is an environment of nothing but a fresh state folder.
func emptyState(t *testing.T) []string {
	t.Helper()
	return []string{"OTKLIK_STATE_DIR=" + t.TempDir()}
}

// onDatabase is an environment with a database of its own, and loopback ports
// that the system chooses.
func onDatabase(t *testing.T) (environ []string, dsn string) {
	t.Helper()
	dsn = storagetest.EmptyDSN(t)
	environ = append(emptyState(t), "DATABASE_URL="+dsn, "OTKLIK_DESK_LISTEN=127.0.0.1:0",
		"OTKLIK_HOOKS_LISTEN=127.0.0.1:0", "OTKLIK_METRICS_LISTEN=127.0.0.1:0")
	command(t, environ, "", "migrate").want(t, 0)
	return environ, dsn
}

// process is otklik as a process of its own.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	out output
}

// start starts otklik; the test's end kills what is left of it.
func start(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(exe, args...)}
	p.cmd.Env = append(append([]string{}, environ...), asProgram+"=1", "PATH="+os.Getenv("PATH"))
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := child.Start(p.cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	return p
}

// await waits until the process has printed something.
func (p *process) await(what string) {
	p.t.Helper()
	for limit := time.Now().Add(4 * time.Minute); !strings.Contains(p.out.String(), what); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			p.t.Fatalf("it does not print %q:\n%s", what, p.out.String())
		}
	}
}

// stop asks the process to end and returns its exit code.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait() // the code is looked at
	return p.cmd.ProcessState.ExitCode()
}

// output can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// after is the word that follows a key in the log, as in desk=127.0.0.1:80.
func (o *output) after(key string) string {
	_, rest, _ := strings.Cut(o.String(), key)
	if words := strings.Fields(rest); len(words) > 0 {
		return words[0]
	}
	return ""
}

// query reads one value from a database.
func query[T any](t *testing.T, dsn, sql string, args ...any) (value T) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), sql, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// execute changes a database behind the program's back.
func execute(t *testing.T, dsn, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// repository is a path inside the repository.
func repository(parts ...string) string {
	return filepath.Join(append([]string{"..", ".."}, parts...)...)
}
