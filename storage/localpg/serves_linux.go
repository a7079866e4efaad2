package localpg

import (
	"os"
	"path/filepath"
	"strconv"
)

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
