package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// go.mod names as direct exactly what our own code imports. `go mod tidy` says
// the same, but wants the network for the tests of our dependencies.
func TestDirectRequirementsAreWhatWeImport(t *testing.T) {
	direct, indirect := requirements(t)
	used := map[string]bool{}
	for path := range importedPackages(t) {
		for _, module := range append(slices.Clone(direct), indirect...) {
			if path == module || strings.HasPrefix(path, module+"/") {
				used[module] = true
			}
		}
	}
	for _, module := range direct {
		if !used[module] {
			t.Errorf("go.mod: %s is required directly, no file imports it", module)
		}
	}
	for _, module := range indirect {
		if used[module] {
			t.Errorf("go.mod: %s is imported by our code and must not be marked indirect", module)
		}
	}
	if len(direct) == 0 || len(indirect) == 0 {
		t.Errorf("go.mod was not read: %d direct and %d indirect requirements", len(direct), len(indirect))
	}
}

// requirements reads the modules of go.mod's require blocks.
func requirements(t *testing.T) (direct, indirect []string) {
	t.Helper()
	b, err := os.ReadFile(repository("go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "require (":
			inside = true
		case line == ")":
			inside = false
		case inside && strings.HasSuffix(line, "// indirect"):
			indirect = append(indirect, strings.Fields(line)[0])
		case inside && line != "":
			direct = append(direct, strings.Fields(line)[0])
		}
	}
	return direct, indirect
}

// importedPackages are the paths every Go file of the repository imports.
func importedPackages(t *testing.T) map[string]bool {
	t.Helper()
	paths := map[string]bool{}
	err := filepath.WalkDir(repository(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			paths[name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
