//go:build unix

package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/storage/localpg/child"
)

const (
	readyTimeout = 60 * time.Second // recovery after a crash included
	fastShutdown = 20 * time.Second // then the immediate one
)

// process is the running postmaster.
type process struct {
	cmd     *exec.Cmd
	done    chan struct{} // closed when it has ended; err is set before
	err     error
	logPath string
}

// serverSettings are the command-line settings of the server.
func serverSettings(opts Options, h home) map[string]string {
	s := map[string]string{
		"listen_addresses":          "", // the socket only
		"unix_socket_directories":   h.sockets,
		"unix_socket_permissions":   "0700",
		"port":                      "5432",
		"timezone":                  "UTC",
		"log_timezone":              "UTC",
		"lc_messages":               "C",
		"jit":                       "off", // costs more than it gives on short queries
		"max_connections":           "100",
		"max_locks_per_transaction": "256",
		"logging_collector":         "off",
	}
	if opts.Unsafe {
		s["fsync"] = "off"
		s["full_page_writes"] = "off"
		s["synchronous_commit"] = "off"
	}
	for k, v := range opts.Settings {
		s[k] = v
	}
	return s
}

// initData makes the cluster once. It is built aside and renamed, so that a
// crash half-way leaves nothing that looks like data.
func initData(ctx context.Context, bin binaries, h home, unsafe bool) error {
	if h.dataVersion() != "" {
		return nil
	}
	fresh := h.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clearing %s: %w", fresh, err)
	}
	args := []string{"--pgdata=" + fresh, "--username=" + Superuser, "--encoding=UTF8",
		"--locale=C.UTF-8", "--auth=trust", "--no-instructions"}
	if unsafe {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, bin.initdb, args...)
	cmd.Dir = h.base
	cmd.SysProcAttr = childAttr(h.account)
	cmd.Env = childEnv(h)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := child.Start(cmd, syscall.SIGTERM)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	if err := os.Rename(fresh, h.data()); err != nil {
		return fmt.Errorf("naming the data folder: %w", err)
	}
	return nil
}

// childAttr puts a child into its own process group (Ctrl-C is for us, who stop
// it in order) and drops root.
func childAttr(a *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// childEnv is a plain environment: PG* variables of the caller must not reach
// the server, and HOME must be a folder its user may enter.
func childEnv(h home) []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + h.base, "LC_ALL=C.UTF-8", "TZ=UTC"}
}

func startProcess(bin binaries, h home, settings map[string]string) (*process, error) {
	log, err := os.OpenFile(h.logPath(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the server's log: %w", err)
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor
	args := []string{"-D", h.data()}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	cmd := exec.Command(bin.postgres, args...) //nolint:noctx // it outlives the context of its start; Stop ends it
	cmd.Dir = h.base
	cmd.Env = childEnv(h)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttr(h.account)
	p := &process{cmd: cmd, done: make(chan struct{}), logPath: h.logPath()}
	if err := child.Start(cmd, syscall.SIGINT); err != nil { // a fast shutdown
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// waitReady polls until the server takes connections, ends, or time is up.
func (p *process) waitReady(ctx context.Context, r record) error {
	for {
		conn, err := pgx.Connect(ctx, dsn(r.Socket, Superuser, "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("PostgreSQL ended while starting: %w: %s", p.err, p.lastWords())
		default:
		}
		if pause(ctx, 20*time.Millisecond) != nil {
			return fmt.Errorf("PostgreSQL does not answer: %w: %s", err, p.lastWords())
		}
	}
}

// stop asks for a fast shutdown and, when that takes too long, an immediate one.
func (p *process) stop() error {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := p.cmd.Process.Signal(sig); errors.Is(err, os.ErrProcessDone) {
			break
		}
		select {
		case <-p.done:
			return p.endError()
		case <-time.After(fastShutdown):
		}
	}
	<-p.done
	return p.endError()
}

// endError is nil when the server ended as told.
func (p *process) endError() error {
	if p.err == nil {
		return nil
	}
	return fmt.Errorf("PostgreSQL ended badly: %w: %s", p.err, p.lastWords())
}

// lastWords is the end of the server's log.
func (p *process) lastWords() string {
	b, err := os.ReadFile(p.logPath)
	if err != nil {
		return "no log: " + err.Error()
	}
	const most = 2000
	if len(b) > most {
		b = b[len(b)-most:]
	}
	return string(bytes.TrimSpace(b))
}

// clearStale deals with what a killed process left. We hold the folder's lock,
// so a server that still runs on these data is an orphan on its way out: it is
// waited for. A pid file whose process is something else is removed, because
// PostgreSQL would take the reused number for a live server.
func clearStale(ctx context.Context, data string) error {
	path := filepath.Join(data, "postmaster.pid")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // nothing left behind
	}
	if err != nil {
		return fmt.Errorf("reading postmaster.pid: %w", err)
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	pid, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if err != nil {
		pid = 0 // half written: nobody's
	}
	switch serves, known := servesData(pid, data); {
	case !known:
		return nil // PostgreSQL's own check must do
	case serves:
		return endOrphan(ctx, pid, data)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("removing a stale postmaster.pid: %w", err)
	}
	return nil
}

func endOrphan(ctx context.Context, pid int, data string) error {
	ctx, cancel := context.WithTimeout(ctx, fastShutdown)
	defer cancel()
	_ = syscall.Kill(pid, syscall.SIGINT)
	for {
		if serves, _ := servesData(pid, data); !serves {
			return nil
		}
		if pause(ctx, 50*time.Millisecond) != nil {
			return fmt.Errorf("an orphaned PostgreSQL (pid %d) does not end: %w", pid, ctx.Err())
		}
	}
}

// makeDatabase makes the role and the database when they are not there.
func makeDatabase(ctx context.Context, r record) error {
	conn, err := pgx.Connect(ctx, dsn(r.Socket, Superuser, "postgres"))
	if err != nil {
		return fmt.Errorf("connecting to the private PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	steps := [...]struct{ exists, create string }{
		{"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '" + Role + "')",
			"CREATE ROLE " + Role + " LOGIN CREATEDB"},
		{"SELECT EXISTS (SELECT FROM pg_database WHERE datname = '" + Database + "')",
			"CREATE DATABASE " + Database + " OWNER " + Role},
	}
	for _, s := range steps {
		var there bool
		if err := conn.QueryRow(ctx, s.exists).Scan(&there); err != nil {
			return fmt.Errorf("looking at the private PostgreSQL: %w", err)
		}
		if there {
			continue
		}
		if _, err := conn.Exec(ctx, s.create); err != nil {
			return fmt.Errorf("setting up the private PostgreSQL: %w", err)
		}
	}
	return nil
}
