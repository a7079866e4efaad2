//go:build unix && !linux

package localpg

import "syscall"

// childAttr puts the server into its own process group and drops root. There is
// no parent-death signal here.
func childAttr(a *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// servesData: without /proc another process's folder is not known.
func servesData(int, string) (serves, known bool) { return false, false }
