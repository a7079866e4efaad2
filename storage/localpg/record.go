//go:build unix

package localpg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	lockName   = "server.lock"
	recordName = "server.json"
	socketName = ".s.PGSQL.5432"
)

// record is server.json: how others of the same user reach the server.
type record struct {
	DSN       string    `json:"dsn"`
	Socket    string    `json:"socket"`     // folder
	PID       int       `json:"pid"`        // of the process that started it
	ServerPID int       `json:"server_pid"` // of PostgreSQL
	Data      string    `json:"data"`
	Version   int       `json:"version"`
	Started   time.Time `json:"started"`
}

func newRecord(h home, bin binaries, serverPID int) record {
	return record{
		DSN:       dsn(h.sockets, Role, Database),
		Socket:    h.sockets,
		PID:       os.Getpid(),
		ServerPID: serverPID,
		Data:      h.data(),
		Version:   bin.version,
		Started:   time.Now().UTC(),
	}
}

// dsn is a URL for a unix socket. There is no password: the folder of the
// socket can be entered by nobody else.
func dsn(socketDir, role, database string) string {
	q := url.Values{"host": {socketDir}, "port": {"5432"}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

// write replaces server.json in one step, so that a reader never sees half of it.
func (r record) write(dir string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", recordName, err)
	}
	tmp := filepath.Join(dir, recordName+".new")
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", recordName, err)
	}
	if err := os.Rename(tmp, filepath.Join(dir, recordName)); err != nil {
		return fmt.Errorf("writing %s: %w", recordName, err)
	}
	return nil
}

func readRecord(dir string) (record, error) {
	b, err := os.ReadFile(filepath.Join(dir, recordName))
	if err != nil {
		return record{}, fmt.Errorf("looking for a private PostgreSQL: %w", err)
	}
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return record{}, fmt.Errorf("reading %s of %s: %w", recordName, dir, err)
	}
	return r, nil
}

func removeRecord(dir string) { _ = os.Remove(filepath.Join(dir, recordName)) }

// answers reports whether something listens on the socket: a file left behind
// by a killed process does not.
func (r record) answers(ctx context.Context) bool {
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(ctx, "unix", filepath.Join(r.Socket, socketName))
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// lockFile takes the exclusive lock that makes this process the server. The
// kernel gives it back when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the state folder: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%w (%s)", ErrBusy, filepath.Dir(path))
	}
	return nil, fmt.Errorf("locking the state folder: %w", err)
}
