package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/proof/browser"
)

// Every page that the desk serves is among those that are looked at for
// accessibility and pictured, or among those that are no page to look at.
func TestEveryPageIsLookedAt(t *testing.T) {
	w := newWalk(t)
	looked := map[string]bool{}
	for _, p := range browser.Pages() {
		looked[p.Pattern()] = true
	}
	unseen, served := browser.Unseen(), map[string]bool{}
	for _, r := range w.routes {
		path, ok := strings.CutPrefix(r.Pattern, "GET ")
		if !ok || strings.HasSuffix(path, ".xlsx") {
			continue
		}
		served[path] = true
		switch _, none := unseen[path]; {
		case none && looked[path]:
			t.Errorf("%s is looked at and is said to be no page", path)
		case !none && !looked[path]:
			t.Errorf("nobody looks at %s: add it to the pages of proof/browser, or say there why not", path)
		}
	}
	if len(served) < 35 {
		t.Fatalf("only %d pages are served", len(served))
	}
	for _, path := range slices.Sorted(maps.Keys(unseen)) {
		if !served[path] {
			t.Errorf("%s is said to be no page, and is not served", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(looked)) {
		if !served[path] && path != "/nowhere" {
			t.Errorf("%s is looked at, and is not served", path)
		}
	}
}
