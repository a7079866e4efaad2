package domain

import "slices"

// Tree is the bodies of a region by who is above whom (подведомственность). The
// zero value has no bodies.
type Tree struct {
	parent   map[string]string
	children map[string][]string
}

// NewTree builds the tree. A parent that is not among the bodies counts as none.
func NewTree(agencies []Agency) Tree {
	t := Tree{parent: map[string]string{}, children: map[string][]string{}}
	for _, a := range agencies {
		t.parent[a.ID] = ""
	}
	for _, a := range agencies {
		if _, known := t.parent[a.Parent]; !known || a.Parent == a.ID {
			continue
		}
		t.parent[a.ID] = a.Parent
		t.children[a.Parent] = append(t.children[a.Parent], a.ID)
	}
	return t
}

// Has reports whether there is such a body.
func (t Tree) Has(id string) bool { _, ok := t.parent[id]; return ok }

// Above is the body directly above, "" at the top and for an unknown one.
func (t Tree) Above(id string) string { return t.parent[id] }

// Over lists a body and all above it, itself first.
func (t Tree) Over(id string) (out []string) {
	for ; id != "" && !slices.Contains(out, id); id = t.Above(id) { // a circle in the data must not hang us
		out = append(out, id)
	}
	return out
}

// Under lists a body and all below it, itself first; nothing for an unknown one.
func (t Tree) Under(id string) []string {
	if !t.Has(id) {
		return nil
	}
	out := []string{id}
	seen := map[string]bool{id: true} // a circle in the data must not hang us
	for i := 0; i < len(out); i++ {
		for _, child := range t.children[out[i]] {
			if !seen[child] {
				seen[child] = true
				out = append(out, child)
			}
		}
	}
	return out
}
