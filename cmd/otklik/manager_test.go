package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// listenAsManager is the socket of a service manager.
func listenAsManager(t *testing.T) (path string, next func(within time.Duration) string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") // a socket's path is at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path = filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return path, func(within time.Duration) string {
		t.Helper()
		if err := conn.SetReadDeadline(time.Now().Add(within)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 256)
		n, err := conn.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
}

// serve under systemd: ready once people can come in, life signs, a word at the end.
func TestServeTellsTheServiceManager(t *testing.T) {
	t.Parallel()
	path, next := listenAsManager(t)
	environ, _ := onDatabase(t)
	serve := start(t, append(environ, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=400000"), "serve")
	const long = 4 * time.Minute
	said := map[string]int{}
	hear := func(what string, times int) {
		t.Helper()
		for said[what] < times {
			word := next(long)
			if word == "" {
				t.Fatalf("%s was not heard, only %v\n%s", what, said, serve.out.String())
			}
			said[word]++
		}
	}
	hear(managerReady, 1)
	serve.await("desk=") // it is logged beside, and may come later
	answers(t, serve.out.after("desk="), "/", 200, "Вход")
	hear(managerWatchdog, said[managerWatchdog]+2)
	if code := serve.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, serve.out.String())
	}
	hear(managerStopping, 1)
	if said[managerReady] != 1 || len(said) != 3 {
		t.Errorf("it said %v", said)
	}
}

// A process of which a loop hangs gives no life signs, and says which it is.
func TestNoLifeSignsWhileALoopHangs(t *testing.T) {
	t.Parallel()
	path, next := listenAsManager(t)
	var log bytes.Buffer
	m := managerOf([]string{"NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=20000"}, 1, slog.New(slog.NewTextHandler(&log, nil)))
	now := time.Now()
	lives := domain.NewLives(func() time.Time { return now })
	life := lives.Begin("poll", "", time.Minute)
	watch := func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // one look
		if err := m.watch(ctx, lives); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { _ = m.watch(ctx, lives); close(done) }()
	if got := next(time.Minute); got != managerWatchdog {
		t.Fatalf("while it lives: %q", got)
	}
	cancel()
	<-done
	for next(50*time.Millisecond) != "" { //nolint:revive // what was on its way
	}
	now = now.Add(2 * time.Minute)
	watch()
	if got := next(200 * time.Millisecond); got != "" || !strings.Contains(log.String(), "poll: no life sign for 2m0s") {
		t.Errorf("while it hangs: %q\n%s", got, log.String())
	}
	life.Beat()
}

func TestManagerOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		environ string
		every   time.Duration
		none    bool
	}{
		{"", 0, true},
		{"WATCHDOG_USEC=1000000", 0, true},
		{"NOTIFY_SOCKET=@otklik", 0, false},
		{"NOTIFY_SOCKET=@otklik WATCHDOG_USEC=1000000", 500 * time.Millisecond, false},
		{"NOTIFY_SOCKET=@otklik WATCHDOG_USEC=1000000 WATCHDOG_PID=7", 500 * time.Millisecond, false},
		{"NOTIFY_SOCKET=@otklik WATCHDOG_USEC=1000000 WATCHDOG_PID=8", 0, false}, // meant for another
		{"NOTIFY_SOCKET=@otklik WATCHDOG_USEC=x", 0, false},
	} {
		m := managerOf(strings.Fields(c.environ), 7, slog.New(slog.DiscardHandler))
		if (m == nil) != c.none || m != nil && m.every != c.every {
			t.Errorf("%s: %+v", c.environ, m)
		}
	}
	var nobody *manager
	nobody.tell(t.Context(), managerReady)
	if err := nobody.watch(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
