package domain

import (
	"slices"
	"testing"
)

func TestTreeUnder(t *testing.T) {
	tree := NewTree([]Agency{{ID: "gov"}, {ID: "ministry", Parent: "gov"}, {ID: "hospital", Parent: "ministry"},
		{ID: "city"}, {ID: "lost", Parent: "nowhere"}, {ID: "a", Parent: "b"}, {ID: "b", Parent: "a"}})
	for id, want := range map[string][]string{
		"gov":      {"gov", "ministry", "hospital"},
		"hospital": {"hospital"},
		"lost":     {"lost"},
		"a":        {"a", "b"}, // a circle ends
		"unknown":  nil,
		"":         nil,
	} {
		if got := tree.Under(id); !slices.Equal(got, want) {
			t.Errorf("Under(%q) = %v, want %v", id, got, want)
		}
	}
	if got := (Tree{}).Under("gov"); got != nil {
		t.Errorf("the zero tree has %v", got)
	}
}

func TestDutiesOfADeputy(t *testing.T) {
	u := User{Offices: []Office{{RoleExecutor, "city"}},
		Acting: []Acting{{Login: "head", Offices: []Office{{RoleHead, "city"}, {RoleExecutor, "city"}}}}}
	want := []Office{{RoleExecutor, "city"}, {RoleHead, "city"}}
	if got := u.AllOffices(); !slices.Equal(got, want) {
		t.Errorf("AllOffices() = %v, want %v", got, want)
	}
	if !u.HasRole(RoleHead) || u.HasRole(RoleAnalyst) {
		t.Error("a deputy has the roles of the absent person, and no others")
	}
	if len(u.Offices) != 1 {
		t.Error("the person's own offices were changed")
	}
}

func TestEveryStaffRoleHasATitle(t *testing.T) {
	for _, r := range Roles() {
		if RoleTitle(r) == string(r) {
			t.Errorf("role %q has no Russian title", r)
		}
	}
}

func TestHandOfADeputy(t *testing.T) {
	tree := NewTree([]Agency{{ID: "city"}, {ID: "school", Parent: "city"}})
	u := User{Login: "me", Offices: []Office{{RoleExecutor, "school"}, {RoleCoordinator, "school"}},
		Acting: []Acting{{Login: "boss", Offices: []Office{{RoleHead, "city"}}}}}
	h := u.Hand(tree)
	if len(h.Duties) != 2 || h.Duties[0].Login != "me" || len(h.Duties[0].Roles) != 2 {
		t.Fatalf("Hand = %+v", h)
	}
	if d, ok := h.As("school", RoleHead); !ok || d.Login != "boss" {
		t.Errorf("the head of the city's deputy acts for the school as %+v, %v", d, ok)
	}
	if _, ok := h.As("city", RoleCoordinator); ok {
		t.Error("a coordinator below coordinates above")
	}
}
