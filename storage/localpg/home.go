//go:build unix

package localpg

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxSocketPath keeps the socket's path below the 107 bytes sockaddr_un allows.
const maxSocketPath = 100

// systemState is where data go when root's own folder cannot be entered by the
// unprivileged user.
const systemState = "/var/lib/otklik"

// account is the user PostgreSQL runs as; nil means ourselves.
type account struct {
	uid, gid uint32
}

// home is the set of folders of one private server.
type home struct {
	dir       string // lock, server.json, log: ours
	base      string // data and socket: the account's
	sockets   string
	account   *account
	ephemeral bool
}

func openHome(opts Options) (home, error) {
	acc, err := unprivileged()
	if err != nil {
		return home{}, err
	}
	h := home{account: acc, ephemeral: opts.Ephemeral}
	if h.dir, err = stateFolder(opts); err != nil {
		return home{}, err
	}
	h.base = filepath.Join(h.dir, "postgresql")
	if acc != nil && !acc.mayEnter(h.dir) {
		sum := sha256.Sum256([]byte(h.dir))
		h.base = filepath.Join(systemState, "postgresql-"+hex.EncodeToString(sum[:6]))
	}
	return h, nil
}

// stateFolder makes the state folder. Others may pass through it (the account
// must), nobody but us may list it.
func stateFolder(opts Options) (string, error) {
	dir := opts.Dir
	var err error
	switch {
	case dir != "":
		if dir, err = filepath.Abs(dir); err == nil {
			err = os.MkdirAll(dir, 0o711)
		}
	case opts.Ephemeral:
		if dir, err = os.MkdirTemp("", "otklik-pg-"); err == nil {
			err = os.Chmod(dir, 0o711)
		}
	default:
		return "", fmt.Errorf("private PostgreSQL: no state folder given")
	}
	if err != nil {
		return "", fmt.Errorf("making the state folder: %w", err)
	}
	return dir, nil
}

// unprivileged picks whom PostgreSQL runs as when we are root, since it refuses
// to run as root. The user must be in passwd: initdb looks its name up.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &account{uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("private PostgreSQL may not run as root and neither user postgres nor nobody exists")
}

// mayEnter reports whether the account may pass through every folder down to path.
func (a *account) mayEnter(path string) bool {
	for p := path; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil || !a.mayPass(info) {
			return false
		}
		if p == filepath.Dir(p) {
			return true
		}
	}
}

func (a *account) mayPass(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	mode := info.Mode().Perm()
	switch {
	case st.Uid == a.uid:
		return mode&0o100 != 0
	case st.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// prepare makes the account's folders.
func (h *home) prepare() error {
	if err := os.MkdirAll(filepath.Dir(h.base), 0o711); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if h.elsewhere() {
		sweepElsewhere()
		if err := os.WriteFile(h.base+ownerSuffix, []byte(h.dir), 0o600); err != nil {
			return fmt.Errorf("noting whose data these are: %w", err)
		}
	}
	if err := h.own(h.base); err != nil {
		return err
	}
	h.sockets = filepath.Join(h.base, "s")
	if len(filepath.Join(h.sockets, socketName)) > maxSocketPath {
		h.sockets = shortSocketFolder(h.base)
	}
	return h.own(h.sockets)
}

// ownerSuffix ends the name of the file that tells whose data lie elsewhere.
const ownerSuffix = ".owner"

// elsewhere reports whether data are not below the state folder.
func (h *home) elsewhere() bool { return filepath.Dir(h.base) == systemState }

// sweepElsewhere removes data whose state folder was in the temporary folder and
// is gone. Others stay, whatever happened to their folder: it may be a disk that
// is not mounted yet.
func sweepElsewhere() {
	owners, err := filepath.Glob(filepath.Join(systemState, "postgresql-*"+ownerSuffix))
	if err != nil {
		return
	}
	for _, owner := range owners {
		b, err := os.ReadFile(owner)
		if err != nil || !strings.HasPrefix(string(b), filepath.Clean(os.TempDir())+string(filepath.Separator)) {
			continue
		}
		if _, err := os.Stat(string(b)); os.IsNotExist(err) {
			_ = os.RemoveAll(strings.TrimSuffix(owner, ownerSuffix))
			_ = os.Remove(owner)
		}
	}
}

// shortSocketFolder names a folder with a short path, always the same for the
// same base so that a crash leaves no trail of them. 0700: only we may enter.
func shortSocketFolder(base string) string {
	sum := sha256.Sum256([]byte(base))
	return filepath.Join("/tmp", "otklik-"+hex.EncodeToString(sum[:6]))
}

// own makes a folder that only the account (and root) may enter. A folder of
// that name which belongs to somebody else is refused.
func (h *home) own(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("looking at %s: %w", dir, err)
	}
	if !info.IsDir() || !h.ours(info) {
		return fmt.Errorf("%s is in the way: it is not a folder of ours", dir)
	}
	if h.account != nil {
		if err := os.Chown(dir, int(h.account.uid), int(h.account.gid)); err != nil {
			return fmt.Errorf("giving %s to the database user: %w", dir, err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("closing %s to others: %w", dir, err)
	}
	return nil
}

// ours reports whether a folder belongs to us or to the account.
func (h *home) ours(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	return int(st.Uid) == os.Geteuid() || (h.account != nil && st.Uid == h.account.uid)
}

func (h *home) data() string    { return filepath.Join(h.base, "data") }
func (h *home) logPath() string { return filepath.Join(h.dir, "postgresql.log") }

// dataVersion is the major version the data were made with, "" when there are none.
func (h *home) dataVersion() string {
	b, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// discard removes what must not stay: the short socket folder, and everything
// of an ephemeral server.
func (h *home) discard() {
	if h.sockets != "" && !strings.HasPrefix(h.sockets, h.base) {
		_ = os.RemoveAll(h.sockets)
	}
	if h.ephemeral {
		_ = os.RemoveAll(h.base)
		_ = os.Remove(h.base + ownerSuffix)
		_ = os.RemoveAll(h.dir)
	}
}
