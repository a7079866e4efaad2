//go:build unix

package localpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// binaries is one installed PostgreSQL.
type binaries struct {
	postgres string
	initdb   string
	version  int // major
}

// distributionFolders are where Debian, Ubuntu, Alt, Red Hat, the PGDG packages
// and Postgres Pro put binaries they keep out of PATH.
func distributionFolders() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/libexec/postgresql*",
		"/opt/pgpro/*/bin",
		"/usr/local/pgsql/bin",
	}
}

// findBinaries takes the first usable installation: PATH, then the
// distribution's folders, newest first. wantVersion is that of existing data,
// which only the same major version can open; "" takes any.
func findBinaries(ctx context.Context, searchPath []string, wantVersion string) (binaries, error) {
	dirs := searchPath
	if len(dirs) == 0 {
		dirs = append(filepath.SplitList(os.Getenv("PATH")), installedFolders()...)
	}
	var seen []string
	for _, dir := range dirs {
		b, ok := binariesIn(ctx, dir)
		if !ok {
			continue
		}
		seen = append(seen, strconv.Itoa(b.version))
		if b.version < MinVersion || (wantVersion != "" && wantVersion != strconv.Itoa(b.version)) {
			continue
		}
		return b, nil
	}
	return binaries{}, notFound(seen, wantVersion)
}

// NotInstalledError says what is there instead and how to mend it; it is
// ErrNotInstalled.
type NotInstalledError struct {
	Found   string // major versions that are here but of no use, by comma
	Data    string // major version that made the data, when that is what is missing
	Install string // the command of this machine's distribution
}

// Error implements error.
func (e *NotInstalledError) Error() string {
	switch {
	case e.Data != "" && e.Found != "":
		return fmt.Sprintf("%v: the data were made by version %s, installed is %s; install version %s, or move the data with pg_dump",
			ErrNotInstalled, e.Data, e.Found, e.Data)
	case e.Found != "":
		return fmt.Sprintf("%v in version %d or newer (found %s); install it with: %s", ErrNotInstalled, MinVersion, e.Found, e.Install)
	}
	return fmt.Sprintf("%v (version %d or newer is needed); install it with: %s", ErrNotInstalled, MinVersion, e.Install)
}

// Unwrap makes it ErrNotInstalled.
func (e *NotInstalledError) Unwrap() error { return ErrNotInstalled }

func notFound(seen []string, wantVersion string) error {
	slices.Sort(seen)
	return &NotInstalledError{Found: strings.Join(slices.Compact(seen), ", "), Data: wantVersion, Install: installCommand()}
}

// installCommand is the one command of this machine's distribution.
func installCommand() string {
	commands := [...][2]string{
		{"apt-get", "apt-get install postgresql"},
		{"dnf", "dnf install postgresql-server"},
		{"zypper", "zypper install postgresql-server"},
		{"apk", "apk add postgresql"},
	}
	for _, c := range commands {
		if _, err := exec.LookPath(c[0]); err == nil {
			return c[1]
		}
	}
	return commands[0][1]
}

// installedFolders lists the distributions' folders, newest version first.
func installedFolders() []string {
	var dirs []string
	for _, pattern := range distributionFolders() {
		found, err := filepath.Glob(pattern)
		if err == nil {
			dirs = append(dirs, found...)
		}
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return folderVersion(b) - folderVersion(a) })
	return dirs
}

func folderVersion(dir string) int {
	digits := strings.FieldsFunc(dir, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, err := strconv.Atoi(digits[0])
	if err != nil {
		return 0
	}
	return n
}

// binariesIn looks for a whole server in a folder. Links are followed, because
// PostgreSQL finds its libraries beside the real file.
func binariesIn(ctx context.Context, dir string) (binaries, bool) {
	if dir == "" {
		return binaries{}, false
	}
	postgres, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return binaries{}, false
	}
	initdb, err := filepath.EvalSymlinks(filepath.Join(dir, "initdb"))
	if err != nil {
		return binaries{}, false
	}
	out, err := exec.CommandContext(ctx, postgres, "--version").Output()
	if err != nil {
		return binaries{}, false
	}
	version := majorVersion(string(out))
	return binaries{postgres: postgres, initdb: initdb, version: version}, version > 0
}

// majorVersion reads "postgres (PostgreSQL) 15.18 (Debian …)".
func majorVersion(out string) int {
	m := regexp.MustCompile(`\) (\d+)`).FindStringSubmatch(out)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}
