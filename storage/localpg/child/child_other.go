//go:build !linux

// Package child starts processes that end with the one that started them, where
// the system can do that.
package child

import (
	"os/exec"
	"syscall"
)

// Start starts cmd. There is no parent-death signal here: a child whose parent is
// killed stays.
func Start(cmd *exec.Cmd, _ syscall.Signal) error { return cmd.Start() }
