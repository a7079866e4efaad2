package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/otklik/otklik/storage/localpg/child"
)

// serving is «otklik serve» in a process of its own.
type serving struct {
	cmd  *exec.Cmd
	dir  string
	log  lastWords
	done chan struct{} // closed when it has ended; err is set before
	err  error
}

// startServe builds the program and starts it with its ordinary settings:
// DATABASE_URL is the lab's, Redis is the one inside the process.
func startServe(ctx context.Context, dsn string, vk *fakeVK) (*serving, error) {
	p, err := newServing()
	if err != nil {
		return nil, err
	}
	program, err := buildOtklik(ctx, p.dir)
	if err == nil {
		err = p.start(ctx, program, append(vk.environment(), "DATABASE_URL="+dsn, "OTKLIK_DESK_LISTEN=127.0.0.1:0"))
	}
	if err != nil {
		p.remove()
		return nil, err
	}
	return p, nil
}

func newServing() (*serving, error) {
	dir, err := os.MkdirTemp("", "otklik-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the program: %w", err)
	}
	return &serving{dir: dir, done: make(chan struct{})}, nil
}

// buildOtklik builds the program into a folder.
func buildOtklik(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "otklik")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "github.com/otklik/otklik/cmd/otklik")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build otklik: %w: %s", err, out)
	}
	return program, nil
}

// start runs «otklik serve»; what the environment does not name is as usual.
func (p *serving) start(ctx context.Context, program string, environment []string, args ...string) error {
	p.cmd = exec.CommandContext(ctx, program, append([]string{"serve"}, args...)...)
	p.cmd.Env = append(plainEnvironment(), "OTKLIK_STATE_DIR="+p.dir, "OTKLIK_LOG_LEVEL=warn", "OTKLIK_HOOKS_LISTEN=127.0.0.1:0", "OTKLIK_METRICS_LISTEN=127.0.0.1:0")
	p.cmd.Env = append(p.cmd.Env, environment...)
	p.cmd.Stderr = &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us, who end it in order
	if err := child.Start(p.cmd, syscall.SIGKILL); err != nil {
		return fmt.Errorf("start otklik serve: %w", err)
	}
	go func() {
		defer close(p.done)
		p.err = p.cmd.Wait()
	}()
	return nil
}

// plainEnvironment is ours without what would configure the program.
func plainEnvironment() []string {
	var out []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name != "DATABASE_URL" && name != "REDIS_URL" && !strings.HasPrefix(name, "OTKLIK_") && !strings.HasPrefix(name, "PG") {
			out = append(out, v)
		}
	}
	return out
}

// kill ends the process and removes its folder.
func (p *serving) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
	p.remove()
}

func (p *serving) remove() { _ = os.RemoveAll(p.dir) }

// memory of a process in megabytes (2^20 bytes).
type memory struct {
	now  float64 // resident set
	peak float64 // the largest it ever was
}

// memoryOf asks the kernel.
func memoryOf(pid int) (memory, error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return memory{}, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	return parseStatus(string(b))
}

// parseStatus reads VmRSS and VmHWM, both in kB, of /proc/PID/status.
func parseStatus(status string) (m memory, err error) {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		var to *float64
		switch name {
		case "VmRSS":
			to = &m.now
		case "VmHWM":
			to = &m.peak
		default:
			continue
		}
		kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
		if err != nil {
			return m, fmt.Errorf("read %s: %w", name, err)
		}
		*to = float64(kb) / 1024
	}
	if m.now == 0 || m.peak == 0 {
		return m, errors.New("the kernel names no resident memory for the process")
	}
	return m, nil
}

// lastWords keeps the end of a log.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

const wordsKept = 4000

// Write implements io.Writer.
func (l *lastWords) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	if over := len(l.text) - wordsKept; over > 0 {
		l.text = append(l.text[:0], l.text[over:]...)
	}
	return len(b), nil
}

func (l *lastWords) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
