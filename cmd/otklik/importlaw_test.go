package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/otklik/otklik"

// allowed says which rooms of ours a room may import, itself and its folders
// aside. Tests may import more: they put rooms together.
func allowed() map[string][]string {
	return map[string][]string{
		"domain":   nil,
		"rules":    {"domain"},
		"platform": {"domain"},
		"ingest":   {"domain", "platform"},
		"reply":    {"domain", "platform"},
		"bots":     {"domain"},
		"classify": {"domain", "rules"},
		"router":   {"domain", "rules"},
		"worker":   {"domain", "rules", "ingest", "classify", "router"},
		"storage":  {"domain"},
		"deadline": {"domain"},
		"report":   {"domain"},
		"desk":     {"domain", "report"},
		"tables":   nil,
		"history":  {"domain", "tables"},
		"demo":     {"domain", "platform", "rules", "tables"},
		"proof":    {"demo"}, // tests only; the browser walks the demonstration
		"cmd":      {"*"},
	}
}

func TestImportLaw(t *testing.T) {
	law := allowed()
	for _, p := range listPackages(t) {
		room := roomOf(p.ImportPath)
		rooms, known := law[room]
		if !known {
			t.Errorf("%s: the import law does not know room %q", p.ImportPath, room)
			continue
		}
		for _, imp := range p.Imports {
			other := roomOf(imp)
			if other == "" || other == room || permits(rooms, other) {
				continue
			}
			t.Errorf("%s imports %s: %s may import %v", p.ImportPath, imp, room, rooms)
		}
	}
}

func permits(rooms []string, room string) bool {
	for _, r := range rooms {
		if r == "*" || r == room {
			return true
		}
	}
	return false
}

// roomOf is the top folder of one of our packages, "" for anybody else's.
func roomOf(path string) string {
	rest, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return ""
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 5 {
		t.Fatalf("only %d packages found", len(pkgs))
	}
	return pkgs
}
