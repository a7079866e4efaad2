// Package child starts processes that end with the one that started them,
// however it ends: a database or a worker that outlives a killed test or demo
// holds its port, its folder and its memory.
package child

import (
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Start starts cmd; should this process die, the kernel sends the child sig. The
// caller waits for the child as usual.
//
// The kernel sends it when the thread that forked ends, not the process. So a
// thread of its own stays until the child has ended; it leaves the child's end to
// be collected by the caller.
func Start(cmd *exec.Cmd, sig syscall.Signal) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = sig
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := cmd.Start()
		if err != nil {
			started <- err
			return
		}
		pid := cmd.Process.Pid // before the caller may go on
		started <- nil
		for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
		}
	}()
	return <-started
}
