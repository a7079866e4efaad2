package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// manager is the service manager that started this process, systemd most often; it
// is told what sd_notify(3) describes. A nil manager is told nothing.
type manager struct {
	socket string
	every  time.Duration // a life sign is due; 0: none is wanted
	log    *slog.Logger
}

// What the manager is told (sd_notify(3)).
const (
	managerReady    = "READY=1"
	managerStopping = "STOPPING=1"
	managerWatchdog = "WATCHDOG=1"
)

// managerOf finds the manager in the environment; nil where there is none.
func managerOf(environ []string, pid int, log *slog.Logger) *manager {
	vars := map[string]string{}
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		vars[name] = value
	}
	if vars["NOTIFY_SOCKET"] == "" {
		return nil
	}
	m := &manager{socket: vars["NOTIFY_SOCKET"], log: log}
	usec, err := strconv.ParseInt(vars["WATCHDOG_USEC"], 10, 64)
	ours := vars["WATCHDOG_PID"] == "" || vars["WATCHDOG_PID"] == strconv.Itoa(pid)
	if err == nil && usec > 0 && ours {
		m.every = time.Duration(usec) * time.Microsecond / 2 // as sd_watchdog_enabled(3) advises
	}
	return m
}

// tell says one thing to the manager. It not being heard stops no work.
func (m *manager) tell(ctx context.Context, state string) {
	if m == nil {
		return
	}
	if err := m.send(ctx, state); err != nil {
		m.log.Warn("tell the service manager", "what", state, "err", err)
	}
}

func (m *manager) send(ctx context.Context, state string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unixgram", m.socket) // Go takes a name that begins with @ for an abstract one, as systemd does
	if err != nil {
		return fmt.Errorf("reach NOTIFY_SOCKET: %w", err)
	}
	if _, err := conn.Write([]byte(state)); err != nil {
		_ = conn.Close() // nothing was written
		return fmt.Errorf("write to NOTIFY_SOCKET: %w", err)
	}
	if err := conn.Close(); err != nil {
		return fmt.Errorf("close NOTIFY_SOCKET: %w", err)
	}
	return nil
}

// watch gives life signs while every loop of the process gives its own, until ctx
// ends: of one that hangs systemd hears nothing, and starts the process anew.
func (m *manager) watch(ctx context.Context, lives *domain.Lives) error {
	if m == nil || m.every <= 0 {
		return nil
	}
	every(ctx, m.every, func() {
		if late := lives.Late(); len(late) > 0 {
			m.log.Error("no life sign for the service manager", "loops", strings.Join(late, "; "))
		} else {
			m.tell(ctx, managerWatchdog)
		}
	})
	return nil
}
