//go:build unix

package localpg

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

const claimName = "serving.lock"

// Holder is who serves from a state folder.
type Holder struct {
	Command string    `json:"command"` // serve, demo
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"` // UTC
}

// HeldError: another process serves from the folder. It is ErrBusy.
type HeldError struct {
	Dir    string
	Holder Holder // zero when it is only just beginning
}

// Error implements error.
func (e *HeldError) Error() string {
	return fmt.Sprintf("%v: %s (pid %d) serves from %s", ErrBusy, e.Holder.Command, e.Holder.PID, e.Dir)
}

// Unwrap makes it ErrBusy.
func (e *HeldError) Unwrap() error { return ErrBusy }

// Claim makes this process the one that serves from a state folder, whatever
// servers it keeps there, until the returned file is closed or the process ends
// in any way. *HeldError when another does.
func Claim(dir, command string) (io.Closer, error) {
	dir, err := stateFolder(Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, claimName)
	lock, err := lockFile(path)
	if errors.Is(err, ErrBusy) {
		return nil, &HeldError{Dir: dir, Holder: readHolder(path)}
	}
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(Holder{Command: command, PID: os.Getpid(), Since: time.Now().UTC()})
	if err == nil {
		err = lock.Truncate(0)
	}
	if err == nil {
		_, err = lock.WriteAt(append(b, '\n'), 0)
	}
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("noting who serves from %s: %w", dir, err)
	}
	return lock, nil
}

func readHolder(path string) (h Holder) {
	b, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(b, &h) != nil {
		return Holder{}
	}
	return h
}
