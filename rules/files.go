package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Files is a self-contained version of a pack: path → content. The pack's own
// files stand under one folder ("khabarovsk/region.yaml"), the shared topics
// under "topics/" ("topics/roads.yaml"): a small image of the rules folder. A
// version in the database is such a set, so that it can be loaded again later
// whatever became of the shared topics.
type Files map[string][]byte

const (
	unnamedFolder = "region" // of a pack whose folder has no name
	sharedDir     = "topics"
	examplesDir   = "examples" // in a folder of topics
	regionFile    = "region.yaml"
)

// maxFile keeps one absurd file from filling the memory of every worker.
const maxFile = 8 << 20

// Collect makes the set of files of a pack: own is the pack's folder, name
// what it is called in messages (the folder's own name), shared the folder of
// the shared topics. Only *.yaml files are taken; names that begin with a dot
// are passed over.
func Collect(own fs.FS, name string, shared fs.FS) (Files, error) {
	if name == "" || name == "." || name == sharedDir {
		name = unnamedFolder
	}
	files := Files{}
	if err := files.add(shared, sharedDir); err != nil {
		return nil, fmt.Errorf("collect shared topics: %w", err)
	}
	if err := files.add(own, name); err != nil {
		return nil, fmt.Errorf("collect pack %s: %w", name, err)
	}
	return files, nil
}

// add reads every YAML file of fsys to dir. Links to files are followed: a
// folder mounted from a ConfigMap is made of them.
func (f Files) add(fsys fs.FS, dir string) error {
	return fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && p == ".":
			return nil // an absent folder is an empty one; the loader names the missing files
		case err != nil:
			return err
		case p != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || path.Ext(p) != ".yaml" && path.Ext(p) != ".yml":
			return nil
		}
		if err := readable(fsys, p, path.Join(dir, p)); err != nil {
			return err
		}
		content, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		f[path.Join(dir, p)] = content
		return nil
	})
}

// readable refuses, before it is opened, what would never end (a pipe, a device)
// or fill the memory.
func readable(fsys fs.FS, p, name string) error {
	info, err := fs.Stat(fsys, p)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return Faults{{File: name, Code: CodeUnknownFile, What: "это не обычный файл", Mend: "положите на его место обычный файл"}}
	case info.Size() > maxFile:
		return Faults{{File: name, Code: CodeBadValue, What: fmt.Sprintf("файл больше %d МБ", maxFile>>20),
			Mend: "проверьте, тот ли это файл, или разделите его: темы и газеттир могут лежать в нескольких файлах"}}
	}
	return nil
}

// Hash is the hex SHA-256 over the sorted paths and contents. The name of the
// pack's own folder does not count: a copy is the same version.
func (f Files) Hash() string {
	own := f.own()
	canonical := make(map[string][]byte, len(f))
	for p, content := range f {
		if own != "" && strings.HasPrefix(p, own+"/") {
			p = "region/" + strings.TrimPrefix(p, own+"/")
		}
		canonical[p] = content
	}
	h := sha256.New()
	for _, p := range slices.Sorted(maps.Keys(canonical)) {
		h.Write(fmt.Appendf(nil, "%d:%s%d:", len(p), p, len(canonical[p])))
		h.Write(canonical[p])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// own is the folder of the pack's own files: the first that is not the shared
// one. "" when there is none.
func (f Files) own() string {
	for _, p := range slices.Sorted(maps.Keys(f)) {
		if dir, _, ok := strings.Cut(p, "/"); ok && dir != sharedDir {
			return dir
		}
	}
	return ""
}

// under lists the sorted paths below a folder.
func (f Files) under(dir string) []string {
	var out []string
	for _, p := range slices.Sorted(maps.Keys(f)) {
		if strings.HasPrefix(p, dir+"/") {
			out = append(out, p)
		}
	}
	return out
}
