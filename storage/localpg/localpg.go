//go:build unix

// Package localpg runs a private PostgreSQL from binaries that are already
// installed, so that Otklik starts on a fresh machine without a database
// server. It listens on a unix socket only, runs as an unprivileged user when
// the caller is root, and dies with the process that started it.
//
// One process is the server of a state folder (an exclusive lock says who);
// others find it through server.json in that folder and connect.
package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Errors of this package; the text around them says what to do.
var (
	// ErrNotInstalled: no PostgreSQL of at least MinVersion was found.
	ErrNotInstalled = errors.New("PostgreSQL is not installed")
	// ErrBusy: another process is the server of this state folder.
	ErrBusy = errors.New("another process already runs the private PostgreSQL of this folder")
)

// MinVersion is the oldest PostgreSQL major version Otklik works with.
const MinVersion = 15

// Names inside the private server. Role owns Database and is no superuser: what
// works here needs no more rights on a region's own server.
const (
	Role      = "otklik"
	Database  = "otklik"
	Superuser = "postgres" // trusted over the socket; for tools, never for the program
)

// Options say where the server lives and how careful it is.
type Options struct {
	// Dir is the state folder; it is made when absent. Data go below it, or, when
	// we are root and the unprivileged user may not enter it, under
	// /var/lib/otklik. Empty with Ephemeral: a new temporary folder.
	Dir string
	// Ephemeral: it starts with no data, whatever is there, and everything is
	// removed by Stop.
	Ephemeral bool
	// Unsafe turns fsync off: faster, and a power failure loses everything. For
	// tests only.
	Unsafe bool
	// SearchPath replaces PATH and the distributions' folders when not empty.
	SearchPath []string
	// Settings are added to the server's own ("log_min_duration_statement": "200ms").
	Settings map[string]string
	// Log gets a line at start and stop; nil is silent.
	Log *slog.Logger
}

// Server is a private PostgreSQL: our own child, or another process's that we
// have joined.
type Server struct {
	record record
	owned  *owned // nil when joined
}

// owned is what the server process of a folder has to give back at the end.
type owned struct {
	home    home
	lock    *os.File
	process *process
	log     *slog.Logger

	once sync.Once
	err  error
}

// Start makes this process the server of the folder. It returns ErrBusy when
// another process is, ErrNotInstalled when there is nothing to run. When Start
// returns, connections are accepted and the database exists.
func Start(ctx context.Context, opts Options) (*Server, error) {
	h, err := openHome(opts)
	if err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(h.dir, lockName))
	if err != nil {
		return nil, err
	}
	s, err := startLocked(ctx, opts, h, lock)
	if err != nil {
		h.discard()
		_ = lock.Close()
		return nil, err
	}
	return s, nil
}

// Open joins the running server of the folder, or starts one.
func Open(ctx context.Context, opts Options) (*Server, error) {
	if opts.Dir != "" {
		if s, err := Join(ctx, opts.Dir); err == nil {
			return s, nil
		}
	}
	s, err := Start(ctx, opts)
	if !errors.Is(err, ErrBusy) {
		return s, err
	}
	return waitToJoin(ctx, opts.Dir)
}

// Join connects to the running server of the folder; os.ErrNotExist when there
// is none.
func Join(ctx context.Context, dir string) (*Server, error) {
	r, err := readRecord(dir)
	if err != nil {
		return nil, err
	}
	if !r.answers(ctx) {
		return nil, fmt.Errorf("private PostgreSQL of %s does not answer: %w", dir, os.ErrNotExist)
	}
	return &Server{record: r}, nil
}

// Running reports the DSN of the folder's server when one answers.
func Running(ctx context.Context, dir string) (dsn string, ok bool) {
	s, err := Join(ctx, dir)
	if err != nil {
		return "", false
	}
	return s.DSN(), true
}

// waitToJoin gives a process that is just starting time to become ready.
func waitToJoin(ctx context.Context, dir string) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		s, err := Join(ctx, dir)
		if err == nil {
			return s, nil
		}
		if pause(ctx, 50*time.Millisecond) != nil {
			return nil, fmt.Errorf("waiting for the private PostgreSQL of %s: %w", dir, err)
		}
	}
}

func startLocked(ctx context.Context, opts Options, h home, lock *os.File) (*Server, error) {
	bin, err := findBinaries(ctx, opts.SearchPath, h.dataVersion())
	if err != nil {
		return nil, err
	}
	if err := h.prepare(); err != nil {
		return nil, err
	}
	if err := clearStale(ctx, h.data()); err != nil {
		return nil, err
	}
	if opts.Ephemeral { // what a killed server left, or one that kept its data
		if err := os.RemoveAll(h.data()); err != nil {
			return nil, fmt.Errorf("clearing %s: %w", h.data(), err)
		}
	}
	if err := initData(ctx, bin, h, opts.Unsafe); err != nil {
		return nil, err
	}
	p, err := startProcess(bin, h, serverSettings(opts, h))
	if err != nil {
		return nil, err
	}
	r := newRecord(h, bin, p.pid())
	if err := bringUp(ctx, p, r); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	if err := r.write(h.dir); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	log := opts.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log.Info("private PostgreSQL started", "version", bin.version, "data", h.data(), "pid", p.pid())
	return &Server{record: r, owned: &owned{home: h, lock: lock, process: p, log: log}}, nil
}

// bringUp waits for the server to answer and makes the role and the database.
func bringUp(ctx context.Context, p *process, r record) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := p.waitReady(ctx, r); err != nil {
		return err
	}
	return makeDatabase(ctx, r)
}

// DSN is the connection string of the database, as the unprivileged role.
func (s *Server) DSN() string { return s.record.DSN }

// Owned reports whether this process started the server (and will stop it).
func (s *Server) Owned() bool { return s.owned != nil }

// Done is closed when the server process has ended, asked or not. A joined
// server's is nil.
func (s *Server) Done() <-chan struct{} {
	if s.owned == nil {
		return nil
	}
	return s.owned.process.done
}

// Stop ends an owned server cleanly (fast shutdown) and waits for it; it does
// nothing to a joined one. It may be called more than once.
func (s *Server) Stop() error {
	if s.owned == nil {
		return nil
	}
	s.owned.once.Do(func() { s.owned.err = s.owned.shutDown() })
	return s.owned.err
}

func (o *owned) shutDown() error {
	removeRecord(o.home.dir)
	err := o.process.stop()
	o.home.discard()
	_ = o.lock.Close() // releases the lock
	o.log.Info("private PostgreSQL stopped")
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
