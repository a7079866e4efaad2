package localpg

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// childAttr puts the server into its own process group (Ctrl-C is for us, who
// stop it in order), drops root, and has the kernel end it should we be killed.
func childAttr(a *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// servesData reports whether the process is a PostgreSQL of this data folder (a
// postmaster's working folder is its data folder), and whether that is known.
func servesData(pid int, data string) (serves, known bool) {
	cwd, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if os.IsNotExist(err) {
		return false, true
	}
	if err != nil {
		return false, os.IsPermission(err) // another user's process is not ours
	}
	want, err := filepath.EvalSymlinks(data)
	return cwd == want, err == nil
}
